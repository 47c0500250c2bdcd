// The laws of the replica: one merged delta does what two did, rows that nobody named keep their identity, and what does
// not follow is seen not to follow.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Delta, Replica, Snapshot } from "./delta.ts";
import {
	applyDelta,
	applySnapshot,
	EMPTY_REPLICA,
	EVENTS_IN_FRAME,
	EVENTS_KEPT,
	fleetFrameSchema,
	follows,
	merge,
} from "./delta.ts";
import type { Activity, Host, HostRun, Job } from "./model.ts";
import { agentJobId, hostId, jobId, runKey } from "./model.ts";

const NAMES = ["a", "b", "c", "d"] as const;

const host = (name: string, attempt: number): Host => ({
	id: hostId(name),
	address: "127.0.0.1",
	port: 12443,
	servername: name,
	labels: {},
	link: {
		channel: "live",
		fault: null,
		sentence: null,
		nextStep: null,
		attempt,
		sinceAt: 0,
		retryAt: null,
	},
	health: { kind: "never_seen" },
	agentVersion: null,
	extensions: [],
	uptimeSeconds: null,
	pendingReboot: null,
	os: null,
	skewMs: null,
	heardAt: null,
	staleAfterMs: 1,
	openRuns: 0,
});
const run = (name: string, progress: number): HostRun => ({
	hostId: hostId(name),
	agentJobId: agentJobId("1"),
	jobId: jobId("j-1"),
	state: "running",
	rawStatus: "running",
	operation: "patchapply",
	packages: [],
	progress,
	message: "",
	error: null,
	errorCode: null,
	exitCode: null,
	createdAt: null,
	completedAt: null,
	seenAt: 0,
	changedAt: 0,
	progressAt: 0,
	runningAt: null,
	overdueAt: null,
	source: "push",
	remark: null,
});
const job = (name: string, startedAt: number): Job => ({
	id: jobId(name),
	label: name,
	origin: "observed",
	operation: "patchapply",
	packages: [],
	status: "running",
	counts: {
		host: 0,
		queued: 0,
		running: 0,
		succeeded: 0,
		failed: 0,
		cancelled: 0,
		timed_out: 0,
		lost: 0,
		unknown: 0,
	},
	startedAt,
	endedAt: null,
	progressAt: 0,
});
const gap = (n: number): Activity => ({
	kind: "gap",
	n,
	receivedAt: 0,
	hostId: null,
	sentence: "",
});

const names = fc.uniqueArray(fc.constantFrom(...NAMES));
const version = fc.nat(9);
const rowsOf = <T>(make: (name: string, version: number) => T) =>
	fc
		.uniqueArray(fc.tuple(fc.constantFrom(...NAMES), version), {
			selector: ([name]) => name,
		})
		.map((rows) => rows.map(([name, v]) => make(name, v)));

const deltas: fc.Arbitrary<Delta> = fc
	.record({
		hosts: rowsOf(host),
		hostsGone: names.map((list) => list.map(hostId)),
		runs: rowsOf(run),
		runsGone: names.map((list) =>
			list.map((name) => runKey(hostId(name), agentJobId("1"))),
		),
		jobs: rowsOf(job),
		jobsGone: names.map((list) => list.map(jobId)),
		events: fc.array(fc.nat(99).map(gap), { maxLength: 4 }),
		eventsDropped: fc.nat(5),
	})
	.map((parts) => ({
		kind: "delta",
		epoch: "e",
		from: 0,
		seq: 1,
		at: 1,
		...parts,
	}));
const numbered = (list: readonly Delta[]): Delta[] =>
	list.map((delta, at) => ({ ...delta, from: at, seq: at + 1, at: at + 1 }));

const snapshots: fc.Arbitrary<Snapshot> = fc
	.record({
		hosts: rowsOf(host),
		runs: rowsOf(run),
		jobs: rowsOf(job),
		events: fc.array(fc.nat(99).map(gap), { maxLength: 4 }),
	})
	.map((parts) => ({
		kind: "snapshot",
		epoch: "e",
		seq: 0,
		at: 0,
		fleet: "prod",
		...parts,
	}));

/** Order of rows included: the window lists rows as the replica holds them. */
const shown = (replica: Replica) => ({
	...replica,
	hosts: [...replica.hosts],
	runs: [...replica.runs],
	jobs: [...replica.jobs],
});

const snapshotOf = (more: Partial<Snapshot> = {}): Snapshot => ({
	kind: "snapshot",
	epoch: "e",
	seq: 0,
	at: 0,
	fleet: "prod",
	hosts: [],
	runs: [],
	jobs: [],
	events: [],
	...more,
});
const deltaOf = (more: Partial<Delta> = {}): Delta => ({
	kind: "delta",
	epoch: "e",
	from: 0,
	seq: 1,
	at: 1,
	hosts: [],
	hostsGone: [],
	runs: [],
	runsGone: [],
	jobs: [],
	jobsGone: [],
	events: [],
	eventsDropped: 0,
	...more,
});

