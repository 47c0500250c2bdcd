// Performs what `transition` decides for one host: dials, hangs up, pings, polls, arms one deadline on the wheel, and turns
// callbacks into events. It holds no policy; it publishes the status when a person could see a difference.
import type { Clock } from "../../../shared/clock.ts";
import type { Fault, Result } from "../../../shared/fault.ts";
import { fault } from "../../../shared/fault.ts";
import type {
	HostId,
	LinkStatus,
	LinkTransition,
	Source,
} from "../../../shared/model.ts";
import type { AgentMessage } from "../agentApi/message.ts";
import type { DialGate } from "../fleet/dialGate.ts";
import type { HostEntry } from "../fleet/target.ts";
import type { DeadlineWheel, Timed } from "../fleet/wheel.ts";
import type { Log } from "../ports.ts";
import type {
	Connection,
	ConnectionListener,
	Failure,
	Transport,
} from "../transport/transport.ts";
import { classify, endedRightAfterTls } from "./classify.ts";
import type { Greeting } from "./greeting.ts";
import { openGreeting } from "./greeting.ts";
import { POLICY, triesBeforeBlocked } from "./policy.ts";
import type { LinkEffect, LinkEvent, LinkState } from "./state.ts";
import { deadlineOf, IDLE } from "./state.ts";
import { statusOf } from "./status.ts";
import { transition } from "./transition.ts";

/** Channel changes kept for the host's panel. */
const TRANSITIONS_KEPT = 50;

/** What a link needs of its surroundings. */
export interface LinkPorts {
	readonly clock: Clock;
	readonly random: () => number;
	readonly log: Log;
	readonly transport: Transport;
	readonly gate: DialGate;
	readonly wheel: DeadlineWheel;
	/** At the dial gate; lower goes first. */
	priority(): number;
	decode(text: string): Result<AgentMessage>;
	/** Why dialing would be useless: no identity, or an expired one. Null: go. */
	preflight(): Fault | null;
	/** Reads the agent's list over HTTPS. */
	relist(source: Source, signal: AbortSignal): Promise<Result<void>>;
	pollPlan(): {
		readonly source: "poll" | "longpoll";
		readonly everyMs: number;
		readonly timeoutMs: number;
	};
	/** Null: not known yet. */
	extensions(): readonly string[] | null;
	learn(signal: AbortSignal): Promise<void>;
	answerChallenge(nonce: string): Result<string>;
	/** Sent when greeted, to resume an event log; null: nothing to resume. */
	subscribeFrame(): string | null;
	/** Agent's clock minus ours; null: unknown. */
	skewMs(): number | null;
	/** Every readable message, in order. */
	onMessage(message: AgentMessage): void;
	onDecodeFault(why: Fault): void;
	onStatus(status: LinkStatus): void;
	onGreeted(): void;
	/** The socket that was live is gone. */
	onLost(): void;
}

/** What may be asked of a link. */
export type LinkRequest = Extract<
	LinkEvent["kind"],
	| "wanted"
	| "unwanted"
	| "stopped"
	| "identityChanged"
	| "networkReturned"
	| "woke"
	| "retryAsked"
	| "probeAsked"
>;

export interface Link {
	readonly hostId: HostId;
	readonly status: LinkStatus;
	readonly kind: LinkState["kind"];
	/** Monotonic time of the last frame or ping, to the wheel's tick; null: never. */
	heardAtMs(): number | null;
	history(): {
		readonly transitions: readonly LinkTransition[];
		readonly fault: Fault | null;
	};
	send(event: { readonly kind: LinkRequest }): void;
}

const isOpenKind = (state: LinkState): boolean =>
	state.kind === "live" || state.kind === "doubtful";

