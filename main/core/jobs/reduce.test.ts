import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HostRun, RunState } from "../../../shared/model.ts";
import {
	agentJobId,
	hostId,
	hostRunSchema,
	isOpen,
	jobId,
	RUN_STATES,
} from "../../../shared/model.ts";
import type { RunFact } from "./fact.ts";
import type { Reduced } from "./reduce.ts";
import {
	markLinkLost,
	markLost,
	REMARKS,
	rebooted,
	reduceRun,
} from "./reduce.ts";

const JOB = jobId("j-1");

const fact = (state: RunState, more: Partial<RunFact> = {}): RunFact => ({
	hostId: hostId("web-01"),
	agentJobId: agentJobId("a-1"),
	state,
	rawStatus: state,
	source: "push",
	authoritative: false,
	receivedAt: 1_000,
	atText: null,
	...more,
});
const rest = (state: RunState, more: Partial<RunFact> = {}): RunFact =>
	fact(state, { source: "reconcile", authoritative: true, ...more });

const runAfter = (...facts: RunFact[]): HostRun => {
	let run: HostRun | undefined;
	for (const next of facts) run = reduceRun(run, next, JOB).run;
	if (run === undefined) throw new Error("no facts");
	return run;
};
const then = (run: HostRun, next: RunFact): Reduced =>
	reduceRun(run, next, JOB);

describe("rank", () => {
	test("a run climbs from queued over running to its end", () => {
		let run = runAfter(fact("queued"));
		for (const state of ["running", "succeeded"] as const) {
			const reduced = then(run, fact(state, { receivedAt: 2_000 }));
			expect(reduced).toMatchObject({
				change: "state",
				run: { state, changedAt: 2_000 },
			});
			run = reduced.run;
		}
	});

	test("a lower rank that comes late is ignored and named late", () => {
		const run = runAfter(fact("running"));
		expect(then(run, fact("queued"))).toEqual({
			run,
			change: "none",
			ignored: "late",
		});
		expect(then(run, rest("queued")).run).toBe(run);
	});

	test("nothing open follows an end, not even from REST", () => {
		const run = runAfter(fact("failed"));
		for (const late of [fact("running"), rest("running"), rest("unknown")])
			expect(then(run, late)).toEqual({ run, change: "none", ignored: "late" });
	});

	test("a different end by push is ignored; by REST it replaces the first", () => {
		const run = runAfter(fact("failed", { error: "boom", errorCode: "X" }));
		expect(then(run, fact("succeeded"))).toEqual({
			run,
			change: "none",
			ignored: "terminal",
		});
		expect(then(run, rest("succeeded"))).toMatchObject({
			change: "state",
			run: { state: "succeeded", error: null, errorCode: null },
		});
	});

	test("a restarted agent's failure does not overwrite a success that was seen, but follows a running", () => {
		const interrupted = rest("failed", { errorCode: "AGENT_REBOOTED" });
		const done = runAfter(fact("succeeded"));
		expect(then(done, interrupted)).toEqual({
			run: done,
			change: "none",
			ignored: "terminal",
		});
		expect(then(runAfter(fact("running")), interrupted).run.state).toBe(
			"failed",
		);
	});
});

describe("a lost run", () => {
	test("is what an open one becomes when the agent answers 404; an ended one keeps its end", () => {
		expect(markLost(runAfter(fact("running")), 5_000)).toMatchObject({
			change: "state",
			run: { state: "lost", changedAt: 5_000 },
		});
		const ended = runAfter(fact("succeeded"));
		expect(markLost(ended, 5_000)).toEqual({ run: ended, change: "none" });
	});

	test.each(["queued", "running", "failed", "unknown"] as const)(
		"is replaced by a later %s that the agent answers",
		(state) => {
			const lost = markLost(runAfter(fact("running")), 5_000).run;
			expect(then(lost, rest(state))).toMatchObject({
				change: "state",
				run: { state },
			});
		},
	);

	test("is replaced by a pushed end, but a pushed open state may be an echo of before it was lost", () => {
		const lost = markLost(runAfter(fact("running")), 5_000).run;
		expect(then(lost, fact("failed")).run.state).toBe("failed");
		for (const state of ["queued", "running", "unknown"] as const)
			expect(then(lost, fact(state))).toEqual({
				run: lost,
				change: "none",
				ignored: "late",
			});
	});
});

