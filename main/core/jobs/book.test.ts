// Stories of what agents tell and what the book makes of it.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type {
	HostId,
	HostRun,
	JobId,
	RunKey,
	RunState,
} from "../../../shared/model.ts";
import {
	activitySchema,
	agentJobId,
	jobId,
	runKey,
} from "../../../shared/model.ts";
import {
	A,
	B,
	C,
	DAY_MS,
	detailOf,
	eventOf,
	expectSound,
	opened,
	summary,
	T,
	type Told,
} from "../../testkit/bookStory.ts";
import type { JobDetail, JobSummary, RunEvent } from "../agentApi/message.ts";
import type { Happening } from "./jobTable.ts";

describe("a run's life", () => {
	test("each change of state is one host event, followed by the job event it caused", () => {
		const told = opened();
		told.page(A, [summary("1", "queued")]);
		told.page(B, [summary("1", "queued")]);
		expect(told.news()).toEqual([
			"a/1 queued",
			"job queued 0/1",
			"b/1 queued",
			"job queued 0/2",
		]);
		told.push(A, eventOf("1", "running", { progress: 0 }));
		told.push(A, eventOf("1", "running", { progress: 50, message: "half" }));
		told.push(A, eventOf("1", "succeeded", { progress: 100 }));
		told.push(B, eventOf("1", "failed", { error: "boom", errorCode: "X" }));
		expect(told.news()).toEqual([
			"a/1 running",
			"job running 0/2",
			"a/1 succeeded",
			"job running 1/2",
			"b/1 failed",
			"job failed 1/2",
		]);
		expectSound(told);
	});

	test("every event fits the model", () => {
		const told = opened();
		told.page(A, [summary("1", "running")]);
		told.push(
			A,
			eventOf("1", "failed", {
				message: "m",
				error: "boom",
				errorCode: "X",
				atText: "2026-07-21T09:14:03Z",
			}),
		);
		for (const [n, event] of told.activity.entries())
			expect(activitySchema.safeParse({ ...event, n }).error).toBeUndefined();
		expect(told.activity.at(-2)).toEqual({
			kind: "host",
			receivedAt: T,
			jobId: told.run(A, "1").jobId,
			hostId: A,
			agentJobId: "1",
			status: "failed",
			rawStatus: "failed",
			message: "m",
			error: "boom",
			errorCode: "X",
			at: "2026-07-21T09:14:03Z",
			source: "push",
		});
	});

	test("mere progress touches the run's row and nothing else", () => {
		const told = opened();
		told.page(A, [summary("1", "running")]);
		told.news();
		told.touched.length = 0;
		told.push(A, eventOf("1", "running", { progress: 10 }), T + 1_000);
		expect(told.news()).toEqual([]);
		expect(told.touched).toEqual(["run a/1"]);
	});

	test("a job notices progress at a grain of seconds", () => {
		const told = opened();
		told.page(A, [summary("1", "running")]);
		told.push(A, eventOf("1", "running", { progress: 10 }), T + 4_999);
		const [job] = told.book.jobs.values();
		expect(job?.progressAt).toBe(T);
		told.push(A, eventOf("1", "running", { progress: 20 }), T + 5_000);
		const [later] = told.book.jobs.values();
		expect(later?.progressAt).toBe(T + 5_000);
	});

	test("the same told again by push and by list is told once and counted as duplicate", () => {
		const told = opened();
		told.page(A, [summary("1", "running")]);
		told.news();
		told.push(A, eventOf("1", "running"));
		told.page(A, [summary("1", "running")]);
		expect(told.news()).toEqual([]);
		expect(told.book.figures).toMatchObject({ duplicate: 2, late: 0 });
	});

	test("what comes late is counted and ignored", () => {
		const told = opened();
		told.page(A, [summary("1", "succeeded", { completedAt: T })]);
		told.push(A, eventOf("1", "running"));
		told.push(A, eventOf("1", "failed"));
		expect(told.run(A, "1").state).toBe("succeeded");
		expect(told.book.figures).toMatchObject({ late: 1, ignoredTerminal: 1 });
	});

	test("nothing but its own host and id settles a run", () => {
		const told = opened();
		told.page(A, [summary("1", "running"), summary("2", "running")]);
		told.page(B, [summary("1", "running")]);
		told.push(B, eventOf("1", "failed"));
		expect(told.run(A, "1").state).toBe("running");
		expect(told.run(A, "2").state).toBe("running");
	});
});