/** Makes an idle link; nothing happens until it is sent `wanted`. */
export function startLink(entry: HostEntry, ports: LinkPorts): Link {
	const { clock, wheel } = ports;
	const target = { ...entry, hostId: entry.id };
	const queue: LinkEvent[] = [];
	const transitions: LinkTransition[] = [];
	let feeding = false;
	let state: LinkState = IDLE;
	let status: LinkStatus = {
		channel: "connecting",
		fault: null,
		sentence: null,
		nextStep: null,
		attempt: 0,
		sinceAt: clock.wallMs(),
		retryAt: null,
	};
	let connection: Connection | null = null;
	let greeting: Greeting | null = null;
	let release: (() => void) | null = null;
	let polling: AbortController | null = null;
	/** Of reading health for the greeting; ends with the connection it is for. */
	let learning: AbortController | null = null;
	let heardMs: number | null = null;
	let badFrames = 0;
	let freshTlsFailures = 0;

	const feed = (event: LinkEvent): void => {
		queue.push(event);
		if (feeding) return;
		feeding = true;
		try {
			for (let next = queue.shift(); next !== undefined; next = queue.shift())
				step(next);
		} finally {
			feeding = false;
		}
	};

	const step = (event: LinkEvent): void => {
		const before = state;
		const [next, effects] = transition(before, event, {
			nowMs: clock.monotonicMs(),
			random: ports.random(),
			policy: POLICY,
			pollMs: ports.pollPlan().timeoutMs,
			pollAllowed: true,
		});
		if (next === before) return;
		state = next;
		const deadline = deadlineOf(next);
		if (deadline === null) wheel.disarm(timer);
		else wheel.arm(timer, deadline);
		for (const effect of effects) perform(effect);
		if (isOpenKind(before) && !isOpenKind(next)) ports.onLost();
		publish();
		if (!isOpenKind(before) && isOpenKind(next)) becameLive();
	};

	const timer: Timed = {
		due() {
			// Frames on a live link only stamp a time; whether the quiet was real is looked at here.
			if (
				state.kind === "live" &&
				heardMs !== null &&
				heardMs + POLICY.quietMs > state.deadline
			)
				feed({ kind: "frameArrived", epoch: state.epoch, atMs: heardMs });
			else feed({ kind: "deadlinePassed" });
		},
	};

	const perform = (effect: LinkEffect): void => {
		switch (effect.kind) {
			case "requestSlot":
				release = ports.gate.request({
					priority: ports.priority,
					granted: () => feed({ kind: "slotGranted" }),
				});
				return;
			case "releaseSlot":
				release?.();
				release = null;
				return;
			case "dial":
				return dial(effect.epoch);
			case "hangUp":
				connection?.hangUp(effect.politely);
				return letGo();
			case "ping":
				connection?.ping();
				return;
			case "poll":
				return poll(effect.epoch);
			case "abortPoll":
				polling?.abort();
				polling = null;
		}
	};

	const letGo = (): void => {
		connection = null;
		greeting?.end();
		greeting = null;
		learning?.abort();
		learning = null;
	};

	const dial = (epoch: number): void => {
		const useless = ports.preflight();
		if (useless !== null)
			return feed({
				kind: "dialFailed",
				epoch,
				fault: useless,
				tries: 1,
			});
		badFrames = 0;
		connection = ports.transport.open(target, listenerOf(epoch));
	};

	const isCurrent = (epoch: number): boolean =>
		connection !== null && "epoch" in state && state.epoch === epoch;

	const listenerOf = (epoch: number): ConnectionListener => ({
		opened() {
			if (!isCurrent(epoch)) return;
			freshTlsFailures = 0;
			heardMs = wheel.tickMs();
			const abort = new AbortController();
			learning = abort;
			greeting = openGreeting({
				clock,
				extensions: ports.extensions,
				learn: () => ports.learn(abort.signal),
				answerChallenge: ports.answerChallenge,
				send: (text) => connection?.send(text),
				greeted: () => {
					greeting = null;
					feed({ kind: "greeted", epoch });
				},
				refused: (why) => giveUp(epoch, why),
			});
		},
		frame(text, binary) {
			if (!isCurrent(epoch)) return;
			heardMs = wheel.tickMs();
			const message = binary ? BINARY : ports.decode(text);
			if (!message.ok) return bad(epoch, message.fault);
			if (state.kind === "doubtful") heard(epoch);
			if (greeting !== null) greeting.take(message.value);
			else if (message.value.kind === "challenge")
				return giveUp(epoch, LATE_CHALLENGE);
			if (isCurrent(epoch)) ports.onMessage(message.value);
		},
		heard() {
			if (!isCurrent(epoch)) return;
			heardMs = wheel.tickMs();
			if (state.kind === "doubtful") heard(epoch);
		},
		closed(failure) {
			if (isCurrent(epoch)) closed(epoch, failure);
		},
	});

	const heard = (epoch: number): void =>
		feed({ kind: "frameArrived", epoch, atMs: clock.monotonicMs() });

	const bad = (epoch: number, why: Fault): void => {
		ports.onDecodeFault(why);
		if (++badFrames >= POLICY.badFrames) giveUp(epoch, why);
	};

	/** We end a connection that cannot be used. */
	const giveUp = (epoch: number, why: Fault): void => {
		if (!isCurrent(epoch)) return;
		connection?.hangUp(true);
		ended(epoch, why);
	};

	const closed = (epoch: number, failure: Failure): void => {
		const why = classify(failure, {
			wasLive: isOpenKind(state),
			skewMs: ports.skewMs(),
			servername: entry.servername,
			freshTlsFailures,
		});
		freshTlsFailures = endedRightAfterTls(failure) ? freshTlsFailures + 1 : 0;
		ended(epoch, why);
	};

	const ended = (epoch: number, why: Fault): void => {
		letGo();
		const loss = { epoch, fault: why, tries: triesBeforeBlocked(why.code) };
		const planned = why.code === "agent.draining";
		feed(
			isOpenKind(state)
				? { ...loss, kind: "socketClosed", planned }
				: { ...loss, kind: "dialFailed" },
		);
	};

	const poll = (epoch: number): void => {
		const abort = new AbortController();
		polling = abort;
		const source =
			state.kind === "dialing" ? "reconcile" : ports.pollPlan().source;
		void ports.relist(source, abort.signal).then((result) => {
			if (abort.signal.aborted) return;
			polling = null;
			if (result.ok)
				feed({
					kind: "pollAnswered",
					epoch,
					everyMs: ports.pollPlan().everyMs,
				});
			else
				feed({
					kind: "pollFailed",
					epoch,
					fault: result.fault,
					tries: triesBeforeBlocked(result.fault.code),
				});
		});
	};

	const becameLive = (): void => {
		const resume = ports.subscribeFrame();
		if (resume !== null) connection?.send(resume);
		ports.onGreeted();
	};

	const publish = (): void => {
		const next = statusOf(state, status, clock.wallMs(), clock.monotonicMs());
		if (next === status) return;
		const before = status;
		status = next;
		if (before.channel !== next.channel) remember(before, next);
		ports.onStatus(next);
	};

	const remember = (before: LinkStatus, next: LinkStatus): void => {
		transitions.push({
			at: next.sinceAt,
			from: before.channel,
			to: next.channel,
			fault: next.fault,
			sentence: next.sentence,
		});
		if (transitions.length > TRANSITIONS_KEPT) transitions.shift();
		ports.log("info", "channel changed", {
			host: entry.id,
			from: before.channel,
			to: next.channel,
			fault: next.fault,
		});
	};

	return {
		hostId: entry.id,
		get status() {
			return status;
		},
		get kind() {
			return state.kind;
		},
		heardAtMs: () => heardMs,
		history: () => ({
			transitions,
			fault: "fault" in state ? state.fault : null,
		}),
		send: feed,
	};
}

const BINARY: Result<AgentMessage> = {
	ok: false,
	fault: fault("ws.bad-frame", { sentence: "the agent sent a binary frame" }),
};

/** On the next dial the agent's health is known, so the challenge is waited for. */
const LATE_CHALLENGE = fault("auth.failed", {
	retry: "soon",
	sentence: "the agent sent a challenge after the link was up",
});
