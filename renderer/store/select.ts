// Replica and filter in, visible ids out. Each selection keeps its last answer and judges again what a delta touched, and an
// unchanged list keeps its reference.
import type {
	Host,
	HostId,
	HostRun,
	Job,
	JobId,
	RunKey,
	RunState,
} from "../../shared/model.ts";
import { isOpen } from "../../shared/model.ts";
import type { Filter } from "./filter.ts";
import { matches } from "./filter.ts";
import { naturalKey } from "./natural.ts";
import type { Fleet } from "./replica.ts";
import { createStanding, sameList } from "./standing.ts";
import { hostSubject, jobSubject, runSubject } from "./subject.ts";
import { endOf } from "./timeline.ts";
import type { TimeSpan } from "./view.ts";

/** Run states a person has to look at. */
export const BAD_STATES: ReadonlySet<RunState> = new Set<RunState>([
	"failed",
	"timed_out",
	"lost",
]);

/** Keeps the former reference when nothing changed. */
function steady<T>(): (next: readonly T[]) => readonly T[] {
	let last: readonly T[] = [];
	return (next) => {
		if (!sameList(last, next)) last = next;
		return last;
	};
}

/** Remembers the verdict on each row object until the filter changes. */
function remembering<Row extends object>(): (
	filter: Filter,
	row: Row,
	judge: () => boolean,
) => boolean {
	let filterSource: string | undefined;
	let verdicts = new WeakMap<Row, boolean>();
	return (filter, row, judge) => {
		if (filter.source !== filterSource) {
			filterSource = filter.source;
			verdicts = new WeakMap();
		}
		let verdict = verdicts.get(row);
		if (verdict === undefined) {
			verdict = judge();
			verdicts.set(row, verdict);
		}
		return verdict;
	};
}

/** Whether the filter asks for something that time alone can change. */
const asksForAge = ({ terms }: Filter): boolean =>
	terms.some(
		(term) =>
			term.kind === "field" &&
			term.field === "is" &&
			term.pattern.test("stale"),
	);

/** Host ids that the filter lets through, by name or in the order given. */
export function createHostSelection(): (
	fleet: Fleet,
	filter: Filter,
	now: number,
	order?: readonly HostId[],
) => readonly HostId[] {
	const standing = createStanding<HostId>();
	return (fleet, filter, now, order = fleet.hostOrder) => {
		if (filter.terms.length === 0) return order;
		return standing({
			question: asksForAge(filter) ? `${now} ${filter.source}` : filter.source,
			order,
			step: fleet.step,
			// What a host is, is also what became of its newest run.
			touched: () => [
				...fleet.step.hosts,
				...fleet.step.runs.map(({ hostId }) => hostId),
			],
			passes: (id) => {
				const host = fleet.replica.hosts.get(id);
				return (
					host !== undefined && matches(filter, hostSubject(host, fleet, now))
				);
			},
		});
	};
}

/** Job ids that the filter lets through, newest first. */
export function createJobSelection(): (
	fleet: Fleet,
	filter: Filter,
) => readonly JobId[] {
	const keep = steady<JobId>();
	const remembered = remembering<Job>();
	return (fleet, filter) => {
		if (filter.terms.length === 0) return fleet.jobOrder;
		return keep(
			fleet.jobOrder.filter((id) => {
				const job = fleet.replica.jobs.get(id);
				return (
					job !== undefined &&
					remembered(filter, job, () => matches(filter, jobSubject(job)))
				);
			}),
		);
	};
}

/** States by how much they need a look: the order of a matrix, and of what is told of failures. */
export const SEVERITY: readonly RunState[] = [
	"failed",
	"timed_out",
	"lost",
	"unknown",
	"running",
	"queued",
	"cancelled",
	"succeeded",
];

/** How the runs of a job are arranged. */
export interface Arrangement {
	/** Bad ones first and then by name, or in groups by state, worst first. */
	readonly by: "bad" | "state";
	/** Another number: arranged anew. Rows do not move by themselves. */
	readonly round: number;
	/** Only runs that ended in this time; null: all. */
	readonly ended: TimeSpan | null;
}

const AS_OPENED: Arrangement = { by: "bad", round: 0, ended: null };

/**
 * Runs of one job in the given state (null: all) that the filter lets through. Runs that were bad when the selection was
 * made come first, then all by host name; a run that fails later keeps its place, because rows do not move by themselves.
 */
