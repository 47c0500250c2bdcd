// Looks for key material and passphrases in whatever a program left behind: logs, frames, reports, dumps of memory. Finds a
// secret in every form it is likely to be written in, also when only a part of it is there, and never says it aloud.
import { createPrivateKey } from "node:crypto";

export interface Secrets {
	/** Private keys as PEM, not encrypted. */
	readonly keys: readonly string[];
	readonly passphrases: readonly string[];
}

export interface SecretScan {
	/** What was found, as its form and where: `base64 of key 1 at 5120`; each form once. Empty: nothing. */
	in(place: string | Uint8Array): readonly string[];
}

interface Needle {
	readonly form: string;
	readonly bytes: Buffer;
}

/** Bytes of a private number in one piece that is looked for: whoever wrote 15 of them in a row has written a piece. */
const PIECE = 8;
/** Characters of base64 in a piece: 24 of them in a row hold one. */
const BASE64_PIECE = 12;
/** What a needle is found by first. */
const HEAD = 4;

/** The numbers of a key that nobody else may know. Its public ones are in its certificate, which may be anywhere. */
function privateNumbers(pem: string): Buffer[] {
	const jwk = createPrivateKey(pem).export({ format: "jwk" });
	return [jwk.d, jwk.p, jwk.q, jwk.dp, jwk.dq, jwk.qi].flatMap((text) =>
		typeof text === "string" ? [Buffer.from(text, "base64url")] : [],
	);
}

function pieces<T extends { length: number }>(
	whole: T,
	size: number,
	cut: (from: number, to: number) => T,
): T[] {
	const found: T[] = [];
	for (let at = 0; at + size <= whole.length; at += size)
		found.push(cut(at, at + size));
	return found;
}

/** As the middle of a longer base64 text, where it may begin at each of three places of a group. */
const base64Texts = (bytes: Buffer): string[] =>
	[0, 1, 2].map((shift) =>
		// The first and the last group hold bits of its neighbours.
		Buffer.concat([Buffer.alloc(shift), bytes])
			.toString("base64")
			.slice(4, -4),
	);

/** Text in the two ways in which memory and files hold it. */
const textNeedles = (form: string, text: string): Needle[] => [
	{ form, bytes: Buffer.from(text, "utf8") },
	{ form: `${form} in UTF-16`, bytes: Buffer.from(text, "utf16le") },
];

function numberNeedles(name: string, number: Buffer): Needle[] {
	const base64 = base64Texts(number)
		.flatMap((text) => [text, text.replaceAll("+", "-").replaceAll("/", "_")])
		.flatMap((text) =>
			pieces(text, BASE64_PIECE, (from, to) => text.slice(from, to)),
		);
	const raw = pieces(number, PIECE, (from, to) => number.subarray(from, to));
	const listed = (piece: Buffer, radix: 10 | 16, comma: string): string =>
		[...piece]
			.map((byte) =>
				radix === 16 ? byte.toString(16).padStart(2, "0") : String(byte),
			)
			.join(comma);
	const hex = raw.flatMap((piece) =>
		["", ":", " "].flatMap((comma) => {
			const text = listed(piece, 16, comma);
			return [text, text.toUpperCase()];
		}),
	);
	return [
		...raw.map((bytes) => ({ form: `bytes of ${name}`, bytes })),
		...[...new Set(base64)].flatMap((text) =>
			textNeedles(`base64 of ${name}`, text),
		),
		...[...new Set(hex)].flatMap((text) =>
			textNeedles(`hexadecimal of ${name}`, text),
		),
		...raw.flatMap((piece) =>
			textNeedles(`numbers of ${name}`, listed(piece, 10, ",")),
		),
	];
}

function needlesOf({ keys, passphrases }: Secrets): Needle[] {
	const ofKeys = keys.flatMap((pem, at) =>
		privateNumbers(pem).flatMap((number) =>
			numberNeedles(`key ${at + 1}`, number),
		),
	);
	const ofPhrases = passphrases.flatMap((phrase, at) => {
		const name = `passphrase ${at + 1}`;
		return [
			...textNeedles(name, phrase),
			...base64Texts(Buffer.from(phrase)).flatMap((text) =>
				textNeedles(`base64 of ${name}`, text),
			),
		];
	});
	return [
		...textNeedles("armour of a private key", "PRIVATE KEY-----"),
		...ofKeys,
		...ofPhrases,
	];
}

/** A scan for these secrets and for the armour of any private key. A place of 100 MB takes about a second. */
export function openSecretScan(secrets: Secrets): SecretScan {
	const needles = needlesOf(secrets);
	/** By their first bytes, of which most places have nothing. */
	const byHead = new Map<number, Needle[]>();
	const isFirst = new Uint8Array(65_536);
	for (const needle of needles) {
		if (needle.bytes.length < PIECE)
			throw new Error(`${needle.form} is too short to be looked for`);
		const head = needle.bytes.readUInt32LE(0);
		isFirst[head & 0xffff] = 1;
		const same = byHead.get(head);
		if (same === undefined) byHead.set(head, [needle]);
		else same.push(needle);
	}
	const look = (place: Buffer, found: Map<string, number>): void => {
		for (let at = 0; at + HEAD <= place.length; at++) {
			const two = (place[at] ?? 0) | ((place[at + 1] ?? 0) << 8);
			if (isFirst[two] === 0) continue;
			for (const { form, bytes } of byHead.get(place.readUInt32LE(at)) ?? [])
				if (
					!found.has(form) &&
					place.subarray(at, at + bytes.length).equals(bytes)
				)
					found.set(form, at);
		}
	};
	return {
		in(place) {
			const found = new Map<string, number>();
			if (typeof place === "string") {
				look(Buffer.from(place, "utf8"), found);
				// Bytes that became a text of one character each.
				look(Buffer.from(place, "latin1"), found);
			} else
				look(
					Buffer.from(place.buffer, place.byteOffset, place.byteLength),
					found,
				);
			return [...found].map(([form, at]) => `${form} at ${at}`);
		},
	};
}
