// What a window may do with identities: what it is told, what it never gets, and what it cannot do without a person.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { contract } from "../../../shared/contract.ts";
import type { Fault } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";
import { createTestAuthority } from "../../testkit/certificates.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import type { Identity, Vault } from "../ports.ts";
import { openIdentityDesk } from "./desk.ts";
import { identityHandlers } from "./deskCommands.ts";
import { readIdentity } from "./fromFiles.ts";
import { identityNotes } from "./notes.ts";

const folder = mkdtempSync(join(tmpdir(), "foredeck-desk-"));
afterAll(() => rmSync(folder, { recursive: true }));
const file = (name: string, text: string): string => {
	writeFileSync(join(folder, name), text);
	return join(folder, name);
};
const root = createTestAuthority("Root");
const client = root.issue({ commonName: "me", purpose: "client" });
const old = root.issue({ purpose: "client", fromDays: -9, toDays: -1 });
const joint = file("me.pem", client.certPem + client.keyPem);
const whole = file("all.pem", client.certPem + client.keyPem + root.certPem);
const ca = file("ca.pem", root.certPem);
const locked = file(
	"locked.pem",
	client.certPem +
		root.certPem +
		client.key.export({
			type: "pkcs8",
			format: "pem",
			cipher: "aes-256-cbc",
			passphrase: "sesame",
		}),
);

/** As much of a vault as a desk uses. */
function smallVault(): Vault {
	const kept = new Map<string, Identity>();
	return {
		state: async () => ok({ kind: "session", sentence: "a test" }),
		async get(profile) {
			const identity = kept.get(profile);
			return identity ? ok(identity) : failed(fault("identity.absent"));
		},
		async set(profile, identity) {
			kept.set(profile, identity);
			return ok(undefined);
		},
		async remove(profile) {
			const wasThere = kept.delete(profile);
			return wasThere ? ok(undefined) : failed(fault("identity.absent"));
		},
		list: async () =>
			ok(
				[...kept].map(([profile, { facts }]) => ({
					profile,
					facts,
					fault: null,
				})),
			),
	};
}

const NO_ENV: Readonly<Record<string, string>> = {};

interface Wish {
	/** What the person chooses, dialog by dialog; null closes one. */
	readonly choose?: readonly (string | null)[];
	readonly secret?: string;
	readonly env?: Readonly<Record<string, string>>;
	readonly why?: Fault;
}

function stage({ choose, secret, env = NO_ENV, why }: Wish = {}) {
	// The certificates were made just now.
	const clock = openVirtualClock({ wallMs: Date.now() });
	const vault = smallVault();
	const titles: string[] = [];
	const questions: string[] = [];
	const changes: string[] = [];
	const forNow: Identity[] = [];
	let inUse: Identity | null = null;
	const answers = [...(choose ?? [])];
	const desk = openIdentityDesk({
		clock,
		openVault: async () => ({ vault, why: why ?? null }),
		profile: "prod",
		env,
		changed: () => changes.push("changed"),
		keepForNow: (one) => forNow.push(one),
		...(choose === undefined
			? {}
			: {
					dialogs: {
						async chooseFile(title) {
							titles.push(title);
							return answers.shift() ?? null;
						},
						askSecret:
							secret === undefined
								? null
								: async (question) => {
										questions.push(question);
										return secret;
									},
					},
				}),
	});
	const commands = identityHandlers(desk, () => inUse);
	const use = (one: Identity): void => {
		inUse = one;
	};
	return { clock, vault, titles, questions, changes, forNow, commands, use };
}
const codeOf = (answer: { ok: boolean; fault?: Fault }): string | undefined =>
	answer.fault?.code;

