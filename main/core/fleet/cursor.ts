// Where we are in an agent's event log (extension events.v1, 03-BEHAVIOUR section 6). Pure.

/** Position in one life of a log. `seq` is the last event taken in. */
export interface Cursor {
	readonly epoch: string;
	readonly seq: number;
}

/**
 * What to do with an event that carries `seq` and `epoch`.
 * `apply`: it is the next (or the first we see). `duplicate`: known already. `gap`: some are missing in between.
 * `newEpoch`: the agent lost its memory; everything must be read again.
 */
export type Placement = "apply" | "duplicate" | "gap" | "newEpoch";

export function place(
	cursor: Cursor | null,
	seq: number,
	epoch: string,
): Placement {
	if (cursor === null) return "apply";
	if (cursor.epoch !== epoch) return "newEpoch";
	if (seq <= cursor.seq) return "duplicate";
	return seq === cursor.seq + 1 ? "apply" : "gap";
}
