// Finding things by keyboard alone, as somebody does at 03:00: the palette, the sheet, completion, saved views, links, orders,
// keys of one's own, and the activity. On the demo fleet over real mTLS.
import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import type { RunningCommand } from "./demo.ts";
import { startForedeck } from "./demo.ts";

const HOSTS = 50;

test.describe.configure({ mode: "serial" });

const complaints: string[] = [];
let fleet: RunningCommand;
let page: Page;

test.beforeAll(async ({ browser }) => {
	fleet = await startForedeck([
		...["demo", "--shell", "node", "--no-open", "--hosts", String(HOSTS)],
		...["--speed", "2"],
	]);
	const context = await browser.newContext({
		colorScheme: "dark",
		viewport: { width: 1440, height: 900 },
		permissions: ["clipboard-read", "clipboard-write"],
	});
	page = await context.newPage();
	page.on("console", (message) => {
		if (message.type() === "error" || message.type() === "warning")
			complaints.push(message.text());
	});
	page.on("pageerror", (error) => complaints.push(error.message));
	await page.goto(fleet.address);
	await expect(
		page.getByRole("contentinfo").getByText("in step with the core"),
	).toBeVisible();
});

test.afterAll(async () => {
	await page?.context().close();
	await fleet?.stop();
});

const main = (): Locator => page.getByRole("main");
const grid = (): Locator =>
	page.getByRole("grid", { name: "Hosts", exact: true });
const box = (): Locator => page.getByRole("searchbox", { name: "Filter" });
const option = (name: string): Locator =>
	page.getByRole("option", { name, exact: true });
const clipboard = (): Promise<string> =>
	page.evaluate(() => navigator.clipboard.readText());

async function press(...keys: string[]): Promise<void> {
	for (const key of keys) await page.keyboard.press(key);
}

/** Walks with Tab, as a person without a mouse does. */
async function tabTo(there: Locator): Promise<void> {
	for (let step = 0; step < 80; step++) {
		if (await there.evaluate((element) => element === document.activeElement))
			return;
		await press("Tab");
	}
	throw new Error("Tab does not lead there");
}

async function expectAccessible(): Promise<void> {
	for (const colorScheme of ["light", "dark"] as const) {
		await page.emulateMedia({ colorScheme });
		const { violations } = await new AxeBuilder({ page })
			.withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"])
			.analyze();
		expect(
			violations
				.filter(({ impact }) => impact === "serious" || impact === "critical")
				.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
		).toEqual([]);
	}
}

test("the palette leads to screens, by their words", async () => {
	await press("Control+k");
	await expect(
		page.getByRole("dialog", { name: "Command palette" }),
	).toBeVisible();
	await expectAccessible();
	await page.keyboard.type("hosts");
	await expect(page.getByRole("option", { selected: true })).toContainText(
		"Go to hosts",
	);
	await press("Enter");
	await expect(page.getByRole("dialog")).toHaveCount(0);
	await expect(grid()).toHaveAttribute("aria-rowcount", String(HOSTS));
});

