// A listing as Markdown for the incident channel: what needs a look first, and cut where nobody reads on. Pure; a fleet's
// text can make no markup of its own, mention nobody and link nowhere.
import { fullTime } from "../age.ts";
import { escaped } from "../jobMarkdown.ts";
import type { Listing } from "./listing.ts";

/** Rows that are listed; the others are counted. */
export const LISTED_ROWS = 50;
/** A cell is cut at this many characters. */
const CELL_CHARS = 200;

/** A title with the count, the time, the fleet and the filter, then a table. */
export function listMarkdown(listing: Listing): string {
	const { brief, rows, title, fleet, filter, asOf, utc } = listing;
	const places = rows
		.map((_, at) => ({ at, rank: brief.rank(at) }))
		// As on the screen among those of the same rank.
		.sort((a, b) => a.rank - b.rank || a.at - b.at);
	const listed = places.slice(0, LISTED_ROWS);
	const more = rows.length - listed.length;
	return [
		`**${escaped(title)}**: ${rows.length.toLocaleString("en")}${fleet === "" ? "" : ` in ${escaped(fleet)}`}, ${filter === "" ? "not filtered" : `filtered by ${escaped(filter)}`}; as of ${fullTime(asOf, utc)}`,
		"",
		line(brief.heads),
		line(brief.heads.map(() => "---")),
		...listed.map(({ at }) =>
			line(brief.cells(at).map((cell) => escaped(cut(cell)))),
		),
		...(more > 0 ? ["", `… ${more.toLocaleString("en")} more`] : []),
		"",
	].join("\n");
}

const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;

function cut(text: string): string {
	// Characters are counted only where there may be too many.
	if (text.length <= CELL_CHARS) return text;
	const characters = [...text];
	return characters.length <= CELL_CHARS
		? text
		: `${characters.slice(0, CELL_CHARS - 1).join("")}…`;
}