describe("an import", () => {
	test("takes the file of a dialog, asks for the authority where it lacks one, and stores it as the profile's", async () => {
		const { commands, vault, titles, changes } = stage({ choose: [joint, ca] });
		const answer = await commands["identity.import"]({});
		expect(answer).toMatchObject({
			ok: true,
			value: {
				imported: {
					subject: "CN=me",
					issuer: "CN=Root",
					keyKind: "ECDSA P-256",
					names: ["DNS:agent.fleet.test"],
					home: "OS keychain",
					notes: [],
				},
			},
		});
		expect(titles).toHaveLength(2);
		expect(changes).toEqual(["changed"]);
		expect((await vault.get("prod")).ok).toBe(true);
		// The contract is strict: whatever else would cross is refused by it.
		contract.commands["identity.import"].answer.parse(
			answer.ok ? answer.value : {},
		);
		expect(JSON.stringify(answer)).not.toMatch(/BEGIN|PRIVATE|foredeck-desk/);
	});

	test("of one whole file asks for no other", async () => {
		const { commands, titles } = stage({ choose: [whole] });
		expect((await commands["identity.import"]({})).ok).toBe(true);
		expect(titles).toHaveLength(1);
	});

	test("asks for a passphrase outside of the window, or names the command where nobody can be asked", async () => {
		const asked = stage({ choose: [locked], secret: "sesame" });
		expect((await asked.commands["identity.import"]({})).ok).toBe(true);
		const answer = await stage({ choose: [locked] }).commands[
			"identity.import"
		]({});
		expect(answer).toMatchObject({
			fault: {
				code: "identity.passphrase",
				nextStep: expect.stringMatching(/terminal.*foredeck identity import/),
			},
		});
	});

	test("asks once where the environment's passphrase is that of another file", async () => {
		const env = { FOREDECK_PASSPHRASE: "another" };
		const asked = stage({ choose: [locked], secret: "sesame", env });
		expect((await asked.commands["identity.import"]({})).ok).toBe(true);
		expect(asked.questions).toHaveLength(1);
		const wrong = stage({ choose: [locked], secret: "wrong too", env });
		expect(await wrong.commands["identity.import"]({})).toMatchObject({
			fault: { code: "identity.passphrase" },
		});
		expect(wrong.questions).toHaveLength(1);
		const opens = { FOREDECK_PASSPHRASE: "sesame" };
		const none = stage({ choose: [locked], secret: "unused", env: opens });
		expect((await none.commands["identity.import"]({})).ok).toBe(true);
		expect(none.questions).toEqual([]);
	});

	test("that the person gives up changes nothing", async () => {
		for (const choose of [[null], [joint, null]]) {
			const { commands, changes } = stage({ choose });
			const answer = await commands["identity.import"]({});
			expect(answer).toEqual({ ok: true, value: { imported: null } });
			expect(changes).toEqual([]);
		}
	});

	test("of an expired certificate is tls.client-expired, and what works stays", async () => {
		const path = file("old.pem", old.certPem + old.keyPem + root.certPem);
		const { commands, changes, vault } = stage({ choose: [path] });
		expect(codeOf(await commands["identity.import"]({}))).toBe(
			"tls.client-expired",
		);
		expect([changes, (await vault.get("prod")).ok]).toEqual([[], false]);
	});

	test("vault.missing: it is used from memory until Foredeck ends, and says so; vault.locked is refused", async () => {
		const none = stage({ choose: [whole], why: fault("vault.missing") });
		const answer = await none.commands["identity.import"]({});
		expect(answer).toMatchObject({
			value: { imported: { home: "memory, until Foredeck ends" } },
		});
		expect(none.forNow.map(({ facts }) => facts.subject)).toEqual(["CN=me"]);
		expect(none.changes).toEqual([]);
		const shut = stage({ choose: [whole], why: fault("vault.locked") });
		expect(codeOf(await shut.commands["identity.import"]({}))).toBe(
			"vault.locked",
		);
	});

	test("needs a dialog: a browser is sent to the command line", async () => {
		const { commands } = stage();
		expect(await commands["identity.import"]({})).toMatchObject({
			fault: { nextStep: expect.stringMatching(/foredeck identity import/) },
		});
		expect(
			contract.commands["identity.import"].question.safeParse({
				path: "/etc/passwd",
			}).success,
		).toBe(false);
	});
});

