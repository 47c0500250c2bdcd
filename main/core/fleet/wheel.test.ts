import { describe, expect, test } from "vitest";
import { seededRandom } from "../../testkit/seededRandom.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import { openWheel } from "./wheel.ts";

/** A wheel, and entries that write down when they were due. */
function open(startMs = 1_000_037) {
	const clock = openVirtualClock({ monotonicMs: startMs });
	const wheel = openWheel(clock);
	const log: string[] = [];
	const entry = (name: string) => ({
		due: () => {
			log.push(`${name} ${clock.monotonicMs() - startMs}`);
		},
	});
	return { clock, wheel, log, entry, startMs };
}

describe("a deadline on the wheel", () => {
	test("is never met early and at most 150 ms late, whatever it is", () => {
		const random = seededRandom(7);
		const { clock, wheel } = open();
		const late: number[] = [];
		for (let i = 0; i < 20_000; i++) {
			const deadlineMs = clock.monotonicMs() + random() * 400_000;
			wheel.arm(
				{ due: () => void late.push(clock.monotonicMs() - deadlineMs) },
				deadlineMs,
			);
			if (i % 100 === 0) clock.advance(random() * 1_000);
		}
		clock.advance(500_000);
		expect(late).toHaveLength(20_000);
		expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
		expect(Math.max(...late)).toBeLessThanOrEqual(150);
	});

	test("that has passed, or is near, is met at the next tick", () => {
		const { clock, wheel, log, entry, startMs } = open();
		wheel.arm(entry("past"), startMs - 5_000);
		wheel.arm(entry("near"), startMs + 3);
		expect(log).toEqual([]);
		clock.advance(100);
		expect(log).toEqual(["past 63", "near 63"]);
	});

	test("can be moved, back and forth", () => {
		const { clock, wheel, log, entry, startMs } = open();
		const moved = entry("moved");
		wheel.arm(moved, startMs + 1_000);
		wheel.arm(moved, startMs + 500_000);
		wheel.arm(moved, startMs + 2_000);
		expect(wheel.size).toBe(1);
		clock.advance(600_000);
		expect(log).toEqual(["moved 2063"]);
	});

	test("is forgotten when it is disarmed, even by one that is due before it", () => {
		const { clock, wheel, log, entry, startMs } = open();
		const second = entry("second");
		wheel.arm({ due: () => wheel.disarm(second) }, startMs + 10);
		wheel.arm(second, startMs + 20);
		clock.advance(1_000);
		expect(log).toEqual([]);
		expect(clock.timers).toBe(0);
	});

	test("may be armed again by its own due", () => {
		const { clock, wheel, startMs } = open();
		let beats = 0;
		const beat = {
			due: () => {
				beats++;
				wheel.arm(beat, clock.monotonicMs() + 1_000);
			},
		};
		wheel.arm(beat, startMs + 1_000);
		clock.advance(60_000);
		expect(beats).toBeGreaterThanOrEqual(55);
		expect(beats).toBeLessThanOrEqual(60);
	});
});

describe("the wheel", () => {
	test("keeps no timer while nothing is armed", () => {
		const { clock, wheel, entry, startMs } = open();
		expect(clock.timers).toBe(0);
		const one = entry("one");
		wheel.arm(one, startMs + 10_000);
		expect(clock.timers).toBe(1);
		wheel.disarm(one);
		wheel.disarm(one);
		expect(clock.timers).toBe(0);
	});

	test("keeps one timer for 10,000 entries", () => {
		const { clock, wheel, entry, startMs } = open();
		for (let i = 0; i < 10_000; i++)
			wheel.arm(entry(String(i)), startMs + 30_000 + i);
		expect(clock.timers).toBe(1);
	});

	test("tells a time that is at most a tick old", () => {
		const { clock, wheel, entry, startMs } = open();
		expect(wheel.tickMs()).toBe(startMs);
		wheel.arm(entry("far"), startMs + 1_000_000);
		for (let i = 0; i < 500; i++) {
			clock.advance(17);
			const ageMs = clock.monotonicMs() - wheel.tickMs();
			expect(ageMs).toBeGreaterThanOrEqual(0);
			expect(ageMs).toBeLessThanOrEqual(100);
		}
	});

	test("catches up after the loop stood still for longer than a whole turn", () => {
		const { wheel, log, entry, startMs, ...rest } = openStalled();
		wheel.arm(entry("soon"), startMs + 500);
		wheel.arm(entry("middle"), startMs + 90_000);
		wheel.arm(entry("beyond"), startMs + 250_000);
		rest.stall(260_000);
		expect(log.sort()).toEqual(["beyond", "middle", "soon"]);
		expect(wheel.size).toBe(0);
	});

	test("goes on when an entry throws, and forgets nobody of its slot", () => {
		const { clock, wheel, log, entry, startMs } = open();
		wheel.arm(
			{
				due: () => {
					throw new Error("a bug");
				},
			},
			startMs + 10,
		);
		wheel.arm(entry("same slot"), startMs + 11);
		wheel.arm(entry("later"), startMs + 5_000);
		expect(() => clock.advance(100)).toThrow("a bug");
		clock.advance(10_000);
		expect(log).toEqual(["same slot 63", "later 5063"]);
	});
});

/** A wheel on a clock whose timers all come late at once, like after a long garbage collection or a debugger's stop. */
function openStalled() {
	const startMs = 1_000_000;
	let nowMs = startMs;
	const timers: (() => void)[] = [];
	const wheel = openWheel({
		monotonicMs: () => nowMs,
		wallMs: () => nowMs,
		at(_deadlineMs, run) {
			timers.push(run);
			return () => void timers.splice(timers.indexOf(run), 1);
		},
	});
	const log: string[] = [];
	return {
		wheel,
		log,
		startMs,
		entry: (name: string) => ({ due: () => void log.push(name) }),
		stall(ms: number) {
			nowMs += ms;
			timers.shift()?.();
		},
	};
}
