// Settings in a real file: kept over a restart, set aside when broken, in use when they cannot be written, and shared by two.
import {
	chmodSync,
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { DEFAULT_SETTINGS } from "../../../shared/settings.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import { foredeckPaths } from "../paths.ts";
import { openSettings } from "./desk.ts";
import { localTime, localZone } from "./localTime.ts";
import {
	followSettings,
	notifySettings,
	settingsHandlers,
} from "./settingsCommands.ts";

const folders: string[] = [];
afterEach(() => {
	for (const folder of folders.splice(0))
		rmSync(folder, { recursive: true, force: true });
});

function stage() {
	const folder = mkdtempSync(join(tmpdir(), "foredeck-settings-"));
	folders.push(folder);
	const data = join(folder, "data");
	const path = foredeckPaths(data).settings;
	const said: string[] = [];
	return {
		path,
		data,
		said,
		open: () =>
			openSettings(path, (level, message, more) =>
				said.push(`${level}: ${message} [${more?.code}]`),
			),
		file: () => JSON.parse(readFileSync(path, "utf8")),
		put(text: string) {
			mkdirSync(data, { recursive: true });
			writeFileSync(path, text);
		},
	};
}

const BETA = { updates: { channel: "beta" } } as const;

test("a change is in use at once, told, and there after a restart, for its owner only", () => {
	const { open, path, said } = stage();
	const desk = open();
	const told: unknown[] = [];
	const cancel = desk.listen((now) => told.push(now.updates.channel));
	expect(desk.current).toBe(DEFAULT_SETTINGS);
	expect(desk.change(BETA)).toEqual({
		ok: true,
		value: { ...DEFAULT_SETTINGS, ...BETA },
	});
	desk.change(BETA);
	cancel();
	desk.change({ updates: { channel: null } });
	expect(told).toEqual(["beta"]);
	desk.change(BETA);
	expect(open().current.updates.channel).toBe("beta");
	expect(statSync(path).mode & 0o777).toBe(0o600);
	expect(said).toEqual([]);
});

test("settings.broken: a file that cannot be read is set aside, told, and never overwritten", () => {
	const { open, path, put, said } = stage();
	put("{ half a fi");
	const desk = open();
	expect(desk.current).toBe(DEFAULT_SETTINGS);
	expect(desk.trouble?.code).toBe("settings.broken");
	expect(desk.trouble?.sentence).toContain(`${path}.broken`);
	expect(said).toEqual([
		"warn: there is something wrong with the settings [settings.broken]",
	]);
	expect(desk.change(BETA).ok).toBe(true);
	expect(desk.trouble).toBeNull();
	expect(readFileSync(`${path}.broken`, "utf8")).toBe("{ half a fi");
	expect(open().current.updates.channel).toBe("beta");
});

test.each(["[]", "null", '"text"', ""])("so is one that holds %j", (text) => {
	const { open, path, put } = stage();
	put(text);
	expect(open().trouble?.code).toBe("settings.broken");
	expect(readFileSync(`${path}.broken`, "utf8")).toBe(text);
});

test("an earlier file that was set aside is not overwritten, and where there are too many nothing is", () => {
	const { open, path, put } = stage();
	put("first");
	open();
	put("second");
	expect(open().trouble?.sentence).toContain(`${path}.broken-2`);
	expect(readFileSync(`${path}.broken`, "utf8")).toBe("first");
	expect(readFileSync(`${path}.broken-2`, "utf8")).toBe("second");
	for (let number = 3; number <= 50; number++)
		writeFileSync(`${path}.broken-${number}`, "");
	put("the last");
	const desk = open();
	expect(desk.trouble?.nextStep).toContain("Move the file away");
	expect(desk.change(BETA)).toMatchObject({
		ok: false,
		fault: { code: "settings.unwritable" },
	});
	expect(desk.current.updates.channel).toBe("beta");
	expect(readFileSync(path, "utf8")).toBe("the last");
});

test("a file that cannot be read now is left alone, said once, and read when it can be; what was changed stays in use", () => {
	const { open, path, put, file, said } = stage();
	// Reading a folder fails for everybody.
	mkdirSync(join(path, "in it"), { recursive: true });
	const desk = open();
	desk.look();
	desk.look();
	expect(said).toHaveLength(1);
	expect(desk.trouble).toMatchObject({
		code: "settings.broken",
		sentence: expect.stringContaining("EISDIR"),
	});
	expect(desk.change(BETA)).toMatchObject({
		ok: false,
		fault: { code: "settings.unwritable" },
	});
	expect(existsSync(join(path, "in it"))).toBe(true);
	expect(existsSync(`${path}.broken`)).toBe(false);
	rmSync(path, { recursive: true });
	put('{"window":{"closeToTray":false},"updates":{"channel":"latest"}}');
	desk.look();
	expect(desk.current).toMatchObject({
		...BETA,
		window: { closeToTray: false },
	});
	expect(desk.trouble?.code).toBe("settings.unwritable");
	expect(desk.change({ notifications: { desktop: false } }).ok).toBe(true);
	expect(desk.trouble).toBeNull();
	expect(file()).toMatchObject({ ...BETA, window: { closeToTray: false } });
});

test("a file that somebody may not read is read once they may", (context) => {
	if (process.getuid?.() === 0) return context.skip("root may read anything");
	const { open, path, put } = stage();
	put(JSON.stringify(BETA));
	chmodSync(path, 0o000);
	const desk = open();
	expect(desk.trouble?.sentence).toContain("EACCES");
	chmodSync(path, 0o600);
	desk.look();
	expect(desk.trouble).toBeNull();
	expect(desk.current.updates.channel).toBe("beta");
});

test("a byte order mark is no fault", () => {
	const { open, path, put } = stage();
	put(`\uFEFF${JSON.stringify(BETA)}`);
	const desk = open();
	expect(desk.trouble).toBeNull();
	expect(desk.current.updates.channel).toBe("beta");
	expect(existsSync(`${path}.broken`)).toBe(false);
});

test("a value that makes no sense costs that value alone, stays in the file, and is named until it is set anew", () => {
	const { open, put, file } = stage();
	put('{"notifications":{"mutedUntil":-5,"desktop":false},"future":{"a":1}}');
	const desk = open();
	expect(desk.trouble?.sentence).toContain("notifications.mutedUntil");
	expect(desk.current.notifications).toEqual({
		...DEFAULT_SETTINGS.notifications,
		desktop: false,
	});
	expect(desk.change(BETA).ok).toBe(true);
	expect(desk.trouble?.sentence).toContain("notifications.mutedUntil");
	expect(file()).toMatchObject({
		version: 1,
		notifications: { mutedUntil: -5, desktop: false },
		updates: { channel: "beta" },
		future: { a: 1 },
	});
	desk.change({ notifications: { mutedUntil: 0 } });
	expect(desk.trouble).toBeNull();
	expect(file().notifications.mutedUntil).toBe(0);
});

test("a file with such values that was removed is no longer complained of, and does not come back", () => {
	const { open, path, put, file } = stage();
	put('{"notifications":{"mutedUntil":-5}}');
	const desk = open();
	rmSync(path);
	desk.look();
	expect(desk.trouble).toBeNull();
	desk.change(BETA);
	expect(file().notifications.mutedUntil).toBe(0);
});

test("settings.unwritable: a change that cannot be written is in use for this run, and says so until one is written", () => {
	const { open, data, path, said } = stage();
	writeFileSync(data, "in the way");
	const desk = open();
	const told: unknown[] = [];
	desk.listen((now) => told.push(now.updates.channel));
	const refused = desk.change(BETA);
	expect(refused).toMatchObject({
		ok: false,
		fault: {
			code: "settings.unwritable",
			sentence: expect.stringContaining(path),
		},
	});
	expect(told).toEqual(["beta"]);
	expect(desk.current.updates.channel).toBe("beta");
	expect(desk.trouble?.code).toBe("settings.unwritable");
	rmSync(data);
	// What could not be written before goes along with the next change.
	expect(desk.change({ window: { closeToTray: false } }).ok).toBe(true);
	expect(desk.trouble).toBeNull();
	expect(open().current).toMatchObject({
		...BETA,
		window: { closeToTray: false },
	});
	expect(said).toContain(
		"warn: there is something wrong with the settings [settings.unwritable]",
	);
});

test("two on one file: each change starts from the newest, and a window that asks sees the other's", () => {
	const { open } = stage();
	const one = open();
	const two = open();
	one.change(BETA);
	expect(two.change({ window: { closeToTray: false } })).toMatchObject({
		ok: true,
		value: { updates: { channel: "beta" }, window: { closeToTray: false } },
	});
	const told: boolean[] = [];
	one.listen((now) => told.push(now.window.closeToTray));
	expect(settingsHandlers(one)["settings.read"]({})).toMatchObject({
		ok: true,
		value: { window: { closeToTray: false } },
	});
	expect(told).toEqual([false]);
	// The same key: who writes last.
	one.change({ updates: { channel: "latest" } });
	two.change({ updates: { channel: null } });
	one.look();
	expect(one.current.updates.channel).toBeNull();
});

test("what another wrote is followed within seconds without being asked, until it is no longer", () => {
	const { open } = stage();
	const clock = openVirtualClock();
	const one = open();
	const told: unknown[] = [];
	const stop = followSettings(one, clock, (now) =>
		told.push(now.updates.channel),
	);
	open().change(BETA);
	expect(told).toEqual([]);
	clock.advance(5_000);
	expect(told).toEqual(["beta"]);
	stop();
	open().change({ updates: { channel: "latest" } });
	clock.advance(60_000);
	expect(told).toEqual(["beta"]);
});

test("a file that somebody broke meanwhile changes nothing of this run, and is set aside", () => {
	const { open, path, put } = stage();
	const desk = open();
	desk.change(BETA);
	put("oops, a typing error");
	desk.look();
	expect(desk.current.updates.channel).toBe("beta");
	expect(desk.trouble?.code).toBe("settings.broken");
	desk.change({ window: { closeToTray: false } });
	expect(open().current).toMatchObject(BETA);
	expect(readFileSync(`${path}.broken`, "utf8")).toContain("oops");
});

test("a file that was removed meanwhile is written anew", () => {
	const { open, path, file } = stage();
	const desk = open();
	desk.change(BETA);
	rmSync(path);
	desk.look();
	expect(desk.trouble).toBeNull();
	desk.change({ window: { closeToTray: false } });
	expect(file()).toMatchObject({ ...BETA, window: { closeToTray: false } });
});

test("a change that makes no sense is refused as input, and changes nothing", () => {
	const { open, path } = stage();
	const desk = open();
	expect(
		desk.change({
			notifications: { quietHours: [{ days: [1], from: "9", to: "10:00" }] },
		}),
	).toMatchObject({ ok: false, fault: { code: "input.invalid" } });
	expect(desk.current).toBe(DEFAULT_SETTINGS);
	expect(existsSync(path)).toBe(false);
});

test("a folder that only may be read keeps nothing, which is said", (context) => {
	if (process.getuid?.() === 0) return context.skip("root may write anywhere");
	const { open, data } = stage();
	mkdirSync(data, { mode: 0o500 });
	const desk = open();
	expect(desk.change(BETA)).toMatchObject({
		fault: { sentence: expect.stringContaining("EACCES") },
	});
	chmodSync(data, 0o700);
});

test("without a file everything lasts as long as the desk", () => {
	const desk = openSettings(null, () => {});
	expect(desk.change(BETA).ok).toBe(true);
	desk.look();
	expect(desk.current.updates.channel).toBe("beta");
});

test("the rules of notifications get minutes, and the wall's time of this zone", () => {
	const desk = openSettings(null, () => {});
	desk.change({
		notifications: {
			quietHours: [{ days: [0], from: "22:30", to: "06:00" }],
			failuresBreakQuiet: true,
			mutedUntil: 12,
		},
	});
	expect(notifySettings(desk.current)).toEqual({
		quietHours: [{ days: [0], fromMinute: 1_350, toMinute: 360 }],
		failuresBreakQuiet: true,
		mutedUntil: 12,
		desktop: true,
	});
	expect(localTime(new Date(2026, 2, 29, 23, 5).getTime())).toEqual({
		weekday: 0,
		minute: 1_385,
	});
});

test("the zone that windows are told is that of the wall", () => {
	const at = new Date(2026, 2, 29, 23, 5).getTime();
	const words = new Date(at).toLocaleTimeString("en-GB", {
		timeZone: localZone(),
	});
	expect(words).toBe("23:05:00");
});
