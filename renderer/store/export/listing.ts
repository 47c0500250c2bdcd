// What is on the screen as a table that can leave Foredeck: rows of plain values under stable names, with the time it is of,
// the fleet and the filter. Every format is made from this, so that all have the same rows. Pure.

/** A value of a cell. Lists and labels stay what they are in JSON and become one text in a table. */
export type Value =
	| string
	| number
	| boolean
	| null
	| readonly string[]
	| Readonly<Record<string, string>>;

export interface Listing {
	/** What the rows are: part of the file's name, stable. */
	readonly what: "jobs" | "job-hosts" | "hosts" | "activity" | "host-jobs";
	/** What the rows are, in words: `Hosts`, `install · curl`. Text of a fleet perhaps, as it came. */
	readonly title: string;
	readonly fleet: string;
	/** The filter as a person would type it; empty: none. */
	readonly filter: string;
	/** By the core's clock, epoch ms. */
	readonly asOf: number;
	readonly utc: boolean;
	/** Facts that hold for all rows, by stable names. */
	readonly about: Readonly<Record<string, Value>>;
	/** Stable names in snake_case: scripts rely on them. */
	readonly columns: readonly string[];
	/** In the order of the screen, each as long as `columns`. */
	readonly rows: readonly (readonly Value[])[];
	/** The same rows for a person's eye. */
	readonly brief: Brief;
}

/** A few columns of words for a message in a channel. */
export interface Brief {
	readonly heads: readonly string[];
	/** The cells of the row at this place, as they came. */
	cells(at: number): readonly string[];
	/** How much the row at this place needs a look; lower comes first. */
	rank(at: number): number;
}

/** What a listing is made on. */
export interface ListingFacts {
	readonly fleetName: string;
	readonly filter: string;
	/** The core's time, epoch ms. */
	readonly now: number;
	readonly utc: boolean;
}

const MINUTE_MS = 60_000;

/** ISO 8601 with the offset of this computer, or in UTC: `2026-11-21T03:02:11.000+01:00`, `…Z`. */
export function isoTime(at: number, utc: boolean): string {
	const offset = utc ? 0 : -new Date(at).getTimezoneOffset();
	const text = new Date(at + offset * MINUTE_MS).toISOString();
	if (utc) return text;
	const pad = (value: number): string => String(value).padStart(2, "0");
	const minutes = Math.abs(offset);
	return `${text.slice(0, -1)}${offset < 0 ? "-" : "+"}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

/** The same for a time that may be unknown. */
export const isoOrNull = (at: number | null, utc: boolean): string | null =>
	at === null ? null : isoTime(at, utc);

/** A list or labels as one text, for tables: `a, b` and `role=web, env=prod`. */
export function flat(value: Value): string | number | boolean | null {
	if (value === null || typeof value !== "object") return value;
	return Array.isArray(value)
		? value.join(", ")
		: Object.entries(value)
				.map(([name, text]) => `${name}=${text}`)
				.join(", ");
}

/** `Hosts` and 3 of them: `3 rows`, `1 row`, `12,400 rows`. */
export const rowsText = (count: number): string =>
	`${count.toLocaleString("en")} ${count === 1 ? "row" : "rows"}`;
