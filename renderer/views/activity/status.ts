// The status in the activity's filter. Pure.
import { COUNT_ORDER } from "../words.ts";

const termOf = (state: string): string => `is:${state.replaceAll("_", "-")}`;
/** Each state with its term. */
export const TERMS = COUNT_ORDER.map((state) => ({
	state,
	term: termOf(state),
}));

/** The filter with this status, or with none. Terms of other kinds stay. */
export function withStatus(q: string, term: string | null): string {
	const others = q
		.split(/\s+/)
		.filter(
			(part) => part !== "" && !TERMS.some((known) => known.term === part),
		);
	return [...others, ...(term === null ? [] : [term])].join(" ");
}

/** The status in the filter; null: any, or more than one. */
export function statusIn(q: string): string | null {
	const found = q
		.split(/\s+/)
		.filter((part) => TERMS.some(({ term }) => term === part));
	return found.length === 1 ? (found[0] ?? null) : null;
}
