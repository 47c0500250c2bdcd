// Time that passes when a test says so. Timers run in the order of their deadlines; a runaway is told instead of hanging.
import type { Clock } from "../../shared/clock.ts";

/** Timers that one `advance` or `pass` may run before it is taken for a runaway. */
const MOST_TIMERS = 5_000_000;
/** Turns of the microtask queue that count as settled: longer than any chain of promises in the core between two timers. */
const MICROTURNS = 12;

export interface VirtualClock extends Clock {
	/** Lets `ms` pass and runs what is due, in order. Promises settled by it run after it returns. */
	advance(ms: number): void;
	/** As `advance`, and lets promises settle after every instant at which something ran. */
	pass(ms: number): Promise<void>;
	/** The machine sleeps: wall time goes on, monotonic time does not, nothing runs. */
	sleep(ms: number): void;
	/** Timers that wait. 0 at the end of a test means that nothing was forgotten. */
	readonly timers: number;
}

export interface VirtualClockOptions {
	/** Monotonic start; not 0, so that a forgotten number shows. */
	readonly monotonicMs?: number;
	readonly wallMs?: number;
	readonly mostTimers?: number;
}

interface Timer {
	readonly deadlineMs: number;
	/** Of two with one deadline the older runs first. */
	readonly order: number;
	run: (() => void) | null;
}

/** A clock that stands still until it is told otherwise. */
export function openVirtualClock({
	monotonicMs = 1_000_000,
	wallMs = Date.UTC(2026, 0, 5),
	mostTimers = MOST_TIMERS,
}: VirtualClockOptions = {}): VirtualClock {
	const heap = openHeap();
	let nowMs = monotonicMs;
	let aheadMs = wallMs - monotonicMs;
	let order = 0;
	let waiting = 0;

	/** Runs everything due at the next instant up to `untilMs`; false when there is nothing. */
	const instant = (untilMs: number, budget: { left: number }): boolean => {
		let ran = false;
		for (
			let next = heap.first();
			next !== undefined && next.deadlineMs <= Math.max(nowMs, untilMs);
			next = heap.first()
		) {
			if (next.run === null) heap.drop();
			else if (ran && next.deadlineMs > nowMs) break;
			else {
				nowMs = Math.max(nowMs, next.deadlineMs);
				heap.drop();
				const { run } = next;
				next.run = null;
				waiting--;
				if (--budget.left < 0)
					throw new Error(
						`runaway: more than ${mostTimers} timers in one advance of the virtual clock`,
					);
				ran = true;
				run();
			}
		}
		return ran;
	};
	return {
		monotonicMs: () => nowMs,
		wallMs: () => nowMs + aheadMs,
		at(deadlineMs, run) {
			const timer: Timer = { deadlineMs, order: order++, run };
			heap.add(timer);
			waiting++;
			return () => {
				if (timer.run === null) return;
				timer.run = null;
				waiting--;
			};
		},
		advance(ms) {
			const untilMs = nowMs + ms;
			const budget = { left: mostTimers };
			while (instant(untilMs, budget));
			nowMs = untilMs;
		},
		async pass(ms) {
			const untilMs = nowMs + ms;
			const budget = { left: mostTimers };
			await settled();
			while (instant(untilMs, budget)) await settled();
			nowMs = untilMs;
		},
		sleep(ms) {
			aheadMs += ms;
		},
		get timers() {
			return waiting;
		},
	};
}

/** Lets promises that are already settled run their listeners. */
export async function settled(): Promise<void> {
	for (let turn = 0; turn < MICROTURNS; turn++) await Promise.resolve();
}

/** Binary heap by deadline, then by order. */
function openHeap() {
	const heap: Timer[] = [];
	const before = (a: number, b: number): boolean => {
		const left = heap[a] as Timer;
		const right = heap[b] as Timer;
		return (
			left.deadlineMs < right.deadlineMs ||
			(left.deadlineMs === right.deadlineMs && left.order < right.order)
		);
	};
	const swap = (a: number, b: number): void => {
		const kept = heap[a] as Timer;
		heap[a] = heap[b] as Timer;
		heap[b] = kept;
	};
	const sink = (): void => {
		for (let at = 0; ; ) {
			const left = 2 * at + 1;
			const right = left + 1;
			let least = at;
			if (left < heap.length && before(left, least)) least = left;
			if (right < heap.length && before(right, least)) least = right;
			if (least === at) return;
			swap(at, least);
			at = least;
		}
	};
	return {
		first: (): Timer | undefined => heap[0],
		add(timer: Timer): void {
			heap.push(timer);
			for (let at = heap.length - 1; at > 0; ) {
				const parent = (at - 1) >> 1;
				if (!before(at, parent)) return;
				swap(at, parent);
				at = parent;
			}
		},
		drop(): void {
			const last = heap.pop();
			if (last === undefined || heap.length === 0) return;
			heap[0] = last;
			sink();
		},
	};
}
