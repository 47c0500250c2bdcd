// What the items of the tray's menu do, on a fleet that is really there.
import { EventEmitter } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSettings } from "../core/settings/desk.ts";
import { openPlay } from "../testkit/fleetPlay.ts";
import type { TrayDouble } from "../testkit/trayDouble.ts";
import { trayClass } from "../testkit/trayDouble.ts";
import type { BackgroundParts } from "./background.ts";
import { openBackground } from "./background.ts";

const folder = mkdtempSync(join(tmpdir(), "foredeck-background-"));
let stop = (): void => {};
beforeEach(() => {
	stop = () => {};
});
afterEach(() => {
	stop();
	rmSync(folder, { recursive: true, force: true });
});

/** A live host, a tray on Linux, and everything that was asked for. */
async function stage(unreadFailures = 0) {
	const play = openPlay(["a"]);
	const { fleet, book, clock } = play;
	await clock.pass(2_000);
	const done: string[] = [];
	let tray: TrayDouble | null = null;
	const Tray = trayClass((made) => {
		tray = made;
	});
	const app = Object.assign(new EventEmitter(), {
		quit: () => done.push("quit"),
	});
	const settings = openSettings(null, () => {});
	openBackground({
		app,
		dialog: {},
		window: new EventEmitter(),
		tray: {
			newTray: (image: never) => new Tray(image),
			menu: { buildFromTemplate: (template: unknown) => template },
			images: {
				createFromPath: (path: string) => ({ path, isEmpty: () => false }),
			},
			theme: new EventEmitter(),
		},
		updater: new EventEmitter(),
		console: {
			fleetName: "prod",
			fleet,
			book,
			unreadFailures,
			identityExpiresAt: null,
			settings,
			reconnect() {
				done.push("reconnect");
				return 1;
			},
		},
		clock,
		log: () => {},
		platform: "linux",
		env: {},
		pictures: folder,
		toldPath: join(folder, "told"),
		raise: () => void done.push("raise"),
		show: (hash: string) => void done.push(`show ${hash}`),
	} as unknown as BackgroundParts);
	stop = () => {
		app.emit("will-quit");
		play.end();
	};
	const shown = (): TrayDouble => {
		if (tray === null) throw new Error("there is no tray");
		return tray;
	};
	return { ...play, done, settings, shown };
}

test("opening, reconnecting and quitting do what they say", async () => {
	const { shown, done, agent, socket, clock } = await stage();
	shown().choose("Open Foredeck");
	shown().choose("prod: 1 host connected");
	expect(() => shown().choose("Reconnect now")).toThrow("no Reconnect now");
	agent("a").socket = "refuses";
	agent("a").rest = "refuses";
	socket("a").end();
	await clock.pass(2_000);
	shown().choose("Reconnect now (1 host)");
	shown().choose("Quit Foredeck");
	expect(done).toEqual(["raise", "raise", "reconnect", "quit"]);
});

test("a job leads to its place, and an unread failure to the inbox", async () => {
	const { shown, done, push, book, clock } = await stage(1);
	push("a", "one", "running");
	await clock.pass(2_000);
	const [job] = book.jobs.values();
	shown().choose(`${job?.label}`);
	shown().choose("prod: 1 failure unread");
	expect(done).toEqual([`show #/jobs/${job?.id}`, "show #/inbox"]);
});

test("mute is kept as a setting, shown, and undone", async () => {
	const { shown, settings, clock } = await stage();
	const muted = (): number => settings.current.notifications.mutedUntil;
	const { picture } = shown();
	shown().choose("1 hour");
	expect(muted()).toBe(clock.wallMs() + 3_600_000);
	await clock.pass(1_000);
	expect(shown().tooltip).toMatch(/ · muted until \d\d:\d\d$/);
	expect(shown().picture).not.toBe(picture);
	shown().choose("Unmute (muted until ");
	expect(muted()).toBe(0);
	await clock.pass(1_000);
	expect(shown().picture).toBe(picture);
});

test("a mute that runs out is gone from the tray by itself", async () => {
	const { shown, clock } = await stage();
	shown().choose("30 minutes");
	await clock.pass(1_000);
	expect(shown().picture).toContain("muted");
	await clock.pass(30 * 60_000);
	expect(shown().picture).not.toContain("muted");
});
