// Sentences that stand out: a banner over a screen, a box in a panel, and the calm page of an empty list.
import { CircleAlert, Info, TriangleAlert } from "lucide-react";
import type { ReactElement, ReactNode } from "react";
import styles from "./Notice.module.css";

const ICONS = { info: Info, warning: TriangleAlert, bad: CircleAlert };

/** What happened, its code, and what to do next. */
export function Notice(props: {
	readonly tone: "info" | "warning" | "bad";
	readonly place: "banner" | "box";
	readonly sentence: ReactNode;
	readonly nextStep?: ReactNode;
	readonly code?: string | null | undefined;
	readonly action?: ReactNode;
	/** The sentence is a fleet’s text: its lines and letter case are kept. */
	readonly verbatim?: boolean;
}): ReactElement {
	const Icon = ICONS[props.tone];
	return (
		<div
			className={`${styles.notice} ${styles[props.tone]} ${styles[props.place]}`}
			role={props.place === "banner" ? "status" : undefined}
		>
			<Icon aria-hidden="true" />
			<div className={styles.words}>
				<p className={props.verbatim ? styles.verbatim : styles.sentence}>
					{props.sentence}
					{props.code && <code>{props.code}</code>}
				</p>
				{props.nextStep && <p className={styles.next}>{props.nextStep}</p>}
			</div>
			{props.action}
		</div>
	);
}

/** An empty list, with what to do about it. */
export function EmptyPage(props: {
	readonly icon: ReactNode;
	readonly title: string;
	readonly children: ReactNode;
}): ReactElement {
	return (
		<div className={styles.empty}>
			<div className={styles.emptyIcon} aria-hidden="true">
				{props.icon}
			</div>
			<h2>{props.title}</h2>
			{props.children}
		</div>
	);
}