export function createRunSelection(): (
	fleet: Fleet,
	job: JobId,
	state: RunState | null,
	filter: Filter,
	arrangement?: Arrangement,
) => readonly RunKey[] {
	const standing = createStanding<RunKey>();
	let ordered: readonly RunKey[] = [];
	let orderedFrom: readonly RunKey[] | undefined;
	let orderedFor: string | undefined;
	let ranks: ReadonlyMap<RunKey, number> = new Map();
	const names = new Map<RunKey, string>();
	return (fleet, job, state, filter, arrangement = AS_OPENED) => {
		const { runs, hosts } = fleet.replica;
		const keys = fleet.runsOfJob.get(job) ?? [];
		const { by, round, ended } = arrangement;
		const wanted = `${by} ${round} ${job}`;
		if (orderedFor !== wanted) {
			ranks = new Map(
				keys.map((key) => [key, rankOf(by, runs.get(key)?.state)]),
			);
			orderedFrom = undefined;
			orderedFor = wanted;
		}
		if (orderedFrom !== keys) {
			const added = orderedFrom && addedBehind(orderedFrom, keys);
			orderedFrom = keys;
			ordered = added
				? merged(ordered, inOrder(added, ranks, names), ranks, names)
				: inOrder(keys, ranks, names);
		}
		if (state === null && ended === null && filter.terms.length === 0)
			return ordered;
		return standing({
			question: `${job} ${state} ${ended?.from} ${ended?.to} ${filter.source}`,
			order: ordered,
			step: fleet.step,
			touched: () => touchedRuns(fleet),
			passes: (key) => {
				const run = runs.get(key);
				if (run === undefined || run.jobId !== job) return false;
				if (state !== null && run.state !== state) return false;
				const host = hosts.get(run.hostId);
				if (ended !== null && !endedIn(run, host, ended)) return false;
				return (
					filter.terms.length === 0 || matches(filter, runSubject(run, host))
				);
			},
		});
	};
}

/** Runs of the last step, and those of its hosts: labels, channel and clock of a host count for its runs. */
function* touchedRuns({ step, runsOfHost }: Fleet): Iterable<RunKey> {
	for (const { key } of step.runs) yield key;
	for (const id of step.hosts) yield* runsOfHost.get(id) ?? [];
}

function endedIn(
	run: HostRun,
	host: Host | undefined,
	{ from, to }: TimeSpan,
): boolean {
	if (isOpen(run.state)) return false;
	const at = endOf(run, host?.skewMs ?? null);
	return at >= from && at < to;
}

/** A run that comes later stands with the calm ones, by name. */
const LATER = SEVERITY.length;
function rankOf(by: Arrangement["by"], state: RunState | undefined): number {
	if (state === undefined) return LATER;
	const rank = SEVERITY.indexOf(state);
	return by === "state" || BAD_STATES.has(state) ? rank : LATER;
}

/** What a run is ordered by, as text. Names are made once: making them costs more than sorting. */
function placeOf(
	key: RunKey,
	ranks: ReadonlyMap<RunKey, number>,
	names: Map<RunKey, string>,
): string {
	const name = names.get(key) ?? naturalKey(key);
	names.set(key, name);
	return `${ranks.get(key) ?? LATER}${name}`;
}

function inOrder(
	keys: readonly RunKey[],
	ranks: ReadonlyMap<RunKey, number>,
	names: Map<RunKey, string>,
): readonly RunKey[] {
	return keys
		.map((key) => ({ key, order: placeOf(key, ranks, names) }))
		.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0))
		.map(({ key }) => key);
}

/** The keys that were added behind the former ones; null when these are not all there as they were. */
const addedBehind = (
	former: readonly RunKey[],
	keys: readonly RunKey[],
): readonly RunKey[] | null =>
	former.length > 0 && former.every((key, at) => key === keys[at])
		? keys.slice(former.length)
		: null;

/** Two ordered lists as one: hosts join a job for some seconds, and ten times in each a few of many are new. */
function merged(
	many: readonly RunKey[],
	few: readonly RunKey[],
	ranks: ReadonlyMap<RunKey, number>,
	names: Map<RunKey, string>,
): readonly RunKey[] {
	const all: RunKey[] = [];
	let from = 0;
	for (const key of few) {
		const place = placeOf(key, ranks, names);
		let low = from;
		let high = many.length;
		while (low < high) {
			const middle = (low + high) >> 1;
			const other = many[middle];
			if (other !== undefined && placeOf(other, ranks, names) <= place)
				low = middle + 1;
			else high = middle;
		}
		for (; from < low; from++) all.push(many[from] as RunKey);
		all.push(key);
	}
	for (; from < many.length; from++) all.push(many[from] as RunKey);
	return all;
}
