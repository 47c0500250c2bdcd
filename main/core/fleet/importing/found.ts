// What a reader of a foreign inventory finds: hosts as they were written, each with its line, and what it could not use. Whether
// a host is sound is judged in one place for all formats (importHosts.ts).

/** A host as a file names it, not checked yet. What a file leaves out is left out here. */
export interface RawHost {
	readonly id: string;
	/** Absent: not named. Of a new host the id is its address then; one that is known keeps its own. */
	readonly address?: string;
	readonly port?: number | string;
	readonly servername?: string;
	readonly minTls?: string;
	readonly labels?: Readonly<Record<string, string>>;
}

export interface FoundHost {
	/** Counted from 1. */
	readonly line: number;
	readonly host: RawHost;
}

/** A line that names no usable host, and why. */
export interface InvalidLine {
	readonly line: number;
	/** What the line calls its host; null where it names none. */
	readonly id: string | null;
	readonly sentence: string;
}

export interface Found {
	readonly hosts: readonly FoundHost[];
	readonly invalid: readonly InvalidLine[];
	/** What was passed over on purpose, one sentence each. */
	readonly notes: readonly string[];
	/** What the file calls its fleet, where it does. */
	readonly name?: string;
}

/** Names of columns and variables whose values do not belong on a screen. */
const SECRET =
	/pass(word|phrase|wd)?|secret|token|credential|private|api_?key|(^|_)key($|_)|vault|become/i;

export const looksSecret = (name: string): boolean => SECRET.test(name);

/** A label's key as filters can name it: letters, digits, dot, slash, dash, underscore. */
export const labelKey = (text: string): string =>
	text
		.slice(0, 1_000)
		.trim()
		.toLowerCase()
		.replace(/[^\w./-]+/g, "_")
		// The one name that an object takes for something else.
		.replace(/^__proto__$/, "proto")
		.slice(0, 128);

/** The most hosts that one file may name. */
export const MOST_HOSTS = 100_000;
