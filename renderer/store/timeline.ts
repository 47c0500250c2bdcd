// When the hosts of a job ended, in slices of time, and when we knew nothing: an outage must look like a gap and not like
// calm. Pure; `now` is an argument.
import type { Activity, HostRun, Job, RunState } from "../../shared/model.ts";
import { isOpen, RUN_STATES } from "../../shared/model.ts";

export interface Slice {
	/** Epoch milliseconds, `to` excluded. */
	readonly from: number;
	readonly to: number;
	/** How many hosts ended in it, by state; only states that occur. */
	readonly ended: readonly {
		readonly state: RunState;
		readonly count: number;
	}[];
	readonly total: number;
}

/** A time from which something is not known. */
export interface Gap {
	readonly from: number;
	readonly to: number;
	/** How many hosts were out of sight; null: all of them, the window was. */
	readonly hosts: number | null;
	/** It goes on at the end of the strip. */
	readonly lasts: boolean;
}

export interface Timeline {
	readonly from: number;
	/** The end of the job, or now while it runs. */
	readonly to: number;
	readonly slices: readonly Slice[];
	readonly gaps: readonly Gap[];
	/** The largest `total`. */
	readonly highest: number;
	/** Hosts that have not ended. */
	readonly open: number;
	/** First and last end; null when none has ended. */
	readonly firstEnd: number | null;
	readonly lastEnd: number | null;
}

/** The order of a stack from its foot: what failed stands on the line, where the eye compares. */
const STACK: readonly RunState[] = [
	"failed",
	"timed_out",
	"lost",
	"cancelled",
	"succeeded",
];
const PLACE_IN_STACK = Object.fromEntries(
	RUN_STATES.map((state) => [state, Math.max(0, STACK.indexOf(state))]),
) as Readonly<Record<RunState, number>>;

/** A strip of less than this would be one slice. */
const SHORTEST_MS = 10_000;
/** Slices last one of these, so that their ends are times that people say. */
const STEPS_MS = [
	1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000, 300_000,
	600_000, 900_000, 1_800_000, 3_600_000, 7_200_000, 14_400_000, 43_200_000,
	86_400_000, 604_800_000,
];

/** The length of a slice, so that there are at most `most` of them. */
export const sliceMs = (spanMs: number, most: number): number =>
	STEPS_MS.find((step) => spanMs / step <= most) ??
	Math.ceil(spanMs / most / 604_800_000) * 604_800_000;

/**
 * When a run ended by our clock, as the core reckons a job's end: the agent's time corrected by its skew, never later than
 * when we were told; without one, when we were told.
 */
export const endOf = (run: HostRun, skewMs: number | null): number =>
	run.completedAt === null
		? run.changedAt
		: Math.max(0, Math.min(run.completedAt - (skewMs ?? 0), run.changedAt));

export interface TimelineFacts {
	readonly job: Job;
	readonly runs: readonly HostRun[];
	/** The clock of a run's host against ours. */
	readonly skewOf: (run: HostRun) => number | null;
	/** Spans without knowledge of one host each, and of all (`host` null). */
	readonly dark: readonly Dark[];
	readonly now: number;
	/** Slices that fit on the strip. */
	readonly most: number;
}

/** A time in which one host, or with null all of them, could not be seen. `to` null: still. */
export interface Dark {
	readonly host: string | null;
	readonly from: number;
	readonly to: number | null;
}

/** Sorts the ends of the runs into slices, and the dark times into gaps that do not overlap. */
export function timelineOf(facts: TimelineFacts): Timeline {
	const { job, runs, now, most } = facts;
	// One pass over plain numbers: a job has ten thousand runs, and this is done again while it runs.
	const endAt = new Float64Array(runs.length);
	let open = 0;
	let firstEnd = Number.POSITIVE_INFINITY;
	let lastEnd = 0;
	for (const [at, run] of runs.entries()) {
		if (isOpen(run.state)) {
			open += 1;
			endAt[at] = -1;
			continue;
		}
		const time = endOf(run, run.completedAt === null ? 0 : facts.skewOf(run));
		endAt[at] = time;
		if (time < firstEnd) firstEnd = time;
		if (time > lastEnd) lastEnd = time;
	}
	const hasEnds = open < runs.length;
	const start = Math.min(job.startedAt, firstEnd);
	const end = Math.max(job.endedAt ?? now, lastEnd, start + SHORTEST_MS);
	const step = sliceMs(end - start, most);
	const from = Math.floor(start / step) * step;
	const slices = slicesOf(runs, endAt, from, end, step);
	return {
		from,
		to: Math.max(end, from + slices.length * step),
		slices,
		gaps: gapsOf(facts.dark, start, end),
		highest: slices.reduce((most, slice) => Math.max(most, slice.total), 0),
		open,
		firstEnd: hasEnds ? firstEnd : null,
		lastEnd: hasEnds ? lastEnd : null,
	};
}

