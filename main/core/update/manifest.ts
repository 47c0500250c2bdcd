// What a release says of itself: the signed manifest. The signature stands beside it and is over the exact bytes, so nothing
// is parsed before it is known who wrote it. Pure; who fetches it is the shell.
import type { KeyObject } from "node:crypto";
import { createPublicKey, verify } from "node:crypto";
import { z } from "zod";
import type { Result } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";
import { parseVersion } from "./version.ts";

export const UPDATE_CHANNELS = ["latest", "beta"] as const;
export type UpdateChannel = (typeof UPDATE_CHANNELS)[number];

/** Most bytes of a manifest; ours are a few kilobytes. */
export const MANIFEST_MOST_BYTES = 256 * 1024;
/** Most bytes of the signature's file: base64 of 64 bytes and a line end. */
export const SIGNATURE_MOST_BYTES = 128;
/** No installer is larger; what is announced as larger is refused before a byte of it is fetched. */
const FILE_MOST_BYTES = 1024 * 1024 * 1024;

const version = z.string().refine((text) => parseVersion(text) !== null);

/** One installer. The name is a plain file name: it can lead neither to another folder nor to another host. */
const fileSchema = z.strictObject({
	name: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/),
	size: z.int().positive().max(FILE_MOST_BYTES),
	/** Base64 of 64 bytes. */
	sha512: z.string().regex(/^[A-Za-z0-9+/]{86}==$/),
});

export const manifestSchema = z.strictObject({
	version,
	channel: z.enum(UPDATE_CHANNELS),
	/** ISO 8601, UTC. */
	releasedAt: z.iso.datetime(),
	files: z.array(fileSchema).min(1).max(64),
	/** What is older than this must be updated by hand first. */
	minimumVersion: version.optional(),
	/** How many of a hundred installations get it now. */
	stagingPercentage: z.int().min(0).max(100),
	/** What is new, as text. */
	notes: z.string().max(20_000),
});

export type Manifest = z.infer<typeof manifestSchema>;
export type ReleaseFile = Manifest["files"][number];

/** Names of a channel's manifest and of its signature, beside the installers. */
export const manifestName = (channel: UpdateChannel): string =>
	`foredeck-${channel}.json`;
export const signatureName = (channel: UpdateChannel): string =>
	`${manifestName(channel)}.sig`;

const refuse = (sentence: string): Result<never> =>
	failed(fault("update.refused", { sentence }));

/**
 * Checks who signed, then reads. `publicKey`: PEM (SPKI) of an Ed25519 key, or null for a build without one, which accepts
 * nothing. Fault: `update.refused` with what is wrong.
 */
export function openManifest(
	bytes: Uint8Array,
	signature: Uint8Array,
	publicKey: string | null,
): Result<Manifest> {
	const key = keyOf(publicKey);
	if (key === null)
		return refuse("this build has no release key, so it accepts no update");
	if (bytes.length > MANIFEST_MOST_BYTES)
		return refuse("the update’s manifest is larger than one can be");
	if (!isSigned(bytes, signature, key))
		return refuse("the update’s manifest is not signed with our release key");
	const parsed = manifestSchema.safeParse(jsonOf(bytes));
	return parsed.success
		? ok(parsed.data)
		: refuse("the update’s manifest is signed, but cannot be read");
}

function keyOf(pem: string | null): KeyObject | null {
	if (pem === null) return null;
	try {
		const key = createPublicKey(pem);
		return key.asymmetricKeyType === "ed25519" ? key : null;
	} catch {
		return null;
	}
}

/** `signature`: base64 text of exactly one Ed25519 signature. */
function isSigned(
	bytes: Uint8Array,
	signature: Uint8Array,
	key: KeyObject,
): boolean {
	if (signature.length > SIGNATURE_MOST_BYTES) return false;
	const text = Buffer.from(signature).toString("latin1").trim();
	if (!/^[A-Za-z0-9+/]{86}==$/.test(text)) return false;
	return verify(null, bytes, key, Buffer.from(text, "base64"));
}

function jsonOf(bytes: Uint8Array): unknown {
	try {
		return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
	} catch {
		return undefined;
	}
}
