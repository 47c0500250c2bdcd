// Writes the few shapes of DER (ITU-T X.690) that certificates are made of. Knows nothing of keys, names or validity.

const TAG = {
	boolean: 0x01,
	integer: 0x02,
	bitString: 0x03,
	octetString: 0x04,
	oid: 0x06,
	utf8: 0x0c,
	sequence: 0x30,
	set: 0x31,
	utcTime: 0x17,
	generalizedTime: 0x18,
} as const;

/** One tag-length-value triple around already encoded content. */
export function tagged(tag: number, ...content: readonly Buffer[]): Buffer {
	const body = Buffer.concat(content);
	return Buffer.concat([Buffer.from([tag]), lengthOf(body.length), body]);
}

function lengthOf(size: number): Buffer {
	if (size < 0x80) return Buffer.from([size]);
	const bytes: number[] = [];
	for (let rest = size; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff);
	return Buffer.from([0x80 | bytes.length, ...bytes]);
}

export const sequence = (...items: readonly Buffer[]): Buffer =>
	tagged(TAG.sequence, ...items);
export const setOf = (...items: readonly Buffer[]): Buffer =>
	tagged(TAG.set, ...items);
export const octets = (content: Buffer): Buffer =>
	tagged(TAG.octetString, content);
export const utf8 = (text: string): Buffer =>
	tagged(TAG.utf8, Buffer.from(text, "utf8"));
export const truth = (value: boolean): Buffer =>
	tagged(TAG.boolean, Buffer.from([value ? 0xff : 0]));

/** A non-negative integer from its big-endian bytes; a sign byte is put in front where the top bit is set. */
export function integer(bytes: Buffer): Buffer {
	const top = bytes[0] ?? 0;
	return tagged(TAG.integer, ...(top & 0x80 ? [Buffer.from([0])] : []), bytes);
}

/** A bit string; `unusedBits` of the last byte do not count. */
export const bits = (content: Buffer, unusedBits = 0): Buffer =>
	tagged(TAG.bitString, Buffer.from([unusedBits]), content);

/** An object identifier in dotted decimal. */
export function oid(dotted: string): Buffer {
	const [first = 0, second = 0, ...rest] = dotted.split(".").map(Number);
	const bytes: number[] = [first * 40 + second];
	for (const arc of rest) {
		const groups = [arc & 0x7f];
		for (let left = arc >>> 7; left > 0; left >>>= 7)
			groups.unshift((left & 0x7f) | 0x80);
		bytes.push(...groups);
	}
	return tagged(TAG.oid, Buffer.from(bytes));
}

/** A moment to the second: UTCTime up to 2049, GeneralizedTime after it (RFC 5280 section 4.1.2.5). */
export function time(epochMs: number): Buffer {
	const digits = new Date(epochMs).toISOString().replace(/[-:T]|\.\d+/g, "");
	return Number(digits.slice(0, 4)) < 2050
		? tagged(TAG.utcTime, Buffer.from(digits.slice(2), "latin1"))
		: tagged(TAG.generalizedTime, Buffer.from(digits, "latin1"));
}
