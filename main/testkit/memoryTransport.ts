// A Transport without sockets: each dial meets what a script says, on the test's own clock. It keeps count of what is open,
// so that a test can claim that never two are.
import type { Cancel, Clock } from "../../shared/clock.ts";
import type { HostId } from "../../shared/model.ts";
import { failureIn } from "../core/transport/failure.ts";
import type {
	ConnectionListener,
	Failure,
	Phase,
	Target,
	Transport,
} from "../core/transport/transport.ts";

/** What a dial meets. */
export type Fate =
	/** 101 after a while, then `greet` is said at once. */
	| {
			readonly kind: "opens";
			readonly afterMs?: number;
			/** Frames said right after the opening; `connected` when absent. */
			readonly greet?: readonly string[];
			/** Whether pings are answered; asked at each ping. Yes when absent. */
			readonly pongs?: () => boolean;
	  }
	| {
			readonly kind: "fails";
			readonly afterMs?: number;
			readonly phase: Phase;
			readonly facts?: Partial<Omit<Failure, "phase">>;
	  }
	/** Never says anything. */
	| { readonly kind: "mute" };

/** The agent's end of one connection. */
export interface MemorySocket {
	readonly hostId: HostId;
	/** Dials of all hosts are counted together, from 1. */
	readonly number: number;
	/** dialing until 101, open until it ends. */
	readonly stage: "dialing" | "open" | "over";
	/** What Foredeck sent, and how often it pinged. */
	readonly sent: readonly string[];
	readonly pings: number;
	/** How Foredeck ended it; null: it did not. */
	readonly hungUp: "politely" | "abruptly" | null;
	/** Says a text frame. */
	say(text: string): void;
	sayBinary(): void;
	/** A ping or pong of the agent's. */
	beat(): void;
	/** Ends with a close frame, or without one (1006) when no code is given. */
	end(code?: number, reason?: string): void;
	/** Ends it with exactly these facts, in the phase that it is in. */
	fail(facts: Partial<Failure>): void;
}

export interface MemoryTransport extends Transport {
	/** Dialing or open, of all hosts. */
	readonly held: number;
	/** The greatest number of dials under way at any time. */
	readonly mostDialing: number;
	readonly dials: number;
	/** The sockets of a host that are not over, oldest first. */
	socketsOf(id: HostId): readonly MemorySocket[];
	/** Every socket that is not over. */
	all(): readonly MemorySocket[];
}

/** The word by which every agent greets. */
export const CONNECTED = JSON.stringify({
	event: "connected",
	job_id: "",
	status: "connected",
	progress: 0,
	message: "WebSocket connected: 9f2a",
	timestamp: "2026-01-05T00:00:00.100+00:00",
});
/** Dials meet what `script` answers; its second argument counts the dials to that host from 1. */
export function openMemoryTransport(
	clock: Clock,
	script: (target: Target, dial: number) => Fate,
): MemoryTransport {
	const live = new Set<MemorySocket>();
	const dialsOf = new Map<HostId, number>();
	let dials = 0;
	let mostDialing = 0;
	let dialing = 0;
	return {
		open(target, listener) {
			const nth = (dialsOf.get(target.hostId) ?? 0) + 1;
			dialsOf.set(target.hostId, nth);
			dials++;
			mostDialing = Math.max(mostDialing, ++dialing);
			const fate = script(target, nth);
			const end = openEnd(target, dials, clock, listener, fate, {
				leftDialing: () => dialing--,
				over: (socket) => live.delete(socket),
			});
			live.add(end.socket);
			return end;
		},
		get held() {
			return live.size;
		},
		get mostDialing() {
			return mostDialing;
		},
		get dials() {
			return dials;
		},
		socketsOf: (id) => [...live].filter(({ hostId }) => hostId === id),
		all: () => [...live],
	};
}

interface Books {
	leftDialing(): void;
	over(socket: MemorySocket): void;
}

function openEnd(
	target: Target,
	number: number,
	clock: Clock,
	listener: ConnectionListener,
	fate: Fate,
	books: Books,
) {
	const sent: string[] = [];
	const timers: Cancel[] = [];
	let stage: MemorySocket["stage"] = "dialing";
	let pings = 0;
	let hungUp: MemorySocket["hungUp"] = null;

	const later = (afterMs: number, run: () => void): void => {
		timers.push(clock.at(clock.monotonicMs() + afterMs, run));
	};
	const leave = (next: "open" | "over"): void => {
		if (stage === "dialing") books.leftDialing();
		stage = next;
		if (next !== "over") return;
		for (const cancel of timers.splice(0)) cancel();
		books.over(socket);
	};
	const close = (failure: Failure): void => {
		if (stage === "over") return;
		leave("over");
		listener.closed(failure);
	};
	const phase = (): Phase => (stage === "open" ? "live" : "upgrade");
	const socket: MemorySocket = {
		hostId: target.hostId,
		number,
		get stage() {
			return stage;
		},
		sent,
		get pings() {
			return pings;
		},
		get hungUp() {
			return hungUp;
		},
		say: (text) => {
			if (stage === "open") listener.frame(text, false);
		},
		sayBinary: () => {
			if (stage === "open") listener.frame("", true);
		},
		beat: () => {
			if (stage === "open") listener.heard();
		},
		end: (code = 1006, reason = "") =>
			close(failureIn(phase(), { close: { code, reason }, bytesReceived: 1 })),
		fail: (facts) => close(failureIn(phase(), facts)),
	};
	if (fate.kind === "opens")
		later(fate.afterMs ?? 1, () => {
			leave("open");
			listener.opened({ tcp: 1, tls: 1, upgrade: 1 });
			for (const text of fate.greet ?? [CONNECTED]) socket.say(text);
		});
	if (fate.kind === "fails")
		later(fate.afterMs ?? 1, () => close(failureIn(fate.phase, fate.facts)));
	return {
		socket,
		send(text: string): void {
			if (stage === "open") sent.push(text);
		},
		ping(): void {
			if (stage !== "open") return;
			pings++;
			const answers = fate.kind === "opens" && (fate.pongs?.() ?? true);
			if (answers) later(1, () => listener.heard());
		},
		hangUp(politely: boolean): void {
			if (stage === "over") return;
			hungUp = politely ? "politely" : "abruptly";
			const told = failureIn(phase(), {
				close: { code: politely ? 1000 : 1006, reason: "" },
			});
			leave("over");
			// As a real one: the end is told later, when nobody may care any more.
			clock.at(clock.monotonicMs(), () => listener.closed(told));
		},
	};
}
