// D-Bus messages as bytes, as far as a desktop's notification service needs them: little-endian, version 1 of the protocol
// (dbus.freedesktop.org/doc/dbus-specification.html). Pure; knows no socket.

/** A value of a message. A variant is its signature and its value; a dictionary is a list of pairs. */
export type DbusValue =
	| number
	| bigint
	| string
	| boolean
	| readonly DbusValue[];

export const MESSAGE = { call: 1, reply: 2, error: 3, signal: 4 } as const;

export interface DbusMessage {
	readonly type: number;
	readonly serial: number;
	readonly path?: string;
	readonly interface?: string;
	readonly member?: string;
	readonly errorName?: string;
	readonly replySerial?: number;
	readonly destination?: string;
	readonly sender?: string;
	readonly signature?: string;
	readonly body: readonly DbusValue[];
}

/** Header fields: number, name here, type. */
const FIELDS = [
	[1, "path", "o"],
	[2, "interface", "s"],
	[3, "member", "s"],
	[4, "errorName", "s"],
	[5, "replySerial", "u"],
	[6, "destination", "s"],
	[7, "sender", "s"],
	[8, "signature", "g"],
] as const;

/** A message that is longer is no answer of a notification service. */
const MESSAGE_BYTES = 1024 * 1024;
const FIXED_BYTES = 16;
/** Types within types; ours have three. */
const DEEPEST = 16;

/** Bytes that a type's values are aligned to. */
const ALIGNED: Readonly<Record<string, number>> = {
	y: 1,
	g: 1,
	v: 1,
	n: 2,
	q: 2,
	b: 4,
	i: 4,
	u: 4,
	s: 4,
	o: 4,
	a: 4,
	x: 8,
	t: 8,
	d: 8,
	"(": 8,
	"{": 8,
};

/** The complete types of a signature: `a{sv}i` is `a{sv}` and `i`. Throws RangeError for what is none. */
export function typesOf(signature: string): string[] {
	const types: string[] = [];
	for (let at = 0; at < signature.length; ) {
		const end = endOfType(signature, at, 0);
		types.push(signature.slice(at, end));
		at = end;
	}
	return types;
}

function endOfType(signature: string, from: number, depth: number): number {
	const kind = signature[from] ?? "";
	if (depth > DEEPEST || ALIGNED[kind] === undefined)
		throw new RangeError("not a D-Bus signature");
	if (kind === "a") return endOfType(signature, from + 1, depth + 1);
	const close = kind === "(" ? ")" : kind === "{" ? "}" : null;
	if (close === null) return from + 1;
	let at = endOfType(signature, from + 1, depth + 1);
	while (signature[at] !== close) at = endOfType(signature, at, depth + 1);
	return at + 1;
}

/** Grows as it is written to; alignment counts from its beginning. */
class Writer {
	#parts: Buffer[] = [];
	length = 0;

	#add(part: Buffer): void {
		this.#parts.push(part);
		this.length += part.length;
	}

	align(to: number): void {
		const over = this.length % to;
		if (over > 0) this.#add(Buffer.alloc(to - over));
	}

	number(bytes: 1 | 4, value: number, signed = false): void {
		this.align(bytes);
		const part = Buffer.alloc(bytes);
		if (signed) part.writeIntLE(value, 0, bytes);
		else part.writeUIntLE(value, 0, bytes);
		this.#add(part);
	}

	text(text: string, sizeBytes: 1 | 4): void {
		const bytes = Buffer.from(text);
		this.number(sizeBytes, bytes.length);
		this.#add(bytes);
		this.#add(Buffer.alloc(1));
	}

	write(type: string, value: DbusValue): void {
		const kind = type[0] ?? "";
		this.align(ALIGNED[kind] ?? 1);
		if (typeof value === "string") this.text(value, kind === "g" ? 1 : 4);
		else if (typeof value === "boolean") this.number(4, value ? 1 : 0);
		else if (typeof value === "number")
			this.number(kind === "y" ? 1 : 4, value, kind === "i");
		else if (typeof value !== "bigint") this.#container(type, value);
		else throw new RangeError("64-bit numbers are read only");
	}

	#container(type: string, values: readonly DbusValue[]): void {
		if (type === "v") {
			const [signature, value] = values;
			this.text(String(signature), 1);
			this.write(String(signature), value ?? 0);
		} else if (type.startsWith("a")) this.#list(type.slice(1), values);
		else
			for (const [at, of] of typesOf(type.slice(1, -1)).entries())
				this.write(of, values[at] ?? 0);
	}

	/** Its length in bytes counts from its first value, whose alignment comes before. */
	#list(of: string, values: readonly DbusValue[]): void {
		const size = Buffer.alloc(4);
		this.#add(size);
		this.align(ALIGNED[of[0] ?? ""] ?? 1);
		const start = this.length;
		for (const value of values) this.write(of, value);
		size.writeUInt32LE(this.length - start);
	}

	bytes(): Buffer {
		return Buffer.concat(this.#parts);
	}
}

