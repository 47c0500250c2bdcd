// Draws the cells of the matrix: each state by its own shape, so that it is told without colour; what failed is full and
// crossed, what succeeded is quiet. Knows a canvas and colours, no host and no screen.
import type { RunState } from "../../../shared/model.ts";
import type { CellSize, Layout } from "../../store/matrix.ts";

/** Resolved colours: a canvas knows no variables. */
export interface Paints {
	readonly states: Readonly<Record<RunState, string>>;
	readonly ground: string;
	readonly text: string;
	readonly font: string;
}

/** What stands in each place. */
export interface Cells {
	stateAt(at: number): RunState;
	/** Asked only where names are drawn. */
	nameAt(at: number): string;
}

/** Space between cells. */
const GAP_PX = 1;

/**
 * The sheet's cells `from` to `to` on a clean canvas, with the sheet's own y of `top` at the canvas' upper edge. State by
 * state, so that a colour is chosen eight times and not ten thousand times.
 */
export function paintCells(
	pen: CanvasRenderingContext2D,
	paints: Paints,
	layout: Layout,
	[from, to]: readonly [number, number],
	top: number,
	cells: Cells,
): void {
	const places = new Map<RunState, number[]>();
	for (let at = from; at < to; at++) {
		const state = cells.stateAt(at);
		const list = places.get(state);
		if (list === undefined) places.set(state, [at]);
		else list.push(at);
	}
	const side = signSide(layout.cell);
	for (const [state, list] of places) {
		dip(pen, paints, state, side);
		for (const at of list) {
			const { x, y } = signPlace(layout, at, top);
			paintSign(pen, paints, state, x, y, side);
		}
	}
	if (!layout.cell.named) return;
	for (const [state, list] of places) {
		ink(pen, paints, state);
		for (const at of list) paintName(pen, layout, at, top, cells.nameAt(at));
	}
}

/** One cell, its former content wiped. */
export function paintCell(
	pen: CanvasRenderingContext2D,
	paints: Paints,
	layout: Layout,
	at: number,
	top: number,
	cells: Cells,
): void {
	const state = cells.stateAt(at);
	const { width, height } = layout.cell;
	const side = signSide(layout.cell);
	const { x, y } = signPlace(layout, at, top);
	const margin = marginOf(layout.cell);
	pen.fillStyle = paints.ground;
	pen.fillRect(x - margin, y - margin, width, height);
	dip(pen, paints, state, side);
	paintSign(pen, paints, state, x, y, side);
	if (!layout.cell.named) return;
	ink(pen, paints, state);
	paintName(pen, layout, at, top, cells.nameAt(at));
}

/** Space around the sign. */
const marginOf = (cell: CellSize): number =>
	cell.named ? (cell.height - signSide(cell)) / 2 : 0;

function signPlace(
	layout: Layout,
	at: number,
	top: number,
): { readonly x: number; readonly y: number } {
	const { cell, columns } = layout;
	const margin = marginOf(cell);
	return {
		x: (at % columns) * cell.width + margin,
		y: Math.floor(at / columns) * cell.height - top + margin,
	};
}

/** The colour and the width of a state's strokes. */
function dip(
	pen: CanvasRenderingContext2D,
	paints: Paints,
	state: RunState,
	side: number,
): void {
	pen.fillStyle = paints.states[state];
	pen.strokeStyle = paints.states[state];
	pen.lineWidth = side > 9 ? 1.5 : 1;
}

/** The face and the colour of a name: what succeeded is not coloured. */
function ink(
	pen: CanvasRenderingContext2D,
	paints: Paints,
	state: RunState,
): void {
	pen.font = paints.font;
	pen.textBaseline = "middle";
	pen.fillStyle = state === "succeeded" ? paints.text : paints.states[state];
}

/** Space between the sign, the name and the next cell. */
const NAME_GAP_PX = 5;

