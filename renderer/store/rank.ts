// How well a text fits what was typed: exact first, then its beginning, then the beginning of a word, then anywhere, then
// the letters in their order. Pure; made to be asked of 10,000 names for each key that is pressed.

const EXACT = 1_000;
const BEGINS = 800;
const WORD_BEGINS = 600;
const WITHIN = 400;
const IN_ORDER = 200;
/** A longer text fits a little worse, so that `web-1` comes before `web-10`; never enough to leave its class. */
const LENGTH_COST = 90;

const isWordStart = (text: string, at: number): boolean =>
	at === 0 || !/[\p{L}\p{N}]/u.test(text[at - 1] ?? "");

/**
 * How well `text` fits one `word`; 0: not at all.
 * @param word lower case, without blanks. @param text lower case.
 */
export function wordFit(word: string, text: string): number {
	if (word === "") return 1;
	const cost = Math.min(LENGTH_COST, text.length - word.length);
	let at = text.indexOf(word);
	if (at === 0) return text.length === word.length ? EXACT : BEGINS - cost;
	if (at > 0) {
		for (let next = at; next !== -1; next = text.indexOf(word, next + 1))
			if (isWordStart(text, next)) return WORD_BEGINS - cost;
		return WITHIN - cost;
	}
	// The letters in their order; each that stands apart from the one before costs, unless it begins a word.
	let gaps = 0;
	for (const letter of word) {
		const next = text.indexOf(letter, at + 1);
		if (next === -1) return 0;
		if (next !== at + 1 && !isWordStart(text, next)) gaps += 1;
		at = next;
	}
	// Letters strewn anywhere are chance, not what was meant.
	if (gaps > word.length / 2) return 0;
	return Math.max(1, IN_ORDER - gaps * 20 - cost);
}

/** How well `text` fits all words typed; 0 when one of them does not fit. @param text lower case. */
export function fitAll(words: readonly string[], text: string): number {
	let worst = EXACT;
	let sum = 0;
	for (const word of words) {
		const one = wordFit(word, text);
		if (one === 0) return 0;
		sum += one;
		worst = Math.min(worst, one);
	}
	return words.length === 0 ? 1 : (sum / words.length + worst) / 2;
}

/** What was typed as words, lower case. */
export const wordsOf = (typed: string): readonly string[] =>
	typed
		.toLowerCase()
		.split(/\s+/)
		.filter((word) => word !== "");

export interface Ranked<Item> {
	readonly item: Item;
	readonly fit: number;
}

/**
 * The `most` items that fit best, best first; items that fit alike keep their order.
 * @param textOf lower case.
 */
export function ranked<Item>(
	typed: string,
	items: readonly Item[],
	textOf: (item: Item) => string,
	most: number,
): readonly Ranked<Item>[] {
	const words = wordsOf(typed);
	const found: { item: Item; fit: number; at: number }[] = [];
	for (let at = 0; at < items.length; at++) {
		const item = items[at] as Item;
		const how = fitAll(words, textOf(item));
		if (how > 0) found.push({ item, fit: how, at });
	}
	return found.sort((a, b) => b.fit - a.fit || a.at - b.at).slice(0, most);
}
