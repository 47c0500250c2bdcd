import fc from "fast-check";
import { expect, test } from "vitest";
import { fitAll, ranked, wordFit, wordsOf } from "./rank.ts";

const best = (typed: string, items: readonly string[], most = 50): string[] =>
	ranked(typed, items, (item) => item.toLowerCase(), most).map(
		({ item }) => item,
	);

test("exact comes before beginning, beginning before word, word before anywhere, anywhere before letters in order", () => {
	expect(
		best("db", [
			"odb-lake",
			"d-base-b",
			"a-long-name-of-a-db",
			"db-01",
			"db",
			"web",
		]),
	).toEqual(["db", "db-01", "a-long-name-of-a-db", "odb-lake", "d-base-b"]);
});

test("letters that begin words are found: pa os is patch apply on openssl", () => {
	expect(best("pos", ["patchapply · openssl", "go to settings"])).toEqual([
		"patchapply · openssl",
	]);
	expect(best("we1", ["web-01", "web-10", "db-01"])).toEqual([
		"web-10",
		"web-01",
	]);
});

test("letters strewn anywhere are not a match", () => {
	expect(best("tgs", ["go to identities"])).toEqual([]);
});

test("all words must fit, in any order", () => {
	expect(best("openssl patch", ["patchapply · openssl", "openssl"])).toEqual([
		"patchapply · openssl",
	]);
});

test("items that fit alike keep their order, and no more than asked are given", () => {
	expect(best("web", ["web-03", "web-01", "web-02"])).toEqual([
		"web-03",
		"web-01",
		"web-02",
	]);
	const many = Array.from({ length: 10_000 }, (_, at) => `web-${at}`);
	expect(best("web", many)).toHaveLength(50);
	expect(best("", many, 3)).toEqual(["web-0", "web-1", "web-2"]);
});

test("a text that begins with what was typed never ranks behind one that does not", () => {
	const word = fc.stringMatching(/^[a-z0-9]{1,6}$/);
	const text = fc.stringMatching(/^[a-z0-9-]{0,80}$/);
	fc.assert(
		fc.property(word, text, text, (typed, rest, other) => {
			fc.pre(!other.startsWith(typed));
			expect(wordFit(typed, typed + rest)).toBeGreaterThan(
				wordFit(typed, other),
			);
		}),
	);
	fc.assert(
		fc.property(fc.string(), fc.string(), (typed, any) => {
			expect(fitAll(wordsOf(typed), any.toLowerCase())).toBeGreaterThanOrEqual(
				0,
			);
		}),
	);
});