describe("events of unknown runs", () => {
	test("never make a run; they are replayed in order before the detail that explains them", () => {
		const told = opened();
		expect(told.push(A, eventOf("1", "queued"), T + 1)).toBe("held");
		expect(told.push(A, eventOf("1", "running"), T + 2)).toBe("held");
		expect(told.book.runs.size).toBe(0);
		expect(told.book.held(A)).toEqual(["1"]);
		told.detail(A, detailOf("1", "succeeded"), { at: T + 3 });
		expect(told.news()).toEqual([
			"a/1 queued",
			"job queued 0/1",
			"a/1 running",
			"job running 0/1",
			"a/1 succeeded",
			"job succeeded 1/1",
		]);
		expect(told.run(A, "1")).toMatchObject({
			operation: "patchapply",
			packages: ["openssl"],
			seenAt: T + 1,
		});
		expect(told.book.held(A)).toEqual([]);
	});

	test("are explained by a list as well", () => {
		const told = opened();
		told.push(A, eventOf("1", "running"));
		expect(told.page(A, [summary("1", "running")])).toEqual(["1"]);
		expect(told.news()).toEqual(["a/1 running", "job running 0/1"]);
	});

	test("are asked for again while a complete list does not have them, so that a phantom is found out", () => {
		const told = opened();
		told.push(A, eventOf("1", "running"));
		expect(told.page(A, [])).toEqual(["1"]);
		expect(told.page(A, [])).toEqual(["1"]);
		told.book.applyNotFound(A, agentJobId("1"), T);
		expect(told.page(A, [])).toEqual([]);
	});

	test("are forgotten when the agent does not know the run either", () => {
		const told = opened();
		told.push(A, eventOf("1", "running"));
		told.book.applyNotFound(A, agentJobId("1"), T);
		expect(told.book.held(A)).toEqual([]);
		expect(told.book.figures.phantom).toBe(1);
		expect(told.news()).toEqual([]);
	});

	test("are bounded: the oldest ids and events go", () => {
		const told = opened();
		for (let at = 0; at < 60; at++) told.push(A, eventOf(`r-${at}`, "running"));
		expect(told.book.held(A)).toHaveLength(50);
		expect(told.book.held(A)[0]).toBe("r-10");
		for (let at = 0; at < 30; at++)
			told.push(A, eventOf("r-59", "running", { progress: at }));
		told.push(A, eventOf("r-59", "failed", { error: "boom" }));
		told.detail(A, detailOf("r-59", "failed", { error: "boom" }));
		expect(told.news()).toEqual([
			"a/r-59 running",
			"job running 0/1",
			"a/r-59 failed",
			"job failed 0/1",
		]);
	});
});

describe("phantoms", () => {
	const hidden = { packages: ["__health_refresh__"] };

	test("never become a run, from list, detail or event, and are asked for once", () => {
		const told = opened();
		expect(told.push(A, eventOf("1", "running"))).toBe("held");
		told.detail(A, detailOf("1", "running", hidden));
		expect(told.push(A, eventOf("1", "succeeded"))).toBe("applied");
		expect(told.page(A, [summary("1", "succeeded", hidden)])).toEqual([]);
		expect(told.page(B, [summary("2", "running", hidden)])).toEqual([]);
		expect(told.book.runs.size + told.book.jobs.size).toBe(0);
		expect(told.news()).toEqual([]);
		expect(told.book.figures.phantom).toBe(2);
	});
});

