// A newcomer's way in the installed app, from the first start to a live fleet: the desktop's core on an empty folder, real agents,
// and the window in a real Chromium. Only the system's file dialogs are played.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import { systemClock } from "../../shared/clock.ts";
import type { VaultChoice } from "../core/ports.ts";
import type { DemoFleet } from "../demo/fleet.ts";
import { startDemoFleet } from "../demo/fleet.ts";
import { writeFleet } from "../demo/write.ts";
import type { RunningCore } from "../shell-electron/core.ts";
import { openCore } from "../shell-electron/core.ts";
import { readStartOptions } from "../shell-electron/startOptions.ts";
import { openMemoryVault } from "../vault/memory.ts";
import { ADDRESS, playElectron } from "./electronPage.ts";
import { picture } from "./pictures.ts";

test.describe.configure({ mode: "serial" });

const PASSPHRASE = "correct horse";
const folder = mkdtempSync(join(tmpdir(), "foredeck-newcomer-"));
const at = (name: string): string => join(folder, name);
const fleetFile = at(join("data", "profiles", "default", "fleet.json"));
const vault: VaultChoice = { vault: openMemoryVault(), why: null };
/** What the person chooses in the next dialogs; null: they close it. */
const chosen: (string | null)[] = [];
/** What they type when asked for a passphrase, and of which files they were. */
const typed: string[] = [];
const asked: string[] = [];
let fleet: DemoFleet;
let core: RunningCore;
let page: Page;
let complaints: string[] = [];

/** The fleet as the person's table has it. */
const table = (hosts: readonly { id: string; port?: number }[]): string =>
	[
		"name,ip,agent port,servername,role",
		...hosts.map(
			({ id, port }) => `${id},127.0.0.1,${port},${id}.fleet.test,web`,
		),
	].join("\n");

test.beforeAll(async ({ browser }) => {
	fleet = await startDemoFleet({
		hosts: 3,
		seed: 1,
		port: 0,
		dialect: "new",
		jobs: false,
		clock: systemClock(),
	});
	const written = await writeFleet(fleet, folder);
	if (!written.ok) throw new Error(written.fault.sentence);
	const { hosts } = fleet.fleetFile;
	writeFileSync(
		at("hosts.csv"),
		`${table(hosts.slice(0, 2))}\nbad,10.0.0.0/8,,,\n`,
	);
	writeFileSync(at("all.csv"), table(hosts));
	execFileSync("openssl", [
		...["pkcs12", "-export", "-in", at("client.pem")],
		...["-inkey", at("client.key"), "-certfile", at("ca.pem")],
		...["-out", at("me.p12"), "-passout", `pass:${PASSPHRASE}`],
	]);
	core = await openCore(readStartOptions([`--data=${at("data")}`], {}), {
		clock: systemClock(),
		log: () => {},
		random: Math.random,
		version: "0.0.0-test",
		env: {},
		openVault: async () => vault,
		dialogs: {
			chooseFile: async () => chosen.shift() ?? null,
			askSecret: async (_question, file) => {
				asked.push(basename(file ?? ""));
				return typed.shift() ?? null;
			},
		},
	});
	const context = await browser.newContext({ colorScheme: "dark" });
	page = await context.newPage();
	complaints = await playElectron(page, core);
	await page.goto(`${ADDRESS}/index.html`);
});

test.afterAll(async () => {
	await page?.context().close();
	await core?.stop();
	await fleet?.stop();
	rmSync(folder, { recursive: true, force: true });
});

const dialog = () => page.getByRole("dialog");
const importing = () => page.getByRole("button", { name: "Import hosts …" });
async function expectAccessible(): Promise<void> {
	for (const colorScheme of ["light", "dark"] as const) {
		await page.emulateMedia({ colorScheme });
		const { violations } = await new AxeBuilder({ page }).analyze();
		expect(violations.map(({ id, nodes }) => [id, nodes.length])).toEqual([]);
		await page.screenshot({
			path: test.info().outputPath(`${colorScheme}.png`),
		});
	}
}

