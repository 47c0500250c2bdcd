// The form in which an identity lies in a keychain: one JSON document, deflated, base64, cut into parts that fit the
// smallest entry there is (Windows: 2,560 bytes). Pure; a text that is not exactly what was stored is `vault.damaged`.
import { createHash } from "node:crypto";
import { deflateSync, inflateSync } from "node:zlib";
import { z } from "zod";
import type { Result } from "../../shared/fault.ts";
import { failed, fault, ok } from "../../shared/fault.ts";
import type { Identity } from "../core/ports.ts";

/** Longest text of one entry, in characters. */
export const PART_CHARACTERS = 2_000;
/** Most parts of one identity: a million characters, far beyond any honest chain with its authorities. */
const MOST_PARTS = 512;
/** Most bytes an entry may inflate to, so that a few bytes cannot fill the memory. */
const MOST_JSON_BYTES = 4 * 1024 * 1024;

const document = z.object({
	version: z.literal(1),
	certificateChain: z.string(),
	privateKey: z.string(),
	ca: z.string(),
	facts: z.object({
		subject: z.string(),
		issuer: z.string(),
		fingerprint256: z.string(),
		names: z.array(z.string()),
		keyKind: z.string(),
		validFrom: z.number(),
		expiresAt: z.number(),
		home: z.string(),
	}),
});

/** An identity ready to be stored. */
export interface Packed {
	readonly parts: readonly string[];
	/** Over all parts joined, hexadecimal. */
	readonly sha256: string;
}

/** Cuts an identity into parts. `identity.invalid`: it is larger than a keychain is asked to hold. */
export function packIdentity(identity: Identity): Result<Packed> {
	const json = Buffer.from(JSON.stringify({ version: 1, ...identity }));
	const text =
		json.length > MOST_JSON_BYTES ? "" : deflateSync(json).toString("base64");
	const count = Math.ceil(text.length / PART_CHARACTERS);
	if (count === 0 || count > MOST_PARTS)
		return failed(
			fault("identity.invalid", {
				sentence: "the identity is too large for a keychain",
				nextStep: "Leave authorities that the fleet does not need out of --ca.",
			}),
		);
	const parts = Array.from({ length: count }, (_, n) =>
		text.slice(n * PART_CHARACTERS, (n + 1) * PART_CHARACTERS),
	);
	return ok({ parts, sha256: hashOf(text) });
}

/** Puts parts together again. `vault.damaged` when they are not what was stored. */
export function unpackIdentity({ parts, sha256 }: Packed): Result<Identity> {
	const text = parts.join("");
	if (hashOf(text) !== sha256) return damaged("its parts are not whole");
	try {
		// A wrong letter would be skipped in silence, but then the hash above was made over that very text.
		const json = inflateSync(Buffer.from(text, "base64"), {
			maxOutputLength: MOST_JSON_BYTES,
		});
		const { version: _, ...identity } = document.parse(
			JSON.parse(json.toString()),
		);
		return ok(identity);
	} catch {
		// The reason is not told: a parser's message quotes what it read.
		return damaged("it is not in Foredeck’s form");
	}
}

const hashOf = (text: string): string =>
	createHash("sha256").update(text).digest("hex");

/** An entry that cannot be read; `why` in words, never with a piece of it. */
export const damaged = (why: string): Result<never> =>
	failed(
		fault("vault.damaged", {
			sentence: `the identity in the keychain cannot be read: ${why}`,
		}),
	);
