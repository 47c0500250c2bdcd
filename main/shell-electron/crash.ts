// What happens when a process dies: the window's is brought back once and says so; ours ends with a sentence. Crash reports
// stay on this computer. Takes Electron's objects as arguments.
import type { BrowserWindow, Dialog } from "electron";
import type { Clock } from "../../shared/clock.ts";
import type { Log } from "../core/ports.ts";
import { isOurPage } from "../core/senderPolicy.ts";
import { START_ADDRESS } from "./window.ts";

/** A second crash within this time would most likely be followed by a third: a person decides then. */
export const CRASHED_AGAIN_MS = 60_000;

export interface CrashParts {
	readonly clock: Clock;
	readonly log: Log;
	readonly dialog: Pick<Dialog, "showMessageBox">;
	quit(): void;
}

/** Where the page begins after a crash: the place before it, with the time (wall ms) in the query for the window to tell. */
export function addressAfterCrash(before: string, atMs: number): string {
	const hash = isOurPage(before) ? new URL(before).hash : "";
	return `${START_ADDRESS}?crashed=${Math.floor(atMs)}${hash}`;
}

/** Brings the page back when its process dies: by itself the first time, on a person's word when it is soon after. */
export function reviveAfterCrash(
	window: Pick<BrowserWindow, "webContents" | "on">,
	{ clock, log, dialog, quit }: CrashParts,
): void {
	const contents = window.webContents;
	let crashedAtMs: number | null = null;
	let isAsking = false;
	const reload = (): void => {
		contents
			.loadURL(addressAfterCrash(contents.getURL(), clock.wallMs()))
			.catch((error: unknown) =>
				log("error", "the window did not load again", { error }),
			);
	};
	const ask = async (
		message: string,
		detail: string,
		buttons: readonly [string, string],
		second: () => void,
	): Promise<void> => {
		if (isAsking) return;
		isAsking = true;
		try {
			const { response } = await dialog.showMessageBox({
				type: "warning",
				title: "Foredeck",
				message,
				detail,
				buttons: [...buttons],
				defaultId: 0,
				cancelId: 0,
				noLink: true,
			});
			if (response === 1) second();
			else if (buttons[0] === RELOAD) reload();
		} catch (error) {
			log("error", "a question could not be shown", { error });
		} finally {
			isAsking = false;
		}
	};
	contents.on("render-process-gone", (_event, { reason }) => {
		log("error", "the window's process ended", { reason });
		if (reason === "clean-exit") return;
		const now = clock.monotonicMs();
		const isAgain =
			crashedAtMs !== null && now - crashedAtMs < CRASHED_AGAIN_MS;
		crashedAtMs = now;
		if (!isAgain) return reload();
		void ask(
			"Foredeck’s window crashed again.",
			"The links to your hosts are held by another process and go on. Reload the window; if it crashes once more, quit Foredeck, start it again and report what you did.",
			[RELOAD, "Quit"],
			quit,
		);
	});
	window.on("unresponsive", () => {
		log("warn", "the window does not answer");
		void ask(
			"Foredeck’s window does not answer.",
			"The links to your hosts are held by another process and go on.",
			["Wait", "Reload the window"],
			// A hung page cannot be reloaded; its end is seen above, which brings it back.
			() => contents.forcefullyCrashRenderer(),
		);
	});
}

const RELOAD = "Reload";

/** As much of Node's process as is needed. */
export interface FailingProcess {
	on(
		event: "uncaughtException" | "unhandledRejection",
		listener: (error: unknown) => void,
	): unknown;
}

/** What was not foreseen in our own process ends it: a console in an unknown state must not tell anybody that all is well. */
export function endOnSurprise(
	process: FailingProcess,
	log: Log,
	dialog: Pick<Dialog, "showErrorBox">,
	exit: (code: number) => void,
): void {
	let isEnding = false;
	const end = (error: unknown): void => {
		if (isEnding) return;
		isEnding = true;
		log("error", "something happened that was not foreseen", { error });
		try {
			dialog.showErrorBox(
				"Foredeck",
				"Foredeck met an error that it did not foresee, and ends. Jobs on your hosts are not affected. Start it again; if this repeats, report the last lines of its log.",
			);
		} finally {
			exit(1);
		}
	};
	process.on("uncaughtException", end);
	process.on("unhandledRejection", end);
}
