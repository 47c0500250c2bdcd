// One socket at a time of one link, from the dial to its end: greeting, frames that cannot be read, and the name of what
// ended it. It tells the runner little, and knows neither states nor retries.
import type { Clock } from "../../../shared/clock.ts";
import type { Fault, Result } from "../../../shared/fault.ts";
import { fault } from "../../../shared/fault.ts";
import type { AgentMessage } from "../agentApi/message.ts";
import type { DeadlineWheel } from "../fleet/wheel.ts";
import type {
	Connection,
	ConnectionListener,
	Failure,
	Target,
	Transport,
} from "../transport/transport.ts";
import type { ClassifyFacts } from "./classify.ts";
import { classify, endedRightAfterTls } from "./classify.ts";
import type { Greeting } from "./greeting.ts";
import { CHALLENGE, openGreeting } from "./greeting.ts";
import { POLICY } from "./policy.ts";

/** What a session needs of its surroundings. */
export interface SessionPorts {
	readonly clock: Clock;
	readonly wheel: DeadlineWheel;
	readonly transport: Transport;
	/** A frame's text as a message, or why it cannot be read. */
	decode(text: string): Result<AgentMessage>;
	/** What the agent offers; null: not known yet. */
	extensions(): readonly string[] | null;
	/** Reads the agent's health, for its extensions; resolves in any case. */
	learn(signal: AbortSignal): Promise<void>;
	/** The frame that answers the nonce of a challenge. */
	answerChallenge(nonce: string): Result<string>;
	/** Agent's clock minus ours; null: unknown. */
	skewMs(): number | null;
	/** As in `ClassifyFacts`. */
	readonly ownerOf?: ClassifyFacts["ownerOf"];
	/** Every readable message, in order. */
	onMessage(message: AgentMessage): void;
	/** A frame could not be read. */
	onDecodeFault(why: Fault): void;
}

/** What the runner is told; everything with the number of the dial it belongs to. */
export interface SessionListener {
	/** The link counts the socket as up: it was greeted, and is neither lost nor given up. */
	isUp(): boolean;
	/** The handshake is over: the slot of the dial gate is free for others, this link’s own requests among them. */
	opened(): void;
	greeted(epoch: number): void;
	/** Any sign of life. */
	heard(epoch: number): void;
	/** Over, and forgotten already. Not told after hangUp(). */
	ended(epoch: number, why: Fault): void;
}

export interface Session {
	dial(epoch: number): void;
	/** Nothing is told of this socket any more. */
	hangUp(politely: boolean): void;
	send(text: string): void;
	ping(): void;
	/** Monotonic time of the last sign of life of any socket of this link, to the wheel's tick; null: never. */
	heardAtMs(): number | null;
}

/** Nonces of an agent that are remembered, to know a challenge that is played again. */
const NONCES_KEPT = 16;

/** No socket yet. */
export function openSession(
	target: Target,
	ports: SessionPorts,
	listener: SessionListener,
): Session {
	let current: number | null = null;
	let connection: Connection | null = null;
	let greeting: Greeting | null = null;
	/** Of reading health for the greeting; ends with the connection it is for. */
	let learning: AbortController | null = null;
	let heardMs: number | null = null;
	let badFrames = 0;
	let freshTlsFailures = 0;
	/** The agent challenged a socket that was taken for greeted: at the next one the challenge is waited for. */
	let challengedLate = false;
	const nonces: string[] = [];

	const isFresh = (nonce: string): boolean => {
		if (nonces.includes(nonce)) return false;
		if (nonces.push(nonce) > NONCES_KEPT) nonces.shift();
		return true;
	};
	const letGo = (): void => {
		current = null;
		connection = null;
		greeting?.end();
		greeting = null;
		learning?.abort();
		learning = null;
	};
	/** We end a connection that cannot be used. */
	const giveUp = (epoch: number, why: Fault): void => {
		connection?.hangUp(true);
		letGo();
		listener.ended(epoch, why);
	};
	const greet = (
		epoch: number,
		timingsMs: Readonly<Record<string, number>>,
	): Greeting => {
		const openedMs = ports.clock.monotonicMs();
		const expected = challengedLate ? [CHALLENGE] : null;
		challengedLate = false;
		return openGreeting({
			clock: ports.clock,
			extensions: () => expected ?? ports.extensions(),
			learn() {
				learning = new AbortController();
				return ports.learn(learning.signal);
			},
			isFresh,
			answerChallenge: ports.answerChallenge,
			send: (text) => connection?.send(text),
			greeted() {
				greeting = null;
				listener.greeted(epoch);
			},
			refused(why) {
				const greetingMs = ports.clock.monotonicMs() - openedMs;
				const times = { ...timingsMs, greeting: greetingMs };
				giveUp(epoch, { ...why, evidence: { timingsMs: times } });
			},
		});
	};
	const unreadable = (epoch: number, why: Fault): void => {
		ports.onDecodeFault(why);
		if (++badFrames >= POLICY.badFrames) giveUp(epoch, why);
	};
	const closed = (epoch: number, failure: Failure): void => {
		const why = classify(failure, {
			wasLive: listener.isUp(),
			skewMs: ports.skewMs(),
			servername: target.servername,
			ownerOf: ports.ownerOf,
			freshTlsFailures,
		});
		freshTlsFailures = endedRightAfterTls(failure) ? freshTlsFailures + 1 : 0;
		letGo();
		listener.ended(epoch, why);
	};
	const listenerOf = (epoch: number): ConnectionListener => ({
		opened(timingsMs) {
			if (current !== epoch) return;
			freshTlsFailures = 0;
			heardMs = ports.wheel.tickMs();
			listener.opened();
			greeting = greet(epoch, timingsMs);
		},
		frame(text, binary) {
			if (current !== epoch) return;
			heardMs = ports.wheel.tickMs();
			listener.heard(epoch);
			const message = binary ? BINARY : ports.decode(text);
			if (!message.ok) return unreadable(epoch, message.fault);
			if (greeting !== null) {
				greeting.take(message.value);
				if (current !== epoch) return;
			} else if (message.value.kind === "challenge") {
				challengedLate = true;
				return giveUp(epoch, LATE_CHALLENGE);
			}
			ports.onMessage(message.value);
		},
		heard() {
			if (current !== epoch) return;
			heardMs = ports.wheel.tickMs();
			listener.heard(epoch);
		},
		closed(failure) {
			if (current === epoch) closed(epoch, failure);
		},
	});

	return {
		dial(epoch) {
			badFrames = 0;
			current = epoch;
			connection = ports.transport.open(target, listenerOf(epoch));
		},
		hangUp(politely) {
			connection?.hangUp(politely);
			letGo();
		},
		send: (text) => connection?.send(text),
		ping: () => connection?.ping(),
		heardAtMs: () => heardMs,
	};
}

const BINARY: Result<AgentMessage> = {
	ok: false,
	fault: fault("ws.bad-frame", { sentence: "the agent sent a binary frame" }),
};

const LATE_CHALLENGE = fault("auth.failed", {
	retry: "soon",
	sentence: "the agent sent a challenge after the link was up",
});
