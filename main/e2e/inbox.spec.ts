// The inbox as a person meets it: real agents fail a job while nobody looks, the rail counts it, a click leads to the failure,
// and after a restart it is still there.
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import { picture as documented } from "./pictures.ts";
import type { ServedFleet } from "./servedFleet.ts";
import { complaintsOf, startServedFleet } from "./servedFleet.ts";
import { FAILS, SUCCEEDS } from "./world.ts";

test.describe.configure({ mode: "serial" });

let complaints: readonly string[] = [];
let stage: ServedFleet;
let page: Page;
let hosts: readonly string[];

test.beforeAll(async ({ browser }) => {
	stage = await startServedFleet(3);
	hosts = stage.hosts;
	const context = await browser.newContext({ colorScheme: "dark" });
	page = await context.newPage();
	complaints = complaintsOf(page);
	await page.goto(stage.served.address);
});

test.afterAll(async () => {
	await page?.context().close();
	await stage?.stop();
});

const rail = () => page.getByRole("navigation", { name: "Main" });
const main = () => page.getByRole("main");
const toasts = () => page.getByRole("region", { name: "New failures" });
const notes = () => main().getByRole("list", { name: "Notes, newest first" });
async function expectAccessible(): Promise<void> {
	const { violations } = await new AxeBuilder({ page }).analyze();
	expect(violations.map(({ id, nodes }) => [id, nodes.length])).toEqual([]);
}
async function picture(name: string): Promise<void> {
	await page.screenshot({ path: test.info().outputPath(`${name}.png`) });
}

test("an empty inbox says what will be there", async () => {
	// Keys work once the window is drawn.
	await rail().getByRole("link", { name: "Hosts" }).click();
	await expect(main()).toContainText(hosts[0] ?? "");
	await page.keyboard.press("g");
	await page.keyboard.press("n");
	await expect(main()).toContainText("Nothing to catch up on");
	await expect(rail()).not.toContainText("unread");
	await expectAccessible();
	await picture("empty");
});

test("a failing job becomes one note, counted in the rail and saying which host", async () => {
	await rail().getByRole("link", { name: "Hosts" }).click();
	await expect(main().getByText("live", { exact: true })).toHaveCount(3);
	const [first = "", second = "", third = ""] = hosts;
	stage.submit(first, FAILS, 300);
	stage.submit(second, FAILS, 1_500);
	stage.submit(third, SUCCEEDS, 5_000);
	// Who looks at the window sees it at once, and the summary in its place.
	await expect(toasts()).toContainText("still running");
	await expect(toasts()).toContainText("1 ok, 2 failed");
	await expect(toasts().getByRole("listitem")).toHaveCount(1);
	await picture("toast");
	await documented(page, "toast");
	await expectAccessible();
	const inbox = rail().getByRole("link", { name: "Inbox" });
	await expect(inbox).toHaveAccessibleName(/Inbox.*1 unread failure$/);
	await inbox.click();
	await expect(notes()).toContainText("1 ok, 2 failed");
	await expect(notes().getByRole("listitem")).toHaveCount(1);
	// Whose toast does not come back on the way out.
	await expect(toasts()).toHaveCount(0);
	await rail().getByRole("link", { name: "Hosts" }).click();
	await expect(main().getByRole("grid")).toBeVisible();
	expect(await toasts().count()).toBe(0);
	await rail().getByRole("link", { name: "Inbox" }).click();
	await expect(main()).toContainText("1 unread");
	await expectAccessible();
	await picture("unread");
});

test("a click leads to the first failed host's output, and the note is read", async () => {
	await notes().getByRole("link").click();
	await expect(page).toHaveURL(
		new RegExp(`#/jobs/[^?]+\\?host=${hosts[0] ?? ""}$`),
	);
	await expect(main()).toContainText("could not resolve mirror.fleet.test");
	await expect(rail()).not.toContainText("unread");
});

test("all are marked as read, and after a restart the inbox is as it was", async () => {
	const [first = "", second = ""] = hosts;
	await rail().getByRole("link", { name: "Inbox" }).click();
	stage.submit(second, FAILS, 300, "jq");
	await expect(notes().getByRole("listitem")).toHaveCount(2);
	await expect(rail()).toContainText("1 unread failure");
	await picture("two");
	await documented(page, "inbox");
	await main().getByRole("button", { name: "Mark all read" }).click();
	await expect(rail()).not.toContainText("unread");
	stage.submit(first, FAILS, 300, "nginx");
	await expect(notes().getByRole("listitem")).toHaveCount(3);
	await expect(rail()).toContainText("1 unread failure");
	const { address } = await stage.restart();
	await page.goto(address);
	await expect(rail()).toContainText("1 unread failure");
	await rail().getByRole("link", { name: "Inbox" }).click();
	await expect(notes().getByRole("listitem")).toHaveCount(3);
	// What the agents' lists tell again is not told again.
	await rail().getByRole("link", { name: "Jobs" }).click();
	await expect(main().getByRole("progressbar")).toHaveCount(3);
	await expect(rail()).toContainText("1 unread failure");
});

test("a toast is closed by Escape within it or its button and stays unread, and leads to the output by a click", async () => {
	const [first = "", second = ""] = hosts;
	stage.submit(first, FAILS, 300, "tmux");
	await expect(toasts()).toContainText("1 failed");
	// Escape elsewhere is not the card's.
	await page.keyboard.press("Escape");
	await expect(toasts()).toContainText("1 failed");
	await toasts().getByRole("link").focus();
	await page.keyboard.press("Escape");
	await expect(toasts()).toHaveCount(0);
	stage.submit(second, FAILS, 300, "vim");
	await toasts()
		.getByRole("button", { name: /^Close: / })
		.click();
	await expect(toasts()).toHaveCount(0);
	await expect(rail()).toContainText("3 unread failures");
	stage.submit(first, FAILS, 300, "zsh");
	await toasts().getByRole("link").click();
	await expect(page).toHaveURL(new RegExp(`\\?host=${first}$`));
	await expect(main()).toContainText("could not resolve mirror.fleet.test");
	await expect(toasts()).toHaveCount(0);
	await expect(rail()).toContainText("3 unread failures");
});

test("the page complained of nothing but the end of its first core", () => {
	expect(complaints.filter((text) => !/WebSocket|ERR_/.test(text))).toEqual([]);
});