describe("what a list says by silence", () => {
	test("an open run that a complete list does not have is asked for, and lost when it is not found", () => {
		const told = opened();
		told.page(A, [summary("1", "running")]);
		expect(told.page(A, [])).toEqual(["1"]);
		expect(told.run(A, "1").state).toBe("running");
		told.news();
		told.book.applyNotFound(A, agentJobId("1"), T);
		expect(told.news()).toEqual(["a/1 lost", "job failed 0/1"]);
		expect(told.page(A, [])).toEqual([]);
	});

	test("an incomplete list says nothing by silence, but what is unknown is asked for", () => {
		const told = opened();
		told.page(A, [summary("1", "running")]);
		expect(told.page(A, [], { complete: false })).toEqual([]);
		told.book.linkLost(A, T);
		expect(told.page(A, [], { complete: false })).toEqual(["1"]);
	});

	test("a push of a run that was lost asks for its detail and tells nothing by itself", () => {
		const told = opened();
		told.page(A, [summary("1", "running")]);
		told.book.applyNotFound(A, agentJobId("1"), T + 1);
		told.news();
		expect(told.push(A, eventOf("1", "running"), T + 2)).toBe("held");
		expect(told.news()).toEqual([]);
		told.book.applyNotFound(A, agentJobId("1"), T + 3);
		expect(told.news()).toEqual([]);
		expect(told.run(A, "1").state).toBe("lost");
	});

	test("a lost run that is listed again was not lost", () => {
		const told = opened();
		told.page(A, [summary("1", "running")]);
		told.book.applyNotFound(A, agentJobId("1"), T);
		told.page(A, [summary("1", "succeeded")]);
		expect(told.run(A, "1").state).toBe("succeeded");
		expectSound(told);
	});

	test("an ended run that the agent forgot keeps its end", () => {
		const told = opened();
		told.page(A, [summary("1", "succeeded")]);
		told.book.applyNotFound(A, agentJobId("1"), T);
		expect(told.run(A, "1").state).toBe("succeeded");
	});

	test("details worth fetching: new open runs, and new failures without their error", () => {
		const told = opened();
		expect(
			told.page(A, [
				summary("1", "running"),
				summary("2", "failed", { completedAt: T }),
				summary("3", "succeeded"),
			]),
		).toEqual(expect.arrayContaining(["1", "2"]));
		told.detail(A, detailOf("2", "failed", { error: "boom" }));
		expect(
			told.page(A, [summary("1", "failed"), summary("2", "failed")]),
		).toEqual(["1"]);
		expect(told.run(A, "2").error).toBe("boom");
	});
});

describe("a lost link", () => {
	test("is not a failure: three running runs become unknown and come back as they truly are", () => {
		const told = opened();
		told.page(
			A,
			["1", "2", "3"].map((id) => summary(id, "running")),
		);
		told.news();
		told.book.linkLost(A, T + 1);
		expect(
			told
				.news()
				.filter((line) => line.startsWith("a/"))
				.sort(),
		).toEqual(["a/1 unknown", "a/2 unknown", "a/3 unknown"]);
		expect([...told.book.jobs.values()].map(({ status }) => status)).toEqual([
			"running",
			"running",
			"running",
		]);
		told.page(A, [
			summary("1", "running"),
			summary("2", "succeeded"),
			summary("3", "failed"),
		]);
		// The failure is told with its reason, when the detail has come.
		told.detail(A, detailOf("3", "failed", { error: "boom" }));
		expect(["1", "2", "3"].map((id) => told.run(A, id).state)).toEqual([
			"running",
			"succeeded",
			"failed",
		]);
		expect(told.run(A, "1").remark).toBeNull();
		expectSound(told);
	});
});

