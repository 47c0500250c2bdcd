// `foredeck identity …` and the commands that connect with what it stored, as a person or a script meets them.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
	afterAll,
	beforeAll,
	beforeEach,
	describe,
	expect,
	test,
} from "vitest";
import { systemClock } from "../../shared/clock.ts";
import type { FaultCode } from "../../shared/fault.ts";
import { fault } from "../../shared/fault.ts";
import type { Vault, VaultChoice } from "../core/ports.ts";
import type { DemoFleet } from "../demo/fleet.ts";
import { startDemoFleet } from "../demo/fleet.ts";
import { writeFleet } from "../demo/write.ts";
import { createTestAuthority } from "../testkit/certificates.ts";
import type { FakeKeychain } from "../testkit/fakeKeychain.ts";
import { openFakeKeychain } from "../testkit/fakeKeychain.ts";
import type { TerminalWish } from "../testkit/terminal.ts";
import { openTerminal } from "../testkit/terminal.ts";
import { openKeychainVault } from "../vault/keychain.ts";
import { openMemoryVault } from "../vault/memory.ts";
import { run } from "./commandLine.ts";

const folder = mkdtempSync(join(tmpdir(), "foredeck-identities-"));
const at = (name: string): string => join(folder, name);
const authority = createTestAuthority();
const other = authority.issue({ purpose: "client" });
const expired = authority.issue({
	purpose: "client",
	fromDays: -9,
	toDays: -2,
});
const keyText = other.key.export({
	type: "pkcs8",
	format: "pem",
	cipher: "aes-256-cbc",
	passphrase: "sesame",
});
let fleet: DemoFleet;
beforeAll(async () => {
	fleet = await startDemoFleet({
		hosts: 2,
		seed: 1,
		port: 0,
		dialect: "new",
		jobs: false,
		clock: systemClock(),
	});
	const written = await writeFleet(fleet, folder);
	if (!written.ok) throw new Error(written.fault.sentence);
	writeFileSync(at("other.pem"), other.certPem);
	writeFileSync(at("other.key"), keyText);
	writeFileSync(at("expired.pem"), expired.certPem + expired.keyPem);
	writeFileSync(at("joint.pem"), other.certPem + keyText);
});
afterAll(async () => {
	await fleet.stop();
	rmSync(folder, { recursive: true });
});

let keychain: FakeKeychain;
let isPlain = false;
const vaultOf = (store: FakeKeychain): Vault =>
	openKeychainVault({
		store,
		clock: systemClock(),
		patienceMs: 5_000,
		isUnprotected: () => isPlain,
	});
beforeEach(() => {
	keychain = openFakeKeychain();
	isPlain = false;
});
const works = (): VaultChoice => ({ vault: vaultOf(keychain), why: null });
const missing = (): VaultChoice => ({
	vault: openMemoryVault(),
	why: fault("vault.missing"),
});

async function say(args: readonly string[], wish: TerminalWish = {}) {
	const terminal = openTerminal({ vault: works, ...wish });
	const code = await run([...args, "--data", at("nothing")], terminal);
	const [out, err] = [terminal.lines.all, terminal.errors.all];
	expect([...out, ...err].join("\n")).not.toMatch(/PRIVATE KEY|BEGIN|sesame/);
	return { code, out, err };
}
const FILES = [
	...["--cert", at("client.pem")],
	...["--key", at("client.key")],
	...["--ca", at("ca.pem")],
];
const OTHER = [
	...["--cert", at("other.pem")],
	...["--key", at("other.key")],
	...["--ca", at("ca.pem")],
];
const imported = (...more: string[]) =>
	say(["identity", "import", ...FILES, ...more]);

function expectRefusal(
	said: Awaited<ReturnType<typeof say>>,
	code: FaultCode,
	words: RegExp,
): void {
	expect([said.code, said.out, said.err.length]).toEqual([1, [], 2]);
	expect(said.err[0]).toMatch(/^foredeck: /);
	expect(said.err[0]?.endsWith(` [${code}]`)).toBe(true);
	expect(said.err.join()).toMatch(words);
}

