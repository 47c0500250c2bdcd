import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fold, hasControls } from "./terminal.ts";

const ESC = "\u001b";
const text = (raw: string): string =>
	fold(raw, "")
		.spans.map((span) => span.text)
		.join("");

describe("a line with colours", () => {
	test("becomes stretches with looks, never markup", () => {
		expect(
			fold(`${ESC}[1;31mE:${ESC}[0m <b>no</b> ${ESC}[4mlock`, "").spans,
		).toEqual([
			{ text: "E:", looks: ["red", "bold"] },
			{ text: " <b>no</b> ", looks: [] },
			{ text: "lock", looks: ["underline"] },
		]);
	});

	test("keeps each stretch's own decorations when later ones are added", () => {
		const { spans } = fold(`${ESC}[1ma${ESC}[3mb`, "");
		expect(spans.map((span) => span.looks)).toEqual([
			["bold"],
			["bold", "italic"],
		]);
	});

	test("hands colours that are still on to the next line, and a reset ends them", () => {
		const first = fold(`${ESC}[31mred`, "");
		expect(fold("still", first.carry).spans).toEqual([
			{ text: "still", looks: ["red"] },
		]);
		expect(fold(`${ESC}[mplain`, first.carry).carry).toBe("");
		expect(fold(`${ESC}[0;32mgreen`, first.carry).carry).toBe("32");
	});

	test.each([
		["38;5;196", "red"],
		["38;5;46", "green"],
		["38;5;240", "black"],
		["38;2;90;90;250", "blue"],
		["38;2;250;240;20", "yellow"],
		["95", "magenta"],
		["48;5;21", "on-blue"],
	])("the colour %s is the nearest of ours: %s", (parameters, hue) => {
		expect(fold(`${ESC}[${parameters}mx`, "").spans[0]?.looks).toEqual([hue]);
	});

	test("text that a terminal would hide or let blink is shown", () => {
		expect(fold(`${ESC}[8mhidden${ESC}[5mblink`, "").spans).toEqual([
			{ text: "hiddenblink", looks: [] },
		]);
	});
});

describe("a line that was written over", () => {
	test("shows its last state and how often it was written over", () => {
		const folded = fold("10 %\r55 %\r100 % done", "");
		expect(folded.spans).toEqual([{ text: "100 % done", looks: [] }]);
		expect(folded.rewrites).toBe(2);
	});

	test("a shorter state leaves the rest of the longer one, unless it is erased", () => {
		expect(text("abcdef\rxy")).toBe("xycdef");
		expect(text(`abcdef\r${ESC}[Kxy`)).toBe("xy");
		expect(text(`abcdef\r${ESC}[2Kxy`)).toBe("xy    ");
		expect(text("ab\b\bxy")).toBe("xy");
	});

	test("a return at the end changes nothing", () => {
		expect(fold("done\r", "")).toMatchObject({ rewrites: 0 });
		expect(text("done\r")).toBe("done");
	});

	test("a cursor far to the right costs no memory", () => {
		expect(text(`a${ESC}[999999999Gb`).length).toBeLessThan(20_000);
	});
});

test("titles, links and cursor movements are dropped and counted", () => {
	const folded = fold(
		`${ESC}]0;title\u0007a${ESC}]8;;http://x${ESC}\\b${ESC}[2J${ESC}(Bc${ESC}[?25l`,
		"",
	);
	expect(folded.spans).toEqual([{ text: "abc", looks: [] }]);
	expect(folded.dropped).toBe(5);
});

test("a line is read alike whether or not its cursor moves", () => {
	fc.assert(
		fc.property(
			fc.array(
				fc.oneof(
					fc.string({ maxLength: 4 }),
					fc.constantFrom(`${ESC}[31m`, `${ESC}[1m`, `${ESC}[m`, `${ESC}[K`),
				),
			),
			(parts) => {
				const raw = parts.join("").replace(/[\n\r\b]/g, " ");
				// Going back by nothing makes it take the longer way.
				expect(fold(`${raw}${ESC}[1G`, "1")).toEqual(fold(raw, "1"));
			},
		),
	);
});

test("other control and bidi characters are shown as such", () => {
	expect(text(`a\u0007b\u202ec${ESC}[m`)).toBe("a‹BEL›b‹U+202E›c");
});

test("a line without controls is told so, and any text can be folded", () => {
	expect(hasControls("plain <i>")).toBe(false);
	fc.assert(
		fc.property(
			fc.array(
				fc.oneof(
					fc.string(),
					fc.constantFrom(
						`${ESC}[`,
						`${ESC}]`,
						"\r",
						"\b",
						`${ESC}[K`,
						`${ESC}[31m`,
						`${ESC}[38;5m`,
						`${ESC}[38;2;1m`,
						`${ESC}[5D`,
						`${ESC}P`,
					),
				),
			),
			fc.boolean(),
			(parts, styled) => {
				const raw = parts.join("").replaceAll("\n", " ");
				const folded = fold(raw, "", styled);
				const shown = folded.spans.map((span) => span.text).join("");
				// biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be left
				expect(/[\u0000-\u0008\u000b-\u001f]/.test(shown)).toBe(false);
				// The same text with and without colours: what is searched is what is seen.
				expect(
					fold(raw, "", !styled)
						.spans.map((span) => span.text)
						.join(""),
				).toBe(shown);
			},
		),
	);
});