describe("merging", () => {
	test("one merged delta does exactly what the two did, order of rows included", () => {
		fc.assert(
			fc.property(snapshots, deltas, deltas, (snapshot, first, second) => {
				const [a, b] = numbered([first, second]) as [Delta, Delta];
				const start = applySnapshot(snapshot);
				expect(shown(applyDelta(start, merge(a, b)))).toEqual(
					shown(applyDelta(applyDelta(start, a), b)),
				);
			}),
			{ numRuns: 1_000 },
		);
	});

	test("it does not matter which of three are merged first", () => {
		fc.assert(
			fc.property(
				snapshots,
				fc.array(deltas, { minLength: 3, maxLength: 3 }),
				(snapshot, list) => {
					const [a, b, c] = numbered(list) as [Delta, Delta, Delta];
					const start = applySnapshot(snapshot);
					const left = merge(merge(a, b), c);
					const right = merge(a, merge(b, c));
					expect(shown(applyDelta(start, left))).toEqual(
						shown(applyDelta(start, right)),
					);
				},
			),
			{ numRuns: 500 },
		);
	});

	test("the outcome fits the contract and is no larger than the fleet", () => {
		fc.assert(
			fc.property(fc.array(deltas, { minLength: 1, maxLength: 8 }), (list) => {
				const merged = numbered(list).reduce(merge);
				expect(fleetFrameSchema.safeParse(merged).error).toBeUndefined();
				for (const [rows, gone] of [
					[merged.hosts, merged.hostsGone],
					[merged.runs, merged.runsGone],
					[merged.jobs, merged.jobsGone],
				] as const) {
					expect(rows.length).toBeLessThanOrEqual(NAMES.length);
					expect(gone.length).toBeLessThanOrEqual(NAMES.length);
				}
			}),
		);
	});

	test("more activity than a frame holds drops the oldest and says how much", () => {
		const line = (from: number, many: number) =>
			Array.from({ length: many }, (_, at) => gap(from + at));
		const merged = merge(
			deltaOf({ events: line(0, 1_500), eventsDropped: 2 }),
			deltaOf({ from: 1, seq: 2, events: line(1_500, 1_500) }),
		);
		expect(merged.events).toHaveLength(EVENTS_IN_FRAME);
		expect(merged.events[0]?.n).toBe(1_000);
		expect(merged.events.at(-1)?.n).toBe(2_999);
		expect(merged.eventsDropped).toBe(1_002);
	});

	test("a row removed and told again in one delta is there", () => {
		const replica = applyDelta(
			applySnapshot(snapshotOf({ hosts: [host("a", 0), host("b", 0)] })),
			deltaOf({ hosts: [host("a", 7)], hostsGone: [hostId("a")] }),
		);
		expect([...replica.hosts.keys()]).toEqual(["b", "a"]);
		expect(replica.hosts.get(hostId("a"))?.link.attempt).toBe(7);
	});

	test("neither side of a merge is changed", () => {
		fc.assert(
			fc.property(deltas, deltas, (a, b) => {
				const before = JSON.stringify([a, b]);
				merge(a, b);
				expect(JSON.stringify([a, b])).toBe(before);
			}),
		);
	});
});

describe("applying", () => {
	test("rows that a delta does not name keep their identity, and maps without a change are the same maps", () => {
		fc.assert(
			fc.property(snapshots, deltas, (snapshot, delta) => {
				const before = applySnapshot(snapshot);
				const after = applyDelta(before, delta);
				const named = new Set<string>([
					...delta.hosts.map(({ id }) => id),
					...delta.hostsGone,
				]);
				for (const [id, row] of before.hosts)
					if (!named.has(id)) expect(after.hosts.get(id)).toBe(row);
				if (named.size === 0) expect(after.hosts).toBe(before.hosts);
				if (delta.events.length === 0) expect(after.events).toBe(before.events);
			}),
			{ numRuns: 500 },
		);
	});

	test("the former replica is not touched", () => {
		fc.assert(
			fc.property(snapshots, deltas, (snapshot, delta) => {
				const before = applySnapshot(snapshot);
				const was = JSON.stringify(shown(before));
				applyDelta(before, delta);
				expect(JSON.stringify(shown(before))).toBe(was);
			}),
		);
	});

	test("a snapshot leaves nothing of what was before", () => {
		const replica = applySnapshot(
			snapshotOf({ epoch: "other", seq: 9, hosts: [host("a", 1)] }),
		);
		expect(replica).toMatchObject({ epoch: "other", seq: 9, eventsDropped: 0 });
		expect([...replica.hosts.keys()]).toEqual(["a"]);
		expect(EMPTY_REPLICA.hosts.size).toBe(0);
	});

	test("the activity list is bounded, the newest stay", () => {
		let replica = applySnapshot(snapshotOf());
		for (let at = 0; at < 4; at++)
			replica = applyDelta(
				replica,
				deltaOf({
					from: at,
					seq: at + 1,
					events: Array.from({ length: 2_000 }, (_, n) => gap(at * 2_000 + n)),
				}),
			);
		expect(replica.events).toHaveLength(EVENTS_KEPT);
		expect(replica.events[0]?.n).toBe(3_000);
		expect(replica.events.at(-1)?.n).toBe(7_999);
	});
});

describe("following", () => {
	const replica = applySnapshot(snapshotOf({ seq: 4 }));
	test.each([
		["the next", { from: 4, seq: 5 }, true],
		["several at once", { from: 4, seq: 9 }, true],
		["one that was applied already", { from: 3, seq: 4 }, false],
		["one after a gap", { from: 5, seq: 6 }, false],
		["one of another life of the core", { from: 4, seq: 5, epoch: "x" }, false],
	])("%s", (_, more, expected) => {
		expect(follows(replica, deltaOf(more))).toBe(expected);
	});
});
