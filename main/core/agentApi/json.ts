// JSON from strangers: parsed without a throw, bounded in nesting, and shown as evidence without control characters.
// Knows no message.

/** A JSON object whose fields nobody has checked yet. */
export type Fields = Readonly<Record<string, unknown>>;

/** Deeper than any agent nests; a deeper text is refused before it becomes objects. */
const DEEPEST = 64;

/** Below this many characters a text cannot nest deep enough to matter: nothing here recurses. */
const SHALLOW_CHARS = 4_096;

/** Characters of an unreadable text that are kept as evidence. */
const EVIDENCE_CHARS = 200;

const QUOTE = 34;
const BACKSLASH = 92;

/** Whether a parsed JSON value is an object and no array. */
export const isObject = (value: unknown): value is Fields =>
	typeof value === "object" && value !== null && !Array.isArray(value);

/** The value a JSON text stands for; undefined when it is not JSON or nests too deep. */
export function parseJson(text: string): unknown {
	if (text.length > SHALLOW_CHARS && isTooDeep(text)) return undefined;
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}

function isTooDeep(text: string): boolean {
	let depth = 0;
	for (let at = 0; at < text.length; at++) {
		const code = text.charCodeAt(at);
		if (code === QUOTE) at = endOfString(text, at);
		else if (code === 91 || code === 123) {
			depth++;
			if (depth > DEEPEST) return true;
		} else if (code === 93 || code === 125) depth--;
	}
	return false;
}

/** The place of the quote that closes the string opened here; the end of the text when none does. */
function endOfString(text: string, open: number): number {
	let at = text.indexOf('"', open + 1);
	while (at !== -1) {
		let escapes = 0;
		while (text.charCodeAt(at - 1 - escapes) === BACKSLASH) escapes++;
		if (escapes % 2 === 0) return at;
		at = text.indexOf('"', at + 1);
	}
	return text.length;
}

/** The beginning of a text, control characters and lone surrogates escaped, at most 200 characters in all. */
export function firstBytesOf(text: string): string {
	let shown = "";
	for (const char of text.slice(0, EVIDENCE_CHARS)) {
		const code = char.codePointAt(0) ?? 0;
		const isPlain =
			code >= 0x20 &&
			!(code >= 0x7f && code <= 0x9f) &&
			!(code >= 0xd800 && code <= 0xdfff);
		const next = isPlain ? char : `\\u${code.toString(16).padStart(4, "0")}`;
		if (shown.length + next.length > EVIDENCE_CHARS) break;
		shown += next;
	}
	return shown;
}