describe("a lost link", () => {
	test("makes an open run unknown and says what it was", () => {
		expect(markLinkLost(runAfter(fact("running")), 5_000)).toMatchObject({
			change: "state",
			run: { state: "unknown", remark: "link lost while running" },
		});
		expect(markLinkLost(runAfter(fact("queued")), 5_000).run.remark).toBe(
			"link lost while queued",
		);
		const ended = runAfter(fact("failed"));
		expect(markLinkLost(ended, 5_000).run).toBe(ended);
	});

	test("twice is no more than once", () => {
		const cut = markLinkLost(runAfter(fact("running")), 5_000).run;
		expect(markLinkLost(cut, 6_000)).toEqual({ run: cut, change: "none" });
	});

	test("is undone by the next truth", () => {
		const cut = markLinkLost(runAfter(fact("running")), 5_000).run;
		expect(then(cut, rest("running"))).toMatchObject({
			change: "state",
			run: { state: "running", remark: null },
		});
		expect(then(cut, rest("succeeded")).run.state).toBe("succeeded");
	});

	test("does not lower what was known before: queued after a lost running is late, and restores running", () => {
		const cut = markLinkLost(runAfter(fact("running")), 5_000).run;
		expect(then(cut, fact("queued"))).toMatchObject({
			change: "state",
			ignored: "late",
			run: { state: "running", remark: null },
		});
	});
});

describe("a word we do not know", () => {
	test("makes a new run unknown, with the word beside it", () => {
		expect(runAfter(fact("unknown", { rawStatus: "Zorp" }))).toMatchObject({
			state: "unknown",
			rawStatus: "Zorp",
			remark: "agent says “Zorp”",
		});
	});

	test("leaves a running run running and shows the word, until a known word comes", () => {
		const run = runAfter(fact("running"));
		const odd = then(run, fact("unknown", { rawStatus: "Zorp" }));
		expect(odd).toMatchObject({
			change: "row",
			run: { state: "running", rawStatus: "Zorp", remark: "agent says “Zorp”" },
		});
		expect(then(odd.run, fact("running"))).toMatchObject({
			change: "row",
			run: { state: "running", rawStatus: "running", remark: null },
		});
	});

	test("brings a run back that the link had lost", () => {
		const cut = markLinkLost(runAfter(fact("running")), 5_000).run;
		expect(then(cut, fact("unknown", { rawStatus: "Zorp" })).run).toMatchObject(
			{ state: "running", rawStatus: "Zorp" },
		);
	});
});

describe("a reboot", () => {
	test("that was asked for and happened has succeeded, and says how we know", () => {
		const running = runAfter(fact("running", { operation: "reboot" }));
		const cut = markLinkLost(running, 5_000).run;
		const lost = markLost(running, 5_000).run;
		const failed = runAfter(
			rest("failed", { operation: "reboot", errorCode: "AGENT_REBOOTED" }),
		);
		for (const run of [running, cut, lost, failed])
			expect(rebooted(run, 6_000)).toMatchObject({
				change: "state",
				run: { state: "succeeded", remark: REMARKS.rebooted, errorCode: null },
			});
	});

	test("stays a success when the agent, back again, calls it interrupted or does not know it", () => {
		const running = runAfter(fact("running", { operation: "reboot" }));
		const done = rebooted(running, 6_000).run;
		expect(
			then(done, rest("failed", { errorCode: "AGENT_REBOOTED" })).run,
		).toBe(done);
		expect(markLost(done, 7_000).run).toBe(done);
	});

	test("is only remarked beside a run of another kind", () => {
		const running = runAfter(fact("running", { operation: "patchapply" }));
		const remarked = rebooted(running, 6_000);
		expect(remarked).toMatchObject({
			change: "row",
			run: { state: "running", remark: "rebooted, agent back" },
		});
		expect(markLost(remarked.run, 7_000).run).toMatchObject({
			state: "lost",
			remark: "rebooted, agent back",
		});
	});

	test("says nothing of runs that ended by themselves or had not begun", () => {
		for (const run of [
			runAfter(fact("succeeded", { operation: "reboot" })),
			runAfter(
				fact("failed", { operation: "reboot", errorCode: "REBOOT_BLOCKED" }),
			),
			runAfter(fact("queued", { operation: "reboot" })),
		])
			expect(rebooted(run, 6_000)).toEqual({ run, change: "none" });
	});
});

