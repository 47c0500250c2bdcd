// When runs leave the book by themselves: a finished job goes a day after its end, and when the fleet has too many runs
// the job whose last end is the longest ago goes first. Works in slices, so that nobody waits for it.
import { openAgeQueue } from "./ageQueue.ts";
import type { JobEntry } from "./jobTable.ts";
import { HISTORY_MS } from "./shelf.ts";

/** Run rows kept of the whole fleet. Open runs count and stay, so more of those than this is more than this. */
export const FLEET_RUNS_MOST = 100_000;
/** Jobs looked at and rows dropped in one slice: a few milliseconds. */
const SLICE_STEPS = 1_000;

export interface RetentionPorts {
	/** Runs in the book. */
	runs(): number;
	/** Run rows kept of the whole fleet. */
	readonly runsMost: number;
	/** Takes so many ended runs of the job out, and the job when it has no others. @returns how many went. */
	dropEnded(entry: JobEntry, most: number): number;
}

export interface Retention {
	/** The job was derived anew. */
	note(entry: JobEntry): void;
	/** The job is gone. */
	forget(entry: JobEntry): void;
	/** Drops one slice of what is due at `now` (our clock, epoch ms). */
	sweep(now: number): void;
	/** Drops one slice if there are too many runs. */
	makeRoom(now: number): void;
}

export function openRetention({
	runs,
	runsMost,
	dropEnded,
}: RetentionPorts): Retention {
	const queue = openAgeQueue<JobEntry>();
	/** Unfinished jobs whose ends are a day old: a host that never comes back keeps its job open. They go for want of room alone. */
	const stuck = new Set<JobEntry>();
	/** The job that is going. One that has begun goes to its end, so that no part of it stays for long. */
	let leaving: JobEntry | null = null;
	const isFull = (): boolean => runs() > runsMost;

	const enqueue = (entry: JobEntry): void => {
		entry.ageing = "queued";
		queue.push(entry.span.endAt, entry);
	};

	const takeOut = (entry: JobEntry): void => {
		if (entry.ageing === "stuck") stuck.delete(entry);
		else queue.pop();
		entry.ageing = "none";
	};

	/** The job whose turn it is by `limitAt`, or because there are too many runs; null when none is, or no more looks are left. */
	const next = (limitAt: number): JobEntry | null => {
		for (let looks = SLICE_STEPS; looks > 0; looks--) {
			const [first] = isFull() ? stuck : [];
			const oldest = queue.oldest();
			const entry = first ?? oldest?.item;
			if (entry === undefined) return null;
			const at = first === undefined ? (oldest?.at ?? 0) : limitAt;
			if (at > limitAt && !isFull()) return null;
			takeOut(entry);
			const { endAt } = entry.span;
			if (entry.rows.length === 0 || endAt === 0) continue;
			// It ended again since it was put in its place.
			if (endAt > at && endAt > limitAt) enqueue(entry);
			else if (entry.job.endedAt !== null || isFull()) return entry;
			else {
				entry.ageing = "stuck";
				stuck.add(entry);
			}
		}
		return null;
	};

	const sweep = (now: number): void => {
		const limitAt = now - HISTORY_MS;
		for (let left = SLICE_STEPS; left > 0; left--) {
			leaving ??= next(limitAt);
			if (leaving === null) return;
			const went = dropEnded(leaving, left);
			left -= went;
			if (went === 0 || leaving.rows.length === 0) leaving = null;
		}
	};

	return {
		sweep,
		makeRoom(now) {
			if (isFull()) sweep(now);
		},
		note(entry) {
			const isDone = entry.ageing === "stuck" && entry.job.endedAt !== null;
			if (isDone) stuck.delete(entry);
			if (isDone || (entry.ageing === "none" && entry.span.endAt > 0))
				enqueue(entry);
		},
		forget: (entry) => void stuck.delete(entry),
	};
}
