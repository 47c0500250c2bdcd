import { expect, test } from "vitest";
import type { Clock } from "../../shared/clock.ts";
import { createTicker } from "./ticker.ts";

function handClock() {
	let now = 0;
	const due = new Map<() => void, number>();
	const clock: Clock = {
		monotonicMs: () => now,
		wallMs: () => now,
		at(deadlineMs, run) {
			due.set(run, deadlineMs);
			return () => due.delete(run);
		},
	};
	const advance = (ms: number): void => {
		now += ms;
		for (const [run, deadlineMs] of [...due])
			if (deadlineMs <= now) {
				due.delete(run);
				run();
			}
	};
	return { clock, advance, timers: () => due.size };
}

test("one timer ticks for everybody, and none when nobody looks", () => {
	const { clock, advance, timers } = handClock();
	const ticker = createTicker(clock);
	expect(timers()).toBe(0);
	const seen: number[] = [];
	const stopA = ticker.subscribe(() => seen.push(ticker.read()));
	const stopB = ticker.subscribe(() => seen.push(ticker.read()));
	expect(timers()).toBe(1);
	advance(1_000);
	advance(1_000);
	expect(seen).toEqual([1_000, 1_000, 2_000, 2_000]);
	stopA();
	stopB();
	expect(timers()).toBe(0);
});

test("the time stands still between ticks, so that a render sees one time", () => {
	const { clock, advance } = handClock();
	const ticker = createTicker(clock);
	const stop = ticker.subscribe(() => {});
	advance(400);
	expect(ticker.read()).toBe(0);
	advance(600);
	expect(ticker.read()).toBe(1_000);
	stop();
});