describe("a reboot", () => {
	const reboot = { operation: "reboot", packages: [] };

	test("that was asked for ends in success when the uptime fell, whatever the agent says then", () => {
		const told = opened();
		told.page(A, [summary("1", "running", reboot)]);
		told.book.linkLost(A, T + 1);
		told.book.hostRebooted(A, T + 60_000);
		expect(told.run(A, "1")).toMatchObject({
			state: "succeeded",
			remark: "rebooted, agent back",
		});
		told.news();
		told.book.applyNotFound(A, agentJobId("1"), T + 61_000);
		told.page(
			A,
			[summary("1", "failed", { ...reboot, errorCode: "AGENT_REBOOTED" })],
			{ at: T + 62_000 },
		);
		expect(told.news()).toEqual([]);
		expect(told.run(A, "1").state).toBe("succeeded");
	});

	test("noticed after the run was lost is a success all the same", () => {
		const told = opened();
		told.page(A, [summary("1", "running", reboot)]);
		told.book.applyNotFound(A, agentJobId("1"), T + 1);
		told.book.hostRebooted(A, T + 60_000);
		expect(told.run(A, "1").state).toBe("succeeded");
	});

	test("of long ago explains nothing now, and a patch run is only remarked", () => {
		const told = opened();
		told.page(A, [summary("1", "running", reboot), summary("2", "running")]);
		told.book.applyNotFound(A, agentJobId("1"), T + 1);
		told.book.hostRebooted(A, T + 3_600_000);
		expect(told.run(A, "1").state).toBe("lost");
		expect(told.run(A, "2")).toMatchObject({
			state: "running",
			remark: "rebooted, agent back",
		});
	});

	test("that was queued when the host rebooted, and is then called interrupted, was that reboot", () => {
		const told = opened();
		told.page(A, [summary("1", "queued", reboot)]);
		told.push(A, eventOf("1", "running"));
		told.book.hostRebooted(A, T + 60_000);
		told.page(A, [
			summary("1", "failed", { ...reboot, errorCode: "AGENT_REBOOTED" }),
		]);
		expect(told.run(A, "1").state).toBe("succeeded");
	});
});

