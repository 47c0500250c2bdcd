// Reads BER and DER (ITU-T X.690) into a tree, so that files of any program can be walked. The reading itself is
// node-forge's, which bounds nesting; this gives its result bytes instead of binary strings and one kind of error.
import forge from "node-forge";

/** What was read is not what the format says. Its message never quotes what was read. */
export class Malformed extends Error {}

/** One element. Tags of the universal class only are compared; context tags are `context`. */
export interface Element {
	readonly tag: number;
	readonly isContext: boolean;
	/** Empty for a primitive element. */
	readonly children: readonly Element[];
	/** The content; of a constructed string its pieces joined. */
	readonly bytes: Buffer;
	/** The whole element in DER. */
	der(): Buffer;
}

export const TAG = {
	integer: 0x02,
	octets: 0x04,
	oid: 0x06,
	sequence: 0x10,
} as const;

const bytesOf = (binary: string): Buffer => Buffer.from(binary, "latin1");

function wrap(node: forge.asn1.Asn1): Element {
	const { value } = node;
	const children = typeof value === "string" ? [] : value.map(wrap);
	return {
		tag: node.type,
		isContext: node.tagClass === forge.asn1.Class.CONTEXT_SPECIFIC,
		children,
		bytes:
			typeof value === "string"
				? bytesOf(value)
				: Buffer.concat(children.map(({ bytes }) => bytes)),
		der: () => bytesOf(forge.asn1.toDer(node).getBytes()),
	};
}

/** With its options, which the types of node-forge leave out. */
const fromDer = forge.asn1.fromDer as unknown as (
	bytes: string,
	options: Readonly<Record<string, boolean>>,
) => forge.asn1.Asn1;

/** The one element that the bytes are. Throws `Malformed`. */
export function readTree(bytes: Buffer): Element {
	let node: forge.asn1.Asn1;
	try {
		node = fromDer(bytes.toString("latin1"), {
			strict: true,
			parseAllBytes: true,
			decodeBitStrings: false,
		});
	} catch {
		throw new Malformed("not DER");
	}
	return wrap(node);
}

/** The child at that place. Throws `Malformed` when there is none, or it is of another tag. */
export function child(
	{ children }: Element,
	at: number,
	tag?: number,
): Element {
	const found = children[at];
	if (found === undefined) throw new Malformed("a part is missing");
	if (tag !== undefined && (found.isContext || found.tag !== tag))
		throw new Malformed("a part is of another kind");
	return found;
}

/** Dotted decimal. */
export function oidOf({ tag, isContext, bytes }: Element): string {
	if (isContext || tag !== TAG.oid || bytes.length === 0)
		throw new Malformed("an identifier is missing");
	return forge.asn1.derToOid(bytes.toString("latin1"));
}

/** A count of a few bytes; larger ones are no honest iteration counts. */
export function countOf({ tag, isContext, bytes }: Element): number {
	if (isContext || tag !== TAG.integer || bytes.length === 0)
		throw new Malformed("a number is missing");
	if (bytes.length > 6 || ((bytes[0] ?? 0) & 0x80) !== 0)
		return Number.POSITIVE_INFINITY;
	return bytes.readUIntBE(0, bytes.length);
}
