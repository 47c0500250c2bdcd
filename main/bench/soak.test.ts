// The arithmetic and the account of a soak, and a soak of a few seconds as a whole.
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { Sample } from "./soakFigures.ts";
import {
	handlesGrew,
	memoryTrend,
	memoryVerdict,
	percentile,
	trendOf,
} from "./soakFigures.ts";
import { openLedger } from "./soakLedger.ts";
import { soakReport } from "./soakReport.ts";

const sampleAt = (minutes: number, heapMb: number): Sample => ({
	atMs: minutes * 60_000,
	rssBytes: 200 * 1_048_576,
	heapBytes: heapMb * 1_048_576,
	handles: 500,
	timers: 10,
	files: 520,
	runs: minutes * 10,
	loopP99Ms: 2,
	loopMaxMs: 9,
});

describe("a trend", () => {
	test("is the slope of a straight line, without doubt", () => {
		const { slope, plusMinus } = trendOf(
			[0, 1, 2, 3, 4].map((x) => [x, 2 * x + 1]),
		);
		expect(slope).toBeCloseTo(2);
		expect(plusMinus).toBeCloseTo(0);
	});

	test("has the interval that the textbook gives", () => {
		// Anscombe's first quartet: slope 0.500, standard error 0.1179, nine degrees of freedom.
		const x = [10, 8, 13, 9, 11, 14, 6, 4, 12, 7, 5];
		const y = [
			8.04, 6.95, 7.58, 8.81, 8.33, 9.96, 7.24, 4.26, 10.84, 4.82, 5.68,
		];
		const { slope, plusMinus } = trendOf(
			x.map((at, index) => [at, y[index] ?? 0]),
		);
		expect(slope).toBeCloseTo(0.5001, 3);
		expect(plusMinus).toBeCloseTo(0.1179 * 2.262, 3);
	});

	test("of too few points, or of one place, claims nothing", () => {
		expect(
			trendOf([
				[1, 1],
				[2, 5],
			]),
		).toEqual({ slope: 4, plusMinus: Number.POSITIVE_INFINITY });
		expect(
			trendOf([
				[1, 1],
				[1, 5],
				[1, 9],
			]).slope,
		).toBe(0);
	});

	test("of memory is in megabytes an hour", () => {
		const samples = [0, 30, 60].map((minutes) =>
			sampleAt(minutes, 50 + minutes / 60),
		);
		expect(memoryTrend(samples, "heapBytes").slope).toBeCloseTo(1);
	});
});

test("a percentile is a value that was there", () => {
	const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
	expect(
		[0.5, 0.95, 0.99, 1].map((share) => percentile(hundred, share)),
	).toEqual([50, 95, 99, 100]);
	expect(percentile([7], 0)).toBe(7);
	expect(percentile([], 0.5)).toBeNaN();
});

test("eight hours give a verdict on memory, ten minutes none", () => {
	const hours = (growth: number): Sample[] =>
		[0, 2, 4, 6, 8].map((hour) => sampleAt(hour * 60, 50 + growth * hour));
	expect(memoryVerdict(hours(0.5))).toMatch(/^holds/);
	expect(memoryVerdict(hours(2))).toMatch(/^falls short/);
	expect(memoryVerdict(hours(2).slice(0, 2))).toMatch(/^no verdict/);
});

test("a few handles more are no leak, many are", () => {
	expect(handlesGrew(500, 503)).toBe(false);
	expect(handlesGrew(500, 520)).toBe(true);
});

