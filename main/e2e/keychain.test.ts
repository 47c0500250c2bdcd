// The keychain vault through keytar against a real Secret Service: gnome-keyring on a D-Bus session of its own. The same
// rules on a keychain in memory, and everything that can be damaged, are in main/vault/keychain.test.ts.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import type { Fault, Result } from "../../shared/fault.ts";
import type { Identity, ListedIdentity, VaultState } from "../core/ports.ts";
import type {
	KeyringSession,
	KeyringState,
} from "../testkit/keyringSession.ts";
import {
	NO_SECRET_SERVICE,
	openKeyringSession,
} from "../testkit/keyringSession.ts";
import type { Step } from "../testkit/vaultChild.ts";
import {
	noise,
	someIdentity,
	vaultConformance,
} from "../testkit/vaultConformance.ts";
import { openVault } from "../vault/open.ts";

const CHILD = fileURLToPath(
	new URL("../testkit/vaultChild.ts", import.meta.url),
);
const OVER_MS = 601_000;

interface Ended {
	readonly signal: string | null;
	readonly code: number | null;
	readonly answers: readonly unknown[];
	readonly said: string;
}

/** Runs steps in a process of its own. */
async function child(
	env: Readonly<Record<string, string>>,
	steps: readonly Step[],
	more: Readonly<Record<string, string>> = {},
	onAnswer: () => void = () => {},
): Promise<Ended> {
	const one = spawn(process.execPath, [CHILD, JSON.stringify(steps)], {
		env: { ...env, ...more },
		stdio: ["ignore", "pipe", "pipe"],
	});
	let out = "";
	let err = "";
	one.stdout.on("data", (chunk) => {
		out += chunk;
		onAnswer();
	});
	one.stderr.on("data", (chunk) => {
		err += chunk;
	});
	const [code, signal] = await once(one, "close");
	const answers = out
		.split("\n")
		.filter((line) => line !== "")
		.map((line): unknown => JSON.parse(line));
	return { signal, code, answers, said: out + err };
}

/** Runs steps that must all be answered. */
async function answers(
	env: Readonly<Record<string, string>>,
	steps: readonly Step[],
	more: Readonly<Record<string, string>> = {},
): Promise<readonly unknown[]> {
	const ended = await child(env, steps, more);
	expect(ended, ended.said).toMatchObject({ code: 0, signal: null });
	return ended.answers;
}

if (NO_SECRET_SERVICE !== null)
	console.log(`main/e2e/keychain.test.ts is skipped: ${NO_SECRET_SERVICE}`);

describe.skipIf(NO_SECRET_SERVICE !== null)("a real Secret Service", () => {
	let session: KeyringSession;
	beforeAll(async () => {
		session = await openKeyringSession();
		// keytar looks for the bus at its first use, which is in a test below.
		Object.assign(process.env, session.env);
	});
	afterAll(() => session.stop());

	describe("the suite of all vaults", () => {
		vaultConformance(async () => {
			const { vault, why } = await openVault({
				clock: systemClock(),
				patienceMs: 20_000,
				env: session.env,
			});
			expect(why).toBeNull();
			const rows = await vault.list();
			for (const { profile } of rows.ok ? rows.value : [])
				await vault.remove(profile);
			return vault;
		});
	});

	test("64 KB and several profiles are there for the next process, and for the next start of the keyring", async () => {
		const own = await openKeyringSession();
		try {
			await answers(own.env, [
				["set", "prod", "prod", 64_000],
				["set", "lab", "lab", 64_000],
				["set", "edge", "edge", 10],
			]);
			await own.restart("unlocked");
			const [prod, list] = await answers(own.env, [["get", "prod"], ["list"]]);
			expect(prod).toEqual({ ok: true, value: someIdentity("prod") });
			expect(
				(list as { value: ListedIdentity[] }).value.map(
					({ profile }) => profile,
				),
			).toEqual(["edge", "lab", "prod"]);
		} finally {
			await own.stop();
		}
	});

	test("killed by SIGKILL between any two changes: the old or the new identity whole, and nothing is left over", async () => {
		// Its file can be read, so that left-over parts are seen from outside.
		const own = await openKeyringSession("plain");
		try {
			const [, counted] = await answers(own.env, [
				["set", "prod", "old", 3_000],
				["changes"],
			]);
			const [, replaced] = await answers(own.env, [
				["set", "prod", "new", 5_000],
				["changes"],
				["set", "prod", "old", 3_000],
			]);
			expect(Number(counted)).toBeGreaterThan(5);
			const seen = new Set<string>();
			for (let most = 0; most < Number(replaced); most++) {
				const killed = await child(own.env, [["set", "prod", "new", 5_000]], {
					VAULT_KILL_AFTER: `${most}`,
				});
				expect(killed.signal, killed.said).toBe("SIGKILL");
				const [got] = (await answers(own.env, [["get", "prod"]], {
					VAULT_AHEAD_MS: `${OVER_MS}`,
				})) as [Result<Identity>];
				expect(got.ok, `after ${most}`).toBe(true);
				if (!got.ok) return;
				const name = got.value.facts.subject.replace("CN=", "");
				expect(got.value).toEqual(
					someIdentity(name, name === "old" ? 3_000 : 5_000),
				);
				seen.add(name);
				const generations = own
					.accounts()
					.flatMap((account) => /^prod\/(.+)\/\d+$/.exec(account)?.[1] ?? []);
				expect(new Set(generations).size, `after ${most}`).toBe(1);
				if (name === "new")
					await answers(own.env, [["set", "prod", "old", 3_000]]);
			}
			expect([...seen]).toEqual(["old", "new"]);
		} finally {
			await own.stop();
		}
	});

	test("removal is seen by the next process", async () => {
		const [removed, got, again] = await answers(session.env, [
			["remove", "nobody"],
			["get", "nobody"],
			["remove", "nobody"],
		]);
		for (const one of [removed, got, again])
			expect(one).toMatchObject({ fault: { code: "identity.absent" } });
	});
});