describe("a removal", () => {
	async function withOne() {
		const here = stage({ choose: [whole] });
		await here.commands["identity.import"]({});
		const offered = await here.commands["identity.offerRemoval"]({
			profile: "prod",
		});
		if (!offered.ok) throw new Error(offered.fault.sentence);
		return { ...here, ...offered.value };
	}

	test("asks with the identity's name and goes with the nonce that was given for it", async () => {
		const { commands, vault, nonce, sentence } = await withOne();
		expect(sentence).toMatch(/profile prod \(CN=me\)/);
		expect(
			await commands["identity.remove"]({ profile: "prod", nonce }),
		).toEqual({ ok: true, value: {} });
		expect((await vault.get("prod")).ok).toBe(false);
	});

	test("without a nonce, with another's, a second time or after a minute is refused", async () => {
		const { commands, clock, vault, nonce } = await withOne();
		const remove = async (profile: string, with_: string) =>
			codeOf(await commands["identity.remove"]({ profile, nonce: with_ }));
		expect(await remove("prod", "")).toBe("input.invalid");
		expect(await remove("prod", nonce)).toBe("input.invalid");
		const again = await commands["identity.offerRemoval"]({ profile: "prod" });
		const second = again.ok ? again.value.nonce : "";
		expect(second).not.toBe(nonce);
		expect(await remove("other", second)).toBe("input.invalid");
		const third = await commands["identity.offerRemoval"]({ profile: "prod" });
		clock.advance(60_001);
		expect(await remove("prod", third.ok ? third.value.nonce : "")).toBe(
			"input.invalid",
		);
		expect((await vault.get("prod")).ok).toBe(true);
	});

	test("of what is not there is identity.absent", async () => {
		const { commands } = stage();
		const answer = await commands["identity.offerRemoval"]({ profile: "no" });
		expect(codeOf(answer)).toBe("identity.absent");
	});
});

describe("the list", () => {
	test("has the one in use and those of the vault, where they live, and nothing of a key", async () => {
		const { commands, vault, use } = stage({ choose: [] });
		const identity = readIdentity({ cert: whole, key: whole, ca: null });
		if (!identity.ok) throw new Error(identity.fault.sentence);
		use(identity.value);
		await vault.set("prod", identity.value);
		const answer = await commands["identity.list"]({});
		if (!answer.ok) throw new Error(answer.fault.sentence);
		contract.commands["identity.list"].answer.parse(answer.value);
		expect(answer.value).toMatchObject({
			inUse: { subject: "CN=me", home: "files for this run" },
			stored: [{ profile: "prod", identity: { subject: "CN=me" } }],
			vault: { kind: "session" },
			canImport: true,
			canRemove: true,
		});
		expect(JSON.stringify(answer)).not.toMatch(/BEGIN|PRIVATE/);
	});

	test("says why the vault cannot be asked, and still shows the one in use", async () => {
		const { commands } = stage({ why: fault("vault.locked") });
		expect(await commands["identity.list"]({})).toMatchObject({
			value: { inUse: null, stored: [], fault: { code: "vault.locked" } },
		});
	});

	test("of the demo shows the one in use and can change nothing", async () => {
		const commands = identityHandlers(null, () => null);
		expect(await commands["identity.list"]({})).toMatchObject({
			value: { canImport: false, canRemove: false, fault: null },
		});
		for (const answer of [
			await commands["identity.import"]({}),
			await commands["identity.offerRemoval"]({ profile: "x" }),
			await commands["identity.remove"]({ profile: "x", nonce: "" }),
		])
			expect(codeOf(answer)).toBe("input.invalid");
	});
});

describe("notes", () => {
	const notesOf = (cert: string, key: string, authority: string) => {
		const path = file("noted.pem", cert + key);
		const own = file("noted-ca.pem", authority);
		const identity = readIdentity({ cert: path, key: path, ca: own });
		if (!identity.ok) throw new Error(identity.fault.sentence);
		return identityNotes(identity.value);
	};
	const middle = root.intermediate("Middle");
	const deep = middle.issue({ purpose: "client" });

	test("a whole chain has none", () => {
		expect(notesOf(client.certPem, client.keyPem, root.certPem)).toEqual([]);
		const chain = deep.certPem + middle.certPem;
		expect(notesOf(chain, deep.keyPem, root.certPem)).toEqual([]);
	});

	test("a missing intermediate is named", () => {
		expect(notesOf(deep.certPem, deep.keyPem, root.certPem)).toEqual([
			expect.stringMatching(/issuer \(CN=Middle\) is not among the files/),
		]);
	});
});
