// The filter's grammar: plain text, `!` for the inverse, labels as `role=web,env!=dev,tier in (a,b)`, and fields as
// `is:failed`, `channel:polling`, `fault:tls.*`. All terms must hold. Any text is a filter: there is no error.

/** Fields that have words of their own; any other `word:` is plain text (addresses have colons). */
const FIELDS = ["is", "channel", "fault", "health", "host", "job"] as const;
export type Field = (typeof FIELDS)[number];

export type Term =
	| { readonly kind: "text"; readonly not: boolean; readonly text: string }
	| {
			readonly kind: "label";
			readonly not: boolean;
			readonly key: string;
			readonly values: readonly string[];
	  }
	| {
			readonly kind: "field";
			readonly not: boolean;
			readonly field: Field;
			readonly pattern: RegExp;
			readonly word: string;
	  };

export interface Filter {
	readonly source: string;
	readonly terms: readonly Term[];
}

/** What a filter looks at. Words are lower case, as the fleet's text is compared without letter case. */
export interface Subject {
	/** Text that plain terms search, one string. */
	text(): string;
	label(key: string): string | undefined;
	/** Whether one of the field's words fits; `is:` words differ per list. */
	words(field: Field): readonly string[];
}

const TERM =
	/(!?)(?:([\w./-]+)\s+(not\s*in|in)\s*\(([^)]*)\)|"([^"]*)"?|([^\s,]+))/gi;

/** Reads what was typed. The same text gives an equal filter. A term without its value (`role=`, `is:`) is none yet; `role in ()` finds an empty label. */
export function parseFilter(source: string): Filter {
	const terms: Term[] = [];
	for (const match of source.matchAll(TERM)) {
		const not = match[1] === "!";
		if (match[2] !== undefined)
			terms.push({
				kind: "label",
				not: not !== /^not/i.test(match[3] ?? ""),
				key: match[2],
				values: (match[4] ?? "").split(",").map((value) => value.trim()),
			});
		else if (match[5] !== undefined) pushText(terms, not, match[5]);
		else terms.push(...bareTerm(not, match[6] ?? ""));
	}
	return { source, terms };
}

function pushText(terms: Term[], not: boolean, text: string): void {
	if (text !== "") terms.push({ kind: "text", not, text: text.toLowerCase() });
}

function bareTerm(not: boolean, token: string): Term[] {
	const field = /^([a-z]+):(.*)$/i.exec(token);
	const name = field?.[1]?.toLowerCase() as Field | undefined;
	if (field !== null && name !== undefined && FIELDS.includes(name)) {
		const word = (field[2] ?? "").toLowerCase();
		// Not typed to its end yet: it would hide everything for a moment.
		if (word === "") return [];
		return [{ kind: "field", not, field: name, pattern: glob(word), word }];
	}
	const label = /^([\w./-]+)(!=|==|=)(.*)$/.exec(token);
	if (label !== null && label[3] === "") return [];
	if (label !== null)
		return [
			{
				kind: "label",
				not: not !== (label[2] === "!="),
				key: label[1] ?? "",
				values: [label[3] ?? ""],
			},
		];
	const terms: Term[] = [];
	pushText(terms, not, token);
	return terms;
}

function glob(word: string): RegExp {
	const escaped = word.replace(/[.+?^${}()|[\]\\]/g, "\\$&");
	// Repeated stars mean the same as one, and would make the pattern slow.
	return new RegExp(`^${escaped.replace(/\*+/g, ".*")}$`);
}

/** Whether every term holds. A label that is absent fits `!=` and `not in`, as in Kubernetes selectors. */
export function matches(filter: Filter, subject: Subject): boolean {
	for (const term of filter.terms)
		if (holds(term, subject) === term.not) return false;
	return true;
}

function holds(term: Term, subject: Subject): boolean {
	switch (term.kind) {
		case "text":
			return subject.text().includes(term.text);
		case "label": {
			const value = subject.label(term.key);
			return value !== undefined && term.values.includes(value);
		}
		case "field":
			return subject
				.words(term.field)
				.some((word) => term.pattern.test(word.toLowerCase()));
	}
}

/** The filter with the term added, or without it when it was there: what a key like `f` does. */
export function toggled(source: string, term: string): string {
	const parts = source.split(/\s+/).filter((part) => part !== "");
	const without = parts.filter((part) => part !== term);
	return (without.length === parts.length ? [...parts, term] : without).join(
		" ",
	);
}

/** The plain words of a filter: what a search that knows no grammar can look for. */
export const plainWords = ({ terms }: Filter): string =>
	terms
		.flatMap((term) => (term.kind === "text" && !term.not ? term.text : []))
		.join(" ");
