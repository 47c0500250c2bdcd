import { describe, expect, test } from "vitest";
import type { Answer } from "../../shared/contract.ts";
import { runRow } from "./fixtures.ts";
import {
	linesAdded,
	looksLikeError,
	plainText,
	readOutput,
	spansOf,
} from "./outputText.ts";

const ESC = "\u001b";
const outputOf = (
	change: Partial<Answer<"run.output">>,
): ReturnType<typeof readOutput> =>
	readOutput({
		run: runRow("a", "j"),
		logs: [],
		stdout: "",
		stderr: "",
		leftOut: 0,
		...change,
	});

describe("an output", () => {
	test("is the log, stdout and stderr as numbered lines; blank ends and empty streams are left out", () => {
		const { lines } = outputOf({
			logs: ["one", "two\r\nthree"],
			stderr: "E: no lock\n\n",
		});
		expect(lines.map(({ stream, n, text }) => [stream, n, text])).toEqual([
			["log", 1, "one"],
			["log", 2, "two"],
			["log", 3, "three"],
			["stderr", 1, "E: no lock"],
		]);
	});

	test("knows where its errors are, and what was left out and dropped", () => {
		const output = outputOf({
			logs: ["fine", `${ESC}[31merror${ESC}[0m: disk`, `${ESC}]0;t\u0007ok`],
			stdout: "0 failed",
			stderr: "E: no lock",
			leftOut: 12,
		});
		expect(output.errors).toEqual([1, 4]);
		expect(output.leftOut).toBe(12);
		expect(output.dropped).toBe(1);
	});

	test("is drawn with colours that last over lines, or as it was sent", () => {
		const { lines } = outputOf({ stdout: `${ESC}[32ma\nb\rc` });
		expect(lines[1]?.text).toBe("c");
		expect(lines[1] && spansOf(lines[1], false)).toEqual([
			{ text: "c", looks: ["green"] },
		]);
		expect(lines[1] && spansOf(lines[1], true)).toEqual([
			{ text: "b‹CR›c", looks: [] },
		]);
	});

	test("a very long line comes in pieces with one number, and is copied as one", () => {
		const long = `${"😀".repeat(6_000)}end`;
		const output = outputOf({ stdout: long });
		expect(output.lines.length).toBeGreaterThan(1);
		expect(new Set(output.lines.map(({ n }) => n))).toEqual(new Set([1]));
		expect(plainText(output)).toBe(long);
	});

	test("is copied as text, several streams each under its name", () => {
		expect(plainText(outputOf({ logs: ["a", `${ESC}[1mb`] }))).toBe("a\nb");
		expect(plainText(outputOf({ logs: ["a"], stderr: "b" }))).toBe(
			"--- log ---\na\n--- stderr ---\nb",
		);
	});
});

describe("what looks like an error", () => {
	test.each([
		"E: Could not get lock",
		"error: disk full",
		"dpkg: error processing",
		"Job failed",
		"npm ERR! code",
		"thread panicked: panic",
		"FATAL no space",
	])("%s", (line) => {
		expect(looksLikeError(line)).toBe(true);
	});
	test.each([
		"0 failed, 12 ok",
		"no errors found",
		"errors: 0",
		"libgpg-error0 is already the newest version",
		"Unpacking error-tools",
		"Setting up openssl",
		"E:\\path is fine",
	])("not %s", (line) => {
		expect(looksLikeError(line)).toBe(false);
	});
});

describe("what was added while somebody read", () => {
	const of = (...logs: string[]) => outputOf({ logs });
	test("is counted by lines, also when the beginning was cut off meanwhile", () => {
		expect(linesAdded(of("a", "b"), of("a", "b", "c", "d"))).toBe(2);
		expect(linesAdded(of("a", "b", "c"), of("c", "d"))).toBe(null);
		const before = of("1", "2", "3", "4", "5", "6");
		expect(linesAdded(before, of("3", "4", "5", "6", "7"))).toBe(1);
		expect(linesAdded(before, before)).toBe(0);
		expect(linesAdded(of(), of("a"))).toBe(1);
	});
});
