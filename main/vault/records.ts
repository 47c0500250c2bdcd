// The entries that say where an identity's parts are. Per profile a head (which generation is the identity) and a journal
// (which generations may have parts); for all an index of names. Index and journal exist because entries cannot be listed
// safely (keychainStore.ts). Each is small enough for the smallest keychain entry.
import { z } from "zod";
import { FaultError, fault } from "../../shared/fault.ts";
import type { KeychainStore } from "./keychainStore.ts";

const head = z.object({
	version: z.literal(1),
	generation: z.string().regex(/^[0-9a-f]{16}$/),
	parts: z.number().int().min(1).max(512),
	sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
const generation = z.object({
	id: z.string().regex(/^[0-9a-f]{16}$/),
	parts: z.number().int().min(1).max(512),
	/** Wall time. */
	startedAt: z.number(),
});
const journal = z.array(generation);
const index = z.array(z.string());

/** Which generation is the identity. Written last: it is the moment at which a new identity takes the old one's place. */
export type Head = z.infer<typeof head>;
/** A generation that may have parts, whole or not. */
export type Generation = z.infer<typeof generation>;

/** Profile names begin with a letter or digit, so these cannot be one. */
const INDEX = ".profiles";
const PROBE = ".probe";
/** So many names of 64 characters fit one entry. */
export const MOST_PROFILES = 25;

export interface Records {
	/** Throws `vault.locked` where nothing can be written; reading cannot tell a locked keychain from an empty one. */
	probe(): Promise<void>;
	/** Throws `vault.damaged` when there is one that cannot be read. */
	head(profile: string): Promise<Head | null>;
	setHead(profile: string, value: Head): Promise<void>;
	removeHead(profile: string): Promise<boolean>;
	/** Empty when there is none or it cannot be read: it only tells what could be tidied. */
	journal(profile: string): Promise<readonly Generation[]>;
	setJournal(profile: string, value: readonly Generation[]): Promise<void>;
	/** Throws `vault.damaged` when there is one that cannot be read. */
	names(): Promise<readonly string[]>;
	/** An index that cannot be read is begun anew; profiles come back into it when they are read. */
	addName(profile: string): Promise<void>;
	dropName(profile: string): Promise<void>;
	part(profile: string, id: string, n: number): Promise<string | null>;
	setPart(profile: string, id: string, n: number, text: string): Promise<void>;
	removeParts(
		profile: string,
		from: Pick<Generation, "id" | "parts">,
	): Promise<void>;
}

export function openRecords(store: KeychainStore): Records {
	const partOf = (profile: string, id: string, n: number): string =>
		`${profile}/${id}/${n}`;
	const journalOf = (profile: string): string => `${profile}/journal`;
	const read = async <T>(
		account: string,
		schema: z.ZodType<T>,
	): Promise<T | null> => {
		const text = await store.get(account);
		return text === null ? null : parsed(text, schema);
	};
	const write = (account: string, value: unknown): Promise<void> =>
		store.set(account, JSON.stringify(value));
	const names = async (): Promise<readonly string[]> =>
		(await read(INDEX, index)) ?? [];
	const namesOrNone = (): Promise<readonly string[]> =>
		names().catch(ifDamaged);

	return {
		async probe() {
			await store.set(PROBE, "1");
			await store.remove(PROBE);
		},
		head: (profile) => read(profile, head),
		setHead: write,
		removeHead: (profile) => store.remove(profile),
		journal: async (profile) =>
			(await read(journalOf(profile), journal).catch(ifDamaged)) ?? [],
		async setJournal(profile, value) {
			if (value.length > 0) await write(journalOf(profile), value);
			else await store.remove(journalOf(profile));
		},
		names,
		async addName(profile) {
			const known = await namesOrNone();
			if (known.includes(profile)) return;
			if (known.length >= MOST_PROFILES)
				throw new FaultError(
					fault("vault.refused", {
						sentence: `the keychain holds ${MOST_PROFILES} identities, and no more are kept`,
						nextStep: "Remove one with: foredeck identity remove NAME",
					}),
				);
			await write(INDEX, [...known, profile].sort());
		},
		async dropName(profile) {
			const known = await namesOrNone();
			if (!known.includes(profile)) return;
			await write(
				INDEX,
				known.filter((one) => one !== profile),
			);
		},
		part: (profile, id, n) => store.get(partOf(profile, id, n)),
		setPart: (profile, id, n, text) => store.set(partOf(profile, id, n), text),
		async removeParts(profile, { id, parts }) {
			for (let n = 0; n < parts; n++)
				await store.remove(partOf(profile, id, n));
		},
	};
}

function parsed<T>(text: string, schema: z.ZodType<T>): T {
	try {
		return schema.parse(JSON.parse(text));
	} catch {
		throw new FaultError(fault("vault.damaged"));
	}
}

/** For what can be made anew: damaged is as good as empty. Anything else is thrown on. */
function ifDamaged(error: unknown): never[] {
	if (error instanceof FaultError && error.fault.code === "vault.damaged")
		return [];
	throw error;
}
