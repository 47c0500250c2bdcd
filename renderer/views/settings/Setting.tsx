// One line of the settings: what it is, in a few words what it does, and its control beside or below.
import type { ReactElement, ReactNode } from "react";
import { useId } from "react";
import { Switch } from "../../ui/Switch.tsx";
import styles from "./Settings.module.css";

export function SettingsCard(props: {
	readonly title: string;
	readonly children: ReactNode;
}): ReactElement {
	const id = useId();
	return (
		<section className={styles.card} aria-labelledby={id}>
			<h2 id={id}>{props.title}</h2>
			{props.children}
		</section>
	);
}

export function Setting(props: {
	readonly title: string;
	readonly words: ReactNode;
	/** The control needs the whole width and lies below. */
	readonly below?: boolean;
	readonly children?: ReactNode;
}): ReactElement {
	return (
		<div className={`${styles.setting} ${props.below ? styles.below : ""}`}>
			<div className={styles.words}>
				<h3>{props.title}</h3>
				<p>{props.words}</p>
			</div>
			{props.children}
		</div>
	);
}

export function SwitchSetting(props: {
	readonly title: string;
	readonly words: string;
	readonly checked: boolean;
	readonly onChange: (checked: boolean) => void;
}): ReactElement {
	const id = useId();
	return (
		<div className={styles.setting}>
			<div className={styles.words}>
				<h3 id={`${id}-title`}>{props.title}</h3>
				<p id={`${id}-words`}>{props.words}</p>
			</div>
			<Switch
				labelledBy={`${id}-title`}
				describedBy={`${id}-words`}
				checked={props.checked}
				onChange={props.onChange}
			/>
		</div>
	);
}
