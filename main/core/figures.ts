// What the core counts of itself since its start, for the metrics.

/** Counts by name; names come from closed lists (kinds, fault codes). */
export interface Tally {
	add(name: string): void;
	readonly counts: ReadonlyMap<string, number>;
}

export function openTally(): Tally {
	const counts = new Map<string, number>();
	return {
		add(name) {
			counts.set(name, (counts.get(name) ?? 0) + 1);
		},
		counts,
	};
}

/** Counters since the start, and the last reading of the vital signs. */
export interface Figures {
	/** By kind of activity. */
	readonly events: ReadonlyMap<string, number>;
	/** By fault code. */
	readonly decodeFaults: ReadonlyMap<string, number>;
	/** By the fault that led to a reconnect. */
	readonly reconnects: ReadonlyMap<string, number>;
	/** Messages of windows that were refused, by fault code. */
	readonly refused: ReadonlyMap<string, number>;
	/** Lists compared with what is shown, and findings that were mended or are lasting; empty while the setting is off. */
	readonly comparisons: ReadonlyMap<string, number>;
	framesSent(): number;
	loopLagMs(): number;
}
