// The core is killed in the middle of a job and started again while no agent can be reached: the window shows what was known, says
// so, and finds it by words; when the agents are back the truth returns by itself.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import { systemClock } from "../../shared/clock.ts";
import { openHistory } from "../core/history/openHistory.ts";
import { foredeckPaths } from "../core/paths.ts";
import type { DemoFleet } from "../demo/fleet.ts";
import { startDemoFleet } from "../demo/fleet.ts";
import { writeFleet } from "../demo/write.ts";
import { keptJob, keptRun, rowsOf } from "../testkit/historyRows.ts";
import type { RunningCommand } from "./demo.ts";
import { startForedeck } from "./demo.ts";
import { FAILS } from "./world.ts";

test.describe.configure({ mode: "serial" });

const folder = mkdtempSync(join(tmpdir(), "foredeck-known-"));
const at = (name: string): string => join(folder, name);
let fleet: DemoFleet;
let served: RunningCommand;
let page: Page;
let hosts: readonly string[];

const serve = (): Promise<RunningCommand> =>
	startForedeck([
		...["serve", "--no-open", "--fleet", at("fleet.json")],
		...["--cert", at("client.pem"), "--key", at("client.key")],
		...["--ca", at("ca.pem"), "--data", at("data")],
	]);

test.beforeAll(async ({ browser }) => {
	fleet = await startDemoFleet({
		hosts: 3,
		seed: 1,
		port: 0,
		dialect: "new",
		jobs: false,
		clock: systemClock(),
	});
	hosts = fleet.fleetFile.hosts.map(({ id }) => id);
	const written = await writeFleet(fleet, folder);
	if (!written.ok) throw new Error(written.fault.sentence);
	keepOldJob();
	served = await serve();
	const context = await browser.newContext({ colorScheme: "dark" });
	page = await context.newPage();
	await page.goto(served.address);
});

test.afterAll(async () => {
	await page?.context().close();
	await served?.stop();
	await fleet?.stop();
	rmSync(folder, { recursive: true, force: true });
});

/** As if Foredeck had seen a job two days ago, on a host that is not in the fleet any more too. */
function keepOldJob(): void {
	const changedAt = Date.now() - 2 * 24 * 3_600_000;
	const history = openHistory(
		foredeckPaths(at("data")).history("default"),
		() => {},
	);
	const times = { seenAt: changedAt, changedAt, progressAt: changedAt };
	history.write(
		rowsOf({
			jobs: [keptJob("j-old", { label: "patchapply · zlib" })],
			runs: [
				keptRun("j-old", hosts[0] ?? "", "succeeded", times),
				keptRun("j-old", "gone-01", "failed", {
					...times,
					error: "E: zlib is held",
				}),
			].map((kept) => ({ ...kept, startAt: changedAt, endAt: changedAt })),
		}),
	);
	history.close();
}

/** What is on the disk, seen beside the core that writes. */
function kept(): unknown {
	const db = new DatabaseSync(foredeckPaths(at("data")).history("default"), {
		readOnly: true,
	});
	try {
		const row = db
			.prepare(
				"SELECT (SELECT count(*) FROM runs WHERE job_id <> 'j-old') AS runs, (SELECT count(*) FROM runs WHERE job_id <> 'j-old' AND state = 'failed' AND error IS NOT NULL) AS failed, (SELECT count(*) FROM hosts WHERE heard_at IS NOT NULL) AS hosts",
			)
			.get();
		return { ...row };
	} finally {
		db.close();
	}
}

const main = () => page.getByRole("main");
const bar = () => page.getByRole("contentinfo");
async function expectAccessible(): Promise<void> {
	for (const colorScheme of ["dark", "light"] as const) {
		await page.emulateMedia({ colorScheme });
		const { violations } = await new AxeBuilder({ page }).analyze();
		expect(violations.map(({ id, nodes }) => [id, nodes.length])).toEqual([]);
	}
}
async function picture(name: string): Promise<void> {
	for (const colorScheme of ["light", "dark"] as const) {
		await page.emulateMedia({ colorScheme });
		await page.screenshot({
			path: test.info().outputPath(`${name}-${colorScheme}.png`),
		});
	}
}

