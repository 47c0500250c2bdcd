// A job as a person on call works through it, by keyboard alone: from the list to the job, its matrix, the host that failed,
// the line that says why, and the summary for the incident channel. Real agents, real mTLS.
import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import type { ServedFleet } from "./servedFleet.ts";
import { complaintsOf, startServedFleet } from "./servedFleet.ts";
import { FAILS, SUCCEEDS } from "./world.ts";

test.describe.configure({ mode: "serial" });

const HOSTS = 8;
/** How long the runs that are watched while they run take at least; they are ended with the fleet. */
const LONG_MS = 600_000;
let complaints: readonly string[] = [];
let stage: ServedFleet;
let page: Page;
let hosts: readonly string[];

test.beforeAll(async ({ browser }) => {
	stage = await startServedFleet(HOSTS);
	hosts = stage.hosts;
	const context = await browser.newContext({
		colorScheme: "dark",
		viewport: { width: 1440, height: 900 },
		permissions: ["clipboard-read", "clipboard-write"],
	});
	page = await context.newPage();
	complaints = complaintsOf(page);
	await page.goto(stage.served.address);
});

test.afterAll(async () => {
	await page?.context().close();
	await stage?.stop();
});

const main = (): Locator => page.getByRole("main");
const grid = (): Locator =>
	page.getByRole("grid", { name: "Hosts of this job" });
const panel = (): Locator => page.getByRole("complementary");
const counts = (): Locator => page.getByRole("group", { name: "Counts" });
const press = async (...keys: readonly string[]): Promise<void> => {
	for (const key of keys) await page.keyboard.press(key);
};
const clipboard = (): Promise<string> =>
	page.evaluate(() => navigator.clipboard.readText());

