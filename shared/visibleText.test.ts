import fc from "fast-check";
import { expect, test } from "vitest";
import { visible, visibleLines } from "./visibleText.ts";

test.each([
	["web-01", "web-01"],
	["exe\u202etxt", "exe‹U+202E›txt"],
	["\u001b[31mred", "‹ESC›[31mred"],
	["a\u0000b", "a‹NUL›b"],
	["zero\u200bwidth", "zero‹U+200B›width"],
	["failed\n\nCaused by:\n  exit\t100", "failed Caused by: exit 100"],
	["10%\r20%", "10%‹CR›20%"],
	["\u007f", "‹U+007F›"],
	["lone \ud800 half", "lone ‹U+D800› half"],
	["größe 日本 👩‍🔧", "größe 日本 👩‍🔧"],
])("%j is shown as %s", (raw, shown) => {
	expect(visible(raw)).toBe(shown);
});

test("nothing that hides or reorders survives", () => {
	fc.assert(
		fc.property(fc.string({ unit: "binary" }), (raw) => {
			expect(visible(raw)).not.toMatch(
				/[\p{Cc}\u200b\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/u,
			);
		}),
	);
});

test("an output keeps its lines and tabs, and a carriage return inside a line is shown", () => {
	expect(visibleLines("a\tb\r\n10%\r20%\n")).toEqual([
		"a\tb",
		"10%‹CR›20%",
		"",
	]);
});
