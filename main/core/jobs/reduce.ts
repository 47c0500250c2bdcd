// One fact about one host run, merged into what is known of it. Pure; the same reference comes out when nothing changed.
// A run climbs unknown < queued < running < terminal and never back; only REST answers replace one end by another.
import type { HostRun, JobId, RunState } from "../../../shared/model.ts";
import { isOpen, unknownWordRemark } from "../../../shared/model.ts";
import type { RunFact } from "./fact.ts";
import { pastDue, runningSince } from "./overdue.ts";

/** `state`: the run's state changed, which is an event. `row`: something else a person sees changed. */
export type Change = "none" | "row" | "state";

export interface Reduced {
	readonly run: HostRun;
	readonly change: Change;
	/** `late`: a lower rank than what is known. `terminal`: a different end, told by a way that may not replace it. */
	readonly ignored?: "late" | "terminal";
}

/** Remarks that this file sets and understands. The first three say what was known before the link was lost. */
export const REMARKS = {
	lostRunning: "link lost while running",
	lostQueued: "link lost while queued",
	lostUnknown: "link lost, state unknown",
	rebooted: "rebooted, agent back",
} as const;

/** The error code that agents give a run which their own restart interrupted (02, Q6). */
const AGENT_REBOOTED = "AGENT_REBOOTED";

/** Whether an agent says, or shows by not knowing it, that its restart interrupted the run. */
export const isInterrupted = (
	state: RunState,
	errorCode: string | null,
): boolean =>
	state === "lost" || (state === "failed" && errorCode === AGENT_REBOOTED);

const RANKS: Readonly<Record<RunState, number>> = {
	unknown: 0,
	queued: 1,
	running: 2,
	succeeded: 3,
	failed: 3,
	cancelled: 3,
	timed_out: 3,
	lost: 3,
};
const TERMINAL_RANK = 3;

/** The state the agent told last: what it was before the link was lost, or the run's own. */
function toldState(run: HostRun): RunState {
	if (run.state !== "unknown") return run.state;
	if (run.remark === REMARKS.lostRunning) return "running";
	return run.remark === REMARKS.lostQueued ? "queued" : "unknown";
}

/** Merges a fact. `jobId` is where a run that is new belongs; a known run stays where it is. */
export function reduceRun(
	run: HostRun | undefined,
	fact: RunFact,
	jobId: JobId,
): Reduced {
	if (run === undefined) return { run: begun(fact, jobId), change: "state" };
	if (run.state === "lost") return reduceLost(run, fact);
	const told = toldState(run);
	const from = RANKS[told];
	const to = RANKS[fact.state];
	if (from === TERMINAL_RANK) return reduceEnded(run, fact);
	if (to >= from) return merged(run, fact, fact.state);
	// A word we do not know is no step back: the state stays as the agent told it last, and the word is shown beside it.
	if (fact.state === "unknown") return merged(run, fact, told);
	// The link is back and the agent speaks of this run, so what was known before holds again.
	return told === run.state
		? { run, change: "none", ignored: "late" }
		: { ...restored(run, fact, told), ignored: "late" };
}

/** Any later truth replaces it. A push of an open state may be older than the 404 that it overtook: the detail decides. */
function reduceLost(run: HostRun, fact: RunFact): Reduced {
	if (fact.state === "lost") return { run, change: "none" };
	return fact.authoritative || !isOpen(fact.state)
		? merged(run, fact, fact.state)
		: { run, change: "none", ignored: "late" };
}

function reduceEnded(run: HostRun, fact: RunFact): Reduced {
	if (fact.state === run.state)
		return fact.authoritative
			? merged(run, fact, fact.state)
			: filled(run, fact);
	if (isOpen(fact.state)) return { run, change: "none", ignored: "late" };
	const replaces =
		fact.authoritative &&
		fact.state !== "lost" &&
		// A restarted agent calls what it no longer knows failed; a success that was seen is better knowledge (02, Q10).
		!(run.state === "succeeded" && fact.errorCode === AGENT_REBOOTED);
	return replaces
		? merged(run, fact, fact.state)
		: { run, change: "none", ignored: "terminal" };
}

function begun(fact: RunFact, jobId: JobId): HostRun {
	const operation = fact.operation ?? "";
	const runningAt = runningSince(undefined, fact);
	return {
		hostId: fact.hostId,
		agentJobId: fact.agentJobId,
		jobId,
		state: fact.state,
		rawStatus: fact.rawStatus,
		operation,
		packages: [...(fact.packages ?? [])],
		progress: fact.progress ?? null,
		message: fact.message ?? "",
		error: fact.error ?? null,
		errorCode: fact.errorCode ?? null,
		exitCode: fact.exitCode ?? null,
		createdAt: fact.createdAt ?? null,
		completedAt: fact.completedAt ?? null,
		seenAt: fact.receivedAt,
		changedAt: fact.receivedAt,
		progressAt: fact.receivedAt,
		runningAt,
		overdueAt: pastDue(operation, runningAt, null, fact),
		source: fact.source,
		remark: remarkFor(null, fact),
	};
}

/** Beside the state: a reboot that was noticed stays told, a lost link is over, an unknown word is shown. */
function remarkFor(before: string | null, fact: RunFact): string | null {
	if (before === REMARKS.rebooted) return before;
	return fact.state === "unknown" ? unknownWordRemark(fact.rawStatus) : null;
}

