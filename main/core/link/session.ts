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
export const openSession = (
	target: Target,
	ports: SessionPorts,
	listener: SessionListener,
): Session => new LinkSession(target, ports, listener);

class LinkSession implements Session {
	readonly #target: Target;
	readonly #ports: SessionPorts;
	readonly #listener: SessionListener;
	#current: number | null = null;
	#connection: Connection | null = null;
	#greeting: Greeting | null = null;
	/** Of reading health for the greeting; ends with the connection it is for. */
	#learning: AbortController | null = null;
	#heardMs: number | null = null;
	#badFrames = 0;
	#freshTlsFailures = 0;
	/** The agent challenged a socket that was taken for greeted: at the next one the challenge is waited for. */
	#challengedLate = false;
	/** Null: few agents send challenges. */
	#nonces: string[] | null = null;

	constructor(target: Target, ports: SessionPorts, listener: SessionListener) {
		this.#target = target;
		this.#ports = ports;
		this.#listener = listener;
	}

	dial(epoch: number): void {
		this.#badFrames = 0;
		this.#current = epoch;
		this.#connection = this.#ports.transport.open(
			this.#target,
			new Socket(this, epoch),
		);
	}

	hangUp(politely: boolean): void {
		this.#connection?.hangUp(politely);
		this.#letGo();
	}

	send(text: string): void {
		this.#connection?.send(text);
	}

	ping(): void {
		this.#connection?.ping();
	}

	heardAtMs(): number | null {
		return this.#heardMs;
	}

	opened(epoch: number, timingsMs: Readonly<Record<string, number>>): void {
		if (this.#current !== epoch) return;
		this.#freshTlsFailures = 0;
		this.#heardMs = this.#ports.wheel.tickMs();
		this.#listener.opened();
		this.#greeting = this.#greet(epoch, timingsMs);
	}

	frame(epoch: number, text: string, binary: boolean): void {
		if (this.#current !== epoch) return;
		this.#heardMs = this.#ports.wheel.tickMs();
		this.#listener.heard(epoch);
		const message = binary ? BINARY : this.#ports.decode(text);
		if (!message.ok) return this.#unreadable(epoch, message.fault);
		if (this.#greeting !== null) {
			this.#greeting.take(message.value);
			if (this.#current !== epoch) return;
		} else if (message.value.kind === "challenge") {
			this.#challengedLate = true;
			return this.#giveUp(epoch, LATE_CHALLENGE);
		}
		this.#ports.onMessage(message.value);
	}

	heard(epoch: number): void {
		if (this.#current !== epoch) return;
		this.#heardMs = this.#ports.wheel.tickMs();
		this.#listener.heard(epoch);
	}

	closed(epoch: number, failure: Failure): void {
		if (this.#current !== epoch) return;
		const why = classify(failure, {
			wasLive: this.#listener.isUp(),
			skewMs: this.#ports.skewMs(),
			servername: this.#target.servername,
			ownerOf: this.#ports.ownerOf,
			freshTlsFailures: this.#freshTlsFailures,
		});
		this.#freshTlsFailures = endedRightAfterTls(failure)
			? this.#freshTlsFailures + 1
			: 0;
		this.#letGo();
		this.#listener.ended(epoch, why);
	}

	#isFresh(nonce: string): boolean {
		this.#nonces ??= [];
		if (this.#nonces.includes(nonce)) return false;
		if (this.#nonces.push(nonce) > NONCES_KEPT) this.#nonces.shift();
		return true;
	}

	#letGo(): void {
		this.#current = null;
		this.#connection = null;
		this.#greeting?.end();
		this.#greeting = null;
		this.#learning?.abort();
		this.#learning = null;
	}

	/** We end a connection that cannot be used. */
	#giveUp(epoch: number, why: Fault): void {
		this.#connection?.hangUp(true);
		this.#letGo();
		this.#listener.ended(epoch, why);
	}

	#unreadable(epoch: number, why: Fault): void {
		this.#ports.onDecodeFault(why);
		if (++this.#badFrames >= POLICY.badFrames) this.#giveUp(epoch, why);
	}

	#greet(epoch: number, timingsMs: Readonly<Record<string, number>>): Greeting {
		const ports = this.#ports;
		const openedMs = ports.clock.monotonicMs();
		const expected = this.#challengedLate ? [CHALLENGE] : null;
		this.#challengedLate = false;
		return openGreeting({
			clock: ports.clock,
			extensions: () => expected ?? ports.extensions(),
			learn: () => {
				const learning = new AbortController();
				this.#learning = learning;
				return ports.learn(learning.signal).finally(() => {
					if (this.#learning === learning) this.#learning = null;
				});
			},
			isFresh: (nonce) => this.#isFresh(nonce),
			answerChallenge: (nonce) => ports.answerChallenge(nonce),
			send: (text) => this.send(text),
			greeted: () => {
				this.#greeting = null;
				this.#listener.greeted(epoch);
			},
			refused: (why) => {
				const greetingMs = ports.clock.monotonicMs() - openedMs;
				const times = { ...timingsMs, greeting: greetingMs };
				this.#giveUp(epoch, { ...why, evidence: { timingsMs: times } });
			},
		});
	}
}

/** What one connection tells, with the number of its dial. */
class Socket implements ConnectionListener {
	readonly #session: LinkSession;
	readonly #epoch: number;

	constructor(session: LinkSession, epoch: number) {
		this.#session = session;
		this.#epoch = epoch;
	}

	opened(timingsMs: Readonly<Record<string, number>>): void {
		this.#session.opened(this.#epoch, timingsMs);
	}

	frame(text: string, binary: boolean): void {
		this.#session.frame(this.#epoch, text, binary);
	}

	heard(): void {
		this.#session.heard(this.#epoch);
	}

	closed(failure: Failure): void {
		this.#session.closed(this.#epoch, failure);
	}
}

const BINARY: Result<AgentMessage> = {
	ok: false,
	fault: fault("ws.bad-frame", { sentence: "the agent sent a binary frame" }),
};

const LATE_CHALLENGE = fault("auth.failed", {
	retry: "soon",
	sentence: "the agent sent a challenge after the link was up",
});