describe("history", () => {
	const old = (id: string, ageMs: number) =>
		summary(id, "succeeded", {
			createdAt: T - ageMs,
			completedAt: T - ageMs + 1_000,
		});

	test("a first look takes open runs, and the newest 50 that began within a day; what was left out stays out", () => {
		const told = opened();
		const rows = [
			summary("open", "running", { createdAt: T - 9 * DAY_MS }),
			...Array.from({ length: 80 }, (_, at) => old(`h-${at}`, 1_000_000 + at)),
			old("ancient", DAY_MS + 60_000),
		];
		told.page(A, rows);
		expect(told.book.runs.size).toBe(50);
		expect(told.book.runs.has(runKey(A, agentJobId("open")))).toBe(true);
		expect(told.book.runs.has(runKey(A, agentJobId("h-48")))).toBe(true);
		expect(told.book.runs.has(runKey(A, agentJobId("h-49")))).toBe(false);
		told.page(A, rows);
		expect(told.book.runs.size).toBe(50);
		told.page(A, [old("new", 1), ...rows]);
		expect(told.book.runs.size).toBe(51);
	});

	test("what ended long before we looked is a row and a job, but no event", () => {
		const told = opened();
		told.page(A, [old("1", 3_600_000)]);
		expect(told.book.runs.size).toBe(1);
		expect(told.book.jobs.size).toBe(1);
		expect(told.news()).toEqual([]);
		told.page(B, [old("1", 3_590_000)]);
		expect([...told.book.jobs.values()][0]?.counts.host).toBe(2);
		expect(told.news()).toEqual([]);
	});

	test("what ended minutes before we looked is told, and from then on everything about its job", () => {
		const told = opened();
		told.page(A, [
			summary("1", "succeeded", {
				createdAt: T - 1_000_000,
				completedAt: T - 890_000,
			}),
		]);
		told.page(B, [
			summary("1", "failed", {
				createdAt: T - 1_000_000,
				completedAt: T - 990_000,
			}),
		]);
		expect(told.news()).toEqual([
			"a/1 succeeded",
			"job succeeded 1/1",
			"job failed 1/2",
		]);
	});

	test("the agent's clock is corrected before its age is judged", () => {
		const told = opened();
		const skewMs = -2 * DAY_MS;
		told.page(
			A,
			[
				summary("1", "succeeded", {
					createdAt: T + skewMs - 60_000,
					completedAt: T + skewMs - 30_000,
				}),
			],
			{ skewMs },
		);
		expect(told.news()).toEqual(["a/1 succeeded", "job succeeded 1/1"]);
		expect([...told.book.jobs.values()][0]).toMatchObject({
			startedAt: T - 60_000,
			endedAt: T - 30_000,
		});
	});

	test("at most 200 runs a host are kept: the oldest ended ones of finished jobs go, silently, and stay away", () => {
		const told = opened();
		told.page(A, [summary("open", "running", { createdAt: T - 500_000 })]);
		const rows: JobSummary[] = [];
		for (let at = 0; at < 250; at++) {
			rows.unshift(
				summary(`r-${at}`, "succeeded", {
					createdAt: T - 400_000 + at,
					completedAt: T - 300_000 + at,
					packages: [`p-${at}`],
				}),
			);
			told.page(A, rows.slice(0, 1));
		}
		expect(told.book.runs.size).toBe(200);
		expect(told.book.jobs.size).toBe(200);
		expect(told.run(A, "open").state).toBe("running");
		expect(told.book.runs.has(runKey(A, agentJobId("r-50")))).toBe(false);
		expect(told.book.runs.has(runKey(A, agentJobId("r-51")))).toBe(true);
		expect(told.touched).toContain("run a/r-0 gone");
		told.news();
		told.touched.length = 0;
		told.page(A, rows);
		expect(told.news()).toEqual([]);
		expect(told.touched).toEqual([]);
		expectSound(told);
	});

	test("a host with 200 unfinished runs gets no more, and that is counted", () => {
		const told = opened();
		const rows = Array.from({ length: 230 }, (_, at) =>
			summary(`r-${at}`, "queued"),
		);
		told.page(A, rows);
		expect(told.book.runs.size).toBe(200);
		expect(told.book.figures.refused).toBe(30);
	});
});

describe("jobs", () => {
	test("a job's times are ours: from its first run's start to its last run's end", () => {
		const told = opened();
		told.page(A, [summary("1", "running", { createdAt: T - 5_000 })]);
		told.page(B, [summary("1", "running", { createdAt: T - 3_000 })]);
		const [job] = told.book.jobs.values();
		expect(job).toMatchObject({ startedAt: T - 5_000, endedAt: null });
		told.push(A, eventOf("1", "succeeded"), T + 1_000);
		told.push(B, eventOf("1", "succeeded"), T + 2_000);
		expect([...told.book.jobs.values()][0]?.endedAt).toBe(T + 2_000);
		told.detail(B, detailOf("1", "succeeded", { completedAt: T + 1_500 }), {
			at: T + 3_000,
		});
		expect([...told.book.jobs.values()][0]?.endedAt).toBe(T + 1_500);
		expectSound(told);
	});

	test("a removed host takes its runs along; its jobs are counted anew or gone", () => {
		const told = opened();
		told.page(A, [summary("1", "running")]);
		told.page(B, [
			summary("1", "succeeded"),
			summary("2", "running", { packages: ["curl"] }),
		]);
		told.news();
		told.book.removeHost(B);
		expect(told.news()).toEqual(["job running 0/1"]);
		expect(told.book.runs.size).toBe(1);
		expect(told.book.jobs.size).toBe(1);
		expect(told.book.openRuns(B)).toBe(0);
		expect(told.touched.filter((line) => line.endsWith("gone"))).toHaveLength(
			3,
		);
		told.page(B, [summary("1", "succeeded")]);
		expect(told.book.jobs.size).toBe(1);
		expectSound(told);
	});

	test("a claimed run is ours", () => {
		const told = opened();
		told.book.claim(A, agentJobId("1"), { id: jobId("j-ours"), label: "mine" });
		told.page(A, [summary("1", "running")]);
		told.page(B, [summary("1", "running")]);
		expect(told.run(A, "1").jobId).toBe("j-ours");
		expect(told.run(B, "1").jobId).not.toBe("j-ours");
		expect(told.book.jobs.get(jobId("j-ours"))).toMatchObject({
			origin: "ours",
			label: "mine",
			packages: ["openssl"],
		});
	});
});