function slicesOf(
	runs: readonly HostRun[],
	endAt: Float64Array,
	from: number,
	end: number,
	step: number,
): Slice[] {
	const length = Math.floor((end - from) / step) + 1;
	const tallies = new Uint32Array(length * STACK.length);
	for (const [at, run] of runs.entries()) {
		const time = endAt[at] ?? -1;
		if (time < 0) continue;
		const place =
			Math.floor((time - from) / step) * STACK.length +
			PLACE_IN_STACK[run.state];
		tallies[place] = (tallies[place] ?? 0) + 1;
	}
	return Array.from({ length }, (_, at) => {
		const ended = STACK.flatMap((state, place) => {
			const count = tallies[at * STACK.length + place] ?? 0;
			return count === 0 ? [] : [{ state, count }];
		});
		return {
			from: from + at * step,
			to: from + (at + 1) * step,
			ended,
			total: ended.reduce((sum, { count }) => sum + count, 0),
		};
	});
}

/** Dark times as spans that do not overlap, each with the most hosts that were dark at once within it. */
function gapsOf(dark: readonly Dark[], start: number, end: number): Gap[] {
	const edges: { at: number; host: string | null; by: 1 | -1 }[] = [];
	for (const { host, from, to } of dark) {
		const a = Math.max(from, start);
		const b = Math.min(to ?? end, end);
		if (b <= a) continue;
		edges.push({ at: a, host, by: 1 }, { at: b, host, by: -1 });
	}
	// Beginnings before ends of the same moment: spans that touch are one gap.
	edges.sort((a, b) => a.at - b.at || b.by - a.by);
	const gaps: Gap[] = [];
	const counts = new Map<string | null, number>();
	let begun = null as { from: number; most: number; all: boolean } | null;
	for (const { at, host, by } of edges) {
		const count = (counts.get(host) ?? 0) + by;
		if (count === 0) counts.delete(host);
		else counts.set(host, count);
		if (counts.size === 0) {
			if (begun !== null)
				gaps.push({
					from: begun.from,
					to: at,
					hosts: begun.all ? null : begun.most,
					lasts: at === end,
				});
			begun = null;
		} else
			begun = {
				from: begun?.from ?? at,
				most: Math.max(begun?.most ?? 0, counts.size),
				all: (begun?.all ?? false) || counts.has(null),
			};
	}
	return gaps;
}

/** Longer marks for a moment of which only the end is known. */
const GAP_MARK_MS = 1_000;

/**
 * Dark times that the replica knows of: runs whose link is lost now, the time between a run's `unknown` and its next word
 * in the activity, what the activity calls a gap (a moment: since when, it does not say), and a window without its core.
 */
export function darkTimes(
	runs: readonly HostRun[],
	events: readonly Activity[],
	job: Job,
	windowLostAt: number | null,
): readonly Dark[] {
	// Gaps are rare: the hosts are only gathered when one is told.
	let hosts: ReadonlySet<string> | null = null;
	const isOurs = (host: string): boolean => {
		hosts ??= new Set<string>(runs.map((run) => run.hostId));
		return hosts.has(host);
	};
	const since = new Map<string, number>();
	const dark: Dark[] = [];
	for (const event of events) {
		if (event.receivedAt < job.startedAt) continue;
		if (job.endedAt !== null && event.receivedAt > job.endedAt + GAP_MARK_MS)
			continue;
		if (event.kind === "gap") {
			if (event.hostId === null || isOurs(event.hostId))
				dark.push({
					host: event.hostId,
					from: event.receivedAt - GAP_MARK_MS,
					to: event.receivedAt,
				});
		} else if (event.kind === "host" && event.jobId === job.id) {
			const from = since.get(event.hostId);
			if (from !== undefined)
				dark.push({ host: event.hostId, from, to: event.receivedAt });
			since.delete(event.hostId);
			if (event.status === "unknown") since.set(event.hostId, event.receivedAt);
		}
	}
	for (const run of runs)
		if (run.state === "unknown")
			dark.push({ host: run.hostId, from: run.changedAt, to: null });
	if (windowLostAt !== null)
		dark.push({ host: null, from: windowLostAt, to: null });
	return dark;
}
