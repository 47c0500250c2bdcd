// The hosts of a job as cells: ten thousand of them in one look. They are drawn on a canvas; the one cell that has the focus
// is an element over it, so that a keyboard and a screen reader walk a grid. Subscribes to the core by itself and draws
// only what changed: React renders nothing for an event.
import type { KeyboardEvent, PointerEvent, ReactElement } from "react";
import { useEffect, useLayoutEffect, useRef, useState } from "react";
import type { HostRun, RunKey } from "../../../shared/model.ts";
import { visible } from "../../../shared/visibleText.ts";
import type { Layout, Zoom } from "../../store/matrix.ts";
import { CELL_SIZES, cellAfter, cellAt, layoutOf } from "../../store/matrix.ts";
import { useKeyboard } from "../../ui/useKeys.ts";
import { useCore } from "../window.ts";
import { runLine, stateWords } from "../words.ts";
import { CellTip } from "./CellTip.tsx";
import styles from "./Matrix.module.css";
import { usePaintedCells } from "./usePaintedCells.ts";

const hostName = (key: RunKey): string =>
	visible(key.slice(0, key.lastIndexOf("/")));

export function Matrix(props: {
	readonly keys: readonly RunKey[];
	readonly zoom: Zoom;
	readonly selected: RunKey | null;
	/** Another number: back to the beginning, where what failed is. */
	readonly round: number;
	readonly onOpen: (key: RunKey) => void;
	/** Told which hosts are on the screen, after they settled. */
	readonly onVisible: (keys: readonly RunKey[]) => void;
}): ReactElement {
	const { keys, selected, onOpen } = props;
	const scroller = useRef<HTMLDivElement>(null);
	const canvas = useRef<HTMLCanvasElement>(null);
	const cell = useRef<HTMLDivElement>(null);
	const size = useSize(scroller);
	const [active, setActive] = useState<RunKey | null>(selected);
	const [pointed, setPointed] = useState<number | null>(null);
	const [focused, setFocused] = useState(false);
	const keyboard = useKeyboard();
	const layout = layoutOf(keys.length, size.width, CELL_SIZES[props.zoom]);
	const activeAt = active === null ? 0 : Math.max(0, keys.indexOf(active));
	const shown = usePaintedCells({ scroller, canvas, layout, keys, size });
	useToldVisible(keys, shown, props.onVisible);

	// biome-ignore lint/correctness/useExhaustiveDependencies: only a new selection scrolls; cells that come and go must not
	useEffect(() => {
		if (selected === null) return;
		setActive(selected);
		reveal(scroller.current, layout, keys.indexOf(selected));
	}, [selected]);
	// Cells that moved because they are of another size or beside a panel: the one that is looked at stays in sight.
	// biome-ignore lint/correctness/useExhaustiveDependencies: only another layout scrolls
	useEffect(() => {
		if (selected !== null || focused)
			reveal(scroller.current, layout, activeAt);
	}, [layout.columns, layout.cell]);
	// biome-ignore lint/correctness/useExhaustiveDependencies: a new round is what is scrolled for
	useEffect(() => {
		scroller.current?.scrollTo({ top: 0 });
	}, [props.round]);

	const moveTo = (at: number): void => {
		const key = keys[at];
		if (key === undefined) return;
		setActive(key);
		setPointed(null);
		reveal(scroller.current, layout, at);
	};
	const onKeyDown = (event: KeyboardEvent): void => {
		if (event.ctrlKey || event.metaKey || event.altKey) return;
		const key = keys[activeAt];
		const page = Math.max(1, Math.floor(size.height / layout.cell.height) - 1);
		const to = cellAfter(layout, meaning(keyboard, event.key), activeAt, page);
		if (to !== null) moveTo(to);
		else if (event.key === "Enter" && key !== undefined) onOpen(key);
		else return;
		event.preventDefault();
		event.stopPropagation();
	};
	const at = (event: PointerEvent): number | null => {
		const box = canvas.current?.getBoundingClientRect();
		if (box === undefined) return null;
		const { scrollTop } = scroller.current ?? { scrollTop: 0 };
		return cellAt(
			layout,
			event.clientX - box.left,
			event.clientY - box.top + scrollTop,
		);
	};
	// The panel beside it says it all of the selected one.
	const told = focused && keys[activeAt] !== selected ? activeAt : null;
	const tipAt = pointed ?? told;
	const tipKey = tipAt === null ? undefined : keys[tipAt];
	return (
		<div className={styles.frame}>
			<div
				ref={scroller}
				className={styles.scroller}
				onPointerMove={(event) => setPointed(at(event))}
				onPointerLeave={() => setPointed(null)}
				onScroll={() => setPointed(null)}
			>
				{/* biome-ignore lint/a11y/useSemanticElements: cells are drawn; the one with the focus is an element */}
				<div
					role="grid"
					aria-label="Hosts of this job"
					aria-rowcount={layout.rows}
					aria-colcount={layout.columns}
					className={styles.sheet}
					style={{ height: layout.rows * layout.cell.height }}
					onKeyDown={onKeyDown}
					onPointerDown={(event) => {
						const key = keys[at(event) ?? -1];
						if (key === undefined || event.button !== 0) return;
						setActive(key);
						onOpen(key);
						// The grid keeps the focus, so that arrows go on from here.
						event.preventDefault();
						cell.current?.focus({ preventScroll: true });
					}}
				>
					{/* biome-ignore lint/a11y/noAriaHiddenOnFocusable: a canvas without a tab index takes no focus */}
					<canvas ref={canvas} className={styles.canvas} aria-hidden="true" />
					<ActiveCell
						handle={cell}
						runKey={keys[activeAt]}
						at={activeAt}
						layout={layout}
						selected={keys[activeAt] === selected && selected !== null}
						onFocus={setFocused}
					/>
					{selected !== null && keys.includes(selected) && (
						<span
							className={styles.chosen}
							aria-hidden="true"
							style={placeOf(layout, keys.indexOf(selected))}
						/>
					)}
				</div>
			</div>
			{tipKey !== undefined && tipAt !== null && (
				<CellTip
					key={tipKey}
					runKey={tipKey}
					scroller={scroller}
					place={placeOf(layout, tipAt)}
				/>
			)}
		</div>
	);
}

