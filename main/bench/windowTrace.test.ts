// Tests of what is read out of a trace of Chromium.
import { describe, expect, test } from "vitest";
import type { TraceEvent } from "./windowTrace.ts";
import { percentile, readTrace } from "./windowTrace.ts";

const MS = 1_000;

/** An event of the page's thread, in milliseconds. */
const event = (
	name: string,
	atMs: number,
	cpuMs: number,
	wallMs = cpuMs,
	change: Partial<TraceEvent> = {},
): TraceEvent => ({
	name,
	ph: "X",
	pid: 1,
	tid: 1,
	ts: atMs * MS,
	dur: wallMs * MS,
	tdur: cpuMs * MS,
	...change,
});

describe("script of a frame", () => {
	test("all script up to the end of the frame counts, and what runs within script counts once", () => {
		const { scriptMs } = readTrace([
			event("FunctionCall", 0, 4),
			event("MinorGC", 1, 2),
			event("FireAnimationFrame", 5, 3),
			event("Commit", 9, 1),
			event("TimerFire", 20, 2),
			event("Commit", 23, 1),
		]);
		expect(scriptMs).toEqual([7, 2]);
	});

	test("where nothing is drawn, a frame ends with the time of one", () => {
		const { scriptMs } = readTrace([
			event("FunctionCall", 0, 4),
			event("FunctionCall", 10, 1),
			event("FunctionCall", 100, 6),
		]);
		expect(scriptMs).toEqual([5, 6]);
	});

	test("the processor's time counts, not how long it took by the clock", () => {
		const { scriptMs, tasks, busyMs } = readTrace([
			event("RunTask", 0, 5, 90),
			event("FunctionCall", 1, 4, 80),
			event("RunTask", 100, 9),
		]);
		expect(scriptMs).toEqual([4]);
		expect(tasks).toEqual([
			{ cpuMs: 9, wallMs: 9 },
			{ cpuMs: 5, wallMs: 90 },
		]);
		expect(busyMs).toBe(14);
	});
});

test("the thread with the most script is the page's, in whatever order its events come", () => {
	const elsewhere = { tid: 2 };
	const { scriptMs } = readTrace([
		event("FunctionCall", 50, 2),
		event("RunTask", 0, 500, 500, elsewhere),
		event("FunctionCall", 1, 1, 1, elsewhere),
		event("FunctionCall", 0, 3),
		event("thread_name", 0, 0, 0, { ph: "M" }),
	]);
	expect(scriptMs).toEqual([3, 2]);
});

test("a trace without a page is no measurement", () => {
	expect(() => readTrace([])).toThrow("no page");
});

test("a percentile is a value that occurred, and none of none", () => {
	expect(percentile([5, 1, 4, 2, 3], 0.5)).toBe(3);
	expect(percentile([1, 2, 3], 0.95)).toBe(3);
	expect(percentile([], 0.5)).toBeNaN();
});
