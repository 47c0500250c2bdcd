// Keys as they are printed on the keyboard.
import type { ReactElement } from "react";
import { Fragment } from "react";
import styles from "./Keys.module.css";

export function Keys(props: {
	/** One text for each key that is pressed in turn. */
	readonly names: readonly string[];
}): ReactElement {
	return (
		<span className={styles.keys}>
			{props.names.map((name, at) => (
				// biome-ignore lint/suspicious/noArrayIndexKey: the same key may come twice
				<Fragment key={at}>
					{/* Two keys are read as two, not as one word. */}
					{at > 0 && " "}
					<kbd>{name}</kbd>
				</Fragment>
			))}
		</span>
	);
}
