import fc from "fast-check";
import { expect, test } from "vitest";
import type { Delta } from "../../shared/delta.ts";
import type { Host, HostRun, RunKey } from "../../shared/model.ts";
import { CHANNELS, hostId, jobId, runKey } from "../../shared/model.ts";
import {
	deltaOf,
	hostRow,
	jobRow,
	NOW,
	runRow,
	snapshotOf,
} from "./fixtures.ts";
import { naturalKey } from "./natural.ts";
import type { Fleet } from "./replica.ts";
import { fleetOf, nextFleet } from "./replica.ts";

const inChannel = (id: string, channel: Host["link"]["channel"]): Host => {
	const row = hostRow(id);
	return { ...row, link: { ...row.link, channel } };
};

test("hosts are ordered by name with numbers by value", () => {
	const fleet = fleetOf(
		snapshotOf({ hosts: ["web-10", "web-2", "db-1"].map((id) => hostRow(id)) }),
	);
	expect(fleet.hostOrder).toEqual(["db-1", "web-2", "web-10"]);
});

test("a natural key orders numbers of any length, and leading zeros are settled", () => {
	const names = ["n-1", "n-01", "n-9", "n-10", "n-99", "n-100", "n-100a"];
	const shuffled = [...names].reverse();
	const order = (list: string[]): string[] =>
		list.sort((a, b) => (naturalKey(a) < naturalKey(b) ? -1 : 1));
	expect(order(shuffled)).toEqual(order([...names]));
	expect(naturalKey("n-9") < naturalKey("n-10")).toBe(true);
	expect(naturalKey("n-100") > naturalKey("n-99")).toBe(true);
});

test("jobs are ordered newest first, and a corrected start does not move a row", () => {
	const before = fleetOf(
		snapshotOf({
			jobs: [
				jobRow("j-old", { startedAt: NOW - 9 }),
				jobRow("j-new", { startedAt: NOW }),
			],
		}),
	);
	expect(before.jobOrder).toEqual(["j-new", "j-old"]);
	const after = nextFleet(
		before,
		deltaOf(10, { jobs: [jobRow("j-old", { startedAt: NOW + 9 })] }),
	);
	expect(after.jobOrder).toBe(before.jobOrder);
});

test("orders and channel counts keep their reference while nothing they show changed", () => {
	const before = fleetOf(
		snapshotOf({ hosts: [hostRow("a"), hostRow("b")], jobs: [jobRow("j-1")] }),
	);
	const after = nextFleet(
		before,
		deltaOf(10, { hosts: [hostRow("a", { heardAt: NOW + 5 })] }),
	);
	expect(after.hostOrder).toBe(before.hostOrder);
	expect(after.jobOrder).toBe(before.jobOrder);
	expect(after.channels).toBe(before.channels);
	expect(after.replica.hosts.get(hostId("b"))).toBe(
		before.replica.hosts.get(hostId("b")),
	);
	expect(after.newestAt).toBe(NOW + 5);
});

test("a run that moves to another job leaves the list of the first", () => {
	const before = fleetOf(snapshotOf({ runs: [runRow("a", "j-1")] }));
	const moved: HostRun = { ...runRow("a", "j-1"), jobId: jobId("j-2") };
	const after = nextFleet(before, deltaOf(10, { runs: [moved] }));
	expect(after.runsOfJob.get(jobId("j-1"))).toBeUndefined();
	expect(after.runsOfJob.get(jobId("j-2"))).toEqual(["a/a-j-1"]);
	expect(after.runsOfHost.get(hostId("a"))).toEqual(["a/a-j-1"]);
});

test("a list of runs is replaced only when a run comes or goes", () => {
	const before = fleetOf(
		snapshotOf({ runs: [runRow("a", "j-1"), runRow("b", "j-2")] }),
	);
	const list = before.runsOfJob.get(jobId("j-1"));
	const other = before.runsOfJob.get(jobId("j-2"));
	const same = nextFleet(
		before,
		deltaOf(10, { runs: [runRow("a", "j-1", { state: "failed" })] }),
	);
	expect(same.runsOfJob.get(jobId("j-1"))).toBe(list);
	const more = nextFleet(same, deltaOf(11, { runs: [runRow("c", "j-1")] }));
	expect(more.runsOfJob.get(jobId("j-1"))).not.toBe(list);
	expect(more.runsOfJob.get(jobId("j-2"))).toBe(other);
});

const hostIds = ["a", "b", "c", "d"];
const jobIds = ["j-1", "j-2", "j-3"];
const anyHost = fc
	.tuple(fc.constantFrom(...hostIds), fc.constantFrom(...CHANNELS))
	.map(([id, channel]) => inChannel(id, channel));
const anyRun = fc
	.tuple(
		fc.constantFrom(...hostIds),
		fc.constantFrom("x", "y"),
		fc.constantFrom(...jobIds),
	)
	.map(([host, agent, job]) => ({ ...runRow(host, agent), jobId: jobId(job) }));
const unique = <T>(rows: readonly T[], key: (row: T) => string): T[] => [
	...new Map(rows.map((row) => [key(row), row])).values(),
];
const keyOf = (run: HostRun): RunKey => runKey(run.hostId, run.agentJobId);
const anyDelta = fc
	.record({
		hosts: fc.array(anyHost, { maxLength: 4 }),
		hostsGone: fc.array(fc.constantFrom(...hostIds.map(hostId)), {
			maxLength: 2,
		}),
		runs: fc.array(anyRun, { maxLength: 5 }),
		runsGone: fc.array(anyRun.map(keyOf), { maxLength: 3 }),
	})
	.map((part) => ({
		...part,
		hosts: unique(part.hosts, (host) => host.id),
		runs: unique(part.runs, keyOf),
	}));

const facts = (fleet: Fleet) => ({
	order: fleet.hostOrder,
	channels: fleet.channels,
	ofJob: [...fleet.runsOfJob]
		.map(([id, keys]) => [id, [...keys].sort()])
		.sort(),
	ofHost: [...fleet.runsOfHost]
		.map(([id, keys]) => [id, [...keys].sort()])
		.sort(),
});

test("after any deltas the indexes are those that a snapshot of the same rows would give", () => {
	fc.assert(
		fc.property(fc.array(anyDelta, { maxLength: 12 }), (parts) => {
			let fleet = fleetOf(snapshotOf());
			for (const part of parts) {
				const frame: Delta = deltaOf(fleet.replica.seq, part);
				fleet = nextFleet(fleet, frame);
			}
			const { hosts, runs } = fleet.replica;
			const fresh = fleetOf(
				snapshotOf({ hosts: [...hosts.values()], runs: [...runs.values()] }),
			);
			expect(facts(fleet)).toEqual(facts(fresh));
		}),
	);
});
