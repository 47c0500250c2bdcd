// The lines of the activity that a kind and a filter let through, newest first. Each line is judged once: what comes in costs
// as much as is new, however many are kept. A new filter is answered by the newest lines at once and by older ones in
// portions, which are added at the far end, where nothing moves for it.
import type { Activity } from "../../shared/model.ts";
import type { EventLog } from "./eventLog.ts";
import { newestOf } from "./eventLog.ts";
import type { Filter } from "./filter.ts";
import { matches } from "./filter.ts";
import { eventSubject } from "./subject.ts";

/** What is shown. The same reference until that changes. */
export interface ShownActivity {
	readonly length: number;
	/** The line at a place, 0 is the newest shown. */
	at(place: number): Activity | undefined;
	/** Lines that came later and fit too, but are held back. */
	readonly waiting: number;
	/** Older lines are still to be judged: `lookBack` does it. */
	readonly isLooking: boolean;
}

export interface ActivitySelection {
	/** @param upTo the newest line shown is the one of this number or an older one; null: all. */
	select(
		log: EventLog,
		kind: Activity["kind"] | null,
		filter: Filter,
		upTo: number | null,
	): ShownActivity;
	/** Judges the next portion of older lines; `select` shows what it found. */
	lookBack(log: EventLog): void;
}

/** Lines judged in one go: a few milliseconds. */
const PORTION = 4_000;
/** Places given up at the front before the list is copied. */
const SLACK = 20_000;

/** That a run is overdue is told among what hosts do. */
const kindOf = ({ kind }: Activity): Activity["kind"] =>
	kind === "overdue" ? "host" : kind;

const numberOf = (line: Activity | undefined): number => line?.n ?? -1;

export function createActivitySelection(): ActivitySelection {
	let asked = "";
	let judge = (_: Activity): boolean => true;
	/** Oldest first, from `first` on; and what is older than all of these, newest first. */
	let newer: Activity[] = [];
	let first = 0;
	let older: Activity[] = [];
	/** Lines with a number above `below` and up to `judged` were judged. */
	let judged = -1;
	let below = -1;
	let last: ShownActivity | null = null;
	let lastOf = "";

	const begin = (log: EventLog): void => {
		newer = [];
		older = [];
		first = 0;
		last = null;
		const start = Math.max(log.from, log.to - PORTION);
		below = start === log.from ? -1 : numberOf(log.lines[start]) - 1;
		judged = below;
	};
	const takeNew = (log: EventLog): void => {
		// Back to the first line that was not judged, then on in order.
		let at = log.to;
		while (at > log.from && numberOf(log.lines[at - 1]) > judged) at -= 1;
		for (; at < log.to; at++) {
			const line = log.lines[at];
			if (line !== undefined && judge(line)) newer.push(line);
		}
		judged = newestOf(log);
	};
	const forgetOld = (log: EventLog): void => {
		const oldest = numberOf(log.lines[log.from]);
		if (below < oldest) below = -1;
		while (older.length > 0 && numberOf(older.at(-1)) < oldest) older.pop();
		while (first < newer.length && numberOf(newer[first]) < oldest) first += 1;
		if (first <= SLACK) return;
		newer = newer.slice(first);
		first = 0;
		last = null;
	};

	return {
		select(log, kind, filter, upTo) {
			const now = `${log.epoch} ${kind} ${filter.source}`;
			if (now !== asked || newestOf(log) < judged) {
				asked = now;
				judge = (line) => fits(line, kind, filter);
				begin(log);
			}
			takeNew(log);
			forgetOld(log);
			const end = upTo === null ? newer.length : endOf(newer, first, upTo);
			// Held at a line that is older than all of the newer ones.
			const skipped = upTo === null || end > first ? 0 : skippedOf(older, upTo);
			const shape = `${first} ${end} ${newer.length} ${skipped} ${older.length} ${below}`;
			if (last === null || lastOf !== shape) {
				last = shown(newer, first, end, older, skipped, below !== -1);
				lastOf = shape;
			}
			return last;
		},
		lookBack(log) {
			if (below === -1) return;
			let at = placeOf(log, below);
			const stop = Math.max(log.from, at - PORTION);
			for (; at > stop; at--) {
				const line = log.lines[at - 1];
				if (line !== undefined && judge(line)) older.push(line);
			}
			below = at <= log.from ? -1 : numberOf(log.lines[at - 1]);
		},
	};
}

function fits(
	line: Activity,
	kind: Activity["kind"] | null,
	filter: Filter,
): boolean {
	// A gap in our knowledge is told whatever kind is asked for.
	if (kind !== null && kindOf(line) !== kind && line.kind !== "gap")
		return false;
	return filter.terms.length === 0 || matches(filter, eventSubject(line));
}

/** The first place between `low` and `high` from which on `isBehind` holds, found by halving. */
function firstPlace(
	low: number,
	high: number,
	isBehind: (place: number) => boolean,
): number {
	let from = low;
	let to = high;
	while (from < to) {
		const middle = (from + to) >> 1;
		if (isBehind(middle)) to = middle;
		else from = middle + 1;
	}
	return from;
}

/** The place behind the last line numbered `upTo` or lower. */
const endOf = (
	lines: readonly Activity[],
	first: number,
	upTo: number,
): number =>
	firstPlace(first, lines.length, (place) => numberOf(lines[place]) > upTo);

/** How many of the lines, newest first, are newer than `upTo`. */
const skippedOf = (lines: readonly Activity[], upTo: number): number =>
	firstPlace(0, lines.length, (place) => numberOf(lines[place]) <= upTo);

/** The place in the log behind the line numbered `n` or lower. */
const placeOf = (log: EventLog, n: number): number =>
	firstPlace(log.from, log.to, (place) => numberOf(log.lines[place]) > n);

function shown(
	newer: readonly Activity[],
	first: number,
	end: number,
	older: readonly Activity[],
	skipped: number,
	isLooking: boolean,
): ShownActivity {
	const near = end - first;
	const length = near + older.length - skipped;
	return {
		length,
		at: (place) => {
			if (place >= length) return undefined;
			return place < near
				? newer[end - 1 - place]
				: older[skipped + place - near];
		},
		waiting: newer.length - end + skipped,
		isLooking,
	};
}