describe("while groups are held back", () => {
	test("observed runs wait and are then grouped after the earliest, whoever answered first", () => {
		const idsAfter = (order: readonly HostId[]): JobId[] => {
			const told = opened();
			told.book.holdGroups(true);
			for (const host of order)
				told.page(host, [
					summary("1", "running", {
						createdAt: T - 1_000 * (10 - [A, B, C].indexOf(host)),
					}),
				]);
			expect(told.book.runs.size).toBe(0);
			expect(told.news()).toEqual([]);
			expect(told.book.openRuns(A)).toBe(1);
			told.book.holdGroups(false);
			expect(told.news()).toEqual([
				"a/1 running",
				"job running 0/1",
				"b/1 running",
				"job running 0/2",
				"c/1 running",
				"job running 0/3",
			]);
			expectSound(told);
			return [...told.book.jobs.keys()];
		};
		expect(idsAfter([A, B, C])).toEqual(idsAfter([C, B, A]));
		expect(idsAfter([B, C, A])).toHaveLength(1);
	});

	test("what is told meanwhile is not lost", () => {
		const told = opened();
		told.book.holdGroups(true);
		told.page(A, [summary("1", "queued")]);
		expect(told.push(A, eventOf("1", "running"), T + 1)).toBe("applied");
		told.page(A, [summary("1", "succeeded")]);
		expect(told.book.openRuns(A)).toBe(0);
		told.book.holdGroups(false);
		expect(told.news()).toEqual([
			"a/1 queued",
			"job queued 0/1",
			"a/1 running",
			"job running 0/1",
			"a/1 succeeded",
			"job succeeded 1/1",
		]);
	});

	test("certain jobs do not wait; a forgotten run does not come; a lost link is not forgotten", () => {
		const told = opened();
		told.book.holdGroups(true);
		told.page(A, [summary("1", "running", { parentJobId: "p" })]);
		expect(told.book.runs.size).toBe(1);
		told.page(B, [summary("1", "running"), summary("2", "running")]);
		told.book.applyNotFound(B, agentJobId("2"), T);
		told.book.linkLost(B, T);
		told.book.holdGroups(false);
		expect(told.run(B, "1")).toMatchObject({
			state: "unknown",
			remark: "link lost while running",
		});
		expect(told.book.runs.size).toBe(2);
		expectSound(told);
	});

	test("much is bounded: the newest facts of a waiting run stay", () => {
		const told = opened();
		told.book.holdGroups(true);
		told.page(A, [summary("1", "running")]);
		for (let at = 0; at < 100; at++)
			told.push(A, eventOf("1", "running", { progress: at }));
		told.push(A, eventOf("1", "failed"));
		told.book.holdGroups(false);
		expect(told.run(A, "1")).toMatchObject({ state: "failed", progress: 99 });
	});
});

type Act =
	| { readonly kind: "push"; readonly event: RunEvent }
	| { readonly kind: "page"; readonly rows: readonly JobSummary[] }
	| { readonly kind: "detail"; readonly detail: JobDetail }
	| { readonly kind: "notFound"; readonly id: string }
	| { readonly kind: "sweep"; readonly ageMs: number }
	| { readonly kind: "linkLost" | "rebooted" | "removed" | "hold" | "release" };

