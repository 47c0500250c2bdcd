import { expect, test } from "vitest";
import { age, fullTime, span, startedText, timeOfDay } from "./age.ts";

const S = 1_000;

test.each([
	[-5_000, "0 s"],
	[0, "0 s"],
	[12_999, "12 s"],
	[60 * S, "1 m 00 s"],
	[372 * S, "6 m 12 s"],
	[3_600 * S, "1 h 00 m"],
	[(2 * 3_600 + 5 * 60) * S, "2 h 05 m"],
	[(3 * 24 + 4) * 3_600 * S, "3 d 4 h"],
])("a span of %d ms reads %s", (ms, text) => {
	expect(span(ms)).toBe(text);
});

const at = Date.UTC(2026, 10, 21, 3, 2, 11);

test("an age is the span since then", () => {
	expect(age(at, at + 12_000)).toBe("12 s");
});

test("times in UTC say so", () => {
	expect(timeOfDay(at, true)).toBe("03:02:11Z");
	expect(fullTime(at, true)).toBe("2026-11-21 03:02:11 Z");
});

test("local times carry their offset", () => {
	expect(fullTime(at, false)).toMatch(
		/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d\d:\d\d$/,
	);
});

test("a start on another day names the day", () => {
	expect(startedText(at, at + 60_000, true)).toBe("03:02:11Z");
	expect(startedText(at, at + 86_400_000, true)).toBe("11-21 03:02Z");
});
