// Search in lines: where a word stands, and the match after or before a place. Letter case is ignored. Pure.

export interface Match {
	/** Place in the list of lines. */
	readonly line: number;
	readonly from: number;
	readonly to: number;
}

/** More than this nobody steps through; the count then says "more than". */
export const MOST_MATCHES = 10_000;

/** Every place of the words, first to last, at most MOST_MATCHES. The words are text, not a pattern. */
export function findAll(
	lines: readonly { readonly text: string }[],
	words: string,
): readonly Match[] {
	if (words === "") return [];
	const pattern = new RegExp(
		words.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"),
		"giu",
	);
	const found: Match[] = [];
	for (let at = 0; at < lines.length; at++)
		for (const match of (lines[at]?.text ?? "").matchAll(pattern)) {
			found.push({
				line: at,
				from: match.index,
				to: match.index + match[0].length,
			});
			if (found.length === MOST_MATCHES) return found;
		}
	return found;
}

/** The matches of each line that has some. */
export function byLine(
	matches: readonly Match[],
): ReadonlyMap<number, readonly Match[]> {
	const lists = new Map<number, Match[]>();
	for (const match of matches) {
		const list = lists.get(match.line);
		if (list === undefined) lists.set(match.line, [match]);
		else list.push(match);
	}
	return lists;
}

/** The next place in a ring of `count`, from `at` (-1: none yet) by 1 or -1; -1 when there is none. */
export function stepped(at: number, by: 1 | -1, count: number): number {
	if (count === 0) return -1;
	if (at === -1) return by === 1 ? 0 : count - 1;
	return (at + by + count) % count;
}

/** A stretch of a line, and whether it is part of a match. `match` is its place among the line's matches. */
export interface Cut<S> {
	readonly span: S;
	readonly match: number | null;
}

/** Cuts spans where matches begin and end, so that each piece is in one or in none. */
export function cutAtMatches<S extends { readonly text: string }>(
	spans: readonly S[],
	matches: readonly Match[],
): readonly Cut<S>[] {
	const pieces: Cut<S>[] = [];
	let start = 0;
	let next = 0;
	for (const span of spans) {
		const end = start + span.text.length;
		let at = start;
		while (at < end) {
			while ((matches[next]?.to ?? Number.POSITIVE_INFINITY) <= at) next += 1;
			const match = matches[next];
			const inside = match !== undefined && match.from <= at;
			const until =
				match === undefined
					? end
					: Math.min(end, inside ? match.to : match.from);
			pieces.push({
				span: { ...span, text: span.text.slice(at - start, until - start) },
				match: inside ? next : null,
			});
			at = until;
		}
		start = end;
	}
	return pieces;
}
