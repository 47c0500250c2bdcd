// The window in a real Chromium, on the demo fleet over real mTLS, as a person on call uses it.
import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import type { RunningCommand } from "./demo.ts";
import { startForedeck } from "./demo.ts";
import { picture } from "./pictures.ts";

const HOSTS = 50;
const STATES = [
	"failed",
	"timed out",
	"lost",
	"cancelled",
	"unknown",
	"running",
	"queued",
	"succeeded",
];

let fleet: RunningCommand;
let page: Page;
const complaints: string[] = [];
const received: string[] = [];

test.describe.configure({ mode: "serial" });

test.beforeAll(async ({ browser }) => {
	fleet = await startForedeck([
		"demo",
		"--shell",
		"node",
		"--no-open",
		"--hosts",
		String(HOSTS),
		"--speed",
		"2",
	]);
	const context = await browser.newContext({
		colorScheme: "dark",
		viewport: { width: 1440, height: 900 },
	});
	page = await context.newPage();
	page.on("console", (message) => {
		if (message.type() === "error" || message.type() === "warning")
			complaints.push(message.text());
	});
	page.on("pageerror", (error) => complaints.push(error.message));
	page.on("websocket", (socket) =>
		socket.on("framereceived", ({ payload }) => received.push(String(payload))),
	);
	await page.goto(fleet.address);
});

test.afterAll(async () => {
	await page.context().close();
	await fleet.stop();
});

const main = (): Locator => page.getByRole("navigation", { name: "Main" });
const open = (screen: string): Promise<void> =>
	main().getByRole("link", { name: screen, exact: true }).click();
const jobRow = (): Locator =>
	page.getByRole("grid", { name: "Jobs" }).getByRole("row").last();
const counts = (): Locator => page.getByRole("group", { name: "Counts" });

/** The number on the button of this state. */
async function countOf(state: string): Promise<number> {
	const name = await counts()
		.getByRole("button", { name: new RegExp(`^\\d+ ${state}$`) })
		.textContent();
	return Number.parseInt(name?.trim() ?? "", 10);
}

async function expectAccessible(): Promise<void> {
	for (const colorScheme of ["light", "dark"] as const) {
		await page.emulateMedia({ colorScheme });
		const { violations } = await new AxeBuilder({ page })
			.withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
			.analyze();
		expect(
			violations
				.filter(({ impact }) => impact === "serious" || impact === "critical")
				.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
		).toEqual([]);
	}
}

