// Plays Electron for a page in Chromium: the app's own answers with their content security policy at a routed address, its
// channel by a binding, and a new process for a window whose page crashed.
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { CHANNEL, PIPE_CLOSED, PIPE_OPENED } from "../../shared/channel.ts";
import { systemClock } from "../../shared/clock.ts";
import { APP_ORIGIN } from "../core/senderPolicy.ts";
import { answerFrom } from "../shell-electron/appScheme.ts";
import type { RunningCore } from "../shell-electron/core.ts";
import { openCore } from "../shell-electron/core.ts";
import type { ChannelEvent } from "../shell-electron/rendererPipe.ts";
import { serveRenderer } from "../shell-electron/rendererPipe.ts";
import { readStartOptions } from "../shell-electron/startOptions.ts";
import { openMemoryVault } from "../vault/memory.ts";

/** Stands for app://console, which only Electron can register. */
export const ADDRESS = "https://console.foredeck.test";
const RENDERER = fileURLToPath(new URL("../../dist/renderer", import.meta.url));

/** The desktop shell's core on a demo fleet. */
export const openDemoCore = (hosts: number): Promise<RunningCore> =>
	openCore(readStartOptions(["--demo", `--hosts=${hosts}`], {}), {
		clock: systemClock(),
		log: () => {},
		random: Math.random,
		version: "0.0.0-test",
		env: {},
		openVault: async () => ({ vault: openMemoryVault(), why: null }),
	});

/** Serves the page and its channel as the desktop shell does. Returns what was refused or complained about. */
export async function playElectron(
	page: Page,
	core: RunningCore,
): Promise<string[]> {
	const complaints: string[] = [];
	const answer = answerFrom(RENDERER);
	await page.route(`${ADDRESS}/**`, async (route) => {
		const url = route.request().url().replace(ADDRESS, APP_ORIGIN);
		const response = await answer({ url, method: "GET" } as Request);
		await route.fulfill({
			status: response.status,
			headers: Object.fromEntries(response.headers),
			body: Buffer.from(await response.arrayBuffer()),
		});
	});
	page.on("pageerror", (error) => complaints.push(error.message));
	page.on("console", (message) => {
		if (message.type() === "error") complaints.push(message.text());
	});
	let heard: (event: ChannelEvent, ...parts: unknown[]) => void = () => {};
	await page.exposeBinding("toMain", ({ frame }, message: unknown) =>
		heard(
			{
				sender: { id: 1 },
				senderFrame: {
					url: frame.url().replace(ADDRESS, APP_ORIGIN),
					parent: frame.parentFrame(),
				},
			},
			message,
		),
	);
	await page.addInitScript(
		`let onMessage = () => {}, onClose = () => {};
		window.fromMain = (message) => message === ${JSON.stringify(PIPE_CLOSED)} ? onClose() : onMessage(message);
		window.foredeck = {
			send: (message) => void toMain(message),
			onMessage: (listener) => { onMessage = listener; void toMain(${JSON.stringify(PIPE_OPENED)}); },
			onClose: (listener) => { onClose = listener; },
		};`,
	);
	serveRenderer({
		channel: {
			on: (name, listener) => {
				if (name === CHANNEL) heard = listener;
			},
		},
		contents: {
			id: 1,
			send: (_name, message) => {
				// A page that is being replaced takes no message; the next document opens a pipe of its own.
				page
					.evaluate(`window.fromMain(${JSON.stringify(message)})`)
					.catch(() => {});
			},
			isDestroyed: () => page.isClosed(),
			onGone(listener) {
				page.once("close", listener);
				page.once("crash", listener);
			},
		},
		attach: core.console.attach,
		onRefused: (why) => complaints.push(why.sentence),
	});
	return complaints;
}
