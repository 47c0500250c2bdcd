// The window as the desktop shell serves it, in Chromium: the app's own answers with their content security policy, its
// channel and its core on the demo fleet. Only Electron itself is played.
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import { systemClock } from "../../shared/clock.ts";
import { CONTRACT_VERSION } from "../../shared/contract.ts";
import { APP_ORIGIN } from "../core/senderPolicy.ts";
import {
	addressAfterCrash,
	reviveAfterCrash,
} from "../shell-electron/crash.ts";
import { ADDRESS, openDemoCore, playElectron } from "./electronPage.ts";

const HOSTS = 6;
/** One of them is of an old version, which can only be polled. */
const LIVE = 5;

test("the window shows the demo fleet under the app's own security policy, also after a reload", async ({
	page,
}) => {
	const core = await openDemoCore(HOSTS);
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

/** For the page: asks for the diagnosis of a host that there is not, until nothing is left in the bucket. */
const DIAGNOSE_WITHOUT_END = `for (let id = 800_000; id < 800_010; id++)
	window.foredeck.send(JSON.stringify({ v: ${CONTRACT_VERSION}, kind: "ask", id, name: "host.diagnose", body: { hostId: "x" } }));`;

test("a person in a hurry is never told that they are too fast", async ({
	page,
}) => {
	const core = await openDemoCore(60);
	try {
		const complaints = await playElectron(page, core);
		await page.goto(`${ADDRESS}/index.html#/hosts`);
		await expect(hosts(page).getByText("live").first()).toBeVisible();
		// Scrolls without pause, then holds an arrow key down with a host open, then walks through the runs of a job.
		await hosts(page).hover();
		for (let turn = 0; turn < 60; turn++)
			await page.mouse.wheel(0, turn % 2 === 0 ? 400 : -350);
		await hosts(page).getByRole("row").nth(2).click();
		for (let turn = 0; turn < 50; turn++) {
			await page.keyboard.press("ArrowDown");
			await page.keyboard.press("Enter");
		}
		await page
			.getByRole("navigation", { name: "Main" })
			.getByRole("link", { name: "Jobs" })
			.click();
		await page
			.getByRole("grid", { name: "Jobs" })
			.getByText("patchapply")
			.first()
			.click();
		const counts = page.getByRole("group", { name: "Counts" });
		await counts.getByRole("button", { name: "60 hosts" }).click();
		await page.getByRole("grid").getByRole("row").nth(2).click();
		for (let turn = 0; turn < 40; turn++) {
			await page.keyboard.press("ArrowDown");
			await page.keyboard.press("Enter");
		}
		expect(Object.fromEntries(core.console.figures.refused)).toEqual({});
		// A page that runs away is; and then the person reads why.
		await page.goto(`${ADDRESS}/index.html#/hosts`);
		await hosts(page).getByRole("row").nth(2).click();
		await page.evaluate(DIAGNOSE_WITHOUT_END);
		await page.getByRole("button", { name: "Diagnose" }).click();
		await expect(
			page.getByText("the window asked for this more often than a person"),
		).toBeVisible();
		await page.screenshot({ path: test.info().outputPath("hurry.png") });
		const { violations } = await new AxeBuilder({ page }).analyze();
		expect(violations.map(({ id }) => id)).toEqual([]);
		expect(complaints).toEqual([]);
	} finally {
		await core.stop();
	}
});

const hosts = (page: Page) => page.getByRole("grid", { name: "Hosts" });
const banner = (page: Page) => page.getByText("The window crashed and was");

test("a window that was brought back says when it crashed, until a person has seen it", async ({
	page,
}) => {
	const core = await openDemoCore(HOSTS);
	try {
		const complaints = await playElectron(page, core);
		const before = `${APP_ORIGIN}/index.html#/hosts`;
		const address = addressAfterCrash(before, systemClock().wallMs());
		await page.goto(address.replace(APP_ORIGIN, ADDRESS));
		await expect(hosts(page).getByText("live").first()).toBeVisible();
		await expect(banner(page)).toBeVisible();
		await expect(
			page.getByText("The links to your hosts went on"),
		).toBeVisible();
		for (const colorScheme of ["dark", "light"] as const) {
			await page.emulateMedia({ colorScheme });
			const path = test.info().outputPath(`crashed-${colorScheme}.png`);
			await page.screenshot({ path });
			const { violations } = await new AxeBuilder({ page }).analyze();
			expect(violations.map(({ id }) => id)).toEqual([]);
		}
		await page.getByRole("button", { name: "Dismiss" }).click();
		await expect(banner(page)).toHaveCount(0);
		expect(page.url()).toBe(`${ADDRESS}/index.html#/hosts`);
		// Neither a reload nor another screen tells it again.
		await page.reload();
		await expect(hosts(page).getByText("live").first()).toBeVisible();
		await expect(banner(page)).toHaveCount(0);
		expect(complaints).toEqual([]);
	} finally {
		await core.stop();
	}
});

/** Ends the page's process as a bug of Chromium's would. */
async function crash(page: Page): Promise<void> {
	const crashed = page.waitForEvent("crash");
	const session = await page.context().newCDPSession(page);
	session.send("Page.crash").catch(() => {});
	await crashed;
}

test("a page whose process really crashes comes back by itself, at its place and with the whole fleet; a second crash asks a person", async ({
	page: first,
}) => {
	const core = await openDemoCore(HOSTS);
	const questions: string[] = [];
	const pages: Page[] = [];
	/** What reviveAfterCrash hears and does. */
	const heard = new Map<string, (event: unknown, why: object) => void>();
	const show = async (page: Page, address: string): Promise<void> => {
		pages.push(page);
		await playElectron(page, core);
		page.once("crash", () =>
			heard.get("render-process-gone")?.({}, { reason: "crashed" }),
		);
		await page.goto(address.replace(APP_ORIGIN, ADDRESS));
	};
	// Electron gives the same window another process; Playwright can only open another page for it.
	const loadURL = async (address: string): Promise<void> =>
		show(await first.context().newPage(), address);
	const webContents = {
		on: heard.set.bind(heard),
		getURL: () => pages.at(-1)?.url().replace(ADDRESS, APP_ORIGIN) ?? "",
		loadURL,
	};
	reviveAfterCrash({ webContents, on: () => {} } as never, {
		clock: systemClock(),
		log: () => {},
		dialog: {
			showMessageBox: async ({ message }: { message: string }) => {
				questions.push(message);
				return { response: 0, checkboxChecked: false };
			},
		} as never,
		quit: () => {},
	});
	try {
		await show(first, `${APP_ORIGIN}/index.html#/hosts`);
		await expect(hosts(first).getByText("live", { exact: true })).toHaveCount(
			LIVE,
		);
		await crash(first);
		await expect.poll(() => pages.length).toBe(2);
		const second = pages[1] as Page;
		await expect(hosts(second).getByText("live", { exact: true })).toHaveCount(
			LIVE,
		);
		await expect(banner(second)).toBeVisible();
		expect(second.url()).toMatch(/index\.html\?crashed=\d+#\/hosts$/);
		expect(questions).toEqual([]);
		await crash(second);
		await expect.poll(() => pages.length).toBe(3);
		expect(questions).toEqual(["Foredeck’s window crashed again."]);
		const third = pages[2] as Page;
		await expect(hosts(third).getByText("live", { exact: true })).toHaveCount(
			LIVE,
		);
	} finally {
		await core.stop();
	}
});
