// The lines of an output, virtual by pieces of fifty: a hundred thousand lines cost as much as a screen of them. Text only,
// in looks of this house.
import { useVirtualizer } from "@tanstack/react-virtual";
import type { KeyboardEvent, ReactElement, Ref } from "react";
import { memo, useImperativeHandle, useRef } from "react";
import type { Match } from "../../store/find.ts";
import { cutAtMatches } from "../../store/find.ts";
import type { OutputLook } from "../../store/outputLook.ts";
import type { OutputLine, OutputText } from "../../store/outputText.ts";
import { spansOf } from "../../store/outputText.ts";
import styles from "./OutputLines.module.css";

/** Lines that are mounted together, and how many such pieces beyond the screen: what can be selected at once. */
const CHUNK_LINES = 50;
const OVERSCAN = 8;
const LINE_PX = 18;
/** Frames to wait for a line to be mounted after its piece was scrolled to. */
const FRAMES = 8;
/** Where a line that was jumped to stands: below the upper edge by this part of the height. */
const PLACE = 0.3;
/** Closer to the end than this is the end. */
const END_PX = 24;

export interface LinesHandle {
	focus(): void;
	toLine(at: number): void;
	toEnd(): void;
	atEnd(): boolean;
}

export interface LinesProps {
	readonly handle: Ref<LinesHandle>;
	readonly text: OutputText;
	readonly look: OutputLook;
	readonly marks: ReadonlyMap<number, readonly Match[]>;
	/** The match or error that was jumped to. */
	readonly current: {
		readonly line: number;
		readonly match: Match | null;
	} | null;
	/** The person scrolled, by whatever means. */
	readonly onScrolled: () => void;
	readonly onKeyDown: (event: KeyboardEvent) => void;
}

export function OutputLines(props: LinesProps): ReactElement {
	const { text, look, marks, current } = props;
	const box = useRef<HTMLElement>(null);
	/** Until when a scroll is the person's: measuring rows scrolls too. */
	const byHandUntil = useRef(0);
	const count = Math.ceil(text.lines.length / CHUNK_LINES);
	const virtual = useVirtualizer({
		count,
		getScrollElement: () => box.current,
		estimateSize: () => CHUNK_LINES * LINE_PX,
		overscan: OVERSCAN,
	});
	const byHand = (): void => {
		byHandUntil.current = performance.now() + 1_000;
	};
	useImperativeHandle(props.handle, () => ({
		focus: () => box.current?.focus({ preventScroll: false }),
		toLine: (at) => {
			byHandUntil.current = 0;
			virtual.scrollToIndex(Math.floor(at / CHUNK_LINES), { align: "center" });
			settle(box, at, FRAMES);
		},
		toEnd: () => {
			byHandUntil.current = 0;
			const down = (): void => {
				if (box.current) box.current.scrollTop = box.current.scrollHeight;
			};
			down();
			// Pieces that were guessed are measured now, and the end is further down.
			requestAnimationFrame(() => {
				down();
				requestAnimationFrame(down);
			});
		},
		atEnd: () => {
			const { current: at } = box;
			return (
				at === null || at.scrollHeight - at.scrollTop - at.clientHeight < END_PX
			);
		},
	}));
	return (
		<section
			ref={box}
			className={`${styles.box} ${look.wrap ? styles.wrap : ""} ${look.numbers ? styles.numbered : ""}`}
			aria-label="Output"
			// biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled text must be reachable by keyboard
			tabIndex={0}
			onWheel={byHand}
			onPointerDown={byHand}
			onPointerMove={(event) => {
				if (event.buttons !== 0) byHand();
			}}
			onTouchMove={byHand}
			onKeyDown={(event) => {
				byHand();
				props.onKeyDown(event);
			}}
			onScroll={() => {
				if (performance.now() < byHandUntil.current) props.onScrolled();
			}}
		>
			<div className={styles.sheet} style={{ height: virtual.getTotalSize() }}>
				{virtual.getVirtualItems().map((item) => {
					const from = item.index * CHUNK_LINES;
					const to = from + CHUNK_LINES;
					const here =
						current !== null && current.line >= from && current.line < to;
					return (
						<div
							key={item.key}
							ref={virtual.measureElement}
							data-index={item.index}
							className={styles.chunk}
							style={{ transform: `translateY(${item.start}px)` }}
						>
							<Chunk
								text={text}
								from={from}
								look={look}
								marks={marks}
								current={here ? current : null}
							/>
						</div>
					);
				})}
			</div>
		</section>
	);
}

/** Scrolls a line to its place as soon as it is mounted. */
function settle(
	box: { readonly current: HTMLElement | null },
	at: number,
	frames: number,
): void {
	requestAnimationFrame(() => {
		const { current } = box;
		const line = current?.querySelector<HTMLElement>(`[data-line="${at}"]`);
		if (current && line)
			current.scrollTop +=
				line.getBoundingClientRect().top -
				current.getBoundingClientRect().top -
				current.clientHeight * PLACE;
		// Once more after the neighbours were measured.
		if (current && frames > 0)
			settle(box, at, line ? Math.min(1, frames - 1) : frames - 1);
	});
}

const Chunk = memo(function Chunk(
	props: Pick<LinesProps, "text" | "look" | "marks" | "current"> & {
		readonly from: number;
	},
): ReactElement {
	const { lines } = props.text;
	const several = lines[0]?.stream !== lines.at(-1)?.stream;
	return (
		<>
			{lines.slice(props.from, props.from + CHUNK_LINES).map((line, offset) => {
				const at = props.from + offset;
				const begins = several && line.stream !== lines[at - 1]?.stream;
				return (
					// biome-ignore lint/suspicious/noArrayIndexKey: an output is replaced as a whole
					<div key={offset}>
						{begins && <p className={styles.stream}>{line.stream}</p>}
						<Line
							line={line}
							at={at}
							asSent={props.look.asSent}
							matches={props.marks.get(at)}
							current={props.current?.line === at ? props.current : null}
						/>
					</div>
				);
			})}
		</>
	);
});

function Line(props: {
	readonly line: OutputLine;
	readonly at: number;
	readonly asSent: boolean;
	readonly matches: readonly Match[] | undefined;
	readonly current: LinesProps["current"];
}): ReactElement {
	const { line, at, asSent, matches = [], current } = props;
	// What is searched is the folded text: its places mean nothing in the line as it was sent.
	const cuts = cutAtMatches(spansOf(line, asSent), asSent ? [] : matches);
	return (
		<div
			className={styles.line}
			data-line={at}
			data-n={line.n}
			data-error={line.isError || undefined}
			data-current={current !== null || undefined}
		>
			{cuts.map(({ span, match }, piece) => {
				const looks = span.looks.map((look) => styles[look] ?? "").join(" ");
				const key = `${piece}`;
				if (match === null)
					return looks === "" ? (
						span.text
					) : (
						<span key={key} className={looks}>
							{span.text}
						</span>
					);
				const isCurrent =
					current?.match != null && matches[match]?.from === current.match.from;
				return (
					<mark key={key} data-current={isCurrent || undefined}>
						{span.text}
					</mark>
				);
			})}
			{line.rewrites > 0 && !asSent && (
				<span
					className={styles.rewrites}
					title={`Written over ${line.rewrites} times; this is its last state.`}
				>
					↻ {line.rewrites}
				</span>
			)}
		</div>
	);
}
