// Figures as one table: for a terminal, and as Markdown for the page. Pure.
import type { Figure } from "./figures.ts";
import { holds, median, shown } from "./figures.ts";

const HEAD = [
	"id",
	"what",
	"target",
	"baseline",
	"measured",
	"ratio",
	"spread",
	"verdict",
] as const;

/** `counts`: false puts verdicts in brackets, because the run was too small for one. */
function cells(figure: Figure, counts: boolean): string[] {
	const { id, what, values, limit, stretch, unit, baseline, measured } = figure;
	const isRatio = unit === "x";
	const inUnit = (value: number): string =>
		isRatio ? `${value.toFixed(2)}x` : `${shown(value)} ${unit}`;
	const better = stretch === null ? "" : ` (stretch ${inUnit(stretch)})`;
	const verdict = holds(figure) ? "holds" : "falls short";
	return [
		id,
		what,
		`<= ${inUnit(limit)}${better}`,
		baseline,
		measured,
		isRatio ? inUnit(median(values)) : "-",
		values.length < 2
			? "-"
			: `${inUnit(Math.min(...values))} … ${inUnit(Math.max(...values))}`,
		counts ? verdict : `(${verdict})`,
	];
}

/** Columns aligned, then what else is worth knowing, one line a figure. */
export function textTable(figures: readonly Figure[], counts: boolean): string {
	const rows = [[...HEAD], ...figures.map((figure) => cells(figure, counts))];
	const widths = HEAD.map((_, column) =>
		Math.max(...rows.map((row) => row[column]?.length ?? 0)),
	);
	const lines = rows.map((row) =>
		row
			.map((cell, column) => cell.padEnd(widths[column] ?? 0))
			.join("  ")
			.trimEnd(),
	);
	lines.splice(1, 0, widths.map((width) => "-".repeat(width)).join("  "));
	const notes = figures
		.filter(({ context }) => context !== "")
		.map(({ id, what, context }) => `${id} ${what}: ${context}`);
	return [...lines, "", ...notes].join("\n");
}

/** The same as Markdown. */
export function markdownTable(figures: readonly Figure[]): string {
	const line = (row: readonly string[]): string => `| ${row.join(" | ")} |`;
	const notes = figures
		.filter(({ context }) => context !== "")
		.map(({ id, what, context }) => `- ${id}, ${what}: ${context}.`);
	return [
		line(HEAD),
		line(HEAD.map(() => "---")),
		...figures.map((figure) => line(cells(figure, true))),
		"",
		...notes,
	].join("\n");
}
