// What is on the screen leaves Foredeck by keyboard alone: to the clipboard, and into files. The rows are those of the screen,
// and what a hostile host says is text wherever it is opened. Real agents, real mTLS.
import { readFileSync } from "node:fs";
import AxeBuilder from "@axe-core/playwright";
import type { Locator, Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import type { Outcome } from "../demo/aptOutput.ts";
import { readReport } from "./junitReport.ts";
import type { ServedFleet } from "./servedFleet.ts";
import { complaintsOf, startServedFleet } from "./servedFleet.ts";
import { FAILS, SUCCEEDS } from "./world.ts";

test.describe.configure({ mode: "serial" });

const HOSTS = 8;
/** Ends with the fleet. */
const LONG_MS = 600_000;
/** A formula, markup of three kinds, a text direction, an escape sequence and several lines. */
const HOSTILE =
	"=cmd|' /C calc'!A0 \u202egnp.exe\u001b[2J\n| x | ]]> <script>alert(1)</script> `b` @here\n-1+1";
const EVIL: Outcome = {
	state: "failed",
	errorCode: "PKG_MANAGER_ERROR",
	exitCode: 100,
	error: HOSTILE,
	stderr: "",
};

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
		acceptDownloads: true,
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
const menu = (): Locator => page.getByRole("menu");
const grid = (name: string): Locator =>
	page.getByRole("grid", { name, exact: true });
const press = async (...keys: readonly string[]): Promise<void> => {
	for (const key of keys) await page.keyboard.press(key);
};
const clipboard = (): Promise<string> =>
	page.evaluate(() => navigator.clipboard.readText());
/** Hosts of the rows on the screen, in their order: names of rows begin with them. */
const rowNames = (name: string): Promise<string[]> =>
	grid(name)
		.getByRole("row")
		.evaluateAll((rows) =>
			rows.map(
				(row) => (row.getAttribute("aria-label") ?? "").split(", ")[0] ?? "",
			),
		);

/** Opens the menu and walks to the item, as a person without a mouse does. */
async function choose(name: string): Promise<void> {
	await press("e");
	await expect(menu()).toBeVisible();
	const item = menu().getByRole("menuitem", { name, exact: true });
	for (let step = 0; step < 10; step++) {
		if (await item.evaluate((element) => element === document.activeElement))
			break;
		await press("ArrowDown");
	}
	await expect(item).toBeFocused();
	await press("Enter");
	await expect(menu()).toHaveCount(0);
}

/** Neither the text direction nor the escape sequence is there as such. */
function expectShown(text: string): void {
	for (const sign of ["\u202e", "\u001b"]) expect(text).not.toContain(sign);
}

async function saved(
	name: string,
): Promise<{ readonly name: string; readonly text: string }> {
	const coming = page.waitForEvent("download");
	await choose(name);
	const download = await coming;
	const path = stage.at(download.suggestedFilename());
	await download.saveAs(path);
	return {
		name: download.suggestedFilename(),
		text: readFileSync(path, "utf8"),
	};
}

async function expectAccessible(name: string): Promise<void> {
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
		await page.screenshot({
			path: test.info().outputPath(`${name}-${colorScheme}.png`),
		});
	}
}

test("an empty list has nothing to export, and says so", async () => {
	await expect(
		page.getByRole("list", { name: "Hosts by channel" }),
	).toContainText(`${HOSTS} live`);
	await press("e");
	await expect(
		page.getByRole("status").filter({ hasText: "nothing to export" }),
	).toHaveCount(1);
	await expect(menu()).toHaveCount(0);
});

test("the CSV of filtered hosts has exactly the rows on the screen, in their order", async () => {
	await press("g", "h");
	await expect(grid("Hosts")).toHaveAttribute("aria-rowcount", String(HOSTS));
	await press("/");
	await page.keyboard.type("web");
	await press("Enter");
	const shown = await rowNames("Hosts");
	expect(shown.length).toBeGreaterThan(0);
	expect(shown.length).toBeLessThan(HOSTS);
	await choose("Copy as CSV");
	await expect(
		page.getByRole("status").filter({
			hasText: `Copied ${shown.length} ${shown.length === 1 ? "row" : "rows"} as CSV.`,
		}),
	).toHaveCount(1);
	const [head = "", ...rows] = (await clipboard()).trimEnd().split("\r\n");
	expect(head).toMatch(/^host_id,address,port,.*,as_of,fleet,filter$/);
	expect(rows.map((row) => row.split(",")[0])).toEqual(shown);
	for (const row of rows)
		expect(row).toMatch(/,\d{4}-\d\d-\d\dT[^,]+,[^,]*,web$/);
});

