import { expect, test } from "vitest";
import { hostId, jobId, RUN_STATES } from "../../shared/model.ts";
import { parseFilter } from "./filter.ts";
import {
	countsOf,
	deltaOf,
	hostRow,
	jobRow,
	NOW,
	runRow,
	snapshotOf,
} from "./fixtures.ts";
import { fleetOf, nextFleet } from "./replica.ts";
import {
	createHostSelection,
	createJobSelection,
	createRunSelection,
} from "./select.ts";
import { isStale } from "./subject.ts";

const all = parseFilter("");
const blocked = hostRow("db-1", { labels: { role: "db" } });
const hosts = [
	hostRow("web-1", { labels: { role: "web", env: "prod" } }),
	hostRow("web-2", { labels: { role: "web", env: "dev" } }),
	{
		...blocked,
		link: {
			...blocked.link,
			channel: "blocked" as const,
			fault: "tls.server-expired" as const,
			sentence: "the agent’s certificate has expired",
		},
		heardAt: null,
	},
];

test("hosts are filtered by text, labels, channel, fault and staleness", () => {
	const fleet = fleetOf(snapshotOf({ hosts }));
	const select = createHostSelection();
	const ids = (source: string, now = NOW): readonly string[] =>
		select(fleet, parseFilter(source), now);
	expect(ids("")).toBe(fleet.hostOrder);
	expect(ids("role=web,env!=dev")).toEqual(["web-1"]);
	expect(ids("channel:blocked")).toEqual(["db-1"]);
	expect(ids("fault:tls.*")).toEqual(["db-1"]);
	expect(ids("!fault:tls.*")).toEqual(["web-1", "web-2"]);
	expect(ids("certificate")).toEqual(["db-1"]);
	expect(ids("is:stale")).toEqual(["db-1"]);
	expect(ids("is:stale", NOW + 80_001)).toEqual(["db-1", "web-1", "web-2"]);
});

test("a host is failed when its newest run failed, and no longer when a newer one succeeded", () => {
	const select = createHostSelection();
	const failedOnly = parseFilter("is:failed");
	const before = fleetOf(
		snapshotOf({ hosts, runs: [runRow("web-1", "j-1", { state: "failed" })] }),
	);
	expect(select(before, failedOnly, NOW)).toEqual(["web-1"]);
	const after = nextFleet(
		before,
		deltaOf(10, {
			runs: [runRow("web-1", "j-2", { state: "succeeded", seenAt: NOW + 1 })],
		}),
	);
	expect(select(after, failedOnly, NOW)).toEqual([]);
});

test("a delta that changes no visible host keeps the list's reference", () => {
	const fleet = fleetOf(snapshotOf({ hosts }));
	const select = createHostSelection();
	const filter = parseFilter("role=web");
	const before = select(fleet, filter, NOW);
	const after = nextFleet(
		fleet,
		deltaOf(10, { hosts: [{ ...hosts[0], heardAt: NOW + 1 } as never] }),
	);
	expect(select(after, filter, NOW)).toBe(before);
});

test("a row that did not change is not judged again", () => {
	let reads = 0;
	const watched = hostRow("web-1");
	Object.defineProperty(watched, "address", {
		get: () => {
			reads += 1;
			return "web-1.fleet.test";
		},
	});
	const fleet = fleetOf(snapshotOf({ hosts: [watched, hostRow("web-2")] }));
	const select = createHostSelection();
	const filter = parseFilter("web");
	select(fleet, filter, NOW);
	const next = nextFleet(
		fleet,
		deltaOf(10, { hosts: [hostRow("web-2", { openRuns: 1 })] }),
	);
	select(next, filter, NOW);
	expect(reads).toBe(1);
});

test("jobs are filtered by state, origin and text", () => {
	const fleet = fleetOf(
		snapshotOf({
			jobs: [
				jobRow("j-1", { counts: countsOf({ host: 2, running: 1, failed: 1 }) }),
				jobRow("j-2", {
					status: "succeeded",
					origin: "ours",
					label: "install · nginx",
					counts: countsOf({ host: 1, succeeded: 1 }),
					startedAt: NOW - 1,
				}),
			],
		}),
	);
	const select = createJobSelection();
	const ids = (source: string) => select(fleet, parseFilter(source));
	expect(ids("")).toBe(fleet.jobOrder);
	expect(ids("is:failed")).toEqual(["j-1"]);
	expect(ids("is:succeeded")).toEqual(["j-2"]);
	expect(ids("is:ours")).toEqual(["j-2"]);
	expect(ids("nginx")).toEqual(["j-2"]);
	expect(ids("!nginx")).toEqual(["j-1"]);
});

