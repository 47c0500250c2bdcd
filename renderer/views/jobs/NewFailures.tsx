// Failures that happened since the hosts were arranged. Rows keep their place; this says that there is something new and,
// when the person asks, arranges anew and goes to the top, where it is.
import { ArrowUp } from "lucide-react";
import type { ReactElement } from "react";
import { useState } from "react";
import type { Counts, Job } from "../../../shared/model.ts";
import styles from "./NewFailures.module.css";

const badOf = (counts: Counts): number =>
	counts.failed + counts.timed_out + counts.lost;

/**
 * How many are new, in which round of arrangement we are, and a function that begins the next one. Another view begins one
 * by itself: its hosts are arranged as they are now.
 */
export function useNewFailures(
	job: Job,
	view: string,
): {
	readonly count: number;
	readonly round: number;
	readonly take: () => void;
} {
	const now = badOf(job.counts);
	const [seen, setSeen] = useState({ round: 0, bad: now, view });
	const next = { round: seen.round + 1, bad: now, view };
	if (view !== seen.view) setSeen(next);
	// Fewer than at the beginning: something lost was found again. From there on it is counted.
	else if (now < seen.bad) setSeen({ ...seen, bad: now });
	return {
		count: Math.max(0, now - seen.bad),
		round: seen.round,
		take: () => setSeen(next),
	};
}

export function NewFailures(props: {
	readonly count: number;
	readonly onShow: () => void;
}): ReactElement | null {
	if (props.count === 0) return null;
	return (
		<button type="button" className={styles.chip} onClick={props.onShow}>
			{props.count === 1 ? "1 new failure" : `${props.count} new failures`}
			<ArrowUp aria-hidden="true" />
		</button>
	);
}
