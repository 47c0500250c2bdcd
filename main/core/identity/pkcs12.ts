// Reads PKCS#12 (RFC 7292) as every program writes it, old and new, without the TLS library: OpenSSL 3 opens no file with RC2
// or 3DES, BoringSSL none with the hash SHA-512 or without a MAC, and the same identity must work under both.
import type { Element } from "./berTree.ts";
import { child, Malformed, oidOf, readTree, TAG } from "./berTree.ts";
import type { Password, WorkLimit } from "./passwordBased.ts";
import { decryptWith, Unsupported } from "./passwordBased.ts";
import type { Block } from "./pem.ts";
import { macFits } from "./pkcs12Mac.ts";
import { passwordOf } from "./privateKey.ts";

const DATA = "1.2.840.113549.1.7.1";
const SIGNED = "1.2.840.113549.1.7.2";
const ENVELOPED = "1.2.840.113549.1.7.3";
const ENCRYPTED = "1.2.840.113549.1.7.6";
const BAG = "1.2.840.113549.1.12.10.1.";
const X509 = "1.2.840.113549.1.9.22.1";
/** Bags within bags; honest files have one level. */
const MOST_LEVELS = 4;
/** Of one file; stores of all public authorities have some 150. */
const MOST_BAGS = 1_000;

/** The password does not open the file, or none was given and one is needed. */
export class WrongPassword extends Error {}

/**
 * The keys and certificates of a file, as unencrypted PEM blocks would have them. An empty password is tried both as empty
 * and as none. Throws `WrongPassword`, `Unsupported` and `Malformed`.
 * @param password null: none was given.
 */
export function readPkcs12(
	bytes: Buffer,
	password: string | null,
	limit: WorkLimit,
): readonly Block[] {
	const file = readTree(bytes);
	const content = authenticated(child(file, 1, TAG.sequence));
	const macData = file.children[2];
	const passwords =
		(password ?? "") === ""
			? [passwordOf(""), passwordOf(null)]
			: [passwordOf(password)];
	for (const one of passwords) {
		if (macData !== undefined && !macFits(macData, content, one, limit))
			continue;
		const blocks = attempt(content, one, limit, macData !== undefined);
		if (blocks !== null) return blocks;
	}
	throw new WrongPassword();
}

/** The bytes that the MAC is over. */
function authenticated(info: Element): Buffer {
	const type = oidOf(child(info, 0));
	if (type === SIGNED)
		throw new Unsupported("a signature in place of a password");
	if (type !== DATA) throw new Malformed("no data");
	return child(child(info, 1), 0, TAG.octets).bytes;
}

/** Decrypts one piece of the file. */
type Open = (algorithm: Element, data: Buffer) => Buffer;

/** Null: most likely another password. Behind a MAC that fits, and where nothing is encrypted, what is wrong is the file. */
function attempt(
	content: Buffer,
	password: Password,
	limit: WorkLimit,
	isProven: boolean,
): readonly Block[] | null {
	let isEncrypted = false;
	let bags = 0;
	const count = (more: number): void => {
		bags += more;
		if (bags > MOST_BAGS)
			throw new Unsupported("more bags than any program writes");
	};
	const open: Open = (algorithm, data) => {
		isEncrypted = true;
		return decryptWith(algorithm, data, password, limit);
	};
	try {
		return readTree(content).children.flatMap((part) =>
			bagsOf(readTree(contentOf(part, open)), open, count, 0),
		);
	} catch (error) {
		if (error instanceof Malformed && isEncrypted && !isProven) return null;
		throw error;
	}
}

function contentOf(part: Element, open: Open): Buffer {
	const type = oidOf(child(part, 0));
	const value = child(child(part, 1), 0);
	if (type === DATA) return value.bytes;
	if (type === ENVELOPED)
		throw new Unsupported("a certificate in place of a password");
	if (type !== ENCRYPTED) throw new Malformed("no content");
	const info = child(value, 1, TAG.sequence);
	return open(child(info, 1, TAG.sequence), child(info, 2).bytes);
}

function bagsOf(
	bags: Element,
	open: Open,
	count: (bags: number) => void,
	level: number,
): readonly Block[] {
	if (level === MOST_LEVELS) throw new Malformed("bags within bags");
	count(bags.children.length);
	return bags.children.flatMap((bag) => {
		const value = child(child(bag, 1), 0, TAG.sequence);
		switch (oidOf(child(bag, 0))) {
			case `${BAG}1`:
				return [block("PRIVATE KEY", value.der())];
			case `${BAG}2`: {
				const data = child(value, 1, TAG.octets).bytes;
				const plain = open(child(value, 0, TAG.sequence), data);
				return [block("PRIVATE KEY", plain)];
			}
			case `${BAG}3`:
				return oidOf(child(value, 0)) === X509
					? [block("CERTIFICATE", child(child(value, 1), 0, TAG.octets).bytes)]
					: [];
			case `${BAG}6`:
				return bagsOf(value, open, count, level + 1);
			default:
				// Revocation lists and secrets are not what an identity is made of.
				return [];
		}
	});
}

const block = (label: string, der: Buffer): Block => ({
	label,
	headers: {},
	der,
});
