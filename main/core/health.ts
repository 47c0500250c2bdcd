// The core's own vital signs: event-loop lag, events per second. For the status bar, the metrics and the log.
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Clock } from "../../shared/clock.ts";

/** Resolution of the lag histogram. */
const LAG_RESOLUTION_MS = 10;

export interface Vitals {
	/** One event of a run was taken in. */
	countEvent(): void;
	/** Largest delay of the event loop and events per second since the last reading. */
	read(): { loopLagMs: number; eventsPerSecond: number };
	close(): void;
}

export function openVitals(clock: Clock): Vitals {
	const delay = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
	delay.enable();
	let events = 0;
	let sinceMs = clock.monotonicMs();
	return {
		countEvent() {
			events++;
		},
		read() {
			const now = clock.monotonicMs();
			const seconds = Math.max(0.001, (now - sinceMs) / 1_000);
			// The histogram measures the timer's whole period; what exceeds its resolution is lag. It is NaN or -1 while empty.
			const largestMs = delay.max / 1e6;
			const reading = {
				loopLagMs: Number.isFinite(largestMs)
					? Math.max(0, Math.round(largestMs - LAG_RESOLUTION_MS))
					: 0,
				eventsPerSecond: Math.round((events / seconds) * 10) / 10,
			};
			delay.reset();
			events = 0;
			sinceMs = now;
			return reading;
		},
		close: () => delay.disable(),
	};
}
