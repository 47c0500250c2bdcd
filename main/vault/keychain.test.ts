// The keychain vault on a keychain in memory: the suite of all vaults, a cut at every change, and everything that can be
// wrong with what is stored. The same against a real Secret Service is in main/e2e/keychain.test.ts.
import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import type { Vault } from "../core/ports.ts";
import type { FakeKeychain } from "../testkit/fakeKeychain.ts";
import { Killed, openFakeKeychain } from "../testkit/fakeKeychain.ts";
import {
	noise,
	someIdentity,
	vaultConformance,
} from "../testkit/vaultConformance.ts";
import { openVirtualClock } from "../testkit/virtualClock.ts";
import { openKeychainVault } from "./keychain.ts";
import type { KeychainStore } from "./keychainStore.ts";

const clock = openVirtualClock();
const PATIENCE_MS = 5_000;
const open = (store: KeychainStore, isUnprotected = false): Vault =>
	openKeychainVault({
		store,
		clock,
		patienceMs: PATIENCE_MS,
		isUnprotected: () => isUnprotected,
	});
/** Longer than a writer that was cut off is waited for. */
const later = (): void => clock.advance(601_000);
const oldOne = someIdentity("old", 7_000);
const newOne = someIdentity("new", 9_000);
const parts = ({ entries }: FakeKeychain): string[] =>
	[...entries.keys()].filter((account) => /\/\d+$/.test(account));
const code = (result: Awaited<ReturnType<Vault["get"]>>): string =>
	result.ok ? "ok" : result.fault.code;

describe("on a keychain that works", () => {
	vaultConformance(() => open(openFakeKeychain()));

	test("it says that it is the keychain, and when that has no password", async () => {
		expect(await open(openFakeKeychain()).state()).toMatchObject({
			value: { kind: "keychain" },
		});
		expect(await open(openFakeKeychain(), true).state()).toMatchObject({
			value: { kind: "unprotected", sentence: /no password/ },
		});
	});

	test("no entry is longer than the smallest keychain takes, and none holds a piece of the key as it is", async () => {
		const keychain = openFakeKeychain();
		await open(keychain).set("prod", someIdentity("prod"));
		for (const text of keychain.entries.values())
			expect(text.length).toBeLessThanOrEqual(2_000);
		expect([...keychain.entries.values()].join()).not.toContain(
			noise("prod", 30),
		);
		expect(parts(keychain).length).toBeGreaterThan(20);
	});

	test("replaced and removed leave no parts behind", async () => {
		const keychain = openFakeKeychain();
		const vault = open(keychain);
		await vault.set("prod", someIdentity("prod"));
		await vault.set("prod", newOne);
		expect(parts(keychain).length).toBeLessThan(8);
		await vault.remove("prod");
		expect([...keychain.entries.keys()]).toEqual([".profiles"]);
	});

	test("an identity that is too large is identity.invalid, and nothing is written", async () => {
		const keychain = openFakeKeychain();
		const result = await open(keychain).set(
			"prod",
			someIdentity("prod", 1_400_000),
		);
		expect(result).toMatchObject({ fault: { code: "identity.invalid" } });
		expect(keychain.changes).toBe(0);
	});

	test("the twenty-sixth profile is vault.refused with what to do; replacing one is not", async () => {
		const vault = open(openFakeKeychain());
		const name = (n: number): string => `${n}`.padEnd(64, "p");
		for (let n = 0; n < 25; n++)
			expect((await vault.set(name(n), someIdentity("x", 10))).ok).toBe(true);
		expect(await vault.set("more", someIdentity("x", 10))).toMatchObject({
			fault: { code: "vault.refused", nextStep: /identity remove/ },
		});
		expect((await vault.set(name(3), newOne)).ok).toBe(true);
	});
});

