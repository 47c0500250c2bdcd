// Replica and filter in, visible ids out. Each selection remembers its last answer and its verdict on each row: rows keep
// their identity until they change, so a delta costs a look-up per row, and an unchanged list keeps its reference.
import type {
	Activity,
	Host,
	HostId,
	Job,
	JobId,
	RunKey,
	RunState,
} from "../../shared/model.ts";
import type { Filter } from "./filter.ts";
import { matches } from "./filter.ts";
import { naturalKey } from "./natural.ts";
import type { Fleet } from "./replica.ts";
import {
	eventSubject,
	hostSubject,
	jobSubject,
	runSubject,
} from "./subject.ts";

/** Run states a person has to look at. */
export const BAD_STATES: ReadonlySet<RunState> = new Set<RunState>([
	"failed",
	"timed_out",
	"lost",
]);

/** Same ids in the same order. */
const sameList = <T>(a: readonly T[], b: readonly T[]): boolean =>
	a.length === b.length && a.every((id, at) => id === b[at]);

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

/** Host ids that the filter lets through, by name. `is:` terms depend on time and runs and are judged anew each time. */
export function createHostSelection(): (
	fleet: Fleet,
	filter: Filter,
	now: number,
) => readonly HostId[] {
	const keep = steady<HostId>();
	const remembered = remembering<Host>();
	return (fleet, filter, now) => {
		if (filter.terms.length === 0) return fleet.hostOrder;
		const lasting = !filter.terms.some(
			(term) => term.kind === "field" && term.field === "is",
		);
		return keep(
			fleet.hostOrder.filter((id) => {
				const host = fleet.replica.hosts.get(id);
				if (host === undefined) return false;
				const judge = (): boolean =>
					matches(filter, hostSubject(host, fleet, now));
				return lasting ? remembered(filter, host, judge) : judge();
			}),
		);
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

/**
 * Runs of one job in the given state (null: all) that the filter lets through. Runs that were bad when the selection was
 * made come first, then all by host name; a run that fails later keeps its place, because rows do not move by themselves.
 */
export function createRunSelection(): (
	fleet: Fleet,
	job: JobId,
	state: RunState | null,
	filter: Filter,
) => readonly RunKey[] {
	const keep = steady<RunKey>();
	let ordered: readonly RunKey[] = [];
	let orderedFrom: readonly RunKey[] | undefined;
	let orderedFor: JobId | undefined;
	let bad = new Set<RunKey>();
	return (fleet, job, state, filter) => {
		const { runs, hosts } = fleet.replica;
		const keys = fleet.runsOfJob.get(job) ?? [];
		if (orderedFor !== job) {
			bad = new Set(
				keys.filter((key) => BAD_STATES.has(runs.get(key)?.state ?? "queued")),
			);
			orderedFrom = undefined;
			orderedFor = job;
		}
		if (orderedFrom !== keys) {
			orderedFrom = keys;
			ordered = inOrder(keys, bad);
		}
		if (state === null && filter.terms.length === 0) return ordered;
		return keep(
			ordered.filter((key) => {
				const run = runs.get(key);
				if (run === undefined || (state !== null && run.state !== state))
					return false;
				return (
					filter.terms.length === 0 ||
					matches(filter, runSubject(run, hosts.get(run.hostId)))
				);
			}),
		);
	};
}

function inOrder(
	keys: readonly RunKey[],
	bad: ReadonlySet<RunKey>,
): readonly RunKey[] {
	return keys
		.map((key) => ({
			key,
			order: `${bad.has(key) ? 0 : 1}${naturalKey(key)}`,
		}))
		.sort((a, b) => (a.order < b.order ? -1 : a.order > b.order ? 1 : 0))
		.map(({ key }) => key);
}

/** That a run is overdue is told among what hosts do. */
const kindOf = ({ kind }: Activity): Activity["kind"] =>
	kind === "overdue" ? "host" : kind;

/** What the activity list shows, newest first, up to and including the event numbered `upTo` (null: all). */
export function createActivitySelection(): (
	events: readonly Activity[],
	kind: Activity["kind"] | null,
	filter: Filter,
	upTo: number | null,
) => readonly Activity[] {
	const keep = steady<Activity>();
	const remembered = remembering<Activity>();
	return (events, kind, filter, upTo) => {
		const shown: Activity[] = [];
		for (let at = events.length - 1; at >= 0; at--) {
			const event = events[at];
			if (event === undefined || (upTo !== null && event.n > upTo)) continue;
			// A gap in our knowledge is told whatever kind is asked for.
			if (kind !== null && kindOf(event) !== kind && event.kind !== "gap")
				continue;
			if (
				filter.terms.length === 0 ||
				remembered(filter, event, () => matches(filter, eventSubject(event)))
			)
				shown.push(event);
		}
		return keep(shown);
	};
}
