import fc from "fast-check";
import { expect, test } from "vitest";
import { epochMsOf } from "./times.ts";

test.each([
	["1970-01-01T00:00:00Z", 0],
	["2026-07-21T09:14:03Z", Date.UTC(2026, 6, 21, 9, 14, 3)],
	["2026-07-21T09:14:03.5Z", Date.UTC(2026, 6, 21, 9, 14, 3, 500)],
	["2026-07-21T09:14:03.518+00:00", Date.UTC(2026, 6, 21, 9, 14, 3, 518)],
	["2026-07-21T11:14:03.100+02:00", Date.UTC(2026, 6, 21, 9, 14, 3, 100)],
	["2026-07-21T04:44:03-04:30", Date.UTC(2026, 6, 21, 9, 14, 3)],
	["2024-02-29T23:59:60Z", Date.UTC(2024, 2, 1)],
	["2000-02-29t12:00:00z", Date.UTC(2000, 1, 29, 12)],
	["2026-07-21 09:14:03Z", Date.UTC(2026, 6, 21, 9, 14, 3)],
	["9999-12-31T23:59:59Z", Date.UTC(9999, 11, 31, 23, 59, 59)],
])("%s is %d", (text, ms) => {
	expect(epochMsOf(text)).toBe(ms);
});

test("nanoseconds are kept as a fraction of a millisecond", () => {
	const whole = Date.UTC(2026, 6, 21, 9, 14, 3, 518);
	expect(epochMsOf("2026-07-21T09:14:03.518204771+00:00")).toBeCloseTo(
		whole + 0.204771,
		3,
	);
});

test.each([
	"",
	"yesterday",
	"2026-07-21",
	"2026-07-21T09:14:03",
	"2026-07-21T09:14Z",
	"2026-13-01T00:00:00Z",
	"2026-00-01T00:00:00Z",
	"2026-02-29T00:00:00Z",
	"1900-02-29T00:00:00Z",
	"2026-07-32T00:00:00Z",
	"2026-07-21T24:00:00Z",
	"2026-07-21T09:60:00Z",
	"2026-07-21T09:14:61Z",
	"2026-07-21T09:14:03.Z",
	"2026-07-21T09:14:03.1234567890Z",
	"2026-07-21T09:14:03+0000",
	"2026-07-21T09:14:03+24:00",
	"2026-07-21T09:14:03Zx",
	"+026-07-21T09:14:03Z",
	"2026-07-21T-1:14:03Z",
	"2026-07-21T09:14:03−00:00",
	// The zero value of several languages: a field that was never set.
	"0001-01-01T00:00:00Z",
	"1969-12-31T23:59:59Z",
	"1784625243",
])("%j is no time an agent can mean", (text) => {
	expect(epochMsOf(text)).toBeNull();
});

test("it agrees with Date on every date-time that Date can write", () => {
	fc.assert(
		fc.property(
			fc.date({
				min: new Date(0),
				max: new Date("9999-12-31T23:59:59.999Z"),
				noInvalidDate: true,
			}),
			(date) => {
				expect(epochMsOf(date.toISOString())).toBe(date.getTime());
			},
		),
		{ numRuns: 500 },
	);
});

test("no text makes it throw", () => {
	fc.assert(
		fc.property(
			fc.oneof(
				fc.string({ unit: "binary" }),
				fc.stringMatching(/^[0-9TZ:.+-]{0,36}$/),
			),
			(text) => {
				const ms = epochMsOf(text);
				expect(ms === null || ms >= 0).toBe(true);
			},
		),
	);
});
