// Decrypts with the ciphers that key files use. AES is Node's; what OpenSSL 3 or BoringSSL left out (DES, RC2, RC4) is
// node-forge's or written here, so that a file opens under both or under none.
import { createDecipheriv } from "node:crypto";
import forge from "node-forge";
import { Malformed } from "./berTree.ts";

/** One cipher: its lengths in bytes, and how it decrypts, padding included. */
export interface Cipher {
	readonly keyBytes: number;
	/** 0: a stream cipher. */
	readonly ivBytes: number;
	decrypt(key: Buffer, iv: Buffer, data: Buffer): Buffer;
}

/** PKCS#7 padding (RFC 5652 section 6.3). A wrong key shows here most of the time. */
function unpadded(data: Buffer, block: number): Buffer {
	const count = data.at(-1) ?? 0;
	const padding = data.subarray(data.length - count);
	if (count === 0 || count > block || padding.length !== count)
		throw new Malformed("the padding is wrong");
	if (!padding.every((byte) => byte === count))
		throw new Malformed("the padding is wrong");
	return data.subarray(0, data.length - count);
}

function whole(data: Buffer, block: number): void {
	if (data.length === 0 || data.length % block !== 0)
		throw new Malformed("the data is not of whole blocks");
}

function aes(bits: 128 | 192 | 256): Cipher {
	return {
		keyBytes: bits / 8,
		ivBytes: 16,
		decrypt(key, iv, data) {
			whole(data, 16);
			const cipher = createDecipheriv(`aes-${bits}-cbc`, key, iv);
			cipher.setAutoPadding(false);
			return unpadded(Buffer.concat([cipher.update(data), cipher.final()]), 16);
		},
	};
}

const binary = (bytes: Buffer): string => bytes.toString("latin1");

interface ForgeCipher {
	readonly output: forge.util.ByteStringBuffer;
	update(input: forge.util.ByteStringBuffer): unknown;
	finish(pad: () => boolean): boolean;
}

function run(cipher: ForgeCipher, data: Buffer): Buffer {
	whole(data, 8);
	cipher.update(forge.util.createBuffer(binary(data)));
	cipher.finish(() => true);
	return unpadded(Buffer.from(cipher.output.getBytes(), "latin1"), 8);
}

/** `keyBytes` 16: two keys, of which the first is used again as the third (EDE2). */
function des(algorithm: "DES-CBC" | "3DES-CBC", keyBytes: number): Cipher {
	return {
		keyBytes,
		ivBytes: 8,
		decrypt(key, iv, data) {
			const full =
				keyBytes === 16 ? Buffer.concat([key, key.subarray(0, 8)]) : key;
			const cipher = forge.cipher.createDecipher(algorithm, binary(full));
			cipher.start({ iv: binary(iv) });
			return run(cipher, data);
		},
	};
}

function rc2(keyBytes: number): Cipher {
	return {
		keyBytes,
		ivBytes: 8,
		decrypt(key, iv, data) {
			// The types of node-forge leave RC2 out.
			const cipher = (
				forge as unknown as {
					rc2: {
						createDecryptionCipher(
							key: string,
							bits: number,
						): ForgeCipher & { start(iv: string): void };
					};
				}
			).rc2.createDecryptionCipher(binary(key), keyBytes * 8);
			cipher.start(binary(iv));
			return run(cipher, data);
		},
	};
}

/** RC4: a permutation of 256 bytes, stirred by the key, gives the stream. */
function rc4(keyBytes: number): Cipher {
	return {
		keyBytes,
		ivBytes: 0,
		decrypt(key, _iv, data) {
			const box = Uint8Array.from({ length: 256 }, (_, n) => n);
			const at = (n: number): number => box[n & 255] ?? 0;
			const swap = (a: number, b: number): void => {
				[box[a & 255], box[b & 255]] = [at(b), at(a)];
			};
			for (let i = 0, j = 0; i < 256; i++) {
				j = (j + at(i) + (key[i % key.length] ?? 0)) & 255;
				swap(i, j);
			}
			let [i, j] = [0, 0];
			return Buffer.from(data).map((byte) => {
				i = (i + 1) & 255;
				j = (j + at(i)) & 255;
				swap(i, j);
				return byte ^ at(at(i) + at(j));
			}) as Buffer;
		},
	};
}

export const CIPHERS = {
	"AES-128-CBC": aes(128),
	"AES-192-CBC": aes(192),
	"AES-256-CBC": aes(256),
	"DES-CBC": des("DES-CBC", 8),
	"DES-EDE-CBC": des("3DES-CBC", 16),
	"DES-EDE3-CBC": des("3DES-CBC", 24),
	"RC2-40-CBC": rc2(5),
	"RC2-64-CBC": rc2(8),
	"RC2-CBC": rc2(16),
	"RC4-40": rc4(5),
	RC4: rc4(16),
} as const satisfies Readonly<Record<string, Cipher>>;

export type CipherName = keyof typeof CIPHERS;
