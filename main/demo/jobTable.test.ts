import { expect, test } from "vitest";
import { handClock, SHORT_JOB } from "../testkit/demoWorld.ts";
import { type AgentJob, createJobTable, type Moment } from "./jobTable.ts";
import { seeded } from "./seeded.ts";

function table(options: { old?: boolean } = {}) {
	const clock = handClock();
	const told: string[] = [];
	const moments: string[] = [];
	const jobs = createJobTable({
		clock,
		wallMs: clock.wallMs,
		chance: seeded(1, "table"),
		runningProgress: options.old ? [10] : [0],
		freshMessages: options.old ?? false,
		changed: ({ state, progress, message }: AgentJob) =>
			told.push(`${state} ${progress} ${message}`),
		moment: (_job: AgentJob, moment: Moment) => void moments.push(moment),
	});
	return { clock, told, moments, jobs };
}

test("a new agent's job goes pending, running, completed and never changes its message", () => {
	const { clock, told, moments, jobs } = table();
	const job = jobs.submit({ ...SHORT_JOB, startAfterMs: 500 });
	clock.advance(499);
	expect(told).toEqual(["pending 0 Job created"]);
	clock.advance(1);
	clock.advance(50);
	expect(jobs.get(job.id)?.fraction).toBeCloseTo(0.5);
	clock.advance(50);
	expect(told).toEqual([
		"pending 0 Job created",
		"running 0 Job created",
		"completed 100 Job created",
	]);
	expect(moments).toEqual(["start", "middle", "end"]);
	expect(job.completedAt).toBe(clock.wallMs());
	expect(clock.pending()).toBe(0);
});

test("an old agent tells 0, 10, 100 with fresh messages", () => {
	const { clock, told, jobs } = table({ old: true });
	jobs.submit(SHORT_JOB);
	clock.advance(100);
	expect(told).toEqual([
		"pending 0 Job created",
		"running 10 Job started",
		"completed 100 Job completed",
	]);
});

test("one job runs at a time, the others wait in order", () => {
	const { clock, jobs } = table();
	const [a, b, c] = [1, 2, 3].map(() => jobs.submit(SHORT_JOB));
	const states = () => [a, b, c].map((job) => job?.state);
	clock.advance(0);
	expect(states()).toEqual(["running", "pending", "pending"]);
	clock.advance(100);
	expect(states()).toEqual(["completed", "running", "pending"]);
	clock.advance(200);
	expect(states()).toEqual(["completed", "completed", "completed"]);
	expect(jobs.list().map(({ id }) => id)).toEqual([c?.id, b?.id, a?.id]);
});

test("a failed job keeps the last progress and its reasons", () => {
	const { clock, jobs } = table();
	const failing = {
		errorCode: "TIMEOUT",
		exitCode: null,
		error: "too slow",
		stderr: "",
	};
	const job = jobs.submit({
		...SHORT_JOB,
		outcome: { state: "failed", ...failing },
	});
	clock.advance(100);
	expect(job).toMatchObject({ state: "failed", progress: 0, failing });
});

test("after a death nothing moves, and a restart forgets everything or fails what was open, telling nobody", () => {
	for (const keeps of ["forgotten", "AGENT_REBOOTED"] as const) {
		const { clock, told, jobs } = table();
		const ended = jobs.submit(SHORT_JOB);
		clock.advance(100);
		const open = jobs.submit(SHORT_JOB);
		clock.advance(50);
		const before = told.length;
		jobs.freeze();
		clock.advance(10_000);
		expect(open.state).toBe("running");
		jobs.restart(keeps);
		clock.advance(10_000);
		expect(told).toHaveLength(before);
		expect(jobs.get(ended.id)).toBeUndefined();
		if (keeps === "forgotten") expect(jobs.list()).toEqual([]);
		else
			expect(jobs.list()).toMatchObject([
				{ id: open.id, state: "failed", failing: { errorCode: keeps } },
			]);
	}
});

test("a moment may end the process, and the job then stays as it was", () => {
	const clock = handClock();
	const jobs = createJobTable({
		clock,
		wallMs: clock.wallMs,
		chance: seeded(1, "table"),
		runningProgress: [0],
		freshMessages: false,
		changed() {},
		moment(_job, moment) {
			if (moment === "middle") jobs.freeze();
		},
	});
	const job = jobs.submit(SHORT_JOB);
	clock.advance(1000);
	expect(job.state).toBe("running");
	expect(clock.pending()).toBe(0);
});

test("ended jobs are forgotten, the oldest first, so that an agent does not grow", () => {
	const { clock, jobs } = table();
	const first = jobs.submit(SHORT_JOB);
	for (let more = 0; more < 60; more++) jobs.submit(SHORT_JOB);
	clock.advance(61 * 100);
	expect(jobs.list()).toHaveLength(40);
	expect(jobs.get(first.id)).toBeUndefined();
	expect(jobs.openCount()).toBe(0);
});