describe("cut off at any change", () => {
	/** How many changes the whole of `work` makes. */
	async function changesOf(
		prepare: (vault: Vault) => Promise<unknown>,
		work: (vault: Vault) => Promise<unknown>,
	): Promise<number> {
		const keychain = openFakeKeychain();
		await prepare(open(keychain));
		const before = keychain.changes;
		await work(open(keychain));
		return keychain.changes - before;
	}

	/** Runs `work` cut off after every number of changes; `look` sees what another process finds then. */
	async function cutEverywhere(
		prepare: (vault: Vault) => Promise<unknown>,
		work: (vault: Vault) => Promise<unknown>,
		look: (vault: Vault, cutAfter: number) => Promise<void>,
	): Promise<void> {
		const all = await changesOf(prepare, work);
		expect(all).toBeGreaterThan(5);
		for (let most = 0; most < all; most++) {
			const keychain = openFakeKeychain();
			await prepare(open(keychain));
			await expect(
				work(open(keychain.killedAfter(most))),
			).rejects.toBeInstanceOf(Killed);
			await look(open(keychain), most);
			later();
			const vault = open(keychain);
			expect((await vault.state()).ok).toBe(true);
			const got = await vault.get("prod");
			const wanted = got.ok ? currentParts(keychain) : 0;
			expect(parts(keychain).length, `left over after ${most}`).toBe(wanted);
		}
	}

	const currentParts = ({ entries }: FakeKeychain): number =>
		JSON.parse(entries.get("prod") ?? "").parts;

	test("a replacement is the old or the new identity whole, and what is left over is tidied", async () => {
		const seen = new Set<string>();
		await cutEverywhere(
			(vault) => vault.set("prod", oldOne),
			(vault) => vault.set("prod", newOne),
			async (vault) => {
				const got = await vault.get("prod");
				expect(got.ok).toBe(true);
				if (got.ok) seen.add(got.value.facts.subject);
				expect([oldOne, newOne]).toContainEqual(got.ok ? got.value : null);
			},
		);
		expect([...seen]).toEqual(["CN=old", "CN=new"]);
	});

	test("a first identity is absent until its last entry is written", async () => {
		const seen = new Set<string>();
		await cutEverywhere(
			async () => {},
			(vault) => vault.set("prod", newOne),
			async (vault) => {
				const got = await vault.get("prod");
				seen.add(code(got));
				if (got.ok) expect(got.value).toEqual(newOne);
			},
		);
		expect([...seen]).toEqual(["identity.absent"]);
	});

	test("a removal is the identity whole or none", async () => {
		const seen = new Set<string>();
		await cutEverywhere(
			(vault) => vault.set("prod", oldOne),
			(vault) => vault.remove("prod"),
			async (vault) => {
				const got = await vault.get("prod");
				seen.add(code(got));
				if (got.ok) expect(got.value).toEqual(oldOne);
			},
		);
		expect([...seen]).toEqual(["ok", "identity.absent"]);
	});

	test("the next import works at once, whatever was left over", async () => {
		await cutEverywhere(
			(vault) => vault.set("prod", oldOne),
			(vault) => vault.set("prod", newOne),
			async (vault) => {
				const third = someIdentity("third", 5_000);
				expect((await vault.set("prod", third)).ok).toBe(true);
				expect(await vault.get("prod")).toEqual({ ok: true, value: third });
			},
		);
	});

	test("the other profiles are never touched", async () => {
		await cutEverywhere(
			async (vault) => {
				await vault.set("lab", someIdentity("lab", 10));
				await vault.remove("lab");
				await vault.set("prod", oldOne);
			},
			(vault) => vault.set("prod", newOne),
			async (vault) => {
				expect(await vault.list()).toMatchObject({
					ok: true,
					value: [{ profile: "prod", fault: null }],
				});
			},
		);
	});
});

