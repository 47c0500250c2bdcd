// An update as a person meets it: the real runner and the real gate on a feed of signed manifests on this computer, with
// electron-updater itself fetching, a console on real agents whose jobs it waits for, and the window in a real Chromium. Only
// the last step is played: the library is asked to quit and install.
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import { systemClock } from "../../shared/clock.ts";
import type { UpdateMemory } from "../core/update/keep.ts";
import type { Updates } from "../core/update/runner.ts";
import { runUpdates } from "../core/update/runner.ts";
import type { UpdateDuty } from "../core/update/updateCommands.ts";
import type { UpdateStage } from "../shell-electron/updateStage.ts";
import { OFFERED, openUpdateStage } from "../shell-electron/updateStage.ts";
import { ADDRESS, playElectron } from "./electronPage.ts";
import { picture as documented } from "./pictures.ts";
import type { World } from "./world.ts";
import { openWorld, SUCCEEDS } from "./world.ts";

test.describe.configure({ mode: "serial" });

const NOTES = `The first release with an inbox.

- Failures are told once, and kept until they were read. \`foredeck watch --json\` has them
  under the name \`inbox\`.
- Links: a host that was not reached ten times in a row is told once.
- <b>Nothing</b> in these notes is markup.`;

let stage: UpdateStage;
let world: World;
let memory: UpdateMemory;
let updates: Updates;
let duty: UpdateDuty | null = null;
let page: Page;
let complaints: string[] = [];
const installs: string[] = [];

test.beforeAll(async ({ browser }) => {
	stage = await openUpdateStage();
	stage.raw.quitAndInstall = () => void installs.push(OFFERED);
	stage.publish({ notes: NOTES });
	memory = stage.openMemory();
	world = await openWorld({
		hosts: [{ id: "web-1" }, { id: "web-2" }],
		updates: () => duty,
	});
	start();
	const context = await browser.newContext({ colorScheme: "dark" });
	page = await context.newPage();
	complaints = await playElectron(page, world);
	await page.goto(`${ADDRESS}/index.html`);
});

test.afterAll(async () => {
	updates?.stop();
	await page?.context().close();
	await world?.stop();
	await stage?.close();
});

/** As an app that starts: what was put off before is remembered. */
function start(): void {
	updates = runUpdates({
		clock: systemClock(),
		log: () => {},
		random: () => 0.5,
		updater: stage.updater,
		busy: () => ({
			openJobs: world.jobs().filter(({ endedAt }) => endedAt === null).length,
			unreadFailures: world.console.unreadFailures,
		}),
		postponedUntil: memory.postponedUntil,
		keepPostponed: memory.keepPostponed,
		onChange: () => world.console.updatesChanged(),
	});
	duty = { kind: "own", updates };
	world.console.updatesChanged();
}

const notice = () =>
	page.getByRole("contentinfo").getByRole("button", { name: /^Update / });
const dialog = () => page.getByRole("dialog");
const button = (name: string) => dialog().getByRole("button", { name });
async function expectAccessible(): Promise<void> {
	const { violations } = await new AxeBuilder({ page }).analyze();
	expect(violations.map(({ id, nodes }) => [id, nodes.length])).toEqual([]);
}
async function picture(name: string): Promise<void> {
	await page.screenshot({ path: test.info().outputPath(`${name}.png`) });
}

test("nothing is said before there is something, and About can look for it", async () => {
	await page.getByRole("link", { name: "Settings" }).click();
	await expect(page.getByRole("main")).toContainText("nothing newer is known");
	await expect(notice()).toHaveCount(0);
	await page.getByRole("button", { name: "Updates …" }).click();
	await expect(dialog()).toHaveAccessibleName("Updates");
	await picture("nothing");
	await button("Check now").click();
	await expect(dialog()).toHaveAccessibleName(`Update to ${OFFERED}`);
	await page.keyboard.press("Escape");
	await expect(dialog()).toHaveCount(0);
	await expect(page.getByRole("button", { name: "Updates …" })).toBeFocused();
});

test("the notice leads to what is new, when it is installed, and the versions", async () => {
	await expect(notice()).toHaveText(`Update ${OFFERED} is ready`);
	await page.getByRole("link", { name: "Jobs" }).click();
	await expectAccessible();
	await picture("notice");
	await notice().focus();
	await page.keyboard.press("Enter");
	await expect(dialog()).toHaveAccessibleName(`Update to ${OFFERED}`);
	const news = dialog().getByRole("region", { name: "What is new" });
	await expect(news.getByRole("listitem")).toHaveCount(3);
	await expect(news).toContainText("<b>Nothing</b> in these notes is markup.");
	await expect(dialog()).toContainText("0.0.0-test");
	await expect(dialog()).toContainText("2026-11-01");
	await expect(dialog()).toContainText("Nothing stands in the way now");
	await expect(dialog()).toContainText("Foredeck restarts to install");
	await expectAccessible();
	await picture("dialog-dark");
	await page.emulateMedia({ colorScheme: "light" });
	await expectAccessible();
	await picture("dialog-light");
	await documented(page, "update");
	await page.emulateMedia({ colorScheme: "dark" });
});

