// Small signs with a shape of their own, so that colour never speaks alone. Drawn, not typed: fonts disagree on such
// characters, and one of them is an emoji. Knows shapes and tones, not what they stand for.
import type { ReactElement } from "react";
import styles from "./Glyph.module.css";

export type Shape =
	| "check"
	| "cross"
	| "half"
	| "ring"
	| "barred"
	| "clock"
	| "question"
	| "slashed"
	| "dots"
	| "dot"
	| "dashed"
	| "cycle"
	| "stop"
	| "pause";

const ring = <circle cx="8" cy="8" r="5.5" />;

const SHAPES: Record<Shape, ReactElement> = {
	check: <path d="M3 8.5 6.5 12 13 4.5" />,
	cross: <path d="m4 4 8 8m0-8-8 8" />,
	half: (
		<>
			{ring}
			<path className={styles.solid} d="M8 2.5a5.5 5.5 0 0 1 0 11z" />
		</>
	),
	ring,
	barred: (
		<>
			{ring}
			<path d="M4.8 8h6.4" />
		</>
	),
	clock: (
		<>
			<circle cx="8" cy="9" r="4.75" />
			<path d="M8 6.4V9l1.6 1.2M6.4 1.8h3.2" />
		</>
	),
	question: (
		<path d="M5.4 5.6A2.6 2.6 0 0 1 8 3.2a2.5 2.5 0 0 1 2.6 2.5C10.6 7.6 8 7.8 8 9.7m0 2.9v.2" />
	),
	slashed: (
		<>
			{ring}
			<path d="m3 13 10-10" />
		</>
	),
	dots: <path d="M3.2 8h.1M8 8h.1m4.7 0h.1" />,
	dot: <circle className={styles.solid} cx="8" cy="8" r="3.5" />,
	dashed: <circle cx="8" cy="8" r="5.5" strokeDasharray="2.4 2.2" />,
	cycle: <path d="M13 8a5 5 0 1 1-1.6-3.7M13 2.5v2.8h-2.8" />,
	stop: (
		<>
			<path d="M5.5 2.5h5l3 3v5l-3 3h-5l-3-3v-5z" />
			<path d="M8 5.2v3.3m0 2.2v.1" />
		</>
	),
	pause: <path d="M5.5 4v8m5-8v8" />,
};

export type Tone =
	| "succeeded"
	| "failed"
	| "timedOut"
	| "lost"
	| "cancelled"
	| "unknown"
	| "running"
	| "queued"
	| "warning"
	| "neutral";

/** The sign alone. The word it stands for is beside it, so it is hidden from assistive technology. */
export function Glyph(props: {
	readonly shape: Shape;
	readonly tone: Tone;
}): ReactElement {
	return (
		<svg
			className={`${styles.glyph} ${styles[props.tone]}`}
			viewBox="0 0 16 16"
			aria-hidden="true"
		>
			{SHAPES[props.shape]}
		</svg>
	);
}
