// Failures that a list tells: their one event carries the reason, and none is lost or kept waiting for long.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { agentJobId } from "../../../shared/model.ts";
import type { Told } from "../../testkit/bookStory.ts";
import {
	A,
	B,
	detailOf,
	eventOf,
	expectSound,
	opened,
	summary,
	T,
} from "../../testkit/bookStory.ts";
import type { JobSummary } from "../agentApi/message.ts";
import type { Happening } from "./jobTable.ts";

const WHY = { error: "E: no space left", errorCode: "DISK_FULL" };
const POLL_MS = 10_000;
const id = agentJobId("1");

/** A poll, as hosts without a socket are asked. */
const poll = (
	told: Told,
	rows: readonly JobSummary[],
	at = T,
): readonly string[] =>
	told.book.applyPage(
		A,
		{ jobs: rows, broken: 0, rows: rows.length },
		{ source: "poll", receivedAt: at, skewMs: 0, complete: true },
	).detail;

const ends = ({ activity }: Told): Happening[] =>
	activity.filter(
		(event) => event.kind === "host" && event.status === "failed",
	);

/** A running run that the next list calls failed. */
const newlyFailed = (told: Told): void => {
	poll(told, [summary("1", "running")]);
	told.news();
	expect(poll(told, [summary("1", "failed")], T + POLL_MS)).toEqual(["1"]);
};

describe("a listed failure", () => {
	test("is told once, with its reason, when the detail has come", () => {
		const told = opened();
		newlyFailed(told);
		expect(told.news()).toEqual([]);
		expect(told.book.openRuns(A)).toBe(1);
		told.detail(A, detailOf("1", "failed", WHY), { at: T + POLL_MS + 5 });
		expect(told.news()).toEqual(["a/1 failed", "job failed 0/1"]);
		expect(ends(told)).toMatchObject([
			{ ...WHY, source: "poll", receivedAt: T + POLL_MS + 5 },
		]);
		expect(told.book.openRuns(A)).toBe(0);
		expect(poll(told, [summary("1", "failed")], T + 2 * POLL_MS)).toEqual([]);
		expect(told.news()).toEqual([]);
		expectSound(told);
	});

	test("of a run never seen before is told so as well", () => {
		const told = opened();
		expect(poll(told, [summary("1", "failed", { completedAt: T })])).toEqual([
			"1",
		]);
		expect(told.book.openRuns(A)).toBe(1);
		told.detail(A, detailOf("1", "failed", WHY), { at: T + 5 });
		expect(told.news()).toEqual(["a/1 failed", "job failed 0/1"]);
		expect(ends(told)).toMatchObject([{ ...WHY, source: "poll" }]);
		expect(told.book.openRuns(A)).toBe(0);
		expectSound(told);
	});

	test("while groups are held back has its reason in its event too", () => {
		const told = opened();
		told.book.holdGroups(true);
		expect(told.book.isHolding).toBe(true);
		expect(poll(told, [summary("1", "failed", { completedAt: T })])).toEqual([
			"1",
		]);
		told.detail(A, detailOf("1", "failed", WHY));
		told.book.holdGroups(false);
		expect(told.book.isHolding).toBe(false);
		expect(told.news()).toEqual(["a/1 failed", "job failed 0/1"]);
		expect(ends(told)).toMatchObject([WHY]);
	});

	test("comes before everything else that is worth asking for", () => {
		const told = opened();
		poll(told, [summary("9", "running"), summary("1", "running")]);
		const rows = [
			...Array.from({ length: 8 }, (_, at) => summary(`new-${at}`, "running")),
			summary("new-failed", "failed", { completedAt: T }),
			summary("1", "failed"),
		];
		const asked = poll(told, rows, T + POLL_MS);
		expect([...asked.slice(0, 2)].sort()).toEqual(["1", "new-failed"]);
		expect(asked).toHaveLength(11);
	});

	test("of long ago is history: nothing is asked, nothing told", () => {
		const told = opened();
		const old = { createdAt: T - 7_200_000, completedAt: T - 7_100_000 };
		expect(poll(told, [summary("1", "failed", old)])).toEqual([]);
		expect(told.run(A, "1").state).toBe("failed");
		expect(told.news()).toEqual([]);
		expect(poll(told, [summary("1", "failed", old)])).toEqual([]);
	});
});

