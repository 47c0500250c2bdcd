// A listing as CSV (RFC 4180). Spreadsheets take a cell that begins with certain signs for a formula, and a fleet's text is
// not ours: such cells are made text. Each row says as of when and by which filter, because a CSV file has no other place
// for it. Pure.
import Papa from "papaparse";
import { visible } from "../../../shared/visibleText.ts";
import type { Listing } from "./listing.ts";
import { flat, isoTime } from "./listing.ts";

/**
 * The start of a cell that a spreadsheet may take for a formula, also behind blanks and quotes, which some programs take
 * off, and in the full width forms of East Asian input. `%` and `|` begin commands in old ones.
 */
const FORMULA = /^[\s"'`\u2018-\u201f]*[=+\-@%|\uff1d\uff0b\uff0d\uff20]/u;

/** Columns that say what the file is of, at the end of every row. */
const OF_ALL = ["as_of", "fleet", "filter"] as const;

/** Printable ASCII, which most cells are: nothing in it is hidden. A hundred thousand rows are looked at. */
const PLAIN = /^[ -~]*$/;

const safe = (
	value: string | number | boolean | null,
): string | number | boolean | null =>
	typeof value === "string" && !PLAIN.test(value) ? visible(value) : value;

/** One line for the names, one for each row. A fleet's text is on one line; characters that are not seen are shown. */
export function csv(listing: Listing): string {
	const told = [
		isoTime(listing.asOf, listing.utc),
		safe(listing.fleet),
		safe(listing.filter),
	];
	return `${Papa.unparse(
		{
			fields: [...listing.columns, ...OF_ALL],
			data: listing.rows.map((row) =>
				row.map((value) => safe(flat(value))).concat(told),
			),
		},
		{ escapeFormulae: FORMULA, newline: "\r\n" },
	)}\r\n`;
}
