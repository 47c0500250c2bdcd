// The replica and how it follows the core: a snapshot, then deltas, each exactly one further. Pure. The laws, held by
// property tests: apply(apply(r, a), b) equals apply(r, merge(a, b)), and rows that a delta does not name keep their identity.
import { z } from "zod";
import type {
	Activity,
	Host,
	HostId,
	HostRun,
	Job,
	JobId,
	RunKey,
} from "./model.ts";
import {
	activitySchema,
	hostRunSchema,
	hostSchema,
	ids,
	jobSchema,
	runKey,
} from "./model.ts";

/** Activity lines that travel in one frame at most, and that a replica keeps; older ones are dropped and counted. */
export const EVENTS_IN_FRAME = 2_000;
export const EVENTS_KEPT = 5_000;

const ROWS = 100_000;

export const snapshotSchema = z.strictObject({
	kind: z.literal("snapshot"),
	/** Life of the core: another value means all numbers start anew. */
	epoch: z.string().max(64),
	seq: z.int().nonnegative(),
	at: z.number(),
	fleet: z.string().max(128),
	hosts: z.array(hostSchema).max(ROWS),
	runs: z.array(hostRunSchema).max(ROWS * 10),
	jobs: z.array(jobSchema).max(ROWS),
	events: z.array(activitySchema).max(EVENTS_IN_FRAME),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

export const deltaSchema = z.strictObject({
	kind: z.literal("delta"),
	epoch: z.string().max(64),
	/** Applies to a replica at `from` and makes it `seq`. */
	from: z.int().nonnegative(),
	seq: z.int().nonnegative(),
	at: z.number(),
	hosts: z.array(hostSchema).max(ROWS),
	hostsGone: z.array(ids.host).max(ROWS),
	runs: z.array(hostRunSchema).max(ROWS * 10),
	runsGone: z.array(ids.run).max(ROWS * 10),
	jobs: z.array(jobSchema).max(ROWS),
	jobsGone: z.array(ids.job).max(ROWS),
	events: z.array(activitySchema).max(EVENTS_IN_FRAME),
	/** Activity lines that happened but did not fit into the frame. */
	eventsDropped: z.int().nonnegative(),
});
export type Delta = z.infer<typeof deltaSchema>;

export const fleetFrameSchema = z.discriminatedUnion("kind", [
	snapshotSchema,
	deltaSchema,
]);
export type FleetFrame = z.infer<typeof fleetFrameSchema>;

/** The window's copy of the model. Never edited; `applySnapshot` and `applyDelta` make the next one. */
export interface Replica {
	readonly epoch: string;
	readonly seq: number;
	readonly at: number;
	readonly fleet: string;
	readonly hosts: ReadonlyMap<HostId, Host>;
	readonly runs: ReadonlyMap<RunKey, HostRun>;
	readonly jobs: ReadonlyMap<JobId, Job>;
	/** Oldest first; at most EVENTS_KEPT. */
	readonly events: readonly Activity[];
	readonly eventsDropped: number;
}

export const EMPTY_REPLICA: Replica = {
	epoch: "",
	seq: 0,
	at: 0,
	fleet: "",
	hosts: new Map(),
	runs: new Map(),
	jobs: new Map(),
	events: [],
	eventsDropped: 0,
};

const keyOf = {
	host: (row: Host): HostId => row.id,
	run: (row: HostRun): RunKey => runKey(row.hostId, row.agentJobId),
	job: (row: Job): JobId => row.id,
};

/** The replica a snapshot describes; nothing of the former one remains. */
export function applySnapshot(frame: Snapshot): Replica {
	return {
		epoch: frame.epoch,
		seq: frame.seq,
		at: frame.at,
		fleet: frame.fleet,
		hosts: new Map(frame.hosts.map((row) => [keyOf.host(row), row])),
		runs: new Map(frame.runs.map((row) => [keyOf.run(row), row])),
		jobs: new Map(frame.jobs.map((row) => [keyOf.job(row), row])),
		events: frame.events.slice(-EVENTS_KEPT),
		eventsDropped: 0,
	};
}

/** Whether the delta is the next one of this replica. Anything else: drop it and ask for a snapshot. */
export const follows = (replica: Replica, frame: Delta): boolean =>
	frame.epoch === replica.epoch && frame.from === replica.seq;

/** The next replica. The caller has checked `follows`. Maps without a change keep their reference. */
export function applyDelta(replica: Replica, frame: Delta): Replica {
	const kept =
		frame.events.length === 0
			? replica.events
			: [...replica.events, ...frame.events].slice(-EVENTS_KEPT);
	return {
		epoch: replica.epoch,
		seq: frame.seq,
		at: frame.at,
		fleet: replica.fleet,
		hosts: patched(replica.hosts, frame.hosts, frame.hostsGone, keyOf.host),
		runs: patched(replica.runs, frame.runs, frame.runsGone, keyOf.run),
		jobs: patched(replica.jobs, frame.jobs, frame.jobsGone, keyOf.job),
		events: kept,
		eventsDropped: replica.eventsDropped + frame.eventsDropped,
	};
}

function patched<K, V>(
	rows: ReadonlyMap<K, V>,
	changed: readonly V[],
	gone: readonly K[],
	key: (row: V) => K,
): ReadonlyMap<K, V> {
	if (changed.length === 0 && gone.length === 0) return rows;
	const next = new Map(rows);
	for (const id of gone) next.delete(id);
	for (const row of changed) next.set(key(row), row);
	return next;
}

/** One delta that does what `a` and then `b` do. `b` must follow `a`. */
export function merge(a: Delta, b: Delta): Delta {
	const hosts = mergedRows(
		a.hosts,
		a.hostsGone,
		b.hosts,
		b.hostsGone,
		keyOf.host,
	);
	const runs = mergedRows(a.runs, a.runsGone, b.runs, b.runsGone, keyOf.run);
	const jobs = mergedRows(a.jobs, a.jobsGone, b.jobs, b.jobsGone, keyOf.job);
	const events = [...a.events, ...b.events];
	const overflow = Math.max(0, events.length - EVENTS_IN_FRAME);
	return {
		kind: "delta",
		epoch: b.epoch,
		from: a.from,
		seq: b.seq,
		at: b.at,
		hosts: hosts.rows,
		hostsGone: hosts.gone,
		runs: runs.rows,
		runsGone: runs.gone,
		jobs: jobs.rows,
		jobsGone: jobs.gone,
		events: overflow === 0 ? events : events.slice(overflow),
		eventsDropped: a.eventsDropped + b.eventsDropped + overflow,
	};
}

function mergedRows<K, V>(
	aRows: readonly V[],
	aGone: readonly K[],
	bRows: readonly V[],
	bGone: readonly K[],
	key: (row: V) => K,
): { rows: V[]; gone: K[] } {
	const rows = new Map(aRows.map((row) => [key(row), row]));
	const gone = new Set(aGone);
	for (const id of bGone) {
		rows.delete(id);
		gone.add(id);
	}
	// What `b` removed and told again now goes to the end, where two single applications would put it; the rest keeps its place.
	for (const row of bRows) rows.set(key(row), row);
	return { rows: [...rows.values()], gone: [...gone] };
}
