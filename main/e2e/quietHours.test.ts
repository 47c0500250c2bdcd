// Quiet hours, mute and the switch for the desktop, end to end: real agents fail jobs, and what the person set decides whether
// that is said aloud. The wall's time is the test's; everything else is real.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { client, memoryPipe } from "../../shared/bridge.ts";
import type { Settings, SettingsPatch } from "../../shared/settings.ts";
import type { NoteEffect } from "../core/notify/note.ts";
import { openSettings } from "../core/settings/desk.ts";
import type { World } from "./world.ts";
import { FAILS, openWorld } from "./world.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close();
});

/** Tuesday, 23:00, in the zone of nobody. */
const NIGHT = { weekday: 2, minute: 23 * 60 };
const NIGHTS = { days: [2], from: "22:00", to: "07:00" };

async function openStage(settings: SettingsPatch) {
	const effects: NoteEffect[] = [];
	const world = await openWorld({
		hosts: [{ id: "db-1" }],
		notify: {
			localTime: () => NIGHT,
			present: (effect) => void effects.push(effect),
		},
	});
	closing.push(world.stop);
	world.console.settings.change(settings);
	await world.untilChannel("db-1", "live");
	/** Runs a job to its end, and answers how each of its notes came: kind and manner. */
	const manners = async (packages: string[], fails: boolean) => {
		const before = effects.length;
		world.submit(["db-1"], {
			packages,
			runMs: 100,
			...(fails ? { outcome: FAILS } : {}),
		});
		await world.until(`${packages} is in the inbox`, () =>
			shown(effects.slice(before)).some(([kind]) => kind === "ended"),
		);
		return shown(effects.slice(before));
	};
	return { world, effects, manners };
}

const shown = (effects: readonly NoteEffect[]) =>
	effects.flatMap((one) =>
		one.kind === "show" ? [[one.note.kind, one.manner]] : [],
	);

const unread = ({ console }: World): number => console.unreadFailures;

test("in quiet hours a failing job goes to the inbox silently; with failures let through it is said aloud, a success is not", async () => {
	const { world, manners } = await openStage({
		notifications: { quietHours: [NIGHTS] },
	});
	expect(await manners(["curl"], true)).toEqual([["ended", "inbox"]]);
	expect(unread(world)).toBe(1);
	world.console.settings.change({
		notifications: { failuresBreakQuiet: true },
	});
	expect(await manners(["jq"], true)).toEqual([["ended", "aloud"]]);
	expect(unread(world)).toBe(2);
	expect(await manners(["nginx"], false)).toEqual([["ended", "inbox"]]);
	// The same night on another day of the week is none.
	world.console.settings.change({
		notifications: { quietHours: [{ ...NIGHTS, days: [0, 1, 3, 4, 5, 6] }] },
	});
	expect(await manners(["zsh"], false)).toEqual([["ended", "aloud"]]);
});

test("muted, not even failures are said that may break quiet hours; unmuted they are", async () => {
	const { world, manners } = await openStage({
		notifications: {
			failuresBreakQuiet: true,
			mutedUntil: Date.now() + 3_600_000,
		},
	});
	expect(await manners(["curl"], true)).toEqual([["ended", "inbox"]]);
	expect(unread(world)).toBe(1);
	world.console.settings.change({ notifications: { mutedUntil: 0 } });
	expect(await manners(["jq"], true)).toEqual([["ended", "aloud"]]);
	// A mute that is over is none.
	world.console.settings.change({ notifications: { mutedUntil: 1 } });
	expect(await manners(["zsh"], true)).toEqual([["ended", "aloud"]]);
});

test("with desktop notifications off nothing leaves the window, and the inbox has it all", async () => {
	const { world, effects } = await openStage({
		notifications: { desktop: false },
	});
	world.submit(["db-1"], { runMs: 100, outcome: FAILS });
	await world.until("the failure is in the inbox", () => unread(world) === 1);
	expect(shown(effects)).toEqual([]);
});

test("a window changes a setting, every window is told, and one that comes later too", async () => {
	const { world } = await openStage({});
	const attached = () => {
		const [window, core] = memoryPipe();
		world.console.attach(core);
		const frames: Settings[] = [];
		const asker = client(window);
		asker.subscribe("settings", (frame) => frames.push(frame));
		return { asker, frames };
	};
	const one = attached();
	const two = attached();
	const answer = await one.asker.ask("settings.change", {
		patch: { notifications: { quietHours: [NIGHTS] } },
	});
	expect(answer).toMatchObject({
		ok: true,
		value: { notifications: { quietHours: [NIGHTS] } },
	});
	const newest = (frames: readonly Settings[]) =>
		frames.at(-1)?.notifications.quietHours;
	await world.until("the other window was told", () =>
		[one, two].every(({ frames }) => newest(frames)?.length === 1),
	);
	const three = attached();
	await world.until(
		"the late window was told",
		() => newest(three.frames)?.length === 1,
	);
	expect(
		await two.asker.ask("settings.change", {
			patch: {
				notifications: {
					quietHours: [{ ...NIGHTS, from: "22:60" }],
				},
			},
		} as never),
	).toMatchObject({ ok: false, fault: { code: "contract.mismatch" } });
	expect(world.console.settings.current.notifications.quietHours).toEqual([
		NIGHTS,
	]);
});

test("what is wrong with the settings file is told to the window as the session's fault, until a change was written", async () => {
	const folder = mkdtempSync(join(tmpdir(), "foredeck-set-"));
	closing.push(() => rmSync(folder, { recursive: true, force: true }));
	const path = join(folder, "settings.json");
	writeFileSync(path, "{");
	const world = await openWorld({
		hosts: [{ id: "db-1" }],
		settings: openSettings(path, () => {}),
	});
	closing.push(world.stop);
	const [window, core] = memoryPipe();
	world.console.attach(core);
	const asker = client(window);
	expect(await asker.ask("session.read", {})).toMatchObject({
		value: { fault: { code: "settings.broken" } },
	});
	await asker.ask("settings.change", { patch: { updates: { channel: null } } });
	expect(await asker.ask("session.read", {})).toMatchObject({
		value: { fault: null },
	});
});