describe("the account", () => {
	test("finds ends that were not told, told otherwise and told twice, and delays", () => {
		const ledger = openLedger();
		const told = (
			job: string,
			state: "running" | "succeeded" | "failed",
			atMs: number,
		) => ledger.told([{ host: "a", job, state, atMs }]);
		for (const job of ["good", "lost", "wrong", "twice"]) {
			ledger.changed("a", job, "running", 1_000);
			ledger.changed("a", job, "completed", 2_000);
		}
		ledger.changed("a", "open", "running", 1_000);
		told("good", "running", 1_050);
		told("good", "succeeded", 2_100);
		expect(ledger.isEven()).toBe(false);
		told("wrong", "failed", 2_100);
		told("twice", "succeeded", 2_100);
		told("twice", "succeeded", 2_200);
		const balance = ledger.balance();
		expect(balance).toMatchObject({
			changes: 9,
			told: 5,
			runsEnded: 4,
			lost: ["a/lost"],
			wrong: ["a/wrong"],
			twice: ["a/twice"],
		});
		expect(balance.calm).toEqual({
			many: 4,
			p50: 100,
			p95: 200,
			p99: 200,
			max: 200,
		});
		expect(balance.calmEnds).toMatchObject({ many: 3, p50: 100 });
		expect(balance.disturbed.many).toBe(0);
		told("lost", "succeeded", 9_000);
		expect(ledger.isEven()).toBe(true);
	});

	test("counts delays around a cut apart, and an end by a restart is an end", () => {
		const ledger = openLedger();
		ledger.changed("a", "x", "running", 10_000);
		ledger.broke("a", 11_000);
		ledger.changed("a", "x", "dead", 11_000);
		ledger.changed("a", "x", "lost", 12_000);
		ledger.told([
			{ host: "a", job: "x", state: "running", atMs: 10_100 },
			{ host: "a", job: "x", state: "lost", atMs: 14_000 },
		]);
		const balance = ledger.balance();
		expect(balance.disturbed).toMatchObject({ many: 2, max: 2_000 });
		expect([balance.calm.many, balance.runsEnded, balance.lost]).toEqual([
			0,
			1,
			[],
		]);
	});
});

describe("the report", () => {
	const OPTIONS = {
		minutes: 1,
		hosts: 10,
		eventsPerSecond: 20,
		flapPercent: 1,
		seed: 1,
	};
	const report = (more: {
		after?: number;
		told?: boolean;
		dropped?: number;
	}) => {
		const ledger = openLedger();
		ledger.changed("a", "x", "completed", 1);
		if (more.told !== false)
			ledger.told([{ host: "a", job: "x", state: "succeeded", atMs: 2 }]);
		return soakReport(OPTIONS, {
			samples: [1, 2, 3].map((minutes) => sampleAt(minutes, 50)),
			handlesBefore: 11,
			handlesAfter: more.after ?? 11,
			balance: ledger.balance(),
			dropped: more.dropped ?? 0,
			comparisons: {},
		});
	};
	test.each([
		["all is told and nothing left behind", {}, true],
		["an end is not told", { told: false }, false],
		["handles are left behind", { after: 30 }, false],
		["a line was dropped", { dropped: 1 }, false],
	])("when %s: passed is %s", (_what, more, ok) => {
		expect(report(more).ok).toBe(ok);
		expect(report(more).lines.at(-1)).toBe(
			ok ? "soak: passed" : "soak: failed",
		);
	});
});

const SOAK = fileURLToPath(new URL("soak.ts", import.meta.url));

/** Runs the command to its end. */
function soak(args: readonly string[]) {
	return new Promise<{ code: number | null; out: string; err: string }>(
		(done) => {
			const child = spawn(process.execPath, ["--expose-gc", SOAK, ...args]);
			let out = "";
			let err = "";
			child.stdout.on("data", (bytes: Buffer) => (out += bytes));
			child.stderr.on("data", (bytes: Buffer) => (err += bytes));
			child.on("close", (code) => done({ code, out, err }));
		},
	);
}

describe("the command", () => {
	test("soaks ten hosts for some seconds, tells every end once and ends by itself", async () => {
		const { code, out, err } = await soak([
			"--minutes",
			"0.1",
			"--hosts",
			"10",
			"--flap",
			"60",
		]);
		expect(out + err).toContain("soak: passed");
		expect(out).toMatch(
			/runs ended [1-9]\d*: lost 0, told as another end 0, told twice 0/,
		);
		expect(out).toMatch(/agent to window, link untouched: p50 [\d.]+ ms/);
		expect(code).toBe(0);
	});

	test("--help and wrong usage are told", async () => {
		const helped = await soak(["--help"]);
		expect([helped.code, helped.out]).toEqual([
			0,
			expect.stringContaining("usage: npm run soak"),
		]);
		const wrong = await soak(["--minutes", "soon"]);
		expect([wrong.code, wrong.err]).toEqual([
			2,
			expect.stringContaining("--minutes takes a number"),
		]);
	});
});