function merged(run: HostRun, fact: RunFact, state: RunState): Reduced {
	const progress = progressOf(run, fact, state);
	const message = fact.message ?? run.message;
	const stateChanged = state !== run.state;
	// A link that comes back finds the run as it was: that is no progress.
	const moved =
		state !== toldState(run) ||
		progress !== run.progress ||
		message !== run.message;
	// What an end told belongs to that end: another truth does not inherit it.
	const kept = stateChanged && !isOpen(run.state) ? NO_ERROR : run;
	const operation = fact.operation ?? run.operation;
	const runningAt = runningSince(run, fact);
	const told = {
		rawStatus: fact.rawStatus,
		operation,
		runningAt,
		overdueAt: pastDue(operation, runningAt, run.overdueAt, fact),
		packages: samePackages(run.packages, fact.packages),
		error: fact.error === undefined ? kept.error : fact.error,
		errorCode: fact.errorCode === undefined ? kept.errorCode : fact.errorCode,
		exitCode: fact.exitCode === undefined ? kept.exitCode : fact.exitCode,
		createdAt: fact.createdAt ?? run.createdAt,
		completedAt: fact.completedAt ?? run.completedAt,
		remark: remarkFor(run.remark, fact),
	};
	if (!moved && !stateChanged && !differs(run, told))
		return { run, change: "none" };
	return {
		run: {
			...run,
			// Each by name: engines copy a second spread key by key, and this is the path of every event.
			rawStatus: told.rawStatus,
			operation,
			runningAt,
			overdueAt: told.overdueAt,
			packages: told.packages,
			error: told.error,
			errorCode: told.errorCode,
			exitCode: told.exitCode,
			createdAt: told.createdAt,
			completedAt: told.completedAt,
			remark: told.remark,
			state,
			progress,
			message,
			changedAt: stateChanged ? fact.receivedAt : run.changedAt,
			progressAt: moved ? fact.receivedAt : run.progressAt,
			source: fact.source,
		},
		change: stateChanged ? "state" : "row",
	};
}

const NO_ERROR = { error: null, errorCode: null, exitCode: null };

/** An end tells the last progress; before it, repeated and late reports must not make progress run backwards. */
function progressOf(
	run: HostRun,
	fact: RunFact,
	state: RunState,
): number | null {
	if (fact.progress === undefined || fact.progress === null)
		return run.progress;
	return run.progress === null || !isOpen(state)
		? fact.progress
		: Math.max(run.progress, fact.progress);
}

/** What a repeated push of the same end may add: only what is not known yet. */
function filled(run: HostRun, fact: RunFact): Reduced {
	const error = run.error ?? fact.error ?? null;
	const errorCode = run.errorCode ?? fact.errorCode ?? null;
	return error === run.error && errorCode === run.errorCode
		? { run, change: "none" }
		: { run: { ...run, error, errorCode }, change: "row" };
}

function restored(run: HostRun, fact: RunFact, state: RunState): Reduced {
	return {
		run: {
			...run,
			state,
			changedAt: fact.receivedAt,
			source: fact.source,
			remark: null,
		},
		change: "state",
	};
}

/** The known list when the told one is equal, so that an unchanged row keeps its parts. */
function samePackages(
	known: HostRun["packages"],
	told: readonly string[] | undefined,
): HostRun["packages"] {
	if (told === undefined) return known;
	const same =
		told.length === known.length &&
		told.every((name, at) => name === known[at]);
	return same ? known : [...told];
}

/** Whether a fact tells anything new beside state, progress and message. Another source alone is nothing new. */
function differs(
	run: HostRun,
	told: Omit<Partial<HostRun>, "state" | "progress" | "message">,
): boolean {
	return (
		told.rawStatus !== run.rawStatus ||
		told.error !== run.error ||
		told.errorCode !== run.errorCode ||
		told.remark !== run.remark ||
		told.exitCode !== run.exitCode ||
		told.operation !== run.operation ||
		told.packages !== run.packages ||
		told.createdAt !== run.createdAt ||
		told.completedAt !== run.completedAt ||
		told.runningAt !== run.runningAt ||
		told.overdueAt !== run.overdueAt
	);
}

/** The link is gone: an open run's state is not known any more. The next fact about it undoes this. */
export function markLinkLost(run: HostRun, receivedAt: number): Reduced {
	if (!isOpen(run.state)) return { run, change: "none" };
	const remark =
		run.state === "running"
			? REMARKS.lostRunning
			: run.state === "queued"
				? REMARKS.lostQueued
				: (run.remark ?? REMARKS.lostUnknown);
	if (run.state === "unknown" && remark === run.remark)
		return { run, change: "none" };
	return run.state === "unknown"
		? { run: { ...run, remark }, change: "row" }
		: {
				run: { ...run, state: "unknown", remark, changedAt: receivedAt },
				change: "state",
			};
}

/** The agent answered that it does not know this run (404): an open one is lost, an ended one keeps its end. */
export function markLost(run: HostRun, receivedAt: number): Reduced {
	if (!isOpen(run.state)) return { run, change: "none" };
	return {
		run: {
			...run,
			state: "lost",
			changedAt: receivedAt,
			progressAt: receivedAt,
			remark: run.remark === REMARKS.rebooted ? run.remark : null,
		},
		change: "state",
	};
}

/**
 * The host's uptime fell while this run was under way. A reboot that worked ends in silence (02, Q7), and this is its
 * proof: it succeeded. What became of any other run is still for the agent to tell; the reboot is remarked beside it.
 */
export function rebooted(run: HostRun, receivedAt: number): Reduced {
	const wasUnderWay =
		isInterrupted(run.state, run.errorCode) ||
		(isOpen(run.state) && run.state !== "queued");
	if (!wasUnderWay || run.remark === REMARKS.rebooted)
		return { run, change: "none" };
	if (run.operation !== "reboot")
		return { run: { ...run, remark: REMARKS.rebooted }, change: "row" };
	return {
		run: {
			...run,
			state: "succeeded",
			error: null,
			errorCode: null,
			changedAt: receivedAt,
			progressAt: receivedAt,
			remark: REMARKS.rebooted,
		},
		change: "state",
	};
}
