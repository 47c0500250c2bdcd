// An export as a file: its name, its kind and its text. Pure.
import type { Question } from "../../../shared/contract.ts";
import { csv } from "./csv.ts";
import { json, jsonLines } from "./json.ts";
import type { Listing } from "./listing.ts";
import { isoTime } from "./listing.ts";

/** The kinds of files there are, by their ending. */
export type ExportKind = Question<"export.begin">["kind"];

export const TYPES: Readonly<Record<ExportKind, string>> = {
	csv: "text/csv;charset=utf-8",
	json: "application/json",
	jsonl: "application/jsonl",
	xml: "application/xml",
};

/** What a kind is called. */
export const KIND_WORDS: Readonly<Record<ExportKind, string>> = {
	csv: "CSV",
	json: "JSON",
	jsonl: "JSON Lines",
	xml: "JUnit XML",
};

/** A listing in one of the formats that every listing has. */
export function textOf(
	listing: Listing,
	kind: Exclude<ExportKind, "xml">,
): string {
	if (kind === "csv") return csv(listing);
	return kind === "json" ? json(listing) : jsonLines(listing);
}

const MOST_OF_FLEET = 32;

/** The name without its ending: `foredeck-prod-hosts-20261121-030211`. Only letters, digits and dashes, whatever the fleet is called. */
export function stemOf(listing: Listing): string {
	const fleet = listing.fleet
		.toLowerCase()
		.replace(/[^a-z0-9]+/g, "-")
		.slice(0, MOST_OF_FLEET)
		.replace(/^-+|-+$/g, "");
	const time = isoTime(listing.asOf, listing.utc)
		.slice(0, 19)
		.replace(/[-:]/g, "")
		.replace("T", "-");
	return ["foredeck", fleet, listing.what, time]
		.filter((part) => part !== "")
		.join("-");
}

/** Characters that a question to the core can carry: as escapes they have up to six bytes each. */
const PIECE_CHARS = 10_000;

/** The text in pieces, in their order. */
export function* piecesOf(text: string): Generator<string> {
	for (let at = 0; at < text.length; at += PIECE_CHARS)
		yield text.slice(at, at + PIECE_CHARS);
}
