// On or off: a checkbox dressed as a switch. Its place says which, not its colour alone.
import type { ReactElement } from "react";
import styles from "./Switch.module.css";

export function Switch(props: {
	/** Ids of the elements that name and describe it. */
	readonly labelledBy: string;
	readonly describedBy?: string;
	readonly checked: boolean;
	readonly onChange: (checked: boolean) => void;
}): ReactElement {
	return (
		<span className={styles.switch}>
			<input
				type="checkbox"
				role="switch"
				aria-labelledby={props.labelledBy}
				aria-describedby={props.describedBy}
				aria-checked={props.checked}
				checked={props.checked}
				onChange={(event) => props.onChange(event.target.checked)}
			/>
			<span className={styles.track} aria-hidden="true" />
		</span>
	);
}
