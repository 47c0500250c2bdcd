// A clock that can stand still while the world goes on: a process that is frozen, or a laptop that is asleep. It runs on
// another clock and owns the timers that were set through it.
import type { Clock } from "../../../shared/clock.ts";

export interface GatedClock extends Clock {
	/** Nothing runs from now on. */
	pause(): void;
	/** What became due meanwhile runs at once, in its order. */
	resume(): void;
	readonly isPaused: boolean;
	/** Runs it now, or on `resume`. */
	whenRunning(run: () => void): void;
	/** The wall time alone is wrong by this from now on. */
	setWrong(ms: number): void;
	/** Timers that wait. */
	readonly timers: number;
}

interface Timer {
	readonly deadlineMs: number;
	run: (() => void) | null;
}

/**
 * @param sleeps true: monotonic time does not count while paused, as on a laptop that sleeps; false: it does, as for a
 * process that was stopped.
 */
export function openGatedClock(base: Clock, sleeps: boolean): GatedClock {
	let isPaused = false;
	let pausedAtMs = 0;
	let asleepMs = 0;
	let aheadMs = 0;
	let waiting = 0;
	let held: (() => void)[] = [];

	const monotonicMs = (): number =>
		(isPaused && sleeps ? pausedAtMs : base.monotonicMs()) - asleepMs;
	const run = (timer: Timer): void => {
		const what = timer.run;
		if (what === null) return;
		timer.run = null;
		waiting--;
		what();
	};
	const fire = (timer: Timer): void => {
		if (timer.run === null) return;
		if (isPaused) held.push(() => fire(timer));
		else if (monotonicMs() < timer.deadlineMs) arm(timer);
		else run(timer);
	};
	const arm = (timer: Timer): (() => void) =>
		base.at(timer.deadlineMs + asleepMs, () => fire(timer));

	return {
		monotonicMs,
		wallMs: () => base.wallMs() + aheadMs,
		at(deadlineMs, what) {
			const timer: Timer = { deadlineMs, run: what };
			waiting++;
			const cancel = arm(timer);
			return () => {
				if (timer.run === null) return;
				timer.run = null;
				waiting--;
				cancel();
			};
		},
		pause() {
			if (isPaused) return;
			isPaused = true;
			pausedAtMs = base.monotonicMs();
		},
		resume() {
			if (!isPaused) return;
			isPaused = false;
			if (sleeps) asleepMs += base.monotonicMs() - pausedAtMs;
			const due = held;
			held = [];
			for (const one of due) base.at(base.monotonicMs(), one);
		},
		get isPaused() {
			return isPaused;
		},
		whenRunning(what) {
			if (isPaused) held.push(() => what());
			else what();
		},
		setWrong(ms) {
			aheadMs = ms;
		},
		get timers() {
			return waiting;
		},
	};
}
