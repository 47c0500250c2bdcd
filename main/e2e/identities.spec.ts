// Identities as a person meets them: a real keychain, real agents, a served console, and a window in a real Chromium. After the
// imports nothing of a key may be found anywhere: not in what was said, not on the pipe, not in the window's memory.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import AxeBuilder from "@axe-core/playwright";
import type { Page } from "@playwright/test";
import { expect, test } from "@playwright/test";
import { systemClock } from "../../shared/clock.ts";
import type { DemoFleet } from "../demo/fleet.ts";
import { startDemoFleet } from "../demo/fleet.ts";
import { writeFleet } from "../demo/write.ts";
import { createTestAuthority } from "../testkit/certificates.ts";
import type { KeyringSession } from "../testkit/keyringSession.ts";
import {
	NO_SECRET_SERVICE,
	openKeyringSession,
} from "../testkit/keyringSession.ts";
import { openSecretScan } from "../testkit/secretScan.ts";
import { firstReport, memoryOfPages } from "./crashReports.ts";
import type { RunningCommand } from "./demo.ts";
import { runForedeck, startForedeck } from "./demo.ts";

test.skip(NO_SECRET_SERVICE !== null, NO_SECRET_SERVICE ?? "");
test.describe.configure({ mode: "serial" });

const PASSPHRASE = "correct horse battery 7391";
const DUMPS = mkdtempSync(join(tmpdir(), "foredeck-dumps-"));
// Chromium's own crash reporter writes into a folder of ours, as Electron's does into the app's.
test.use({
	launchOptions: {
		executablePath: process.env.CHROMIUM_PATH ?? "/usr/bin/chromium",
		args: ["--enable-crash-reporter-for-testing"],
		ignoreDefaultArgs: ["--disable-breakpad", "--disable-crash-reporter"],
		env: { ...process.env, BREAKPAD_DUMP_LOCATION: DUMPS } as Record<
			string,
			string
		>,
	},
});
const folder = mkdtempSync(join(tmpdir(), "foredeck-identities-"));
const at = (name: string): string => join(folder, name);
const said: string[] = [];
const received: string[] = [];
const complaints: string[] = [];
let fleet: DemoFleet;
let keyring: KeyringSession;
let served: RunningCommand;
let page: Page;
let env: NodeJS.ProcessEnv;

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
	// Of an authority that the agents do not know, so that they refuse it, and about to expire.
	const stranger = createTestAuthority("Another Authority").issue({
		commonName: "old console",
		purpose: "client",
		toDays: 6.5,
	});
	writeFileSync(at("old.pem"), stranger.certPem + stranger.keyPem);
	execFileSync("openssl", [
		...[
			"pkcs12",
			"-export",
			"-in",
			at("client.pem"),
			"-inkey",
			at("client.key"),
		],
		...["-certfile", at("ca.pem"), "-out", at("me.p12"), "-legacy"],
		...["-passout", `pass:${PASSPHRASE}`],
	]);
	keyring = await openKeyringSession();
	env = { ...keyring.env, FOREDECK_DATA: at("data"), FOREDECK_LOG: "debug" };
	served = await startForedeck(
		["serve", "--no-open", "--fleet", at("fleet.json")],
		env,
	);
	const context = await browser.newContext({ colorScheme: "dark" });
	page = await context.newPage();
	page.on("console", (message) => {
		if (message.type() === "error" || message.type() === "warning")
			complaints.push(message.text());
	});
	page.on("websocket", (socket) => {
		socket.on("framereceived", ({ payload }) => received.push(String(payload)));
		socket.on("framesent", ({ payload }) => received.push(String(payload)));
	});
	await page.goto(served.address);
});

test.afterAll(async () => {
	await page?.context().close();
	await served?.stop();
	await keyring?.stop();
	await fleet?.stop();
	for (const path of [folder, DUMPS])
		rmSync(path, { recursive: true, force: true });
});

const foredeck = async (
	args: readonly string[],
	more: NodeJS.ProcessEnv = {},
): Promise<string> => {
	const { code, output } = await runForedeck(args, { ...env, ...more });
	said.push(output);
	expect(code, output).toBe(0);
	return output;
};
const open = (name: string): Promise<void> =>
	page.getByRole("link", { name }).first().click();
const main = () => page.getByRole("main");
async function expectAccessible(): Promise<void> {
	const { violations } = await new AxeBuilder({ page }).analyze();
	expect(violations.map(({ id, nodes }) => [id, nodes.length])).toEqual([]);
}
async function picture(name: string): Promise<void> {
	const path = test.info().outputPath(`${name}.png`);
	await page.screenshot({ path });
}

