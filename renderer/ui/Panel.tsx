// A side panel with a title, a way to close it, and sections of facts.
import { X } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import styles from "./Panel.module.css";

export function Panel(props: {
	readonly label: string;
	readonly title: ReactNode;
	readonly subtitle?: ReactNode;
	readonly wide?: boolean;
	readonly onClose: () => void;
	readonly children: ReactNode;
}): ReactElement {
	return (
		<aside
			className={`${styles.panel} ${props.wide ? styles.wide : ""}`}
			aria-label={props.label}
		>
			<header className={styles.head}>
				<div className={styles.titles}>
					<h2>{props.title}</h2>
					{props.subtitle && <p>{props.subtitle}</p>}
				</div>
				<button
					type="button"
					className={styles.close}
					aria-label="Close the panel"
					title="Close (Esc)"
					onClick={props.onClose}
				>
					<X aria-hidden="true" />
				</button>
			</header>
			<div className={styles.content}>{props.children}</div>
		</aside>
	);
}

/** A part of a panel under its own heading. */
export function Section(props: {
	readonly title: string;
	readonly aside?: ReactNode;
	readonly children: ReactNode;
}): ReactElement {
	return (
		<section className={styles.section}>
			<div className={styles.sectionHead}>
				<h3>{props.title}</h3>
				{props.aside}
			</div>
			{props.children}
		</section>
	);
}

/** Names and values in two aligned columns. A null value leaves its row out. */
export function Facts(props: {
	readonly rows: readonly (readonly [string, ReactNode])[];
}): ReactElement {
	return (
		<dl className={styles.facts}>
			{props.rows
				.filter(([, value]) => value !== null && value !== undefined)
				.map(([name, value]) => (
					<div key={name}>
						<dt>{name}</dt>
						<dd>{value}</dd>
					</div>
				))}
		</dl>
	);
}
