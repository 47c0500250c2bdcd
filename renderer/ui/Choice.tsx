// One of a few, side by side: radio buttons dressed as a strip.
import type { ReactElement } from "react";
import { useId } from "react";
import styles from "./Choice.module.css";

export function Choice<T extends string>(props: {
	readonly label: string;
	readonly value: T;
	readonly options: readonly { readonly value: T; readonly words: string }[];
	readonly onChange: (value: T) => void;
}): ReactElement {
	const name = useId();
	return (
		<fieldset className={styles.choice} aria-label={props.label}>
			{props.options.map((option) => (
				<label key={option.value} className={styles.option}>
					<input
						type="radio"
						name={name}
						checked={option.value === props.value}
						onChange={() => props.onChange(option.value)}
					/>
					<span>{option.words}</span>
				</label>
			))}
		</fieldset>
	);
}
