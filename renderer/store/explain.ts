// A filter in words, as it was understood: `role is web · not failed`. A word that no row can ever have is pointed out, with
// the one that was probably meant; it is never an error. Pure.
import type { Field, Filter, Term } from "./filter.ts";
import type { FleetWords, ListName } from "./vocabulary.ts";
import { hasLabels, knowsField, wordsOfField } from "./vocabulary.ts";

export interface Explained {
	readonly words: string;
	/** Why no row can fit, kindly; null when some may. */
	readonly doubt: string | null;
	/** The term as it was probably meant, and as it stands; null when nothing is near. */
	readonly better: { readonly from: string; readonly to: string } | null;
}

export const explain = (
	filter: Filter,
	list: ListName,
	fleet: FleetWords,
): readonly Explained[] =>
	filter.terms.map((term) => explained(term, list, fleet));

function explained(term: Term, list: ListName, fleet: FleetWords): Explained {
	switch (term.kind) {
		case "text":
			return known(`${term.not ? "without" : "has"} “${term.text}”`);
		case "label":
			return labelWords(term, list, fleet);
		case "field":
			return fieldWords(term, list, fleet);
	}
}

const known = (words: string): Explained => ({
	words,
	doubt: null,
	better: null,
});

function labelWords(
	term: Extract<Term, { kind: "label" }>,
	list: ListName,
	fleet: FleetWords,
): Explained {
	const values = term.values.join(" or ");
	const words = `${term.key} is ${term.not ? "not " : ""}${values === "" ? "…" : values}`;
	if (!hasLabels(list))
		return { words, doubt: "only hosts have labels", better: null };
	const known = fleet.labels.get(term.key);
	if (known === undefined) {
		const near = nearest(term.key, [...fleet.labels.keys()]);
		return {
			words,
			doubt: `no host has a label “${term.key}”`,
			better: near === null ? null : { from: term.key, to: near },
		};
	}
	const strange = term.values.find(
		(value) => value !== "" && !known.includes(value),
	);
	if (strange === undefined) return { words, doubt: null, better: null };
	const near = nearest(strange, known);
	return {
		words,
		doubt: `no host has ${term.key}=${strange}`,
		better: near === null ? null : { from: strange, to: near },
	};
}

const FIELD_WORDS: Readonly<Record<Field, string>> = {
	is: "",
	channel: "channel is ",
	fault: "fault is ",
	health: "health is ",
	host: "host is ",
	job: "job is ",
};

function fieldWords(
	term: Extract<Term, { kind: "field" }>,
	list: ListName,
	fleet: FleetWords,
): Explained {
	const lead = FIELD_WORDS[term.field];
	const words = `${lead}${term.not ? "not " : ""}${term.word}`;
	if (!knowsField(list, term.field))
		return {
			words,
			doubt: `“${term.field}:” says nothing on this list`,
			better: null,
		};
	const all = wordsOfField(list, term.field, fleet);
	if (all.some(({ word }) => term.pattern.test(word.toLowerCase())))
		return { words, doubt: null, better: null };
	// Codes of agents and ids come and go: that none is here now says nothing against them.
	if (term.field === "fault" || term.field === "host" || term.field === "job")
		return { words, doubt: `none is here now`, better: null };
	const near = nearest(
		term.word,
		all.map(({ word }) => word),
	);
	return {
		words,
		doubt: `“${term.word}” is no word for “${term.field}:” here`,
		better: near === null ? null : { from: term.word, to: near },
	};
}

/** The nearest by changed, missing, added and swapped letters; null when none is within a third of its length. */
export function nearest(
	typed: string,
	words: readonly string[],
): string | null {
	let best: string | null = null;
	let bestCost = Math.max(1, Math.floor(typed.length / 3)) + 1;
	for (const word of words) {
		const cost = distance(typed.toLowerCase(), word.toLowerCase());
		if (cost < bestCost) {
			best = word;
			bestCost = cost;
		}
	}
	return best;
}

function distance(a: string, b: string): number {
	let former: number[] = [];
	let row = Array.from({ length: b.length + 1 }, (_, at) => at);
	for (let i = 1; i <= a.length; i++) {
		const next = [i];
		for (let j = 1; j <= b.length; j++) {
			const same = a[i - 1] === b[j - 1];
			let cost = Math.min(
				(row[j] ?? 0) + 1,
				(next[j - 1] ?? 0) + 1,
				(row[j - 1] ?? 0) + (same ? 0 : 1),
			);
			if (a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
				cost = Math.min(cost, (former[j - 2] ?? cost) + 1);
			next[j] = cost;
		}
		former = row;
		row = next;
	}
	return row[b.length] ?? 0;
}

/** The filter with the first whole occurrence of a word as it was meant. */
export const mended = (
	source: string,
	{ from, to }: { readonly from: string; readonly to: string },
): string => {
	const at = source.toLowerCase().indexOf(from.toLowerCase());
	return at === -1
		? source
		: source.slice(0, at) + to + source.slice(at + from.length);
};