function paintName(
	pen: CanvasRenderingContext2D,
	layout: Layout,
	at: number,
	top: number,
	name: string,
): void {
	const { cell } = layout;
	const { x, y } = signPlace(layout, at, top);
	const side = signSide(cell);
	const left = x + side + NAME_GAP_PX;
	const width = cell.width - side - marginOf(cell) - 2 * NAME_GAP_PX;
	pen.fillText(fitting(pen, name, width), left, y + side / 2 + 0.5);
}

export const signSide = (cell: CellSize): number =>
	cell.named ? 12 : cell.height - GAP_PX;

/** The end of a name tells hosts of one kind apart: what does not fit is left out in its middle. */
function fitting(
	pen: CanvasRenderingContext2D,
	name: string,
	widthPx: number,
): string {
	if (pen.measureText(name).width <= widthPx) return name;
	const each = widthPx / Math.max(1, pen.measureText("n").width);
	const kept = Math.max(2, Math.floor(each) - 1);
	const tail = Math.ceil(kept / 2);
	return `${name.slice(0, kept - tail)}…${name.slice(-tail)}`;
}

/** A square sign at (x, y). Shapes differ in what is filled, so that they do in greyscale and at eight pixels. */
function paintSign(
	pen: CanvasRenderingContext2D,
	paints: Paints,
	state: RunState,
	x: number,
	y: number,
	side: number,
): void {
	switch (state) {
		case "failed":
			pen.fillRect(x, y, side, side);
			stroke(pen, paints.ground, x, y, side, CROSS);
			return;
		case "timed_out":
			pen.fillRect(x, y, side, side);
			stroke(pen, paints.ground, x, y, side, HANDS);
			return;
		case "lost":
			frame(pen, x, y, side);
			stroke(pen, paints.states.lost, x, y, side, SLASH);
			return;
		case "unknown":
			for (const [dx, dy] of DOTS)
				pen.fillRect(x + side * dx, y + side * dy, side * 0.28, side * 0.28);
			return;
		case "running":
			frame(pen, x, y, side, QUIET);
			pen.fillRect(x + side / 2, y, side / 2, side);
			return;
		case "queued":
			frame(pen, x, y, side, QUIET);
			return;
		case "cancelled":
			frame(pen, x, y, side);
			stroke(pen, paints.states.cancelled, x, y, side, BAR);
			return;
		case "succeeded":
			// Quiet: a small full square in the middle of its place.
			pen.fillRect(x + side * 0.25, y + side * 0.25, side * 0.5, side * 0.5);
	}
}

function frame(
	pen: CanvasRenderingContext2D,
	x: number,
	y: number,
	side: number,
	alpha = 1,
): void {
	const { lineWidth } = pen;
	pen.globalAlpha = alpha;
	pen.strokeRect(
		x + lineWidth / 2,
		y + lineWidth / 2,
		side - lineWidth,
		side - lineWidth,
	);
	pen.globalAlpha = 1;
}

/** Lines within a sign: from x, from y, to x, to y, each as a part of its side. */
type Strokes = readonly (readonly [number, number, number, number])[];
const CROSS: Strokes = [
	[0.22, 0.22, 0.78, 0.78],
	[0.78, 0.22, 0.22, 0.78],
];
const HANDS: Strokes = [
	[0.5, 0.15, 0.5, 0.55],
	[0.46, 0.5, 0.85, 0.5],
];
const SLASH: Strokes = [[0.1, 0.9, 0.9, 0.1]];
const BAR: Strokes = [[0, 0.5, 1, 0.5]];

function stroke(
	pen: CanvasRenderingContext2D,
	color: string,
	x: number,
	y: number,
	side: number,
	strokes: Strokes,
): void {
	pen.strokeStyle = color;
	pen.beginPath();
	for (const [fromX, fromY, toX, toY] of strokes) {
		pen.moveTo(x + side * fromX, y + side * fromY);
		pen.lineTo(x + side * toX, y + side * toY);
	}
	pen.stroke();
}

/** What is on its way must not be louder than what failed. */
const QUIET = 0.65;

const DOTS = [
	[0.05, 0.05],
	[0.67, 0.05],
	[0.36, 0.36],
	[0.05, 0.67],
	[0.67, 0.67],
] as const;
