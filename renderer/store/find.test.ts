import fc from "fast-check";
import { expect, test } from "vitest";
import {
	byLine,
	cutAtMatches,
	findAll,
	MOST_MATCHES,
	stepped,
} from "./find.ts";

const lines = (...texts: string[]) => texts.map((text) => ({ text }));

test("words are found as text, whatever their letter case", () => {
	expect(findAll(lines("a.b A.B", "axb"), "a.b")).toEqual([
		{ line: 0, from: 0, to: 3 },
		{ line: 0, from: 4, to: 7 },
	]);
	expect(findAll(lines("a"), "")).toEqual([]);
	expect(
		findAll(lines("(x) [y] {z} \\ | ^$ *+?"), "[y] {z} \\ | ^$ *+?"),
	).toHaveLength(1);
});

test("the matches end at a bound", () => {
	expect(findAll(lines("a".repeat(20_000)), "a")).toHaveLength(MOST_MATCHES);
});

test("steps go around", () => {
	expect(stepped(-1, 1, 3)).toBe(0);
	expect(stepped(-1, -1, 3)).toBe(2);
	expect(stepped(2, 1, 3)).toBe(0);
	expect(stepped(0, -1, 3)).toBe(2);
	expect(stepped(0, 1, 0)).toBe(-1);
});

test("spans are cut where matches begin and end, and nothing is lost", () => {
	const spans = [
		{ text: "one er", looks: ["red"] },
		{ text: "ror two", looks: [] },
	];
	const matches = findAll(lines("one error two"), "error");
	expect(
		cutAtMatches(spans, matches).map(({ span, match }) => [span.text, match]),
	).toEqual([
		["one ", null],
		["er", 0],
		["ror", 0],
		[" two", null],
	]);
	fc.assert(
		fc.property(
			fc.array(fc.string()),
			fc.string({ minLength: 1, maxLength: 2 }),
			(texts, words) => {
				const whole = texts.join("");
				const found = byLine(findAll(lines(whole), words)).get(0) ?? [];
				const cut = cutAtMatches(lines(...texts), found);
				expect(cut.map(({ span }) => span.text).join("")).toBe(whole);
				const marked = cut.filter(({ match }) => match !== null);
				expect(marked.map(({ span }) => span.text).join("")).toBe(
					found.map(({ from, to }) => whole.slice(from, to)).join(""),
				);
			},
		),
	);
});
