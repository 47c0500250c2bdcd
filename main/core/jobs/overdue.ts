// When a run has run for longer than it may. It is said when its agent, asked, still calls the run running: our own clock
// alone would call runs overdue that ended while this computer slept. So there is no timer that a relist could reset.
import type { HostRun } from "../../../shared/model.ts";
import type { RunFact } from "./fact.ts";

/**
 * Agents end a package operation themselves: 5 min for the cache, 30 min for the work, each twice at most, so after 70 min
 * at the latest (02, section 1.6). What still runs 5 min later is stuck in a way that its agent does not see.
 */
export const OVERDUE_MS = 75 * 60_000;

/** Operations whose length an agent bounds. A reboot may be asked for hours ahead, and what we do not know we do not judge. */
const BOUNDED: ReadonlySet<string> = new Set([
	"install",
	"update",
	"remove",
	"patchapply",
	"selfupdate",
	"rollback",
]);

/** When the run began to run by our clock, after this fact; null while it has not. Once known it stays. */
export function runningSince(
	run: HostRun | undefined,
	fact: RunFact,
): number | null {
	const known = run?.runningAt ?? null;
	if (known !== null || fact.state !== "running") return known;
	return run === undefined
		? (fact.startAt ?? fact.receivedAt)
		: fact.receivedAt;
}

/**
 * Since when the run is known to be overdue, after this fact; null when it is not. Once said it stays, so it is said once.
 * A run cannot run for longer than it exists, which the agent's own clock measures: a jump of ours makes none overdue.
 */
export function pastDue(
	operation: string,
	runningAt: number | null,
	overdueAt: number | null,
	fact: RunFact,
): number | null {
	if (overdueAt !== null) return overdueAt;
	if (runningAt === null || fact.state !== "running" || !fact.authoritative)
		return null;
	const sinceAt = Math.max(runningAt, fact.startAt ?? runningAt);
	const isOver = fact.receivedAt - sinceAt >= OVERDUE_MS;
	return isOver && BOUNDED.has(operation) ? fact.receivedAt : null;
}

/** What is told of a run that has become overdue. Of one first seen running only its creation is known. */
export function overdueSentence(run: HostRun): string {
	const runningAt = run.runningAt ?? 0;
	const minutes = Math.floor(((run.overdueAt ?? 0) - runningAt) / 60_000);
	const since = runningAt < run.seenAt ? "was created" : "began";
	return `overdue: still running ${minutes} min after it ${since}; agents end an operation after 70 min at the latest`;
}