test("the menu is named, shows its keys' way, and gives the focus back to the row", async () => {
	// The focus came back from the menu of the test before; a key moves on from there.
	const row = grid("Hosts").getByRole("row").nth(1);
	await press("j");
	await expect(row).toBeFocused();
	await press("e");
	await expect(menu()).toContainText("3 hosts, filtered");
	await expect(menu().getByRole("menuitem").first()).toBeFocused();
	await expectAccessible("menu");
	// A letter is for the menu here: `f` would have filtered the list.
	const filter = await page
		.getByRole("searchbox", { name: "Filter", includeHidden: true })
		.inputValue();
	await press("f");
	await press("Escape");
	await expect(menu()).toHaveCount(0);
	await expect(page.getByRole("searchbox", { name: "Filter" })).toHaveValue(
		filter,
	);
	await expect(row).toBeFocused();
});

test("a hostile message is text in a spreadsheet, in a channel and in JSON", async () => {
	const [first = "", second = "", third = "", fourth = ""] = hosts;
	stage.submit(first, EVIL, 200);
	stage.submit(second, SUCCEEDS, 200);
	stage.submit(third, FAILS, 200);
	stage.submit(fourth, SUCCEEDS, LONG_MS);
	await press("g", "j");
	await expect(grid("Jobs").getByRole("row")).toHaveAccessibleName(
		/2 failed · 1 running · 1 succeeded of 4/,
	);
	await press("j", "Enter");
	await expect(grid("Hosts of this job")).toHaveAttribute("aria-rowcount", "4");
	const shown = await rowNames("Hosts of this job");
	await choose("Copy as CSV");
	const text = (await clipboard()).trimEnd();
	const rows = text.split("\r\n");
	expect(rows).toHaveLength(1 + 4);
	expect(rows.slice(1).map((row) => row.split(",")[0])).toEqual(shown);
	const evil = rows.find((row) => row.startsWith(`${first},`)) ?? "";
	expect(evil).toContain(
		"'=cmd|' /C calc'!A0 ‹U+202E›gnp.exe‹ESC›[2J | x | ]]>",
	);
	expect(text).not.toMatch(/(^|,)"?[=@]/m);
	expectShown(text);
	await choose("Copy as Markdown");
	await expect.poll(clipboard).toContain("| Host | State | Reason | Code |");
	const lines = (await clipboard()).trimEnd().split("\n");
	expect(lines).toHaveLength(4 + 4);
	expect(lines.slice(4).map((line) => line.split(" ")[1])).toEqual(
		expect.arrayContaining([...shown]),
	);
	expect(lines[4]).toContain("failed");
	expect(lines.join("\n")).not.toMatch(/<script>|\u202e|@here/);
	const { name, text: json } = await saved("Save as JSON");
	expect(name).toMatch(/^foredeck-[a-z0-9-]+-job-hosts-\d{8}-\d{6}\.json$/);
	expectShown(json);
	const told = JSON.parse(json);
	expect(told).toMatchObject({ list: "job-hosts", filter: "", count: 4 });
	expect(told.rows.map((row: { host_id: string }) => row.host_id)).toEqual(
		shown,
	);
	expect(
		told.rows.find((row: { host_id: string }) => row.host_id === first),
	).toMatchObject({ state: "failed", error: HOSTILE, exit_code: 100 });
});

test("JSON Lines have a line for each row after the first, which counts them", async () => {
	await press("f");
	await expect(grid("Hosts of this job")).toHaveAttribute("aria-rowcount", "2");
	const { text } = await saved("Save as JSON Lines");
	const [head, ...rows] = text
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line));
	expect(head).toMatchObject({ filter: "is:failed", count: 2 });
	expect(rows.map((row) => row.state)).toEqual(["failed", "failed"]);
	await press("f");
	await expect(grid("Hosts of this job")).toHaveAttribute("aria-rowcount", "4");
});

