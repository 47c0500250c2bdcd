import { expect, test } from "vitest";
import { ANSWER_BYTES } from "../../shared/contract.ts";
import { fitOutput, newestOf } from "./fitOutput.ts";

const sizeOf = (value: unknown): number =>
	Buffer.byteLength(JSON.stringify(value));

test("an output that fits is told as it is", () => {
	const output = {
		logs: ["one", "two"],
		stdout: "out",
		stderr: "err",
		leftOut: 7,
	};
	expect(fitOutput(output)).toEqual(output);
});

test.each([
	["plain", "a"],
	["terminal colours", "\x1b"],
	["three bytes each", "€"],
	["surrogate pairs", "🦊"],
])(
	"an output of %s keeps its end within one answer, and says how much is missing",
	(_, character) => {
		const text = `${character.repeat(400_000)}the end`;
		const logs = Array.from({ length: 20_000 }, (_, at) => `${text[0]}${at}`);
		const fitted = fitOutput({
			logs: [text, ...logs, text],
			stdout: text,
			stderr: text,
			leftOut: 0,
		});
		expect(sizeOf(fitted)).toBeLessThan(ANSWER_BYTES - 60 * 1024);
		expect(sizeOf(fitted)).toBeGreaterThan(ANSWER_BYTES / 2);
		for (const kept of [fitted.stdout, fitted.stderr, fitted.logs.at(-1)])
			expect(kept).toMatch(/the end$/);
		const kept =
			fitted.logs.join("").length + fitted.stdout.length + fitted.stderr.length;
		const all = text.length * 4 + logs.join("").length;
		expect(kept + fitted.leftOut).toBe(all);
		expect(fitted.stdout).toBe(fitted.stdout.toWellFormed());
	},
);

test("lines end within every small room, also where not even an empty line fits", () => {
	const lines = [[], [""], ["", ""], ["", "a", ""], ["€", ""], ["\x1b", "ab"]];
	for (const given of lines)
		for (let room = 0; room <= 12; room++) {
			const kept = newestOf(given, room);
			const size = kept.reduce((sum, line) => sum + sizeOf(line) + 1, 0);
			expect(size).toBeLessThanOrEqual(room);
			expect(given.join("\n").endsWith(kept.join("\n"))).toBe(true);
		}
	expect(newestOf(["", "", ""], 6)).toEqual(["", ""]);
});
