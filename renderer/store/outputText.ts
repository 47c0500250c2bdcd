// The output of a run as numbered lines of plain text, and where its errors are. Colours are read when a line is drawn,
// so that a hundred thousand lines cost a scan and no more. Pure.
import type { Answer } from "../../shared/contract.ts";
import { visibleLines } from "../../shared/visibleText.ts";
import type { Span } from "./terminal.ts";
import { fold, hasControls } from "./terminal.ts";

export type Stream = "log" | "stdout" | "stderr";

export interface OutputLine {
	readonly stream: Stream;
	/** Counted from 1 in its stream; a piece of a very long line has its line's number. */
	readonly n: number;
	/** As the agent sent it. */
	readonly raw: string;
	/** Colours that are on where it begins. */
	readonly carry: string;
	/** What is read, searched and copied. */
	readonly text: string;
	/** How often it was written over, as a progress meter does. */
	readonly rewrites: number;
	readonly isError: boolean;
}

export interface OutputText {
	readonly lines: readonly OutputLine[];
	/** Places in `lines` that look like errors, first to last. */
	readonly errors: readonly number[];
	/** Characters that the core left out, oldest first. */
	readonly leftOut: number;
	/** Sequences that were dropped because they mean nothing on paper. */
	readonly dropped: number;
	readonly rewritten: boolean;
}

const ERROR =
	/(?:^|[^\w-])(?:error|fatal|failed|failure|panic|traceback|err!)(?![\w-])|(?:^|\s)E: |\bdpkg: error/i;
/** "0 failed" and "no errors" are good news. */
const NO_ERROR =
	/\b(?:0|no|without)\s+(?:errors?|failed|failures?)\b|\b(?:errors?|failed|failures?)\s*[=:]\s*0\b/i;

/** Whether a line tells of an error, by the words that package managers and shells use. */
export const looksLikeError = (text: string): boolean =>
	ERROR.test(text) && !NO_ERROR.test(text);

/** Nearly every line: nothing in it needs a second look. */
const PLAIN = /^[\t -~]*$/;

/** A line longer than this is shown in pieces: a screen cannot lay out a megabyte as one line. */
const LONGEST_LINE = 8_000;

/** Reads an answer of `run.output`. */
export function readOutput(output: Answer<"run.output">): OutputText {
	const lines: OutputLine[] = [];
	const sums = { dropped: 0, rewritten: false };
	for (const [stream, text] of [
		["log", output.logs.join("\n")],
		["stdout", output.stdout],
		["stderr", output.stderr],
	] as const)
		takeStream(lines, sums, stream, text);
	const errors: number[] = [];
	for (let at = 0; at < lines.length; at++)
		if (lines[at]?.isError) errors.push(at);
	return { lines, errors, leftOut: output.leftOut, ...sums };
}

function takeStream(
	lines: OutputLine[],
	sums: { dropped: number; rewritten: boolean },
	stream: Stream,
	whole: string,
): void {
	const text = whole.replace(/\s+$/, "");
	if (text === "") return;
	let carry = "";
	let n = 0;
	for (const line of text.split(/\r*\n/)) {
		n += 1;
		for (const raw of pieces(line)) {
			const isPlain = PLAIN.test(raw);
			const folded =
				!isPlain && hasControls(raw) ? fold(raw, carry, false) : null;
			const shown = isPlain
				? raw
				: folded === null
					? (visibleLines(raw)[0] ?? "")
					: textOf(folded.spans);
			lines.push({
				stream,
				n,
				raw,
				carry,
				text: shown,
				rewrites: folded?.rewrites ?? 0,
				isError: looksLikeError(shown),
			});
			if (folded === null) continue;
			carry = folded.carry;
			sums.dropped += folded.dropped;
			sums.rewritten ||= folded.rewrites > 0;
		}
	}
}

function* pieces(line: string): Generator<string> {
	let at = 0;
	while (line.length - at > LONGEST_LINE) {
		const high = line.charCodeAt(at + LONGEST_LINE - 1);
		// Both halves of a character stay together.
		const end = at + LONGEST_LINE - (high >= 0xd800 && high < 0xdc00 ? 1 : 0);
		yield line.slice(at, end);
		at = end;
	}
	yield line.slice(at);
}

const textOf = (spans: readonly Span[]): string =>
	spans.map((span) => span.text).join("");

/** The line as it is drawn. `asSent`: nothing is folded, every control character is shown. */
export function spansOf(line: OutputLine, asSent: boolean): readonly Span[] {
	if (asSent) return [{ text: visibleLines(line.raw).join(" "), looks: [] }];
	return line.carry === "" && !hasControls(line.raw)
		? [{ text: line.text, looks: [] }]
		: fold(line.raw, line.carry).spans;
}

/** All of it as text, each stream under its name when there are several. */
export function plainText(output: OutputText): string {
	const several = new Set(output.lines.map((line) => line.stream)).size > 1;
	const parts: string[] = [];
	let stream: Stream | null = null;
	let n = 0;
	for (const line of output.lines) {
		if (several && line.stream !== stream) parts.push(`--- ${line.stream} ---`);
		if (line.stream === stream && line.n === n)
			parts[parts.length - 1] += line.text;
		else parts.push(line.text);
		({ stream, n } = line);
	}
	return parts.join("\n");
}

/** How many last lines of the former text are looked for in the newer one. */
const ANCHOR_LINES = 4;

/**
 * How many lines the newer text has beyond the former, when its beginning may have been cut off meanwhile.
 * @returns null when the former end is not found: then it is another text.
 */
export function linesAdded(before: OutputText, now: OutputText): number | null {
	const anchor = before.lines.slice(-ANCHOR_LINES);
	if (anchor.length === 0) return now.lines.length;
	for (let end = now.lines.length; end >= anchor.length; end--) {
		const from = end - anchor.length;
		if (anchor.every((line, at) => line.raw === now.lines[from + at]?.raw))
			return now.lines.length - end;
	}
	return null;
}
