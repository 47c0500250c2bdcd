// Performs what `transition` decides for one host: dials, hangs up, pings, polls, arms one deadline on the wheel, and turns
// callbacks into events. It holds no policy; it publishes the status when a person could see a difference.
import type { Fault, Result } from "../../../shared/fault.ts";
import { failed, fault } from "../../../shared/fault.ts";
import type {
	HostId,
	LinkStatus,
	LinkTransition,
	Source,
} from "../../../shared/model.ts";
import type { DialGate } from "../fleet/dialGate.ts";
import type { HostEntry } from "../fleet/target.ts";
import type { Timed } from "../fleet/wheel.ts";
import type { Log } from "../ports.ts";
import { POLICY, triesBeforeBlocked } from "./policy.ts";
import type { SessionPorts } from "./session.ts";
import { openSession } from "./session.ts";
import type { LinkEffect, LinkEvent, LinkState } from "./state.ts";
import { deadlineOf, IDLE } from "./state.ts";
import { statusOf } from "./status.ts";
import { transition } from "./transition.ts";

/** Channel changes kept for the host's panel. */
const TRANSITIONS_KEPT = 50;

/** What a link needs of its surroundings. */
export interface LinkPorts extends SessionPorts {
	/** Uniform in [0, 1). */
	readonly random: () => number;
	readonly log: Log;
	readonly gate: DialGate;
	/** At the dial gate; 0 or less goes before all others. */
	priority(): number;
	/** Why dialing would be useless: no identity, or an expired one. Null: go. */
	preflight(): Fault | null;
	/** Reads the agent's list over HTTPS. */
	relist(source: Source, signal: AbortSignal): Promise<Result<void>>;
	/** How to poll from now on: by which way, how long after an answer, and how long one may take. */
	pollPlan(): {
		readonly source: "poll" | "longpoll";
		readonly everyMs: number;
		readonly timeoutMs: number;
	};
	/** Sent when greeted, to resume an event log; null: nothing to resume. */
	subscribeFrame(): string | null;
	/** Something changed that a person could see. */
	onStatus(status: LinkStatus): void;
	/** The link is live. */
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

/** One host's link, seen from above. */
export interface Link {
	readonly hostId: HostId;
	readonly status: LinkStatus;
	readonly kind: LinkState["kind"];
	/** Monotonic time of the last frame or ping, to the wheel's tick; null: never. */
	heardAtMs(): number | null;
	/** The last channel changes, oldest first, and the fault at present with its evidence. */
	history(): {
		readonly transitions: readonly LinkTransition[];
		readonly fault: Fault | null;
	};
	/** Takes effect before it returns, unless it is called from within one of the ports: then right after. */
	send(event: { readonly kind: LinkRequest }): void;
}

const isUp = ({ kind }: LinkState): boolean =>
	kind === "live" || kind === "doubtful";

/** Makes an idle link; nothing happens until it is sent `wanted`. */
export function startLink(entry: HostEntry, ports: LinkPorts): Link {
	const { clock, wheel } = ports;
	const queue: LinkEvent[] = [];
	let feeding = false;
	let state: LinkState = IDLE;
	let release: (() => void) | null = null;
	let asking: AbortController | null = null;

	/** One event after the other: an effect that answers at once must not overtake what it is an effect of. */
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
		if (isUp(before) && !isUp(next)) ports.onLost();
		journal.publish(next);
		if (!isUp(before) && isUp(next)) greet();
	};
	const timer: Timed = {
		due() {
			// Frames on a live link only stamp a time; whether the quiet was real is looked at here.
			const atMs = session.heardAtMs();
			if (
				state.kind === "live" &&
				atMs !== null &&
				atMs + POLICY.quietMs > state.deadline
			)
				feed({ kind: "frameArrived", epoch: state.epoch, atMs });
			else feed({ kind: "deadlinePassed" });
		},
	};
	const giveSlotBack = (): void => {
		release?.();
		release = null;
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
				return giveSlotBack();
			case "dial":
				return dial(effect.epoch);
			case "hangUp":
				return session.hangUp(effect.politely);
			case "ping":
				return session.ping();
			case "poll":
				return poll(effect.epoch);
			case "abortPoll":
				asking?.abort();
				asking = null;
		}
	};
	const dial = (epoch: number): void => {
		const useless = ports.preflight();
		if (useless === null) session.dial(epoch);
		else feed({ kind: "dialFailed", epoch, fault: useless, tries: 1 });
	};
	const poll = (epoch: number): void => {
		const abort = new AbortController();
		asking = abort;
		const source =
			state.kind === "dialing" ? "reconcile" : ports.pollPlan().source;
		const answered = (result: Result<void>): void => {
			if (abort.signal.aborted) return;
			asking = null;
			const { everyMs } = ports.pollPlan();
			if (result.ok) feed({ kind: "pollAnswered", epoch, everyMs });
			else feed({ kind: "pollFailed", epoch, ...lossOf(result.fault) });
		};
		ports
			.relist(source, abort.signal)
			.then(answered, (error: unknown) => answered(failed(bugOf(error))));
	};
	const greet = (): void => {
		const resume = ports.subscribeFrame();
		if (resume !== null) session.send(resume);
		ports.onGreeted();
	};
	const session = openSession({ ...entry, hostId: entry.id }, ports, {
		isUp: () => isUp(state),
		// Earlier than the state lets go of it: to be greeted the link may need a request of its own, and its handshake a slot.
		opened: giveSlotBack,
		greeted: (epoch) => feed({ kind: "greeted", epoch }),
		heard(epoch) {
			// A live link has its stamp: only doubt is ended at once.
			if (state.kind === "doubtful")
				feed({ kind: "frameArrived", epoch, atMs: clock.monotonicMs() });
		},
		ended(epoch, why) {
			const planned = why.code === "agent.draining";
			feed(
				isUp(state)
					? { kind: "socketClosed", epoch, planned, ...lossOf(why) }
					: { kind: "dialFailed", epoch, ...lossOf(why) },
			);
		},
	});
	const journal = openJournal(entry.id, ports);

	return {
		hostId: entry.id,
		get status() {
			return journal.status();
		},
		get kind() {
			return state.kind;
		},
		heardAtMs: session.heardAtMs,
		history: () => ({
			transitions: journal.transitions,
			fault: "fault" in state ? state.fault : null,
		}),
		send: feed,
	};
}

