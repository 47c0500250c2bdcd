import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HostId, RunKey, RunState } from "../../../shared/model.ts";
import { agentJobId, jobId, runKey } from "../../../shared/model.ts";
import type { Told } from "../../testkit/bookStory.ts";
import {
	A,
	B,
	C,
	detailOf,
	eventOf,
	expectSound,
	opened,
	summary,
	T,
} from "../../testkit/bookStory.ts";
import type { KeptJob, KeptWhole } from "../history/kept.ts";

const MINUTE = 60_000;

/** What a history of this book has. */
function kept({ book }: Told): KeptWhole[] {
	const jobs = new Map<string, { job: KeptJob; runs: KeptWhole["runs"] }>();
	for (const key of book.runs.keys()) {
		const one = book.toKeep(key);
		if (one === undefined) throw new Error(`nothing to keep of ${key}`);
		const runs = jobs.get(one.job.id)?.runs ?? [];
		jobs.set(one.job.id, { job: one.job, runs: [...runs, one.run] });
	}
	return [...jobs.values()];
}

/** Another book after a restart. */
function restarted(before: Told): Told {
	const after = opened();
	after.book.restore(kept(before));
	expect(after.activity).toEqual([]);
	expectSound(after);
	return after;
}

const jobOf = ({ book }: Told, host: HostId, id: string) => {
	const run = book.runs.get(runKey(host, agentJobId(id)));
	return run === undefined ? undefined : book.jobs.get(run.jobId);
};

describe("what comes back after a restart", () => {
	test("is as it was, and tells nothing", () => {
		const before = opened();
		before.page(A, [summary("1", "succeeded", { completedAt: T + 5_000 })], {
			at: T + 9_000,
			skewMs: 1_000,
		});
		before.page(B, [summary("2", "failed")]);
		before.detail(B, detailOf("2", "failed", { error: "no" }));
		const after = restarted(before);
		expect([...after.book.runs]).toEqual([...before.book.runs]);
		expect([...after.book.jobs]).toEqual([...before.book.jobs]);
		after.page(A, [summary("1", "succeeded", { completedAt: T + 5_000 })]);
		after.page(B, [summary("2", "failed")]);
		expect(after.news()).toEqual([]);
	});

	test("an open run is unknown since its last change, and what its agent says next is told once", () => {
		const before = opened();
		before.page(A, [summary("1", "running")]);
		const after = restarted(before);
		expect(after.run(A, "1")).toMatchObject({
			state: "unknown",
			remark: "link lost while running",
			changedAt: T,
		});
		after.page(A, [summary("1", "running")], { at: T + MINUTE });
		expect(after.news()).toEqual(["a/1 running", "job running 0/1"]);
		after.page(A, [summary("1", "succeeded")], { at: T + 2 * MINUTE });
		after.page(A, [summary("1", "succeeded")], { at: T + 3 * MINUTE });
		expect(after.news()).toEqual(["a/1 succeeded", "job succeeded 1/1"]);
	});

	test("what ended while Foredeck was away is told, however long that is ago", () => {
		const before = opened();
		before.page(A, [summary("1", "running")]);
		before.page(B, [summary("2", "running")]);
		const after = restarted(before);
		const at = T + 20 * 60 * MINUTE;
		const completedAt = T + MINUTE;
		after.page(A, [summary("1", "succeeded", { completedAt })], { at });
		after.page(B, [summary("2", "succeeded", { completedAt })], { at });
		expect(after.news()).toEqual([
			"a/1 succeeded",
			"job running 1/2",
			"b/2 succeeded",
			"job succeeded 2/2",
		]);
	});

	test("a run that ended stays as it ended when its agent has forgotten it", () => {
		const before = opened();
		before.page(A, [summary("1", "succeeded")]);
		const after = restarted(before);
		expect(after.page(A, [], { at: T + MINUTE })).toEqual([]);
		after.book.applyNotFound(A, agentJobId("1"), T + MINUTE);
		expect(after.run(A, "1").state).toBe("succeeded");
	});

	test("an open run that its agent does not list is asked for, and lost when the agent does not know it", () => {
		const before = opened();
		before.page(A, [summary("1", "running")]);
		const after = restarted(before);
		expect(after.page(A, [], { at: T + MINUTE })).toEqual(["1"]);
		after.book.applyNotFound(A, agentJobId("1"), T + MINUTE);
		expect(after.news()).toEqual(["a/1 lost", "job failed 0/1"]);
	});

	test("a job that was history before is not told because one of its hosts is seen again", () => {
		const before = opened();
		const old = { createdAt: T - 60 * MINUTE, completedAt: T - 50 * MINUTE };
		before.page(A, [summary("1", "succeeded", old)]);
		expect(before.news()).toEqual([]);
		const after = restarted(before);
		after.page(B, [summary("2", "succeeded", old)]);
		expect(after.news()).toEqual([]);
		expect(jobOf(after, B, "2")?.counts.host).toBe(2);
	});

	test("another run of the same name is another run", () => {
		const before = opened();
		before.page(A, [summary("1", "succeeded")]);
		const after = restarted(before);
		after.page(A, [summary("1", "running", { createdAt: T + 60 * MINUTE })], {
			at: T + 61 * MINUTE,
		});
		expectSound(after);
		expect(after.book.runs.size).toBe(1);
		expect(after.news()).toEqual(["a/1 running", "job running 0/1"]);
		expect(after.run(A, "1")).toMatchObject({
			state: "running",
			seenAt: T + 61 * MINUTE,
		});
	});

	test("a run whose agent writes the same time with fewer digits is the same run", () => {
		const before = opened();
		before.page(A, [summary("1", "succeeded", { createdAt: T + 999 })]);
		const after = restarted(before);
		after.page(A, [summary("1", "succeeded", { createdAt: T })]);
		expect(after.news()).toEqual([]);
	});

	test("goes by the same rules of room and age as everything else", () => {
		const before = opened();
		before.page(A, [summary("1", "succeeded")]);
		before.page(B, [summary("2", "running", { operation: "reboot" })]);
		const after = restarted(before);
		after.book.sweep(T + 25 * 60 * MINUTE);
		expectSound(after);
		expect(jobOf(after, A, "1")).toBeUndefined();
		expect(jobOf(after, B, "2")).toBeDefined();
		after.book.removeHost(B);
		expect(after.book.jobs.size).toBe(0);
	});
});

