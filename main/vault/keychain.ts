// The vault in the OS keychain. An identity is stored as parts of a generation of its own, and the head that names the
// generation is written last: until then the old identity is whole, from then on the new one. What a crash leaves behind is
// in the journal and is tidied at the next start or the next change. When two processes write at once, the one whose head
// is written last wins, with all of its parts.
import { randomBytes } from "node:crypto";
import type { Clock } from "../../shared/clock.ts";
import type { Result } from "../../shared/fault.ts";
import { FaultError, failed, fault } from "../../shared/fault.ts";
import type { Identity, ListedIdentity, Vault } from "../core/ports.ts";
import type { Packed } from "./entry.ts";
import { packIdentity, unpackIdentity } from "./entry.ts";
import type { KeychainStore } from "./keychainStore.ts";
import { profileNameFault } from "./profileName.ts";
import type { Generation, Head, Records } from "./records.ts";
import { openRecords } from "./records.ts";
import { openTurns } from "./turns.ts";

export interface KeychainOptions {
	readonly store: KeychainStore;
	readonly clock: Clock;
	/** Milliseconds from a question to `vault.locked`, when the keychain does not answer. */
	readonly patienceMs: number;
	/** Whether the system keeps this keychain without a password, as far as that can be seen. */
	readonly isUnprotected: () => boolean;
}

/** Parts without a head that are younger may be of another process that is still writing. */
const UNFINISHED_MS = 600_000;
/** A journal of more would not fit its entry. */
const MOST_GENERATIONS = 20;
/** Another process may replace an identity while it is read; so often it is read again. */
const MOST_READS = 3;

export function openKeychainVault({
	store,
	clock,
	patienceMs,
	isUnprotected,
}: KeychainOptions): Vault {
	const records = openRecords(store);
	const inTurn = openTurns(store, clock, patienceMs);
	const named = <T>(
		profile: string,
		work: () => Promise<T>,
	): Promise<Result<T>> => {
		const why = profileNameFault(profile);
		return why === null ? inTurn(work) : Promise.resolve(failed(why));
	};
	const tidied = (profile: string, replaced?: Head): Promise<void> =>
		tidy(records, profile, clock.wallMs(), replaced).catch(letPass);

	return {
		state: () =>
			inTurn(async () => {
				await records.probe();
				await tidyAll(records, tidied);
				return isUnprotected() ? UNPROTECTED : PROTECTED;
			}),
		get: (profile) =>
			named(profile, async () => {
				const identity = await read(records, profile);
				// An index that was lost fills again with what is used.
				await records.addName(profile).catch(letPass);
				return identity;
			}),
		set: (profile, identity) =>
			named(profile, async () => {
				const packed = valueIn(packIdentity(identity));
				await records.probe();
				await tidied(profile);
				const replaced = await put(records, profile, packed, clock.wallMs());
				// The new identity is in place: what fails from here on is done at the next start.
				await tidied(profile, replaced);
				await records.addName(profile).catch(letPass);
			}),
		remove: (profile) =>
			named(profile, async () => {
				await records.probe();
				await remove(records, profile);
			}),
		list: () => inTurn(() => list(records)),
	};
}

const PROTECTED = {
	kind: "keychain",
	sentence: "identities are kept in the keychain of this computer",
} as const;
const UNPROTECTED = {
	kind: "unprotected",
	sentence:
		"identities are kept in the keychain of this computer, but it has no password: whoever can read its file can read them",
} as const;

function valueIn<T>(result: Result<T>): T {
	if (result.ok) return result.value;
	throw new FaultError(result.fault);
}

/** For a fault that changes nothing about what was asked. A mistake of ours is still thrown. */
function letPass(error: unknown): undefined {
	if (error instanceof FaultError) return undefined;
	throw error;
}

/** Writes everything new, sees that it can be had back, and only then makes it the identity. @returns whose place it took. */
async function put(
	records: Records,
	profile: string,
	{ parts, sha256 }: Packed,
	startedAt: number,
): Promise<Head | undefined> {
	const id = randomBytes(8).toString("hex");
	await records.addName(profile);
	const known = await records.journal(profile);
	await records.setJournal(profile, [
		...known,
		{ id, parts: parts.length, startedAt },
	]);
	for (const [n, text] of parts.entries())
		await records.setPart(profile, id, n, text);
	const head: Head = {
		version: 1,
		generation: id,
		parts: parts.length,
		sha256,
	};
	const back = await partsOf(records, profile, head);
	if (back === null || back.join("") !== parts.join(""))
		throw new FaultError(
			fault("vault.refused", {
				sentence: "the keychain does not give back what it was given",
			}),
		);
	const replaced = await records.head(profile).catch(letPass);
	await records.setHead(profile, head);
	return replaced ?? undefined;
}

