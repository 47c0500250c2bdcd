// What is kept from step to step must be what a look at everything would give, whatever happened.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Delta } from "../../shared/delta.ts";
import type { Host, HostRun, RunState } from "../../shared/model.ts";
import { hostId, jobId, RUN_STATES, runKey } from "../../shared/model.ts";
import { parseFilter } from "./filter.ts";
import { deltaOf, hostRow, NOW, runRow, snapshotOf } from "./fixtures.ts";
import type { Fleet } from "./replica.ts";
import { fleetOf, nextFleet } from "./replica.ts";
import { createHostSelection, createRunSelection } from "./select.ts";
import { createStanding } from "./standing.ts";

const hostIds = ["a-1", "a-2", "b-1", "b-10"];
const anyHost = fc
	.record({
		id: fc.constantFrom(...hostIds),
		openRuns: fc.nat(1),
		role: fc.constantFrom("web", "db"),
		heardAt: fc.constantFrom(NOW, NOW - 100_000),
	})
	.map(
		({ id, role, ...change }): Host =>
			hostRow(id, { ...change, labels: { role } }),
	);
const anyRun = fc
	.record({
		host: fc.constantFrom(...hostIds),
		agentJob: fc.constantFrom("x", "y"),
		job: fc.constantFrom("j-1", "j-2"),
		state: fc.constantFrom<RunState>(...RUN_STATES),
		seenAt: fc.constantFrom(NOW, NOW + 1),
	})
	.map(
		({ host, agentJob, job, ...change }): HostRun => ({
			...runRow(host, agentJob, change),
			jobId: jobId(job),
		}),
	);
const unique = <Row>(
	rows: readonly Row[],
	keyOf: (row: Row) => string,
): Row[] => [...new Map(rows.map((row) => [keyOf(row), row])).values()];
const keyOf = (run: HostRun) => runKey(run.hostId, run.agentJobId);
const anyStep = fc
	.record({
		hosts: fc.array(anyHost, { maxLength: 3 }),
		hostsGone: fc.array(fc.constantFrom(...hostIds.map(hostId)), {
			maxLength: 1,
		}),
		runs: fc.array(anyRun, { maxLength: 4 }),
		runsGone: fc.array(anyRun.map(keyOf), { maxLength: 1 }),
		/** What the person does meanwhile. */
		q: fc.constantFrom(
			"",
			"role=web",
			"is:failed",
			"is:stale",
			"!is:busy",
			"b",
		),
		state: fc.constantFrom<RunState | null>(null, "failed", "running"),
		looks: fc.boolean(),
		isSnapshot: fc.boolean(),
	})
	.map((step) => ({
		...step,
		hosts: unique(step.hosts, ({ id }) => id),
		runs: unique(step.runs, keyOf),
	}));

/** The fleet after the step: by a delta, or as a core tells it anew to a window that lost track. */
function after(
	fleet: Fleet,
	{
		isSnapshot,
		hosts,
		hostsGone,
		runs,
		runsGone,
	}: typeof anyStep extends fc.Arbitrary<infer S> ? S : never,
): Fleet {
	if (isSnapshot) return fleetOf(snapshotOf({ hosts, runs }), fleet);
	const frame: Delta = deltaOf(fleet.replica.seq, {
		hosts,
		hostsGone,
		runs,
		runsGone,
	});
	return nextFleet(fleet, frame);
}

const anyQuestion = fc.record({
	q: fc.constantFrom("", "role=web", "is:failed", "is:stale", "!is:busy", "b"),
	state: fc.constantFrom<RunState | null>(null, "failed", "running"),
	/** How many steps it is asked for. */
	steps: fc.array(anyStep, { minLength: 1, maxLength: 6 }),
});

test("after any steps, seen or not, a kept selection is the one that everything anew would give", () => {
	fc.assert(
		fc.property(fc.array(anyQuestion, { maxLength: 4 }), (questions) => {
			const hosts = createHostSelection();
			const runs = createRunSelection();
			const job = jobId("j-1");
			let fleet = fleetOf(snapshotOf());
			for (const { q, state, steps } of questions)
				for (const step of steps) {
					fleet = after(fleet, step);
					if (!step.looks) continue;
					const filter = parseFilter(q);
					expect(hosts(fleet, filter, NOW)).toEqual(
						createHostSelection()(fleet, filter, NOW),
					);
					const kept = runs(fleet, job, state, filter);
					const anew = createRunSelection()(fleet, job, state, filter);
					// Kept runs stand in the order of what was bad when they were first seen.
					expect([...kept].sort()).toEqual([...anew].sort());
				}
		}),
		{ numRuns: 1_000 },
	);
});

test("ids that a step did not touch are not judged again, and an equal list is the same", () => {
	const standing = createStanding<string>();
	const judged: string[] = [];
	const ask = (n: number, touched: readonly string[], question = "q") =>
		standing({
			question,
			order: ["a", "b", "c"],
			step: { id: n, follows: n - 1, hosts: [], runs: [] },
			touched: () => touched,
			passes: (id) => {
				judged.push(id);
				return id !== "b";
			},
		});
	const list = ask(1, []);
	expect(list).toEqual(["a", "c"]);
	expect(judged.splice(0)).toEqual(["a", "b", "c"]);
	expect(ask(1, ["a"])).toBe(list);
	expect(judged).toEqual([]);
	expect(ask(2, ["b"])).toBe(list);
	expect(judged.splice(0)).toEqual(["b"]);
	// A step was missed, or the question is another one.
	expect(ask(4, ["b"])).toBe(list);
	expect(judged.splice(0)).toEqual(["a", "b", "c"]);
	ask(4, [], "other");
	expect(judged).toHaveLength(3);
});

test("what a host is, counts for its runs at once, though no run changed", () => {
	const select = createRunSelection();
	const web = parseFilter("role=web");
	const before = fleetOf(
		snapshotOf({
			hosts: [hostRow("a-1", { labels: { role: "db" } })],
			runs: [{ ...runRow("a-1", "x"), jobId: jobId("j-1") }],
		}),
	);
	expect(select(before, jobId("j-1"), null, web)).toEqual([]);
	const frame = deltaOf(before.replica.seq, {
		hosts: [hostRow("a-1", { labels: { role: "web" } })],
	});
	expect(select(nextFleet(before, frame), jobId("j-1"), null, web)).toEqual([
		"a-1/a-x",
	]);
});

test("runs that join a job stand where ordering all anew would put them, whatever else leaves", () => {
	const name = fc
		.tuple(fc.constantFrom("a", "b"), fc.nat(12))
		.map(([letter, n]) => `${letter}-${n}`);
	const part = fc.record({
		runs: fc.uniqueArray(name, { maxLength: 4 }),
		gone: fc.uniqueArray(name, { maxLength: 1 }),
	});
	const run = (host: string): HostRun => ({
		...runRow(host, "x"),
		jobId: jobId("j-1"),
	});
	fc.assert(
		fc.property(fc.array(part, { maxLength: 12 }), (parts) => {
			const select = createRunSelection();
			let fleet = fleetOf(snapshotOf());
			for (const { runs, gone } of parts) {
				const frame = deltaOf(fleet.replica.seq, {
					runs: runs.map(run),
					runsGone: gone.map((host) => keyOf(run(host))),
				});
				fleet = nextFleet(fleet, frame);
				const anew = createRunSelection();
				const all = parseFilter("");
				expect(select(fleet, jobId("j-1"), null, all)).toEqual(
					anew(fleet, jobId("j-1"), null, all),
				);
			}
		}),
	);
});