test("without an identity the screen says so, with the command", async () => {
	await open("Identities");
	await expect(main()).toContainText("No identity");
	await expect(main()).toContainText("foredeck identity import --pfx FILE");
	await expect(main().getByRole("button", { name: /Import/ })).toHaveCount(0);
	await picture("empty");
	await expectAccessible();
});

test("one that was imported meanwhile is used without a restart, and its end is announced over every screen", async () => {
	const output = await foredeck([
		...["identity", "import", "--pfx", at("old.pem"), "--ca", at("ca.pem")],
	]);
	expect(output).toContain("is not among the files");
	await expect(main()).toContainText("CN=old console", { timeout: 40_000 });
	await expect(main()).toContainText("this identity expires in 6 days");
	await expect(main()).toContainText("OS keychain");
	await picture("expiring");
	await expectAccessible();
	await open("Hosts");
	await expect(main()).toContainText("identity expires in 6 days");
	await expect(main().getByText("blocked", { exact: true })).toHaveCount(3, {
		timeout: 40_000,
	});
	await picture("blocked");
});

test("after a renewal the blocked links resume by themselves", async () => {
	await foredeck(["identity", "import", "--pfx", at("me.p12")], {
		FOREDECK_PASSPHRASE: PASSPHRASE,
	});
	await expect(main().getByText("live", { exact: true })).toHaveCount(3, {
		timeout: 40_000,
	});
	await expect(main()).not.toContainText("identity expires");
	await picture("resumed");
});

test("identities of several profiles are shown, and one is removed after confirming", async () => {
	await foredeck([
		...["identity", "import", "--pfx", at("old.pem"), "--ca", at("ca.pem")],
		...["--profile", "lab"],
	]);
	await open("Identities");
	await expect(main()).toContainText("CN=demo-console");
	await expect(main()).toContainText("CN=old console");
	await picture("several");
	await expectAccessible();
	await main().getByRole("button", { name: "Remove lab" }).click();
	const question = page.getByRole("alertdialog");
	await expect(question).toContainText("the profile lab (CN=old console)");
	await expectAccessible();
	await picture("confirm");
	await question.getByRole("button", { name: "Keep it" }).click();
	await expect(question).toHaveCount(0);
	await main().getByRole("button", { name: "Remove lab" }).click();
	await question.getByRole("button", { name: "Remove it" }).click();
	await expect(main()).not.toContainText("CN=old console");
	expect(await foredeck(["identity", "list"])).not.toContain("lab");
});

/** The V8 heap of the window as text, everything in it included. */
async function heapOf(window: Page): Promise<string> {
	const session = await window.context().newCDPSession(window);
	const chunks: string[] = [];
	session.on("HeapProfiler.addHeapSnapshotChunk", ({ chunk }) =>
		chunks.push(chunk),
	);
	await session.send("HeapProfiler.enable");
	await session.send("HeapProfiler.takeHeapSnapshot", {
		reportProgress: false,
	});
	await session.detach();
	return chunks.join("");
}

/** Everything that was imported, as it lies in the files. */
const secrets = () =>
	openSecretScan({
		keys: [at("client.key"), at("old.pem")].map(
			(path) =>
				/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]+?-----END [A-Z ]*-----/.exec(
					readFileSync(path, "utf8"),
				)?.[0] ?? "",
		),
		passphrases: [PASSPHRASE],
	});

test("no key and no passphrase is in the logs, on the pipe or in the window's heap", async () => {
	const heap = await heapOf(page);
	const places = {
		heap,
		frames: received.join("\n"),
		logs: [served.output(), ...said].join("\n"),
	};
	const scan = secrets();
	for (const [place, text] of Object.entries(places)) {
		// The place holds what was shown of the same identity.
		expect(text, place).toContain("CN=demo-console");
		expect(scan.in(text), `secrets in the ${place}`).toEqual([]);
	}
	expect(complaints).toEqual([]);
});

test("nor in the memory of the window's process, nor in the report of its crash", async ({
	browser,
}) => {
	const scan = secrets();
	const memory = await memoryOfPages(browser);
	expect(memory.some((part) => part.includes("CN=demo-console"))).toBe(true);
	expect(memory.flatMap((part) => scan.in(part))).toEqual([]);
	const crashed = page.waitForEvent("crash");
	const session = await page.context().newCDPSession(page);
	session.send("Page.crash").catch(() => {});
	await crashed;
	const report = await firstReport(DUMPS);
	// A minidump, with the program's name in it.
	expect(report.subarray(0, 4).toString()).toBe("MDMP");
	expect(report.includes(Buffer.from("chromium", "utf16le"))).toBe(true);
	expect(scan.in(report)).toEqual([]);
});
