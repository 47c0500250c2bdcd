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
import type { RunningCommand } from "./demo.ts";
import { runForedeck, startForedeck } from "./demo.ts";

test.skip(NO_SECRET_SERVICE !== null, NO_SECRET_SERVICE ?? "");
test.describe.configure({ mode: "serial" });

const PASSPHRASE = "correct horse battery 7391";
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
	rmSync(folder, { recursive: true, force: true });
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

/** What would give a key away: its armour, its base64 in slices, its bytes in hexadecimal, and the passphrase. */
function secrets(): readonly string[] {
	const keys = [at("client.key"), at("old.pem")].map((path) => {
		const [, body = ""] =
			/-----BEGIN [A-Z ]*PRIVATE KEY-----([^-]+)-----END/.exec(
				readFileSync(path, "utf8"),
			) ?? [];
		return body.replace(/\s/g, "");
	});
	return [
		"PRIVATE KEY-----",
		PASSPHRASE,
		...keys.flatMap((base64) => {
			// The first bytes of every key of a kind are the same: only what is this key's own is looked for.
			const own = base64.slice(52);
			const hex = Buffer.from(base64, "base64").subarray(40).toString("hex");
			return [...(own.match(/.{20}/g) ?? []), ...(hex.match(/.{32}/g) ?? [])];
		}),
	];
}

test("no key and no passphrase is in the logs, on the pipe or in the window's memory", async () => {
	const heap = await heapOf(page);
	const places = {
		heap,
		frames: received.join("\n"),
		logs: [served.output(), ...said].join("\n"),
	};
	// The search finds what is there.
	expect(heap).toContain("CN=demo-console");
	expect(places.frames).toContain("CN=demo-console");
	expect(places.logs).toContain("CN=demo-console");
	expect(secrets().length).toBeGreaterThan(8);
	for (const [place, text] of Object.entries(places))
		expect(
			secrets().filter((secret) => text.includes(secret)).length,
			`secrets in the ${place}`,
		).toBe(0);
	expect(complaints).toEqual([]);
});
