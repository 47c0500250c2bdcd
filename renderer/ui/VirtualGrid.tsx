// A list of thousands of rows of one height as a grid: only the rows on the screen are mounted, plus the one that has the
// focus. One row is in the tab order; arrows, j, k, Home, End, Page keys move, Enter opens. Knows ids, not what they name.
import { defaultRangeExtractor, useVirtualizer } from "@tanstack/react-virtual";
import { ArrowDown, ArrowUp } from "lucide-react";
import type { KeyboardEvent, ReactElement, ReactNode } from "react";
import {
	memo,
	useCallback,
	useEffect,
	useLayoutEffect,
	useRef,
	useState,
} from "react";
import { useKeyboard } from "./useKeys.ts";
import styles from "./VirtualGrid.module.css";

/** Rows beyond the edges of the screen that are mounted too, so that scrolling shows no blank. */
const OVERSCAN = 8;

export interface RowFace {
	/** What a screen reader says for the row; begins with what the row is called. */
	readonly name: string;
	/** The cells, one element per column. */
	readonly cells: readonly ReactNode[];
	/** Draws the row as something to look at first. */
	readonly loud?: boolean;
	readonly dim?: boolean;
	/** What it says may have changed since: it looks old. */
	readonly stale?: boolean;
}

/** The head of a column that rows can be ordered by. */
export interface SortHead {
	readonly words: string;
	readonly sort: "ascending" | "descending" | "none";
	readonly onSort: () => void;
}

interface Props<Id extends string> {
	/** The grid's accessible name. */
	readonly label: string;
	readonly ids: readonly Id[];
	readonly rowPx: number;
	/** A class that sets `grid-template-columns`, and hides cells where space is short. */
	readonly columns: string | undefined;
	/** Words above the columns. Not part of the grid: rows say all in their names. */
	readonly header: readonly (ReactNode | SortHead)[];
	/** A hook: the row subscribes to its own item. Null when the item is gone. */
	readonly useRow: (id: Id) => RowFace | null;
	readonly selected: Id | null;
	readonly onOpen: (id: Id) => void;
	/** Told which rows are on the screen, after they settled. */
	readonly onVisible?: (ids: readonly Id[]) => void;
}

/** What is on the screen stays as it is when only the functions are others: a screen that counts is rendered ten times a second. */
export function VirtualGrid<Id extends string>(props: Props<Id>): ReactElement {
	const open = useRef(props.onOpen);
	useLayoutEffect(() => {
		open.current = props.onOpen;
	});
	const onOpen = useCallback((id: Id) => open.current(id), []);
	return <Grid {...props} onOpen={onOpen} />;
}

