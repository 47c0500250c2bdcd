// The model rows of 11-REQUIREMENTS that are about runs and jobs alone, each by its id, on a book that agents tell stories to.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HostRun, RunState } from "../../../shared/model.ts";
import { hostId, isOpen, isOverdue, runKey } from "../../../shared/model.ts";
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
import { runStateOf } from "../agentApi/words.ts";
import { countRuns, jobStatus } from "./counts.ts";
import { OVERDUE_MS } from "./overdue.ts";

const MIN_MS = 60_000;
const HOSTS = [A, B, C];

const onlyJob = ({ book }: Told) => {
	const [job, ...others] = [...book.jobs.values()];
	if (job === undefined || others.length > 0) throw new Error("not one job");
	return job;
};
/** One job over the three hosts, in the given states. */
function running(state: RunState = "running"): Told {
	const told = opened();
	for (const host of HOSTS) told.page(host, [summary("1", state)]);
	told.news();
	return told;
}
const overdueLines = ({ activity }: Told) =>
	activity.filter(({ kind }) => kind === "overdue");

test("M1: the end of one host's run is a host event, and the job goes on running", () => {
	const told = running();
	told.push(A, eventOf("1", "succeeded"));
	expect(told.news()).toEqual(["a/1 succeeded", "job running 1/3"]);
	expect(onlyJob(told)).toMatchObject({ status: "running", endedAt: null });
	told.push(B, eventOf("1", "failed"));
	expect(onlyJob(told).status).toBe("running");
	told.push(C, eventOf("1", "succeeded"));
	expect(onlyJob(told).status).toBe("failed");
});

test("M2: whatever is repeated or comes in another order, the counts are those of the last truth and never more than there are hosts", () => {
	const story = fc
		.array(
			fc.tuple(
				fc.constantFrom(...HOSTS),
				fc.constantFrom<RunState>("queued", "running", "succeeded", "failed"),
			),
			{ maxLength: 30, size: "max" },
		)
		.chain((events) => fc.shuffledSubarray([...events, ...events]));
	fc.assert(
		fc.property(story, (events) => {
			const told = running("queued");
			for (const [host, state] of events) {
				told.push(host, eventOf("1", state));
				const { counts } = onlyJob(told);
				expect(counts.succeeded + counts.failed).toBeLessThanOrEqual(
					counts.host,
				);
				expect(counts.host).toBe(3);
			}
			told.page(A, [summary("1", "succeeded")]);
			told.page(B, [summary("1", "timed_out")]);
			told.page(C, [summary("1", "cancelled")]);
			expect(onlyJob(told).counts).toEqual({
				host: 3,
				queued: 0,
				running: 0,
				succeeded: 1,
				failed: 0,
				cancelled: 1,
				timed_out: 1,
				lost: 0,
				unknown: 0,
			});
		}),
		{ numRuns: 200 },
	);
});

test("M3: what comes after an end is ignored and counted, as late or as another end", () => {
	const told = running();
	told.push(A, eventOf("1", "succeeded"));
	told.news();
	const before = told.run(A, "1");
	told.push(A, eventOf("1", "running", { progress: 99 }), T + 1);
	told.push(A, eventOf("1", "queued"), T + 2);
	told.page(A, [summary("1", "running")], { at: T + 3 });
	told.push(A, eventOf("1", "failed", { errorCode: "X" }), T + 4);
	expect(told.run(A, "1")).toBe(before);
	expect(told.news()).toEqual([]);
	expect(told.book.figures).toMatchObject({ late: 3, ignoredTerminal: 1 });
});

describe("M4: a cancelled run", () => {
	test("M4: a cancelled run that was pushed once, right before the link was lost, stays cancelled when the list says so", () => {
		const told = running();
		told.push(A, eventOf("1", "cancelled"));
		told.book.linkLost(A, T + 1_000);
		expect(told.run(A, "1").state).toBe("cancelled");
		expect(told.run(B, "1").state).toBe("running");
		told.news();
		told.page(A, [summary("1", "cancelled")], { at: T + 2_000 });
		expect(told.run(A, "1").state).toBe("cancelled");
		expect(told.news()).toEqual([]);
	});

	test("M4: a run that was pushed as cancelled and is listed by another end was not cancelled: the re-read decides", () => {
		const told = running();
		told.push(A, eventOf("1", "cancelled"));
		told.book.linkLost(A, T + 1_000);
		told.news();
		told.page(A, [summary("1", "succeeded")], { at: T + 2_000 });
		expect(told.run(A, "1").state).toBe("succeeded");
		expect(told.news()).toEqual(["a/1 succeeded", "job running 1/3"]);
	});
});

