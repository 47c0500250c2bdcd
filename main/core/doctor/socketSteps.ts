// The layers upgrade and greeting of one host: asks for the WebSocket as a link would, takes the greeting and its challenge,
// and then wants one answer to a ping, so that whatever the agent does right after the greeting is seen too. Hangs up.
import type { Cancel, Clock } from "../../../shared/clock.ts";
import type { Fault } from "../../../shared/fault.ts";
import { fault } from "../../../shared/fault.ts";
import { decodeFrame } from "../agentApi/decode.ts";
import { answerChallenge } from "../identity/signChallenge.ts";
import { classify, endedRightAfterTls } from "../link/classify.ts";
import { openGreeting } from "../link/greeting.ts";
import type { Identity } from "../ports.ts";
import type {
	Connection,
	Failure,
	Target,
	Transport,
} from "../transport/transport.ts";

/** What a look at the socket needs. */
export interface SocketPorts {
	readonly clock: Clock;
	readonly transport: Transport;
	readonly identity: Identity | null;
	readonly consoleVersion: string;
	/** For the greeting with its challenge. */
	readonly authMs: number;
	/** For the answer to the ping. */
	readonly pongMs: number;
	readonly skewMs: number | null;
	/** What the agent offers; null: not known (yet). */
	extensions(): readonly string[] | null;
	/** Reads them; resolves in any case. */
	learn(): Promise<void>;
}

/** What was seen. */
export interface SocketSeen {
	/** Of the upgrade, by itself; null: it was not refused, but not reached either. */
	readonly upgradeMs: number | null;
	readonly upgraded: boolean;
	/** From the opening to greeted, or to the fault. */
	readonly greetingMs: number | null;
	/** Words of the agent's first messages, in order. */
	readonly said: readonly string[];
	readonly challenged: boolean;
	/** Null: not that far. */
	readonly pongMs: number | null;
	/** Of the upgrade when it was not upgraded, else of the greeting; null: all well. */
	readonly fault: Fault | null;
}

/** Most words of messages that are kept. */
const MOST_WORDS = 8;

/** Looks once, and once more when the agent closed right after TLS: once may be chance. Null: aborted. */
export async function lookAtSocket(
	target: Target,
	ports: SocketPorts,
	signal: AbortSignal,
): Promise<SocketSeen | null> {
	const first = await look(target, ports, 0, signal);
	if (first === null || !first.late) return first;
	return look(target, ports, 1, signal);
}

/** `late`: the agent closed right after TLS. */
type Seen = SocketSeen & { readonly late: boolean };

/** What changes while it is looked at. */
interface Notes {
	upgradeMs: number | null;
	openedMs: number | null;
	greetedMs: number | null;
	pongMs: number | null;
	challenged: boolean;
	readonly said: string[];
}

function look(
	target: Target,
	ports: SocketPorts,
	freshTlsFailures: number,
	signal: AbortSignal,
): Promise<Seen | null> {
	const { clock } = ports;
	return new Promise((resolve) => {
		if (signal.aborted) return resolve(null);
		const sinceMs = clock.monotonicMs();
		const notes: Notes = {
			upgradeMs: null,
			openedMs: null,
			greetedMs: null,
			pongMs: null,
			challenged: false,
			said: [],
		};
		/** Known before the socket is closed: the end of the socket is then no news. */
		let verdict: { readonly fault: Fault | null } | null = null;
		const decide = (why: Fault | null): void => {
			verdict ??= { fault: why };
			manners?.end();
			connection.hangUp(true);
		};
		let manners: Manners | null = null;
		const aborted = (): void => connection.hangUp(false);
		const connection = ports.transport.open(target, {
			opened(timingsMs) {
				notes.openedMs = clock.monotonicMs();
				notes.upgradeMs = timingsMs.upgrade ?? null;
				manners = openManners(target, ports, connection, notes, decide);
			},
			frame: (text, binary) => manners?.frame(text, binary),
			heard: () => manners?.heard(),
			closed(failure) {
				manners?.end();
				signal.removeEventListener("abort", aborted);
				if (signal.aborted) return resolve(null);
				const why =
					verdict === null
						? classify(failure, {
								wasLive: notes.greetedMs !== null,
								skewMs: ports.skewMs,
								servername: target.servername,
								freshTlsFailures,
							})
						: verdict.fault;
				resolve(seen(notes, why, failure, sinceMs, clock));
			},
		});
		signal.addEventListener("abort", aborted);
	});
}

function seen(
	notes: Notes,
	why: Fault | null,
	failure: Failure,
	sinceMs: number,
	clock: Clock,
): Seen {
	const { openedMs, greetedMs, said, challenged, pongMs } = notes;
	const now = clock.monotonicMs();
	const finished = Object.values(failure.timingsMs).reduce(
		(sum, ms) => sum + ms,
		0,
	);
	return {
		upgraded: openedMs !== null,
		upgradeMs:
			openedMs === null
				? Math.max(0, now - sinceMs - finished)
				: notes.upgradeMs,
		greetingMs: openedMs === null ? null : (greetedMs ?? now) - openedMs,
		said,
		challenged,
		pongMs,
		fault: why,
		late: openedMs === null && endedRightAfterTls(failure),
	};
}

/** The conversation on an open socket. */
interface Manners {
	frame(text: string, binary: boolean): void;
	heard(): void;
	end(): void;
}

function openManners(
	target: Target,
	ports: SocketPorts,
	connection: Connection,
	notes: Notes,
	decide: (why: Fault | null) => void,
): Manners {
	const { clock, identity, consoleVersion } = ports;
	let pingedMs: number | null = null;
	let cancel: Cancel = () => {};
	const arm = (forMs: number, why: Fault): void => {
		cancel();
		cancel = clock.at(clock.monotonicMs() + forMs, () => decide(why));
	};
	const greeting = openGreeting({
		clock,
		extensions: ports.extensions,
		learn: ports.learn,
		// One look, so there is no challenge before this one.
		isFresh: () => true,
		answerChallenge(nonce) {
			notes.challenged = true;
			const { servername } = target;
			return answerChallenge({ nonce, servername, identity, consoleVersion });
		},
		send: (text) => connection.send(text),
		greeted() {
			pingedMs = clock.monotonicMs();
			notes.greetedMs = pingedMs;
			connection.ping();
			arm(ports.pongMs, fault("live.silent"));
		},
		refused: decide,
	});
	arm(ports.authMs, fault("auth.timeout"));
	const heard = (): void => {
		if (pingedMs === null) return;
		notes.pongMs = clock.monotonicMs() - pingedMs;
		decide(null);
	};
	return {
		frame(text, binary) {
			const message = binary ? BINARY : decodeFrame(text);
			if (!message.ok) return decide(message.fault);
			if (notes.said.length < MOST_WORDS)
				notes.said.push(wordOf(message.value.kind));
			if (pingedMs !== null && message.value.kind === "challenge")
				return decide(LATE_CHALLENGE);
			greeting.take(message.value);
		},
		heard,
		end() {
			cancel();
			greeting.end();
		},
	};
}

const BINARY = {
	ok: false,
	fault: fault("ws.bad-frame", { sentence: "the agent sent a binary frame" }),
} as const;

const LATE_CHALLENGE = fault("auth.failed", {
	retry: "soon",
	sentence: "the agent sent a challenge after the greeting was over",
});

const wordOf = (kind: string): string =>
	kind.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
