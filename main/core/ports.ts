// What a shell must provide. The core decides; these do. Each port has one conformance suite that every implementation passes.
import type { Clock } from "../../shared/clock.ts";
import type { Fault, Result } from "../../shared/fault.ts";

/** A client identity in memory: what `main/core/identity` made of the user's files, normalised. Stays in the main process. */
export interface Identity {
	/** PEM, leaf first. */
	readonly certificateChain: string;
	/** PEM, PKCS#8, unencrypted. Never logged, never sent anywhere. */
	readonly privateKey: string;
	/** PEM; replaces the system's roots. Revocation lists in it (`X509 CRL`) are held against agents' certificates. */
	readonly ca: string;
	readonly facts: IdentityFacts;
}

/** What may be shown of an identity. */
export interface IdentityFacts {
	readonly subject: string;
	readonly issuer: string;
	readonly fingerprint256: string;
	/** Subject alternative names, as OpenSSL writes them: `DNS:a.example`, `email:…`. */
	readonly names: readonly string[];
	/** In words: "RSA 2048", "ECDSA P-256", "Ed25519". */
	readonly keyKind: string;
	readonly validFrom: number;
	readonly expiresAt: number;
	/** Where it lives, in words: "files for this run", "memory, until Foredeck ends", "OS keychain". */
	readonly home: string;
}

/** Where identities live. `get` of an absent profile is `identity.absent`; a name that cannot be one is `profile.invalid`. */
export interface Vault {
	/** Whether it can keep anything, and if not why: `vault.locked`, `vault.missing`, `vault.refused`. */
	state(): Promise<Result<VaultState>>;
	get(profile: string): Promise<Result<Identity>>;
	set(profile: string, identity: Identity): Promise<Result<void>>;
	remove(profile: string): Promise<Result<void>>;
	list(): Promise<Result<readonly ListedIdentity[]>>;
}

/** The vault that was chosen on this computer. */
export interface VaultChoice {
	readonly vault: Vault;
	/** Why it keeps nothing, or nothing now: `vault.missing`, `vault.locked`, `vault.refused`. Null: the keychain works. */
	readonly why: Fault | null;
}

/** Where a vault keeps things, and a sentence about it. `unprotected`: a keychain that has no password. */
export interface VaultState {
	readonly kind: "keychain" | "unprotected" | "session";
	readonly sentence: string;
}

/** One identity of a vault. One that cannot be read is listed with its fault, and hides no other. */
export type ListedIdentity = { readonly profile: string } & (
	| { readonly facts: IdentityFacts; readonly fault: null }
	| { readonly facts: null; readonly fault: Fault }
);

export const LOG_LEVELS = ["error", "warn", "info", "debug"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Structured log. Fields are redacted before they are written; messages are constant sentences. */
export type Log = (
	level: LogLevel,
	message: string,
	fields?: Readonly<Record<string, unknown>>,
) => void;

/** Everything impure that the core is given. */
export interface Ports {
	readonly clock: Clock;
	readonly log: Log;
	/** Uniform in [0, 1). Only for jitter and ids that need no secrecy. */
	readonly random: () => number;
	readonly vault: Vault;
}
