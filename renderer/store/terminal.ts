// One line of a terminal's output as a person would have seen it: colours as a few named tones, progress that was written
// over itself as its last state, everything else that could mislead made visible or dropped. Pure; never makes markup.
import Anser from "anser";
import { visibleLines } from "../../shared/visibleText.ts";

/** The tones that the window has AA colours for; a terminal's other colours become the nearest of these. */
export const HUES = [
	"black",
	"red",
	"green",
	"yellow",
	"blue",
	"magenta",
	"cyan",
	"white",
] as const;
export type Hue = (typeof HUES)[number];

/** A stretch of text that looks the same. `looks` are class names of this house, never a terminal's text. */
export interface Span {
	readonly text: string;
	readonly looks: readonly Look[];
}

export type Look =
	| Hue
	| `on-${Hue}`
	| "bold"
	| "dim"
	| "italic"
	| "underline"
	| "strikethrough"
	| "reverse";

export interface Folded {
	readonly spans: readonly Span[];
	/** How often the line was written over: 0 for an ordinary line. */
	readonly rewrites: number;
	/** Sequences without a meaning on paper that were dropped: titles, links, cursor movements. */
	readonly dropped: number;
	/** Colours that are still on at the end of the line, to be given to the next one. */
	readonly carry: string;
}

