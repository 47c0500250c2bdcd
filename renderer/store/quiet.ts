// A run that is told to run and shows no progress for long. That its host is alive says nothing about it: agents answer
// pings while a package manager hangs. Pure; `now` is an argument.
//
// "Usual" is the median of what the same operation took on the same host, over its runs that succeeded and are still in
// the replica, each by the agent's own two times. Runs that failed say nothing: they often end at once.
import type { HostId, HostRun, JobId, RunKey } from "../../shared/model.ts";
import type { Fleet } from "./replica.ts";

/** Agents tell little progress between 0 and 100: less silence than this is not worth a word (05-UI section 1). */
const QUIET_MS = 5 * 60_000;
/** A host is slow in its own way: silence counts from this many times what the operation usually takes there. */
const USUAL_TIMES = 3;

/** Whether a running run is quiet for longer than five minutes and three times what this host usually takes for it. */
export function isQuiet(fleet: Fleet, run: HostRun, now: number): boolean {
	if (run.state !== "running") return false;
	const quietMs = now - run.progressAt;
	// The usual time is only looked up when it can matter.
	if (quietMs < QUIET_MS) return false;
	return (
		quietMs >= USUAL_TIMES * (usualMs(fleet, run.hostId, run.operation) ?? 0)
	);
}

/** What the operation took on this host in the middle; null while none is known to have succeeded there. */
export function usualMs(
	fleet: Fleet,
	host: HostId,
	operation: string,
): number | null {
	const took: number[] = [];
	for (const key of fleet.runsOfHost.get(host) ?? []) {
		const run = fleet.replica.runs.get(key);
		if (run?.operation !== operation || run.state !== "succeeded") continue;
		if (run.createdAt !== null && run.completedAt !== null)
			took.push(run.completedAt - run.createdAt);
	}
	return took.sort((a, b) => a - b)[Math.floor(took.length / 2)] ?? null;
}

/** How long a count of quiet runs is taken as true: whoever is quiet for minutes can wait for this. */
const COUNTED_MS = 5_000;

interface Counted {
	readonly keys: readonly RunKey[] | undefined;
	readonly at: number;
	readonly stuck: number;
}

/**
 * Counts the quiet runs of jobs for a list that asks every second: looks at a job's runs again only when runs came or went
 * or some seconds have passed, never at those of a job where nothing runs. That runs end is no reason: in a busy job that
 * happens many times a second. Of fewer runs than were quiet, all are.
 */
export function createStuckCount(): (
	fleet: Fleet,
	job: JobId,
	now: number,
) => number {
	const known = new Map<JobId, Counted>();
	return (fleet, id, now) => {
		const job = fleet.replica.jobs.get(id);
		if (job === undefined || job.counts.running === 0) {
			known.delete(id);
			return 0;
		}
		const keys = fleet.runsOfJob.get(id);
		const before = known.get(id);
		if (
			before !== undefined &&
			before.keys === keys &&
			now >= before.at &&
			now - before.at < COUNTED_MS
		)
			return Math.min(before.stuck, job.counts.running);
		let stuck = 0;
		for (const key of keys ?? []) {
			const run = fleet.replica.runs.get(key);
			if (run !== undefined && isQuiet(fleet, run, now)) stuck += 1;
		}
		known.set(id, { keys, at: now, stuck });
		return stuck;
	};
}