describe("M5: overdue", () => {
	const began = T;
	/** A run that was seen to begin at `began`. */
	const begun = (operation = "patchapply"): Told => {
		const told = opened();
		told.page(A, [summary("1", "queued", { operation })], { at: began - 1 });
		told.push(A, eventOf("1", "running"), began);
		told.news();
		return told;
	};
	const list = (told: Told, afterMs: number, operation = "patchapply") =>
		told.page(A, [summary("1", "running", { operation })], {
			at: began + afterMs,
		});

	test("M5: a run that still runs after 75 min is told as overdue once, however often it is listed, and no more when it ends", () => {
		expect(OVERDUE_MS).toBe(75 * MIN_MS);
		const told = begun();
		list(told, OVERDUE_MS - 1);
		expect(told.news()).toEqual([]);
		expect(isOverdue(told.run(A, "1"))).toBe(false);
		list(told, OVERDUE_MS);
		expect(told.news()).toEqual(["a/1 overdue"]);
		expect(isOverdue(told.run(A, "1"))).toBe(true);
		expect(overdueLines(told)).toMatchObject([
			{
				receivedAt: began + OVERDUE_MS,
				hostId: A,
				agentJobId: "1",
				sentence:
					"overdue: still running 75 min after it began; agents end an operation after 70 min at the latest",
			},
		]);
		const before = told.run(A, "1");
		for (let min = 76; min < 200; min++) list(told, min * MIN_MS);
		told.push(A, eventOf("1", "running"), began + 200 * MIN_MS);
		expect(told.news()).toEqual([]);
		expect(told.run(A, "1")).toBe(before);
		told.push(A, eventOf("1", "succeeded"), began + 201 * MIN_MS);
		expect(told.news()).toEqual(["a/1 succeeded", "job succeeded 1/1"]);
		expect(isOverdue(told.run(A, "1"))).toBe(false);
	});

	test("M5: a push alone does not call a run overdue, the answer that follows does", () => {
		const told = begun();
		told.push(A, eventOf("1", "running", { progress: 7 }), began + OVERDUE_MS);
		expect(told.news()).toEqual([]);
		told.detail(A, detailOf("1", "running"), { at: began + OVERDUE_MS + 5 });
		expect(told.news()).toEqual(["a/1 overdue"]);
	});

	test("M5: our own clock that jumps by two hours makes no run overdue, and the right time does", () => {
		const jumpMs = 120 * MIN_MS;
		const told = begun();
		const listAfter = (ms: number) =>
			told.page(A, [summary("1", "running")], {
				at: began + ms + jumpMs,
				skewMs: -jumpMs,
			});
		listAfter(MIN_MS);
		listAfter(OVERDUE_MS - 1);
		expect(told.news()).toEqual([]);
		listAfter(OVERDUE_MS);
		expect(told.news()).toEqual(["a/1 overdue"]);
	});

	test("M5: an agent whose clock is not known is judged by when we saw its run", () => {
		const told = opened();
		const row = summary("1", "running", { createdAt: T - 3 * OVERDUE_MS });
		told.page(A, [row], { skewMs: null });
		expect(told.run(A, "1").runningAt).toBe(T);
		told.page(A, [row], { at: T + OVERDUE_MS, skewMs: null });
		expect(overdueLines(told)).toHaveLength(1);
	});

	test("M5: a run of which a push told first counts from its creation too", () => {
		const told = opened();
		told.push(A, eventOf("1", "running"));
		const createdAt = T - OVERDUE_MS;
		told.detail(A, { ...detailOf("1", "running"), createdAt }, { at: T + 5 });
		expect(told.news()).toEqual([
			"a/1 running",
			"job running 0/1",
			"a/1 overdue",
		]);
	});

	test("M5: a run that ended while nobody heard of it was not overdue, and while its link is lost that is not said", () => {
		const told = begun();
		told.book.linkLost(A, began + MIN_MS);
		told.news();
		told.book.sweep(began + 3 * OVERDUE_MS);
		expect(isOverdue(told.run(A, "1"))).toBe(false);
		told.page(A, [summary("1", "succeeded")], { at: began + 3 * OVERDUE_MS });
		expect(told.news()).toEqual(["a/1 succeeded", "job succeeded 1/1"]);
		expect(overdueLines(told)).toEqual([]);
	});

	test("M5: a link that is lost and found again does not have an overdue run told twice", () => {
		const told = begun();
		list(told, OVERDUE_MS);
		told.book.linkLost(A, began + OVERDUE_MS + 1);
		expect(isOverdue(told.run(A, "1"))).toBe(false);
		list(told, OVERDUE_MS + 2);
		expect(isOverdue(told.run(A, "1"))).toBe(true);
		expect(overdueLines(told)).toHaveLength(1);
	});

	test("M5: the time in the queue makes no run overdue, and neither does the agent's clock", () => {
		const told = opened();
		told.page(A, [summary("1", "queued", { createdAt: T - 90 * MIN_MS })]);
		told.page(A, [summary("1", "running", { createdAt: T - 90 * MIN_MS })], {
			at: T + MIN_MS,
			skewMs: 40 * MIN_MS,
		});
		expect(told.run(A, "1").runningAt).toBe(T + MIN_MS);
		expect(overdueLines(told)).toEqual([]);
	});

	test("M5: a run first seen running counts from its creation, by our clock", () => {
		const told = opened();
		const skewMs = 600_000;
		const createdAt = T - OVERDUE_MS + skewMs;
		told.page(A, [summary("1", "running", { createdAt: createdAt + 1 })], {
			skewMs,
		});
		told.page(B, [summary("1", "running", { createdAt })], { skewMs });
		expect(overdueLines(told)).toMatchObject([
			{
				hostId: B,
				sentence: expect.stringContaining("75 min after it was created"),
			},
		]);
		expect(told.run(A, "1").runningAt).toBe(T - OVERDUE_MS + 1);
	});

	test.each(["install", "update", "remove", "selfupdate", "rollback"])(
		"M5: a run of %s is overdue after the same time",
		(operation) => {
			const told = begun(operation);
			list(told, OVERDUE_MS, operation);
			expect(overdueLines(told)).toHaveLength(1);
		},
	);

	test.each(["reboot", "something-new"])(
		"M5: a %s is never overdue: nobody bounds how long it takes",
		(operation) => {
			const told = begun(operation);
			list(told, 10 * OVERDUE_MS, operation);
			expect(overdueLines(told)).toEqual([]);
		},
	);
});

