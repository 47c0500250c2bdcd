// A walk through everything that the window can show on a running demo fleet, by keyboard: for tests that ask the same of
// every screen, menu and dialog. Knows names and keys, not what is asked.
import type { Locator, Page } from "@playwright/test";
import { expect } from "@playwright/test";

/** One place of the walk. Leaving it leads to the screen under it. */
export interface Stop {
	readonly name: string;
	/** What a person does to get there, from the stop before. */
	open(page: Page): Promise<void>;
	/** How its menu or dialog goes away; absent: nothing is over the screen. */
	leave?(page: Page): Promise<void>;
}

const pressEscape = (page: Page): Promise<void> =>
	page.keyboard.press("Escape");

async function press(page: Page, ...keys: readonly string[]): Promise<void> {
	for (const key of keys) await page.keyboard.press(key);
}
const grid = (page: Page, name: string): Locator =>
	page.getByRole("grid", { name, exact: true });
const firstRow = (page: Page, name: string): Locator =>
	grid(page, name).getByRole("row").first();

/** A screen by its keys, its filter empty; the focus is on the page. */
async function go(page: Page, key: string): Promise<void> {
	await page.evaluate(() =>
		document.activeElement instanceof HTMLElement
			? document.activeElement.blur()
			: undefined,
	);
	await press(page, "g", key);
}

/** The job with failed hosts that is newest, opened. */
async function openJob(page: Page): Promise<void> {
	await go(page, "j");
	const row = grid(page, "Jobs")
		.getByRole("row", { name: /[1-9]\d* failed/ })
		.last();
	await row.focus();
	await press(page, "Enter");
	await expect(page.getByRole("group", { name: "Counts" })).toBeVisible();
}

/** In the order of the walk. */
export const STOPS: readonly Stop[] = [
	{
		name: "jobs",
		async open(page) {
			await go(page, "j");
			await expect(grid(page, "Jobs")).toBeVisible();
		},
	},
	{
		name: "palette",
		async open(page) {
			await press(page, "Control+k");
			await expect(page.getByRole("option").first()).toBeVisible();
		},
		leave: pressEscape,
	},
	{
		name: "keys",
		async open(page) {
			await press(page, "?");
			await expect(page.getByRole("dialog")).toBeVisible();
		},
		leave: pressEscape,
	},
	{
		name: "export menu",
		async open(page) {
			await press(page, "e");
			await expect(page.getByRole("menu")).toBeVisible();
		},
		leave: pressEscape,
	},
	{
		name: "job, list",
		async open(page) {
			await openJob(page);
			await expect(grid(page, "Hosts of this job")).toBeVisible();
		},
	},
	{
		name: "job, host with output",
		async open(page) {
			await press(page, "f");
			await firstRow(page, "Hosts of this job").focus();
			await press(page, "Enter");
			const panel = page.getByRole("complementary");
			await expect(panel.getByRole("region", { name: "Output" })).toContainText(
				/\S/,
			);
		},
		async leave(page) {
			await pressEscape(page);
			await press(page, "f");
		},
	},
	{
		name: "job, matrix",
		async open(page) {
			await openJob(page);
			await press(page, "m");
			await expect(page.locator("canvas")).toBeVisible();
			await press(page, "j");
			await expect(page.getByRole("tooltip")).toBeVisible();
		},
		async leave(page) {
			await press(page, "Escape", "m");
		},
	},
	{
		name: "hosts",
		async open(page) {
			await go(page, "h");
			await expect(firstRow(page, "Hosts")).toBeVisible();
		},
	},
	{
		name: "filter completion",
		async open(page) {
			await press(page, "/");
			await page.keyboard.type("channel:");
			await expect(page.getByRole("listbox")).toBeVisible();
		},
		async leave(page) {
			await press(page, "Escape", "Escape", "Escape");
		},
	},
	{
		name: "hosts, nothing found",
		async open(page) {
			await press(page, "/");
			await page.keyboard.type("no-such-host");
			await press(page, "Enter");
			await expect(grid(page, "Hosts").getByRole("row")).toHaveCount(0);
		},
		async leave(page) {
			await press(page, "/", "Escape", "Escape", "Escape");
		},
	},
	{
		name: "host with its reason",
		async open(page) {
			await press(page, "/");
			await page.keyboard.type("web-12");
			await press(page, "Enter");
			await firstRow(page, "Hosts").focus();
			await press(page, "Enter");
			await expect(page.getByRole("complementary")).toContainText("polling");
		},
		async leave(page) {
			await press(page, "Escape", "/", "Escape", "Escape");
		},
	},
	{
		name: "activity",
		async open(page) {
			await go(page, "a");
			await expect(
				page.getByRole("log").getByRole("listitem").first(),
			).toBeVisible();
		},
	},
	{
		name: "status menu",
		async open(page) {
			await page.getByRole("button", { name: "Any status" }).focus();
			await press(page, "Enter");
			await expect(page.getByRole("menu")).toBeVisible();
		},
		leave: pressEscape,
	},
	{
		name: "inbox",
		async open(page) {
			await go(page, "n");
			await expect(
				page.getByRole("heading", { level: 1, name: "Inbox" }),
			).toBeVisible();
		},
	},
	{
		name: "identities",
		async open(page) {
			await go(page, "i");
			await expect(
				page.getByRole("heading", { level: 1, name: "Identities" }),
			).toBeVisible();
		},
	},
	{
		name: "settings",
		async open(page) {
			await go(page, "s");
			await expect(
				page.getByRole("region", { name: "Appearance" }),
			).toBeVisible();
		},
	},
];