/** Control sequences: CSI (1 parameters, 2 the rest), OSC and its like up to their end, other escapes, CR and BS. */
const TOKEN =
	// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
	/\u001b\[([0-?]*)([ -/]*[@-~])|\u001b[\]PX^_][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[ -/]*[0-~]|[\r\b]/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const CONTROLS = /[\u001b\r\b]/;
/** A cursor is never put further right than this, so that a sequence costs no memory. */
const LAST_COLUMN = 10_000;
/** Colours that are carried on; longer ones are nonsense. */
const LONGEST_CARRY = 96;

/** What moves the cursor anywhere but on. Erasing from the cursor on changes nothing where nothing was written over. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
const MOVES = /[\r\b]|\u001b\[(?:[0-?]*[GCD]|[12]K)/;

/** Whether a line needs `fold`; the others are shown as they are. */
export const hasControls = (raw: string): boolean => CONTROLS.test(raw);

/** The tones of one place in a line. Compared by identity while a line is folded. */
type Style = readonly Look[];
const PLAIN: Style = [];

interface Paper {
	readonly cells: { readonly text: string; readonly style: Style }[];
	column: number;
	style: Style;
	rewrites: number;
	dropped: number;
	carry: string;
	/** A carriage return or backspace stands before the next text. */
	returned: boolean;
}

/**
 * What a terminal shows of one line.
 * @param raw the line without its end.
 * @param carry colours of the line before (`Folded.carry`).
 * @param styled false leaves the colours out, which is cheaper: for search and copying.
 */
export function fold(raw: string, carry: string, styled = true): Folded {
	const anser = styled ? new Anser() : null;
	if (!MOVES.test(raw)) return straight(raw, carry, anser);
	const paper: Paper = {
		cells: [],
		column: 0,
		style: anser === null || carry === "" ? PLAIN : styleAfter(anser, carry),
		rewrites: 0,
		dropped: 0,
		carry,
		returned: false,
	};
	let at = 0;
	for (const token of raw.matchAll(TOKEN)) {
		write(paper, raw.slice(at, token.index));
		at = token.index + token[0].length;
		obey(paper, token, anser);
	}
	write(paper, raw.slice(at));
	return {
		spans: joined(paper.cells),
		rewrites: paper.rewrites,
		dropped: paper.dropped,
		carry: paper.carry,
	};
}

/** The same for the usual line, which is written from left to right: no place is kept for each character. */
function straight(raw: string, before: string, anser: Anser | null): Folded {
	const spans: Span[] = [];
	let carry = before;
	let dropped = 0;
	let at = 0;
	let looks = anser === null || carry === "" ? PLAIN : styleAfter(anser, carry);
	const put = (text: string): void => {
		if (text === "") return;
		const [shown = ""] = visibleLines(text);
		const last = spans.at(-1);
		if (last !== undefined && last.looks === looks)
			spans[spans.length - 1] = { text: last.text + shown, looks };
		else spans.push({ text: shown, looks });
	};
	for (const token of raw.matchAll(TOKEN)) {
		put(raw.slice(at, token.index));
		at = token.index + token[0].length;
		const [, parameters = "", final] = token;
		if (final === "m") {
			carry = carried(carry, parameters);
			if (anser !== null) looks = styleAfter(anser, parameters);
		} else if (final !== "K") dropped += 1;
	}
	put(raw.slice(at));
	return { spans, rewrites: 0, dropped, carry };
}

function write(paper: Paper, text: string): void {
	if (text === "") return;
	if (paper.returned && paper.column < paper.cells.length) paper.rewrites += 1;
	paper.returned = false;
	while (paper.cells.length < paper.column)
		paper.cells.push({ text: " ", style: PLAIN });
	for (const character of text) {
		// Everything hidden is made visible here, so that what is searched and copied is what is seen.
		const [shown = ""] = visibleLines(character);
		paper.cells[paper.column] = { text: shown, style: paper.style };
		paper.column += 1;
	}
}

function obey(paper: Paper, token: RegExpExecArray, anser: Anser | null): void {
	const [whole, parameters = "", final] = token;
	if (whole === "\r") {
		paper.column = 0;
		paper.returned = true;
	} else if (whole === "\b") {
		paper.column = Math.max(0, paper.column - 1);
		paper.returned = true;
	} else if (final === "m") {
		paper.carry = carried(paper.carry, parameters);
		if (anser !== null) paper.style = styleAfter(anser, parameters);
	} else if (final === "K") erase(paper, parameters);
	else if (final === "G" || final === "C" || final === "D")
		paper.column = moved(paper.column, final, Number.parseInt(parameters, 10));
	else paper.dropped += 1;
}

function erase(paper: Paper, parameters: string): void {
	const { cells, column } = paper;
	if (parameters === "" || parameters === "0") cells.splice(column);
	else
		for (let at = 0; at < (parameters === "2" ? cells.length : column); at++)
			cells[at] = { text: " ", style: PLAIN };
}

function moved(column: number, way: "G" | "C" | "D", asked: number): number {
	const by = Number.isNaN(asked) ? 1 : asked;
	const next = way === "G" ? by - 1 : way === "C" ? column + by : column - by;
	return Math.max(0, Math.min(LAST_COLUMN, next));
}

/** Colours that are on after these parameters; a reset ends what was before. */
function carried(carry: string, parameters: string): string {
	if (parameters === "" || parameters === "0") return "";
	if (parameters.startsWith("0;")) return parameters.slice(2);
	const next = carry === "" ? parameters : `${carry};${parameters}`;
	return next.length > LONGEST_CARRY ? parameters : next;
}

/** The looks after an SGR sequence. The parser keeps what was set before. */
function styleAfter(anser: Anser, parameters: string): Style {
	// The parser's own list of decorations changes with the next sequence: it is read at once and never kept.
	const told = anser.processChunkJson(
		`${parameters}m`,
		{ use_classes: true },
		true,
	);
	const looks: Look[] = [];
	const front = hueOf(told.fg, told.fg_truecolor);
	const back = hueOf(told.bg, told.bg_truecolor);
	if (front !== null) looks.push(front);
	if (back !== null) looks.push(`on-${back}`);
	// Blinking and hidden text is shown like any other: what an agent wrote is never invisible here.
	for (const decoration of new Set(told.decorations))
		if (decoration !== "blink" && decoration !== "hidden")
			looks.push(decoration);
	return looks.length === 0 ? PLAIN : looks;
}

/** The nearest tone of a class that the parser names; null for the default colour. */
function hueOf(name: string | null, trueColor: string | null): Hue | null {
	if (name === null) return null;
	const named = HUES.find((hue) => name.endsWith(`-${hue}`));
	if (named !== undefined) return named;
	const palette = /^ansi-palette-(\d+)$/.exec(name)?.[1];
	if (palette !== undefined) return nearest(paletteColor(Number(palette)));
	const parts = (trueColor ?? "").split(", ").map(Number);
	return nearest([parts[0] ?? 0, parts[1] ?? 0, parts[2] ?? 0]);
}

type Rgb = readonly [number, number, number];
const LEVELS = [0, 95, 135, 175, 215, 255];
/** Numbers 16 to 231 are a cube of colours, 232 to 255 greys, as every terminal has them. */
function paletteColor(index: number): Rgb {
	if (index >= 232) {
		const grey = 8 + (index - 232) * 10;
		return [grey, grey, grey];
	}
	const at = index - 16;
	const level = (step: number): number => LEVELS[step % 6] ?? 0;
	return [level(Math.floor(at / 36)), level(Math.floor(at / 6)), level(at)];
}

/** Below this difference of the channels a colour is a grey. */
const GREY_SPREAD = 40;
const BRIGHT = 128;
function nearest([red, green, blue]: Rgb): Hue {
	const most = Math.max(red, green, blue);
	const spread = most - Math.min(red, green, blue);
	if (spread < GREY_SPREAD) return most < BRIGHT ? "black" : "white";
	const strong = (channel: number): boolean => channel > most - spread / 2;
	const index =
		(strong(red) ? 1 : 0) + (strong(green) ? 2 : 0) + (strong(blue) ? 4 : 0);
	return HUES[index] ?? "white";
}

function joined(
	cells: readonly { readonly text: string; readonly style: Style }[],
): Span[] {
	const spans: { text: string; looks: Style }[] = [];
	for (const { text, style } of cells) {
		const last = spans.at(-1);
		if (last !== undefined && last.looks === style) last.text += text;
		else spans.push({ text, looks: style });
	}
	return spans;
}
