// A listing as one JSON object, or as JSON Lines. Values are exactly what the console knows: what cannot be seen is written
// as an escape, so that a file shown in a terminal or an editor obeys nothing that a fleet says. Pure.
import type { Listing, Value } from "./listing.ts";
import { isoTime } from "./listing.ts";

/** Controls that JSON leaves as they are (DEL, C1), bidi and zero-width signs, and line separators. Not the line end. */
const UNSEEN = /[\u007f-\u009f\p{Cf}\u2028\u2029\ufff9-\uffff]/gu;

const escapedUnit = (unit: string): string =>
	`\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;

/** JSON in which everything that is not seen is an escape. It reads back as the same value. */
const safeJson = (value: unknown, indent?: number): string =>
	JSON.stringify(value, null, indent).replace(UNSEEN, (character) =>
		character.split("").map(escapedUnit).join(""),
	);

interface Header {
	readonly as_of: string;
	readonly fleet: string;
	readonly filter: string;
	readonly list: Listing["what"];
	readonly count: number;
	readonly [about: string]: Value;
}

const header = (listing: Listing): Header => ({
	as_of: isoTime(listing.asOf, listing.utc),
	fleet: listing.fleet,
	filter: listing.filter,
	list: listing.what,
	...listing.about,
	count: listing.rows.length,
});

const objects = ({
	columns,
	rows,
}: Listing): readonly Readonly<Record<string, Value>>[] =>
	rows.map((row) =>
		Object.fromEntries(columns.map((name, at) => [name, row[at] ?? null])),
	);

/** One object: what it is of, `count`, and `rows`. */
export const json = (listing: Listing): string =>
	`${safeJson({ ...header(listing), rows: objects(listing) }, 2)}\n`;

/** The first line says what it is of and how many rows follow; then one object in each line. */
export const jsonLines = (listing: Listing): string =>
	[header(listing), ...objects(listing)]
		.map((line) => `${safeJson(line)}\n`)
		.join("");
