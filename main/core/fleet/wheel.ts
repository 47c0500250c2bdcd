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
	/** Replaces the entry's deadline (monotonic ms). It is due at or after it, within about 150 ms. */
	arm(entry: Timed, deadlineMs: number): void;
	disarm(entry: Timed): void;
	/** Monotonic time of the current tick: at most a tick old while anything is armed. */
	tickMs(): number;
	readonly size: number;
}

interface Place {
	deadlineMs: number;
	/** The tick in whose slot it lies. */
	tick: number;
}

export function openWheel(clock: Clock): DeadlineWheel {
	const slots = Array.from({ length: SLOTS }, () => new Set<Timed>());
	const places = new Map<Timed, Place>();
	let nowMs = clock.monotonicMs();
	let doneTick = Math.floor(nowMs / TICK_MS);
	let cancel: Cancel | null = null;

	const slotOf = (tick: number): Set<Timed> =>
		slots[((tick % SLOTS) + SLOTS) % SLOTS] as Set<Timed>;
	const visit = (tick: number): void => {
		const slot = slotOf(tick);
		if (slot.size === 0) return;
		for (const entry of [...slot]) {
			const place = places.get(entry);
			if (place === undefined || place.tick > tick) continue;
			slot.delete(entry);
			places.delete(entry);
			entry.due();
		}
	};
	const turn = (): void => {
		cancel = null;
		nowMs = clock.monotonicMs();
		const until = Math.floor(nowMs / TICK_MS);
		// After a long stall every slot is visited once; what lay in it is due by then.
		const from = Math.max(doneTick + 1, until - SLOTS + 1);
		for (let tick = from; tick <= until; tick++) {
			doneTick = tick;
			visit(tick);
		}
		start();
	};
	const start = (): void => {
		if (cancel === null && places.size > 0)
			cancel = clock.at((doneTick + 1) * TICK_MS, turn);
	};
	return {
		arm(entry, deadlineMs) {
			const before = places.get(entry);
			if (before !== undefined) slotOf(before.tick).delete(entry);
			else if (places.size === 0) {
				nowMs = clock.monotonicMs();
				doneTick = Math.max(doneTick, Math.floor(nowMs / TICK_MS));
			}
			const tick = Math.max(doneTick + 1, Math.ceil(deadlineMs / TICK_MS));
			if (before === undefined) places.set(entry, { deadlineMs, tick });
			else {
				before.deadlineMs = deadlineMs;
				before.tick = tick;
			}
			slotOf(tick).add(entry);
			start();
		},
		disarm(entry) {
			const before = places.get(entry);
			if (before === undefined) return;
			places.delete(entry);
			slotOf(before.tick).delete(entry);
			if (places.size > 0) return;
			cancel?.();
			cancel = null;
		},
		tickMs: () => (cancel === null ? clock.monotonicMs() : nowMs),
		get size() {
			return places.size;
		},
	};
}