describe("what is beside the state", () => {
	test("the same fact again changes nothing, not even the reference", () => {
		const told = fact("running", { progress: 10, message: "m" });
		const run = runAfter(told);
		expect(then(run, { ...told, receivedAt: 9_000, source: "poll" })).toEqual({
			run,
			change: "none",
		});
		expect(then(run, { ...told, receivedAt: 9_000 }).run).toBe(run);
	});

	test("an equal list of packages keeps the row", () => {
		const told = rest("running", { packages: ["a", "b"] });
		const run = runAfter(told);
		expect(then(run, { ...told, packages: ["a", "b"] }).run).toBe(run);
	});

	test("progress does not run backwards, and only real progress moves its time", () => {
		const run = runAfter(fact("running", { progress: 40 }));
		expect(then(run, fact("running", { progress: 10 })).run).toBe(run);
		expect(
			then(run, fact("running", { progress: 60, receivedAt: 2_000 })),
		).toMatchObject({
			change: "row",
			run: { progress: 60, progressAt: 2_000 },
		});
	});

	test("an end may tell less progress: agents keep the last, or say 0", () => {
		const run = runAfter(fact("running", { progress: 40 }));
		expect(then(run, fact("failed", { progress: 0 })).run.progress).toBe(0);
		expect(then(run, rest("failed")).run.progress).toBe(40);
	});

	test("a push that leaves something out wipes nothing; a detail that has nothing does", () => {
		const run = runAfter(fact("failed", { error: "boom", errorCode: "X" }));
		expect(then(run, fact("failed")).run).toBe(run);
		expect(then(run, rest("failed")).run).toMatchObject({ error: "boom" });
		expect(then(run, rest("failed", { error: null })).run.error).toBeNull();
	});

	test("a detail adds to an end that was pushed, without another change of state", () => {
		const run = runAfter(fact("running"), fact("failed"));
		expect(
			then(run, rest("failed", { error: "boom", exitCode: 100 })),
		).toMatchObject({
			change: "row",
			run: { error: "boom", exitCode: 100, changedAt: run.changedAt },
		});
	});

	test("a run stays in its job", () => {
		const run = runAfter(fact("queued"));
		expect(reduceRun(run, fact("running"), jobId("j-2")).run.jobId).toBe(JOB);
	});
});

describe("each thing beside the state", () => {
	test("is empty as long as nobody told it", () => {
		expect(runAfter(fact("queued"))).toMatchObject({
			operation: "",
			packages: [],
			message: "",
			progress: null,
			error: null,
			errorCode: null,
			exitCode: null,
			createdAt: null,
			completedAt: null,
			remark: null,
		});
		expect(reduceRun(undefined, fact("queued"), JOB).change).toBe("state");
	});

	test.each<Partial<RunFact>>([
		{ rawStatus: "RUNNING" },
		{ operation: "install" },
		{ packages: ["a", "c"] },
		{ packages: ["a"] },
		{ packages: ["a", "b", "c"] },
		{ progress: 11 },
		{ message: "another" },
		{ error: "why" },
		{ errorCode: "X" },
		{ exitCode: 0 },
		{ createdAt: 2 },
		{ completedAt: 3 },
	])("is a change of the row by itself: %j", (more) => {
		const known = rest("running", {
			operation: "patchapply",
			packages: ["a", "b"],
			progress: 10,
			message: "m",
			createdAt: 1,
		});
		const run = runAfter(known);
		const { change, run: next } = then(run, { ...known, ...more });
		expect(change).toBe("row");
		expect(next).toMatchObject(more);
		expect(next.state).toBe("running");
	});

	test.each<Partial<RunFact>>([{ error: "why" }, { errorCode: "X" }])(
		"of an end may come with a repeated push, once: %j",
		(more) => {
			const run = runAfter(fact("failed"));
			const { change, run: next } = then(run, fact("failed", more));
			expect(change).toBe("row");
			expect(next).toMatchObject(more);
			const other = fact("failed", { error: "other", errorCode: "Y" });
			expect(then(next, other).run).toMatchObject(more);
			expect(then(next, fact("failed", more))).toEqual({
				run: next,
				change: "none",
			});
		},
	);

	test("no progress told leaves what is known; the first one is taken", () => {
		const run = runAfter(fact("running"));
		expect(then(run, fact("running", { progress: 0 })).run.progress).toBe(0);
		const at = runAfter(fact("running", { progress: 7 }));
		const silent = fact("succeeded", { progress: null });
		expect(then(at, silent).run.progress).toBe(7);
	});

	test("a run that was queued when the link was lost, and is told of by a word we do not know, is queued again", () => {
		const cut = markLinkLost(runAfter(fact("queued")), 2_000).run;
		expect(then(cut, fact("unknown", { rawStatus: "Zorp" })).run.state).toBe(
			"queued",
		);
	});

	test("an agent that does not know an ended run, and one that calls a failure interrupted, say so in their ways", () => {
		const ended = runAfter(fact("running"), fact("cancelled"));
		expect(then(ended, rest("lost"))).toEqual({
			run: ended,
			change: "none",
			ignored: "terminal",
		});
		const interrupted = rest("failed", { errorCode: "AGENT_REBOOTED" });
		expect(then(ended, interrupted).run.state).toBe("failed");
		const lost = markLost(runAfter(fact("running")), 5_000).run;
		expect(then(lost, rest("lost"))).toEqual({ run: lost, change: "none" });
	});
});

