// A run that is told to run and shows no progress for long. That its host is alive says nothing about it: agents answer
// pings while a package manager hangs. Pure; `now` is an argument.
import type { HostId, HostRun } from "../../shared/model.ts";
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
	return quietMs >= USUAL_TIMES * usualMs(fleet, run.hostId, run.operation);
}

/** What the operation took on this host in the middle, by the agent's own clock; 0 while none has succeeded there. */
function usualMs(fleet: Fleet, host: HostId, operation: string): number {
	const took: number[] = [];
	for (const key of fleet.runsOfHost.get(host) ?? []) {
		const run = fleet.replica.runs.get(key);
		if (run?.operation !== operation || run.state !== "succeeded") continue;
		if (run.createdAt !== null && run.completedAt !== null)
			took.push(run.completedAt - run.createdAt);
	}
	return took.sort((a, b) => a - b)[Math.floor(took.length / 2)] ?? 0;
}