/** Throws RangeError at the end of the bytes. */
class Reader {
	readonly #bytes: Buffer;
	at: number;
	constructor(bytes: Buffer, at: number) {
		this.#bytes = bytes;
		this.at = at;
	}

	align(to: number): void {
		this.at = Math.ceil(this.at / to) * to;
	}

	#take(length: number): Buffer {
		const end = this.at + length;
		if (end > this.#bytes.length) throw new RangeError("a message is cut off");
		const part = this.#bytes.subarray(this.at, end);
		this.at = end;
		return part;
	}

	#text(sizeBytes: 1 | 4): string {
		const text = this.#take(this.#take(sizeBytes).readUIntLE(0, sizeBytes));
		this.#take(1);
		return text.toString("utf8");
	}

	read(type: string, depth = 0): DbusValue {
		if (depth > DEEPEST) throw new RangeError("a message is too deep");
		const kind = type[0] ?? "";
		this.align(ALIGNED[kind] ?? 1);
		switch (kind) {
			case "y":
				return this.#take(1).readUInt8();
			case "n":
				return this.#take(2).readInt16LE();
			case "q":
				return this.#take(2).readUInt16LE();
			case "b":
				return this.#take(4).readUInt32LE() === 1;
			case "i":
				return this.#take(4).readInt32LE();
			case "u":
				return this.#take(4).readUInt32LE();
			case "x":
				return this.#take(8).readBigInt64LE();
			case "t":
				return this.#take(8).readBigUInt64LE();
			case "d":
				return this.#take(8).readDoubleLE();
			case "g":
				return this.#text(1);
			case "s":
			case "o":
				return this.#text(4);
			default:
				return this.#container(type, depth);
		}
	}

	#container(type: string, depth: number): DbusValue {
		if (type === "v") {
			const signature = this.#text(1);
			const [of = "", ...more] = typesOf(signature);
			if (more.length > 0) throw new RangeError("a variant holds one value");
			return [signature, this.read(of, depth + 1)];
		}
		if (!type.startsWith("a"))
			return typesOf(type.slice(1, -1)).map((of) => this.read(of, depth + 1));
		const of = type.slice(1);
		const length = this.#take(4).readUInt32LE();
		this.align(ALIGNED[of[0] ?? ""] ?? 1);
		const end = this.at + length;
		const values: DbusValue[] = [];
		while (this.at < end) values.push(this.read(of, depth + 1));
		return values;
	}
}

/** The message as bytes. */
export function encodeMessage(message: DbusMessage): Buffer {
	const body = new Writer();
	const { signature = "" } = message;
	for (const [at, type] of typesOf(signature).entries())
		body.write(type, message.body[at] ?? 0);
	const header = new Writer();
	header.write("y", "l".charCodeAt(0));
	header.write("y", message.type);
	header.write("y", 0);
	header.write("y", 1);
	header.write("u", body.length);
	header.write("u", message.serial);
	const fields = FIELDS.flatMap(([code, name, type]): DbusValue[] => {
		const value = message[name];
		return value === undefined || value === "" ? [] : [[code, [type, value]]];
	});
	header.write("a(yv)", fields);
	header.align(8);
	return Buffer.concat([header.bytes(), body.bytes()]);
}

/** The first message of these bytes and how many it took; null: it is not whole yet. Throws RangeError for what is none. */
export function decodeMessage(
	bytes: Buffer,
): { readonly message: DbusMessage; readonly length: number } | null {
	if (bytes.length < FIXED_BYTES) return null;
	if (bytes[0] !== "l".charCodeAt(0) || bytes[3] !== 1)
		throw new RangeError("not a message that we can read");
	const fieldsEnd = FIXED_BYTES + bytes.readUInt32LE(12);
	const bodyStart = Math.ceil(fieldsEnd / 8) * 8;
	const length = bodyStart + bytes.readUInt32LE(4);
	if (length > MESSAGE_BYTES) throw new RangeError("a message is too long");
	if (bytes.length < length) return null;
	const whole = bytes.subarray(0, length);
	const reader = new Reader(whole, 12);
	const told: Record<string, DbusValue> = {};
	for (const field of reader.read("a(yv)") as [number, [string, DbusValue]][]) {
		const known = FIELDS.find(([code]) => code === field[0]);
		if (known !== undefined) told[known[1]] = field[1][1];
	}
	reader.align(8);
	const { signature } = told;
	const body = typesOf(typeof signature === "string" ? signature : "").map(
		(type) => reader.read(type),
	);
	const [, type = 0] = whole;
	return {
		length,
		message: { ...told, type, serial: whole.readUInt32LE(8), body },
	};
}