const OPEN = RUN_STATES.filter(isOpen);
const ENDS = RUN_STATES.filter((state) => !isOpen(state) && state !== "lost");

const anyFact = fc
	.record({
		state: fc.constantFrom(...RUN_STATES),
		authoritative: fc.boolean(),
		progress: fc.option(fc.integer({ min: 0, max: 100 })),
		message: fc.constantFrom("", "a", "b"),
		error: fc.option(fc.constantFrom("e", "f")),
		errorCode: fc.option(fc.constantFrom("X", "AGENT_REBOOTED")),
		operation: fc.constantFrom("patchapply", "reboot"),
	})
	.map(({ state, ...more }) => fact(state, more));
type Step = { readonly fact: RunFact } | "linkLost" | "lost" | "rebooted";
const anyStep: fc.Arbitrary<Step> = fc.oneof(
	{ weight: 6, arbitrary: anyFact.map((told) => ({ fact: told })) },
	fc.constantFrom<Step>("linkLost", "lost", "rebooted"),
);
const stepped = (run: HostRun, step: Step): Reduced => {
	if (step === "linkLost") return markLinkLost(run, 2_000);
	if (step === "lost") return markLost(run, 2_000);
	return step === "rebooted" ? rebooted(run, 2_000) : then(run, step.fact);
};

describe("for any history", () => {
	test("an unchanged run is the same reference, a changed state is told as one, and the row fits the model", () => {
		fc.assert(
			fc.property(anyFact, fc.array(anyStep), (first, steps) => {
				let run = runAfter(first);
				for (const step of steps) {
					const { run: next, change } = stepped(run, step);
					expect(change === "none").toBe(next === run);
					expect(change === "state").toBe(next.state !== run.state);
					expect(hostRunSchema.safeParse(next).success).toBe(true);
					run = next;
				}
			}),
			{ numRuns: 500 },
		);
	});

	test("an end stays unless REST tells another, or a reboot explains it", () => {
		fc.assert(
			fc.property(
				fc.constantFrom(...ENDS),
				fc.array(anyFact.filter((told) => !told.authoritative)),
				(end, facts) => {
					const run = runAfter(fact("running"), fact(end));
					expect(runAfter(fact("running"), fact(end), ...facts).state).toBe(
						run.state,
					);
				},
			),
		);
	});

	test("any step taken twice is taken once", () => {
		fc.assert(
			fc.property(anyFact, fc.array(anyStep), anyStep, (first, steps, step) => {
				let run = runAfter(first);
				for (const before of steps) run = stepped(run, before).run;
				const once = stepped(run, step).run;
				expect(stepped(once, step).run).toBe(once);
			}),
			{ numRuns: 500 },
		);
	});

	test("a legal history converges however it is shuffled, repeated, and cut by lost links", () => {
		const history = fc
			.tuple(
				fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 6 }),
				fc.constantFrom(...ENDS),
				fc.integer({ min: 0, max: 100 }),
			)
			.map(([progresses, end, last]) => [
				fact("queued", { progress: 0, message: "queued" }),
				...progresses
					.sort((a, b) => a - b)
					.map((progress) => fact("running", { progress, message: "at it" })),
				fact(end, { progress: last, message: "over", errorCode: "X" }),
			]);
		const shuffled = history.chain((facts) =>
			fc.tuple(
				fc.constant(facts),
				fc.shuffledSubarray([...facts, ...facts], {
					minLength: facts.length * 2,
				}),
				fc.array(fc.nat(facts.length * 2), { maxLength: 3 }),
			),
		);
		fc.assert(
			fc.property(shuffled, ([facts, mixed, cuts]) => {
				const wanted = runAfter(...facts);
				let run = runAfter(mixed[0] as RunFact);
				for (const [at, told] of mixed.entries()) {
					if (cuts.includes(at)) run = markLinkLost(run, 2_000).run;
					run = then(run, told).run;
				}
				const { state, rawStatus, progress, message, errorCode, remark } =
					wanted;
				expect(run).toMatchObject({
					state,
					rawStatus,
					progress,
					message,
					errorCode,
					remark,
				});
			}),
			{ numRuns: 500 },
		);
	});

	test("an unfinished history converges to its highest rank", () => {
		fc.assert(
			fc.property(
				fc.array(fc.constantFrom(...OPEN), { minLength: 1 }),
				(states) => {
					const highest = (["running", "queued", "unknown"] as const).find(
						(state) => states.includes(state),
					);
					expect(runAfter(...states.map((state) => fact(state))).state).toBe(
						highest,
					);
				},
			),
		);
	});
});