test("each state of a job leaves exactly as many runs as are in it", () => {
	const runs = RUN_STATES.flatMap((state, at) =>
		Array.from({ length: at + 1 }, (_, n) =>
			runRow(`h-${state}-${n}`, "j-1", { state }),
		),
	);
	const fleet = fleetOf(snapshotOf({ runs }));
	const select = createRunSelection();
	for (const [at, state] of RUN_STATES.entries())
		expect(select(fleet, jobId("j-1"), state, all)).toHaveLength(at + 1);
	expect(select(fleet, jobId("j-1"), null, all)).toHaveLength(runs.length);
});

test("runs that were bad when the job was opened come first, and later failures keep their place", () => {
	const fleet = fleetOf(
		snapshotOf({
			runs: [
				runRow("h-1", "j-1"),
				runRow("h-2", "j-1"),
				runRow("h-3", "j-1", { state: "failed" }),
			],
		}),
	);
	const select = createRunSelection();
	const job = jobId("j-1");
	const order = ["h-3/a-j-1", "h-1/a-j-1", "h-2/a-j-1"];
	expect(select(fleet, job, null, all)).toEqual(order);
	const later = nextFleet(
		fleet,
		deltaOf(10, { runs: [runRow("h-2", "j-1", { state: "failed" })] }),
	);
	expect(select(later, job, null, all)).toEqual(order);
	expect(select(later, job, "failed", all)).toEqual(["h-3/a-j-1", "h-2/a-j-1"]);
});

test("in groups by state what needs a look comes first, and a new round arranges anew", () => {
	const states = ["succeeded", "failed", "queued", "lost", "running"] as const;
	const fleet = fleetOf(
		snapshotOf({
			runs: states.flatMap((state) => [
				runRow(`${state}-10`, "j-1", { state }),
				runRow(`${state}-2`, "j-1", { state }),
			]),
		}),
	);
	const select = createRunSelection();
	const hosts = (from: typeof fleet, round: number): string[] =>
		select(from, jobId("j-1"), null, all, {
			by: "state",
			round,
			ended: null,
		}).map((key) => key.split("/")[0] ?? "");
	const order = ["failed", "lost", "running", "queued", "succeeded"].flatMap(
		(state) => [`${state}-2`, `${state}-10`],
	);
	expect(hosts(fleet, 0)).toEqual(order);
	const later = nextFleet(
		fleet,
		deltaOf(10, { runs: [runRow("queued-2", "j-1", { state: "failed" })] }),
	);
	expect(hosts(later, 0)).toEqual(order);
	expect(hosts(later, 1)[2]).toBe("queued-2");
});

test("a time leaves exactly the runs that ended in it", () => {
	const fleet = fleetOf(
		snapshotOf({
			runs: [
				runRow("a", "j-1", { state: "failed", changedAt: NOW + 5 }),
				runRow("b", "j-1", { state: "succeeded", changedAt: NOW + 10 }),
				runRow("c", "j-1", { changedAt: NOW + 5 }),
			],
		}),
	);
	expect(
		createRunSelection()(fleet, jobId("j-1"), null, all, {
			by: "bad",
			round: 0,
			ended: { from: NOW, to: NOW + 10 },
		}),
	).toEqual(["a/a-j-1"]);
});

test("runs are filtered by their host's labels and by error code", () => {
	const fleet = fleetOf(
		snapshotOf({
			hosts,
			runs: [
				runRow("web-1", "j-1", { state: "failed", errorCode: "NETWORK_ERROR" }),
				runRow("db-1", "j-1"),
			],
		}),
	);
	const select = createRunSelection();
	const ids = (source: string) =>
		select(fleet, jobId("j-1"), null, parseFilter(source));
	expect(ids("role=db")).toEqual(["db-1/a-j-1"]);
	expect(ids("fault:network*")).toEqual(["web-1/a-j-1"]);
	expect(ids("channel:blocked")).toEqual(["db-1/a-j-1"]);
});

test("M5: is:overdue finds a run that is overdue, while it runs", () => {
	const late = runRow("a", "j-1", { overdueAt: NOW });
	const ended = { ...late, hostId: hostId("b"), state: "succeeded" as const };
	const fleet = fleetOf(
		snapshotOf({
			hosts: [hostRow("a"), hostRow("b"), hostRow("c")],
			runs: [late, ended, runRow("c", "j-1")],
			jobs: [jobRow("j-1")],
		}),
	);
	expect(
		createRunSelection()(fleet, jobId("j-1"), null, parseFilter("is:overdue")),
	).toEqual(["a/a-j-1"]);
});

test("a host never heard from is stale, and one just heard from is not", () => {
	expect(isStale(hostRow("a", { heardAt: null }), NOW)).toBe(true);
	expect(isStale(hostRow("a"), NOW + 80_000)).toBe(false);
	expect(isStale(hostRow("a"), NOW + 80_001)).toBe(true);
});
