// The icon in the tray: shows a model, looks for another once a second, and touches the system only where something changed.
// Takes Electron's objects as arguments. Nothing depends on it: where it cannot be made, that is logged and all.

import { join } from "node:path";
import type {
	Menu,
	MenuItemConstructorOptions,
	NativeImage,
	NativeTheme,
	nativeImage,
	Tray,
} from "electron";
import type { Clock } from "../../shared/clock.ts";
import { every } from "../../shared/clock.ts";
import type { Log } from "../core/ports.ts";
import type { TrayAction, TrayIcon, TrayItem, TrayModel } from "./trayModel.ts";

const LOOK_EVERY_MS = 1_000;

/** What of Electron the tray is made of. */
export interface TrayElectron {
	newTray(image: NativeImage): Tray;
	readonly menu: Pick<typeof Menu, "buildFromTemplate">;
	readonly images: Pick<typeof nativeImage, "createFromPath">;
	readonly theme: Pick<
		NativeTheme,
		| "on"
		| "off"
		| "shouldUseDarkColors"
		| "shouldUseDarkColorsForSystemIntegratedUI"
	>;
}

export interface TrayParts {
	readonly electron: TrayElectron;
	readonly platform: NodeJS.Platform;
	/** XDG_CURRENT_DESKTOP; Linux only. */
	readonly desktop: string;
	/** Where the pictures are. */
	readonly folder: string;
	readonly clock: Clock;
	readonly log: Log;
	read(): TrayModel;
	act(action: TrayAction): void;
}

export interface OpenTray {
	/** It could be made. Whether anybody shows it, on Linux, is the tray host's to know. */
	readonly isThere: boolean;
	close(): void;
}

export function openTray(parts: TrayParts): OpenTray {
	const { electron, clock, log, platform } = parts;
	let shown: TrayModel | null = null;
	let picture = "";
	let tray: Tray | null = null;
	let hasFailed = false;
	/** Held, because an open menu that is collected closes. */
	let menu: Menu | null = null;

	const build = (): Menu =>
		electron.menu.buildFromTemplate(
			(shown?.items ?? []).map((item) => templateOf(item, parts.act)),
		);
	const load = (path: string): NativeImage => {
		const image = electron.images.createFromPath(path);
		if (image.isEmpty())
			log("warn", "a picture of the tray is missing", { path });
		// The name says so already; the system draws it in its own colours.
		if (platform === "darwin") image.setTemplateImage(true);
		return image;
	};
	const look = (): void => {
		try {
			const now = parts.read();
			const path = join(parts.folder, pictureFile(now.icon, parts));
			if (tray === null) {
				tray = electron.newTray(load(path));
				listen(tray);
			} else if (path !== picture) tray.setImage(load(path));
			picture = path;
			// Each call makes Windows draw the icon anew.
			if (now.tooltip !== shown?.tooltip) tray.setToolTip(now.tooltip);
			const isOther = !sameItems(now.items, shown?.items);
			shown = now;
			// Linux takes a menu once: every change needs the call again. Elsewhere it is made when it is asked for.
			if (platform === "linux" && isOther) {
				menu = build();
				tray.setContextMenu(menu);
			}
		} catch (error) {
			// Once: the next look will most likely meet the same.
			if (!hasFailed) log("warn", "the tray could not be shown", { error });
			hasFailed = true;
		}
	};
	const listen = (made: Tray): void => {
		const pop = (): void => {
			menu = build();
			made.popUpContextMenu(menu);
		};
		if (platform === "darwin") made.on("click", pop);
		else made.on("click", () => parts.act({ kind: "open" }));
		if (platform !== "linux") made.on("right-click", pop);
	};
	look();
	if (tray === null) return { isThere: false, close() {} };
	const stop = every(clock, LOOK_EVERY_MS, look);
	electron.theme.on("updated", look);
	return {
		isThere: true,
		close() {
			stop();
			electron.theme.off("updated", look);
			if (tray?.isDestroyed() === false) tray.destroy();
			menu = null;
		},
	};
}

/** Pictures have the tone that is seen on the bar behind them; macOS tones its own. */
export function pictureFile(
	icon: TrayIcon,
	{
		platform,
		desktop,
		electron: { theme },
	}: Pick<TrayParts, "platform" | "desktop" | "electron">,
): string {
	if (platform === "darwin") return `${icon}Template.png`;
	if (platform === "win32")
		return `${icon}-${theme.shouldUseDarkColorsForSystemIntegratedUI ? "light" : "dark"}.ico`;
	// GNOME's bar is dark whatever its windows are.
	const isDark = /gnome|unity/i.test(desktop) || theme.shouldUseDarkColors;
	return `${icon}-${isDark ? "light" : "dark"}.png`;
}

const sameItems = (
	a: readonly TrayItem[],
	b: readonly TrayItem[] | undefined,
): boolean => JSON.stringify(a) === JSON.stringify(b);

function templateOf(
	item: TrayItem,
	act: (action: TrayAction) => void,
): MenuItemConstructorOptions {
	if (item.kind === "line") return { type: "separator" };
	const { label } = item;
	if (item.kind === "submenu")
		return { label, submenu: item.items.map((one) => templateOf(one, act)) };
	const { action } = item;
	if (action === null) return { label, enabled: false };
	return { label, click: () => act(action) };
}
