// What closing the window means: Foredeck goes on where an icon leads back to it, and ends where none does. The first time
// it says so. Quitting always quits. Takes Electron's objects as arguments.
import type { BrowserWindow, Dialog } from "electron";
import type { Log } from "../core/ports.ts";

/** As much of Electron's app as is needed. */
export interface ClosingApp {
	on(event: "before-quit" | "activate", listener: () => void): unknown;
	quit(): void;
}

/** Electron's own updater closes the windows first, and says so before it does; macOS only. */
export interface QuittingUpdater {
	on(event: "before-quit-for-update", listener: () => void): unknown;
}

export interface ClosingParts {
	readonly app: ClosingApp;
	readonly updater: QuittingUpdater;
	readonly window: Pick<
		BrowserWindow,
		| "on"
		| "once"
		| "hide"
		| "isDestroyed"
		| "isVisible"
		| "isFullScreen"
		| "setFullScreen"
	>;
	readonly dialog: Pick<Dialog, "showMessageBox">;
	readonly platform: NodeJS.Platform;
	readonly log: Log;
	/** Whether a person wants Foredeck to go on. */
	wantsTray(): boolean;
	/** "Don't hide, quit instead", for this and every other time. */
	quitFromNowOn(): void;
	/** An icon was made. */
	readonly hasTray: boolean;
	/** Somebody shows icons now. */
	hasHost(): Promise<boolean>;
	/** Whether a person was told before, on this computer. */
	readonly told: { has(): boolean; keep(): void };
	/** Shows the window again. */
	raise(): void;
}

/** To be called once for the window. */
export function hideOnClose(parts: ClosingParts): void {
	const { app, updater, window, platform, hasTray } = parts;
	let isQuitting = false;
	let isLeaving = false;
	const quits = (): void => {
		isQuitting = true;
	};
	app.on("before-quit", quits);
	updater.on("before-quit-for-update", quits);
	// A click in the Dock.
	app.on("activate", parts.raise);
	window.on("close", (event) => {
		// On macOS an app without a window stays in the Dock, which leads back to it.
		const leadsBack = hasTray || platform === "darwin";
		if (isQuitting || !leadsBack || !parts.wantsTray()) return;
		event.preventDefault();
		const isTold = parts.told.has();
		// At once, as a window closes; where the icon is not shown any more, the rest ends a moment later.
		if (isTold) hide(parts);
		if (isLeaving) return;
		isLeaving = true;
		leave(parts, isTold, () => isQuitting || window.isDestroyed())
			.catch((error: unknown) =>
				parts.log("warn", "closing the window did not go on", { error }),
			)
			.finally(() => {
				isLeaving = false;
			});
	});
}

/** @param isOver the window is gone, or goes: it may not be touched then, and nothing is left to decide. */
async function leave(
	parts: ClosingParts,
	isTold: boolean,
	isOver: () => boolean,
): Promise<void> {
	const { app, window, told } = parts;
	const hasHost = await parts.hasHost();
	if (isOver()) return;
	if (isTold) {
		if (!hasHost && !window.isVisible()) app.quit();
		return;
	}
	if (!hasHost) return app.quit();
	const chosen = await choice(parts);
	if (isOver()) return;
	if (chosen === "quit") {
		parts.quitFromNowOn();
		return app.quit();
	}
	hide(parts);
	told.keep();
}

/** A full-screen window of macOS that is hidden leaves a black screen behind. */
function hide({ window, platform }: ClosingParts): void {
	if (platform !== "darwin" || !window.isFullScreen()) return window.hide();
	window.once("leave-full-screen", () => window.hide());
	window.setFullScreen(false);
}

/** Says where Foredeck goes on, in one sentence. */
async function choice({
	dialog,
	window,
	platform,
	hasTray,
	log,
}: ClosingParts): Promise<"hide" | "quit"> {
	const place = placeOf(platform, hasTray);
	try {
		const { response } = await dialog.showMessageBox(window as BrowserWindow, {
			type: "info",
			title: "Foredeck",
			message: `Foredeck goes on in ${place} and watches your hosts.`,
			detail: `Its icon there opens this window again${hasTray ? ", and its menu has Quit" : ""}. You can change this in Settings.`,
			buttons: ["OK", "Don’t hide, quit instead"],
			defaultId: 0,
			cancelId: 0,
			noLink: true,
		});
		return response === 1 ? "quit" : "hide";
	} catch (error) {
		log("warn", "what closing the window does could not be said", { error });
		return "hide";
	}
}

function placeOf(platform: NodeJS.Platform, hasTray: boolean): string {
	if (platform !== "darwin") return "the tray";
	return hasTray ? "the menu bar" : "the Dock";
}
