// What the window meets when the app was started with files, with wrong files, with nothing, or on the demo fleet.
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, expect, test } from "vitest";
import { client, memoryPipe } from "../../shared/bridge.ts";
import { systemClock } from "../../shared/clock.ts";
import type { VaultChoice } from "../core/ports.ts";
import { untilTrue } from "../testkit/demoWorld.ts";
import { openMemoryVault } from "../vault/memory.ts";
import type { RunningCore } from "./core.ts";
import { openCore } from "./core.ts";
import { readStartOptions } from "./startOptions.ts";

const folder = mkdtempSync(join(tmpdir(), "foredeck-core-"));
afterAll(() => rmSync(folder, { recursive: true }));
let core: RunningCore | undefined;
const vault: VaultChoice = { vault: openMemoryVault(), why: null };
afterEach(async () => {
	await core?.stop();
	core = undefined;
});

/** Starts with these arguments, under a folder of its own unless said. */
async function start(...args: string[]): Promise<RunningCore> {
	core = await openCore(readStartOptions([`--data=${folder}`, ...args], {}), {
		clock: systemClock(),
		log: () => {},
		random: Math.random,
		version: "1.2.3",
		env: {},
		openVault: async () => vault,
	});
	return core;
}

async function session(...args: string[]) {
	const { console } = await start(...args);
	const [end, window] = memoryPipe();
	console.attach(end);
	return client(window).ask("session.read", {});
}

test("nothing at all is an empty fleet that says that an identity is missing", async () => {
	expect(await session()).toMatchObject({
		value: {
			shell: "electron",
			fleet: "",
			identity: null,
			fault: { code: "identity.absent" },
		},
	});
});

test("an export goes to the place that the person chose in the dialog, and nowhere else", async () => {
	const path = join(folder, "mine.csv");
	core = await openCore(readStartOptions([`--data=${folder}`], {}), {
		clock: systemClock(),
		log: () => {},
		random: Math.random,
		version: "1.2.3",
		env: {},
		openVault: async () => vault,
		chooseSavePath: async () => path,
	});
	const [end, window] = memoryPipe();
	core.console.attach(end);
	const asking = client(window);
	expect(await asking.ask("session.read", {})).toMatchObject({
		value: { canSaveFiles: true },
	});
	const begun = await asking.ask("export.begin", {
		stem: "foredeck-hosts",
		kind: "csv",
	});
	const nonce = begun.ok ? (begun.value.nonce ?? "") : "";
	await asking.ask("export.append", { nonce, text: "host_id\r\n" });
	expect(await asking.ask("export.end", { nonce })).toEqual({
		ok: true,
		value: { name: "mine.csv" },
	});
	expect(readFileSync(path, "utf8")).toBe("host_id\r\n");
});

test("a fleet file that cannot be read is told with its path and the reason", async () => {
	const path = join(folder, "nope.json");
	expect(await session(`--fleet=${path}`)).toMatchObject({
		value: {
			fault: {
				code: "fleet.unreadable",
				sentence: `cannot read ${path}: no such file`,
			},
		},
	});
});

test("an identity of which a file was not named says which", async () => {
	expect(await session("--cert=client.pem", "--ca=ca.pem")).toMatchObject({
		value: {
			fault: { code: "identity.absent", sentence: "--key is missing" },
		},
	});
});

test("the profile's fleet is used when none was named", async () => {
	const data = join(folder, "kept");
	mkdirSync(join(data, "profiles/default"), { recursive: true });
	writeFileSync(
		join(data, "profiles/default/fleet.json"),
		'{"version":1,"name":"prod","hosts":[]}',
	);
	expect(await session(`--data=${data}`)).toMatchObject({
		value: { fleet: "prod" },
	});
});

test("the demo is agents of its own, all in the window, and gone when it stops", async () => {
	const { console } = await start("--demo", "--hosts=3");
	await untilTrue(() => console.book.jobs.size > 0);
	expect(console.fleet.size).toBe(3);
});

test("settings are of the data folder, and what is set in the demo is nobody's", async () => {
	const beta = { updates: { channel: "beta" } } as const;
	const latest = { updates: { channel: "latest" } } as const;
	(await start()).console.settings.change(beta);
	await core?.stop();
	const demo = await start("--demo", "--hosts=1");
	expect(demo.console.settings.current.updates.channel).toBeNull();
	demo.console.settings.change(latest);
	await core?.stop();
	expect((await start()).console.settings.current).toMatchObject(beta);
	expect(existsSync(join(folder, "settings.json"))).toBe(true);
});

test("proxy rules that cannot be read dial nothing, also after an import", async () => {
	const inventory = join(folder, "hosts.csv");
	writeFileSync(inventory, "address\nweb-1.fleet.test\n");
	core = await openCore(
		readStartOptions([`--data=${join(folder, "proxied")}`], {}),
		{
			clock: systemClock(),
			log: () => {},
			random: Math.random,
			version: "1.2.3",
			env: { HTTPS_PROXY: "ftp://proxy.fleet.test" },
			openVault: async () => vault,
			dialogs: { chooseFile: async () => inventory, askSecret: null },
		},
	);
	const [end, window] = memoryPipe();
	core.console.attach(end);
	const { ask } = client(window);
	const offered = await ask("fleet.offerImport", {});
	const nonce = offered.ok ? (offered.value.offer?.nonce ?? "") : "";
	expect(await ask("fleet.import", { nonce })).toMatchObject({ ok: true });
	expect(core.console.fleet.size).toBe(0);
	expect(await ask("session.read", {})).toMatchObject({
		value: { fault: { sentence: expect.stringContaining("HTTPS_PROXY") } },
	});
});