describe("two processes", () => {
	test("writing at once: the last head wins, whole, and the loser's parts are tidied", async () => {
		const keychain = openFakeKeychain();
		await open(keychain).set("prod", oldOne);
		const [one, two] = [open(keychain), open(keychain)];
		const done = await Promise.all([
			one.set("prod", newOne),
			two.set("prod", someIdentity("other", 6_000)),
		]);
		expect(done.map(({ ok }) => ok)).toEqual([true, true]);
		const got = await open(keychain).get("prod");
		expect([newOne, someIdentity("other", 6_000)]).toContainEqual(
			got.ok ? got.value : null,
		);
		later();
		await open(keychain).state();
		expect(parts(keychain).length).toBe(
			JSON.parse(keychain.entries.get("prod") ?? "").parts,
		);
		expect((await open(keychain).get("prod")).ok).toBe(true);
	});

	test("read while it is replaced as a whole in between is the new one, not damaged", async () => {
		const keychain = openFakeKeychain();
		await open(keychain).set("prod", oldOne);
		let isReplaced = false;
		const slow: KeychainStore = {
			...keychain,
			async get(account) {
				if (account.endsWith("/0") && !isReplaced) {
					isReplaced = true;
					await open(keychain).set("prod", newOne);
				}
				return keychain.get(account);
			},
		};
		expect(await open(slow).get("prod")).toEqual({ ok: true, value: newOne });
	});

	test("the parts of an identity that the journal lost are removed when it is replaced", async () => {
		const keychain = openFakeKeychain();
		await open(keychain).set("prod", oldOne);
		keychain.entries.delete("prod/journal");
		await open(keychain).set("prod", newOne);
		expect(parts(keychain).length).toBe(
			JSON.parse(keychain.entries.get("prod") ?? "").parts,
		);
	});

	test("starting beside a writer: parts that are being written are left alone", async () => {
		const keychain = openFakeKeychain();
		await expect(
			open(keychain.killedAfter(5)).set("prod", newOne),
		).rejects.toBeInstanceOf(Killed);
		const before = parts(keychain).length;
		expect(before).toBeGreaterThan(0);
		await open(keychain).state();
		expect(parts(keychain).length).toBe(before);
	});

	test("read while it is replaced is the one or the other", async () => {
		const keychain = openFakeKeychain();
		await open(keychain).set("prod", oldOne);
		const writing = open(keychain).set("prod", newOne);
		for (let n = 0; n < 20; n++)
			expect([oldOne, newOne]).toContainEqual(
				await open(keychain)
					.get("prod")
					.then((got) => (got.ok ? got.value : got.fault)),
			);
		await writing;
	});
});

describe("an entry that is not as it was stored is vault.damaged, and nothing is lost", () => {
	const head = (keychain: FakeKeychain) =>
		JSON.parse(keychain.entries.get("prod") ?? "");
	const firstPart = (keychain: FakeKeychain): string =>
		`prod/${head(keychain).generation}/0`;
	const put = (keychain: FakeKeychain, text: string): void => {
		const { generation } = head(keychain);
		const sha256 = createHash("sha256").update(text).digest("hex");
		keychain.entries.set(`prod/${generation}/0`, text);
		keychain.entries.set(
			"prod",
			JSON.stringify({ version: 1, generation, parts: 1, sha256 }),
		);
	};
	const json = (value: unknown): string =>
		deflateSync(JSON.stringify(value)).toString("base64");

	test.each<[string, (keychain: FakeKeychain) => unknown]>([
		["a part is missing", (k) => k.entries.delete(firstPart(k))],
		["a part was changed", (k) => k.entries.set(firstPart(k), "AAAA")],
		["the head is no JSON", (k) => k.entries.set("prod", "hello")],
		["the head is of another form", (k) => k.entries.set("prod", "{}")],
		[
			"the head's generation leads elsewhere",
			(k) =>
				k.entries.set(
					"prod",
					JSON.stringify({ ...head(k), generation: "../../lab" }),
				),
		],
		[
			"the head asks for very many parts",
			(k) => k.entries.set("prod", JSON.stringify({ ...head(k), parts: 1e9 })),
		],
		[
			"the hash is another",
			(k) =>
				k.entries.set(
					"prod",
					JSON.stringify({ ...head(k), sha256: "0".repeat(64) }),
				),
		],
		["it is not base64", (k) => put(k, "%%%%")],
		["it does not inflate", (k) => put(k, "AAAAAAAA")],
		[
			"it inflates to very much, which would be an identity",
			(k) =>
				put(
					k,
					deflateSync(
						JSON.stringify({ version: 1, ...oldOne }) + " ".repeat(2 ** 25),
					).toString("base64"),
				),
		],
		["it is no JSON", (k) => put(k, deflateSync("{").toString("base64"))],
		["it is no identity", (k) => put(k, json({ version: 1 }))],
		[
			"it is of a later version",
			(k) => put(k, json({ version: 2, ...oldOne })),
		],
	])("%s", async (_, damage) => {
		const keychain = openFakeKeychain();
		const vault = open(keychain);
		await vault.set("lab", someIdentity("lab", 10));
		await vault.set("prod", oldOne);
		damage(keychain);
		const before = new Map(keychain.entries);

		const got = await vault.get("prod");
		expect(got).toMatchObject({
			fault: { code: "vault.damaged", nextStep: /Import the identity again/ },
		});
		expect(JSON.stringify(got)).not.toContain(noise("old", 20));
		later();
		await open(keychain).state();
		expect(keychain.entries).toEqual(before);
		// It is listed with its fault, hides no other, and can be replaced and removed.
		expect(await vault.list()).toMatchObject({
			value: [
				{ profile: "lab", fault: null },
				{ profile: "prod", facts: null, fault: { code: "vault.damaged" } },
			],
		});
		expect((await vault.set("prod", newOne)).ok).toBe(true);
		expect(await vault.get("prod")).toEqual({ ok: true, value: newOne });
		damage(keychain);
		expect((await vault.remove("prod")).ok).toBe(true);
		expect(code(await vault.get("prod"))).toBe("identity.absent");
	});

	test("a lost index fills again with the profiles that are used", async () => {
		const keychain = openFakeKeychain();
		const vault = open(keychain);
		await vault.set("prod", oldOne);
		keychain.entries.set(".profiles", "hello");
		expect(code((await vault.list()) as never)).toBe("vault.damaged");
		expect(await vault.get("prod")).toEqual({ ok: true, value: oldOne });
		expect(await vault.list()).toMatchObject({
			value: [{ profile: "prod" }],
		});
	});

	test("a keychain that alters what it is given is vault.refused, and the old identity stays", async () => {
		const keychain = openFakeKeychain();
		await open(keychain).set("prod", oldOne);
		const altering: KeychainStore = {
			...keychain,
			set: (account, text) =>
				keychain.set(account, /\/0$/.test(account) ? text.slice(0, 100) : text),
		};
		expect(await open(altering).set("prod", newOne)).toMatchObject({
			fault: { code: "vault.refused" },
		});
		expect(await open(keychain).get("prod")).toEqual({
			ok: true,
			value: oldOne,
		});
	});
});