function PlainGrid<Id extends string>(props: Props<Id>): ReactElement {
	const { ids, rowPx, selected, onOpen, onVisible } = props;
	const scroller = useRef<HTMLDivElement>(null);
	const body = useRef<HTMLDivElement>(null);
	const keyboard = useKeyboard();
	const [active, setActive] = useState<Id | null>(selected);
	const activeAt = active === null ? -1 : ids.indexOf(active);
	const tabbableAt = activeAt === -1 ? 0 : activeAt;
	// Places are keyed by their number, not by id: a key function that changes makes it measure all rows anew.
	const virtual = useVirtualizer({
		count: ids.length,
		getScrollElement: () => scroller.current,
		estimateSize: () => rowPx,
		overscan: OVERSCAN,
		rangeExtractor: (range) => {
			const shown = defaultRangeExtractor(range);
			return activeAt === -1 || shown.includes(activeAt)
				? shown
				: [...shown, activeAt].sort((a, b) => a - b);
		},
	});
	// biome-ignore lint/correctness/useExhaustiveDependencies: a change of the row height is what asks for measuring anew
	useLayoutEffect(() => virtual.measure(), [rowPx]);
	// biome-ignore lint/correctness/useExhaustiveDependencies: only a new selection scrolls; rows that come and go must not
	useEffect(() => {
		if (selected === null) return;
		setActive(selected);
		const at = ids.indexOf(selected);
		if (at !== -1) virtual.scrollToIndex(at, { align: "auto" });
	}, [selected]);
	const rows = virtual.getVirtualItems();
	useAttention(
		ids,
		rows.at(0)?.index ?? 0,
		rows.at(-1)?.index ?? -1,
		onVisible,
	);

	const moveTo = (at: number): void => {
		const id = ids[Math.max(0, Math.min(ids.length - 1, at))];
		if (id === undefined) return;
		setActive(id);
		virtual.scrollToIndex(ids.indexOf(id), { align: "auto" });
		// The row may not be mounted before the next paint.
		requestAnimationFrame(() =>
			body.current
				?.querySelector<HTMLElement>(`[data-id="${CSS.escape(id)}"]`)
				?.focus({ preventScroll: true }),
		);
	};
	const onKeyDown = (event: KeyboardEvent): void => {
		if (event.ctrlKey || event.metaKey || event.altKey) return;
		const page = Math.max(
			1,
			Math.floor((scroller.current?.clientHeight ?? 0) / rowPx) - 1,
		);
		// The keys of a person's own mean here what they mean elsewhere.
		const key = keyboard.meant(event.key) ?? "";
		const target = targetOf(key, tabbableAt, page, ids.length - 1);
		if (target !== null) moveTo(target);
		else if (
			event.key === "Enter" &&
			event.target instanceof HTMLElement &&
			event.target.dataset.id
		)
			onOpen(event.target.dataset.id as Id);
		else return;
		event.preventDefault();
		event.stopPropagation();
	};

	return (
		<div className={styles.frame}>
			<Header
				label={props.label}
				columns={props.columns}
				cells={props.header}
			/>
			<div ref={scroller} className={styles.scroller}>
				{/* biome-ignore lint/a11y/useSemanticElements: a table lays out all of its rows; only those on the screen are mounted */}
				<div
					ref={body}
					role="grid"
					aria-label={props.label}
					aria-rowcount={ids.length}
					className={styles.body}
					style={{ height: virtual.getTotalSize() }}
					onKeyDown={onKeyDown}
				>
					{rows.map((row) => {
						const id = ids[row.index];
						return id === undefined ? null : (
							<GridRow
								key={id}
								id={id}
								at={row.index}
								top={row.start}
								rowPx={rowPx}
								columns={props.columns}
								useRow={props.useRow}
								tabbable={row.index === tabbableAt}
								selected={id === selected}
								onActive={setActive}
								onOpen={onOpen}
							/>
						);
					})}
				</div>
			</div>
		</div>
	);
}

const Grid = memo(PlainGrid) as typeof PlainGrid;

const isSortHead = (cell: ReactNode | SortHead): cell is SortHead =>
	typeof cell === "object" && cell !== null && "onSort" in cell;

/** Plain words for the eye; with columns to order by, a table of its own whose heads are one stop of the tab order. */
function Header(props: {
	readonly label: string;
	readonly columns: string | undefined;
	readonly cells: readonly (ReactNode | SortHead)[];
}): ReactElement {
	const { cells } = props;
	const looks = `${styles.header} ${props.columns}`;
	const [stop, setStop] = useState(() => cells.findIndex(isSortHead));
	if (!cells.some(isSortHead))
		return (
			<div className={looks} aria-hidden="true">
				{cells.map((words, at) => (
					// biome-ignore lint/suspicious/noArrayIndexKey: columns never move
					<span key={at}>{words as ReactNode}</span>
				))}
			</div>
		);
	const onKeyDown = (event: KeyboardEvent<HTMLElement>): void => {
		if (event.key !== "ArrowRight" && event.key !== "ArrowLeft") return;
		const buttons = [...event.currentTarget.querySelectorAll("button")].filter(
			// Columns that have no room are not there.
			(button) => button.offsetParent !== null,
		);
		const at = buttons.indexOf(event.target as HTMLButtonElement);
		const by = event.key === "ArrowRight" ? 1 : -1;
		buttons[(at + by + buttons.length) % buttons.length]?.focus();
		event.preventDefault();
	};
	return (
		// biome-ignore lint/a11y/useSemanticElements: laid out by the same grid as the rows
		<div
			role="table"
			aria-label={`Columns of ${props.label}`}
			className={styles.heads}
		>
			{/* biome-ignore lint/a11y/useSemanticElements: part of the table around it */}
			{/* biome-ignore lint/a11y/useFocusableInteractive: its buttons take the focus */}
			<div role="row" className={looks} onKeyDown={onKeyDown}>
				{cells.map((cell, at) => (
					// biome-ignore lint/a11y/useSemanticElements: part of the table around it
					// biome-ignore lint/a11y/useFocusableInteractive: its button takes the focus
					<div
						// biome-ignore lint/suspicious/noArrayIndexKey: columns never move
						key={at}
						role="columnheader"
						aria-sort={isSortHead(cell) ? cell.sort : undefined}
						className={styles.headCell}
					>
						{isSortHead(cell) ? (
							<button
								type="button"
								tabIndex={at === stop ? 0 : -1}
								onFocus={() => setStop(at)}
								onClick={cell.onSort}
							>
								{cell.words}
								<SortSign sort={cell.sort} />
							</button>
						) : (
							cell
						)}
					</div>
				))}
			</div>
		</div>
	);
}