test("M7: a link that is lost is not a failure: three running runs are three unknown, then what they truly are", () => {
	const told = opened();
	const rows = ["1", "2", "3"].map((id) =>
		summary(id, "running", { packages: [id], parentJobId: "p" }),
	);
	for (const [at, host] of HOSTS.entries())
		told.page(host, [rows[at] as (typeof rows)[0]]);
	for (const host of HOSTS) told.book.linkLost(host, T + 1_000);
	expect(onlyJob(told)).toMatchObject({
		status: "running",
		counts: { host: 3, unknown: 3, failed: 0, running: 0 },
	});
	told.page(A, [summary("1", "running")], { at: T + 9_000 });
	told.page(B, [summary("2", "succeeded")], { at: T + 9_000 });
	told.page(C, [summary("3", "failed", { errorCode: "X" })], { at: T + 9_000 });
	told.book.applyNotFound(C, summary("3", "failed").agentJobId, T + 9_001);
	expect(onlyJob(told)).toMatchObject({
		status: "running",
		counts: { host: 3, unknown: 0, running: 1, succeeded: 1, failed: 1 },
	});
});

test("M8: a word that nobody knows makes its run unknown, open, with the word kept; it is never taken for an end", () => {
	const told = opened();
	told.page(A, [
		summary("1", runStateOf("Zorp"), { rawStatus: "Zorp" }),
		summary("2", runStateOf("waiting_health_check"), {
			rawStatus: "waiting_health_check",
			packages: ["curl"],
		}),
	]);
	expect(told.run(A, "1")).toMatchObject({
		state: "unknown",
		rawStatus: "Zorp",
		remark: "agent says “Zorp”",
	});
	expect(isOpen(told.run(A, "2").state)).toBe(true);
	expect([...told.book.jobs.values()].map(({ status }) => status)).toEqual([
		"running",
		"running",
	]);
});

