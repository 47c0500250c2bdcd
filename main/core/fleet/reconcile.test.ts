// When the list of a live host is read: on a virtual clock, the agent is a promise that the test keeps.
import { expect, test } from "vitest";
import { failed, fault, ok, type Result } from "../../../shared/fault.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import { openReconciler } from "./reconcile.ts";
import { openWheel } from "./wheel.ts";

function openReadings() {
	const clock = openVirtualClock();
	const startMs = clock.monotonicMs();
	const readings: { readonly atMs: number; readonly signal: AbortSignal }[] =
		[];
	const agent = { answers: true, hangs: false, hasOpenRuns: false };
	const reconciler = openReconciler({
		clock,
		wheel: openWheel(clock),
		random: () => 0.5,
		readList(signal) {
			readings.push({ atMs: clock.monotonicMs() - startMs, signal });
			const answer: Result<void> = agent.answers
				? ok(undefined)
				: failed(fault("http.unexpected"));
			return agent.hangs ? new Promise(() => {}) : Promise.resolve(answer);
		},
		hasOpenRuns: () => agent.hasOpenRuns,
		onListRead: () => {},
	});
	const seconds = () => readings.map(({ atMs }) => Math.round(atMs / 1_000));
	return { clock, readings, agent, reconciler, seconds };
}

test("runs that come and go do not push the next reading away", async () => {
	const { clock, agent, reconciler, seconds } = openReadings();
	agent.hasOpenRuns = true;
	reconciler.begin();
	for (let s = 0; s < 180; s += 20) {
		reconciler.hurry();
		await clock.pass(20_000);
	}
	expect(seconds()).toEqual([0, 60, 120, 180]);
	reconciler.end();
	expect(clock.timers).toBe(0);
});

test("after sleep a list that hangs is given up and read anew within 5 s, while nothing is read of a socket that is gone", async () => {
	const { clock, readings, agent, reconciler, seconds } = openReadings();
	agent.hangs = true;
	reconciler.begin();
	await clock.pass(10_000);
	agent.hangs = false;
	reconciler.renew();
	expect(readings[0]?.signal.aborted).toBe(true);
	await clock.pass(5_000);
	expect(seconds().at(-1)).toBeLessThanOrEqual(15);
	expect(readings).toHaveLength(2);
	reconciler.end();
	reconciler.renew();
	reconciler.hurry();
	await clock.pass(3_600_000);
	expect(readings).toHaveLength(2);
});

test("a reading that failed is repeated after 2 s, doubling to a minute", async () => {
	const { clock, agent, reconciler, seconds } = openReadings();
	agent.answers = false;
	reconciler.begin();
	await clock.pass(200_000);
	expect(seconds()).toEqual([0, 4, 12, 28, 60, 120, 180]);
	reconciler.end();
});
