// The top of every screen: its title with its count, its filter and its actions.
import type { ReactElement, ReactNode } from "react";
import { FilterBox } from "../ui/FilterBox.tsx";
import styles from "./ScreenHead.module.css";

export function ScreenHead(props: {
	readonly title: ReactNode;
	readonly count?: string;
	readonly filter?: {
		readonly value: string;
		readonly hint: string;
		readonly onChange: (text: string) => void;
	};
	readonly children?: ReactNode;
}): ReactElement {
	return (
		<header className={styles.head}>
			<h1 className={styles.title}>{props.title}</h1>
			{props.count && <span className={styles.count}>{props.count}</span>}
			<div className={styles.actions}>
				{props.children}
				{props.filter && <FilterBox {...props.filter} />}
			</div>
		</header>
	);
}
