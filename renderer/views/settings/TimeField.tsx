// A time of day to type in: what makes no sense stays as it was typed, with what is wrong beside it, and is not kept.
import type { ReactElement } from "react";
import { useId, useState } from "react";
import { typedTime } from "../../store/quietWords.ts";
import styles from "./Settings.module.css";

export function TimeField(props: {
	readonly label: string;
	/** `22:00`. */
	readonly value: string;
	readonly onCommit: (time: string) => void;
}): ReactElement {
	const { label, value, onCommit } = props;
	const id = useId();
	/** While it is edited or wrong; null shows the value. */
	const [draft, setDraft] = useState<string | null>(null);
	const [isWrong, setWrong] = useState(false);
	const commit = (): void => {
		if (draft === null) return;
		const time = typedTime(draft);
		setWrong(time === null);
		if (time === null) return;
		setDraft(null);
		if (time !== value) onCommit(time);
	};
	return (
		<>
			<div className={styles.time}>
				<label htmlFor={id}>{label}</label>
				<input
					id={id}
					className={styles.clock}
					type="text"
					inputMode="numeric"
					autoComplete="off"
					size={5}
					maxLength={8}
					value={draft ?? value}
					aria-invalid={isWrong}
					aria-describedby={isWrong ? `${id}-why` : undefined}
					onChange={(event) => {
						setDraft(event.target.value);
						// What was wrong is judged anew while it is mended, never before it was finished once.
						if (isWrong) setWrong(typedTime(event.target.value) === null);
					}}
					onBlur={commit}
					onKeyDown={(event) => {
						if (event.key === "Enter") commit();
						if (event.key !== "Escape" || draft === null) return;
						event.stopPropagation();
						setDraft(null);
						setWrong(false);
					}}
				/>
			</div>
			{isWrong && (
				<p id={`${id}-why`} className={styles.wrong} role="alert">
					“{label}” needs a time of day, like 22:00. {value} stays in use.
				</p>
			)}
		</>
	);
}
