import fc from "fast-check";
import Papa from "papaparse";
import { expect, test } from "vitest";
import { NOW } from "../fixtures.ts";
import { csv } from "./csv.ts";
import { piecesOf, stemOf, textOf } from "./file.ts";
import { HOSTILE_SIGNS } from "./hostileSigns.ts";
import { json, jsonLines } from "./json.ts";
import type { Listing, Value } from "./listing.ts";
import { flat, isoTime, rowsText } from "./listing.ts";
import { LISTED_ROWS, listMarkdown } from "./listMarkdown.ts";

/** Any text, and text made of signs that somebody obeys. */
const hostileText = (): fc.Arbitrary<string> =>
	fc.oneof(
		fc.string({ unit: "binary" }),
		fc.string({ unit: fc.constantFrom(...HOSTILE_SIGNS) }),
	);

const listing = (change: Partial<Listing> = {}): Listing => {
	const rows = change.rows ?? [["db-07", "calm"]];
	return {
		what: "hosts",
		title: "Hosts",
		fleet: "prod",
		filter: "role=db",
		asOf: NOW,
		utc: true,
		about: {},
		columns: ["host_id", "message"],
		rows,
		brief: {
			heads: ["Host", "Message"],
			cells: (at) => (rows[at] ?? []).map((value) => String(flat(value ?? ""))),
			rank: () => 0,
		},
		...change,
	};
};
const withCell = (value: Value): Listing =>
	listing({ rows: [["db-07", value]] });
/** The cell of the message as a spreadsheet would read it. */
const cellOf = (value: Value): string =>
	Papa.parse<Record<string, string>>(csv(withCell(value)), {
		header: true,
		skipEmptyLines: true,
	}).data[0]?.message ?? "absent";

test("a CSV has stable names, one row each, and says as of when and by which filter in every row", () => {
	expect(
		csv(
			listing({
				rows: [
					["a", 1],
					["b", null],
				],
			}),
		),
	).toBe(
		[
			"host_id,message,as_of,fleet,filter",
			"a,1,2027-01-15T08:00:00.000Z,prod,role=db",
			"b,,2027-01-15T08:00:00.000Z,prod,role=db",
			"",
		].join("\r\n"),
	);
});

