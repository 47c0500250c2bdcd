// Untrusted text made harmless to read: control, bidi and invisible characters are shown instead of obeyed, so that a
// name cannot pretend to be another and an output line cannot rewrite the one before it.

/** C0 without tab and newline, DEL and C1, bidi marks, embeddings, overrides and isolates, zero-width and tag characters, lone surrogates. */
const HIDDEN =
	/[\p{Cc}\u061c\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff\u{e0000}-\u{e007f}]|\p{Cs}/gu;

/** Names of the C0 controls, U+0000 and up (ASCII). Pictures of them exist, but not in the fonts that come with the window. */
const C0_NAMES =
	"NUL SOH STX ETX EOT ENQ ACK BEL BS TAB LF VT FF CR SO SI DLE DC1 DC2 DC3 DC4 NAK SYN ETB CAN EM SUB ESC FS GS RS US".split(
		" ",
	);

function shown(character: string): string {
	const code = character.codePointAt(0) ?? 0;
	const name =
		C0_NAMES[code] ?? `U+${code.toString(16).toUpperCase().padStart(4, "0")}`;
	return `\u2039${name}\u203a`;
}

/** Line ends with the blanks around them, and tabs. */
const BREAKS = /[ \t]*(?:\r?\n[ \t]*)+|\t/g;

/** The text on one line: line ends and tabs become one space, everything else hidden is made visible. */
export const visible = (text: string): string =>
	text.replace(BREAKS, " ").replace(HIDDEN, (character) => shown(character));

/** Lines of an output; tabs stay, a carriage return before a line end is dropped, everything else hidden is made visible. */
export const visibleLines = (text: string): string[] =>
	text
		.split(/\r?\n/)
		.map((line) =>
			line.replace(HIDDEN, (character) =>
				character === "\t" ? character : shown(character),
			),
		);