test("the JUnit report of a job is well-formed, with a case for each host on the screen", async () => {
	const { name, text } = await saved("Save as JUnit XML");
	expect(name).toMatch(/\.xml$/);
	const report = await readReport(page, text);
	expect(report).toMatchObject({
		error: null,
		suite: "install · curl",
		counts: ["4", "2", "0", "1"],
		scripts: 0,
	});
	expect(report.cases.map(({ host }) => host)).toEqual(
		await rowNames("Hosts of this job"),
	);
	const of = (host = ""): (typeof report.cases)[number] | undefined =>
		report.cases.find((one) => one.host === host);
	expect(of(hosts[0])).toMatchObject({
		verdict: "failure",
		type: "PKG_MANAGER_ERROR",
	});
	expect(of(hosts[0])?.text).toContain("]]> <script>alert(1)</script>");
	expect(of(hosts[1])?.verdict).toBe("passed");
	expect(of(hosts[3])?.verdict).toBe("skipped");
});

test("the activity is exported as it is filtered, gaps and jobs too", async () => {
	await press("g", "a");
	await press("/");
	await page.keyboard.type("is:failed");
	// Out of the box, where an e is only a letter.
	await press("Enter", "Tab");
	const lines = page
		.getByRole("log", { name: "Activity" })
		.getByRole("listitem");
	await expect(lines.first()).toBeVisible();
	const count = await lines.count();
	const { text } = await saved("Save as CSV");
	const [head = "", ...rows] = text.trimEnd().split("\r\n");
	expect(head).toMatch(/^kind,received_at,at,host_id,/);
	expect(rows).toHaveLength(count);
	for (const row of rows) expect(row).toMatch(/,is:failed$/);
});

test("the palette leads to the export, too", async () => {
	await press("g", "j");
	await expect(grid("Jobs")).toBeVisible();
	await press("Control+k");
	await page.keyboard.type("export");
	await expect(page.getByRole("option", { selected: true })).toContainText(
		/export/i,
	);
	await press("Enter");
	await expect(menu()).toBeVisible();
	await press("Escape");
	await expect(menu()).toHaveCount(0);
});

test("the panel of a host has its jobs, with what is known of the host", async () => {
	await page.goto(`${new URL(page.url()).origin}/#/hosts/${hosts[0]}`);
	const button = page.getByRole("button", { name: "Export jobs on this host" });
	await button.focus();
	await press("Enter");
	await expect(menu()).toBeVisible();
	const coming = page.waitForEvent("download");
	// The letters of an item lead to it.
	await page.keyboard.type("save as json");
	await press("Enter");
	const download = await coming;
	expect(download.suggestedFilename()).toMatch(/host-jobs-.*\.json$/);
	const path = stage.at("host.json");
	await download.saveAs(path);
	expect(JSON.parse(readFileSync(path, "utf8"))).toMatchObject({
		host_id: hosts[0],
		channel: "live",
		count: 1,
		rows: [{ state: "failed", job_label: "install · curl" }],
	});
	await press("Escape");
});

test("where the newer way of copying is forbidden, as in the desktop app, the older one is taken", async () => {
	await press("g", "h");
	await expect(grid("Hosts")).toBeVisible();
	await page.evaluate(() => {
		navigator.clipboard.writeText = () => Promise.reject(new Error("denied"));
	});
	await choose("Copy as CSV");
	await expect.poll(clipboard).toContain("host_id,address,port");
	await expect(page.getByRole("dialog")).toHaveCount(0);
});

test("where copying is forbidden, the text is there, selected, to be copied by hand", async () => {
	await page.evaluate(() => {
		document.execCommand = () => false;
	});
	await choose("Copy as Markdown");
	const dialog = page.getByRole("dialog", { name: "Copy it yourself" });
	await expect(dialog).toBeVisible();
	const box = dialog.getByRole("textbox", { name: "The list as Markdown" });
	await expect(box).toBeFocused();
	const selected = await box.evaluate((element) => {
		const { value, selectionStart, selectionEnd } =
			element as HTMLTextAreaElement;
		return {
			value,
			all: selectionStart === 0 && selectionEnd === value.length,
		};
	});
	expect(selected.all).toBe(true);
	expect(selected.value).toContain("| Host | Channel | Health | Why |");
	await expectAccessible("by-hand");
	await press("Escape");
	await expect(dialog).toHaveCount(0);
	await expect(main()).toBeVisible();
});

test("the page complained of nothing", () => {
	expect(complaints).toEqual([]);
});
