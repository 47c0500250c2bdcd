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
import type { Session, SessionListener, SessionPorts } from "./session.ts";
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
export const startLink = (entry: HostEntry, ports: LinkPorts): Link =>
	new HostLink(entry, ports);

/** A class, and itself what its session tells and what waits on the wheel: 10,000 links share its methods. */
class HostLink implements Link, SessionListener, Timed {
	readonly hostId: HostId;
	readonly #ports: LinkPorts;
	readonly #session: Session;
	readonly #journal: Journal;
	/** Null: nothing is under way. */
	#queue: LinkEvent[] | null = null;
	#feeding = false;
	#state: LinkState = IDLE;
	#release: (() => void) | null = null;
	#asking: AbortController | null = null;

	constructor(entry: HostEntry, ports: LinkPorts) {
		this.hostId = entry.id;
		this.#ports = ports;
		this.#session = openSession({ ...entry, hostId: entry.id }, ports, this);
		this.#journal = new Journal(entry.id, ports);
	}

	get status(): LinkStatus {
		return this.#journal.status;
	}

	get kind(): LinkState["kind"] {
		return this.#state.kind;
	}

	heardAtMs(): number | null {
		return this.#session.heardAtMs();
	}

	history(): ReturnType<Link["history"]> {
		const { transitions } = this.#journal;
		const state = this.#state;
		return { transitions, fault: "fault" in state ? state.fault : null };
	}

	send(event: { readonly kind: LinkRequest }): void {
		this.#feed(event);
	}

	isUp(): boolean {
		return isUp(this.#state);
	}

	/** Earlier than the state lets go of it: to be greeted the link may need a request of its own, and its handshake a slot. */
	opened(): void {
		this.#giveSlotBack();
	}

	greeted(epoch: number): void {
		this.#feed({ kind: "greeted", epoch });
	}

	heard(epoch: number): void {
		// A live link has its stamp: only doubt is ended at once.
		if (this.#state.kind !== "doubtful") return;
		const atMs = this.#ports.clock.monotonicMs();
		this.#feed({ kind: "frameArrived", epoch, atMs });
	}

	ended(epoch: number, why: Fault): void {
		const planned = why.code === "agent.draining";
		this.#feed(
			isUp(this.#state)
				? { kind: "socketClosed", epoch, planned, ...lossOf(why) }
				: { kind: "dialFailed", epoch, ...lossOf(why) },
		);
	}

	due(): void {
		// Frames on a live link only stamp a time; whether the quiet was real is looked at here.
		const state = this.#state;
		const atMs = this.#session.heardAtMs();
		if (
			state.kind === "live" &&
			atMs !== null &&
			atMs + POLICY.quietMs > state.deadline
		)
			this.#feed({ kind: "frameArrived", epoch: state.epoch, atMs });
		else this.#feed({ kind: "deadlinePassed" });
	}

	/** One event after the other: an effect that answers at once must not overtake what it is an effect of. */
	#feed(event: LinkEvent): void {
		this.#queue ??= [];
		const queue = this.#queue;
		queue.push(event);
		if (this.#feeding) return;
		this.#feeding = true;
		try {
			for (let next = queue.shift(); next !== undefined; next = queue.shift())
				this.#step(next);
			this.#queue = null;
		} finally {
			this.#feeding = false;
		}
	}

	#step(event: LinkEvent): void {
		const { clock, random, wheel } = this.#ports;
		const before = this.#state;
		const [next, effects] = transition(before, event, {
			nowMs: clock.monotonicMs(),
			random: random(),
			policy: POLICY,
			pollMs: this.#ports.pollPlan().timeoutMs,
			pollAllowed: true,
		});
		if (next === before) return;
		this.#state = next;
		const deadline = deadlineOf(next);
		if (deadline === null) wheel.disarm(this);
		else wheel.arm(this, deadline);
		for (const effect of effects) this.#perform(effect);
		if (isUp(before) && !isUp(next)) this.#ports.onLost();
		this.#journal.publish(next);
		if (!isUp(before) && isUp(next)) this.#greet();
	}

	#giveSlotBack(): void {
		this.#release?.();
		this.#release = null;
	}

	#perform(effect: LinkEffect): void {
		switch (effect.kind) {
			case "requestSlot":
				this.#release = this.#ports.gate.request({
					priority: () => this.#ports.priority(),
					granted: () => this.#feed({ kind: "slotGranted" }),
				});
				return;
			case "releaseSlot":
				return this.#giveSlotBack();
			case "dial":
				return this.#dial(effect.epoch);
			case "hangUp":
				return this.#session.hangUp(effect.politely);
			case "ping":
				return this.#session.ping();
			case "poll":
				return this.#poll(effect.epoch);
			case "abortPoll":
				this.#asking?.abort();
				this.#asking = null;
		}
	}

	#dial(epoch: number): void {
		const useless = this.#ports.preflight();
		if (useless === null) this.#session.dial(epoch);
		else this.#feed({ kind: "dialFailed", epoch, fault: useless, tries: 1 });
	}

	#poll(epoch: number): void {
		const ports = this.#ports;
		const abort = new AbortController();
		this.#asking = abort;
		const source =
			this.#state.kind === "dialing" ? "reconcile" : ports.pollPlan().source;
		const answered = (result: Result<void>): void => {
			if (abort.signal.aborted) return;
			this.#asking = null;
			const { everyMs } = ports.pollPlan();
			if (result.ok) this.#feed({ kind: "pollAnswered", epoch, everyMs });
			else this.#feed({ kind: "pollFailed", epoch, ...lossOf(result.fault) });
		};
		ports
			.relist(source, abort.signal)
			.then(answered, (error: unknown) => answered(failed(bugOf(error))));
	}

	#greet(): void {
		const resume = this.#ports.subscribeFrame();
		if (resume !== null) this.#session.send(resume);
		this.#ports.onGreeted();
	}
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
class Journal {
	status: LinkStatus;
	transitions: readonly LinkTransition[] = [];
	readonly #id: HostId;
	readonly #ports: LinkPorts;

	constructor(id: HostId, ports: LinkPorts) {
		this.#id = id;
		this.#ports = ports;
		this.status = {
			channel: "connecting",
			fault: null,
			sentence: null,
			nextStep: null,
			attempt: 0,
			sinceAt: ports.clock.wallMs(),
			retryAt: null,
		};
	}

	publish(state: LinkState): void {
		const { clock } = this.#ports;
		const before = this.status;
		const now = statusOf(state, before, clock.wallMs(), clock.monotonicMs());
		if (now === before) return;
		this.status = now;
		if (now.channel !== before.channel) this.#remember(before, now);
		this.#ports.onStatus(now);
	}

	#remember(from: LinkStatus, to: LinkStatus): void {
		const { channel, sinceAt, fault: code, sentence } = to;
		// A list of exactly this length: one that grows keeps room for many more, of every link.
		this.transitions = [
			...this.transitions.slice(1 - TRANSITIONS_KEPT),
			{ at: sinceAt, from: from.channel, to: channel, fault: code, sentence },
		];
		const { log } = this.#ports;
		log(isUnexpected(from, to) ? "warn" : "info", "channel changed", {
			host: this.#id,
			from: from.channel,
			to: channel,
			fault: code,
		});
	}
}
