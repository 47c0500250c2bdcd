// Which vault is chosen, what keytar's errors become, and what can be seen of a keyring without a password.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { FaultCode, Result } from "../../shared/fault.ts";
import { FaultError, failed, fault, ok } from "../../shared/fault.ts";
import { openFakeKeychain } from "../testkit/fakeKeychain.ts";
import { noise, someIdentity } from "../testkit/vaultConformance.ts";
import { openVirtualClock } from "../testkit/virtualClock.ts";
import type { KeychainStore } from "./keychainStore.ts";
import { keychainFault, told } from "./keychainStore.ts";
import { openVault } from "./open.ts";
import { isPlainKeyring } from "./unprotected.ts";

const folder = mkdtempSync(join(tmpdir(), "foredeck-vault-"));
afterAll(() => rmSync(folder, { recursive: true }));

const open = (store: Result<KeychainStore>) =>
	openVault({
		clock: openVirtualClock(),
		patienceMs: 1_000,
		env: { XDG_DATA_HOME: folder },
		load: async () => store,
	});

describe("which vault it is", () => {
	test("a keychain that works", async () => {
		const keychain = openFakeKeychain();
		const { vault, why } = await open(ok(keychain));
		expect(why).toBeNull();
		await vault.set("prod", someIdentity("prod", 10));
		expect(keychain.entries.has("prod")).toBe(true);
	});

	test("vault.missing: without the module it is memory, and says so", async () => {
		const { vault, why } = await open(failed(fault("vault.missing")));
		expect(why?.code).toBe("vault.missing");
		expect(await vault.state()).toMatchObject({ value: { kind: "session" } });
		expect((await vault.set("prod", someIdentity("prod", 10))).ok).toBe(true);
	});

	test("vault.missing: with the module and without a keychain behind it, it is memory too", async () => {
		const nothing = (): never => {
			throw new FaultError(fault("vault.missing"));
		};
		const store = { get: nothing, set: nothing, remove: nothing };
		const { vault, why } = await open(ok(store));
		expect(why?.code).toBe("vault.missing");
		expect(await vault.state()).toMatchObject({ value: { kind: "session" } });
	});

	test("vault.locked: it stays the keychain, which works once it is unlocked", async () => {
		const keychain = openFakeKeychain();
		keychain.isLocked = true;
		const { vault, why } = await open(ok(keychain));
		expect(why?.code).toBe("vault.locked");
		keychain.isLocked = false;
		expect(await vault.state()).toMatchObject({ value: { kind: "keychain" } });
	});
});

describe("a keychain that never answers", () => {
	test("vault.locked: however often it is opened, one call of it is outstanding", async () => {
		let calls = 0;
		const silent = (): Promise<never> => {
			calls++;
			return new Promise(() => {});
		};
		const store = { get: silent, set: silent, remove: silent };
		const clock = openVirtualClock();
		const asked = Array.from({ length: 6 }, (_, n) =>
			openVault({
				clock,
				patienceMs: n < 3 ? 1_000 : 2_000,
				env: { XDG_DATA_HOME: folder },
				load: async () => ok(store),
			}),
		);
		await clock.pass(3_000);
		const codes = (await Promise.all(asked)).map(({ why }) => why?.code);
		expect(codes).toEqual(Array(6).fill("vault.locked"));
		expect(calls).toBe(1);
	});

	test("another store has a queue of its own", async () => {
		const { why } = await open(ok(openFakeKeychain()));
		expect(why).toBeNull();
	});
});

describe("what keytar says", () => {
	// The texts were seen from libsecret 0.20 and GLib; macOS' and Windows' are those of their own documentation.
	test.each<[string, FaultCode]>([
		["Cannot autolaunch D-Bus without X11 $DISPLAY", "vault.missing"],
		["Could not connect: No such file or directory", "vault.missing"],
		["The given address is empty", "vault.missing"],
		[
			"The name org.freedesktop.secrets was not provided by any .service files",
			"vault.missing",
		],
		[
			"Object does not exist at path “/org/freedesktop/secrets/collection/login”",
			"vault.locked",
		],
		["Cannot create an item in a locked collection", "vault.locked"],
		["User interaction is not allowed.", "vault.locked"],
		[
			"The user name or passphrase you entered is not correct.",
			"vault.refused",
		],
		["The stub received bad data", "vault.refused"],
	])("%s", (words, code) => {
		expect(keychainFault(new Error(words)).code).toBe(code);
	});

	test("nothing that could be of a key is passed on, nor control characters, nor very much", () => {
		const secret = noise("secret", 3_000);
		const why = keychainFault(
			new Error(`cannot store ${secret}\n\u0007 -----BEGIN PRIVATE KEY-----`),
		);
		const told = JSON.stringify(why);
		expect(told).toContain("cannot store (masked)");
		for (let at = 0; at < 2_900; at += 100)
			expect(told).not.toContain(secret.slice(at, at + 24));
		expect(told).not.toMatch(/\\n|\\u0007/);
		expect(why.evidence?.notes?.join().length).toBeLessThanOrEqual(200);
	});
});

describe("a keyring without a password", () => {
	const keyring = (name: string, content: string): void => {
		mkdirSync(join(folder, "keyrings"), { recursive: true });
		writeFileSync(join(folder, "keyrings", name), content);
	};
	const env = { XDG_DATA_HOME: folder };

	test("is seen by its file, under the name that is the default", () => {
		expect(isPlainKeyring(env)).toBe(false);
		keyring("login.keyring", "GnomeKeyring\n\r\0\n");
		expect(isPlainKeyring(env)).toBe(false);
		keyring("login.keyring", "[keyring]\ndisplay-name=Login\n");
		expect(isPlainKeyring(env)).toBe(true);
		keyring("default", "work\n");
		expect(isPlainKeyring(env)).toBe(false);
		keyring("work.keyring", "[keyring]\n");
		expect(isPlainKeyring(env)).toBe(true);
		keyring("default", "../keyrings/work");
		keyring("login.keyring", "");
		expect(isPlainKeyring(env)).toBe(false);
	});
});

test("an answer that means nothing is asked for once more, one that means something is told at once", async () => {
	const asking = (...errors: string[]) => {
		let asked = 0;
		const answer = told(async () => {
			const error = errors[asked++];
			if (error !== undefined) throw new Error(error);
			return "secret";
		}).catch((why: FaultError) => why.fault.code);
		return answer.then((said) => [said, asked]);
	};
	expect(await asking("assertion '!task->ever_returned' failed")).toEqual([
		"secret",
		2,
	]);
	expect(await asking("odd", "odd")).toEqual(["vault.refused", 2]);
	expect(await asking("The collection is locked")).toEqual(["vault.locked", 1]);
});
