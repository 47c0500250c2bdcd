// Buttons that look alike everywhere: plain, primary, or quiet (no frame until pointed at).
import type { ComponentProps, ReactElement } from "react";
import styles from "./Button.module.css";

export function Button(
	props: ComponentProps<"button"> & {
		readonly look?: "plain" | "primary" | "quiet";
	},
): ReactElement {
	const { look = "plain", className = "", ...rest } = props;
	return (
		<button
			type="button"
			className={`${styles.button} ${styles[look]} ${className}`}
			{...rest}
		/>
	);
}
