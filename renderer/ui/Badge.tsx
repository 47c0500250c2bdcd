// A word with its sign on a quiet ground.
import type { ReactElement, ReactNode } from "react";
import styles from "./Badge.module.css";
import type { Shape, Tone } from "./Glyph.tsx";
import { Glyph } from "./Glyph.tsx";

export type Ground = "none" | "neutral" | "good" | "info" | "warning" | "bad";

export function Badge(props: {
	readonly shape?: Shape;
	readonly tone: Tone;
	readonly ground: Ground;
	readonly children: ReactNode;
}): ReactElement {
	return (
		<span className={`${styles.badge} ${styles[props.ground]}`}>
			{props.shape && <Glyph shape={props.shape} tone={props.tone} />}
			<span>{props.children}</span>
		</span>
	);
}
