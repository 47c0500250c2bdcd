// Whether a PKCS#12 file is whole and the password is its own: its MAC, by PKCS#12's scheme or as PBMAC1.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { Element } from "./berTree.ts";
import { child, countOf, Malformed, oidOf, TAG } from "./berTree.ts";
import type { Password, WorkLimit } from "./passwordBased.ts";
import { derivedKey, hashOf } from "./passwordBased.ts";
import { pkcs12Key } from "./pkcs12Key.ts";

const PBMAC1 = "1.2.840.113549.1.5.14";

/** Whether a PKCS#12 file's MacData is that of its content under this password (RFC 7292 appendix B, RFC 9579). */
export function macFits(
	macData: Element,
	content: Buffer,
	password: Password,
	limit: WorkLimit,
): boolean {
	const info = child(macData, 0, TAG.sequence);
	const wanted = child(info, 1, TAG.octets).bytes;
	const algorithm = child(info, 0, TAG.sequence);
	const made =
		oidOf(child(algorithm, 0)) === PBMAC1
			? pbmac1(child(algorithm, 1), content, password.bytes, limit)
			: ownMac(macData, algorithm, content, password.bmp, limit);
	return made.length === wanted.length && timingSafeEqual(made, wanted);
}

function ownMac(
	macData: Element,
	algorithm: Element,
	content: Buffer,
	password: Buffer,
	limit: WorkLimit,
): Buffer {
	const hash = hashOf(oidOf(child(algorithm, 0)));
	const salt = child(macData, 1, TAG.octets).bytes;
	const rounds =
		macData.children[2] === undefined ? 1 : countOf(child(macData, 2));
	limit.spend(rounds);
	const length = createHash(hash).digest().length;
	const key = pkcs12Key({ hash, password, salt, rounds }, 3, length);
	return createHmac(hash, key).update(content).digest();
}

function pbmac1(
	parameters: Element,
	content: Buffer,
	password: Buffer,
	limit: WorkLimit,
): Buffer {
	const hash = hashOf(oidOf(child(child(parameters, 1, TAG.sequence), 0)));
	const derivation = child(parameters, 0, TAG.sequence);
	// RFC 9579 wants the length to be said; the hash's own is what it then is.
	const said = child(derivation, 1, TAG.sequence).children[2];
	const length =
		said?.tag === TAG.integer
			? countOf(said)
			: createHash(hash).digest().length;
	if (!(length >= 1 && length <= 64)) throw new Malformed("a key of no length");
	const key = derivedKey(derivation, password, length, limit);
	return createHmac(hash, key).update(content).digest();
}
