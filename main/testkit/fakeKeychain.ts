// A keychain in memory that can be locked, fall silent, lose or alter entries, and be cut off after any number of changes, as
// a process is by SIGKILL. It behaves like a Secret Service as keytar shows it: locked, it reads as empty.
import { FaultError, fault } from "../../shared/fault.ts";
import type { KeychainStore } from "../vault/keychainStore.ts";

/** Thrown in place of everything a killed process would still have done. */
export class Killed extends Error {}

export interface FakeKeychain extends KeychainStore {
	readonly entries: Map<string, string>;
	isLocked: boolean;
	/** Answers nothing while true; what was asked goes on when it is false again. */
	isSilent: boolean;
	/** Changes (writes and removals that found something) so far. */
	readonly changes: number;
	/** The same entries as another process sees them, cut off after so many changes. */
	killedAfter(changes: number): KeychainStore;
}

export function openFakeKeychain(): FakeKeychain {
	const entries = new Map<string, string>();
	let changes = 0;
	let silent = false;
	let waiting: (() => void)[] = [];
	const answer = (): Promise<void> =>
		silent
			? new Promise((resolve) => {
					waiting.push(resolve);
				})
			: Promise.resolve();
	const keychain: FakeKeychain = {
		entries,
		isLocked: false,
		get isSilent() {
			return silent;
		},
		set isSilent(value) {
			silent = value;
			if (silent) return;
			for (const resume of waiting) resume();
			waiting = [];
		},
		get changes() {
			return changes;
		},
		async get(account) {
			await answer();
			return keychain.isLocked ? null : (entries.get(account) ?? null);
		},
		async set(account, text) {
			await answer();
			if (keychain.isLocked) throw new FaultError(fault("vault.locked"));
			// The smallest keychain's limit, Windows' 2,560 bytes.
			if (Buffer.byteLength(text) > 2_560 || text === "" || account === "")
				throw new FaultError(fault("vault.refused"));
			changes++;
			entries.set(account, text);
		},
		async remove(account) {
			await answer();
			if (keychain.isLocked || !entries.delete(account)) return false;
			changes++;
			return true;
		},
		killedAfter(most) {
			const end = changes + most;
			const alive = (): void => {
				if (changes >= end) throw new Killed("killed");
			};
			return {
				get: keychain.get,
				async set(account, text) {
					alive();
					await keychain.set(account, text);
				},
				async remove(account) {
					if (entries.has(account)) alive();
					return keychain.remove(account);
				},
			};
		},
	};
	return keychain;
}
