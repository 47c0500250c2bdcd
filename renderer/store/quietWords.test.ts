import { describe, expect, test } from "vitest";
import type { QuietHours } from "../../shared/quietHours.ts";
import { localTimeOf, quietSentence, typedTime } from "./quietWords.ts";

/** A Saturday. */
const at = (day: number, hours: number, minutes = 0): number =>
	new Date(2026, 10, day, hours, minutes).getTime();

describe("quiet hours in words", () => {
	const nights: QuietHours = {
		days: [0, 1, 2, 3, 4, 5, 6],
		fromMinute: 1_320,
		toMinute: 420,
	};
	const weekend: QuietHours = { days: [6, 0], fromMinute: 0, toMinute: 0 };
	test.each([
		[[], 21, 12, "None: you are told at any hour."],
		[[nights], 21, 12, "Next: today at 22:00."],
		[[nights], 21, 23, "Quiet now, until tomorrow at 07:00."],
		[[nights], 21, 3, "Quiet now, until 07:00."],
		[[weekend], 16, 12, "Next: Saturday at 00:00."],
		[[weekend], 20, 12, "Next: tomorrow at 00:00."],
		[[weekend], 21, 12, "Quiet now, until Monday at 00:00."],
		[
			[{ ...nights, toMinute: 1_320 }],
			21,
			12,
			"Quiet at every hour of the week.",
		],
		[
			[{ days: [6], fromMinute: 600, toMinute: 660 }],
			21,
			12,
			"Next: Saturday in a week at 10:00.",
		],
	])("%j on the %ith at %i", (spans, day, hours, sentence) => {
		expect(quietSentence(spans, localTimeOf(at(day, hours), null))).toBe(
			sentence,
		);
	});
});

test.each([
	["Asia/Tokyo", { weekday: 1, minute: 465 }],
	["America/New_York", { weekday: 0, minute: 1_125 }],
	["Asia/Kolkata", { weekday: 1, minute: 255 }],
	["UTC", { weekday: 0, minute: 1_365 }],
])("the wall of a core in %s is read by its zone", (zone, expected) => {
	// A Sunday in summer time.
	expect(localTimeOf(Date.UTC(2026, 5, 21, 22, 45), zone)).toEqual(expected);
	expect(localTimeOf(Date.UTC(2026, 5, 21, 0, 0), "UTC").minute).toBe(0);
});

test("a zone that is not known here is this browser's own", () => {
	const now = Date.UTC(2026, 5, 21, 22, 45);
	const time = new Date(now);
	const own = {
		weekday: time.getDay(),
		minute: time.getHours() * 60 + time.getMinutes(),
	};
	expect(localTimeOf(now, "Nowhere/At all")).toEqual(own);
	expect(localTimeOf(now, null)).toEqual(own);
});

test.each([
	["22:00", "22:00"],
	["2200", "22:00"],
	["9:05", "09:05"],
	["9.05", "09:05"],
	[" 7 ", "07:00"],
	["00", "00:00"],
	["24:00", null],
	["12:60", null],
	["7 pm", null],
	["", null],
	["123", "01:23"],
])("a typed %j is %j", (text, time) => {
	expect(typedTime(text)).toBe(time);
});
