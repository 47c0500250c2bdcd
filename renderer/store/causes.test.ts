import { expect, test } from "vitest";
import { causeChain } from "./causes.ts";

test.each([
	["", []],
	["  disk full\n", ["disk full"]],
	[
		"retry patch apply failed\n\nCaused by:\n    apt-get failed (exit 100): no route\n",
		["retry patch apply failed", "apt-get failed (exit 100): no route"],
	],
	[
		"outer\n\nCaused by:\n    0: middle\n    1: inner\n       more of it\n",
		["outer", "middle", "inner\nmore of it"],
	],
	["Caused by:\n  why", ["Caused by:\n  why"]],
	["said Caused by: nothing", ["said Caused by: nothing"]],
	["two\nlines\n\nCaused by:\nwhy", ["two\nlines", "why"]],
])("%j", (text, chain) => {
	expect(causeChain(text)).toEqual(chain);
});

test("no word is lost", () => {
	const text = "a b\n\nCaused by:\n    0: c d\n    1: e\n f";
	expect(causeChain(text).join(" ").split(/\s+/)).toEqual([..."abcdef"]);
});