function SortSign({ sort }: Pick<SortHead, "sort">): ReactElement | null {
	if (sort === "none") return null;
	const Sign = sort === "ascending" ? ArrowUp : ArrowDown;
	return <Sign aria-hidden="true" />;
}

function targetOf(
	key: string,
	at: number,
	page: number,
	last: number,
): number | null {
	switch (key) {
		case "ArrowDown":
		case "j":
			return at + 1;
		case "ArrowUp":
		case "k":
			return at - 1;
		case "PageDown":
			return at + page;
		case "PageUp":
			return at - page;
		case "Home":
			return 0;
		case "End":
			return last;
		default:
			return null;
	}
}

/** How long the same rows must stay on the screen before they are told. */
const SETTLED_MS = 250;

function useAttention<Id extends string>(
	ids: readonly Id[],
	from: number,
	to: number,
	onVisible: ((ids: readonly Id[]) => void) | undefined,
): void {
	useEffect(() => {
		if (onVisible === undefined) return;
		const timer = setTimeout(
			() => onVisible(ids.slice(from, to + 1)),
			SETTLED_MS,
		);
		return () => clearTimeout(timer);
	}, [ids, from, to, onVisible]);
}

interface RowProps<Id extends string> {
	readonly id: Id;
	readonly at: number;
	readonly top: number;
	readonly rowPx: number;
	readonly columns: string | undefined;
	readonly useRow: (id: Id) => RowFace | null;
	readonly tabbable: boolean;
	readonly selected: boolean;
	readonly onActive: (id: Id) => void;
	readonly onOpen: (id: Id) => void;
}

function PlainGridRow<Id extends string>(
	props: RowProps<Id>,
): ReactElement | null {
	const { id, onActive, onOpen, useRow } = props;
	const face = useRow(id);
	if (face === null) return null;
	const looks = [
		styles.row,
		props.columns,
		face.loud ? styles.loud : "",
		face.dim ? styles.dim : "",
		face.stale ? styles.stale : "",
	].join(" ");
	return (
		// biome-ignore lint/a11y/useSemanticElements: part of the grid above
		// biome-ignore lint/a11y/useKeyWithClickEvents: the grid around it takes Enter and the arrows for all rows
		<div
			role="row"
			className={looks}
			data-id={id}
			aria-label={face.name}
			aria-rowindex={props.at + 1}
			aria-selected={props.selected}
			tabIndex={props.tabbable ? 0 : -1}
			style={{
				transform: `translateY(${props.top}px)`,
				height: props.rowPx,
			}}
			onFocus={() => onActive(id)}
			onClick={() => onOpen(id)}
		>
			{face.cells.map((cell, at) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: columns never move
				// biome-ignore lint/a11y/useSemanticElements: part of the grid above
				// biome-ignore lint/a11y/useFocusableInteractive: rows take the focus, not cells
				<div role="gridcell" key={at} className={styles.cell}>
					{cell}
				</div>
			))}
		</div>
	);
}

const GridRow = memo(PlainGridRow) as typeof PlainGridRow;
