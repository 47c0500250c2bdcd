// What a person may set, as one value: its shape, its defaults, and what becomes of a file of another age. A file is read
// key by key, so that one value that makes no sense costs that value alone. Pure; who keeps it is `main/core/settings`.
import { z } from "zod";
import type { QuietHours } from "./quietHours.ts";

/** Of the file's shape. Raised together with a step in UPGRADES. */
export const SETTINGS_VERSION = 1;
/** Nobody sets more, and every question must stay small. */
export const MOST_QUIET_SPANS = 20;

const clockTimeSchema = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/);

/** One span of quiet: the weekdays on which it begins (0 Sunday … 6 Saturday), and local times. `to` at or before `from`: the next day. */
const quietSpanSchema = z.strictObject({
	days: z
		.array(z.int().min(0).max(6))
		.min(1)
		.max(7)
		.refine((days) => new Set(days).size === days.length),
	from: clockTimeSchema,
	to: clockTimeSchema,
});
export type QuietSpan = z.infer<typeof quietSpanSchema>;

/** Every setting, by section and key. */
const SECTIONS = {
	notifications: z.strictObject({
		quietHours: z.array(quietSpanSchema).max(MOST_QUIET_SPANS),
		/** Failures are told in quiet hours too. */
		failuresBreakQuiet: z.boolean(),
		/** Nothing is told until then (epoch ms); 0: not muted. */
		mutedUntil: z.int().nonnegative(),
		/** Tell outside of the window at all. */
		desktop: z.boolean(),
	}),
	updates: z.strictObject({
		/** Null: beta for a beta version, else latest. */
		channel: z.enum(["latest", "beta"]).nullable(),
	}),
	history: z.strictObject({
		/** Jobs that changed longer ago than this many days go; whatever else, a history stays below 1 GiB. */
		days: z.int().min(1).max(3650),
		/** Beyond so many jobs the oldest go. */
		jobs: z.int().min(100).max(100_000),
	}),
	window: z.strictObject({
		/** Closing the window leaves Foredeck in the tray, where there is one. */
		closeToTray: z.boolean(),
	}),
};

export const settingsSchema = z.strictObject(SECTIONS);
export type Settings = z.infer<typeof settingsSchema>;

/** Some of the settings; what is absent stays. A list is replaced as a whole. */
export const settingsPatchSchema = z.strictObject({
	notifications: SECTIONS.notifications.partial().optional(),
	updates: SECTIONS.updates.partial().optional(),
	history: SECTIONS.history.partial().optional(),
	window: SECTIONS.window.partial().optional(),
});
export type SettingsPatch = z.infer<typeof settingsPatchSchema>;

export const DEFAULT_SETTINGS: Settings = {
	notifications: {
		quietHours: [],
		failuresBreakQuiet: false,
		mutedUntil: 0,
		desktop: true,
	},
	updates: { channel: null },
	history: { days: 90, jobs: 10_000 },
	window: { closeToTray: true },
};

/** A settings file's object as it was read, with keys that this version may not know. */
export type KeptSettings = Readonly<Record<string, unknown>>;

export const isKept = (value: unknown): value is KeptSettings =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** What makes version n + 1 of version n, by n. Files without a version were written by hand, and have today's shape. */
const UPGRADES: readonly ((kept: KeptSettings) => KeptSettings)[] = [
	(kept) => kept,
];

/** The same settings in the newest shape. Those of a newer Foredeck stay as they are. */
export function upgraded(
	kept: KeptSettings,
	steps: readonly ((kept: KeptSettings) => KeptSettings)[] = UPGRADES,
): KeptSettings {
	const from = versionOf(kept);
	if (from >= steps.length) return kept;
	const now = steps.slice(from).reduce((one, step) => step(one), kept);
	return { ...now, version: steps.length };
}

function versionOf({ version }: KeptSettings): number {
	const known = z.int().nonnegative().safeParse(version);
	return known.success ? known.data : 0;
}

/** The settings in a file's object, and the names of values that make no sense, which are at their defaults. */
export function settingsIn(kept: KeptSettings): {
	readonly settings: Settings;
	readonly wrong: readonly string[];
} {
	const wrong: string[] = [];
	const read = (name: keyof Settings): Record<string, unknown> => {
		const section = kept[name];
		if (section !== undefined && !isKept(section)) wrong.push(name);
		const values: Record<string, unknown> = { ...DEFAULT_SETTINGS[name] };
		for (const [key, schema] of Object.entries(SECTIONS[name].shape)) {
			const value = isKept(section) ? section[key] : undefined;
			if (value === undefined) continue;
			const parsed = schema.safeParse(value);
			if (parsed.success) values[key] = parsed.data;
			else wrong.push(`${name}.${key}`);
		}
		return values;
	};
	const settings = settingsSchema.parse({
		notifications: read("notifications"),
		updates: read("updates"),
		history: read("history"),
		window: read("window"),
	});
	return { settings, wrong };
}

/**
 * The object to write: these settings, and as they were every key that this version does not know and every value that makes
 * no sense and that the patch does not name. A person may still want to mend those.
 */
export function keptWith(
	kept: KeptSettings,
	settings: Settings,
	patch: SettingsPatch = settings,
): KeptSettings {
	const { wrong } = settingsIn(kept);
	const section = (name: keyof Settings): unknown => {
		const was = kept[name];
		const named: KeptSettings = said(patch[name]);
		if (wrong.includes(name) && Object.keys(named).length === 0) return was;
		const before = isKept(was) ? was : {};
		const stays = Object.entries(before).filter(
			([key]) => wrong.includes(`${name}.${key}`) && !(key in named),
		);
		return { ...before, ...settings[name], ...Object.fromEntries(stays) };
	};
	return {
		...kept,
		version: Math.max(versionOf(kept), SETTINGS_VERSION),
		notifications: section("notifications"),
		updates: section("updates"),
		history: section("history"),
		window: section("window"),
	};
}

/** The settings with the patch on them. */
export const patched = (
	{ notifications, updates, history, window }: Settings,
	patch: SettingsPatch,
): Settings => ({
	notifications: { ...notifications, ...said(patch.notifications) },
	updates: { ...updates, ...said(patch.updates) },
	history: { ...history, ...said(patch.history) },
	window: { ...window, ...said(patch.window) },
});

/** Both patches as one; the second goes before the first. */
export const joined = (
	first: SettingsPatch,
	second: SettingsPatch,
): SettingsPatch => ({
	notifications: { ...first.notifications, ...said(second.notifications) },
	updates: { ...first.updates, ...said(second.updates) },
	history: { ...first.history, ...said(second.history) },
	window: { ...first.window, ...said(second.window) },
});

/** Without keys that are there but undefined: they mean that nothing was said. */
const said = <T extends object>(section: T | undefined) =>
	Object.fromEntries(
		Object.entries(section ?? {}).filter(([, value]) => value !== undefined),
	) as { [K in keyof T]?: Exclude<T[K], undefined> };

/** As the rules of quiet hours take it. */
export const quietHoursOf = ({ days, from, to }: QuietSpan): QuietHours => ({
	days,
	fromMinute: minuteOf(from),
	toMinute: minuteOf(to),
});

/** Minutes after midnight of `22:05`. */
const minuteOf = (time: string): number =>
	Number(time.slice(0, 2)) * 60 + Number(time.slice(3));