describe("locked", () => {
	test("everything is vault.locked, nothing is taken for absent or damaged, and unlocked all is back", async () => {
		const keychain = openFakeKeychain();
		const vault = open(keychain);
		await vault.set("prod", oldOne);
		keychain.isLocked = true;
		const answers = [
			await vault.state(),
			await vault.get("prod"),
			await vault.get("none"),
			await vault.set("prod", newOne),
			await vault.remove("prod"),
			await vault.list(),
		];
		for (const answer of answers)
			expect(answer).toMatchObject({ fault: { code: "vault.locked" } });
		keychain.isLocked = false;
		expect(await vault.get("prod")).toEqual({ ok: true, value: oldOne });
	});

	test("locked in the middle of a read: vault.locked, not damaged", async () => {
		const keychain = openFakeKeychain();
		await open(keychain).set("prod", oldOne);
		const locking: KeychainStore = {
			...keychain,
			get(account) {
				if (account.endsWith("/1")) keychain.isLocked = true;
				return keychain.get(account);
			},
		};
		expect(code(await open(locking).get("prod"))).toBe("vault.locked");
	});

	test("locked in the middle of a write: vault.locked, and the old identity stays", async () => {
		for (let most = 1; most < 8; most++) {
			const keychain = openFakeKeychain();
			await open(keychain).set("prod", oldOne);
			const end = keychain.changes + most;
			const locking: KeychainStore = {
				...keychain,
				set(account, text) {
					keychain.isLocked = keychain.changes >= end;
					return keychain.set(account, text);
				},
			};
			expect(await open(locking).set("prod", newOne)).toMatchObject({
				fault: { code: "vault.locked" },
			});
			keychain.isLocked = false;
			expect(await open(keychain).get("prod")).toEqual({
				ok: true,
				value: oldOne,
			});
		}
	});

	test("a keychain that does not answer is vault.locked after the patience, and what never began never does", async () => {
		const keychain = openFakeKeychain();
		const vault = open(keychain);
		await vault.set("prod", oldOne);
		keychain.isSilent = true;
		const asked = vault.get("prod");
		const queued = vault.set("prod", newOne);
		clock.advance(PATIENCE_MS + 1);
		const silent = { fault: { code: "vault.locked", sentence: /not answer/ } };
		expect(await asked).toMatchObject(silent);
		expect(await queued).toMatchObject(silent);
		keychain.isSilent = false;
		expect(await vault.get("prod")).toEqual({ ok: true, value: oldOne });
	});
});
