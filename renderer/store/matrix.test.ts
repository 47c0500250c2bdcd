import fc from "fast-check";
import { expect, test } from "vitest";
import {
	CELL_SIZES,
	cellAfter,
	cellAt,
	cellsShown,
	layoutOf,
	ZOOMS,
} from "./matrix.ts";

const small = layoutOf(23, 80, CELL_SIZES.small);

test("as many columns as fit, and at least one", () => {
	expect(small).toMatchObject({ columns: 10, rows: 3 });
	expect(layoutOf(3, 1, CELL_SIZES.large)).toMatchObject({
		columns: 1,
		rows: 3,
	});
	expect(layoutOf(0, 500, CELL_SIZES.small).rows).toBe(0);
});

test("a point is a cell, or none beside them", () => {
	expect(cellAt(small, 0, 0)).toBe(0);
	expect(cellAt(small, 17, 9)).toBe(12);
	expect(cellAt(small, 25, 20)).toBe(null);
	expect(cellAt(small, 81, 0)).toBe(null);
	expect(cellAt(small, -1, 0)).toBe(null);
});

test.each([
	["ArrowRight", 4, 5],
	["ArrowRight", 22, 22],
	["ArrowLeft", 0, 0],
	["ArrowLeft", 10, 9],
	["ArrowDown", 4, 14],
	["ArrowDown", 15, 15],
	["j", 2, 12],
	["ArrowDown", 21, 21],
	["ArrowUp", 14, 4],
	["k", 4, 4],
	["PageDown", 2, 22],
	["PageDown", 7, 17],
	["PageUp", 22, 2],
	["Home", 13, 0],
	["End", 0, 22],
])("%s from %i leads to %i", (key, at, to) => {
	expect(cellAfter(small, key, at, 5)).toBe(to);
});

test("a key that moves nothing is nobody's", () => {
	expect(cellAfter(small, "x", 3, 5)).toBe(null);
});

test("whatever is pressed, the place stays within the cells, and each cell is where it is drawn", () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 1, max: 12_000 }),
			fc.integer({ min: 0, max: 3_000 }),
			fc.constantFrom(...ZOOMS),
			fc.array(
				fc.constantFrom(
					"ArrowRight",
					"ArrowLeft",
					"ArrowDown",
					"ArrowUp",
					"PageDown",
					"PageUp",
					"End",
				),
			),
			(count, width, zoom, keys) => {
				const layout = layoutOf(count, width, CELL_SIZES[zoom]);
				let at = 0;
				for (const key of keys) at = cellAfter(layout, key, at, 7) ?? at;
				expect(at).toBeGreaterThanOrEqual(0);
				expect(at).toBeLessThan(count);
				const { width: w, height: h } = layout.cell;
				const x = (at % layout.columns) * w + w / 2;
				const y = Math.floor(at / layout.columns) * h + h / 2;
				expect(cellAt(layout, x, y)).toBe(at);
				const [from, to] = cellsShown(layout, y - h / 2, h);
				expect(at).toBeGreaterThanOrEqual(from);
				expect(at).toBeLessThan(to);
			},
		),
	);
});
