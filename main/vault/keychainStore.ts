/// <reference path="./keytar.d.ts" />
// The OS keychain as three plain operations, and keytar behind them. It is the one place that knows keytar and the words
// of its errors. keytar's `findCredentials` is never called: on Linux it ends the whole process when a found entry is in a
// locked keyring (it copies a text that is not there), and no check before the call can rule that out.
import type { Fault, Result } from "../../shared/fault.ts";
import { FaultError, failed, fault, ok } from "../../shared/fault.ts";

/** Entries of a keychain by account, all under Foredeck's one service. Every call may throw a `FaultError`. */
export interface KeychainStore {
	/** Null: no such entry, or (Linux) it is in a locked keyring, which looks the same. */
	get(account: string): Promise<string | null>;
	set(account: string, text: string): Promise<void>;
	/** False: there was none, or (Linux) it is in a locked keyring. */
	remove(account: string): Promise<boolean>;
}

/** What the keychain's own tools show beside every entry. */
export const SERVICE = "foredeck";

const MISSING =
	/autolaunch D-Bus|address is empty|supported address|Could not connect|not provided by any \.service|ServiceUnknown|Spawn|not activatable|Failed to execute|connection is closed|NameHasNoOwner/i;
const LOCKED =
	/locked|Object does not exist at path|prompt|dismissed|interaction is not allowed|cancell?ed|Timeout was reached/i;
/** Longest run of characters that may be a word; anything longer could be a piece of a stored text. */
const SUSPICIOUS = /[A-Za-z0-9+/=_-]{24,}/g;
const NOTE_CHARACTERS = 200;

/** keytar tells everything as a message of the system below it, so its words are all there is to go by. */
export function keychainFault(error: unknown): Fault {
	const words = error instanceof Error ? error.message : String(error);
	const evidence = { notes: [masked(words)] };
	if (MISSING.test(words)) return fault("vault.missing", { evidence });
	if (LOCKED.test(words)) return fault("vault.locked", { evidence });
	return fault("vault.refused", { evidence });
}

/** An error's words without control characters and without anything that could be key material. */
const masked = (words: string): string =>
	words
		.replace(SUSPICIOUS, "(masked)")
		.replace(/\p{Cc}/gu, " ")
		.slice(0, NOTE_CHARACTERS);

/** The one store of this process, so that all who open it wait in one queue. */
let loaded: KeychainStore | undefined;

/** Loads keytar, and gives the same store each time. `vault.missing`: it was not built here, or the library it needs is not installed. */
export async function loadKeychain(): Promise<Result<KeychainStore>> {
	try {
		const { default: keytar } = await import("keytar");
		loaded ??= {
			get: (account) => told(() => keytar.getPassword(SERVICE, account)),
			set: (account, text) =>
				told(() => keytar.setPassword(SERVICE, account, text)),
			remove: (account) => told(() => keytar.deletePassword(SERVICE, account)),
		};
		return ok(loaded);
	} catch (error) {
		const code =
			error instanceof Error && "code" in error ? String(error.code) : "";
		return failed(
			fault("vault.missing", {
				sentence:
					"the keychain cannot be used here: Foredeck’s keychain module is not installed",
				nextStep:
					"On Linux install libsecret-1-0, then Foredeck anew; or give --cert, --key and --ca for each run.",
				evidence: { notes: [code || "the module does not load"] },
			}),
		);
	}
}

/**
 * Asks the keychain, and tells what it says in our words. An answer that means nothing to us is asked for once more: on Linux, GLib
 * now and then ends a call with an error of its own while another program changes the keyring at the same moment. All three
 * operations may be repeated.
 */
export async function told<T>(ask: () => Promise<T>): Promise<T> {
	try {
		return await ask();
	} catch (error) {
		const why = keychainFault(error);
		if (why.code !== "vault.refused") throw new FaultError(why);
	}
	try {
		return await ask();
	} catch (error) {
		throw new FaultError(keychainFault(error));
	}
}
