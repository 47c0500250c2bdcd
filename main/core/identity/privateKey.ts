// A private key from any form people have it in: PKCS#8, PKCS#1, SEC1, encrypted as PKCS#8 or in OpenSSL's old way. The
// decryption is passwordBased.ts's for every form, so that OpenSSL and BoringSSL see the same unencrypted key.
import { createHash, createPrivateKey, type KeyObject } from "node:crypto";
import { child, Malformed, readTree, TAG } from "./berTree.ts";
import type { CipherName } from "./ciphers.ts";
import { CIPHERS } from "./ciphers.ts";
import type { Password, WorkLimit } from "./passwordBased.ts";
import { decryptWith, Unsupported } from "./passwordBased.ts";
import type { Block } from "./pem.ts";

const TYPES = {
	"PRIVATE KEY": "pkcs8",
	"RSA PRIVATE KEY": "pkcs1",
	"EC PRIVATE KEY": "sec1",
} as const;

export const isKey = ({ label }: Block): boolean =>
	label.endsWith("PRIVATE KEY");

export const isEncrypted = ({ label, headers }: Block): boolean =>
	label === "ENCRYPTED PRIVATE KEY" || headers["DEK-Info"] !== undefined;

/** A password in the forms that files use it in. `text` null: none, which is not the same as an empty one in PKCS#12. */
export function passwordOf(text: string | null): Password {
	const bytes = Buffer.from(text ?? "", "utf8");
	const bmp =
		text === null ? Buffer.alloc(0) : Buffer.from(`${text}\0`, "utf16le");
	return { bytes, bmp: bmp.swap16() };
}

/** Throws `Malformed` (or a wrong password) and `Unsupported`. */
export function openKey(
	block: Block,
	password: Password,
	limit: WorkLimit,
): KeyObject {
	const { label, headers, der } = block;
	if (label === "ENCRYPTED PRIVATE KEY") {
		const info = readTree(der);
		const data = child(info, 1, TAG.octets).bytes;
		const plain = decryptWith(
			child(info, 0, TAG.sequence),
			data,
			password,
			limit,
		);
		return keyOf(plain, "pkcs8");
	}
	const type = TYPES[label as keyof typeof TYPES];
	if (type === undefined) throw new Unsupported(`${label.toLowerCase()}s`);
	const dek = headers["DEK-Info"];
	return keyOf(
		dek === undefined ? der : decryptOld(dek, der, password.bytes),
		type,
	);
}

/** The key of unencrypted DER. Throws `Malformed`. */
export function keyOf(
	der: Buffer,
	type: "pkcs8" | "pkcs1" | "sec1",
): KeyObject {
	try {
		return createPrivateKey({ key: der, format: "der", type });
	} catch {
		// Without the reason: it could quote the key.
		throw new Malformed("no private key");
	}
}

/** OpenSSL's first encryption of PEM: the key is MD5 over password and salt, and the salt is the IV's beginning. */
function decryptOld(dek: string, data: Buffer, password: Buffer): Buffer {
	const [name = "", hex = ""] = dek.split(",");
	const known = Object.keys(CIPHERS).includes(name.toUpperCase());
	if (!known) throw new Unsupported(`the cipher ${name.slice(0, 40)}`);
	const cipher = CIPHERS[name.toUpperCase() as CipherName];
	const iv = Buffer.from(hex, "hex");
	if (iv.length !== cipher.ivBytes || iv.length < 8)
		throw new Malformed("the IV is of another length");
	let key = Buffer.alloc(0);
	let digest = Buffer.alloc(0);
	while (key.length < cipher.keyBytes) {
		digest = createHash("md5")
			.update(digest)
			.update(password)
			.update(iv.subarray(0, 8))
			.digest();
		key = Buffer.concat([key, digest]);
	}
	return cipher.decrypt(key.subarray(0, cipher.keyBytes), iv, data);
}
