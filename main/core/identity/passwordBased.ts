// Password-based encryption as key files use it: PBES2 (RFC 8018), scrypt (RFC 7914), PBES1, and the schemes of PKCS#12
// (RFC 7292 appendix C). Only primitives of the TLS library are used, never its own reading of such files, because OpenSSL
// and BoringSSL each know others. Work is bounded: a file says how often its password is hashed, and may lie.
import { createHash, pbkdf2Sync, scryptSync } from "node:crypto";
import type { Element } from "./berTree.ts";
import { child, countOf, Malformed, oidOf, TAG } from "./berTree.ts";
import type { Cipher, CipherName } from "./ciphers.ts";
import { CIPHERS } from "./ciphers.ts";
import { pkcs12Key } from "./pkcs12Key.ts";

/** A scheme that is not known here; `what` names it. */
export class Unsupported extends Error {
	readonly what: string;
	constructor(what: string) {
		super(what);
		this.what = what;
	}
}

/** A password in the two forms in which files use it. */
export interface Password {
	/** For PBES1 and PBES2. */
	readonly bytes: Buffer;
	/** For PKCS#12's own schemes: UTF-16BE with two zero bytes at the end; empty where there is no password at all. */
	readonly bmp: Buffer;
}

/** How much hashing the files of one identity may cost in all, in rounds; a few seconds. Honest files take 2,000 to 600,000 a part. */
export interface WorkLimit {
	spend(rounds: number): void;
}

const MOST_ROUNDS = 5_000_000;
const MOST_SCRYPT_BYTES = 256 * 1024 * 1024;
/** What scrypt's N·r·p may be: 32 times what OpenSSL writes. Each is charged as a round, which takes about as long. */
const MOST_SCRYPT_WORK = 2 ** 22;

export function openWorkLimit(mostRounds: number = MOST_ROUNDS): WorkLimit {
	let left = mostRounds;
	return {
		spend(rounds) {
			if (!(rounds >= 1)) throw new Malformed("no rounds of hashing");
			left -= rounds;
			if (left < 0)
				throw new Unsupported("more rounds of hashing than any program writes");
		},
	};
}

const HASHES: Readonly<Record<string, string>> = {
	"1.2.840.113549.2.7": "sha1",
	"1.2.840.113549.2.8": "sha224",
	"1.2.840.113549.2.9": "sha256",
	"1.2.840.113549.2.10": "sha384",
	"1.2.840.113549.2.11": "sha512",
	"1.2.840.113549.2.5": "md5",
	"1.3.14.3.2.26": "sha1",
	"2.16.840.1.101.3.4.2.4": "sha224",
	"2.16.840.1.101.3.4.2.1": "sha256",
	"2.16.840.1.101.3.4.2.2": "sha384",
	"2.16.840.1.101.3.4.2.3": "sha512",
};

/** What Node calls it. Throws `Unsupported`. */
export function hashOf(oid: string): string {
	const name = HASHES[oid];
	if (name === undefined) throw new Unsupported(`the hash ${oid}`);
	return name;
}

const BLOCK_CIPHERS: Readonly<Record<string, CipherName>> = {
	"2.16.840.1.101.3.4.1.2": "AES-128-CBC",
	"2.16.840.1.101.3.4.1.22": "AES-192-CBC",
	"2.16.840.1.101.3.4.1.42": "AES-256-CBC",
	"1.2.840.113549.3.7": "DES-EDE3-CBC",
	"1.3.14.3.2.7": "DES-CBC",
};

const PBES2 = "1.2.840.113549.1.5.13";
const PBKDF2 = "1.2.840.113549.1.5.12";
const SCRYPT = "1.3.6.1.4.1.11591.4.11";

/** PKCS#5 version 1: one hash, its first half the key and the rest the IV. */
const PBES1: Readonly<Record<string, readonly [string, CipherName]>> = {
	"1.2.840.113549.1.5.3": ["md5", "DES-CBC"],
	"1.2.840.113549.1.5.6": ["md5", "RC2-64-CBC"],
	"1.2.840.113549.1.5.10": ["sha1", "DES-CBC"],
	"1.2.840.113549.1.5.11": ["sha1", "RC2-64-CBC"],
};

const PKCS12: Readonly<Record<string, CipherName>> = {
	"1.2.840.113549.1.12.1.1": "RC4",
	"1.2.840.113549.1.12.1.2": "RC4-40",
	"1.2.840.113549.1.12.1.3": "DES-EDE3-CBC",
	"1.2.840.113549.1.12.1.4": "DES-EDE-CBC",
	"1.2.840.113549.1.12.1.5": "RC2-CBC",
	"1.2.840.113549.1.12.1.6": "RC2-40-CBC",
};

