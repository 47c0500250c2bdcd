import { describe, expect, test } from "vitest";
import type { HostRun } from "../../shared/model.ts";
import { agentJobId, jobId, RUN_STATES } from "../../shared/model.ts";
import { countsOf, jobRow, NOW, runRow, snapshotOf } from "./fixtures.ts";
import { createStuckCount, isQuiet, usualMs } from "./quiet.ts";
import { fleetOf } from "./replica.ts";

const MIN_MS = 60_000;
/** An earlier run of the host that took so many minutes by the agent's clock, which is a day off. */
const earlier = (minutes: number, change: Partial<HostRun> = {}): HostRun =>
	runRow("a", "old", {
		agentJobId: agentJobId(`old-${minutes}`),
		state: "succeeded",
		createdAt: NOW - 86_400_000,
		completedAt: NOW - 86_400_000 + minutes * MIN_MS,
		...change,
	});
const stuck = runRow("a", "j", { progressAt: NOW });
const quiet = (
	afterMinutes: number,
	others: readonly HostRun[] = [],
	run = stuck,
): boolean =>
	isQuiet(
		fleetOf(snapshotOf({ runs: [run, ...others] })),
		run,
		NOW + afterMinutes * MIN_MS,
	);

describe("a run without progress", () => {
	test("M15: a run without progress is told so after 5 minutes where nothing is known of the host", () => {
		expect(quiet(4.99)).toBe(false);
		expect(quiet(5)).toBe(true);
	});

	test("M15: a run without progress on a slow host is told so only after three times what the operation took there in the middle", () => {
		const slow = [earlier(8), earlier(10), earlier(60)];
		expect(quiet(29.9, slow)).toBe(false);
		expect(quiet(30, slow)).toBe(true);
		expect(quiet(5, [earlier(1)])).toBe(true);
	});

	test("M15: runs of other operations, hosts and ends say nothing about what is usual", () => {
		expect(
			quiet(5, [
				earlier(60, { operation: "install" }),
				earlier(61, { state: "failed" }),
				earlier(62, { completedAt: null }),
				{ ...earlier(63), hostId: runRow("b", "x").hostId },
			]),
		).toBe(true);
	});

	test.each(RUN_STATES.filter((state) => state !== "running"))(
		"M15: a run that is %s is not told to stand still",
		(state) => {
			expect(quiet(600, [], { ...stuck, state })).toBe(false);
		},
	);
});

test("what is usual is the middle of what the operation took there, and is not known before it succeeded once", () => {
	const of = (...runs: HostRun[]) =>
		usualMs(fleetOf(snapshotOf({ runs })), stuck.hostId, "patchapply");
	expect(of(stuck)).toBe(null);
	expect(of(stuck, earlier(8), earlier(10), earlier(60))).toBe(10 * MIN_MS);
});

describe("the count of stuck hosts of a job", () => {
	const job = jobRow("j", { counts: countsOf({ host: 2, running: 2 }) });
	const fleet = fleetOf(
		snapshotOf({
			jobs: [job],
			runs: [stuck, runRow("b", "j", { progressAt: NOW + 4 * MIN_MS })],
		}),
	);
	test("grows as hosts fall silent, some seconds late at most", () => {
		const count = createStuckCount();
		const at = (minutes: number): number =>
			count(fleet, jobId("j"), NOW + minutes * MIN_MS);
		expect([at(4), at(6), at(8), at(10)]).toEqual([0, 1, 1, 2]);
	});
	test("is zero where nothing runs, and for a job that is gone", () => {
		const ended = fleetOf(
			snapshotOf({
				jobs: [{ ...job, counts: countsOf({ host: 2, failed: 2 }) }],
				runs: [stuck],
			}),
		);
		expect(createStuckCount()(ended, jobId("j"), NOW + 60 * MIN_MS)).toBe(0);
		expect(createStuckCount()(fleet, jobId("x"), NOW)).toBe(0);
	});
	test("does not look at the runs again within some seconds", () => {
		const count = createStuckCount();
		count(fleet, jobId("j"), NOW);
		let looks = 0;
		const watched = {
			...fleet,
			replica: {
				...fleet.replica,
				runs: {
					get: () => {
						looks += 1;
					},
				} as never,
			},
		};
		count(watched, jobId("j"), NOW + 1_000);
		expect(looks).toBe(0);
		count(watched, jobId("j"), NOW + 6_000);
		expect(looks).toBeGreaterThan(0);
	});
});
