// What becomes of a settings file of any age and content: read key by key, upgraded step by step, written without losing
// what a newer Foredeck put there.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { KeptSettings } from "./settings.ts";
import {
	DEFAULT_SETTINGS,
	keptWith,
	patched,
	quietHoursOf,
	SETTINGS_VERSION,
	settingsIn,
	settingsPatchSchema,
	settingsSchema,
	upgraded,
} from "./settings.ts";

const NIGHT = { days: [1, 2, 3, 4, 5], from: "22:00", to: "07:00" };

test("an empty file is the defaults, and they fit their own schema", () => {
	expect(settingsIn({})).toEqual({ settings: DEFAULT_SETTINGS, wrong: [] });
	expect(settingsSchema.parse(DEFAULT_SETTINGS)).toEqual(DEFAULT_SETTINGS);
});

test("what is written is read again as it was", () => {
	const settings = patched(DEFAULT_SETTINGS, {
		notifications: { quietHours: [NIGHT], mutedUntil: 7 },
		updates: { channel: "beta" },
	});
	const text = JSON.stringify(keptWith({}, settings));
	expect(settingsIn(JSON.parse(text))).toEqual({ settings, wrong: [] });
});

test.each<[string, unknown, string]>([
	[
		"a time of 24:00",
		{ quietHours: [{ ...NIGHT, to: "24:00" }] },
		"quietHours",
	],
	[
		"a time of one digit",
		{ quietHours: [{ ...NIGHT, to: "7:00" }] },
		"quietHours",
	],
	["no day", { quietHours: [{ ...NIGHT, days: [] }] }, "quietHours"],
	["a day twice", { quietHours: [{ ...NIGHT, days: [1, 1] }] }, "quietHours"],
	["an eighth day", { quietHours: [{ ...NIGHT, days: [7] }] }, "quietHours"],
	["too many spans", { quietHours: Array(21).fill(NIGHT) }, "quietHours"],
	["a word for a switch", { failuresBreakQuiet: "yes" }, "failuresBreakQuiet"],
	["a negative time", { mutedUntil: -1 }, "mutedUntil"],
	["a null", { desktop: null }, "desktop"],
])("%s costs that value alone, and is named", (_what, notifications, key) => {
	const { settings, wrong } = settingsIn({
		notifications: { mutedUntil: 5, ...(notifications as object) },
		updates: { channel: "latest" },
	});
	expect(wrong).toEqual([`notifications.${key}`]);
	expect(settings).toEqual({
		...DEFAULT_SETTINGS,
		notifications: {
			...DEFAULT_SETTINGS.notifications,
			mutedUntil: key === "mutedUntil" ? 0 : 5,
		},
		updates: { channel: "latest" },
	});
});

test("a section of another kind is named as a whole", () => {
	expect(settingsIn({ window: ["closed"], updates: "beta" })).toEqual({
		settings: DEFAULT_SETTINGS,
		wrong: ["updates", "window"],
	});
});

test("keys that a newer Foredeck wrote stay, in every place, and so does its version", () => {
	const kept: KeptSettings = {
		version: SETTINGS_VERSION + 3,
		theme: { accent: "teal" },
		notifications: { mutedUntil: 4, sound: "bell" },
	};
	const { settings } = settingsIn(upgraded(kept));
	expect(settings.notifications.mutedUntil).toBe(4);
	const changed = patched(settings, { notifications: { mutedUntil: 9 } });
	expect(keptWith(upgraded(kept), changed)).toEqual({
		...DEFAULT_SETTINGS,
		version: SETTINGS_VERSION + 3,
		theme: { accent: "teal" },
		notifications: {
			...DEFAULT_SETTINGS.notifications,
			mutedUntil: 9,
			sound: "bell",
		},
	});
});

describe("a file of an older version", () => {
	test("is brought to the newest, one step after the other, from where it is", () => {
		const steps = [
			(kept: KeptSettings) => ({ ...kept, trail: [0] }),
			(kept: KeptSettings) => ({ ...kept, trail: [...(kept.trail as []), 1] }),
		];
		expect(upgraded({ old: true }, steps)).toEqual({
			old: true,
			trail: [0, 1],
			version: 2,
		});
		expect(upgraded({ version: 1, trail: [] }, steps)).toEqual({
			version: 2,
			trail: [1],
		});
		expect(upgraded({ version: 9 }, steps)).toEqual({ version: 9 });
	});
	test("without a version was written by hand, and gets today's", () => {
		expect(upgraded({ window: { closeToTray: false } })).toEqual({
			window: { closeToTray: false },
			version: SETTINGS_VERSION,
		});
		expect(upgraded({ version: "one" }).version).toBe(SETTINGS_VERSION);
	});
});

test("a patch changes what it names and nothing else; undefined says nothing", () => {
	const once = patched(DEFAULT_SETTINGS, {
		notifications: { desktop: false, mutedUntil: undefined },
		window: undefined,
	});
	expect(once).toEqual({
		...DEFAULT_SETTINGS,
		notifications: { ...DEFAULT_SETTINGS.notifications, desktop: false },
	});
	expect(patched(once, {})).toEqual(once);
});

test("a patch with a key nobody knows is refused before it comes here", () => {
	for (const patch of [
		{ colour: {} },
		{ notifications: { volume: 3 } },
		{ updates: { channel: "nightly" } },
	])
		expect(settingsPatchSchema.safeParse(patch).success).toBe(false);
});

test("any JSON object is read into sound settings and written without losing a key", () => {
	fc.assert(
		fc.property(
			fc.dictionary(
				fc.constantFrom("notifications", "updates", "window", "version", "x"),
				fc.oneof(
					fc.jsonValue(),
					fc.dictionary(
						fc.constantFrom("quietHours", "mutedUntil", "channel", "y"),
						fc.jsonValue(),
					),
				),
			),
			(kept) => {
				const { settings } = settingsIn(upgraded(kept));
				expect(settingsSchema.safeParse(settings).success).toBe(true);
				const again = keptWith(upgraded(kept), settings);
				expect(Object.keys(again)).toEqual(
					expect.arrayContaining(Object.keys(kept)),
				);
				expect(again.x).toEqual(kept.x);
				expect(settingsIn(JSON.parse(JSON.stringify(again)))).toEqual({
					settings,
					wrong: [],
				});
			},
		),
	);
});

test("quiet hours are told to the rules in minutes", () => {
	expect(quietHoursOf({ days: [6], from: "00:00", to: "23:59" })).toEqual({
		days: [6],
		fromMinute: 0,
		toMinute: 1_439,
	});
});
