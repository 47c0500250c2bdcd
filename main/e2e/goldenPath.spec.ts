// The golden path of the product by keyboard alone: told of the first failure, a person on call is at its line of output with
// one key, knows why each host is not well, silences the rest and has one summary at the end. On a real demo fleet.
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import type { RunningCommand } from "./demo.ts";
import { startForedeck } from "./demo.ts";

const HOSTS = 50;
/** More than anything on one screen has to be walked through. */
const MOST_TABS = 80;

let fleet: RunningCommand;
let page: Page;
/** Proof that no pointer was used. */
const pointed: string[] = [];

test.describe.configure({ mode: "serial" });

test.beforeAll(async ({ browser }) => {
	fleet = await startForedeck([
		...["demo", "--shell", "node", "--no-open"],
		...["--hosts", String(HOSTS), "--speed", "2"],
	]);
	page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
	await page.exposeFunction("pointedAt", (what: string) => pointed.push(what));
	await page.addInitScript(() => {
		addEventListener(
			"pointerdown",
			({ target }) =>
				(window as unknown as { pointedAt(what: string): void }).pointedAt(
					String(target),
				),
			{ capture: true },
		);
	});
	await page.goto(fleet.address);
});

test.afterAll(async () => {
	await page?.context().close();
	await fleet?.stop();
});

const main = (): Locator => page.getByRole("main");
const panel = (): Locator => page.getByRole("complementary");
const counts = (): Locator => page.getByRole("group", { name: "Counts" });
const grid = (name: string): Locator =>
	page.getByRole("grid", { name, exact: true });
const press = async (...keys: readonly string[]): Promise<void> => {
	for (const key of keys) await page.keyboard.press(key);
};

/** To it by Tab, or by Shift+Tab where the way is shorter. */
async function tabTo(what: Locator, key = "Tab"): Promise<void> {
	for (let step = 0; step < MOST_TABS; step++) {
		if (await what.evaluate((element) => element === document.activeElement))
			return;
		await page.keyboard.press(key);
	}
	throw new Error(`${what} is not in the tab order`);
}
const countOf = async (state: string): Promise<number> =>
	Number.parseInt(
		(await counts()
			.getByRole("button", { name: new RegExp(`^\\d+ ${state}$`) })
			.textContent()) ?? "",
		10,
	);

test("1: the toast of the first failure leads to the job, the host and the line of its output", async () => {
	const toast = page
		.getByRole("region", { name: "New failures" })
		.getByRole("link")
		.filter({ hasText: "db-07" });
	await expect(toast).toContainText("patch apply", { timeout: 60_000 });
	await tabTo(toast, "Shift+Tab");
	await press("Enter");
	await expect(page).toHaveURL(/#\/jobs\/j-[0-9a-f]{12}\?host=db-07$/);
	await expect(panel()).toContainText("NETWORK_ERROR");
	await expect(
		panel().getByRole("region", { name: "Output" }).locator("[data-current]"),
	).toContainText(/failed|E: /);
});

test("2: the counts add up to the hosts of the job, and each opens exactly that many", async () => {
	const numbers = (await counts().getByRole("button").allTextContents()).map(
		(text) => Number.parseInt(text.trim(), 10),
	);
	expect(numbers[0]).toBe(HOSTS);
	expect(numbers.slice(1).reduce((sum, n) => sum + n, 0)).toBe(HOSTS);
	await expect
		.poll(() => countOf("lost"), { timeout: 60_000 })
		.toBeGreaterThan(0);
	for (const state of ["failed", "lost"]) {
		const button = counts().getByRole("button", {
			name: new RegExp(`^\\d+ ${state}$`),
		});
		await tabTo(button, "Shift+Tab").catch(() => tabTo(button));
		await press("Enter");
		await expect(button).toHaveAttribute("aria-pressed", "true");
		// More may fail while somebody looks; the list has the number's length all the same.
		await expect
			.poll(
				async () =>
					Number(
						await grid("Hosts of this job").getAttribute("aria-rowcount"),
					) - (await countOf(state)),
			)
			.toBe(0);
	}
});

test("3: the lost host says that its agent no longer knows the job", async () => {
	const row = grid("Hosts of this job").getByRole("row").first();
	await expect(row).toHaveAccessibleName(/^db-09, lost/);
	await tabTo(row);
	await press("Enter");
	await expect(panel()).toContainText("db-09");
	await expect(panel()).toContainText(/no longer knows this run/);
});

test("4: the polling host says why there is no live stream", async () => {
	await press("Escape", "g", "h", "/");
	await page.keyboard.type("channel:polling");
	await press("Enter");
	const row = grid("Hosts").getByRole("row").first();
	await expect(row).toHaveAccessibleName(/^web-12, polling/);
	await expect(grid("Hosts")).toHaveAttribute("aria-rowcount", "1");
	await tabTo(row);
	await press("Enter");
	await expect(panel()).toContainText("Sec-WebSocket-Accept");
	await expect(panel()).toContainText("ws.accept-missing");
});

test("5: the rest is muted, and the job is one note with its summary", async () => {
	await press("Escape", "g", "s");
	await tabTo(main().getByRole("button", { name: "1 hour" }));
	await press("Enter");
	await expect(main()).toContainText("Muted until");
	await press("g", "n");
	const notes = main()
		.getByRole("list", { name: "Notes, newest first" })
		.getByRole("listitem")
		.filter({ hasText: "openssl" })
		.filter({ hasText: "patch apply" });
	await expect(notes).toContainText(/\d+ ok, \d+ failed, 1 lost · \d+ s/, {
		timeout: 60_000,
	});
	await expect(notes).toHaveCount(1);
	expect(pointed).toEqual([]);
});
