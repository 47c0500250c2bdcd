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
	tell(sentence: string): void;
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

export function openRestarts({ clock, wheel, tell }: RestartsPorts): Restarts {
	/** Wall time of the greeting; null: not live. */
	let connectedAt: number | null = null;
	let isFirstList = false;
	let toldHere = false;
	let toldMs = Number.NEGATIVE_INFINITY;
	/** The last list that could show a restart had none of the runs we knew. */
	let isForgetful = false;
	let forgotten = 0;
	let interrupted = 0;

	const proven = (sentence: string): void => {
		const nowMs = clock.monotonicMs();
		// One connection is with one process, so this is the restart that was told; what follows soon may be it as well.
		if (toldHere) toldMs = nowMs;
		// The time is not put off here: an agent that restarts all the time is told of each minute, not once.
		if (nowMs - toldMs < ONCE_MS) return;
		toldHere = connectedAt !== null;
		toldMs = nowMs;
		tell(sentence);
	};
	const timer: Timed = {
		due() {
			const fates = [
				forgotten === 0 ? null : `forgot ${jobs(forgotten)}`,
				interrupted === 0 ? null : `interrupted ${jobs(interrupted)}`,
			].filter((fate) => fate !== null);
			forgotten = 0;
			interrupted = 0;
			proven(`the agent restarted and ${fates.join(" and ")}`);
		},
	};

	return {
		connected() {
			connectedAt = clock.wallMs();
			isFirstList = true;
			toldHere = false;
		},
		disconnected() {
			connectedAt = null;
			toldHere = false;
		},
		listed(remembers) {
			if (connectedAt !== null && !isFirstList) return;
			isFirstList = false;
			isForgetful = !remembers;
		},
		runTold({ status, errorCode, receivedAt }, { seenAt }) {
			if (!isInterrupted(status, errorCode)) return;
			// What we first saw of it must be from before the restart.
			if (seenAt >= (connectedAt ?? receivedAt)) return;
			if (status === "lost") {
				// One missing run may have ended and been deleted meanwhile; an agent that remembers others did not restart.
				if (!isForgetful) return;
				forgotten++;
			} else interrupted++;
			wheel.arm(timer, clock.monotonicMs() + TOGETHER_MS);
		},
		proven,
		stop: () => wheel.disarm(timer),
	};
}