test("the first start shows three doors, and closing the dialog changes nothing", async () => {
	await expect(page.getByRole("main")).toContainText("No hosts yet");
	await expectAccessible();
	await picture(page, "first-run");
	chosen.push(null);
	await importing().click();
	await expect(dialog()).toHaveCount(0);
	await expect(importing()).toBeVisible();
});

test("what becomes of each line is shown before anything is written", async () => {
	chosen.push(at("hosts.csv"));
	await importing().focus();
	await page.keyboard.press("Enter");
	await expect(dialog()).toHaveAccessibleName("Import hosts.csv");
	await expect(dialog()).toContainText(
		"Read as a table: 2 new, 1 not taken. The fleet “hosts” will have 2 hosts.",
	);
	// What needs a look comes first.
	await expect(dialog().getByRole("row").nth(1)).toContainText(
		/4\s*bad\s*✕ not taken.*has a CIDR suffix/,
	);
	await expectAccessible();
	await picture(page, "import");
	expect(() => readFileSync(fleetFile)).toThrow();
	await page.keyboard.press("Escape");
	await expect(dialog()).toHaveCount(0);
	expect(() => readFileSync(fleetFile)).toThrow();
});

test("a file that names no host is refused in words", async () => {
	writeFileSync(at("empty.csv"), "");
	chosen.push(at("empty.csv"));
	await importing().click();
	await expect(page.getByRole("main")).toContainText(
		"Empty.csv names no host (read as csv)",
		{ ignoreCase: true },
	);
});

test("after yes the hosts are there, and say that an identity is missing", async () => {
	chosen.push(at("hosts.csv"));
	await importing().click();
	await expect(dialog()).toBeVisible();
	await page.keyboard.press("Enter");
	await page.getByRole("link", { name: "Hosts" }).first().click();
	const rows = page.getByRole("grid", { name: "Hosts" }).getByRole("row");
	await expect(rows).toHaveCount(2);
	await expect(rows.first()).toHaveAccessibleName(/blocked/);
	await expect(page.getByRole("main")).toContainText("identity.absent");
});

test("with an identity from one encrypted file they are live, without a restart", async () => {
	await page.getByRole("link", { name: "Identities" }).first().click();
	chosen.push(at("me.p12"), at("me.p12"), at("me.p12"));
	const importIt = page.getByRole("button", { name: /^Import/ });
	// Closing the question is no mistake; a wrong answer is told, and can be mended.
	await importIt.click();
	await expect.poll(() => asked).toEqual(["me.p12"]);
	await expect(page.getByRole("main")).not.toContainText("identity.passphrase");
	typed.push("not it");
	await importIt.click();
	await expect(page.getByRole("main")).toContainText("identity.passphrase");
	typed.push(PASSPHRASE);
	await importIt.click();
	await expect(page.getByRole("main")).not.toContainText("identity.passphrase");
	await page.getByRole("link", { name: "Hosts" }).first().click();
	for (const row of await page
		.getByRole("grid", { name: "Hosts" })
		.getByRole("row")
		.all())
		await expect(row).toHaveAccessibleName(/live/);
});

test("a second import adds what is new; a file that somebody edits is followed, and one that is broken takes no host away", async () => {
	const rows = page.getByRole("grid", { name: "Hosts" }).getByRole("row");
	chosen.push(at("all.csv"));
	await importing().click();
	await expect(dialog()).toContainText("1 new, 2 the same");
	await page.keyboard.press("Enter");
	await expect(rows).toHaveCount(3);
	const text = readFileSync(fleetFile, "utf8");
	writeFileSync(fleetFile, "{ broken");
	await expect(page.getByRole("status").first()).toContainText(
		"the hosts are those of the file before",
		{ timeout: 30_000 },
	);
	await expect(rows).toHaveCount(3);
	const file = JSON.parse(text) as { hosts: unknown[] };
	file.hosts.pop();
	writeFileSync(fleetFile, JSON.stringify(file));
	await expect(rows).toHaveCount(2);
});

test("nothing was complained about", () => {
	expect(complaints).toEqual([]);
});
