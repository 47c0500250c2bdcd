// What every vault must do, whatever it keeps identities in. Runs against a fresh, empty vault each time.
import { expect, test } from "vitest";
import type { Identity, Vault } from "../core/ports.ts";

/** An identity that is large enough to need splitting where entries are small; its texts are made up. */
export const someIdentity = (name: string, characters = 64_000): Identity => ({
	certificateChain: `certificate of ${name}`,
	privateKey: "k".repeat(characters),
	ca: `authority of ${name}`,
	facts: {
		subject: `CN=${name}`,
		issuer: "CN=authority",
		fingerprint256: "AA:BB",
		validFrom: 1,
		expiresAt: 2,
		home: "a test",
	},
});

/** Declares the suite for one kind of vault. */
export function vaultConformance(open: () => Vault): void {
	test("it says whether it can keep anything, in a sentence", async () => {
		const state = await open().state();
		expect(state.ok && state.value.sentence.length).toBeGreaterThan(10);
	});

	test("what was set is had back whole, per profile", async () => {
		const vault = open();
		await vault.set("prod", someIdentity("prod"));
		await vault.set("lab", someIdentity("lab"));
		expect(await vault.get("prod")).toEqual({
			ok: true,
			value: someIdentity("prod"),
		});
		expect(await vault.get("lab")).toMatchObject({
			ok: true,
			value: { facts: { subject: "CN=lab" } },
		});
	});

	test("setting again replaces", async () => {
		const vault = open();
		await vault.set("prod", someIdentity("old"));
		await vault.set("prod", someIdentity("new", 10));
		expect(await vault.get("prod")).toEqual({
			ok: true,
			value: someIdentity("new", 10),
		});
	});

	test("an absent profile is identity.absent, to get and to remove", async () => {
		const vault = open();
		expect(await vault.get("none")).toMatchObject({
			ok: false,
			fault: { code: "identity.absent" },
		});
		expect(await vault.remove("none")).toMatchObject({
			ok: false,
			fault: { code: "identity.absent" },
		});
	});

	test("removed is gone, and the list shows facts without keys", async () => {
		const vault = open();
		await vault.set("prod", someIdentity("prod"));
		await vault.set("lab", someIdentity("lab"));
		expect((await vault.remove("prod")).ok).toBe(true);
		const list = await vault.list();
		expect(list).toMatchObject({
			ok: true,
			value: [{ profile: "lab", facts: { subject: "CN=lab" } }],
		});
		expect(JSON.stringify(list)).not.toContain("kkkk");
	});
}