describe("identity import, list and remove", () => {
	test("imported, listed and removed, as a table and as JSON lines", async () => {
		expect(await imported()).toMatchObject({
			code: 0,
			out: [
				expect.stringMatching(/^stored as default: CN=.*, valid until \d{4}-/),
			],
			err: [],
		});
		const json = await imported("--profile", "prod", "--json");
		const row = {
			profile: "prod",
			subject: expect.stringMatching(/CN=/),
			issuer: expect.stringMatching(/CN=/),
			fingerprint_256: expect.stringMatching(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/),
			valid_from: expect.stringMatching(/^\d{4}-.*Z$/),
			expires_at: expect.stringMatching(/^\d{4}-.*Z$/),
			names: [],
			key: "ECDSA P-256",
			home: "OS keychain",
			fault: null,
		};
		expect(json.out.map((line) => JSON.parse(line))).toEqual([row]);

		const table = await say(["identity", "list"]);
		expect(table.out).toHaveLength(3);
		expect(table.out[0]).toMatch(/^PROFILE +EXPIRES +WHERE +SUBJECT +SHA-256$/);
		expect(table.out[1]).toMatch(/^default +\d{4}-\d\d-\d\d +OS keychain +CN=/);
		const lines = await say(["identity", "list", "--json"]);
		expect(lines.out.map((line) => JSON.parse(line))).toEqual([
			{ ...row, profile: "default" },
			row,
		]);

		expect(await say(["identity", "remove", "prod"])).toEqual({
			code: 0,
			out: ["removed prod"],
			err: [],
		});
		const again = await say(["identity", "remove", "prod", "--json"]);
		expectRefusal(again, "identity.absent", /no identity called prod/);
		expect((await say(["identity", "list"])).out).toHaveLength(2);
		await say(["identity", "remove", "default"]);
		expect((await say(["identity", "list"])).out).toEqual(["no identities"]);
	});

	test("an encrypted key takes its passphrase from the environment or from the person", async () => {
		const args = ["identity", "import", ...OTHER];
		const env = { FOREDECK_PASSPHRASE: "sesame" };
		expect((await say(args, { env })).code).toBe(0);
		expect((await say(args, { secret: "sesame" })).code).toBe(0);
		const wrong = { FOREDECK_PASSPHRASE: "wrong" };
		expectRefusal(
			await say(args, { env: wrong, secret: "sesame" }),
			"identity.passphrase",
			/does not open/,
		);
		expectRefusal(
			await say(args, { secret: "wrong" }),
			"identity.passphrase",
			/does not open/,
		);
		expectRefusal(await say(args), "identity.passphrase", /no passphrase/);
	});

	test("PKCS#12, old as it may be, takes its passphrase the same ways and brings its authority with it", async () => {
		execFileSync("openssl", [
			...["pkcs12", "-export", "-legacy", "-passout", "pass:sesame"],
			...["-in", at("client.pem"), "-inkey", at("client.key")],
			...["-certfile", at("ca.pem"), "-out", at("client.p12")],
		]);
		const args = ["identity", "import", "--pfx", at("client.p12")];
		const env = { FOREDECK_PASSPHRASE: "sesame" };
		expect((await say(args, { env })).code).toBe(0);
		expect((await say(args, { secret: "sesame" })).code).toBe(0);
		expectRefusal(
			await say(args, { secret: "wrong" }),
			"identity.passphrase",
			/does not open .*client\.p12/,
		);
		expectRefusal(await say(args), "identity.passphrase", /no passphrase/);
		const watching = [
			...["watch", "--json", "--until-idle", "--fleet", at("fleet.json")],
			...["--pfx", at("client.p12"), "--timeout", "20"],
		];
		const { code, out } = await say(watching, { secret: "sesame" });
		expect(code).toBe(0);
		expect(out.filter((line) => line.includes('"live"'))).toHaveLength(2);
		expectRefusal(
			await say(watching),
			"identity.passphrase",
			/no passphrase was given/,
		);
	});

	test("what agents may not like is said after the import, which succeeds", async () => {
		const said = await say(
			["identity", "import", "--pfx", at("joint.pem"), "--ca", at("ca.pem")],
			{ secret: "sesame" },
		);
		expect([said.code, said.out.length]).toEqual([0, 1]);
		expect(said.err).toEqual([
			expect.stringMatching(/issuer \(CN=Test Root\) is not among the files/),
		]);
	});

	test.each<[string, readonly string[], FaultCode, RegExp]>([
		["nothing", [], "identity.absent", /nothing to import/],
		["no authority", FILES.slice(0, 4), "identity.absent", /--ca is missing/],
		[
			"another one's key",
			[...FILES.slice(0, 2), "--key", at("other.key"), "--ca", at("ca.pem")],
			"identity.mismatch",
			/does not belong/,
		],
		[
			"PKCS#12 beside PEM",
			["--pfx", at("client.p12"), ...FILES],
			"identity.absent",
			/--pfx stands in place of --cert and --key/,
		],
		[
			"an expired certificate",
			["--pfx", at("expired.pem"), "--ca", at("ca.pem")],
			"tls.client-expired",
			/expired on .*renew/is,
		],
		[
			"a name that cannot be one",
			[...FILES, "--profile", "../prod"],
			"profile.invalid",
			/"\.\.\/prod"/,
		],
	])(
		"%s is refused before anything is stored",
		async (_, args, code, words) => {
			const env = { FOREDECK_PASSPHRASE: "sesame" };
			expectRefusal(
				await say(["identity", "import", ...args], { env }),
				code,
				words,
			);
			expect(keychain.entries.size).toBe(0);
		},
	);

	test("vault.missing: an import for one command makes no sense, and the ways out are named", async () => {
		expectRefusal(
			await say(["identity", "import", ...FILES], { vault: missing }),
			"vault.missing",
			/gone when this command ends.*Secret Service.*--cert/s,
		);
		for (const args of [["list"], ["remove", "prod"]])
			expectRefusal(
				await say(["identity", ...args], { vault: missing }),
				"vault.missing",
				/no keychain/,
			);
	});

	test("vault.locked: nothing is stored, listed or removed", async () => {
		await imported();
		keychain.isLocked = true;
		expectRefusal(await imported(), "vault.locked", /Unlock/);
		expectRefusal(await say(["identity", "list"]), "vault.locked", /Unlock/);
		expectRefusal(
			await say(["identity", "remove", "default"]),
			"vault.locked",
			/Unlock/,
		);
	});

	test("a keychain without a password is used, and said", async () => {
		isPlain = true;
		const { code, err } = await imported();
		expect([code, err.join()]).toEqual([
			0,
			expect.stringMatching(/no password/),
		]);
	});

	test("vault.damaged: one that cannot be read is listed with its fault, and makes the exit code 1", async () => {
		await imported();
		await imported("--profile", "prod");
		keychain.entries.set("prod", "hello");
		const { code, out } = await say(["identity", "list"]);
		expect(code).toBe(1);
		expect(out[1]).toMatch(/^default .*CN=/);
		expect(out[2]).toMatch(/^prod +- .*\[vault\.damaged\]$/);
		const lines = await say(["identity", "list", "--json"]);
		expect(JSON.parse(lines.out[1] ?? "")).toMatchObject({
			profile: "prod",
			fault: "vault.damaged",
		});
	});
});