const states = fc.constantFrom<RunState>(
	"queued",
	"running",
	"succeeded",
	"failed",
	"cancelled",
	"timed_out",
	"unknown",
);
const ids = fc.constantFrom("1", "2", "3");
const packages = fc.constantFrom<string[]>(["openssl"], [], ["__hidden__"]);
const summaries = fc
	.record({
		id: ids,
		state: states,
		packages,
		ageMs: fc.constantFrom(0, 60_000, 200_000, 2 * DAY_MS),
		errorCode: fc.constantFrom(null, "X", "AGENT_REBOOTED"),
		parentJobId: fc.constantFrom(null, null, "p"),
	})
	.map(({ id, state, ageMs, ...more }) =>
		summary(id, state, {
			...more,
			operation: id === "3" ? "reboot" : "patchapply",
			createdAt: T - ageMs,
			completedAt: ["queued", "running"].includes(state) ? null : T - ageMs / 2,
		}),
	);
const acts = fc.record({
	host: fc.constantFrom(A, B, C),
	act: fc.oneof<fc.Arbitrary<Act>[]>(
		fc
			.tuple(ids, states, fc.integer({ min: 0, max: 100 }))
			.map(([id, state, progress]) => ({
				kind: "push",
				event: eventOf(id, state, { progress }),
			})),
		fc
			.array(summaries, { maxLength: 4 })
			.map((rows) => ({ kind: "page", rows })),
		summaries.map((row) => ({
			kind: "detail",
			detail: { ...detailOf("x", "queued"), ...row },
		})),
		ids.map((id) => ({ kind: "notFound", id })),
		fc
			.constantFrom(0, DAY_MS, 2 * DAY_MS)
			.map((ageMs) => ({ kind: "sweep", ageMs })),
		fc.constantFrom<Act>(
			{ kind: "linkLost" },
			{ kind: "rebooted" },
			{ kind: "removed" },
			{ kind: "hold" },
			{ kind: "release" },
		),
	),
});

/** After it a run may come as if it were new. */
const isForgetting = ({ kind }: Act): boolean =>
	kind === "removed" || kind === "sweep";

function perform(told: Told, host: HostId, act: Act, at: number): void {
	const { book } = told;
	switch (act.kind) {
		case "push":
			told.push(host, act.event, at);
			return;
		case "page":
			told.page(host, act.rows, { at, complete: at % 2 === 0 });
			return;
		case "detail":
			return told.detail(host, act.detail, { at });
		case "notFound":
			return book.applyNotFound(host, agentJobId(act.id), at);
		case "sweep":
			return book.sweep(at + act.ageMs);
		case "linkLost":
			return book.linkLost(host, at);
		case "rebooted":
			return book.hostRebooted(host, at);
		case "removed":
			return book.removeHost(host);
		case "hold":
			return book.holdGroups(true);
		case "release":
			return book.holdGroups(false);
	}
}

