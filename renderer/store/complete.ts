// What could be meant by the term at the caret, and the filter with one of it put in. Pure.
import type { Field } from "./filter.ts";
import { ranked } from "./rank.ts";
import type { FleetWords, ListName, Word } from "./vocabulary.ts";
import { fieldsOf, hasLabels, knowsField, wordsOfField } from "./vocabulary.ts";

export interface Suggestion {
	/** What is shown, and what is put in. */
	readonly text: string;
	readonly means: string;
	readonly kind: "field" | "word" | "label" | "recent";
	/** The part of the filter that it replaces: from, to. */
	readonly from: number;
	readonly to: number;
}

/** More than a person reads; typing a letter is quicker. */
const MOST = 12;

/** The term around the caret: up to a blank or a comma on both sides. */
function termAt(source: string, caret: number): { from: number; to: number } {
	let from = caret;
	while (from > 0 && !/[\s,]/.test(source[from - 1] ?? " ")) from -= 1;
	let to = caret;
	while (to < source.length && !/[\s,]/.test(source[to] ?? " ")) to += 1;
	return { from, to };
}

const NOT = /^!/;
const AFTER_FIELD = /^([a-z]+):(.*)$/i;
const AFTER_LABEL = /^([\w./-]+)(!=|==|=)(.*)$/;
/** `tier in (a,` and what is being typed behind it. */
const IN_LIST = /([\w./-]+)\s+(?:not\s*in|in)\s*\(([^)]*)$/i;

/**
 * Suggestions for the term at the caret, best first.
 * @param asked a person asked for them: an empty term gets all fields, labels and the filters typed last.
 */
export function suggestions(
	source: string,
	caret: number,
	list: ListName,
	fleet: FleetWords,
	recent: readonly string[],
	asked: boolean,
): readonly Suggestion[] {
	const { from, to } = termAt(source, caret);
	const typed = source.slice(from, caret);
	const inList = IN_LIST.exec(source.slice(0, caret));
	if (inList !== null)
		return among(
			valuesOf(fleet, inList[1] ?? ""),
			(inList[2] ?? "").split(",").at(-1)?.trimStart() ?? "",
			{
				from:
					caret -
					((inList[2] ?? "").split(",").at(-1)?.trimStart() ?? "").length,
				to: caret,
			},
			"word",
		);
	const bare = typed.replace(NOT, "");
	const start = from + (typed.length - bare.length);
	const field = AFTER_FIELD.exec(bare);
	if (field !== null) {
		const name = (field[1] ?? "").toLowerCase() as Field;
		if (!knowsField(list, name)) return [];
		const at = start + name.length + 1;
		return among(
			wordsOfField(list, name, fleet),
			field[2] ?? "",
			{ from: at, to },
			"word",
		);
	}
	const label = AFTER_LABEL.exec(bare);
	if (label !== null) {
		if (!hasLabels(list)) return [];
		const at = start + bare.length - (label[3] ?? "").length;
		return among(
			valuesOf(fleet, label[1] ?? ""),
			label[3] ?? "",
			{ from: at, to },
			"word",
		);
	}
	return beginnings(
		source,
		bare,
		{ from: start, to },
		list,
		fleet,
		recent,
		asked,
	);
}

interface Span {
	readonly from: number;
	readonly to: number;
}

/** Values of a label; one with a blank or a comma cannot be typed as a term. */
const valuesOf = (fleet: FleetWords, key: string): readonly Word[] =>
	(fleet.labels.get(key) ?? [])
		.filter((word) => !/[\s,]/.test(word))
		.map((word) => ({ word, means: "" }));

/** Those that fit what is typed, unless it is one of them already. */
function among(
	words: readonly Word[],
	typed: string,
	span: Span,
	kind: Suggestion["kind"],
): readonly Suggestion[] {
	const low = typed.toLowerCase();
	const fits = ranked(low, words, ({ word }) => word.toLowerCase(), MOST);
	if (fits[0]?.item.word.toLowerCase() === low) return [];
	return fits.map(({ item }) => ({
		text: item.word,
		means: item.means,
		kind,
		...span,
	}));
}

/** How a term may begin: a field, a label, one of the list's own words, or a filter typed before. */
function beginnings(
	source: string,
	typed: string,
	span: Span,
	list: ListName,
	fleet: FleetWords,
	recent: readonly string[],
	asked: boolean,
): readonly Suggestion[] {
	if (typed === "" && !asked) return [];
	const labels = hasLabels(list) ? [...fleet.labels.keys()] : [];
	const labelWords = labels.map((key) => ({
		word: `${key}=`,
		means: (fleet.labels.get(key) ?? []).slice(0, 3).join(", "),
	}));
	if (typed === "") {
		const whole = { from: 0, to: source.length };
		return [
			...(source.trim() === ""
				? recent.slice(0, 5).map((text) => ({
						text,
						means: "typed before",
						kind: "recent" as const,
						...whole,
					}))
				: []),
			...fieldsOf(list).map(({ word, means }) => ({
				text: word,
				means,
				kind: "field" as const,
				...span,
			})),
			...labelWords.map(({ word, means }) => ({
				text: word,
				means,
				kind: "label" as const,
				...span,
			})),
		].slice(0, MOST + 5);
	}
	const low = typed.toLowerCase();
	// Only what begins so: plain text is a filter by itself, and must not be mistaken for something else.
	const begins = ({ word }: Word): boolean =>
		word.toLowerCase().startsWith(low);
	const states = wordsOfField(list, "is", fleet).map(({ word, means }) => ({
		word: `is:${word}`,
		means,
	}));
	return [
		...fieldsOf(list)
			.filter(begins)
			.map((word) => ({ ...word, kind: "field" as const })),
		...labelWords
			.filter(begins)
			.map((word) => ({ ...word, kind: "label" as const })),
		...(low.length < 3
			? []
			: states
					.filter(({ word }) => word.startsWith(low, 3))
					.map((word) => ({ ...word, kind: "word" as const }))),
	]
		.slice(0, MOST)
		.map(({ word, means, kind }) => ({ text: word, means, kind, ...span }));
}

/** The filter with the suggestion put in, and where the caret stands then. A term that is complete is followed by a blank. */
export function accepted(
	source: string,
	{ text, kind, from, to }: Suggestion,
): { readonly source: string; readonly caret: number } {
	const isOpenEnded = kind === "field" || kind === "label";
	const after = source.slice(to);
	const inList = IN_LIST.test(source.slice(0, from));
	const end = isOpenEnded || inList || /^[\s,)]/.test(after) ? "" : " ";
	const before = source.slice(0, from) + text + end;
	return { source: before + after, caret: before.length };
}
