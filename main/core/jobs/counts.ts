// The nine counts of a job and the job's own state, folded from its runs' states every time they are wanted. Nothing is
// ever added up from events, so duplicates and lost events cannot make a count wrong (03-BEHAVIOUR section 3).
import type {
	Counts,
	HostRun,
	JobState,
	RunState,
} from "../../../shared/model.ts";

/** How many runs there are, and how many in each state; the eight always add up to `host`. */
export function countRuns(runs: Iterable<Pick<HostRun, "state">>): Counts {
	const counts = {
		host: 0,
		queued: 0,
		running: 0,
		succeeded: 0,
		failed: 0,
		cancelled: 0,
		timed_out: 0,
		lost: 0,
		unknown: 0,
	} satisfies Record<RunState | "host", number>;
	for (const { state } of runs) {
		counts.host++;
		counts[state]++;
	}
	return counts;
}

/** A state as a small number, for columns of states. */
export const stateCode = (state: RunState): number => CODES[state];

const CODES: Readonly<Record<RunState, number>> = {
	queued: 0,
	running: 1,
	succeeded: 2,
	failed: 3,
	cancelled: 4,
	timed_out: 5,
	lost: 6,
	unknown: 7,
};

/** `countRuns` of a column of state codes: a job of 10,000 hosts is recounted at each change, so this one is made to be fast. */
export function countCodes(codes: Uint8Array, length: number): Counts {
	const sums = new Uint32Array(8);
	for (let at = 0; at < length; at++) {
		const code = codes[at] as number;
		sums[code] = (sums[code] as number) + 1;
	}
	const of = (state: RunState): number => sums[CODES[state]] ?? 0;
	return {
		host: length,
		queued: of("queued"),
		running: of("running"),
		succeeded: of("succeeded"),
		failed: of("failed"),
		cancelled: of("cancelled"),
		timed_out: of("timed_out"),
		lost: of("lost"),
		unknown: of("unknown"),
	};
}

/** Whether no number differs. */
export function sameCounts(a: Counts, b: Counts): boolean {
	return (
		a.host === b.host &&
		a.queued === b.queued &&
		a.running === b.running &&
		a.succeeded === b.succeeded &&
		a.failed === b.failed &&
		a.cancelled === b.cancelled &&
		a.timed_out === b.timed_out &&
		a.lost === b.lost &&
		a.unknown === b.unknown
	);
}

/**
 * `queued` if all are queued; `running` while any run is open (queued, running or unknown); then `succeeded` or
 * `cancelled` if all are; else `failed`: the counts say how much. A job without runs is `queued`.
 */
export function jobStatus(counts: Counts): JobState {
	if (counts.queued === counts.host) return "queued";
	if (counts.queued + counts.running + counts.unknown > 0) return "running";
	if (counts.succeeded === counts.host) return "succeeded";
	return counts.cancelled === counts.host ? "cancelled" : "failed";
}
