// A bar of parts that add up: each part as wide as its share, none so narrow that one in ten thousand disappears. Parts
// differ by texture as well as by colour. Knows parts and tones, not what they count.
import type { ReactElement } from "react";
import type { Tone } from "./Glyph.tsx";
import styles from "./SegmentBar.module.css";

export interface Segment {
	readonly tone: Tone;
	readonly count: number;
}

/** `done` of `total` is what assistive technology hears, with `words`. */
export function SegmentBar(props: {
	readonly label: string;
	readonly words: string;
	readonly done: number;
	readonly total: number;
	readonly segments: readonly Segment[];
	readonly tall?: boolean;
}): ReactElement {
	return (
		<div
			className={`${styles.bar} ${props.tall ? styles.tall : ""}`}
			role="progressbar"
			aria-label={props.label}
			aria-valuemin={0}
			aria-valuemax={props.total}
			aria-valuenow={props.done}
			aria-valuetext={props.words}
			title={props.words}
		>
			{props.segments
				.filter((segment) => segment.count > 0)
				.map((segment) => (
					<span
						key={segment.tone}
						className={`${styles.segment} ${styles[segment.tone]}`}
						style={{ flexGrow: segment.count }}
					/>
				))}
		</div>
	);
}