describe("a job's id", () => {
	test("is the same whichever host answers first after the restart", () => {
		const before = opened();
		before.push(B, eventOf("2", "running"));
		before.detail(B, detailOf("2", "running", { createdAt: T + 9_000 }));
		before.page(A, [summary("1", "running", { createdAt: T })]);
		const id = jobOf(before, A, "1")?.id;
		const after = restarted(before);
		after.book.holdGroups(true);
		after.page(C, [summary("3", "running", { createdAt: T + 1_000 })]);
		after.page(A, [summary("1", "running", { createdAt: T })]);
		after.page(B, [summary("2", "running", { createdAt: T + 9_000 })]);
		after.book.holdGroups(false);
		for (const [host, run] of [
			[A, "1"],
			[B, "2"],
			[C, "3"],
		] as const)
			expect(jobOf(after, host, run)?.id).toBe(id);
		expect(after.book.jobs.size).toBe(1);
		expectSound(after);
	});

	test("is the same for what agents call one job, and for what Foredeck started", () => {
		const before = opened();
		const parent = { parentJobId: "p-1", parentLabel: "Tuesday patches" };
		const ours = { id: jobId("j-ours"), label: "mine" };
		before.page(A, [summary("1", "running", parent)]);
		before.book.claim(B, agentJobId("2"), ours);
		before.page(B, [summary("2", "running")]);
		const after = restarted(before);
		after.page(C, [summary("3", "running", parent)]);
		after.page(B, [summary("2", "succeeded")]);
		expect(jobOf(after, C, "3")).toEqual({
			...jobOf(after, A, "1"),
			label: "Tuesday patches",
			origin: "parent",
		});
		expect(jobOf(after, B, "2")).toMatchObject({
			id: "j-ours",
			label: "mine",
			origin: "ours",
			status: "succeeded",
		});
		// The claims go with the job, so a run that is dropped and listed again is ours no more.
		after.book.sweep(T + 25 * 60 * MINUTE);
		expect(after.book.jobs.has(jobId("j-ours"))).toBe(false);
	});
});

describe("for every history", () => {
	const states: RunState[] = [
		"queued",
		"running",
		"succeeded",
		"failed",
		"lost",
	];
	const host = fc.constantFrom(A, B, C);
	const step = fc.record({
		host,
		id: fc.constantFrom("1", "2", "3"),
		state: fc.constantFrom(...states),
		createdAt: fc.integer({ min: 0, max: 5 }).map((at) => T + at * 40_000),
		operation: fc.constantFrom("patchapply", "reboot"),
	});

	test("a restart at any moment changes no id, no end and no sum, and what follows is as without it", () => {
		fc.assert(
			fc.property(
				fc.array(step, { minLength: 1, maxLength: 12 }),
				fc.array(step, { maxLength: 8 }),
				(steps, more) => {
					const created = new Map<RunKey, (typeof steps)[number]>();
					const tell = (
						told: Told,
						{ host, id, state }: (typeof more)[number],
						given: (typeof more)[number],
					) => {
						const key = runKey(host, agentJobId(id));
						// What a run is does not change in its life.
						const is = created.get(key) ?? given;
						created.set(key, is);
						const { createdAt, operation } = is;
						told.detail(host, detailOf(id, state, { createdAt, operation }));
					};
					const before = opened();
					for (const one of steps) tell(before, one, one);
					const after = restarted(before);
					for (const [key, run] of before.book.runs) {
						const now = after.book.runs.get(key);
						expect(now?.jobId).toBe(run.jobId);
						if (["succeeded", "failed", "lost"].includes(run.state))
							expect(now).toEqual(run);
					}
					for (const one of more) {
						tell(before, one, one);
						tell(after, one, one);
						expectSound(after);
					}
					for (const [key, run] of before.book.runs) {
						const now = after.book.runs.get(key);
						expect(now?.jobId).toBe(run.jobId);
						if (now?.state !== "unknown") expect(now?.state).toBe(run.state);
					}
				},
			),
			{ numRuns: 150 },
		);
	});
});
