// What every vault must do, whatever it keeps identities in. Runs against a fresh, empty vault each time.
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Identity, Vault } from "../core/ports.ts";

/** Text that does not get smaller by compression, as keys do not; made up, and the same for the same name. */
export function noise(name: string, characters: number): string {
	let text = "";
	for (let n = 0; text.length < characters; n++)
		text += createHash("sha512").update(`${name} ${n}`).digest("base64");
	return text.slice(0, characters);
}

/** An identity that is large enough to need splitting where entries are small; its texts are made up. */
export const someIdentity = (name: string, characters = 64_000): Identity => ({
	certificateChain: `certificate of ${name}`,
	privateKey: noise(name, characters),
	ca: `authority of ${name}`,
	facts: {
		subject: `CN=${name}`,
		issuer: "CN=authority",
		fingerprint256: "AA:BB",
		names: [],
		keyKind: "Ed25519",
		validFrom: 1,
		expiresAt: 2,
		home: "a test",
	},
});

/** Names that no profile may have. */
export const BAD_NAMES = [
	"",
	" ",
	".",
	"..",
	".profiles",
	"-prod",
	"a/b",
	"../prod",
	"a\\b",
	"a\0b",
	"a\nb",
	"Prod",
	"prod ",
	"prüfung",
	"本番",
	"\u202Eprod",
	"\uD800",
	"p".repeat(65),
	"p".repeat(300),
	"prod/journal",
] as const;

type Open = () => Vault | Promise<Vault>;

/** Declares the suite for one kind of vault. */
export function vaultConformance(open: Open): void {
	sayingTests(open);
	keepingTests(open);
	removingTests(open);
}

function sayingTests(open: Open): void {
	test("it says whether it can keep anything, in a sentence", async () => {
		const vault = await open();
		const state = await vault.state();
		expect(state.ok && state.value.sentence.length).toBeGreaterThan(10);
	});

	test("an empty vault lists nothing", async () => {
		const vault = await open();
		expect(await vault.list()).toEqual({ ok: true, value: [] });
	});

	test("a name that no profile may have is profile.invalid, to everything, and nothing is kept", async () => {
		const vault = await open();
		const refused = { ok: false, fault: { code: "profile.invalid" } };
		for (const name of BAD_NAMES) {
			const identity = someIdentity("x", 10);
			expect(await vault.set(name, identity), name).toMatchObject(refused);
			expect(await vault.get(name), name).toMatchObject(refused);
			expect(await vault.remove(name), name).toMatchObject(refused);
		}
		expect(await vault.list()).toEqual({ ok: true, value: [] });
	});

	test("the names that look like a vault's own entries are profiles like others", async () => {
		const vault = await open();
		const names = [
			"0",
			"journal",
			"probe",
			"profiles",
			"a.b-c_d",
			"p".repeat(64),
		];
		for (const name of names)
			expect((await vault.set(name, someIdentity(name, 10))).ok).toBe(true);
		for (const name of names)
			expect(await vault.get(name)).toEqual({
				ok: true,
				value: someIdentity(name, 10),
			});
	});
}

function keepingTests(open: Open): void {
	test("what was set is had back whole, per profile", async () => {
		const vault = await open();
		await vault.set("prod", someIdentity("prod"));
		await vault.set("lab", someIdentity("lab"));
		expect(await vault.get("prod")).toEqual({
			ok: true,
			value: someIdentity("prod"),
		});
		expect(await vault.get("lab")).toEqual({
			ok: true,
			value: someIdentity("lab"),
		});
	});

	test("setting again replaces, by a smaller one and by a larger one", async () => {
		const vault = await open();
		for (const size of [64_000, 10, 8_000]) {
			await vault.set("prod", someIdentity(`of ${size}`, size));
			expect(await vault.get("prod")).toEqual({
				ok: true,
				value: someIdentity(`of ${size}`, size),
			});
		}
	});

	test("text of any kind comes back as it was", async () => {
		const vault = await open();
		const identity = {
			...someIdentity("prod", 10),
			ca: "\u0000 \u202E ü 本番 \r\n “\\”",
		};
		await vault.set("prod", identity);
		expect(await vault.get("prod")).toEqual({ ok: true, value: identity });
	});

	test("what is asked at once is done in turn", async () => {
		const vault = await open();
		const names = ["a", "b", "a", "b", "a"];
		await Promise.all(
			names.map((name, n) => vault.set(name, someIdentity(`${n}`, 3_000))),
		);
		expect(await vault.get("a")).toEqual({
			ok: true,
			value: someIdentity("4", 3_000),
		});
		expect(await vault.get("b")).toEqual({
			ok: true,
			value: someIdentity("3", 3_000),
		});
	});
}

function removingTests(open: Open): void {
	test("an absent profile is identity.absent, to get and to remove", async () => {
		const vault = await open();
		const absent = { ok: false, fault: { code: "identity.absent" } };
		expect(await vault.get("none")).toMatchObject(absent);
		expect(await vault.remove("none")).toMatchObject(absent);
	});

	test("removed is gone, and the list shows facts without keys", async () => {
		const vault = await open();
		await vault.set("prod", someIdentity("prod"));
		await vault.set("lab", someIdentity("lab"));
		expect((await vault.remove("prod")).ok).toBe(true);
		expect(await vault.get("prod")).toMatchObject({
			fault: { code: "identity.absent" },
		});
		const list = await vault.list();
		expect(list).toEqual({
			ok: true,
			value: [
				{ profile: "lab", facts: someIdentity("lab").facts, fault: null },
			],
		});
		expect(JSON.stringify(list)).not.toContain(noise("lab", 40));
	});

	test("removed and set again is there again", async () => {
		const vault = await open();
		await vault.set("prod", someIdentity("one", 5_000));
		await vault.remove("prod");
		await vault.set("prod", someIdentity("two", 10));
		expect(await vault.get("prod")).toEqual({
			ok: true,
			value: someIdentity("two", 10),
		});
	});
}
