import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Activity, HostRun } from "../../shared/model.ts";
import { hostId, isOpen, RUN_STATES } from "../../shared/model.ts";
import { jobRow, NOW, runRow } from "./fixtures.ts";
import type { Dark } from "./timeline.ts";
import { darkTimes, endOf, sliceMs, timelineOf } from "./timeline.ts";

const S = 1_000;
const job = jobRow("j-1", { startedAt: NOW });
const ended = (host: string, atS: number, change: Partial<HostRun> = {}) =>
	runRow(host, "j-1", {
		state: "succeeded",
		changedAt: NOW + atS * S,
		...change,
	});
const lineOf = (
	runs: readonly HostRun[],
	dark: readonly Dark[] = [],
	nowS = 60,
) =>
	timelineOf({
		job,
		runs,
		skewOf: () => null,
		dark,
		now: NOW + nowS * S,
		most: 60,
	});

describe("the ends of a job's hosts", () => {
	test("stand in the slice of their time, by state, what failed at the foot", () => {
		const line = lineOf([
			ended("a", 5),
			ended("b", 5, { state: "failed" }),
			ended("c", 5),
			ended("d", 30, { state: "lost" }),
			runRow("e", "j-1"),
		]);
		expect(line.slices).toHaveLength(61);
		expect(line.slices[5]).toEqual({
			from: NOW + 5 * S,
			to: NOW + 6 * S,
			ended: [
				{ state: "failed", count: 1 },
				{ state: "succeeded", count: 2 },
			],
			total: 3,
		});
		expect(line).toMatchObject({
			highest: 3,
			open: 1,
			firstEnd: NOW + 5 * S,
			lastEnd: NOW + 30 * S,
		});
	});

	test("none is lost or told twice, whatever the times", () => {
		fc.assert(
			fc.property(
				fc.array(
					fc.record({
						state: fc.constantFrom(...RUN_STATES),
						at: fc.integer({ min: -5_000, max: 90_000 }),
					}),
					{ maxLength: 50 },
				),
				fc.integer({ min: 0, max: 100_000 }),
				(rows, nowS) => {
					const runs = rows.map(({ state, at }, n) =>
						ended(`h-${n}`, at, { state }),
					);
					const line = lineOf(runs, [], nowS);
					const told = line.slices.reduce((sum, { total }) => sum + total, 0);
					expect(told).toBe(runs.filter((run) => !isOpen(run.state)).length);
					expect(line.slices.length).toBeLessThanOrEqual(62);
				},
			),
		);
	});

	test("are by our clock: the agent's time corrected by its skew, never later than when we were told", () => {
		const run = ended("a", 100, { completedAt: NOW + 50 * S });
		expect(endOf(run, null)).toBe(NOW + 50 * S);
		expect(endOf(run, 20 * S)).toBe(NOW + 30 * S);
		expect(endOf(run, -900 * S)).toBe(NOW + 100 * S);
		expect(endOf({ ...run, completedAt: null }, 20 * S)).toBe(NOW + 100 * S);
	});

	test("slices last a time that people say", () => {
		expect(sliceMs(60 * S, 60)).toBe(1 * S);
		expect(sliceMs(61 * S, 60)).toBe(2 * S);
		expect(sliceMs(3_600 * S, 96)).toBe(60 * S);
		expect(sliceMs(86_400_000 * 3_650, 96) % 604_800_000).toBe(0);
	});
});

describe("what is not known", () => {
	const gaps = (dark: readonly Dark[]) =>
		lineOf([], dark).gaps.map(({ from, to, hosts }) => [
			(from - NOW) / S,
			(to - NOW) / S,
			hosts,
		]);
	const at = (host: string | null, from: number, to: number | null): Dark => ({
		host,
		from: NOW + from * S,
		to: to === null ? null : NOW + to * S,
	});

	test("is a gap per time, with the most hosts that were dark at once", () => {
		const dark = [at("a", 5, 10), at("b", 8, 20), at("c", 30, null)];
		expect(gaps(dark)).toEqual([
			[5, 20, 2],
			[30, 60, 1],
		]);
		expect(lineOf([], dark).gaps.map(({ lasts }) => lasts)).toEqual([
			false,
			true,
		]);
	});
	test("spans that touch are one, and the same host counts once", () => {
		expect(gaps([at("a", 5, 10), at("a", 10, 12), at("a", 6, 7)])).toEqual([
			[5, 12, 1],
		]);
	});
	test("of all hosts is told as such, and nothing outside of the strip is", () => {
		expect(gaps([at(null, 5, 10), at("a", -90, -80), at("b", 90, 95)])).toEqual(
			[[5, 10, null]],
		);
	});
});

test("dark times are lost links, the time between an unknown and the next word, gaps that were told, and a lost core", () => {
	const event = (
		n: number,
		atS: number,
		change: Partial<Extract<Activity, { kind: "host" }>>,
	): Activity => ({
		kind: "host",
		n,
		receivedAt: NOW + atS * S,
		jobId: job.id,
		hostId: hostId("a"),
		agentJobId: runRow("a", "j-1").agentJobId,
		status: "running",
		rawStatus: "",
		message: "",
		error: null,
		errorCode: null,
		at: null,
		source: "push",
		...change,
	});
	const gap = (atS: number, host: string | null): Activity => ({
		kind: "gap",
		n: 99,
		receivedAt: NOW + atS * S,
		hostId: host === null ? null : hostId(host),
		sentence: "missed",
	});
	const runs = [
		runRow("a", "j-1"),
		runRow("b", "j-1", { state: "unknown", changedAt: NOW + 40 * S }),
	];
	expect(
		darkTimes(
			runs,
			[
				event(1, 5, { status: "unknown" }),
				event(2, 9, { status: "running" }),
				event(3, 11, { status: "unknown", jobId: jobRow("other").id }),
				gap(20, "a"),
				gap(21, "stranger"),
				gap(-5, null),
			],
			job,
			NOW + 50 * S,
		),
	).toEqual([
		{ host: "a", from: NOW + 5 * S, to: NOW + 9 * S },
		{ host: "a", from: NOW + 19 * S, to: NOW + 20 * S },
		{ host: "b", from: NOW + 40 * S, to: null },
		{ host: null, from: NOW + 50 * S, to: null },
	]);
});
