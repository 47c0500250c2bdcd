// When quiet begins and ends next, held against asking minute by minute.
import fc from "fast-check";
import { expect, test } from "vitest";
import type { QuietHours } from "./quietHours.ts";
import { isQuiet, nextChange } from "./quietHours.ts";

const WEEK = 7 * 1_440;
const timeAt = (minutes: number) => ({
	weekday: Math.floor(minutes / 1_440) % 7,
	minute: minutes % 1_440,
});

const NIGHTS: QuietHours = {
	days: [0, 1, 2, 3, 4, 5, 6],
	fromMinute: 1_320,
	toMinute: 420,
};

test("from the afternoon the next change is tonight, from the night it is the morning", () => {
	expect(nextChange([NIGHTS], { weekday: 2, minute: 900 })).toEqual({
		weekday: 2,
		minute: 1_320,
		daysAway: 0,
	});
	expect(nextChange([NIGHTS], { weekday: 2, minute: 1_380 })).toEqual({
		weekday: 3,
		minute: 420,
		daysAway: 1,
	});
});

test("spans that touch are one, and a span of a whole day has the day", () => {
	const weekend: QuietHours = { days: [6, 0], fromMinute: 0, toMinute: 0 };
	expect(nextChange([weekend], { weekday: 5, minute: 60 })).toEqual({
		weekday: 6,
		minute: 0,
		daysAway: 1,
	});
	expect(nextChange([weekend], { weekday: 6, minute: 0 })).toEqual({
		weekday: 1,
		minute: 0,
		daysAway: 2,
	});
});

test("where it is never quiet, or always, nothing changes", () => {
	expect(nextChange([], { weekday: 0, minute: 0 })).toBeNull();
	const always: QuietHours = { ...NIGHTS, fromMinute: 300, toMinute: 300 };
	expect(nextChange([always], { weekday: 0, minute: 0 })).toBeNull();
});

test("a single span that begins now comes back in a week", () => {
	const once: QuietHours = { days: [3], fromMinute: 60, toMinute: 61 };
	expect(nextChange([once], { weekday: 3, minute: 61 })).toEqual({
		weekday: 3,
		minute: 60,
		daysAway: 7,
	});
});

test("it is the first minute that differs from now, for any spans", () => {
	const span = fc.record({
		days: fc.uniqueArray(fc.integer({ min: 0, max: 6 }), { minLength: 1 }),
		fromMinute: fc.integer({ min: 0, max: 1_439 }),
		toMinute: fc.integer({ min: 0, max: 1_439 }),
	});
	fc.assert(
		fc.property(
			fc.array(span, { maxLength: 4 }),
			fc.integer({ min: 0, max: WEEK - 1 }),
			(spans, start) => {
				const now = isQuiet(spans, timeAt(start));
				let away = 1;
				while (away <= WEEK && isQuiet(spans, timeAt(start + away)) === now)
					away += 1;
				expect(nextChange(spans, timeAt(start))).toEqual(
					away > WEEK
						? null
						: {
								...timeAt(start + away),
								daysAway: Math.floor(((start % 1_440) + away) / 1_440),
							},
				);
			},
		),
	);
});