describe.skipIf(NO_SECRET_SERVICE !== null)(
	"a keychain that cannot be used is named",
	() => {
		const STEPS: readonly Step[] = [
			["why"],
			["state"],
			["get", "prod"],
			["set", "prod", "new", 100],
			["remove", "prod"],
			["list"],
		];

		async function within(
			state: KeyringState,
			look: (session: KeyringSession) => Promise<void>,
		): Promise<void> {
			const session = await openKeyringSession(state);
			try {
				await look(session);
			} finally {
				await session.stop();
			}
		}

		test("vault.locked: a keyring with identities in it that was not unlocked; unlocked, they are back", () =>
			within("unlocked", async (session) => {
				await answers(session.env, [["set", "prod", "old", 3_000]]);
				await session.restart("locked");
				const [why, ...rest] = await answers(session.env, STEPS);
				expect(why).toMatchObject({ code: "vault.locked" });
				for (const one of rest)
					expect(one).toMatchObject({ fault: { code: "vault.locked" } });
				await session.restart("unlocked");
				expect(await answers(session.env, [["get", "prod"]])).toEqual([
					{ ok: true, value: someIdentity("old", 3_000) },
				]);
			}));

		test("vault.locked: no login keyring was ever made", () =>
			within("locked", async ({ env }) => {
				const [why, state] = await answers(env, STEPS);
				expect(why).toMatchObject({ code: "vault.locked" });
				expect(state).toMatchObject({ fault: { code: "vault.locked" } });
			}));

		test("vault.locked: a keychain that does not answer is not waited for", () =>
			within("unlocked", async (session) => {
				session.freeze();
				// Its process ends only once the keyring goes on, which is after it has said what it thinks of it.
				const { answers: told } = await child(
					session.env,
					[["why"]],
					{ VAULT_PATIENCE_MS: "300" },
					session.thaw,
				);
				expect(told).toMatchObject([
					{
						code: "vault.locked",
						sentence: expect.stringMatching(/not answer/),
					},
				]);
			}));

		test("unprotected: a keyring whose file is plain text works, and says so", () =>
			within("plain", async ({ env }) => {
				const [why, state, stored, got] = await answers(env, [
					["why"],
					["state"],
					["set", "prod", "new", 100],
					["get", "prod"],
				]);
				expect(why).toBeNull();
				expect((state as { value: VaultState }).value.kind).toBe("unprotected");
				expect(stored).toEqual({ ok: true });
				expect(got).toMatchObject({ ok: true });
			}));

		test.each([
			["no bus", "unix:path=/nonexistent/bus"],
			["no address of a bus", ""],
		])(
			"vault.missing: %s; identities are kept in memory then, and it says so",
			async (_, address) => {
				const [why, state, stored, got] = await answers(
					{ PATH: "/usr/bin:/bin", DBUS_SESSION_BUS_ADDRESS: address },
					[["why"], ["state"], ["set", "prod", "new", 100], ["get", "prod"]],
				);
				expect((why as Fault).code).toBe("vault.missing");
				expect(state).toMatchObject({ value: { kind: "session" } });
				expect(stored).toEqual({ ok: true });
				expect(got).toMatchObject({ ok: true });
			},
		);

		test("no answer and no error holds a piece of the key", () =>
			within("locked", async ({ env }) => {
				const { said } = await child(env, STEPS);
				expect(said).not.toContain(noise("new", 20));
			}));
	},
);
