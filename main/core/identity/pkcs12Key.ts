// The key derivation of PKCS#12's own schemes (RFC 7292 appendix B.2).
import { createHash } from "node:crypto";

/** `password`: as BMPString, or empty. */
export interface Derivation {
	readonly hash: string;
	readonly password: Buffer;
	readonly salt: Buffer;
	readonly rounds: number;
}

/** Block size of the hash, in bytes. */
const blockOf = (hash: string): number =>
	hash === "sha384" || hash === "sha512" ? 128 : 64;

/** As often as fills whole blocks. */
function filled(text: Buffer, block: number): Buffer {
	const length = block * Math.ceil(text.length / block);
	return Buffer.alloc(length, text.length === 0 ? undefined : text);
}

/** RFC 7292 appendix B.2. `purpose`: 1 key, 2 IV, 3 MAC. */
export function pkcs12Key(
	{ hash, password, salt, rounds }: Derivation,
	purpose: number,
	length: number,
): Buffer {
	const block = blockOf(hash);
	const diversifier = Buffer.alloc(block, purpose);
	const input = Buffer.concat([filled(salt, block), filled(password, block)]);
	const pieces: Buffer[] = [];
	for (let have = 0; have < length; ) {
		let digest = createHash(hash).update(diversifier).update(input).digest();
		for (let n = 1; n < rounds; n++)
			digest = createHash(hash).update(digest).digest();
		pieces.push(digest);
		have += digest.length;
		addTo(input, filled(digest, block).subarray(0, block), block);
	}
	return Buffer.concat(pieces).subarray(0, length);
}

/** To each block of `input` adds `step` + 1, as large numbers, in place. */
function addTo(input: Buffer, step: Buffer, block: number): void {
	for (let start = 0; start < input.length; start += block) {
		let carry = 1;
		for (let at = block - 1; at >= 0; at--) {
			carry += (input[start + at] ?? 0) + (step[at] ?? 0);
			input[start + at] = carry & 0xff;
			carry >>= 8;
		}
	}
}
