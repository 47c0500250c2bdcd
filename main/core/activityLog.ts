// The list of what happened, numbered, bounded, and told to whoever listens at the moment it happens.
import type { Cancel } from "../../shared/clock.ts";
import type { Activity } from "../../shared/model.ts";

/** Lines kept for windows that come later. */
const KEPT = 5_000;
/** Dropped in portions, so that a flood does not move the list for each line. */
const DROPPED_AT_ONCE = 1_000;

/** A line before it has its number. */
export type Unnumbered = Activity extends infer Line
	? Line extends Activity
		? Omit<Line, "n">
		: never
	: never;

export interface ActivityLog {
	tell(line: Unnumbered): void;
	/** The newest lines, oldest first. */
	recent(most: number): Activity[];
	/** Called for each line, in order, before `tell` returns. Must not throw. */
	listen(listener: (line: Activity) => void): Cancel;
}

export function openActivityLog(): ActivityLog {
	const listeners = new Set<(line: Activity) => void>();
	let lines: Activity[] = [];
	let count = 0;
	return {
		tell(line) {
			const numbered: Activity = { ...line, n: count++ };
			lines.push(numbered);
			if (lines.length >= KEPT + DROPPED_AT_ONCE)
				lines = lines.slice(DROPPED_AT_ONCE);
			for (const listener of listeners) listener(numbered);
		},
		recent: (most) => (most > 0 ? lines.slice(-most) : []),
		listen(listener) {
			listeners.add(listener);
			return () => listeners.delete(listener);
		},
	};
}
