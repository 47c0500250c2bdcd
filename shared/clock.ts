// Time as an argument. Deadlines are monotonic, so that a closed lid or a corrected wall clock expires nothing;
// wall time is for people only. This is the one file that names setTimeout: everything else receives a Clock.

/** Undoes what returned it. Calling it twice does nothing. */
export type Cancel = () => void;

/** A source of time. Tests pass a virtual one; see `main/testkit/virtualClock.ts`. */
export interface Clock {
	/** Milliseconds since an arbitrary start; never goes back, does not count while the machine sleeps. For deadlines. */
	monotonicMs(): number;
	/** Milliseconds since 1970-01-01 UTC, as the machine believes. For people, and for comparing with dates in certificates. */
	wallMs(): number;
	/** Runs `run` once when `monotonicMs()` has reached `deadlineMs`; at the next turn when it has passed already. */
	at(deadlineMs: number, run: () => void): Cancel;
}

declare function setTimeout(run: () => void, ms: number): unknown;
declare function clearTimeout(timer: unknown): void;
declare const performance: { now(): number };

/** Longest wait that setTimeout takes without firing at once (2^31 - 1 ms); a longer deadline is reached in several waits. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** The machine's own time. */
export function systemClock(): Clock {
	const monotonicMs = (): number => performance.now();
	return {
		monotonicMs,
		wallMs: () => Date.now(),
		at(deadlineMs, run) {
			let timer: unknown;
			const arm = (): void => {
				const left = deadlineMs - monotonicMs();
				timer = setTimeout(
					() => {
						// A timer may fire up to a millisecond early; running then would let code see a deadline that has not passed.
						if (monotonicMs() < deadlineMs) arm();
						else run();
					},
					Math.min(Math.max(0, Math.ceil(left)), LONGEST_TIMER_MS),
				);
			};
			arm();
			return () => clearTimeout(timer);
		},
	};
}

/** Runs `run` every `everyMs` from now until cancelled. A run that takes long delays the next; none are made up for. */
export function every(clock: Clock, everyMs: number, run: () => void): Cancel {
	let isOver = false;
	let cancel: Cancel = () => {};
	const arm = (): void => {
		cancel = clock.at(clock.monotonicMs() + everyMs, () => {
			run();
			if (!isOver) arm();
		});
	};
	arm();
	return () => {
		isOver = true;
		cancel();
	};
}
