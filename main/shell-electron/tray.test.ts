import { EventEmitter } from "node:events";
import { readdirSync } from "node:fs";
import type { MenuItemConstructorOptions } from "electron";
import { describe, expect, test } from "vitest";
import { openVirtualClock } from "../testkit/virtualClock.ts";
import type { OpenTray, TrayElectron } from "./tray.ts";
import { openTray, pictureFile } from "./tray.ts";
import type { TrayAction, TrayModel } from "./trayModel.ts";
import { TRAY_ICONS } from "./trayModel.ts";

const CALM: TrayModel = {
	icon: "ok",
	tooltip: "prod: 2 hosts connected",
	items: [
		{ kind: "item", label: "Reconnect now", action: null },
		{ kind: "line" },
		{ kind: "item", label: "Quit Foredeck", action: { kind: "quit" } },
		{
			kind: "submenu",
			label: "Mute",
			items: [
				{
					kind: "item",
					label: "1 hour",
					action: { kind: "mute", mute: "hour" },
				},
			],
		},
	],
};

interface Stage {
	/** What was asked of Electron. */
	readonly done: string[];
	readonly logged: string[];
	readonly acted: TrayAction[];
	readonly menus: MenuItemConstructorOptions[][];
	readonly opened: OpenTray;
	readonly theme: EventEmitter & Record<string, boolean>;
	/** The system refuses every change from now on, or no longer. */
	refuses(on: boolean): void;
	emit(event: string): void;
	/** The model is this from now on; seconds go by. */
	shows(model: Partial<TrayModel>, seconds?: number): string[];
}

function stage(
	platform: NodeJS.Platform,
	{ fails = false, empty = false }: { fails?: boolean; empty?: boolean } = {},
): Stage {
	const clock = openVirtualClock();
	const done: string[] = [];
	const logged: string[] = [];
	const acted: TrayAction[] = [];
	const menus: MenuItemConstructorOptions[][] = [];
	const theme = Object.assign(new EventEmitter(), {
		shouldUseDarkColors: false,
		shouldUseDarkColorsForSystemIntegratedUI: false,
	}) as unknown as Stage["theme"];
	let isGone = false;
	let isRefusing = false;
	const tray = Object.assign(new EventEmitter(), {
		setImage: ({ path }: { path: string }) => done.push(`image ${path}`),
		setToolTip(text: string) {
			if (isRefusing) throw new Error("the panel restarts");
			done.push(`tooltip ${text}`);
		},
		setContextMenu: () => done.push("menu"),
		popUpContextMenu: () => done.push("pop up"),
		isDestroyed: () => isGone,
		destroy: () => {
			isGone = true;
			done.push("destroyed");
		},
	});
	const electron = {
		newTray({ path }: { path: string }) {
			if (fails) throw new Error("no tray here");
			done.push(`tray ${path}`);
			return tray;
		},
		menu: {
			buildFromTemplate(template: MenuItemConstructorOptions[]) {
				menus.push(template);
				return template;
			},
		},
		images: {
			createFromPath: (path: string) => ({
				path,
				isEmpty: () => empty,
				setTemplateImage: () => done.push("template"),
			}),
		},
		theme,
	} as unknown as TrayElectron;
	let model = CALM;
	const opened = openTray({
		electron,
		platform,
		desktop: "",
		folder: "/t",
		clock,
		log: (level, message) => void logged.push(`${level} ${message}`),
		read: () => model,
		act: (action) => void acted.push(action),
	});
	return {
		done,
		logged,
		acted,
		menus,
		opened,
		theme,
		refuses(on) {
			isRefusing = on;
		},
		emit: (event) => void tray.emit(event),
		shows(some, seconds = 1) {
			const before = done.length;
			model = { ...model, ...some };
			clock.advance(seconds * 1_000);
			return done.slice(before);
		},
	};
}

test("on Linux it is made with picture, tooltip and menu", () => {
	const { done, menus, opened } = stage("linux");
	expect(opened.isThere).toBe(true);
	expect(done).toEqual([
		"tray /t/ok-dark.png",
		"tooltip prod: 2 hosts connected",
		"menu",
	]);
	expect(menus).toMatchObject([
		[
			{ label: "Reconnect now", enabled: false },
			{ type: "separator" },
			{ label: "Quit Foredeck" },
			{ label: "Mute", submenu: [{ label: "1 hour" }] },
		],
	]);
});

test("the system is touched only where the model changed, and at most once a second", () => {
	const { shows } = stage("linux");
	expect(shows({}, 60)).toEqual([]);
	expect(shows({ icon: "attention" }, 10)).toEqual([
		"image /t/attention-dark.png",
	]);
	expect(shows({ tooltip: "prod: worse" }, 10)).toEqual([
		"tooltip prod: worse",
	]);
	// As other values that say the same.
	expect(shows({ items: structuredClone(CALM.items) }, 10)).toEqual([]);
	expect(shows({ items: [...CALM.items].reverse() }, 0.4)).toEqual([]);
	expect(shows({ items: [] }, 0.4)).toEqual([]);
	// Linux is given the menu again, once for all that happened within the second.
	expect(shows({ items: [...CALM.items].reverse() }, 5)).toEqual(["menu"]);
});