/**
 * Decrypts what an AlgorithmIdentifier describes. Throws `Unsupported` for schemes not known here, `Malformed` for broken
 * files and, mostly, for a wrong password: without a checksum nobody can tell the two apart.
 */
export function decryptWith(
	algorithm: Element,
	data: Buffer,
	password: Password,
	limit: WorkLimit,
): Buffer {
	const oid = oidOf(child(algorithm, 0));
	const parameters = child(algorithm, 1, TAG.sequence);
	if (oid === PBES2) return pbes2(parameters, data, password.bytes, limit);
	const salt = child(parameters, 0, TAG.octets).bytes;
	const rounds = countOf(child(parameters, 1));
	const first = PBES1[oid];
	if (first !== undefined) {
		limit.spend(rounds);
		const [hash, name] = first;
		const derived = pbkdf1(hash, password.bytes, salt, rounds);
		return CIPHERS[name].decrypt(
			derived.subarray(0, 8),
			derived.subarray(8, 16),
			data,
		);
	}
	const name = PKCS12[oid];
	if (name === undefined) throw new Unsupported(`the encryption ${oid}`);
	limit.spend(3 * rounds);
	const cipher: Cipher = CIPHERS[name];
	const derive = (purpose: number, length: number): Buffer =>
		pkcs12Key(
			{ hash: "sha1", password: password.bmp, salt, rounds },
			purpose,
			length,
		);
	return cipher.decrypt(
		derive(1, cipher.keyBytes),
		derive(2, cipher.ivBytes),
		data,
	);
}

function pbes2(
	parameters: Element,
	data: Buffer,
	password: Buffer,
	limit: WorkLimit,
): Buffer {
	const scheme = child(parameters, 1, TAG.sequence);
	const oid = oidOf(child(scheme, 0));
	const name = BLOCK_CIPHERS[oid];
	if (name === undefined) throw new Unsupported(`the cipher ${oid}`);
	const cipher = CIPHERS[name];
	const iv = child(scheme, 1, TAG.octets).bytes;
	if (iv.length !== cipher.ivBytes) throw new Malformed("the IV is too short");
	const derivation = child(parameters, 0, TAG.sequence);
	const key = derivedKey(derivation, password, cipher.keyBytes, limit);
	return cipher.decrypt(key, iv, data);
}

/** A key of PBKDF2 or scrypt, whichever the AlgorithmIdentifier says. */
export function derivedKey(
	derivation: Element,
	password: Buffer,
	length: number,
	limit: WorkLimit,
): Buffer {
	const oid = oidOf(child(derivation, 0));
	const parameters = child(derivation, 1, TAG.sequence);
	const salt = child(parameters, 0, TAG.octets).bytes;
	if (oid === SCRYPT)
		return scryptKey(parameters, password, { salt, length }, limit);
	if (oid !== PBKDF2) throw new Unsupported(`the key derivation ${oid}`);
	const rounds = countOf(child(parameters, 1));
	limit.spend(rounds);
	const [, , ...optional] = parameters.children;
	const prf = optional.find(({ tag }) => tag === TAG.sequence);
	const hash = prf === undefined ? "sha1" : hashOf(oidOf(child(prf, 0)));
	return pbkdf2Sync(password, salt, rounds, length, hash);
}

function scryptKey(
	parameters: Element,
	password: Buffer,
	{ salt, length }: { readonly salt: Buffer; readonly length: number },
	limit: WorkLimit,
): Buffer {
	const [N, r, p] = [1, 2, 3].map((at) => countOf(child(parameters, at)));
	if (N === undefined || r === undefined || p === undefined)
		throw new Malformed("scrypt without its parameters");
	if (!(N * r * p <= MOST_SCRYPT_WORK))
		throw new Unsupported("more rounds of hashing than any program writes");
	limit.spend(N * r * p);
	try {
		return scryptSync(password, salt, length, {
			N,
			r,
			p,
			maxmem: MOST_SCRYPT_BYTES,
		});
	} catch {
		throw new Malformed("scrypt with parameters that cannot be");
	}
}

function pbkdf1(
	hash: string,
	password: Buffer,
	salt: Buffer,
	rounds: number,
): Buffer {
	let digest = createHash(hash).update(password).update(salt).digest();
	for (let n = 1; n < rounds; n++)
		digest = createHash(hash).update(digest).digest();
	return digest;
}
