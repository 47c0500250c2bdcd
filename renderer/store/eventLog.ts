// What happened, as far as this window keeps it: far more than a frame or a replica holds. Adding costs as much as what is
// added; the oldest are dropped in portions. A log is never changed: later ones share its lines and see more of them.
import type { Activity } from "../../shared/model.ts";

/** Lines that a window keeps: some 60 MB at worst, and more than a person reads. */
export const LINES_KEPT = 100_000;
/** Dropped in portions of this size, so that the lines are copied rarely. */
const DROPPED_AT_ONCE = 20_000;

export interface EventLog {
	/** Life of the core: line numbers begin anew with another. */
	readonly epoch: string;
	/** Oldest first. Those of this log are `lines[from]` up to and without `lines[to]`. */
	readonly lines: readonly Activity[];
	readonly from: number;
	readonly to: number;
}

export const EMPTY_LOG: EventLog = { epoch: "", lines: [], from: 0, to: 0 };

export const lengthOf = ({ from, to }: EventLog): number => to - from;

/** The number of the newest line; -1 when there is none. */
export const newestOf = ({ lines, from, to }: EventLog): number =>
	to > from ? (lines[to - 1]?.n ?? -1) : -1;

/** A line that says how many are missing before the line numbered `next`; it takes the number of the first of them. */
const missed = (first: number, next: Activity): Activity => ({
	kind: "gap",
	n: first,
	receivedAt: next.receivedAt,
	hostId: null,
	sentence: `${next.n - first === 1 ? "one event is" : `${(next.n - first).toLocaleString("en")} events are`} not listed here: more happened at once than a window is told. Jobs and hosts are complete.`,
});

/** The log with lines added, oldest first. What it has already is left out; what is missing between becomes a gap. */
export function appended(
	log: EventLog,
	epoch: string,
	fresh: readonly Activity[],
): EventLog {
	const isSame = log.epoch === epoch;
	if (isSame && fresh.length === 0) return log;
	// Shared with earlier logs, which do not look beyond their own end.
	const lines = isSame ? (log.lines as Activity[]) : [];
	// A log that was left behind must not write over a later one's lines.
	const own =
		lines.length === (isSame ? log.to : 0) ? lines : lines.slice(0, log.to);
	let newest = isSame ? newestOf(log) : -1;
	for (const line of fresh) {
		if (line.n <= newest) continue;
		if (newest !== -1 && line.n > newest + 1)
			own.push(missed(newest + 1, line));
		own.push(line);
		newest = line.n;
	}
	const from = Math.max(isSame ? log.from : 0, own.length - LINES_KEPT);
	return from < DROPPED_AT_ONCE
		? { epoch, lines: own, from, to: own.length }
		: { epoch, lines: own.slice(from), from: 0, to: own.length - from };
}
