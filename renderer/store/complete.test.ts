import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Suggestion } from "./complete.ts";
import { accepted, suggestions } from "./complete.ts";
import { explain, mended, nearest } from "./explain.ts";
import { parseFilter } from "./filter.ts";
import { hostRow, jobRow, runRow, snapshotOf } from "./fixtures.ts";
import { fleetOf } from "./replica.ts";
import type { ListName } from "./vocabulary.ts";
import { fleetWords } from "./vocabulary.ts";

const refused = hostRow("db-1", { labels: { role: "db", env: "prod" } });
const words = fleetWords(
	fleetOf(
		snapshotOf({
			hosts: [
				hostRow("web-1", { labels: { role: "web", env: "prod" } }),
				hostRow("web-2", { labels: { role: "web", env: "dev", note: "a b" } }),
				{ ...refused, link: { ...refused.link, fault: "tcp.refused" } },
			],
			runs: [runRow("web-1", "j-1", { errorCode: "NETWORK_ERROR" })],
			jobs: [jobRow("j-1")],
		}),
	),
);

/** `|` is where the caret stands. */
function look(
	text: string,
	list: ListName = "hosts",
	asked = false,
	recent: readonly string[] = [],
): readonly Suggestion[] {
	const caret = text.indexOf("|");
	return suggestions(text.replace("|", ""), caret, list, words, recent, asked);
}
const texts = (...args: Parameters<typeof look>): string[] =>
	look(...args).map(({ text }) => text);
/** The filter after the first suggestion, with the caret. */
function take(text: string, list: ListName = "hosts"): string {
	const [first] = look(text, list);
	if (first === undefined) return text;
	const { source, caret } = accepted(text.replace("|", ""), first);
	return `${source.slice(0, caret)}|${source.slice(caret)}`;
}

describe("what may be meant at the caret", () => {
	test.each<[string, ListName, string[]]>([
		["ro|", "hosts", ["role="]],
		["chan|", "hosts", ["channel:"]],
		["!chan|", "hosts", ["channel:"]],
		["role=|", "hosts", ["db", "web"]],
		["env!=p|", "hosts", ["prod"]],
		["role in (w|", "hosts", ["web"]],
		["role in (web, d|", "hosts", ["db"]],
		["is:fail|", "jobs", ["failed"]],
		["fail|", "jobs", ["is:failed"]],
		["channel:po|", "hosts", ["polling"]],
		["channel:|", "jobs", []],
		["role=|", "activity", []],
		["host:web|", "activity", ["web-1", "web-2"]],
		["job:j|", "activity", ["j-1"]],
		["note=|", "hosts", []],
		["web-12|", "hosts", []],
		["web|", "hosts", []],
		["role=web|", "hosts", []],
		["|", "hosts", []],
	])("%j on %s", (text, list, expected) => {
		expect(texts(text, list)).toEqual(expected);
	});

	test("faults that are in the fleet now come first", () => {
		expect(texts("fault:|").slice(0, 2)).toEqual([
			"NETWORK_ERROR",
			"tcp.refused",
		]);
		expect(texts("fault:tls|")).toContain("tls.*");
	});

	test("asked for, an empty term gets the filters typed before, the fields and the labels", () => {
		expect(texts("|", "hosts", true, ["role=web"])).toEqual([
			...["role=web", "is:", "channel:", "health:", "fault:", "host:"],
			...["env=", "note=", "role="],
		]);
		expect(texts("role=web |", "jobs", true, ["x"])).toEqual(["is:", "job:"]);
	});
});

test.each<[string, string, ListName]>([
	["ro|", "role=|", "hosts"],
	["role=w|", "role=web |", "hosts"],
	["role=w| is:failed", "role=web| is:failed", "hosts"],
	["is:failed !cha|", "is:failed !channel:|", "hosts"],
	["role in (w|", "role in (web|", "hosts"],
	["fail|", "is:failed |", "jobs"],
	["is:run|ning", "is:running |", "jobs"],
])("taking the first at %j gives %j on %s", (text, after, list) => {
	expect(take(text, list)).toBe(after);
});

test("no text and no caret is an error, and what is taken is part of the filter", () => {
	const text = fc.stringMatching(/^[a-z!:=(), .*"-]{0,20}$/);
	fc.assert(
		fc.property(text, fc.nat(20), fc.boolean(), (source, at, asked) => {
			const caret = Math.min(at, source.length);
			for (const one of suggestions(
				source,
				caret,
				"hosts",
				words,
				["x"],
				asked,
			)) {
				const next = accepted(source, one);
				expect(next.source).toContain(one.text);
				expect(next.caret).toBeLessThanOrEqual(next.source.length);
			}
		}),
	);
});

const told = (source: string, list: ListName = "hosts"): string =>
	explain(parseFilter(source), list, words)
		.map((term) =>
			[
				term.words,
				term.doubt === null ? "" : `(${term.doubt})`,
				term.better === null ? "" : `-> ${term.better.to}`,
			]
				.filter(Boolean)
				.join(" "),
		)
		.join(" · ");

test.each<[string, ListName, string]>([
	["role=web !is:failed", "hosts", "role is web · not failed"],
	["role in (web,db) env!=dev", "hosts", "role is web or db · env is not dev"],
	["curl !wget", "jobs", "has “curl” · without “wget”"],
	["is:faild", "hosts", "faild (“faild” is no word for “is:” here) -> failed"],
	["roel=web", "hosts", "roel is web (no host has a label “roel”) -> role"],
	["role=wbe", "hosts", "role is wbe (no host has role=wbe) -> web"],
	["role=web", "jobs", "role is web (only hosts have labels)"],
	[
		"channel:live",
		"jobs",
		"channel is live (“channel:” says nothing on this list)",
	],
	["fault:tls.*", "hosts", "fault is tls.*"],
	["fault:nope", "hosts", "fault is nope (none is here now)"],
	["is:timed*", "job", "timed*"],
])("%j on %s is explained as %j", (source, list, expected) => {
	expect(told(source, list)).toBe(expected);
});

test("the word that was meant is put in its place, and nothing far is offered", () => {
	expect(mended("role=web is:faild", { from: "faild", to: "failed" })).toBe(
		"role=web is:failed",
	);
	expect(nearest("zzzzzz", ["failed", "stale"])).toBeNull();
	expect(nearest("fialed", ["failed", "stale"])).toBe("failed");
});
