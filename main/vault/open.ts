// Chooses where identities live: the OS keychain, or this process's memory where there is none. Never a file.
import type { Clock } from "../../shared/clock.ts";
import type { VaultChoice } from "../core/ports.ts";
import { openKeychainVault } from "./keychain.ts";
import type { loadKeychain as Load } from "./keychainStore.ts";
import { loadKeychain } from "./keychainStore.ts";
import { openMemoryVault } from "./memory.ts";
import { isPlainKeyring } from "./unprotected.ts";

export interface OpenVaultOptions {
	readonly clock: Clock;
	/** Milliseconds until a keychain that does not answer counts as locked. */
	readonly patienceMs: number;
	/** The process's environment. */
	readonly env: Readonly<Record<string, string | undefined>>;
	/** Where the keychain comes from; tests give another. */
	readonly load?: typeof Load;
}

/**
 * Opens the vault and asks it how it is; what a crash left in it is tidied by that. A locked keychain stays the choice, so
 * that it works once it is unlocked; only where there is none, memory is used, and `why` says why.
 */
export async function openVault({
	clock,
	patienceMs,
	env,
	load = loadKeychain,
}: OpenVaultOptions): Promise<VaultChoice> {
	const store = await load();
	if (!store.ok) return { vault: openMemoryVault(), why: store.fault };
	const vault = openKeychainVault({
		store: store.value,
		clock,
		patienceMs,
		isUnprotected: () => isPlainKeyring(env),
	});
	const state = await vault.state();
	if (state.ok) return { vault, why: null };
	return state.fault.code === "vault.missing"
		? { vault: openMemoryVault(), why: state.fault }
		: { vault, why: state.fault };
}
