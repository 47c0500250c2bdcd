// The window as the desktop shell serves it, in Chromium: the app's own answers with their content security policy, its
// channel and its core on the demo fleet. Only Electron itself is played: its scheme by a routed address, its IPC by a binding.
import { fileURLToPath } from "node:url";
import type { Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
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
const ADDRESS = "https://console.foredeck.test";
const RENDERER = fileURLToPath(new URL("../../dist/renderer", import.meta.url));
const HOSTS = 6;

/** Serves the page and its channel as the desktop shell does. Returns what was refused or complained about. */
async function playElectron(page: Page, core: RunningCore): Promise<string[]> {
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
			onGone: (listener) => page.once("close", listener),
		},
		attach: core.console.attach,
		onRefused: (why) => complaints.push(why.sentence),
	});
	return complaints;
}

test("the window shows the demo fleet under the app's own security policy, also after a reload", async ({
	page,
}) => {
	const core = await openCore(
		readStartOptions(["--demo", `--hosts=${HOSTS}`], {}),
		{
			clock: systemClock(),
			log: () => {},
			random: Math.random,
			version: "0.0.0-test",
			env: {},
			openVault: async () => ({ vault: openMemoryVault(), why: null }),
		},
	);
	try {
		const complaints = await playElectron(page, core);
		const violations: string[] = [];
		await page.exposeBinding("violated", (_source, what: string) =>
			violations.push(what),
		);
		await page.addInitScript(
			`addEventListener("securitypolicyviolation", (event) => void violated(event.violatedDirective + " " + event.blockedURI));`,
		);
		await page.goto(`${ADDRESS}/index.html`);
		const lookAround = async (): Promise<void> => {
			const main = page.getByRole("navigation", { name: "Main" });
			await main.getByRole("link", { name: "Jobs" }).click();
			const jobs = page.getByRole("grid", { name: "Jobs" });
			await expect(jobs.getByRole("progressbar").first()).toBeVisible();
			await main.getByRole("link", { name: "Hosts" }).click();
			const hosts = page.getByRole("grid", { name: "Hosts" });
			await expect(hosts.getByText("live").first()).toBeVisible();
		};
		await lookAround();
		await page.reload();
		await lookAround();
		expect(violations).toEqual([]);
		expect(complaints).toEqual([]);
	} finally {
		await core.stop();
	}
});
