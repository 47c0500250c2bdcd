// The counts of a job as buttons: each leaves exactly as many hosts in the list as it says.
import type { ReactElement } from "react";
import type { Counts as JobCounts, RunState } from "../../../shared/model.ts";
import { Glyph } from "../../ui/Glyph.tsx";
import { COUNT_ORDER, hostsText, RUN_SIGNS } from "../words.ts";
import styles from "./Counts.module.css";

export function Counts(props: {
	readonly counts: JobCounts;
	readonly chosen: RunState | null;
	/** Null: all hosts. */
	readonly onChoose: (state: RunState | null) => void;
}): ReactElement {
	const { counts, chosen } = props;
	return (
		<fieldset className={styles.counts} aria-label="Counts">
			<button
				type="button"
				className={styles.count}
				aria-pressed={chosen === null}
				onClick={() => props.onChoose(null)}
			>
				<b>{counts.host}</b> {hostsText(counts.host).replace(/^\d+ /, "")}
			</button>
			{COUNT_ORDER.map((state) => {
				const { words, shape, tone } = RUN_SIGNS[state];
				const looks = counts[state] === 0 ? styles.zero : styles[state];
				return (
					<button
						key={state}
						type="button"
						className={`${styles.count} ${looks ?? ""}`}
						aria-pressed={chosen === state}
						onClick={() => props.onChoose(chosen === state ? null : state)}
					>
						<Glyph shape={shape} tone={tone} />
						<b>{counts[state]}</b> {words}
					</button>
				);
			})}
		</fieldset>
	);
}
