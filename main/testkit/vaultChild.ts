// A process of its own that uses the real keychain: given steps as JSON it prints what each answered, one JSON object a line.
// With VAULT_KILL_AFTER it is killed by SIGKILL in place of the change after that many.
import type { Clock } from "../../shared/clock.ts";
import { systemClock } from "../../shared/clock.ts";
import type { Result } from "../../shared/fault.ts";
import { ok } from "../../shared/fault.ts";
import type { Vault } from "../core/ports.ts";
import type { KeychainStore } from "../vault/keychainStore.ts";
import { loadKeychain } from "../vault/keychainStore.ts";
import { openVault } from "../vault/open.ts";
import { someIdentity } from "./vaultConformance.ts";

/** What a child can be told to do; `set` takes the name and the size of a made-up identity. */
export type Step =
	| readonly ["state" | "list" | "why" | "changes"]
	| readonly ["get" | "remove", string]
	| readonly ["set", string, string, number];

const {
	VAULT_KILL_AFTER,
	VAULT_AHEAD_MS = "0",
	VAULT_PATIENCE_MS = "20000",
} = process.env;
const most =
	VAULT_KILL_AFTER === undefined
		? Number.POSITIVE_INFINITY
		: Number(VAULT_KILL_AFTER);
let changes = 0;

/** Counts changes, and dies where it was told to. */
function mortal(store: KeychainStore): KeychainStore {
	const change = (): void => {
		if (changes >= most) process.kill(process.pid, "SIGKILL");
		changes++;
	};
	return {
		get: store.get,
		set(account, text) {
			change();
			return store.set(account, text);
		},
		remove(account) {
			change();
			return store.remove(account);
		},
	};
}

async function load(): Promise<Result<KeychainStore>> {
	const store = await loadKeychain();
	return store.ok ? ok(mortal(store.value)) : store;
}

const real = systemClock();
const clock: Clock = {
	...real,
	wallMs: () => real.wallMs() + Number(VAULT_AHEAD_MS),
};

function take(vault: Vault, step: Step): Promise<unknown> {
	switch (step[0]) {
		case "set":
			return vault.set(step[1], someIdentity(step[2], step[3]));
		case "get":
			return vault.get(step[1]);
		case "remove":
			return vault.remove(step[1]);
		case "list":
			return vault.list();
		case "changes":
			return Promise.resolve(changes);
		case "state":
			return vault.state();
		case "why":
			return Promise.resolve(why);
	}
}

const { vault, why } = await openVault({
	clock,
	patienceMs: Number(VAULT_PATIENCE_MS),
	env: process.env,
	load,
});
for (const step of JSON.parse(process.argv[2] ?? "[]") as readonly Step[])
	process.stdout.write(`${JSON.stringify(await take(vault, step))}\n`);