describe("M15: progress", () => {
	test("M15: nothing but a change of state, progress or message is progress", () => {
		const told = opened();
		told.page(A, [summary("1", "running")]);
		const shown = (at: number): number => {
			expect(told.run(A, "1").progressAt).toBeLessThanOrEqual(at);
			return told.run(A, "1").progressAt;
		};
		for (let min = 1; min < 60; min++) {
			told.page(A, [summary("1", "running")], { at: T + min * MIN_MS });
			told.push(A, eventOf("1", "running"), T + min * MIN_MS + 1);
			told.detail(A, detailOf("1", "running"), { at: T + min * MIN_MS + 2 });
			expect(shown(T + min * MIN_MS)).toBe(T);
		}
		told.push(A, eventOf("1", "running", { progress: 5 }), T + 61 * MIN_MS);
		expect(shown(T + 61 * MIN_MS)).toBe(T + 61 * MIN_MS);
		told.push(A, eventOf("1", "running", { message: "b" }), T + 62 * MIN_MS);
		expect(shown(T + 62 * MIN_MS)).toBe(T + 62 * MIN_MS);
		expect(onlyJob(told).progressAt).toBe(T + 62 * MIN_MS);
	});

	test("M15: a link that is lost and comes back is no progress of the run, but another state is", () => {
		const told = running();
		told.book.linkLost(A, T + 5_000);
		told.book.linkLost(B, T + 5_000);
		told.page(A, [summary("1", "running")], { at: T + 9_000 });
		told.push(B, eventOf("1", "queued"), T + 9_000);
		for (const host of [A, B])
			expect(told.run(host, "1")).toMatchObject({
				state: "running",
				progressAt: T,
				changedAt: T + 9_000,
			});
		told.book.linkLost(A, T + 10_000);
		told.page(A, [summary("1", "succeeded")], { at: T + 11_000 });
		expect(told.run(A, "1").progressAt).toBe(T + 11_000);
	});
});

test("M16: one run that is told of 18 times, by push, list and detail, is one run, one job and one event", () => {
	const told = opened();
	for (let again = 0; again < 6; again++) {
		const at = T + again;
		told.page(A, [summary("1", "failed", { errorCode: "X" })], { at });
		told.detail(
			A,
			{ ...detailOf("1", "failed", { error: "why" }), errorCode: "X" },
			{ at },
		);
		told.push(A, eventOf("1", "failed", { errorCode: "X" }), at);
	}
	expect(told.news()).toEqual(["a/1 failed", "job failed 0/1"]);
	expect(told.book.runs.size).toBe(1);
	expect(onlyJob(told).counts).toMatchObject({ host: 1, failed: 1 });
});

test("M20: lists every 60 s reset none of a run's times: its alarm of 75 min comes when it would without them", () => {
	const told = opened();
	told.page(A, [summary("1", "queued")]);
	told.push(A, eventOf("1", "running"), T);
	const before = told.run(A, "1");
	let overdueAt: number | null = null;
	for (let min = 1; min <= 90; min++) {
		const at = T + min * MIN_MS;
		if (min % 7 === 0) told.book.linkLost(A, at - 1);
		told.page(A, [summary("1", "running")], { at });
		if (min % 5 === 0) told.detail(A, detailOf("1", "running"), { at });
		const { seenAt, progressAt, runningAt } = told.run(A, "1");
		expect({ seenAt, progressAt, runningAt }).toEqual({
			seenAt: before.seenAt,
			progressAt: before.progressAt,
			runningAt: T,
		});
		if (isOverdue(told.run(A, "1"))) overdueAt ??= at;
	}
	expect(overdueAt).toBe(T + OVERDUE_MS);
	expect(overdueLines(told)).toHaveLength(1);
});

type Way = "push" | "list" | "detail";
interface Step {
	readonly host: (typeof HOSTS)[number];
	readonly id: string;
	readonly state: RunState;
	readonly progress: number;
}

