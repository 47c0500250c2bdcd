import { afterAll, beforeAll, expect, test } from "vitest";
import { muteUntil } from "./muteTimes.ts";

const zone = process.env.TZ;
beforeAll(() => {
	process.env.TZ = "Europe/Berlin";
});
afterAll(() => {
	if (zone === undefined) delete process.env.TZ;
	else process.env.TZ = zone;
});

const at = (text: string): number => new Date(text).getTime();

test("half an hour and an hour are from now", () => {
	expect(muteUntil("halfHour", 1_000)).toBe(1_801_000);
	expect(muteUntil("hour", 1_000)).toBe(3_601_000);
});

test.each([
	["in the evening: tomorrow", "2026-01-05T22:15", "2026-01-06T07:00"],
	["in the night: today", "2026-01-06T03:00", "2026-01-06T07:00"],
	["at seven itself: tomorrow", "2026-01-06T07:00", "2026-01-07T07:00"],
	// That night has 23 hours, and the other one 25.
	["before summer time", "2026-03-28T22:00", "2026-03-29T07:00"],
	["before winter time", "2026-10-24T22:00", "2026-10-25T07:00"],
	["at the end of a year", "2026-12-31T23:59", "2027-01-01T07:00"],
])("until morning, %s", (_what, now, until) => {
	expect(muteUntil("morning", at(now))).toBe(at(until));
});