/** Null: a part is not there. */
async function partsOf(
	records: Records,
	profile: string,
	{ generation, parts }: Head,
): Promise<readonly string[] | null> {
	const texts: string[] = [];
	for (let n = 0; n < parts; n++) {
		const text = await records.part(profile, generation, n);
		if (text === null) return null;
		texts.push(text);
	}
	return texts;
}

async function read(records: Records, profile: string): Promise<Identity> {
	for (let reads = 1; ; reads++) {
		const head = await headOf(records, profile);
		const parts = await partsOf(records, profile, head);
		const { sha256 } = head;
		const identity = unpackIdentity({ parts: parts ?? [], sha256 });
		if (identity.ok) return identity.value;
		const now = await records.head(profile);
		if (reads === MOST_READS || now?.generation === head.generation)
			throw new FaultError(identity.fault);
	}
}

/** A locked keychain shows nothing, so that nothing is believed only after a write went through. */
async function headOf(records: Records, profile: string): Promise<Head> {
	let head = await records.head(profile);
	if (head === null) {
		await records.probe();
		head = await records.head(profile);
	}
	if (head === null) throw new FaultError(fault("identity.absent"));
	return head;
}

/** The head goes first, so that a crash leaves parts that nobody takes for an identity. */
async function remove(records: Records, profile: string): Promise<void> {
	const head = await records.head(profile).catch(letPass);
	const known = await records.journal(profile);
	const wasThere = await records.removeHead(profile);
	for (const one of withHead(known, head))
		await records.removeParts(profile, one);
	await records.setJournal(profile, []);
	await records.dropName(profile);
	if (!wasThere) throw new FaultError(fault("identity.absent"));
}

/** The journal's generations and the head's, which is in the journal unless two processes wrote at once. */
const withHead = (
	known: readonly Generation[],
	head: Head | null | undefined,
): readonly Pick<Generation, "id" | "parts">[] =>
	head === null || head === undefined
		? known
		: [
				...known.filter(({ id }) => id !== head.generation),
				{ id: head.generation, parts: head.parts },
			];

/** Removes parts that belong to no identity: those of the one that was `replaced`, and those of writers that were cut off. */
async function tidy(
	records: Records,
	profile: string,
	wallMs: number,
	replaced?: Head,
): Promise<void> {
	const head = await records.head(profile);
	const known = await records.journal(profile);
	const isReplaced = replaced?.generation !== head?.generation;
	const kept = known.filter(
		({ id, startedAt }, n) =>
			id === head?.generation ||
			(id !== replaced?.generation &&
				Math.abs(wallMs - startedAt) < UNFINISHED_MS &&
				n >= known.length - MOST_GENERATIONS),
	);
	for (const one of known)
		if (!kept.includes(one)) await records.removeParts(profile, one);
	// It is in the journal unless two processes wrote at once.
	if (isReplaced && !known.some(({ id }) => id === replaced?.generation))
		for (const one of withHead([], replaced))
			await records.removeParts(profile, one);
	if (kept.length < known.length) await records.setJournal(profile, kept);
	if (head === null && kept.length === 0) await records.dropName(profile);
}

/** A profile that cannot be tidied keeps no other from it, and nobody from using what is there. */
async function tidyAll(
	records: Records,
	tidyOne: (profile: string) => Promise<void>,
): Promise<void> {
	const names = (await records.names().catch(letPass)) ?? [];
	for (const profile of names) await tidyOne(profile);
}

async function list(records: Records): Promise<readonly ListedIdentity[]> {
	await records.probe();
	const rows: ListedIdentity[] = [];
	for (const profile of await records.names()) {
		try {
			const { facts } = await read(records, profile);
			rows.push({ profile, facts, fault: null });
		} catch (error) {
			if (!(error instanceof FaultError)) throw error;
			// A name without a head: its first identity was never finished, or another process removed it just now.
			if (error.fault.code === "identity.absent") continue;
			rows.push({ profile, facts: null, fault: error.fault });
		}
	}
	return rows;
}