const END = fc.constantFrom<RunState>("succeeded", "cancelled", "timed_out");
/** What agents' runs truly do, in order within each run; the last step of a run is how it is. */
const histories = fc
	.array(
		fc.record({
			host: fc.constantFrom(...HOSTS),
			progresses: fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 3 }),
			end: fc.option(END),
		}),
		{ minLength: 1, maxLength: 5 },
	)
	.map((runs) =>
		runs.map(({ host, progresses, end }, at): Step[] => {
			const id = String(at);
			const last =
				end === null ? [] : [{ host, id, state: end, progress: 100 }];
			return [
				{ host, id, state: "queued", progress: 0 },
				...progresses
					.sort((a, b) => a - b)
					.map((progress) => ({
						host,
						id,
						state: "running" as const,
						progress,
					})),
				...last,
			];
		}),
	);

function tell(told: Told, { host, id, state, progress }: Step, way: Way): void {
	const row = summary(id, state, { packages: [id] });
	if (way === "push") told.push(host, eventOf(id, state, { progress }));
	else if (way === "list") told.page(host, [row], { complete: false });
	else
		told.detail(host, { ...detailOf(id, state, { progress }), packages: [id] });
}
/** Every run is known, so that nothing is held. */
function knowing(runs: readonly (readonly Step[])[]): Told {
	const told = opened();
	for (const [first] of runs) {
		if (first !== undefined) tell(told, { ...first, state: "queued" }, "list");
	}
	return told;
}
const stateOf = ({ book }: Told) => ({
	runs: new Map(
		[...book.runs].map(([key, { state }]: [string, HostRun]) => [key, state]),
	),
	jobs: new Map(
		[...book.jobs].map(([id, { status, counts }]) => [id, { status, counts }]),
	),
});

describe("for every legal history of several runs", () => {
	const ways = fc.constantFrom<Way>("push", "list", "detail");
	const mixed = histories.chain((runs) => {
		const steps = runs.flat();
		return fc.record({
			runs: fc.constant(runs),
			order: fc.shuffledSubarray([...steps, ...steps], {
				minLength: steps.length * 2,
			}),
			ways: fc.array(ways, {
				minLength: steps.length * 2,
				maxLength: steps.length * 2,
			}),
		});
	});

	test("shuffled, doubled and told by any way, it comes out as it was, its counts the fold of its runs", () => {
		fc.assert(
			fc.property(mixed, ({ runs, order, ways: by }) => {
				const told = knowing(runs);
				for (const [at, step] of order.entries())
					tell(told, step, by[at] ?? "push");
				for (const steps of runs) {
					const truth = steps.at(-1);
					if (truth === undefined) continue;
					expect(told.run(truth.host, truth.id).state).toBe(truth.state);
				}
				for (const job of told.book.jobs.values()) {
					const counts = countRuns(told.book.runsOfJob(job.id));
					expect(job.counts).toEqual(counts);
					expect(job.status).toBe(jobStatus(counts));
				}
				expectSound(told);
			}),
			{ numRuns: 300 },
		);
	});

	test("a list before the events it sums up is the same as after them", () => {
		fc.assert(
			fc.property(histories, (runs) => {
				const [first, last] = [knowing(runs), knowing(runs)];
				const list = (told: Told): void => {
					for (const steps of runs) {
						const truth = steps.at(-1);
						if (truth !== undefined) tell(told, truth, "list");
					}
				};
				const replay = (told: Told): void => {
					for (const step of runs.flat()) tell(told, step, "push");
				};
				list(first);
				replay(first);
				replay(last);
				list(last);
				expect(stateOf(first)).toEqual(stateOf(last));
			}),
			{ numRuns: 300 },
		);
	});

	test("no end is ever told twice, and none is missing", () => {
		fc.assert(
			fc.property(mixed, ({ runs, order, ways: by }) => {
				const told = knowing(runs);
				for (const [at, step] of order.entries())
					tell(told, step, by[at] ?? "push");
				const ends = told.activity.flatMap((event) =>
					event.kind === "host" && !isOpen(event.status)
						? [runKey(event.hostId, event.agentJobId)]
						: [],
				);
				const ended = runs.flatMap((steps) => {
					const truth = steps.at(-1);
					return truth === undefined || isOpen(truth.state)
						? []
						: [
								runKey(
									hostId(truth.host),
									summary(truth.id, "lost").agentJobId,
								),
							];
				});
				expect([...ends].sort()).toEqual([...ended].sort());
			}),
			{ numRuns: 300 },
		);
	});
});
