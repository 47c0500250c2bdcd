// A console whose keychain cannot be read when it starts: what its links and its window say, and that everything resumes by
// itself once the keychain can be read. Real agents, real sockets; the keychain is one in memory that can be locked.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { client, memoryPipe } from "../../shared/bridge.ts";
import { systemClock } from "../../shared/clock.ts";
import { ok } from "../../shared/fault.ts";
import type { LinkStatus } from "../../shared/model.ts";
import { readIdentity } from "../core/identity/fromFiles.ts";
import type { DemoFleet } from "../demo/fleet.ts";
import { startDemoFleet } from "../demo/fleet.ts";
import { writeFleet } from "../demo/write.ts";
import type { RunningCore } from "../shell-electron/core.ts";
import { openCore } from "../shell-electron/core.ts";
import { readStartOptions } from "../shell-electron/startOptions.ts";
import { untilTrue } from "../testkit/demoWorld.ts";
import { openFakeKeychain } from "../testkit/fakeKeychain.ts";
import { openVault } from "../vault/open.ts";

const folder = mkdtempSync(join(tmpdir(), "foredeck-locked-"));
const at = (name: string): string => join(folder, name);
const clock = systemClock();
let agents: DemoFleet;
let core: RunningCore | undefined;
beforeAll(async () => {
	agents = await startDemoFleet({
		hosts: 2,
		seed: 1,
		port: 0,
		dialect: "new",
		jobs: false,
		clock,
	});
	const written = await writeFleet(agents, folder);
	if (!written.ok) throw new Error(written.fault.sentence);
});
afterEach(async () => {
	await core?.stop();
	core = undefined;
});
afterAll(async () => {
	await agents.stop();
	rmSync(folder, { recursive: true });
});

test("C16: vault.locked blocks every link and is the window's banner; after unlocking, a retry makes all of them live", async () => {
	const keychain = openFakeKeychain();
	const choose = () =>
		openVault({
			clock,
			patienceMs: 5_000,
			env: { XDG_DATA_HOME: folder },
			load: async () => ok(keychain),
		});
	const identity = readIdentity({
		cert: at("client.pem"),
		key: at("client.key"),
		ca: at("ca.pem"),
	});
	if (!identity.ok) throw new Error(identity.fault.sentence);
	await (await choose()).vault.set("default", identity.value);
	keychain.isLocked = true;

	core = await openCore(
		readStartOptions([`--fleet=${at("fleet.json")}`, `--data=${folder}`], {}),
		{
			clock,
			log: () => {},
			random: Math.random,
			version: "0.0.0-test",
			env: {},
			openVault: choose,
		},
	);
	const { console } = core;
	const [end, window] = memoryPipe();
	console.attach(end);
	const ask = client(window);
	const links = (): LinkStatus[] =>
		[...console.fleet.members()].map(({ link }) => link.status);
	const channels = (): string[] => links().map(({ channel }) => channel);

	await untilTrue(() => channels().every((one) => one === "blocked"));
	expect(links().map(({ fault }) => fault)).toEqual([
		"vault.locked",
		"vault.locked",
	]);
	expect(await ask.ask("session.read", {})).toMatchObject({
		value: { identity: null, fault: { code: "vault.locked" } },
	});

	const retry = () =>
		ask.ask("link.retry", {
			hostIds: [...console.fleet.members()].map(({ entry }) => entry.id),
		});
	// A retry while it is still locked changes nothing for long.
	expect((await retry()).ok).toBe(true);
	await untilTrue(() => channels().every((one) => one === "blocked"));
	keychain.isLocked = false;
	await retry();
	await untilTrue(() => channels().every((one) => one === "live"));
	expect(await ask.ask("session.read", {})).toMatchObject({
		value: {
			identity: { subject: identity.value.facts.subject },
			fault: null,
		},
	});
});
