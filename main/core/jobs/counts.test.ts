import fc from "fast-check";
import { expect, test } from "vitest";
import type { Counts, JobState, RunState } from "../../../shared/model.ts";
import { RUN_STATES } from "../../../shared/model.ts";
import {
	countCodes,
	countRuns,
	jobStatus,
	sameCounts,
	stateCode,
} from "./counts.ts";

const counted = (...states: RunState[]): Counts =>
	countRuns(states.map((state) => ({ state })));

test("the eight counts by state add up to the number of runs, and both ways of counting agree", () => {
	fc.assert(
		fc.property(fc.array(fc.constantFrom(...RUN_STATES)), (states) => {
			const counts = counted(...states);
			const { host, ...byState } = counts;
			expect(Object.values(byState).reduce((a, b) => a + b, 0)).toBe(host);
			expect(host).toBe(states.length);
			const column = Uint8Array.from([...states.map(stateCode), 7, 7]);
			expect(countCodes(column, states.length)).toEqual(counts);
		}),
	);
});

test.each<[JobState, RunState[]]>([
	["queued", []],
	["queued", ["queued", "queued"]],
	["running", ["queued", "running"]],
	["running", ["queued", "succeeded"]],
	["running", ["unknown"]],
	["running", ["failed", "unknown", "succeeded"]],
	["succeeded", ["succeeded", "succeeded"]],
	["cancelled", ["cancelled", "cancelled"]],
	["failed", ["succeeded", "cancelled"]],
	["failed", ["succeeded", "failed"]],
	["failed", ["timed_out"]],
	["failed", ["lost", "succeeded"]],
])("a job is %s when its runs are %j", (status, states) => {
	expect(jobStatus(counted(...states))).toBe(status);
});

test("a difference in any one count is a difference", () => {
	const counts = counted(...RUN_STATES);
	expect(sameCounts(counts, { ...counts })).toBe(true);
	for (const name of Object.keys(counts) as (keyof Counts)[])
		expect(sameCounts(counts, { ...counts, [name]: 9 })).toBe(false);
});
