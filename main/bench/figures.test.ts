// Tests of the bench's arithmetic and of what it prints and writes.
import { describe, expect, test } from "vitest";
import type { Figure } from "./figures.ts";
import { holds, median, ratios } from "./figures.ts";
import { withTable } from "./page.ts";
import { openTally } from "./role.ts";
import { markdownTable, textTable } from "./table.ts";

const figure = (change: Partial<Figure> = {}): Figure => ({
	id: "P1",
	what: "CPU per event",
	baseline: "10.0 µs",
	measured: "13.0 µs",
	values: [1.4, 1.3, 1.2],
	limit: 1.35,
	unit: "x",
	stretch: 1.25,
	context: "",
	...change,
});

describe("rounds", () => {
	test("the median is the middle value, or the mean of the two in the middle", () => {
		expect(median([3, 1, 2])).toBe(2);
		expect(median([4, 1, 2, 3])).toBe(2.5);
	});

	test("a ratio is made of the two sides of the same round", () => {
		expect(ratios({ baseline: [10, 20], subject: [11, 30] })).toEqual([
			1.1, 1.5,
		]);
	});

	test("the median decides, not the best or the worst round", () => {
		expect(holds(figure())).toBe(true);
		expect(holds(figure({ values: [1.2, 1.4, 1.4] }))).toBe(false);
	});

	test("what could not be measured does not hold", () => {
		expect(holds(figure({ values: [] }))).toBe(false);
		expect(holds(figure({ values: [Number.NaN] }))).toBe(false);
	});
});

describe("the table", () => {
	test("names target, stretch, ratio, spread and verdict", () => {
		const line = textTable([figure()], true).split("\n")[2] ?? "";
		expect(line.split(/ {2,}/)).toEqual([
			"P1",
			"CPU per event",
			"<= 1.35x (stretch 1.25x)",
			"10.0 µs",
			"13.0 µs",
			"1.30x",
			"1.20x … 1.40x",
			"holds",
		]);
	});

	test("puts the verdicts of a small run in brackets", () => {
		expect(textTable([figure()], false)).toContain("(holds)");
	});

	test("has no ratio for what is an absolute figure", () => {
		const late = figure({ values: [25], limit: 20, unit: "ms", stretch: null });
		expect(markdownTable([late])).toContain(
			"| <= 20.0 ms | 10.0 µs | 13.0 µs | - | - | falls short |",
		);
	});

	test("says below what else is worth knowing", () => {
		const told = figure({ context: "links only" });
		expect(markdownTable([told])).toContain("- P1, CPU per event: links only.");
	});
});

describe("the page", () => {
	const page = "# P\n<!-- bench: begin -->\nold\n<!-- bench: end -->\nafter\n";

	test("keeps its prose and takes the new table", () => {
		expect(withTable(page, "new")).toBe(
			"# P\n<!-- bench: begin -->\nnew\n<!-- bench: end -->\nafter\n",
		);
	});

	test("a page without markers is refused", () => {
		expect(() => withTable("# P\n", "new")).toThrow("bench: begin");
	});
});

describe("a tally", () => {
	test("tells whoever waits when the goal is reached, and at once when it was", async () => {
		const tally = openTally();
		const reached = tally.reached(2);
		tally.add();
		tally.add();
		await reached;
		await tally.reached(2);
		expect(tally.value).toBe(2);
	});
});