describe("C16: mTLS from the keychain", () => {
	const FLEET = ["--fleet", at("fleet.json")];
	const watch = (wish?: TerminalWish, ...more: string[]) =>
		say(["watch", ...FLEET, "--json", "--until-idle", ...more], wish);

	test("watch and doctor without files connect with the profile's identity", async () => {
		await imported("--profile", "prod");
		const { code, out } = await watch(
			{},
			"--profile",
			"prod",
			"--timeout",
			"30",
		);
		expect(code).toBe(0);
		expect(out.join()).toMatch(/"channel":"live"/);
		const [host] = fleet.fleetFile.hosts;
		const doctor = await say([
			...["doctor", host?.id ?? "", ...FLEET],
			...["--profile", "prod"],
		]);
		expect([doctor.code, doctor.out.at(-1)]).toEqual([0, "healthy"]);
	});

	test.each<[FaultCode, () => VaultChoice]>([
		["vault.missing", missing],
		["vault.locked", () => ({ ...works(), why: fault("vault.locked") })],
		["identity.absent", works],
	])(
		"%s ends watch with its sentence, and is doctor's verdict",
		async (code, vault) => {
			keychain.isLocked = code === "vault.locked";
			const watched = await watch({ vault });
			expect([watched.code, watched.out]).toEqual([1, []]);
			expect(watched.err[0]).toMatch(
				new RegExp(`\\[${code.replace(".", "\\.")}\\]$`),
			);
			const [host] = fleet.fleetFile.hosts;
			const doctor = await say(["doctor", host?.id ?? "", ...FLEET, "--json"], {
				vault,
			});
			expect(doctor.code).toBe(3);
			expect(JSON.parse(doctor.out.at(-1) ?? "")).toMatchObject({
				fault: code,
			});
		},
	);

	test("files named for one run do not ask the vault", async () => {
		const vault = (): never => {
			throw new Error("the vault was asked");
		};
		const args = ["watch", ...FLEET, ...FILES, "--until-idle"];
		expect((await say([...args, "--timeout", "30"], { vault })).code).toBe(0);
	});
});
