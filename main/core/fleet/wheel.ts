// One timer for thousands of deadlines: a hashed timing wheel with 100 ms slots. A tick visits its own slot only, so the
// heartbeat of 10,000 links never holds the loop, and stamping "heard from" costs reading a number.
import type { Cancel, Clock } from "../../../shared/clock.ts";

const TICK_MS = 100;
/** Slots of one turn: 102.4 s. A later deadline lies in its slot and is passed over until its turn. */
const SLOTS = 1024;

/** What waits on the wheel: one deadline each. */
export interface Timed {
	/** The deadline has passed. May arm again. */
	due(): void;
}

export interface DeadlineWheel {
	/** Replaces the entry's deadline (monotonic ms). It is due never before it, and within about 150 ms after it. */
	arm(entry: Timed, deadlineMs: number): void;
	/** The entry is not due any more. Nothing happens when it was not armed. */
	disarm(entry: Timed): void;
	/** Monotonic time of the current tick: at most a tick old while anything is armed. */
	tickMs(): number;
	/** Entries that are armed; 0: no timer runs. */
	readonly size: number;
}

/** A wheel on the clock; it ticks while something is armed. */
export function openWheel(clock: Clock): DeadlineWheel {
	const slots = Array.from({ length: SLOTS }, () => new Set<Timed>());
	/** The tick in whose slot each lies. */
	const ticks = new Map<Timed, number>();
	let nowMs = clock.monotonicMs();
	let doneTick = Math.floor(nowMs / TICK_MS);
	let cancel: Cancel | null = null;

	const slotOf = (tick: number): Set<Timed> =>
		slots[((tick % SLOTS) + SLOTS) % SLOTS] as Set<Timed>;
	const visit = (tick: number): void => {
		const slot = slotOf(tick);
		if (slot.size === 0) return;
		for (const entry of [...slot]) {
			const due = ticks.get(entry);
			// Disarmed by one before it, or of a later turn of the wheel.
			if (due === undefined || due > tick) continue;
			slot.delete(entry);
			ticks.delete(entry);
			entry.due();
		}
	};
	const turn = (): void => {
		cancel = null;
		nowMs = clock.monotonicMs();
		const until = Math.floor(nowMs / TICK_MS);
		// After a long stall every slot is visited once; what lay in it is due by then.
		const from = Math.max(doneTick + 1, until - SLOTS + 1);
		try {
			for (let tick = from; tick <= until; tick++) {
				// Before the visit: what is armed during it lies in a tick that is still to come.
				doneTick = tick;
				visit(tick);
			}
		} catch (error) {
			// One entry broke; the others of its slot are visited at the next turn, and the wheel goes on.
			doneTick--;
			throw error;
		} finally {
			start();
		}
	};
	const start = (): void => {
		if (cancel === null && ticks.size > 0)
			cancel = clock.at((doneTick + 1) * TICK_MS, turn);
	};
	return {
		arm(entry, deadlineMs) {
			const before = ticks.get(entry);
			if (before !== undefined) slotOf(before).delete(entry);
			else if (ticks.size === 0) {
				nowMs = clock.monotonicMs();
				doneTick = Math.max(doneTick, Math.floor(nowMs / TICK_MS));
			}
			const tick = Math.max(doneTick + 1, Math.ceil(deadlineMs / TICK_MS));
			ticks.set(entry, tick);
			slotOf(tick).add(entry);
			start();
		},
		disarm(entry) {
			const before = ticks.get(entry);
			if (before === undefined) return;
			ticks.delete(entry);
			slotOf(before).delete(entry);
			if (ticks.size > 0) return;
			cancel?.();
			cancel = null;
		},
		tickMs: () => (cancel === null ? clock.monotonicMs() : nowMs),
		get size() {
			return ticks.size;
		},
	};
}
