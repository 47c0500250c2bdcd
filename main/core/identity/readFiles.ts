// The files of an identity as pieces: keys, certificates and revocation lists out of PEM, DER or PKCS#12. Every refusal is a
// fault that names the file, what is wrong with it and, where there is one, the command that mends it.
import { type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { Fault, Result } from "../../../shared/fault.ts";
import { FaultError, failed, fault, ok } from "../../../shared/fault.ts";
import type { WorkLimit } from "./passwordBased.ts";
import { Unsupported } from "./passwordBased.ts";
import type { Block } from "./pem.ts";
import { blocksOf, PKCS12_LABEL, pemOf } from "./pem.ts";
import { readPkcs12, WrongPassword } from "./pkcs12.ts";
import { isEncrypted, isKey, openKey, passwordOf } from "./privateKey.ts";

/** What a file holds. */
export interface Pieces {
	readonly path: string;
	readonly keys: readonly KeyObject[];
	readonly certificates: readonly X509Certificate[];
	/** Revocation lists, PEM. */
	readonly lists: readonly string[];
}

/** What is wanted of a file. Keys that nobody asked for are not even decrypted. */
export interface Wanted {
	readonly keys: boolean;
	readonly certificates: boolean;
	/** Undefined: none was given. */
	readonly passphrase?: string | undefined;
	/** One for all files of an identity, so that many pieces cost no more than one. */
	readonly limit: WorkLimit;
}

/** No honest file is larger; it bounds what a wrong path can cost. */
const MOST_FILE_BYTES = 1024 * 1024;
/** Most certificates, and most keys, of a file that are looked at. */
const MOST_PIECES = 100;

const REWRITE =
	"openssl pkcs12 -in OLD.p12 -legacy -nodes -out all.pem && openssl pkcs12 -export -in all.pem -out NEW.p12 -keypbe AES-256-CBC -certpbe AES-256-CBC -macalg sha256";

/**
 * Reads one file. Faults: `identity.unreadable`, `identity.passphrase` (missing or wrong), `identity.invalid` (a form that is
 * not supported, with the command that makes another of it).
 */
export function readPieces(path: string, wanted: Wanted): Result<Pieces> {
	try {
		return ok(piecesOf(path, blocksIn(path), wanted));
	} catch (error) {
		if (error instanceof FaultError) return failed(error.fault);
		throw error;
	}
}

/** A fault about a file. */
export const unreadable = (path: string, why: string): Fault =>
	fault("identity.unreadable", { sentence: `cannot read ${path}: ${why}` });

const refuse = (path: string, why: string): never => {
	throw new FaultError(unreadable(path, why));
};

const ERRNO_WORDS: Readonly<Record<string, string>> = {
	ENOENT: "no such file",
	EACCES: "permission denied",
	EPERM: "permission denied",
	EISDIR: "it is a directory",
	ENOTDIR: "no such file",
	ELOOP: "too many links",
	EMFILE: "too many open files",
};

function bytesOf(path: string): Buffer {
	try {
		if (statSync(path).size <= MOST_FILE_BYTES) return readFileSync(path);
	} catch (error) {
		const code =
			error instanceof Error && "code" in error ? String(error.code) : "";
		return refuse(path, ERRNO_WORDS[code] ?? (code || "unknown reason"));
	}
	return refuse(path, "larger than 1 MiB, so not a file of keys");
}

function blocksIn(path: string): readonly Block[] {
	const blocks = blocksOf(bytesOf(path));
	return blocks.length > 0
		? blocks
		: refuse(path, "it is neither PEM nor DER nor PKCS#12");
}

function piecesOf(
	path: string,
	found: readonly Block[],
	wanted: Wanted,
): Pieces {
	const blocks = found.flatMap((block) =>
		block.label === PKCS12_LABEL
			? fromPkcs12(path, block.der, wanted)
			: [block],
	);
	const certificates = wanted.certificates ? certificatesOf(path, blocks) : [];
	const keys = wanted.keys ? keysOf(path, blocks, wanted) : [];
	return { path, keys, certificates, lists: listsOf(path, blocks) };
}

function fromPkcs12(
	path: string,
	der: Buffer,
	{ passphrase, limit }: Wanted,
): readonly Block[] {
	try {
		return readPkcs12(der, passphrase ?? null, limit);
	} catch (error) {
		if (error instanceof WrongPassword)
			throw new FaultError(
				fault("identity.passphrase", {
					sentence:
						(passphrase ?? "") === ""
							? `${path} is encrypted and no passphrase was given`
							: `the passphrase does not open ${path}`,
				}),
			);
		if (error instanceof Unsupported)
			throw new FaultError(unsupported(path, error.what, REWRITE));
		return refuse(path, "it is damaged");
	}
}

const unsupported = (path: string, what: string, command: string): Fault =>
	fault("identity.invalid", {
		sentence: `${path} uses ${what}, which is not supported`,
		nextStep: `Write it anew: ${command}`,
	});

function certificatesOf(
	path: string,
	blocks: readonly Block[],
): readonly X509Certificate[] {
	const found = blocks.filter(({ label }) => label.endsWith("CERTIFICATE"));
	if (found.length === 0) refuse(path, "there is no certificate in it");
	try {
		return found.slice(0, MOST_PIECES).map(({ der }) => certificateOf(der));
	} catch {
		return refuse(path, "a certificate in it is damaged");
	}
}

/** A `TRUSTED CERTIFICATE` of OpenSSL has settings behind it, which are cut off by reading the first element alone. */
const certificateOf = (der: Buffer): X509Certificate =>
	new X509Certificate(der);

function keysOf(
	path: string,
	blocks: readonly Block[],
	{ passphrase, limit }: Wanted,
): readonly KeyObject[] {
	const found = blocks.filter(isKey).slice(0, MOST_PIECES);
	if (found.length === 0) refuse(path, "there is no private key in it");
	if (found.some(isEncrypted) && (passphrase ?? "") === "")
		throw new FaultError(
			fault("identity.passphrase", {
				sentence: `the key in ${path} is encrypted and no passphrase was given`,
			}),
		);
	const password = passwordOf(passphrase ?? "");
	return found.map((block) => {
		try {
			return openKey(block, password, limit);
		} catch (error) {
			if (error instanceof Unsupported)
				throw new FaultError(
					unsupported(
						path,
						error.what,
						"openssl pkcs8 -topk8 -v2 aes-256-cbc -in OLD.key -out NEW.key",
					),
				);
			if (!isEncrypted(block))
				return refuse(path, "the private key in it is damaged");
			throw new FaultError(
				fault("identity.passphrase", {
					sentence: `the passphrase does not open the key in ${path}`,
				}),
			);
		}
	});
}

function listsOf(path: string, blocks: readonly Block[]): readonly string[] {
	const lists = blocks.filter(({ label }) => label === "X509 CRL").map(pemOf);
	try {
		createSecureContext({ crl: lists });
		return lists;
	} catch {
		return refuse(path, "a revocation list in it is damaged");
	}
}
