// The pictures of the tour that no other test passes by: taken on the demo fleet with FOREDECK_SCREENSHOTS=1, and not run
// otherwise. Every step still asserts what it shows.
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import type { RunningCommand } from "./demo.ts";
import { startForedeck } from "./demo.ts";
import { picture } from "./pictures.ts";

test.describe.configure({ mode: "serial" });

let fleet: RunningCommand;
let page: Page;

test.beforeAll(async ({ browser }) => {
	fleet = await startForedeck([
		...["demo", "--shell", "node", "--no-open", "--hosts", "50"],
		...["--speed", "3"],
	]);
	const context = await browser.newContext({
		viewport: { width: 1440, height: 900 },
		permissions: ["clipboard-read", "clipboard-write"],
	});
	page = await context.newPage();
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
const grid = (name: string): Locator =>
	page.getByRole("grid", { name, exact: true });
const box = (): Locator => page.getByRole("searchbox", { name: "Filter" });
const press = async (...keys: readonly string[]): Promise<void> => {
	for (const key of keys) await page.keyboard.press(key);
};

/** A picture with `what` in sight. */
async function pictureOf(what: Locator, name: string): Promise<void> {
	await what.scrollIntoViewIfNeeded();
	await picture(page, name);
}

/** Nothing lies over the corner: failures were seen in the inbox, and what was said is over. */
async function calm(): Promise<void> {
	await press("g", "n");
	await expect(main()).toContainText("unread");
	await expect(page.getByRole("region", { name: "New failures" })).toHaveCount(
		0,
	);
}

test("jobs, some of them over", async () => {
	await press("g", "j");
	await expect
		.poll(() => grid("Jobs").getByRole("row").count(), { timeout: 100_000 })
		.toBeGreaterThan(4);
	await calm();
	await press("g", "j");
	await picture(page, "jobs");
});

test("a job: its hosts as a matrix, when they ended, and the output of one that failed", async () => {
	await grid("Jobs").getByRole("row").last().getByText("patchapply").click();
	await expect(page.getByRole("group", { name: "Counts" })).toBeVisible();
	await expect(
		page.getByRole("group", { name: "When hosts ended" }),
	).toBeVisible();
	await press("m", "j", "ArrowRight");
	await expect(page.getByRole("tooltip")).toBeVisible();
	await picture(page, "job-matrix");
	await press("Enter");
	const panel = page.getByRole("complementary");
	await expect(panel).toContainText(/failed|timed out|lost/);
	await press("m", "l");
	const output = panel.getByRole("region", { name: "Output" });
	await expect(output).toBeFocused();
	await press("/");
	await page.keyboard.type("E:");
	await expect(output.locator("mark[data-current]")).toBeVisible();
	await picture(page, "job-output");
	await press("Escape", "Escape", "Escape", "Escape");
});

test("finding: completion, a filter that explains itself, saved views, the palette and the keys", async () => {
	await calm();
	await page.goto(`${new URL(page.url()).origin}/#/hosts?sort=channel`);
	await expect(grid("Hosts")).toHaveAttribute("aria-rowcount", "50");
	await picture(page, "hosts");
	await press("/");
	await page.keyboard.type("channel:");
	await expect(
		page.getByRole("listbox", { name: "Suggestions" }),
	).toBeVisible();
	await picture(page, "completion");
	await press("Escape");
	await box().fill("role=web !is:failed");
	await press("Enter");
	await press("v");
	await page.keyboard.type("Web, not failed");
	await press("Enter");
	await expect(
		main().getByRole("link", { name: "Web, not failed" }),
	).toHaveAttribute("aria-current", "true");
	await picture(page, "views");
	await press("Control+k");
	await page.keyboard.type("web");
	await expect(page.getByRole("option").first()).toBeVisible();
	await picture(page, "palette");
	await press("Escape");
	await expect(page.getByRole("dialog")).toHaveCount(0);
	await press("?");
	await expect(page.getByRole("dialog", { name: "Keyboard" })).toBeVisible();
	await picture(page, "keys");
	await press("Escape");
});

test("a host with its diagnosis", async () => {
	await page.goto(`${new URL(page.url()).origin}/#/hosts/web-12`);
	const panel = page.getByRole("complementary");
	await panel.getByRole("button", { name: "Diagnose" }).click();
	const layers = panel.getByRole("list", { name: "Layers" });
	await expect(layers.getByRole("listitem")).toHaveCount(9);
	await expect(layers.getByRole("listitem").last()).toContainText("polled");
	await pictureOf(layers.getByRole("listitem").last(), "diagnosis");
	await press("Escape", "Escape");
});

test("what is on the screen leaves it in many formats", async () => {
	await calm();
	await press("g", "h");
	await press("e");
	await expect(page.getByRole("menu")).toBeVisible();
	await picture(page, "export");
	await press("Escape");
});

test("settings: quiet hours and keys of one's own", async () => {
	await calm();
	await press("g", "s");
	await expect(main()).toContainText(/theme/i);
	await page.getByRole("button", { name: "Add quiet hours" }).click();
	await expect(main()).toContainText(/Quiet now|Next: /);
	await picture(page, "settings");
	await pictureOf(
		page.getByRole("button", { name: /^Key of failed only/ }),
		"settings-keys",
	);
});

test("a core that is gone", async () => {
	await calm();
	await press("g", "h");
	await expect(grid("Hosts")).toBeVisible();
	await fleet.kill();
	await expect(main()).toContainText(/lost its core/, { timeout: 15_000 });
	await picture(page, "lost-core");
});
