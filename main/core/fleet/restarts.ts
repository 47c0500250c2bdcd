// Whether an agent's process restarted behind our back, said only with proof: it began a new event log, it speaks of another
// version, it calls runs interrupted by its restart, or it knows nothing any more of what it told before. Host uptime proves
// nothing (02-AGENT-PROTOCOL section 1.5). A socket dies with its process, so a restart lies between two connections.
import type { Clock } from "../../../shared/clock.ts";
import type { HostEvent, HostRun } from "../../../shared/model.ts";
import { isInterrupted } from "../jobs/reduce.ts";
import type { DeadlineWheel, Timed } from "./wheel.ts";

/** Fates of several runs are told together: each is read by a request of its own. */
const TOGETHER_MS = 1_000;
/** One restart shows in several ways, e.g. lost runs first and a new log with the next event: it is told once. */
const ONCE_MS = 60_000;

export interface RestartsPorts {
	readonly clock: Clock;
	readonly wheel: DeadlineWheel;
	/** The agent restarted; the sentence says how we know. */
	onRestart(sentence: string): void;
}

export interface Restarts {
	/** A live connection begins. */
	connected(): void;
	/** The live connection is over; without one the agent may restart between any two polls. */
	disconnected(): void;
	/** Of the runs that the agent lists, at least one was known before. Told before the list is taken in. */
	listed(remembers: boolean): void;
	/** A run's change was told; `run` is what it is now. */
	runTold(event: HostEvent, run: HostRun): void;
	proven(sentence: string): void;
	stop(): void;
}

const jobs = (count: number): string =>
	count === 1 ? "1 open job" : `${count} open jobs`;

export const openRestarts = (ports: RestartsPorts): Restarts =>
	new HostRestarts(ports);

/** A class, and waits on the wheel itself: every host has one, and few ever tell anything. */
class HostRestarts implements Restarts, Timed {
	readonly #ports: RestartsPorts;
	/** Wall time of the greeting; null: not live. */
	#connectedAt: number | null = null;
	#isFirstList = false;
	#toldHere = false;
	#toldMs = Number.NEGATIVE_INFINITY;
	/** The last list that could show a restart had none of the runs we knew. */
	#isForgetful = false;
	#forgotten = 0;
	#interrupted = 0;

	constructor(ports: RestartsPorts) {
		this.#ports = ports;
	}

	connected(): void {
		this.#connectedAt = this.#ports.clock.wallMs();
		this.#isFirstList = true;
		this.#toldHere = false;
	}

	disconnected(): void {
		this.#connectedAt = null;
		this.#toldHere = false;
	}

	listed(remembers: boolean): void {
		if (this.#connectedAt !== null && !this.#isFirstList) return;
		this.#isFirstList = false;
		this.#isForgetful = !remembers;
	}

	runTold(event: HostEvent, run: HostRun): void {
		const { status, errorCode, receivedAt } = event;
		if (!isInterrupted(status, errorCode)) return;
		// What we first saw of it must be from before the restart.
		if (run.seenAt >= (this.#connectedAt ?? receivedAt)) return;
		if (status === "lost") {
			// One missing run may have ended and been deleted meanwhile; an agent that remembers others did not restart.
			if (!this.#isForgetful) return;
			this.#forgotten++;
		} else this.#interrupted++;
		const { clock, wheel } = this.#ports;
		wheel.arm(this, clock.monotonicMs() + TOGETHER_MS);
	}

	proven(sentence: string): void {
		const nowMs = this.#ports.clock.monotonicMs();
		// One connection is with one process, so this is the restart that was told; what follows soon may be it as well.
		if (this.#toldHere) this.#toldMs = nowMs;
		// The time is not put off here: an agent that restarts all the time is told of each minute, not once.
		if (nowMs - this.#toldMs < ONCE_MS) return;
		this.#toldHere = this.#connectedAt !== null;
		this.#toldMs = nowMs;
		this.#ports.onRestart(sentence);
	}

	due(): void {
		const fates = [
			this.#forgotten === 0 ? null : `forgot ${jobs(this.#forgotten)}`,
			this.#interrupted === 0 ? null : `interrupted ${jobs(this.#interrupted)}`,
		].filter((fate) => fate !== null);
		this.#forgotten = 0;
		this.#interrupted = 0;
		this.proven(`the agent restarted and ${fates.join(" and ")}`);
	}

	stop(): void {
		this.#ports.wheel.disarm(this);
	}
}
