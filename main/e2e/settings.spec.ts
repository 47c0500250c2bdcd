// The settings as a person meets them: changed by keyboard, in use at once, there after a reload and after a restart of the
// core, and said when they could not be kept.
import {
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { BrowserContext, Locator, Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import { systemClock } from "../../shared/clock.ts";
import type { Updates } from "../core/update/runner.ts";
import type { DemoFleet } from "../demo/fleet.ts";
import { startDemoFleet } from "../demo/fleet.ts";
import { writeFleet } from "../demo/write.ts";
import { openCore } from "../shell-electron/core.ts";
import { readStartOptions } from "../shell-electron/startOptions.ts";
import { openMemoryVault } from "../vault/memory.ts";
import type { RunningCommand } from "./demo.ts";
import { startForedeck } from "./demo.ts";
import { ADDRESS, playElectron } from "./electronPage.ts";

test.describe.configure({ mode: "serial" });

const folder = mkdtempSync(join(tmpdir(), "foredeck-settings-"));
const at = (name: string): string => join(folder, name);
const FILE = at("data/settings.json");
const complaints: string[] = [];
let fleet: DemoFleet;
let served: RunningCommand;
let context: BrowserContext;
let page: Page;

const serve = (): Promise<RunningCommand> =>
	startForedeck(
		[
			...["serve", "--no-open", "--fleet", at("fleet.json")],
			...["--cert", at("client.pem"), "--key", at("client.key")],
			...["--ca", at("ca.pem")],
		],
		{ ...process.env, FOREDECK_DATA: at("data") },
	);

test.beforeAll(async ({ browser }) => {
	fleet = await startDemoFleet({
		hosts: 1,
		seed: 1,
		port: 0,
		dialect: "new",
		jobs: false,
		clock: systemClock(),
	});
	const written = await writeFleet(fleet, folder);
	if (!written.ok) throw new Error(written.fault.sentence);
	served = await serve();
	context = await browser.newContext({
		colorScheme: "dark",
		viewport: { width: 1280, height: 1200 },
	});
	page = await context.newPage();
	page.on("console", (message) => {
		if (message.type() === "error" || message.type() === "warning")
			complaints.push(message.text());
	});
	await page.goto(served.address);
	await expect(page.getByRole("main")).toContainText("Jobs");
	await open();
});

test.afterAll(async () => {
	await context?.close();
	await served?.stop();
	await fleet?.stop();
	rmSync(folder, { recursive: true, force: true });
});

const rail = () => page.getByRole("navigation", { name: "Main" });
const main = () => page.getByRole("main");
const section = (name: string) => main().getByRole("region", { name });
const quiet = (n: number) =>
	section("Notifications").getByRole("group", { name: `Quiet hours ${n}` });
const kept = () => JSON.parse(readFileSync(FILE, "utf8"));

async function open(): Promise<void> {
	await rail().getByRole("link", { name: "Settings" }).click();
	await expect(section("Notifications")).toBeVisible();
}
/** As a person does who has no mouse. */
async function press(what: Locator, key: string, on = page): Promise<void> {
	await what.focus();
	await on.keyboard.press(key);
}
async function type(field: Locator, text: string): Promise<void> {
	await field.focus();
	await page.keyboard.press("ControlOrMeta+a");
	await page.keyboard.type(text);
	await page.keyboard.press("Enter");
}
const expectSaved = () =>
	expect(main().getByRole("status").filter({ hasText: "Saved" })).toBeVisible();
async function expectAccessible(on = page): Promise<void> {
	const { violations } = await new AxeBuilder({ page: on }).analyze();
	expect(violations.map(({ id, nodes }) => [id, nodes.length])).toEqual([]);
}
async function picture(name: string, on = page): Promise<void> {
	await on.screenshot({ path: test.info().outputPath(`${name}.png`) });
}
async function expectMine(): Promise<void> {
	await expect(
		main().getByRole("switch", { name: "Desktop notifications" }),
	).not.toBeChecked();
	await expect(
		main().getByRole("switch", { name: "Let failures through" }),
	).toBeChecked();
	await expect(quiet(1).getByLabel("From")).toHaveValue("21:30");
	await expect(quiet(1).getByLabel("To")).toHaveValue("06:05");
	await expect(
		quiet(1).getByRole("button", { name: "Sunday" }),
	).toHaveAttribute("aria-pressed", "false");
	await expect(
		quiet(1).getByRole("button", { name: "Monday" }),
	).toHaveAttribute("aria-pressed", "true");
}

test("everything is changed by keyboard, and kept in a file for its owner only", async () => {
	const getByRole: Locator["getByRole"] = (...asked) =>
		main().getByRole(...asked);
	await press(getByRole("switch", { name: "Desktop notifications" }), "Space");
	await expectSaved();
	await press(getByRole("switch", { name: "Let failures through" }), "Space");
	await press(getByRole("button", { name: "Add quiet hours" }), "Enter");
	await type(quiet(1).getByLabel("From"), "2130");
	await type(quiet(1).getByLabel("To"), "6:05");
	await press(quiet(1).getByRole("button", { name: "Sunday" }), "Space");
	await press(quiet(1).getByRole("button", { name: "Saturday" }), "Enter");
	await expectMine();
	await expect(main()).toContainText("the next day");
	await expect
		.poll(() => kept().notifications)
		.toEqual({
			quietHours: [{ days: [1, 2, 3, 4, 5], from: "21:30", to: "06:05" }],
			failuresBreakQuiet: true,
			mutedUntil: 0,
			desktop: false,
		});
	expect(statSync(FILE).mode & 0o777).toBe(0o600);
	await expectAccessible();
	await picture("changed");
});

test("a time that makes no sense is said beside its field, stays as typed, and is not kept", async () => {
	const from = quiet(1).getByLabel("From");
	await type(from, "25:00");
	await expect(from).toHaveValue("25:00");
	await expect(from).toHaveAttribute("aria-invalid", "true");
	await expect(from).toHaveAccessibleDescription(/21:30 stays in use/);
	// Another field is changed meanwhile, and nothing of either is lost.
	await type(quiet(1).getByLabel("To"), "0600");
	await expect(from).toHaveValue("25:00");
	await expect
		.poll(() => kept().notifications.quietHours)
		.toEqual([{ days: [1, 2, 3, 4, 5], from: "21:30", to: "06:00" }]);
	await expectAccessible();
	await picture("wrong");
	await from.focus();
	await page.keyboard.press("Escape");
	await expect(from).toHaveValue("21:30");
	await expect(from).toHaveAttribute("aria-invalid", "false");
	await type(quiet(1).getByLabel("To"), "06:05");
});

test("quiet hours keep their last day, and say why; removed ones leave the others as they were typed", async () => {
	await press(main().getByRole("button", { name: "Add quiet hours" }), "Enter");
	const days = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"];
	for (const day of [...days, "Saturday", "Sunday"])
		await press(quiet(2).getByRole("button", { name: day }), "Space");
	await expect(
		quiet(2).getByRole("button", { name: "Sunday" }),
	).toHaveAttribute("aria-pressed", "true");
	await expect(quiet(2)).toContainText("Quiet hours need a day");
	await press(main().getByRole("button", { name: "Add quiet hours" }), "Enter");
	await type(quiet(3).getByLabel("To"), "noon");
	await press(
		quiet(2).getByRole("button", { name: "Remove quiet hours 2" }),
		"Enter",
	);
	await expect(quiet(3)).toHaveCount(0);
	await expect(quiet(2).getByLabel("To")).toHaveValue("noon");
	await expect(quiet(2)).not.toContainText("need a day");
	await expect(
		main().getByRole("button", { name: "Add quiet hours" }),
	).toBeFocused();
	await press(
		quiet(2).getByRole("button", { name: "Remove quiet hours 2" }),
		"Enter",
	);
	await expectMine();
});

test("after a reload and after a restart of the core everything is still there", async () => {
	await page.reload();
	await expectMine();
	await served.stop();
	served = await serve();
	await page.goto(served.address);
	await open();
	await expectMine();
});

test("muted is said in the settings and in the rail, in every window, until it is undone", async () => {
	const other = await context.newPage();
	await other.goto(new URL(served.address).origin);
	await press(main().getByRole("button", { name: "1 hour" }), "Enter");
	await expect(section("Notifications")).toContainText(
		/Muted until (tomorrow )?\d\d:\d\d/,
	);
	await expect(
		rail().getByRole("link", { name: /Inbox/ }),
	).toHaveAccessibleName(/Inbox.*muted until/);
	await expect(
		other.getByRole("link", { name: /Inbox.*muted until/ }),
	).toBeVisible();
	await expectAccessible();
	await picture("muted");
	await rail().getByRole("link", { name: /Inbox/ }).click();
	await expect(
		main().getByRole("link", { name: /^Muted until/ }),
	).toBeVisible();
	await expectAccessible();
	await picture("inbox");
	await main()
		.getByRole("link", { name: /^Muted until/ })
		.click();
	await press(main().getByRole("button", { name: "Unmute" }), "Enter");
	await expect(
		main().getByRole("button", { name: "Until morning" }),
	).toBeVisible();
	await expect(rail()).not.toContainText("muted");
	await expect(
		other.getByRole("link", { name: "Inbox" }),
	).not.toHaveAccessibleName(/muted/);
	await other.close();
});

test("a test notification answers with what the system did", async () => {
	const answer = section("Notifications")
		.getByRole("status")
		.filter({ hasNotText: "Saved" });
	await expect(answer).toContainText("Shows a notification");
	await press(
		main().getByRole("button", { name: "Send a test notification" }),
		"Enter",
	);
	await expect(answer).not.toContainText("Shows a notification");
	await expect(answer).toHaveText(/\S+.*\.$/);
});

test("both themes are accessible, and a page of 320 pixels has nothing to scroll sideways", async () => {
	await main().getByRole("radio", { name: "Light" }).check();
	await expectAccessible();
	await picture("light");
	await page.setViewportSize({ width: 320, height: 900 });
	expect(
		await page.evaluate(() =>
			[...document.querySelectorAll("main, main *")]
				.filter(
					({ scrollWidth, clientWidth }) =>
						clientWidth > 1 && scrollWidth > clientWidth + 1,
				)
				.map(({ className }) => className),
		),
	).toEqual([]);
	await expectAccessible();
	await picture("narrow");
	await page.setViewportSize({ width: 1280, height: 1200 });
	await main().getByRole("radio", { name: "Dark" }).check();
});

test("a broken file is said over every screen and set aside, until something is set anew", async () => {
	await served.stop();
	writeFileSync(FILE, "{ half");
	served = await serve();
	await page.goto(served.address);
	await expect(main()).toContainText("settings.broken");
	await expect(main()).toContainText("set aside");
	await picture("broken");
	await open();
	await expectAccessible();
	await press(
		main().getByRole("switch", { name: "Let failures through" }),
		"Space",
	);
	await expectSaved();
	await expect(main()).not.toContainText("settings.broken");
	expect(readFileSync(`${FILE}.broken`, "utf8")).toBe("{ half");
});

test("a change that cannot be written is in use, and said with what to do", async () => {
	rmSync(FILE);
	rmSync(`${FILE}.broken`);
	mkdirSync(FILE);
	mkdirSync(`${FILE}.broken`);
	writeFileSync(join(`${FILE}.broken`, "in the way"), "");
	const through = main().getByRole("switch", { name: "Let failures through" });
	await press(through, "Space");
	await expect(main()).toContainText("settings.unwritable");
	await expect(through).not.toBeChecked();
	await expectAccessible();
	await picture("unwritable");
	rmSync(FILE, { recursive: true });
	await press(through, "Space");
	await expectSaved();
	await expect(main()).not.toContainText("settings.unwritable");
	expect(kept().notifications.failuresBreakQuiet).toBe(true);
});

test("the desktop app also has its tray and the channel of its updates", async ({
	page: desktop,
}) => {
	const updates: Updates = {
		view: () => ({
			state: { kind: "idle" },
			isPostponed: false,
			waitsFor: null,
		}),
		check() {},
		install() {},
		postpone() {},
		channelChanged() {},
		stop() {},
	};
	const core = await openCore(readStartOptions(["--demo", "--hosts=1"], {}), {
		clock: systemClock(),
		log: () => {},
		random: Math.random,
		version: "0.0.0-test",
		env: {},
		openVault: async () => ({ vault: openMemoryVault(), why: null }),
		updates: () => ({ kind: "own", updates }),
	});
	try {
		const refused = await playElectron(desktop, core);
		await desktop.goto(`${ADDRESS}/index.html#/settings`);
		const tray = desktop.getByRole("switch", { name: "Stay in the tray" });
		await expect(tray).toBeChecked();
		await press(tray, "Space", desktop);
		const channel = desktop.getByRole("group", { name: "Channel" });
		await expect(
			channel.getByRole("radio", { name: "By version" }),
		).toBeChecked();
		await press(
			channel.getByRole("radio", { name: "By version" }),
			"ArrowRight",
			desktop,
		);
		await expect(channel.getByRole("radio", { name: "Stable" })).toBeChecked();
		await expect(tray).not.toBeChecked();
		await expect
			.poll(() => core.console.settings.current)
			.toMatchObject({
				updates: { channel: "latest" },
				window: { closeToTray: false },
			});
		await expectAccessible(desktop);
		// Another way changes it, as the tray does: the window follows.
		core.console.settings.change({ window: { closeToTray: true } });
		await expect(tray).toBeChecked();
		await picture("desktop", desktop);
		expect(refused).toEqual([]);
	} finally {
		await core.stop();
	}
});

test("the page complained of nothing but the end of its cores", () => {
	expect(complaints.filter((text) => !/WebSocket|ERR_/.test(text))).toEqual([]);
});