test("killed in the middle of a job and started without agents, it shows the last known state and says so", async () => {
	await expect(bar()).toContainText("3 live");
	hosts.forEach((host, index) => {
		fleet.agent(host).submit({
			operation: "install",
			packages: ["openssl"],
			startAfterMs: 0,
			runMs: index === 0 ? 300 : 600_000,
			...(index === 0
				? { outcome: FAILS }
				: { outcome: { state: "completed" } }),
		});
	});
	await expect(
		main().getByRole("row", { name: /1 failed.*2 running/ }),
	).toBeVisible();
	// Killed as soon as the disk has it.
	await expect
		.poll(kept, { timeout: 20_000 })
		.toEqual({ runs: 3, failed: 1, hosts: 3 });
	for (const host of hosts) fleet.agent(host).kill();
	await served.kill();
	served = await serve();
	await page.goto(served.address);
	await expect(
		main().getByRole("row", { name: /1 failed.*2 unknown/ }),
	).toBeVisible();
	await expect(bar()).toContainText(/3 of 3 not heard since \d\d:\d\d/);
	await expect(main()).toContainText("before Foredeck was closed");
	await expect(
		main().getByTitle(/^As of then: of 3 of its 3 hosts/),
	).toBeVisible();
	await picture("jobs");
	await expectAccessible();
	await main().getByRole("button", { name: "Show 3 hosts" }).click();
	await expect(
		main().getByRole("row", { name: /not heard since Foredeck started/ }),
	).toHaveCount(3);
	await picture("hosts");
});

test("an error is found by words from the palette, without any agent, and leads to its run", async () => {
	await page.keyboard.press("Control+k");
	await page.keyboard.type("mirror");
	await page.getByRole("option", { name: /Search the history/ }).click();
	const found = main().getByRole("region", { name: /Found in the history/ });
	await expect(found.getByRole("listitem")).toHaveCount(1);
	await expect(found).toContainText("could not resolve mirror");
	await picture("history");
	await expectAccessible();
	await found.getByRole("link").click();
	await expect(page).toHaveURL(new RegExp(`host=${hosts[0] ?? ""}`));
	await expect(main()).toContainText("hosts of this job were not heard since");
	await picture("job");
});

test("when the agents are back the truth returns without a reload", async () => {
	for (const host of hosts) await fleet.agent(host).revive();
	await expect(bar()).toContainText("3 live", { timeout: 60_000 });
	await expect(bar()).not.toContainText("not heard since");
	await expect(main()).not.toContainText("before Foredeck was closed");
	await expect(main()).not.toContainText("not heard since");
});

test("an old link opens its job from the history, and after it was forgotten by hand nothing is found", async () => {
	await page.goto(`${new URL(page.url()).origin}/#/history`);
	await main().getByRole("link", { name: /zlib/ }).click();
	await expect(page).toHaveURL(/#\/jobs\/j-old$/);
	await expect(main()).toContainText("From the history");
	await expect(
		main().getByRole("row", { name: /gone-01.*zlib is held/ }),
	).toBeVisible();
	await picture("old");
	await expectAccessible();
	await page.goto(`${new URL(page.url()).origin}/#/settings`);
	await main().getByRole("button", { name: "Forget the history …" }).click();
	await picture("forget");
	await expectAccessible();
	await main().getByRole("button", { name: "Forget it" }).click();
	await expect(
		main().getByRole("button", { name: "Forget the history …" }),
	).toBeVisible();
	await page.goto(`${new URL(page.url()).origin}/#/history?q=zlib`);
	await expect(main()).toContainText("Nothing in the history");
	await picture("nothing");
	await page.goto(`${new URL(page.url()).origin}/#/jobs/j-old`);
	await expect(main()).toContainText("No such job");
});