test("the keyboard stays in the dialog, and keys of the screens do nothing there", async () => {
	const isInside = () =>
		page.evaluate(() => {
			const { activeElement } = document;
			// Behind the last one is the browser itself, and then the first again.
			return (
				activeElement === document.body ||
				activeElement?.closest("dialog") !== null
			);
		});
	for (let step = 0; step < 8; step++) {
		await page.keyboard.press("Tab");
		expect(await isInside()).toBe(true);
	}
	await page.keyboard.press("g");
	await page.keyboard.press("h");
	await expect(page).toHaveURL(/#\/jobs/);
	await page.keyboard.press("Escape");
	await expect(dialog()).toHaveCount(0);
	await expect(notice()).toBeFocused();
});

test("not now: the notice goes away for a day, also after a restart, and About still has it", async () => {
	await notice().click();
	await button("Not now").click();
	await expect(dialog()).toHaveCount(0);
	await expect(notice()).toHaveCount(0);
	expect(memory.postponedUntil).toBe(0);
	updates.stop();
	memory = stage.openMemory();
	expect(memory.postponedUntil).toBeGreaterThan(0);
	start();
	updates.check();
	await page.getByRole("link", { name: "Settings" }).click();
	const main = page.getByRole("main");
	await expect(main).toContainText(
		`${OFFERED} is available, put off for a day`,
	);
	await expect(notice()).toHaveCount(0);
	await page.getByRole("button", { name: "Updates …" }).click();
	await expect(dialog()).toContainText("You said not now");
	await expectAccessible();
	await picture("put-off");
});

test("install with an open job: it is fetched, waits by name, and goes on when the job has ended", async () => {
	world.submit(["web-1", "web-2"], { runMs: 15_000, outcome: SUCCEEDS });
	await world.until("a job is open", () => world.jobs().length > 0);
	await expect(dialog()).toContainText("Now it would wait: a job is open.");
	await button("Install when free").click();
	await expect(dialog()).toContainText("Now it waits: a job is open.");
	await expect(button("Install when free")).toHaveCount(0);
	await picture("waits");
	await page.keyboard.press("Escape");
	await expect(notice()).toHaveText(`Update ${OFFERED} waits: a job is open`);
	await page.getByRole("link", { name: "Jobs" }).click();
	await expectAccessible();
	await picture("waits-notice");
	expect(installs).toEqual([]);
	await world.until("the job has ended", () =>
		world.jobs().every(({ endedAt }) => endedAt !== null),
	);
	await expect(notice()).toHaveText(`Update ${OFFERED} is being installed`);
	await expect.poll(() => installs).toEqual([OFFERED]);
});

test("update.failed: what the system's installer says later is in the notice and the dialog, with what to do", async () => {
	stage.raw.emit("error", new Error("Code signature did not match"));
	await expect(notice()).toHaveText(`Update ${OFFERED} failed`);
	await notice().click();
	await expect(dialog()).toContainText(
		"The update was not installed: Code signature did not match",
		{ ignoreCase: true },
	);
	await expect(dialog()).toContainText("update.failed");
	await expect(dialog()).toContainText("It is tried again");
	await expectAccessible();
	await picture("failed");
});

test("update.refused: an older release in the newer one's place is refused and named", async () => {
	stage.publish({ version: "1.5.0" });
	await button("Check now").click();
	await expect(dialog()).toContainText(
		`version 1.5.0 is older than ${OFFERED}, which was announced before`,
		{ ignoreCase: true },
	);
	await expect(dialog()).toContainText("update.refused");
	await expectAccessible();
	await picture("refused");
	await page.keyboard.press("Escape");
	await expect(notice()).toHaveText("Update refused");
	await page.setViewportSize({ width: 760, height: 700 });
	await picture("narrow");
});

test("a build without updates says so in About and shows no notice", async () => {
	updates.stop();
	duty = { kind: "managed", why: "updates are not set up in this build" };
	world.console.updatesChanged();
	await expect(notice()).toHaveCount(0);
	await page.getByRole("link", { name: "Settings" }).click();
	await expect(page.getByRole("main")).toContainText(
		"Updates are not set up in this build",
		{ ignoreCase: true },
	);
	await expect(page.getByRole("button", { name: "Updates …" })).toHaveCount(0);
	await picture("managed");
	expect(complaints).toEqual([]);
});