describe("for anything that may be told", () => {
	test("jobs are the fold of their rows, and rows fit the model", () => {
		fc.assert(
			fc.property(fc.array(acts, { maxLength: 40 }), (list) => {
				const told = opened();
				for (const [at, { host, act }] of list.entries())
					perform(told, host, act, T + at);
				expectSound(told);
				for (const run of told.book.runs.values())
					expect(run.packages.some((name) => name.startsWith("__"))).toBe(
						false,
					);
			}),
			{ numRuns: 400 },
		);
	});

	test("the last job event of a job has its status and counts", () => {
		fc.assert(
			fc.property(fc.array(acts, { maxLength: 40 }), (list) => {
				const told = opened();
				for (const [at, { host, act }] of list.entries())
					if (!isForgetting(act)) perform(told, host, act, T + at);
				const finals = new Map<JobId, Happening>();
				for (const event of told.activity) {
					if (event.kind === "job") finals.set(event.jobId, event);
				}
				for (const [id, event] of finals) {
					const job = told.book.jobs.get(id);
					if (job === undefined || event.kind !== "job") continue;
					expect(event.counts).toEqual(job.counts);
					expect(event.status).toBe(job.status);
				}
			}),
			{ numRuns: 300 },
		);
	});

	test("no host event says what the one before it said of the same run", () => {
		fc.assert(
			fc.property(fc.array(acts, { maxLength: 40 }), (list) => {
				const told = opened();
				for (const [at, { host, act }] of list.entries())
					if (!isForgetting(act)) perform(told, host, act, T + at);
				const last = new Map<string, RunState>();
				for (const event of told.activity) {
					if (event.kind !== "host") continue;
					const key = runKey(event.hostId, event.agentJobId);
					expect(last.get(key)).not.toBe(event.status);
					last.set(key, event.status);
				}
				for (const [key, state] of last)
					expect(told.book.runs.get(key as RunKey)?.state).toBe(state);
			}),
			{ numRuns: 300 },
		);
	});

	test("what was touched is what changed: a window that follows the touches has the same rows", () => {
		fc.assert(
			fc.property(fc.array(acts, { maxLength: 40 }), (list) => {
				const runs = new Map<string, HostRun>();
				const touched = new Set<string>();
				const told = opened();
				for (const [at, { host, act }] of list.entries()) {
					perform(told, host, act, T + at);
					for (const line of told.touched.splice(0))
						touched.add(line.replace(/^run | gone$/g, ""));
					for (const key of touched) {
						const run = told.book.runs.get(key as RunKey);
						if (run === undefined) runs.delete(key);
						else runs.set(key, run);
					}
					touched.clear();
				}
				expect(runs).toEqual(told.book.runs);
			}),
			{ numRuns: 200 },
		);
	});

	test("a page told twice is told once", () => {
		fc.assert(
			fc.property(
				fc.array(acts, { maxLength: 15 }),
				fc.uniqueArray(summaries, {
					maxLength: 3,
					selector: (row) => row.agentJobId,
				}),
				(list, rows) => {
					const told = opened();
					for (const [at, { host, act }] of list.entries())
						if (act.kind !== "hold") perform(told, host, act, T + at);
					told.page(A, rows, { at: T + 99 });
					// Failures whose reason did not come are told now.
					told.page(A, rows, { at: T + 100 });
					told.news();
					const before = new Map(told.book.runs);
					const jobs = new Map(told.book.jobs);
					told.page(A, rows, { at: T + 200 });
					expect(told.news()).toEqual([]);
					for (const [key, run] of told.book.runs)
						expect(run).toBe(before.get(key));
					for (const [id, job] of told.book.jobs)
						expect(job).toBe(jobs.get(id));
				},
			),
			{ numRuns: 300 },
		);
	});

	test("events of different runs commute", () => {
		const pushes = fc.array(
			fc.record({
				host: fc.constantFrom(A, B),
				id: fc.constantFrom("1", "2"),
				state: states,
				progress: fc.integer({ min: 0, max: 100 }),
			}),
			{ maxLength: 20 },
		);
		fc.assert(
			fc.property(pushes, (list) => {
				const start = (): Told => {
					const told = opened();
					for (const host of [A, B])
						told.page(host, [summary("1", "queued"), summary("2", "queued")]);
					return told;
				};
				const [straight, sorted] = [start(), start()];
				const tell = (told: Told, order: typeof list) => {
					for (const { host, id, state, progress } of order)
						told.push(host, eventOf(id, state, { progress }));
				};
				tell(straight, list);
				// A stable sort by run keeps each run's own order and reverses nothing else.
				tell(
					sorted,
					[...list].sort((a, b) =>
						`${a.host}${a.id}` < `${b.host}${b.id}`
							? -1
							: `${a.host}${a.id}` > `${b.host}${b.id}`
								? 1
								: 0,
					),
				);
				expect(sorted.book.runs).toEqual(straight.book.runs);
				expect(sorted.book.jobs).toEqual(straight.book.jobs);
			}),
			{ numRuns: 300 },
		);
	});
});
