// Keeps the canvas of the matrix as the replica is: all visible cells when the layout, the place or the theme changes, and
// else only those whose state changed, once a frame at most.
import type { RefObject } from "react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { RunKey, RunState } from "../../../shared/model.ts";
import { RUN_STATES } from "../../../shared/model.ts";
import { visible } from "../../../shared/visibleText.ts";
import type { Layout } from "../../store/matrix.ts";
import { cellsShown } from "../../store/matrix.ts";
import glyphStyles from "../../ui/Glyph.module.css";
import type { Tone } from "../../ui/Glyph.tsx";
import { useParts, useView } from "../window.ts";
import { RUN_SIGNS } from "../words.ts";
import type { Paints } from "./cellPaint.ts";
import { paintCell, paintCells } from "./cellPaint.ts";
import styles from "./Matrix.module.css";

interface Sheet {
	readonly scroller: RefObject<HTMLDivElement | null>;
	readonly canvas: RefObject<HTMLCanvasElement | null>;
	readonly layout: Layout;
	readonly keys: readonly RunKey[];
	readonly size: { readonly width: number; readonly height: number };
}

/** The cells that are on the screen, as `cellsShown`. */
export function usePaintedCells(sheet: Sheet): readonly [number, number] {
	const { scroller, canvas, layout, keys, size } = sheet;
	const { core } = useParts();
	const [shown, setShown] = useState<readonly [number, number]>([0, 0]);
	const paints = usePaints(canvas);
	/** What was drawn, by place: so that only what differs is drawn again. */
	const drawn = useRef<(RunState | undefined)[]>([]);
	const { cell, columns } = layout;
	// The layout is made anew at every render; these are what it is made of.
	// biome-ignore lint/correctness/useExhaustiveDependencies: see above
	useLayoutEffect(() => {
		const box = scroller.current;
		const paper = canvas.current;
		const pen = paper?.getContext("2d", { alpha: false });
		if (!box || !paper || !pen || paints === null || size.width === 0) return;
		const scale = window.devicePixelRatio || 1;
		const width = columns * cell.width;
		paper.width = Math.ceil(width * scale);
		paper.height = Math.ceil(size.height * scale);
		paper.style.width = `${width}px`;
		paper.style.height = `${size.height}px`;
		let frame = 0;
		let { runs } = core.getState().fleet.replica;
		const stateAt = (at: number): RunState => {
			const key = keys[at];
			return (
				(key === undefined ? undefined : runs.get(key)?.state) ?? "unknown"
			);
		};
		const nameAt = (at: number): string => {
			const key = keys[at] ?? "";
			return visible(key.slice(0, key.lastIndexOf("/")));
		};
		const cells = { stateAt, nameAt };
		const all = (): void => {
			frame = 0;
			const range = cellsShown(layout, box.scrollTop, size.height);
			pen.setTransform(scale, 0, 0, scale, 0, 0);
			pen.fillStyle = paints.ground;
			pen.fillRect(0, 0, width, size.height);
			drawn.current = [];
			for (let at = range[0]; at < range[1]; at++)
				drawn.current[at] = stateAt(at);
			paintCells(pen, paints, layout, range, box.scrollTop, cells);
			setShown((before) =>
				before[0] === range[0] && before[1] === range[1] ? before : range,
			);
		};
		const changes = (): void => {
			frame = 0;
			const [from, to] = cellsShown(layout, box.scrollTop, size.height);
			for (let at = from; at < to; at++) {
				const state = stateAt(at);
				if (drawn.current[at] === state) continue;
				drawn.current[at] = state;
				paintCell(pen, paints, layout, at, box.scrollTop, cells);
			}
		};
		const soon = (draw: () => void): void => {
			if (frame === 0) frame = requestAnimationFrame(draw);
		};
		const onScroll = (): void => {
			cancelAnimationFrame(frame);
			frame = requestAnimationFrame(all);
		};
		all();
		box.addEventListener("scroll", onScroll, { passive: true });
		const leave = core.subscribe((next) => {
			if (next.fleet.replica.runs === runs) return;
			({ runs } = next.fleet.replica);
			soon(changes);
		});
		return () => {
			cancelAnimationFrame(frame);
			box.removeEventListener("scroll", onScroll);
			leave();
		};
	}, [keys, columns, cell, size, paints, core, scroller, canvas]);
	return shown;
}

/** The theme's colours as a canvas needs them; read anew when the theme, the contrast or forced colours change. */
function usePaints(canvas: RefObject<HTMLCanvasElement | null>): Paints | null {
	const theme = useView((view) => view.preferences.theme);
	const [round, setRound] = useState(0);
	const [paints, setPaints] = useState<Paints | null>(null);
	useEffect(() => {
		const queries = [
			"(prefers-color-scheme: dark)",
			"(forced-colors: active)",
			"(prefers-contrast: more)",
		].map((query) => matchMedia(query));
		const again = (): void => setRound((at) => at + 1);
		for (const query of queries) query.addEventListener("change", again);
		// Names are drawn in the window's face, which may still be on its way.
		if (document.fonts.status !== "loaded")
			void document.fonts.ready.then(again);
		return () => {
			for (const query of queries) query.removeEventListener("change", again);
		};
	}, []);
	// biome-ignore lint/correctness/useExhaustiveDependencies: theme and round are what colours depend on
	useLayoutEffect(() => {
		if (canvas.current !== null) setPaints(readPaints(canvas.current));
	}, [canvas, theme, round]);
	return paints;
}

/** Colours are read from elements that wear them. */
function readPaints(canvas: HTMLCanvasElement): Paints {
	const probe = document.createElement("span");
	probe.hidden = true;
	canvas.parentElement?.append(probe);
	const colorOf = (tone: Tone | null): string => {
		probe.className =
			tone === null
				? (styles.name ?? "")
				: tone === "failed"
					? (styles.failed ?? "")
					: (glyphStyles[tone] ?? "");
		return getComputedStyle(probe).color;
	};
	const look = getComputedStyle(canvas);
	const states = Object.fromEntries(
		RUN_STATES.map((state) => [state, colorOf(RUN_SIGNS[state].tone)]),
	) as Record<RunState, string>;
	const text = colorOf(null);
	probe.remove();
	return {
		states,
		text,
		ground: look.backgroundColor,
		font: `${look.fontSize} ${look.fontFamily}`,
	};
}
