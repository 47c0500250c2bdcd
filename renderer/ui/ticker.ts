// One timer for every age on the screen: it ticks once a second while anybody looks, and not at all otherwise.
import type { Cancel, Clock } from "../../shared/clock.ts";

const TICK_MS = 1_000;

export interface Ticker {
	/** Wall time at the last tick, epoch milliseconds. Steady between ticks. */
	read(): number;
	subscribe(listener: () => void): Cancel;
}

export function createTicker(clock: Clock): Ticker {
	const listeners = new Set<() => void>();
	let now = clock.wallMs();
	let cancel: Cancel | null = null;
	const tick = (): void => {
		now = clock.wallMs();
		for (const listener of listeners) listener();
		cancel =
			listeners.size === 0
				? null
				: clock.at(clock.monotonicMs() + TICK_MS, tick);
	};
	return {
		read: () => now,
		subscribe(listener) {
			listeners.add(listener);
			if (cancel === null) {
				now = clock.wallMs();
				cancel = clock.at(clock.monotonicMs() + TICK_MS, tick);
			}
			return () => {
				listeners.delete(listener);
				if (listeners.size > 0) return;
				cancel?.();
				cancel = null;
			};
		},
	};
}