test.each([
	"=1+1",
	"=cmd|' /C calc'!A0",
	"+1",
	"-1+cmd",
	"@SUM(A1)",
	"%cmd",
	"|cmd",
	"\t=1",
	"\r=1",
	"\n=1",
	"   =1",
	"\u00a0=1",
	'"=1',
	"'=1",
	" \"' =1",
	"“=1",
	"＝1",
	"＋1",
	"－1",
	"＠x",
])("the cell %j is text for a spreadsheet, not a formula", (cell) => {
	// A bare carriage return is shown as what it is, and begins nothing.
	expect(cellOf(cell)).toMatch(/^('|‹CR›)/);
});

test("other cells stay as they are, and numbers are numbers also below zero", () => {
	expect(cellOf("db-07 = fine")).toBe("db-07 = fine");
	expect(cellOf(-5)).toBe("-5");
	expect(cellOf(false)).toBe("false");
	expect(cellOf(["a", "b"])).toBe("a, b");
	expect(cellOf({ role: "web", env: "prod" })).toBe("role=web, env=prod");
	expect(cellOf('a "b", c')).toBe('a "b", c');
});

test("a filter that looks like a formula is text, too", () => {
	expect(csv(listing({ filter: "=role" }))).toContain(`"'=role"`);
});

test("no text of a fleet begins a formula, adds a row, or has a sign that is not seen", () => {
	fc.assert(
		fc.property(hostileText(), (text) => {
			const written = csv(withCell(text));
			expect(written.split("\r\n")).toHaveLength(3);
			expect(cellOf(text)).not.toMatch(/^[\s"]*[=+\-@]/);
			expect(written.replaceAll("\r\n", "")).not.toMatch(
				/[\p{Cc}\u202a-\u202e\u2066-\u2069\u200b]/u,
			);
		}),
	);
});

test("JSON is one object with its time, filter, count and rows", () => {
	const about = { host_id: "x", stale: false };
	expect(JSON.parse(json(listing({ about })))).toEqual({
		as_of: "2027-01-15T08:00:00.000Z",
		fleet: "prod",
		filter: "role=db",
		list: "hosts",
		host_id: "x",
		stale: false,
		count: 1,
		rows: [{ host_id: "db-07", message: "calm" }],
	});
});

test("JSON Lines begin with the same facts, then have one object in each line", () => {
	const lines = jsonLines(
		listing({
			rows: [
				["a", 1],
				["b", { k: "v" }],
			],
		}),
	)
		.trimEnd()
		.split("\n")
		.map((line) => JSON.parse(line));
	expect(lines).toEqual([
		expect.objectContaining({ list: "hosts", count: 2, filter: "role=db" }),
		{ host_id: "a", message: 1 },
		{ host_id: "b", message: { k: "v" } },
	]);
});

test("JSON keeps every value exactly, and shows nothing that a terminal or an eye would obey", () => {
	fc.assert(
		fc.property(hostileText(), (text) => {
			const written = json(withCell(text));
			expect(JSON.parse(written).rows[0].message).toBe(text);
			const [head = "", ...rest] = jsonLines(withCell(text))
				.trimEnd()
				.split("\n");
			expect(JSON.parse(head).count).toBe(1);
			expect(rest).toHaveLength(1);
			expect(JSON.parse(rest[0] ?? "").message).toBe(text);
			for (const form of [written, jsonLines(withCell(text))])
				expect(form.replaceAll("\n", "")).not.toMatch(
					/[\p{Cc}\p{Cf}\u2028\u2029]/u,
				);
		}),
	);
});

test("Markdown has what needs a look first, in the order of the screen otherwise", () => {
	const ranks = [2, 0, 1, 0];
	const text = listMarkdown(
		listing({
			rows: [["calm"], ["bad-1"], ["slow"], ["bad-2"]],
			brief: {
				heads: ["Host"],
				cells: (at) => [["calm", "bad-1", "slow", "bad-2"][at] ?? ""],
				rank: (at) => ranks[at] ?? 9,
			},
		}),
	);
	expect(text).toBe(
		[
			"**Hosts**: 4 in prod, filtered by role=db; as of 2027-01-15 08:00:00 Z",
			"",
			"| Host |",
			"| --- |",
			"| bad-1 |",
			"| bad-2 |",
			"| slow |",
			"| calm |",
			"",
		].join("\n"),
	);
});

test("Markdown is cut where nobody reads on, and says how many more there are", () => {
	const rows = Array.from({ length: LISTED_ROWS + 412 }, (_, at) => [
		`h-${at}`,
	]);
	const text = listMarkdown(listing({ rows, filter: "" }));
	expect(text).toContain("**Hosts**: 462 in prod, not filtered;");
	expect(text.match(/^\| h-/gm)).toHaveLength(LISTED_ROWS);
	expect(text).toMatch(/\n… 412 more\n$/);
});

test("a fleet's text makes no markup, no second line and no new cell, and long text is cut", () => {
	const hostile = "a | b `c` **d**\n| e | <img> @here \u202e[x](http://y)";
	const text = listMarkdown(
		listing({
			rows: [[hostile], ["x".repeat(300)]],
			fleet: "p|q",
			filter: "`",
		}),
	);
	const lines = text.split("\n");
	expect(lines).toHaveLength(7);
	expect(lines[0]).toContain("p\\|q, filtered by \\`;");
	expect(lines[4]?.match(/(?<!\\)\|/g)).toHaveLength(2);
	expect(lines[4]).not.toMatch(/(?<!\\)[`*<[]|\u202e|@here|:\/\//);
	expect(lines[5]).toHaveLength("|  |".length + 200);
	expect(lines[5]).toMatch(/x… \|$/);
});

test("a file is named after the fleet, the list and the time, whatever the fleet is called", () => {
	expect(stemOf(listing())).toBe("foredeck-prod-hosts-20270115-080000");
	const named = /^foredeck(-[a-z0-9]+)+$/;
	fc.assert(
		fc.property(hostileText(), (fleet) => {
			const stem = stemOf(listing({ fleet, what: "job-hosts" }));
			expect(stem).toMatch(named);
			expect(stem.length).toBeLessThanOrEqual(100);
		}),
	);
});

test("a text goes to the core in pieces that fit a question, and is whole again", () => {
	const text = `${"\u0001".repeat(25_000)}🚀`;
	const pieces = [...piecesOf(text)];
	expect(pieces.join("")).toBe(text);
	for (const piece of pieces)
		expect(JSON.stringify(piece).length).toBeLessThan(64 * 1024 - 200);
});

test("the formats are told apart by kind", () => {
	expect(textOf(listing(), "csv")).toBe(csv(listing()));
	expect(textOf(listing(), "json")).toBe(json(listing()));
	expect(textOf(listing(), "jsonl")).toBe(jsonLines(listing()));
});

test("times have their offset, and counts are said", () => {
	expect(isoTime(NOW, true)).toBe("2027-01-15T08:00:00.000Z");
	expect(isoTime(NOW, false)).toMatch(
		/^2027-01-1\dT\d\d:\d\d:00\.000[+-]\d\d:\d\d$/,
	);
	expect(Date.parse(isoTime(NOW, false))).toBe(NOW);
	expect([rowsText(1), rowsText(12_400)]).toEqual(["1 row", "12,400 rows"]);
});