/** A person may have given the rows' keys to others. */
const meaning = (
	keyboard: ReturnType<typeof useKeyboard>,
	key: string,
): string => (key.length === 1 ? (keyboard.meant(key) ?? "") : key);

const placeOf = (layout: Layout, at: number) => ({
	left: (at % layout.columns) * layout.cell.width,
	top: Math.floor(at / layout.columns) * layout.cell.height,
	width: layout.cell.width,
	height: layout.cell.height,
});

/** Scrolls as little as is needed to see the cell. */
function reveal(
	scroller: HTMLElement | null,
	layout: Layout,
	at: number,
): void {
	if (scroller === null || at < 0) return;
	const { top, height } = placeOf(layout, at);
	if (top < scroller.scrollTop) scroller.scrollTop = top;
	else if (top + height > scroller.scrollTop + scroller.clientHeight)
		scroller.scrollTop = top + height - scroller.clientHeight;
}

function useSize(ref: { readonly current: HTMLElement | null }): {
	readonly width: number;
	readonly height: number;
} {
	const [size, setSize] = useState({ width: 0, height: 0 });
	useLayoutEffect(() => {
		const { current } = ref;
		if (current === null) return;
		const measure = (): void =>
			setSize({ width: current.clientWidth, height: current.clientHeight });
		measure();
		const observer = new ResizeObserver(measure);
		observer.observe(current);
		return () => observer.disconnect();
	}, [ref]);
	return size;
}

/** How long the same cells must stay on the screen before they are told. */
const SETTLED_MS = 250;

function useToldVisible(
	keys: readonly RunKey[],
	[from, to]: readonly [number, number],
	onVisible: (keys: readonly RunKey[]) => void,
): void {
	useEffect(() => {
		const timer = setTimeout(() => onVisible(keys.slice(from, to)), SETTLED_MS);
		return () => clearTimeout(timer);
	}, [keys, from, to, onVisible]);
}

/** What is said of a cell: the host first. */
function cellName(run: HostRun | undefined, key: RunKey): string {
	if (run === undefined) return hostName(key);
	return [
		hostName(key),
		stateWords(run),
		visible(runLine(run)),
		run.errorCode === null ? "" : visible(run.errorCode),
	]
		.filter((part) => part !== "")
		.join(", ");
}

function ActiveCell(props: {
	readonly handle: { current: HTMLDivElement | null };
	readonly runKey: RunKey | undefined;
	readonly at: number;
	readonly layout: Layout;
	readonly selected: boolean;
	readonly onFocus: (focused: boolean) => void;
}): ReactElement | null {
	const { runKey, at, layout } = props;
	const run = useCore((core) =>
		runKey === undefined ? undefined : core.fleet.replica.runs.get(runKey),
	);
	if (runKey === undefined) return null;
	return (
		// biome-ignore lint/a11y/useSemanticElements: part of the grid above
		// biome-ignore lint/a11y/useFocusableInteractive: cells take the focus, not rows
		<div role="row" aria-rowindex={Math.floor(at / layout.columns) + 1}>
			{/* biome-ignore lint/a11y/useSemanticElements: part of the grid above */}
			<div
				ref={props.handle}
				role="gridcell"
				aria-colindex={(at % layout.columns) + 1}
				aria-selected={props.selected}
				aria-label={cellName(run, runKey)}
				tabIndex={0}
				className={styles.active}
				style={placeOf(layout, at)}
				onFocus={() => props.onFocus(true)}
				onBlur={() => props.onFocus(false)}
			/>
		</div>
	);
}
