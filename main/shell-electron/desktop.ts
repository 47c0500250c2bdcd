// Everything a person meets around the running core: the window where it was, menus, links from outside, sleep, a second
// start. Is given Electron's objects and only ties the siblings to them.
import type {
	App,
	BrowserWindow,
	BrowserWindowConstructorOptions,
	Dialog,
	IpcMain,
	Menu,
	PowerMonitor,
	Screen,
} from "electron";
import type { Clock } from "../../shared/clock.ts";
import type { Console } from "../core/console.ts";
import type { Log } from "../core/ports.ts";
import type { BackgroundParts } from "./background.ts";
import { openBackground } from "./background.ts";
import { reviveAfterCrash } from "./crash.ts";
import type { DeepLinks } from "./deepLink.ts";
import { aboutBox, menuTemplate } from "./menu.ts";
import { serveRenderer, windowContents } from "./rendererPipe.ts";
import { START_ADDRESS, windowOptions } from "./window.ts";
import { keepWindowState, readWindowState } from "./windowState.ts";

export interface DesktopParts {
	readonly app: App;
	readonly dialog: Dialog;
	readonly ipcMain: IpcMain;
	readonly menu: typeof Menu;
	readonly powerMonitor: PowerMonitor;
	readonly screen: Screen;
	newWindow(options: BrowserWindowConstructorOptions): BrowserWindow;
	readonly console: Pick<Console, "attach" | "woke"> &
		BackgroundParts["console"];
	/** What the tray and closing the window need besides. */
	readonly background: Pick<
		BackgroundParts,
		"tray" | "updater" | "platform" | "env" | "pictures" | "toldPath"
	>;
	readonly clock: Clock;
	readonly log: Log;
	readonly links: DeepLinks;
	/** Path of the built preload. */
	readonly preload: string;
	/** Path of the file that says where the window was. */
	readonly statePath: string;
	/** Folder in which everything is kept, for the about box. */
	readonly dataFolder: string;
}

/** To be called once, when Electron is ready. */
export function openDesktop(parts: DesktopParts): void {
	const { app, console, powerMonitor, links } = parts;
	installMenu(parts);
	const window = openWindow(parts);
	const raise = (): void => {
		// A click on a notification may come while the app ends.
		if (window.isDestroyed()) return;
		if (window.isMinimized()) window.restore();
		window.show();
		window.focus();
	};
	const show = (hash: string): void => {
		raise();
		if (!window.isDestroyed()) load(parts, window, hash);
	};
	load(parts, window, links.opened(show) ?? "");
	openBackground({ ...parts, ...parts.background, window, raise, show });
	// Agents may have hung up while the computer slept, or while it was locked and saved power.
	powerMonitor.on("resume", () => console.woke());
	powerMonitor.on("unlock-screen", () => console.woke());
	// Its link is taken by `registerLinks`, which listens before there is a window.
	app.on("second-instance", raise);
}

/** Shows a place. With another hash the page stays as it is and only goes there. */
function load({ log }: DesktopParts, window: BrowserWindow, hash: string) {
	window.loadURL(`${START_ADDRESS}${hash}`).catch((error: unknown) =>
		// Another place was asked for before this one was there; what is really broken ends the page's process.
		log("info", "the window did not come to a place", { error }),
	);
}

function openWindow(parts: DesktopParts): BrowserWindow {
	const { app, dialog, ipcMain, console, clock, log, screen } = parts;
	const areas = screen.getAllDisplays().map(({ workArea }) => workArea);
	const was = readWindowState(parts.statePath, areas, log);
	const { maximized = false, ...bounds } = was ?? {};
	const window = parts.newWindow({
		...windowOptions(parts.preload, !app.isPackaged),
		...bounds,
	});
	keepWindowState(window, parts.statePath, log);
	reviveAfterCrash(window, { clock, log, dialog, quit: () => app.quit() });
	serveRenderer({
		channel: ipcMain,
		contents: windowContents(window.webContents),
		attach: console.attach,
		onRefused: (why) =>
			log("warn", "a message was refused", {
				code: why.code,
				why: why.evidence?.notes,
			}),
	});
	window.once("ready-to-show", () => {
		if (maximized) window.maximize();
		window.show();
	});
	return window;
}

function installMenu({ app, dialog, menu, log, dataFolder }: DesktopParts) {
	const about = (): void => {
		const { electron = "", chrome = "", node } = process.versions;
		const version = app.getVersion();
		dialog
			.showMessageBox(
				aboutBox({ version, electron, chrome, node, data: dataFolder }),
			)
			.catch((error: unknown) =>
				log("warn", "the about box could not be shown", { error }),
			);
	};
	const { platform } = process;
	menu.setApplicationMenu(
		menu.buildFromTemplate(
			menuTemplate({ platform, isPackaged: app.isPackaged, about }),
		),
	);
}
