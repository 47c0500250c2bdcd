import { EventEmitter } from "node:events";
import type { BrowserWindowConstructorOptions } from "electron";
import { expect, test } from "vitest";
import { PASSPHRASE_CHANNEL } from "../../shared/channel.ts";
import { askInWindow } from "./passphrase.ts";

const PAGE = "app://console/passphrase.html";

function stage() {
	const ipcMain = new EventEmitter();
	const told: unknown[] = [];
	const made: {
		options: BrowserWindowConstructorOptions;
		window: EventEmitter & { address: string; isProtected: boolean };
		contents: EventEmitter;
		isDestroyed: boolean;
	}[] = [];
	const parent = { name: "the window" };
	const ask = askInWindow({
		ipcMain: ipcMain as never,
		log: (level, text, fields) => told.push([level, text, fields]),
		preload: "/app/passphrase.cjs",
		parent: () => parent as never,
		newWindow(options) {
			const contents = Object.assign(new EventEmitter(), { id: 7 });
			const one = {
				options,
				contents,
				isDestroyed: false,
				window: Object.assign(new EventEmitter(), {
					webContents: contents,
					address: "",
					isProtected: false,
					setContentProtection(on: boolean) {
						one.window.isProtected = on;
					},
					show: () => {},
					isDestroyed: () => one.isDestroyed,
					destroy() {
						one.isDestroyed = true;
						one.window.emit("closed");
					},
					async loadURL(address: string) {
						one.window.address = address;
					},
				}),
			};
			made.push(one);
			return one.window as never;
		},
	});
	const say = (answer: unknown, url = PAGE, id = 7): void => {
		ipcMain.emit(
			PASSPHRASE_CHANNEL,
			{ sender: { id }, senderFrame: { url, parent: null } },
			answer,
		);
	};
	const sayAs = (senderFrame: object, answer: unknown): void =>
		void ipcMain.emit(
			PASSPHRASE_CHANNEL,
			{ sender: { id: 7 }, senderFrame },
			answer,
		);
	return { ask, say, sayAs, made, told, parent, ipcMain };
}

test("a hardened window of its own asks for the file by its name, and is gone with the answer", async () => {
	const { ask, say, made, parent, ipcMain } = stage();
	const asked = ask("Passphrase: ", "/home/me/my keys/prod.p12");
	const [one] = made;
	expect(one?.window.address).toBe(`${PAGE}#prod.p12`);
	expect(one?.window.isProtected).toBe(true);
	expect(one?.options).toMatchObject({
		parent,
		modal: true,
		webPreferences: {
			preload: "/app/passphrase.cjs",
			sandbox: true,
			contextIsolation: true,
			nodeIntegration: false,
			devTools: false,
		},
	});
	say("sesame");
	expect(await asked).toBe("sesame");
	expect(one?.isDestroyed).toBe(true);
	expect(ipcMain.listenerCount(PASSPHRASE_CHANNEL)).toBe(0);
});

test("closing it, or a page that dies, is no answer", async () => {
	const { ask, made, ipcMain } = stage();
	const first = ask("?", "a.p12");
	made[0]?.window.emit("closed");
	expect(await first).toBeNull();
	const second = ask("?", "a.p12");
	made[1]?.contents.emit("render-process-gone");
	expect(await second).toBeNull();
	expect(made[1]?.isDestroyed).toBe(true);
	expect(ipcMain.listenerCount(PASSPHRASE_CHANNEL)).toBe(0);
});

test("nobody but its own page is heard, and what is no text is no answer", async () => {
	const { ask, say, told } = stage();
	const asked = ask("?", "a.p12");
	say("stolen", PAGE, 1);
	say("stolen", "https://elsewhere.test/");
	expect(told).toEqual([
		["warn", "a message was refused", { code: "sender.refused" }],
		["warn", "a message was refused", { code: "sender.refused" }],
	]);
	say({ passphrase: "x" });
	expect(await asked).toBeNull();
	const long = stage();
	const again = long.ask("?", "a.p12");
	long.say("x".repeat(1_025));
	expect(await again).toBeNull();
});

test("a frame that is gone by now is refused, and the question stays open", async () => {
	const { ask, say, sayAs, told } = stage();
	const asked = ask("?", "a.p12");
	const gone = {
		get url(): string {
			throw new Error("Render frame was disposed");
		},
		parent: null,
	};
	sayAs(gone, "late");
	expect(told).toHaveLength(1);
	say("sesame");
	expect(await asked).toBe("sesame");
});

test("one question at a time", async () => {
	const { ask, say, made } = stage();
	const first = ask("?", "a.p12");
	expect(await ask("?", "b.p12")).toBeNull();
	expect(made).toHaveLength(1);
	say("one");
	expect(await first).toBe("one");
});