test("the address works once and leads to a window without the token", async ({
	browser,
}) => {
	await expect(page).toHaveURL(/\/(#\/jobs)?$/);
	const stranger = await (await browser.newContext()).newPage();
	const answer = await stranger.goto(fleet.address);
	expect(answer?.status()).toBe(401);
	await stranger.context().close();
});

test("a fleet-wide job shows up by itself with its label and its progress", async () => {
	await open("Jobs");
	await expect(jobRow()).toHaveAccessibleName(/^patchapply · openssl/, {
		timeout: 20_000,
	});
	await expect(
		page.getByRole("progressbar", { name: "patchapply · openssl" }).first(),
	).toBeVisible();
});

test("the status bar says how the hosts are connected, and each word leads there", async () => {
	await page.getByRole("link", { name: "1 polling" }).click();
	await expect(page).toHaveURL(/#\/hosts\?q=channel/);
	const rows = page.getByRole("grid", { name: "Hosts" }).getByRole("row");
	await expect(rows).toHaveCount(1);
	await expect(rows.first()).toHaveAccessibleName(/^web-12, polling/);
	await expect(rows.first()).toContainText("Sec-WebSocket-Accept");
});

test("in a job the counts add up to its hosts at every look, and each opens exactly that many", async () => {
	await open("Jobs");
	await jobRow().getByText("patchapply").click();
	await expect(
		counts().getByRole("button", { name: `${HOSTS} hosts` }),
	).toBeVisible();
	for (let look = 0; look < 10; look++) {
		const texts = await counts().getByRole("button").allTextContents();
		const numbers = texts.map((text) => Number.parseInt(text.trim(), 10));
		expect(numbers[0]).toBe(HOSTS);
		expect(
			numbers.slice(1).reduce((sum, n) => sum + n, 0),
			texts.join(", "),
		).toBe(HOSTS);
	}
	await expect
		.poll(() => countOf("failed"), { timeout: 60_000 })
		.toBeGreaterThan(0);
	await picture(page, "job-running");
});

test("the job ends, and every count still has a list of that length", async () => {
	await expect
		.poll(
			async () =>
				(await countOf("running")) +
				(await countOf("queued")) +
				(await countOf("unknown")),
			{ timeout: 60_000 },
		)
		.toBe(0);
	for (const state of STATES) {
		const expected = await countOf(state);
		const button = counts().getByRole("button", {
			name: new RegExp(`^\\d+ ${state}$`),
		});
		await button.click();
		await expect(button).toHaveAttribute("aria-pressed", "true");
		const grid = page.getByRole("grid", { name: "Hosts of this job" });
		if (expected === 0) await expect(grid.getByRole("row")).toHaveCount(0);
		else await expect(grid).toHaveAttribute("aria-rowcount", String(expected));
	}
});

test("a failed host tells why, with its output", async () => {
	await counts()
		.getByRole("button", { name: /^\d+ failed$/ })
		.click();
	const grid = page.getByRole("grid", { name: "Hosts of this job" });
	await grid.getByRole("row").first().click();
	const panel = page.getByRole("complementary");
	await expect(panel).toContainText(/failed/);
	await expect(panel).toContainText(/E: |apt|exit/);
	await expect(page).toHaveURL(/#\/jobs\/j-[0-9a-f]{12}\?.*host=/);
	await picture(page, "job");
	await expectAccessible();
});

test("a shared address opens the same host again", async () => {
	const address = page.url();
	await open("Activity");
	await page.goto(address);
	await expect(page.getByRole("complementary")).toContainText(/failed/);
});

test("hosts: two facts and the reason, found by filter", async () => {
	await open("Hosts");
	const grid = page.getByRole("grid", { name: "Hosts", exact: true });
	await expect(grid).toHaveAttribute("aria-rowcount", String(HOSTS));
	await expectAccessible();
	await page.getByRole("searchbox", { name: "Filter" }).fill("role=db");
	await expect(grid.getByRole("row").first()).toHaveAccessibleName(/^db-/);
	const some = Number(await grid.getAttribute("aria-rowcount"));
	expect(some).toBeGreaterThan(0);
	expect(some).toBeLessThan(HOSTS);
	await page.getByRole("searchbox", { name: "Filter" }).fill("web-12");
	await grid.getByRole("row").first().click();
	const panel = page.getByRole("complementary");
	await expect(panel).toContainText("ws.accept-missing");
	await expect(panel).toContainText("polling");
	await picture(page, "host");
	await expectAccessible();
});

test("Diagnose looks at the host layer by layer and names the fault", async () => {
	const panel = page.getByRole("complementary");
	await panel.getByRole("button", { name: "Diagnose" }).click();
	const layers = panel.getByRole("list", { name: "Layers" });
	await expect(layers.getByRole("listitem")).toHaveCount(9);
	await expect(
		layers.getByRole("listitem").filter({ hasText: "upgrade" }).first(),
	).toContainText("Sec-WebSocket-Accept");
	await expect(layers.getByRole("listitem").last()).toContainText(
		"its jobs can be polled",
	);
	await layers.getByText("What was seen").last().click();
	await expect(
		panel.getByRole("button", { name: "Copy as Markdown" }),
	).toBeVisible();
	await expect(layers).toContainText("agent version");
	await expectAccessible();
});

test("a host can be paused and resumed by a person", async () => {
	await page.getByRole("button", { name: "Pause", exact: true }).click();
	const row = page
		.getByRole("grid", { name: "Hosts", exact: true })
		.getByRole("row")
		.first();
	await expect(row).toHaveAccessibleName(/^web-12, paused/);
	await page.getByRole("button", { name: "Resume", exact: true }).click();
	await expect(row).toHaveAccessibleName(/^web-12, polling/);
	await page.getByRole("searchbox", { name: "Filter" }).fill("");
});

test("activity keeps host events and job events apart", async () => {
	await open("Activity");
	const log = page.getByRole("log", { name: "Activity" });
	await expect(log.getByRole("listitem").first()).toBeVisible();
	const lines = await log.getByRole("listitem").allTextContents();
	expect(lines.length).toBeGreaterThan(5);
	for (const line of lines) expect(line).toMatch(/^(Host|Job|Gap)/);
	expect(lines.some((line) => line.startsWith("Host"))).toBe(true);
	expect(lines.some((line) => line.startsWith("Job"))).toBe(true);
	await picture(page, "activity");
	await expectAccessible();
});

test("the basics work by keyboard alone", async () => {
	await page.keyboard.press("g");
	await page.keyboard.press("h");
	await expect(
		page.getByRole("grid", { name: "Hosts", exact: true }),
	).toBeVisible();
	await page.keyboard.press("/");
	await expect(page.getByRole("searchbox", { name: "Filter" })).toBeFocused();
	await page.keyboard.type("web-12");
	// The first empties the filter, the second leaves it.
	await page.keyboard.press("Escape");
	await page.keyboard.press("Escape");
	await page.keyboard.press("g");
	await page.keyboard.press("j");
	await expect(page.getByRole("grid", { name: "Jobs" })).toBeVisible();
	await page.keyboard.press("j");
	await page.keyboard.press("Enter");
	await expect(counts()).toBeVisible();
	await page.keyboard.press("Escape");
	await expect(page.getByRole("grid", { name: "Jobs" })).toBeVisible();
	await page.keyboard.press("?");
	await expect(page.getByRole("dialog")).toBeVisible();
	await page.keyboard.press("Escape");
	await expectAccessible();
});

test("identities and settings say what is true now", async () => {
	await open("Identities");
	await expect(page.getByRole("main")).toContainText(
		"memory, until the demo ends",
	);
	await picture(page, "identities");
	await expectAccessible();
	await open("Settings");
	await expect(page.getByRole("main")).toContainText(/theme/i);
	await expectAccessible();
});

test("nothing that was sent to the window holds a key, and nothing was complained about", () => {
	expect(received.length).toBeGreaterThan(10);
	expect(
		received.filter((text) => /PRIVATE KEY|BEGIN CERTIFICATE/.test(text)),
	).toEqual([]);
	expect(complaints).toEqual([]);
});

test("a core that is gone is said, with the age of what is on the screen", async () => {
	await open("Hosts");
	await fleet.kill();
	await expect(page.getByRole("main")).toContainText(/lost its core/, {
		timeout: 15_000,
	});
	await expect(
		page.getByRole("grid", { name: "Hosts", exact: true }),
	).toHaveAttribute("aria-rowcount", String(HOSTS));
});

test("without a fleet the window says how to begin", async ({ browser }) => {
	const dataDir = test.info().outputPath("data");
	const empty = await startForedeck(["serve", "--no-open", "--data", dataDir]);
	const first = await browser.newPage();
	await first.goto(empty.address);
	await expect(first.getByRole("main")).toContainText("foredeck demo");
	await expect(first.getByRole("main")).toContainText("foredeck fleet import");
	await first.close();
	expect(await empty.stop()).toBe(0);
});
