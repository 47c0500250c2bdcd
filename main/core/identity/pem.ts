// The pieces of a file of keys and certificates: PEM blocks (RFC 7468, and the headers of RFC 1421 that OpenSSL once wrote),
// or the one thing that a DER file is. It knows what a piece claims to be, not whether it is sound.
import type { Element } from "./berTree.ts";
import { Malformed, oidOf, readTree, TAG } from "./berTree.ts";

/** One piece, by its PEM label. DER files get the label that PEM would have. */
export interface Block {
	readonly label: string;
	/** `DEK-Info` and the like; empty where there are none. */
	readonly headers: Readonly<Record<string, string>>;
	readonly der: Buffer;
}

export const PKCS12_LABEL = "PKCS12";
const PKCS7_LABEL = "PKCS7";
const SIGNED_DATA = "1.2.840.113549.1.7.2";

const BLOCK =
	/-----BEGIN ([A-Z0-9 ]{1,64})-----([^-]*(?:-[^-]+)*)-----END \1-----/g;
const HEADER = /^([A-Za-z-]{1,40}):[ \t]*(.*)$/;

function pemBlock(label: string, body: string): Block {
	const lines = body.split(/\r?\n|\r/);
	const headers: Record<string, string> = {};
	const text = lines.filter((line) => {
		const header = HEADER.exec(line);
		if (header === null) return true;
		headers[header[1] ?? ""] = (header[2] ?? "").trim();
		return false;
	});
	return { label, headers, der: Buffer.from(text.join(""), "base64") };
}

/** What kind of thing a DER file is, from the shape of its outermost sequence. Null: none that is known here. */
function labelOf({ children, tag, isContext }: Element): string | null {
	if (isContext || tag !== TAG.sequence) return null;
	const shape = children
		.slice(0, 3)
		.map((one) => (one.isContext ? "c" : (SHAPES[one.tag] ?? "?")))
		.join("");
	const version = shape.startsWith("i") ? children[0]?.bytes[0] : undefined;
	if (shape === "ssb") return "CERTIFICATE";
	if (shape === "so") return "ENCRYPTED PRIVATE KEY";
	if (version === 3 && shape.startsWith("is")) return PKCS12_LABEL;
	if (shape === "iso") return "PRIVATE KEY";
	if (shape === "iii") return "RSA PRIVATE KEY";
	if (version === 1 && shape.startsWith("io")) return "EC PRIVATE KEY";
	const [first] = children;
	if (first?.tag === TAG.oid && oidOf(first) === SIGNED_DATA)
		return PKCS7_LABEL;
	return null;
}

const SHAPES: Readonly<Record<number, string>> = {
	2: "i",
	3: "b",
	4: "o",
	16: "s",
};

/** All blocks of a PEM text, or the one of a DER file; empty when it is neither. */
export function blocksOf(bytes: Buffer): readonly Block[] {
	const text = bytes.toString("latin1");
	const blocks = [...text.matchAll(BLOCK)].map(([, label = "", body = ""]) =>
		pemBlock(label, body),
	);
	if (blocks.length > 0 || bytes[0] !== 0x30) return blocks;
	try {
		const label = labelOf(readTree(bytes));
		return label === null ? [] : [{ label, headers: {}, der: bytes }];
	} catch (error) {
		if (error instanceof Malformed) return [];
		throw error;
	}
}

/** PEM of a piece. */
export function pemOf({ label, der }: Pick<Block, "label" | "der">): string {
	const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
	return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
