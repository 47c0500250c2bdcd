// Writes docs/window.md from the window's own tables (npx vitest -u), so that the page can never say anything else than the product: keys,
// words of the filter, columns of exports.
import { expect, test } from "vitest";
import type { Action } from "./actions.ts";
import { ACTIONS, keyNames } from "./actions.ts";
import { activityListing } from "./export/activityList.ts";
import { hostsListing, jobsListing } from "./export/fleetLists.ts";
import { VERDICTS } from "./export/junit.ts";
import type { Listing, ListingFacts } from "./export/listing.ts";
import { jobHostsListing } from "./export/runLists.ts";
import { jobRow } from "./fixtures.ts";
import { EMPTY_FLEET } from "./replica.ts";
import type { ListName } from "./vocabulary.ts";
import { fieldsOf, hasLabels, wordsOfField } from "./vocabulary.ts";

const LISTS: readonly (readonly [ListName, string])[] = [
	["jobs", "Jobs"],
	["job", "Hosts of a job"],
	["hosts", "Hosts"],
	["activity", "Activity"],
];

/** The whole page as Markdown. */
const windowPage = (): string =>
	[
		"# Keys, filters, exports",
		"",
		"What the window understands and what it gives away. Names of columns and of JSON are stable: scripts may rely on them.",
		"",
		...keys(),
		...filters(),
		...exports(),
	].join("\n");

function keys(): string[] {
	const groups = [...new Set(ACTIONS.map(({ group }) => group))];
	return [
		"## Keys",
		"",
		"Nothing happens while you type. Each key that is not marked with * can be changed in Settings; all of them are in the",
		"palette, except those that move within a list. On a Mac, Ctrl is ⌘ where it stands with a letter.",
		"",
		"| where | key | what it does |",
		"| --- | --- | --- |",
		...groups.flatMap((group) =>
			ACTIONS.filter((action) => action.group === group).map(
				(action) =>
					`| ${group} | ${printed(action)}${action.fixed === true ? " *" : ""} | ${action.words} |`,
			),
		),
		"",
	];
}

const printed = ({ key, also = [] }: Action): string =>
	[key, ...also]
		.map((chord) => `\`${keyNames(chord, false).join(" ")}\``)
		.join(" or ");

function filters(): string[] {
	const nothing = { labels: new Map(), hosts: [], codes: [], jobs: [] };
	return [
		"## Filters",
		"",
		"Terms are separated by blanks or commas, and all must hold. Any text is a filter; there is no error, and what no row can have",
		"is pointed out. The filter is in the address, so that a link shows the same to somebody else.",
		"",
		"| term | finds |",
		"| --- | --- |",
		"| `db-07` | rows with this text, in any letter case |",
		'| `"could not"` | text with blanks |',
		"| `!web` | the inverse of any term |",
		"| `role=web`, `env!=dev` | a label with this value, or not with it |",
		"| `tier in (a, b)`, `tier not in (a, b)` | a label with one of these values, or with none of them |",
		"| `is:failed` | a field with this word; `*` stands for any letters: `fault:tls.*` |",
		"",
		"| list | fields | words of `is:` | labels |",
		"| --- | --- | --- | --- |",
		...LISTS.map(
			([list, name]) =>
				`| ${name} | ${fieldsOf(list)
					.map(({ word }) => `\`${word}\``)
					.join(", ")} | ${wordsOfField(list, "is", nothing)
					.map(({ word }) => word)
					.join(", ")} | ${hasLabels(list) ? "yes" : "no"} |`,
		),
		"",
	];
}

const FACTS: ListingFacts = {
	fleetName: "",
	filter: "",
	now: 0,
	utc: true,
};
const WORDS = { stateWords: () => "", runLine: () => "" };

const LISTINGS: readonly Listing[] = [
	jobsListing(EMPTY_FLEET, [], FACTS, () => ""),
	jobHostsListing(EMPTY_FLEET, jobRow("j-1"), [], FACTS, WORDS),
	hostsListing(EMPTY_FLEET, [], FACTS, () => ""),
	activityListing([], FACTS, () => ""),
];

function exports(): string[] {
	return [
		"## Exports",
		"",
		"`e` on a list: exactly its rows, in their order, with the time, the fleet and the filter.",
		"",
		"| format | what is in it |",
		"| --- | --- |",
		"| Markdown | for the incident channel: the first 50 rows, what failed first, the others counted; text of the fleet makes no markup |",
		"| CSV | RFC 4180, a line of names; `as_of`, `fleet` and `filter` at the end of each row; what a spreadsheet would take for a formula begins with `'` |",
		"| JSON | one object: `as_of`, `fleet`, `filter`, `list`, `count`, `rows` |",
		"| JSON Lines | the same in lines: the first has no row but what all rows are of |",
		"| JUnit XML | a job as a suite, each host as a case |",
		"",
		"Times are ISO 8601 with their offset. A list or labels are one text in CSV and what they are in JSON.",
		"",
		"| list | columns |",
		"| --- | --- |",
		...LISTINGS.map(
			({ what, columns }) =>
				`| \`${what}\` | ${columns.map((name) => `\`${name}\``).join(", ")} |`,
		),
		"",
		"`host-jobs`, the jobs in the panel of a host, has the columns of `job-hosts`.",
		"",
		"| state of a host's run | JUnit |",
		"| --- | --- |",
		...Object.entries(VERDICTS).map(
			([state, verdict]) =>
				`| ${state.replace("_", " ")} | ${verdict === null ? "passed" : `\`${verdict}\``} |`,
		),
		"",
	];
}

test("docs/window.md is what the window's tables say (npx vitest -u writes it anew)", async () => {
	await expect(windowPage()).toMatchFileSnapshot("../../docs/window.md");
});

test("every key has its place on the page", () => {
	const page = windowPage();
	for (const { words } of ACTIONS) expect(page).toContain(`| ${words} |`);
});
