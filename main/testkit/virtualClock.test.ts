import { expect, test } from "vitest";
import { openVirtualClock } from "./virtualClock.ts";

test("time stands still until it is told to pass, and then runs what is due, in order", () => {
	const clock = openVirtualClock({ monotonicMs: 0 });
	const told: string[] = [];
	const say = (name: string) => () =>
		void told.push(`${name} ${clock.monotonicMs()}`);
	clock.at(20, say("second"));
	clock.at(10, say("first"));
	clock.at(20, say("third"));
	clock.at(31, say("never"));
	clock.at(-5, say("past"));
	expect(told).toEqual([]);
	clock.advance(30);
	expect(told).toEqual(["past 0", "first 10", "second 20", "third 20"]);
	expect([clock.monotonicMs(), clock.timers]).toEqual([30, 1]);
});

test("a timer may set and cancel others", () => {
	const clock = openVirtualClock({ monotonicMs: 0 });
	const told: number[] = [];
	const cancel = clock.at(15, () => void told.push(-1));
	clock.at(10, () => {
		cancel();
		cancel();
		clock.at(12, () => void told.push(clock.monotonicMs()));
	});
	clock.advance(20);
	expect(told).toEqual([12]);
	expect(clock.timers).toBe(0);
});

test("a thousand timers in any order run in theirs", () => {
	const clock = openVirtualClock({ monotonicMs: 0 });
	const ran: number[] = [];
	for (let i = 0; i < 1_000; i++) {
		const at = (i * 617) % 1_000;
		clock.at(at, () => void ran.push(at));
	}
	clock.advance(1_000);
	expect(ran).toEqual(Array.from({ length: 1_000 }, (_, i) => i));
});

test("promises settle between two instants when time is let pass", async () => {
	const clock = openVirtualClock({ monotonicMs: 0 });
	const told: number[] = [];
	clock.at(10, () => {
		void Promise.resolve().then(() =>
			clock.at(11, () => void told.push(clock.monotonicMs())),
		);
	});
	clock.at(50, () => void told.push(clock.monotonicMs()));
	await clock.pass(100);
	expect(told).toEqual([11, 50]);
});

test("asleep the wall's clock goes on and the other does not", () => {
	const clock = openVirtualClock({ monotonicMs: 0, wallMs: 1_000 });
	let ran = false;
	clock.at(100, () => {
		ran = true;
	});
	clock.sleep(8 * 3_600_000);
	expect([clock.monotonicMs(), clock.wallMs(), ran]).toEqual([
		0,
		28_801_000,
		false,
	]);
	clock.advance(100);
	expect([clock.wallMs(), ran]).toEqual([28_801_100, true]);
});

test("a timer that sets itself for ever is told instead of hanging", () => {
	const clock = openVirtualClock({ mostTimers: 1_000 });
	const again = (): void => void clock.at(clock.monotonicMs(), again);
	again();
	expect(() => clock.advance(1)).toThrow(/runaway/);
});
