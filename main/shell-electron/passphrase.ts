// Asks a person for the passphrase of a file in a small window of its own, so that no passphrase is ever in the memory of the page
// that shows the fleet's texts. The window, and its process with it, is gone after the answer.
import { basename } from "node:path";
import type {
	BrowserWindow,
	BrowserWindowConstructorOptions,
	IpcMain,
	IpcMainEvent,
} from "electron";
import { PASSPHRASE_CHANNEL } from "../../shared/channel.ts";
import type { AskSecret } from "../core/identity/openIdentityFiles.ts";
import type { Log } from "../core/ports.ts";
import { maySpeak } from "../core/senderPolicy.ts";
import { senderFacts } from "./rendererPipe.ts";
import { windowOptions } from "./window.ts";

const PAGE = "app://console/passphrase.html";
/** As the page takes it. */
const MOST_CHARACTERS = 1_024;

export interface PassphraseParts {
	readonly ipcMain: Pick<IpcMain, "on" | "off">;
	readonly log: Log;
	/** Path of the built preload of that window. */
	readonly preload: string;
	newWindow(options: BrowserWindowConstructorOptions): BrowserWindow;
	/** The window that it lies over; null while there is none. */
	parent(): BrowserWindow | null;
}

/** @returns null when the person closed the window; a second question while one is open is answered null at once. */
export function askInWindow(parts: PassphraseParts): AskSecret {
	let isOpen = false;
	return async (_question, file = "") => {
		if (isOpen) return null;
		isOpen = true;
		try {
			return await ask(parts, basename(file));
		} finally {
			isOpen = false;
		}
	};
}

const optionsOf = (
	preload: string,
	parent: BrowserWindow | null,
): BrowserWindowConstructorOptions => ({
	...windowOptions(preload, false),
	title: "Passphrase",
	width: 440,
	height: 240,
	minWidth: 320,
	minHeight: 220,
	minimizable: false,
	maximizable: false,
	fullscreenable: false,
	...(parent === null ? {} : { parent, modal: true }),
});

function ask(
	{ ipcMain, log, preload, newWindow, parent }: PassphraseParts,
	file: string,
): Promise<string | null> {
	const window = newWindow(optionsOf(preload, parent()));
	const { webContents } = window;
	// Recordings and shared screens show an empty window.
	window.setContentProtection(true);
	window.once("ready-to-show", () => window.show());
	return new Promise((resolve) => {
		const heard = (event: IpcMainEvent, answer: unknown): void => {
			const may = maySpeak(senderFacts(event, webContents));
			if (may.ok) return end(passphraseIn(answer));
			log("warn", "a message was refused", { code: may.fault.code });
		};
		const end = (answer: string | null): void => {
			ipcMain.off(PASSPHRASE_CHANNEL, heard);
			// Before the window goes, which is an answer too.
			resolve(answer);
			if (!window.isDestroyed()) window.destroy();
		};
		ipcMain.on(PASSPHRASE_CHANNEL, heard);
		window.once("closed", () => end(null));
		webContents.once("render-process-gone", () => end(null));
		window
			.loadURL(`${PAGE}#${encodeURIComponent(file)}`)
			.catch(() => end(null));
	});
}

const passphraseIn = (answer: unknown): string | null =>
	typeof answer === "string" && answer.length <= MOST_CHARACTERS
		? answer
		: null;
