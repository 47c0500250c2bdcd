// Foredeck without its window: the icon in the tray, and what closing the window does. Only ties the siblings together.
import { existsSync } from "node:fs";
import type { App, BrowserWindow, Dialog } from "electron";
import type { Clock } from "../../shared/clock.ts";
import type { Console } from "../core/console.ts";
import type { Log } from "../core/ports.ts";
import { replaceFile } from "../core/replaceFile.ts";
import type { QuittingUpdater } from "./closing.ts";
import { hideOnClose } from "./closing.ts";
import { muteUntil } from "./muteTimes.ts";
import type { TrayElectron } from "./tray.ts";
import { openTray } from "./tray.ts";
import type { TrayConsole } from "./trayFacts.ts";
import { trayFacts } from "./trayFacts.ts";
import { hasTrayHost } from "./trayHost.ts";
import type { TrayAction } from "./trayModel.ts";
import { trayModel } from "./trayModel.ts";

export interface BackgroundParts {
	readonly app: App;
	readonly dialog: Dialog;
	readonly window: BrowserWindow;
	readonly tray: TrayElectron;
	readonly updater: QuittingUpdater;
	readonly console: TrayConsole & Pick<Console, "reconnect">;
	readonly clock: Clock;
	readonly log: Log;
	readonly platform: NodeJS.Platform;
	readonly env: Readonly<Record<string, string | undefined>>;
	/** Folder of the tray's pictures. */
	readonly pictures: string;
	/** Path of the file that is there once a person was told what closing does. */
	readonly toldPath: string;
	raise(): void;
	/** Shows a place of the window, by its hash. */
	show(hash: string): void;
}

/** To be called once, when the window is there. */
export function openBackground(parts: BackgroundParts): void {
	const { app, console, clock, log, platform, env, raise, toldPath } = parts;
	const { settings } = console;
	const tray = openTray({
		electron: parts.tray,
		platform,
		desktop: env.XDG_CURRENT_DESKTOP ?? "",
		folder: parts.pictures,
		clock,
		log,
		read: () => trayModel(trayFacts(console, platform, clock.wallMs())),
		act: (action) => act(action, parts),
	});
	app.on("will-quit", tray.close);
	hideOnClose({
		app,
		updater: parts.updater,
		window: parts.window,
		dialog: parts.dialog,
		platform,
		log,
		wantsTray: () => settings.current.window.closeToTray,
		// What cannot be kept is in use all the same, and said by the settings themselves.
		quitFromNowOn: () =>
			void settings.change({ window: { closeToTray: false } }),
		hasTray: tray.isThere,
		hasHost: () => hasTrayHost({ platform, env }),
		told: {
			has: () => existsSync(toldPath),
			keep() {
				try {
					replaceFile(toldPath, "");
				} catch (error) {
					// It is said again, then.
					log("warn", "what was told cannot be kept", { toldPath, error });
				}
			},
		},
		raise,
	});
}

function act(
	action: TrayAction,
	{ app, console, clock, log, raise, show }: BackgroundParts,
): void {
	const mute = (mutedUntil: number): void =>
		void console.settings.change({ notifications: { mutedUntil } });
	switch (action.kind) {
		case "open":
			return raise();
		case "openInbox":
			return show("#/inbox");
		case "openJobs":
			return show("#/jobs");
		case "openJob":
			return show(`#/jobs/${encodeURIComponent(action.jobId)}`);
		case "mute":
			return mute(muteUntil(action.mute, clock.wallMs()));
		case "unmute":
			return mute(0);
		case "reconnect":
			return log("info", "hosts are tried from the tray", {
				hosts: console.reconnect(),
			});
		case "quit":
			return app.quit();
	}
}
