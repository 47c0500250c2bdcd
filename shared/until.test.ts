import { describe, expect, test } from "vitest";
import { nextMorning, untilText } from "./until.ts";

/** A Saturday. */
const at = (day: number, hours: number, minutes = 0): number =>
	new Date(2026, 10, day, hours, minutes).getTime();

describe("a moment to come", () => {
	const now = at(21, 22, 30);
	test.each([
		[at(21, 23, 5), "23:05"],
		[at(22, 7), "tomorrow 07:00"],
		[at(24, 7), "Tuesday 07:00"],
		[at(29, 7), "8 days from now, 07:00"],
	])("%s", (then, text) => {
		expect(untilText(then, now, false)).toBe(text);
	});
	test("in UTC says so, and has UTC's days", () => {
		const noon = Date.UTC(2026, 10, 21, 12);
		expect(untilText(noon + 3_600_000, noon, true)).toBe("13:00Z");
		expect(untilText(noon + 13 * 3_600_000, noon, true)).toBe(
			"tomorrow 01:00Z",
		);
	});
});

test("the next morning is today's until seven, and then tomorrow's, also at the end of a month", () => {
	expect(nextMorning(at(21, 2))).toBe(at(21, 7));
	expect(nextMorning(at(21, 7))).toBe(at(22, 7));
	expect(nextMorning(at(30, 22))).toBe(new Date(2026, 11, 1, 7).getTime());
});

test("a time beyond the calendar is further notice", () => {
	expect(untilText(Number.MAX_SAFE_INTEGER, at(21, 2), false)).toBe(
		"further notice",
	);
});