test("the palette finds a host among all, and opens it", async () => {
	await press("Control+k");
	await page.keyboard.type("web12");
	await expect(page.getByRole("option").first()).toContainText("web-12");
	await press("Enter");
	await expect(page).toHaveURL(/#\/hosts\/web-12$/);
	await expect(page.getByRole("complementary")).toContainText(
		"ws.accept-missing",
	);
});

test("the palette says so when nothing is called that", async () => {
	await press("Control+k");
	await page.keyboard.type("qqzzxx");
	await expect(page.getByRole("dialog")).toContainText("Nothing is called");
	await expectAccessible();
	await press("Escape");
	await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("a host is diagnosed from the palette", async () => {
	await press("Control+k");
	await page.keyboard.type("diagnose web-12");
	await press("Enter");
	const layers = page
		.getByRole("complementary")
		.getByRole("list", { name: "Layers" });
	await expect(layers.getByRole("listitem")).toHaveCount(9);
});

test("Y copies the host as Markdown, with its reason and its changes", async () => {
	await press("Y");
	await expect(page.getByText("web-12 copied as Markdown.")).toBeVisible();
	const text = await clipboard();
	expect(text).toContain("### web-12: polling, healthy");
	expect(text).toContain("ws.accept-missing");
	await expect(page.getByRole("complementary")).toContainText(
		/Live for \d+ % of the last/,
	);
	await press("Escape");
});

test("the sheet of keys is made of what works", async () => {
	await press("?");
	const sheet = page.getByRole("dialog", { name: "Keyboard" });
	await expect(sheet).toContainText("command palette");
	await expect(sheet).toContainText("go to activity");
	await expectAccessible();
	await press("Escape");
	await expect(sheet).toHaveCount(0);
});

test("the filter completes labels and words, and says how it was understood", async () => {
	await press("/");
	await expect(box()).toBeFocused();
	await page.keyboard.type("ro");
	await expect(page.getByRole("option", { name: /^role=/ })).toBeVisible();
	await press("Tab");
	await expect(box()).toHaveValue("role=");
	await expect(option("db")).toBeVisible();
	await expectAccessible();
	await page.keyboard.type("we");
	await press("Enter");
	await expect(box()).toHaveValue("role=web ");
	await page.keyboard.type("!is:fai");
	await press("Enter");
	await expect(main()).toContainText("role is web · not failed");
	await expect(main()).toContainText(/\d+ of 50 shown/);
	await expect(grid().getByRole("row").first()).toHaveAccessibleName(/^web-/);
});

test("Escape closes the suggestions first, then empties the filter, then leaves it", async () => {
	await press("Control+Space");
	await expect(
		page.getByRole("listbox", { name: "Suggestions" }),
	).toBeVisible();
	await press("Escape");
	await expect(page.getByRole("listbox", { name: "Suggestions" })).toHaveCount(
		0,
	);
	await expect(box()).toHaveValue(/role=web/);
	await press("Escape");
	await expect(box()).toHaveValue("");
	await press("Escape");
	await expect(box()).not.toBeFocused();
});

test("a word that no host has is pointed out kindly, and mended by keyboard", async () => {
	await press("/");
	await page.keyboard.type("is:poling ");
	const better = page.getByRole("button", { name: "polling" });
	await expect(main()).toContainText("is no word for “is:” here");
	await tabTo(better);
	await press("Enter");
	await expect(box()).toHaveValue(/is:polling/);
	await expect(grid()).toHaveAttribute("aria-rowcount", "1");
});

test("a view is saved under a name, kept over a reload, found in the palette, renamed and deleted", async () => {
	await tabTo(page.getByRole("button", { name: "Save this view" }));
	await press("Enter");
	await page.keyboard.type("Old agents");
	await press("Enter");
	const chip = main().getByRole("link", { name: "Old agents" });
	await expect(chip).toHaveAttribute("aria-current", "true");
	await expectAccessible();
	await page.reload();
	await press("g", "j");
	await press("Control+k");
	await page.keyboard.type("old ag");
	await press("Enter");
	await expect(page).toHaveURL(/#\/hosts\?q=is%3Apolling/);
	await tabTo(page.getByRole("button", { name: "View Old agents: more" }));
	await press("Enter");
	await expect(page.getByRole("menuitem", { name: "Rename" })).toBeVisible();
	await expectAccessible();
	await press("Enter");
	await expect(
		page.getByRole("textbox", { name: "Name of the view" }),
	).toBeFocused();
	await press("Control+a");
	await page.keyboard.type("Polled");
	await press("Enter");
	await expect(main().getByRole("link", { name: "Polled" })).toBeFocused();
	await tabTo(page.getByRole("button", { name: "View Polled: more" }));
	await press("Enter", "ArrowDown", "Enter");
	await expect(main().getByRole("link", { name: "Polled" })).toHaveCount(0);
});

test("hosts are put in order by a column, and the order is in the address", async () => {
	await press("/", "Escape", "Escape", "Escape");
	const heads = page.getByRole("table", { name: "Columns of Hosts" });
	await tabTo(heads.getByRole("button", { name: "Host", exact: true }));
	await press("ArrowRight", "Enter");
	await expect(
		heads.getByRole("columnheader", { name: "Channel" }),
	).toHaveAttribute("aria-sort", "ascending");
	await expect(page).toHaveURL(/sort=channel/);
	await expect(grid().getByRole("row").first()).toHaveAccessibleName(
		/^[\w-]+, (?!live)/,
	);
	await expectAccessible();
	await page.reload();
	await expect(
		heads.getByRole("columnheader", { name: "Channel" }),
	).toHaveAttribute("aria-sort", "ascending");
});

test("y copies a link that shows the same to somebody else, without the token", async () => {
	await press("/");
	await page.keyboard.type("role=db");
	await press("Enter");
	await expect(grid().getByRole("row", { name: /^db-/ }).first()).toBeFocused();
	await press("y");
	await expect(page.getByText("Link copied.")).toBeVisible();
	const link = await clipboard();
	expect(link).toBe(page.url());
	expect(link).not.toContain("token");
	const other = await page.context().newPage();
	await other.goto(link);
	await expect(other.getByRole("searchbox", { name: "Filter" })).toHaveValue(
		"role=db",
	);
	await expect(
		other.getByRole("columnheader", { name: "Channel" }),
	).toHaveAttribute("aria-sort", "ascending");
	await other.close();
});

test("a key is changed, refused where it is taken, shown everywhere, and reset", async () => {
	await press("g", "s");
	const key = page.getByRole("button", { name: /^Key of failed only/ });
	await tabTo(key);
	await press("Enter", "y");
	await expect(
		page.getByRole("alert").filter({ hasText: "copy a link" }),
	).toBeVisible();
	await press("Enter", "x");
	await expect(key).toHaveAccessibleName(/: x$/);
	await expectAccessible();
	await press("g", "h");
	await press("f");
	await expect(box()).toHaveValue("");
	await press("x");
	await expect(box()).toHaveValue("is:failed");
	await press("Control+k");
	await page.keyboard.type("failed only");
	await expect(page.getByRole("option").first().locator("kbd")).toHaveText("x");
	await press("Escape");
	await expect(page.getByRole("dialog")).toHaveCount(0);
	await press("?");
	await expect(
		page.getByRole("dialog").getByText("x", { exact: true }),
	).toBeVisible();
	await press("Escape");
	await expect(page.getByRole("dialog")).toHaveCount(0);
	await press("g", "s");
	await tabTo(page.getByRole("button", { name: "Reset all" }));
	await press("Enter");
	await press("g", "h");
	await press("f");
	await expect(box()).toHaveValue("is:failed");
});

test("the activity is paused, says how much is new, and is filtered by status from a menu", async () => {
	await press("g", "a");
	const log = page.getByRole("log", { name: "Activity" });
	await expect(log.getByRole("listitem").first()).toBeVisible();
	await press("s");
	await expect(main()).toContainText(/paused, [\d,]+ new/);
	await tabTo(page.getByRole("button", { name: "Any status" }));
	await press("Enter");
	await expect(
		page.getByRole("menuitemradio", { name: "succeeded" }),
	).toBeVisible();
	await expectAccessible();
	await page.keyboard.type("succ");
	await press("Enter");
	await expect(box()).toHaveValue("is:succeeded");
	for (const line of await log.getByRole("listitem").allTextContents())
		expect(line).toMatch(/succeeded|^Gap/);
	await expectAccessible();
	await press("s");
	await expect(main()).not.toContainText("paused");
	// Enter leaves the box also where no row can take the focus.
	await press("/", "Enter", "s");
	await expect(main()).toContainText("paused");
	await press("s");
});

test("the page complained of nothing", () => {
	expect(complaints).toEqual([]);
});
