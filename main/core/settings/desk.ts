// The settings of this computer: read at the start, changed by windows and shells, kept in a file. A file that holds no settings
// is set aside; one that cannot be read now is left alone and tried again. What cannot be written is in use until Foredeck
// ends, and said. Another Foredeck on the same file is noticed by looking at the file, also before each change: only who
// writes the same key last wins.
import type { Cancel } from "../../../shared/clock.ts";
import type { Fault, Result } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";
import type {
	KeptSettings,
	Settings,
	SettingsPatch,
} from "../../../shared/settings.ts";
import {
	DEFAULT_SETTINGS,
	joined,
	keptWith,
	patched,
	settingsIn,
	settingsSchema,
	upgraded,
} from "../../../shared/settings.ts";
import type { Log } from "../ports.ts";
import { replaceFile } from "../replaceFile.ts";
import { ABSENT, codeOf, markOf, readKept, setAside } from "./file.ts";

export interface SettingsDesk {
	readonly current: Settings;
	/** What is wrong with the file, until a change was written: `settings.broken`, `settings.unwritable`. */
	readonly trouble: Fault | null;
	/** Reads the file again if somebody else wrote it. */
	look(): void;
	/** In use at once. Faults: `settings.unwritable` (in use all the same), `input.invalid` (nothing changed). */
	change(patch: SettingsPatch): Result<Settings>;
	/** Told after each change, with all settings. */
	listen(listener: (now: Settings) => void): Cancel;
}

/** Settings in the file at `path`; null: in memory, until Foredeck ends. Never throws. */
export function openSettings(path: string | null, log: Log): SettingsDesk {
	const listeners = new Set<(now: Settings) => void>();
	let kept: KeptSettings = {};
	let current = DEFAULT_SETTINGS;
	let trouble: Fault | null = null;
	let seen = ABSENT;
	/** Why the file can be neither read nor replaced; null: it can. */
	let blocked: string | null = null;
	/** What was changed and is in no file: it stays in use over what others write. */
	let unwritten: SettingsPatch | null = null;

	const take = (next: Settings): void => {
		if (JSON.stringify(next) === JSON.stringify(current)) return;
		current = next;
		for (const listener of [...listeners]) listener(current);
	};
	const complain = (why: Fault): void => {
		trouble = why;
		log("warn", "there is something wrong with the settings", {
			path,
			code: why.code,
			sentence: why.sentence,
		});
	};
	const block = (reason: string, why: Fault): void => {
		// Tried again at every look, and said once.
		if (blocked !== reason) complain(why);
		blocked = reason;
	};
	/** What of the file's values is wrong is said, unless something worse already is. */
	const settle = (wrong: readonly string[]): void => {
		if (unwritten !== null) return;
		if (wrong.length > 0) complain(senseless(wrong));
		else trouble = null;
	};
	const readBroken = (file: string, reason: string): void => {
		const aside = setAside(file);
		if (!aside.ok) return block(aside.reason, notAside(file, reason, aside));
		blocked = null;
		kept = {};
		seen = markOf(file);
		complain(wasSetAside(file, reason, aside.path));
	};
	const read = (file: string): void => {
		const found = readKept(file);
		if (found.is === "unread")
			return block(found.reason, unreadable(file, found.reason));
		if (found.is === "broken") return readBroken(file, found.reason);
		blocked = null;
		kept = upgraded(found.kept);
		const { settings, wrong } = settingsIn(kept);
		settle(wrong);
		take(patched(settings, unwritten ?? {}));
	};
	const look = (): void => {
		if (path === null) return;
		const mark = markOf(path);
		if (mark === seen && blocked === null) return;
		seen = mark;
		if (mark !== ABSENT) return read(path);
		// One that somebody removed is written anew by the next change.
		blocked = null;
		kept = {};
		settle([]);
	};
	const write = (file: string, next: Settings, patch: SettingsPatch) => {
		const all = joined(unwritten ?? {}, patch);
		const fresh = keptWith(kept, next, all);
		try {
			// What cannot be read may be somebody's settings.
			if (blocked !== null) throw new Error(blocked);
			replaceFile(file, `${JSON.stringify(fresh, null, "\t")}\n`);
		} catch (error) {
			unwritten = all;
			complain(unwritable(file, blocked ?? codeOf(error)));
			return;
		}
		kept = fresh;
		unwritten = null;
		seen = markOf(file);
		settle(settingsIn(kept).wrong);
	};
	look();
	return {
		get current() {
			return current;
		},
		get trouble() {
			return trouble;
		},
		look,
		change(patch) {
			look();
			const parsed = settingsSchema.safeParse(patched(current, patch));
			if (!parsed.success)
				return failed(
					fault("input.invalid", {
						sentence: `this setting makes no sense: ${parsed.error.issues.map((one) => one.path.join(".")).join(", ")}`,
					}),
				);
			if (path !== null) write(path, parsed.data, patch);
			take(parsed.data);
			return unwritten !== null && trouble !== null
				? failed(trouble)
				: ok(current);
		},
		listen(listener) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
	};
}

const wasSetAside = (path: string, why: string, aside: string): Fault =>
	fault("settings.broken", {
		sentence: `the settings in ${path} could not be read (${why}) and were set aside as ${aside}`,
	});

const notAside = (
	path: string,
	why: string,
	aside: { readonly reason: string },
): Fault =>
	fault("settings.broken", {
		sentence: `the settings in ${path} cannot be read (${why}) nor set aside (${aside.reason})`,
		nextStep: "Move the file away; until then no setting can be kept.",
	});

const unreadable = (path: string, why: string): Fault =>
	fault("settings.broken", {
		sentence: `the settings in ${path} cannot be read now (${why})`,
		nextStep:
			"Make the file readable or move it away; until then no setting can be kept.",
	});

const unwritable = (path: string, why: string): Fault =>
	fault("settings.unwritable", {
		sentence: `the change is in use, but could not be written to ${path} (${why})`,
	});

const senseless = (wrong: readonly string[]): Fault =>
	fault("settings.broken", {
		sentence: `the settings file has values that make no sense, and their defaults are in use: ${wrong.join(", ")}`,
		nextStep: "Set them again in Settings, or mend them in the file.",
	});
