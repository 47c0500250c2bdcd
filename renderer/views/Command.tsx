// A command line to copy.
import type { ReactElement } from "react";
import { CopyButton } from "../ui/CopyButton.tsx";
import styles from "./Page.module.css";

export function Command(props: { readonly text: string }): ReactElement {
	return (
		<div className={styles.command}>
			<code>{props.text}</code>
			<CopyButton words="Copy" text={() => props.text} />
		</div>
	);
}