const lossOf = (
	why: Fault,
): { readonly fault: Fault; readonly tries: number } => ({
	fault: why,
	tries: triesBeforeBlocked(why.code),
});

/** A port that promised a Result and threw. */
const bugOf = (error: unknown): Fault =>
	fault("internal.bug", {
		evidence: { causes: [String(error).slice(0, 300)] },
	});

/** A live link was lost, and neither did the agent say goodbye nor was it our own sleep or network. */
const isUnexpected = (from: LinkStatus, to: LinkStatus): boolean =>
	from.channel === "live" &&
	to.fault !== null &&
	to.fault !== "agent.draining" &&
	to.channel !== "offline" &&
	(to.channel !== "reconnecting" || to.attempt > 0);

/** What a person is told, and was told lately. */
function openJournal(
	id: HostId,
	{ clock, log, onStatus }: Pick<LinkPorts, "clock" | "log" | "onStatus">,
) {
	const transitions: LinkTransition[] = [];
	let status: LinkStatus = {
		channel: "connecting",
		fault: null,
		sentence: null,
		nextStep: null,
		attempt: 0,
		sinceAt: clock.wallMs(),
		retryAt: null,
	};
	const remember = (from: LinkStatus, to: LinkStatus): void => {
		const { channel, sinceAt, fault: code, sentence } = to;
		transitions.push({
			at: sinceAt,
			from: from.channel,
			to: channel,
			fault: code,
			sentence,
		});
		if (transitions.length > TRANSITIONS_KEPT) transitions.shift();
		log(isUnexpected(from, to) ? "warn" : "info", "channel changed", {
			host: id,
			from: from.channel,
			to: channel,
			fault: code,
		});
	};
	return {
		transitions: transitions as readonly LinkTransition[],
		status: () => status,
		publish(state: LinkState): void {
			const before = status;
			status = statusOf(state, before, clock.wallMs(), clock.monotonicMs());
			if (status === before) return;
			if (status.channel !== before.channel) remember(before, status);
			onStatus(status);
		},
	};
}