describe("a failure whose detail cannot be had", () => {
	const TOLD = ["a/1 failed", "job failed 0/1"];

	test.each<[string, (told: Told) => void]>([
		[
			"the next list comes",
			(told) => poll(told, [summary("1", "failed")], T + 2 * POLL_MS),
		],
		[
			"the next list does not have it",
			(told) => poll(told, [], T + 2 * POLL_MS),
		],
		["the agent has no such run", (told) => told.book.applyNotFound(A, id, T)],
		["the link is lost", (told) => told.book.linkLost(A, T)],
		["the host rebooted", (told) => told.book.hostRebooted(A, T)],
		["the agent pushes it", (told) => told.push(A, eventOf("1", "failed"))],
	])("is told without it when %s", (_, happens) => {
		const told = opened();
		newlyFailed(told);
		happens(told);
		expect(told.news()).toEqual(TOLD);
		expect(told.run(A, "1")).toMatchObject({ state: "failed", error: null });
		expectSound(told);
	});

	test("is told before its host is removed", () => {
		const told = opened();
		newlyFailed(told);
		told.book.removeHost(A);
		expect(told.news()).toEqual(TOLD);
		expect(told.book.runs.size).toBe(0);
	});

	test("is asked for three times more, then no longer", () => {
		const told = opened();
		newlyFailed(told);
		const asked = [2, 3, 4, 5, 6].map(
			(nth) => poll(told, [summary("1", "failed")], T + nth * POLL_MS).length,
		);
		expect(asked).toEqual([1, 1, 1, 0, 0]);
		expect(ends(told)).toHaveLength(1);
	});

	test("of which the detail was read at last is asked for no more", () => {
		const told = opened();
		newlyFailed(told);
		expect(poll(told, [summary("1", "failed")], T + 2 * POLL_MS)).toEqual([
			"1",
		]);
		told.detail(A, detailOf("1", "failed"));
		expect(poll(told, [summary("1", "failed")], T + 3 * POLL_MS)).toEqual([]);
	});

	test("that was pushed without a reason is asked for by the next lists", () => {
		const told = opened();
		poll(told, [summary("1", "running")]);
		told.push(A, eventOf("1", "failed"));
		expect(poll(told, [summary("1", "failed")], T + POLL_MS)).toEqual(["1"]);
	});
});

describe("what is told of a failure that waits", () => {
	test("a push that knows the reason tells it", () => {
		const told = opened();
		newlyFailed(told);
		expect(told.push(A, eventOf("1", "failed", WHY))).toBe("applied");
		expect(ends(told)).toMatchObject([{ ...WHY, source: "push" }]);
	});

	test("a push that knows the reason of a new run tells it", () => {
		const told = opened();
		poll(told, [summary("1", "failed", { completedAt: T })]);
		expect(told.push(A, eventOf("1", "failed", WHY))).toBe("applied");
		expect(ends(told)).toMatchObject([WHY]);
		expect(told.book.held(A)).toEqual([]);
	});

	test("a late push is counted and ignored, another end may not replace it", () => {
		const told = opened();
		newlyFailed(told);
		expect(told.push(A, eventOf("1", "running", { progress: 9 }))).toBe(
			"applied",
		);
		expect(told.news()).toEqual([]);
		expect(told.book.figures.late).toBe(1);
		told.push(A, eventOf("1", "succeeded"));
		expect(told.run(A, "1").state).toBe("failed");
		expect(told.book.figures.ignoredTerminal).toBe(1);
	});

	test("a detail that calls it running does not undo it; one with another end is the truth", () => {
		const told = opened();
		newlyFailed(told);
		told.detail(A, detailOf("1", "running"));
		expect(told.run(A, "1").state).toBe("failed");
		const other = opened();
		newlyFailed(other);
		other.detail(A, detailOf("1", "succeeded"));
		expect(other.news()).toEqual(["a/1 succeeded", "job succeeded 1/1"]);
	});

	test("a detail that shows a hidden job is no run", () => {
		const told = opened();
		poll(told, [summary("1", "failed", { completedAt: T })]);
		told.detail(A, detailOf("1", "failed", { packages: ["__refresh__"] }));
		expect(told.book.openRuns(A)).toBe(0);
		poll(told, [], T + POLL_MS);
		expect(told.book.runs.size).toBe(0);
	});

	test("a list that names it twice tells it once", () => {
		const told = opened();
		const failed = summary("1", "failed", { completedAt: T });
		expect(poll(told, [failed, failed])).toEqual(["1"]);
		told.detail(A, detailOf("1", "failed", WHY));
		expect(ends(told)).toMatchObject([WHY]);
		expect(told.book.runs.size).toBe(1);
	});
});

test("whatever happens to their details, every failure of a list is told exactly once, at the next list at the latest", () => {
	const runs = fc.uniqueArray(
		fc.record({
			id: fc.integer({ min: 1, max: 9 }).map(String),
			wasSeen: fc.boolean(),
			detail: fc.constantFrom("read", "not found", "never"),
		}),
		{ selector: (run) => run.id, maxLength: 9 },
	);
	fc.assert(
		fc.property(runs, fc.boolean(), (list, isLost) => {
			const told = opened();
			told.page(B, [summary("1", "running")]);
			const seen = list.filter(({ wasSeen }) => wasSeen);
			poll(
				told,
				seen.map((run) => summary(run.id, "running")),
			);
			const rows = list.map((run) =>
				summary(run.id, "failed", { completedAt: T }),
			);
			const asked = poll(told, rows, T + POLL_MS);
			expect([...asked].sort()).toEqual(list.map((run) => run.id).sort());
			for (const run of list) {
				if (run.detail === "read")
					told.detail(A, detailOf(run.id, "failed", WHY), { at: T + POLL_MS });
				else if (run.detail === "not found")
					told.book.applyNotFound(A, agentJobId(run.id), T + POLL_MS);
			}
			if (isLost) told.book.linkLost(A, T + POLL_MS);
			poll(told, rows, T + 2 * POLL_MS);
			expect(
				ends(told)
					.map((event) => (event.kind === "host" ? event.agentJobId : ""))
					.sort(),
			).toEqual(list.map((run) => run.id).sort());
			for (const event of ends(told))
				if (event.kind === "host")
					expect(event.error !== null).toBe(
						list.find((run) => run.id === event.agentJobId)?.detail === "read",
					);
			expect(told.book.openRuns(A)).toBe(0);
			expectSound(told);
		}),
	);
});