test("an item does what it says", () => {
	const { menus, acted } = stage("linux");
	const [, , quit, mute] = menus[0] ?? [];
	(quit as { click(): void }).click();
	const { submenu } = mute as unknown as { submenu: { click(): void }[] };
	submenu[0]?.click();
	expect(acted).toEqual([{ kind: "quit" }, { kind: "mute", mute: "hour" }]);
});

describe("a click", () => {
	test.each(["linux", "win32"] as const)("opens Foredeck on %s", (platform) => {
		const { emit, acted, done } = stage(platform);
		emit("click");
		expect(acted).toEqual([{ kind: "open" }]);
		expect(done).not.toContain("pop up");
	});

	test("shows the menu on macOS, as it is now", () => {
		const { emit, acted, done, menus, shows } = stage("darwin");
		expect(menus).toEqual([]);
		shows({ items: [{ kind: "item", label: "new", action: null }] });
		emit("click");
		expect(acted).toEqual([]);
		expect(done.at(-1)).toBe("pop up");
		expect(menus).toEqual([[{ label: "new", enabled: false }]]);
	});

	test.each(["win32", "darwin"] as const)(
		"by the right button shows the menu on %s, and a menu that is open is not exchanged",
		(platform) => {
			const { emit, done, menus, shows } = stage(platform);
			emit("right-click");
			expect(done.at(-1)).toBe("pop up");
			shows({ items: [] }, 10);
			expect(menus).toHaveLength(1);
			expect(done).not.toContain("menu");
		},
	);
});

test("the picture follows the system's theme at once", () => {
	const { theme, done } = stage("win32");
	expect(done[0]).toBe("tray /t/ok-dark.ico");
	Object.assign(theme, { shouldUseDarkColorsForSystemIntegratedUI: true });
	theme.emit("updated");
	expect(done.at(-1)).toBe("image /t/ok-light.ico");
});

test("macOS gets a template, which it tones itself", () => {
	expect(stage("darwin").done).toEqual([
		"template",
		"tray /t/okTemplate.png",
		"tooltip prod: 2 hosts connected",
	]);
});

test("a tray that cannot be made is logged once, and nothing else", () => {
	const { opened, logged, shows, done } = stage("linux", { fails: true });
	expect(opened.isThere).toBe(false);
	expect(shows({ icon: "attention" }, 60)).toEqual([]);
	expect(logged).toEqual(["warn the tray could not be shown"]);
	opened.close();
	expect(done).toEqual([]);
});

test("a system that refuses a change is logged once, and is asked again until it takes it", () => {
	const { refuses, shows, logged } = stage("linux");
	refuses(true);
	expect(shows({ tooltip: "prod: worse" }, 30)).toEqual([]);
	expect(logged).toEqual(["warn the tray could not be shown"]);
	refuses(false);
	expect(shows({})).toEqual(["tooltip prod: worse"]);
});

test("a picture that is missing is logged", () => {
	expect(stage("linux", { empty: true }).logged).toEqual([
		"warn a picture of the tray is missing",
	]);
});

test("closed, it is gone and asks nothing more", () => {
	const { opened, shows, theme, done } = stage("linux");
	opened.close();
	expect(done.at(-1)).toBe("destroyed");
	expect(shows({ icon: "attention" }, 60)).toEqual([]);
	expect(theme.listenerCount("updated")).toBe(0);
	opened.close();
	expect(done.filter((one) => one === "destroyed")).toHaveLength(1);
});

describe("the picture's tone is seen on the bar behind it", () => {
	const theme = (dark: boolean, darkBar: boolean) =>
		({
			theme: {
				shouldUseDarkColors: dark,
				shouldUseDarkColorsForSystemIntegratedUI: darkBar,
			},
		}) as unknown as TrayElectron;
	test.each([
		["darwin", "", true, true, "okTemplate.png"],
		["win32", "", false, true, "ok-light.ico"],
		["win32", "", true, false, "ok-dark.ico"],
		["linux", "KDE", false, false, "ok-dark.png"],
		["linux", "KDE", true, false, "ok-light.png"],
		["linux", "ubuntu:GNOME", false, false, "ok-light.png"],
	] as const)(
		"%s %s, dark windows %s, dark bar %s: %s",
		(platform, desktop, dark, bar, file) => {
			const electron = theme(dark, bar);
			expect(pictureFile("ok", { platform, desktop, electron })).toBe(file);
		},
	);

	test.each(["linux", "win32", "darwin"] as const)(
		"on %s every state has a picture",
		(platform) => {
			const there = readdirSync(
				new URL("../../resources/tray/", import.meta.url),
			);
			for (const icon of TRAY_ICONS)
				for (const dark of [true, false])
					expect(there).toContain(
						pictureFile(icon, {
							platform,
							desktop: "",
							electron: theme(dark, dark),
						}),
					);
		},
	);
});