async function expectAccessible(): Promise<void> {
	for (const colorScheme of ["light", "dark"] as const) {
		await page.emulateMedia({ colorScheme });
		const { violations } = await new AxeBuilder({ page })
			.withTags(["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa"])
			.analyze();
		expect(
			violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`),
		).toEqual([]);
		await page.screenshot({
			path: test.info().outputPath(`${colorScheme}.png`),
		});
	}
}

test("the jobs say their scope, and Enter opens the one that is chosen", async () => {
	await expect(
		page.getByRole("list", { name: "Hosts by channel" }),
	).toContainText(`${HOSTS} live`);
	for (const [n, host] of hosts.entries()) {
		if (n < 2) stage.submit(host, FAILS, 200);
		else if (n === HOSTS - 1) stage.submit(host, SUCCEEDS, LONG_MS);
		else if (n === HOSTS - 2) stage.submit(host, FAILS, LONG_MS);
		else stage.submit(host, SUCCEEDS, 200);
	}
	const jobs = page.getByRole("grid", { name: "Jobs" });
	await expect(jobs.getByRole("row")).toHaveAccessibleName(
		/^install · curl, running, observed, 2 failed · 2 running · 4 succeeded of 8/,
	);
	await expect(jobs).toContainText(`all ${HOSTS} hosts`);
	await press("j", "Enter");
	await expect(page).toHaveURL(/#\/jobs\/j-[0-9a-f]{12}$/);
	await expect(
		counts().getByRole("button", { name: "2 failed" }),
	).toBeVisible();
	await expect(main()).toContainText(`all ${HOSTS} hosts`);
	await expect(grid().getByRole("row").first()).toHaveAccessibleName(
		new RegExp(`^${hosts[0] ?? ""}, failed`),
	);
	await expectAccessible();
});

test("the matrix has what failed first, is walked in two dimensions, and Enter opens a host", async () => {
	await press("m");
	await expect(page).toHaveURL(/\?view=matrix$/);
	await expect(grid()).toHaveAttribute("aria-rowcount", "1");
	await expect(grid()).toHaveAttribute("aria-colcount", "9");
	await press("j");
	const cell = grid().getByRole("gridcell");
	await expect(cell).toBeFocused();
	await expect(cell).toHaveAccessibleName(
		new RegExp(`^${hosts[0] ?? ""}, failed, .*NETWORK_ERROR$`),
	);
	await expect(page.getByRole("tooltip")).toContainText("failed, ");
	await press("ArrowRight");
	await expect(cell).toHaveAccessibleName(new RegExp(`^${hosts[1] ?? ""}, `));
	await expect(cell).toHaveAttribute("aria-colindex", "2");
	await expect(page.getByRole("tooltip")).toContainText(hosts[1] ?? "?");
	await expectAccessible();
	await press("Enter");
	await expect(panel()).toContainText("failed");
	await expect(page).toHaveURL(new RegExp(`host=${hosts[1] ?? ""}&`));
	await expect(cell).toHaveAttribute("aria-selected", "true");
});

test("the output is searched and its errors are stepped through by keys", async () => {
	await expect(panel().locator("[data-current]")).toContainText(
		"could not resolve mirror.fleet.test",
	);
	await press("l");
	const output = panel().getByRole("region", { name: "Output" });
	await expect(output).toBeFocused();
	const errors = panel().getByRole("group", { name: "Errors in the output" });
	await expect(errors).toContainText("error 1 of ");
	const count = Number(
		/of (\d+)/.exec((await errors.textContent()) ?? "")?.[1],
	);
	await press("n");
	await expect(errors).toContainText(
		`error ${count === 1 ? 1 : 2} of ${count}`,
	);
	await press("/");
	const search = panel().getByRole("searchbox", { name: "Search the output" });
	await expect(search).toBeFocused();
	await page.keyboard.type("mirror.fleet");
	await expect(
		panel().getByRole("status").filter({ hasText: "1 of" }),
	).toBeVisible();
	await expect(output.locator("mark[data-current]")).toHaveText("mirror.fleet");
	await page.keyboard.type(" no such words");
	await expect(
		panel().getByRole("status").filter({ hasText: "none" }),
	).toBeVisible();
	await press("Escape", "Escape");
	await expect(output).toBeFocused();
	await expectAccessible();
});

test("the next failed host is a key away, and Y has it all for the incident channel", async () => {
	// Its output is still asked for when the key is pressed.
	await press("]", "l");
	await expect(panel()).toContainText(hosts[0] ?? "?");
	await expect(panel().getByRole("region", { name: "Output" })).toBeFocused();
	await press("Y");
	await expect.poll(clipboard).toContain("| Host | State | Reason | Code |");
	const text = await clipboard();
	expect(text).toContain(
		"**install · curl**: 2 failed · 2 running · 4 succeeded of 8 hosts",
	);
	for (const host of hosts.slice(0, 2)) expect(text).toContain(`| ${host} |`);
	expect(text).toContain("NETWORK\\_ERROR");
	expect(text).toMatch(/<http:\/\/127\.0\.0\.1:\d+\/#\/jobs\/j-[0-9a-f]{12}>/);
	expect(text).not.toContain("token");
});

test("the address opens the same matrix and the same host again", async () => {
	const address = page.url();
	await page.goto("about:blank");
	await page.goto(address);
	await expect(grid().getByRole("gridcell")).toHaveAttribute(
		"aria-selected",
		"true",
	);
	await expect(panel()).toContainText(hosts[0] ?? "?");
	await press("Escape");
	await expect(panel()).toHaveCount(0);
	await press("m");
	await expect(grid().getByRole("row")).toHaveCount(HOSTS);
});

test("each stack of the timeline leaves exactly the hosts that ended then", async () => {
	const strip = page.getByRole("group", { name: "When hosts ended" });
	await expect(main()).toContainText(/6 ended (at|between) /);
	const stacks = strip.getByRole("button");
	await stacks.first().focus();
	await press("End");
	const last = stacks.last();
	await expect(last).toBeFocused();
	const said = (await last.getAttribute("aria-label")) ?? "";
	const total = [...said.matchAll(/(\d+) (?:failed|succeeded)/g)].reduce(
		(sum, [, n]) => sum + Number(n),
		0,
	);
	await press("Enter");
	await expect(last).toHaveAttribute("aria-pressed", "true");
	await expect(grid()).toHaveAttribute("aria-rowcount", String(total));
	await expect(page).toHaveURL(/ended=\d+-\d+/);
	await page.getByRole("button", { name: /^ended .* remove$/ }).focus();
	await press("Enter");
	await expect(grid()).toHaveAttribute("aria-rowcount", String(HOSTS));
});

test("a running host is followed until it is paused, and stays paused", async () => {
	await counts().getByRole("button", { name: "2 running" }).focus();
	await press("Enter", "j", "Enter");
	await expect(panel()).toContainText("running");
	const state = panel().getByRole("button", { name: /^(Following|Paused)/ });
	await expect(state).toHaveText("Following");
	await press("s");
	await expect(state).toHaveText(/^Paused — 0 new lines$/);
	await press("l", "End");
	await expect(state).toHaveText(/^Paused/);
	await press("s");
	await expect(state).toHaveText("Following");
	await press("Escape", "Escape");
});

test("rows keep their place: a new failure is announced, and comes first when asked for", async () => {
	await press("j", "Enter");
	await expect(grid().getByRole("row")).toHaveCount(HOSTS);
	const late = hosts[HOSTS - 2] ?? "";
	const before = await grid()
		.getByRole("row")
		.evaluateAll((rows) => rows.map((row) => row.getAttribute("data-id")));
	// The link is lost and the agent comes back without its jobs: lost is a failure too.
	stage.fleet.agent(late).restart({ downMs: 0, forget: true });
	const chip = page.getByRole("button", { name: "1 new failure" });
	await expect(chip).toBeVisible({ timeout: 30_000 });
	expect(
		await grid()
			.getByRole("row")
			.evaluateAll((rows) => rows.map((row) => row.getAttribute("data-id"))),
	).toEqual(before);
	await chip.focus();
	await press("Enter");
	await expect(chip).toHaveCount(0);
	await expect(grid().getByRole("row").first()).toBeFocused();
	await expect(grid().getByRole("row").nth(2)).toHaveAccessibleName(
		new RegExp(`^${late}, lost`),
	);
});

test("enlarged four times, list and matrix are still there, and nothing scrolls sideways", async () => {
	await page.setViewportSize({ width: 360, height: 256 });
	for (const view of ["list", "matrix"]) {
		await expect(grid()).toBeVisible();
		const sideways = await page.evaluate(
			() =>
				document.documentElement.scrollWidth -
				document.documentElement.clientWidth,
		);
		expect(sideways, view).toBeLessThanOrEqual(0);
		await page.screenshot({ path: test.info().outputPath(`${view}.png`) });
		await press("m");
	}
	await page.setViewportSize({ width: 1440, height: 900 });
});

test("nothing was complained about", () => {
	expect(complaints).toEqual([]);
});
