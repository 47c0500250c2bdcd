// The geometry of the matrix: cells in rows from left to right, a movement in two dimensions, the cell under a point, and
// the rows that a screen shows. Pure.

export const ZOOMS = ["small", "medium", "large"] as const;
export type Zoom = (typeof ZOOMS)[number];

export interface CellSize {
	readonly width: number;
	readonly height: number;
	/** Whether the host's name fits in. */
	readonly named: boolean;
}

/** One cell with the space after it, in CSS pixels. At the largest the name stands beside the sign. */
export const CELL_SIZES: Readonly<Record<Zoom, CellSize>> = {
	small: { width: 8, height: 8, named: false },
	medium: { width: 12, height: 12, named: false },
	large: { width: 136, height: 20, named: true },
};

export interface Layout {
	readonly columns: number;
	readonly rows: number;
	readonly cell: CellSize;
	readonly count: number;
}

/** The cells in as many columns as fit; at least one. */
export function layoutOf(
	count: number,
	widthPx: number,
	cell: CellSize,
): Layout {
	const columns = Math.max(1, Math.floor(widthPx / cell.width));
	return { columns, rows: Math.ceil(count / columns), cell, count };
}

/** The cell under a point of the whole sheet; null beside the cells. */
export function cellAt(layout: Layout, x: number, y: number): number | null {
	const column = Math.floor(x / layout.cell.width);
	const row = Math.floor(y / layout.cell.height);
	if (column < 0 || column >= layout.columns || row < 0) return null;
	const at = row * layout.columns + column;
	return at < layout.count ? at : null;
}

/** Where a key leads from the cell `at`; null when the key moves nothing. It never leaves the cells. */
export function cellAfter(
	layout: Layout,
	key: string,
	at: number,
	pageRows: number,
): number | null {
	const { columns, count } = layout;
	const last = count - 1;
	const within = (to: number): number => Math.max(0, Math.min(last, to));
	const down = (rows: number): number => {
		const to = at + rows * columns;
		// The last row may be short; a column that ends there keeps its last cell.
		if (to <= last && to >= 0) return to;
		const column = at % columns;
		if (to < 0) return column;
		const lowest = Math.floor(last / columns) * columns + column;
		return lowest <= last ? lowest : Math.max(at, lowest - columns);
	};
	switch (key) {
		case "ArrowRight":
			return within(at + 1);
		case "ArrowLeft":
			return within(at - 1);
		case "ArrowDown":
		case "j":
			return down(1);
		case "ArrowUp":
		case "k":
			return down(-1);
		case "PageDown":
			return down(pageRows);
		case "PageUp":
			return down(-pageRows);
		case "Home":
			return 0;
		case "End":
			return last;
		default:
			return null;
	}
}

/** First and one past the last cell of the rows that a screen of this place and height shows. */
export function cellsShown(
	layout: Layout,
	scrollTop: number,
	heightPx: number,
): readonly [from: number, to: number] {
	const { height } = layout.cell;
	const first = Math.max(0, Math.floor(scrollTop / height));
	const last = Math.ceil((scrollTop + heightPx) / height);
	return [
		Math.min(layout.count, first * layout.columns),
		Math.min(layout.count, last * layout.columns),
	];
}
