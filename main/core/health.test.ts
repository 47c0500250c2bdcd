import { afterEach, expect, test } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import { coreHealthSchema } from "../../shared/model.ts";
import { untilTrue } from "../testkit/demoWorld.ts";
import { openVirtualClock } from "../testkit/virtualClock.ts";
import type { Vitals } from "./health.ts";
import { openVitals } from "./health.ts";

let vitals: Vitals | undefined;
afterEach(() => vitals?.close());

test("events per second are counted since the last reading, to a tenth", () => {
	const clock = openVirtualClock();
	vitals = openVitals(clock);
	for (let i = 0; i < 25; i++) vitals.countEvent();
	clock.advance(2_000);
	expect(vitals.read().eventsPerSecond).toBe(12.5);
	clock.advance(1_000);
	expect(vitals.read().eventsPerSecond).toBe(0);
});

test("a reading right after the start is a number that the contract takes", () => {
	vitals = openVitals(openVirtualClock());
	vitals.countEvent();
	const reading = vitals.read();
	const frame = { at: 1, ...reading, dialing: 0, queued: 0 };
	expect(coreHealthSchema.parse(frame)).toEqual(frame);
	expect(reading.loopLagMs).toBeGreaterThanOrEqual(0);
});

test("a loop that was held for 200 ms is told once", async () => {
	const clock = systemClock();
	vitals = openVitals(clock);
	const pass = async (ms: number): Promise<void> => {
		let isOver = false;
		clock.at(clock.monotonicMs() + ms, () => {
			isOver = true;
		});
		await untilTrue(() => isOver);
	};
	await pass(50);
	vitals.read();
	await pass(50);
	const until = clock.monotonicMs() + 200;
	while (clock.monotonicMs() < until);
	await pass(50);
	const { loopLagMs } = vitals.read();
	expect(loopLagMs).toBeGreaterThanOrEqual(150);
	await pass(50);
	expect(vitals.read().loopLagMs).toBeLessThan(loopLagMs);
});
