import fc from "fast-check";
import { expect, test } from "vitest";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import { openHints } from "./hints.ts";

/** Fetches take `fetchMs`; each is noted with when it began, what it was for, and how many were under way. */
function openFetches(fetchMs = 20) {
	const clock = openVirtualClock();
	const startMs = clock.monotonicMs();
	const fetches: { atMs: number; ids: string[] }[] = [];
	let underWay = 0;
	let mostAtOnce = 0;
	const hints = openHints<string>(clock, async (ids) => {
		fetches.push({ atMs: clock.monotonicMs() - startMs, ids: [...ids] });
		mostAtOnce = Math.max(mostAtOnce, ++underWay);
		await new Promise<void>((done) => {
			clock.at(clock.monotonicMs() + fetchMs, done);
		});
		underWay--;
	});
	return { clock, hints, fetches, mostAtOnce: () => mostAtOnce };
}

test("the first hint is fetched at once", async () => {
	const { clock, hints, fetches } = openFetches();
	hints.add("a");
	await clock.pass(0);
	expect(fetches).toEqual([{ atMs: 0, ids: ["a"] }]);
});

test("hints of one turn are fetched together", async () => {
	const { clock, hints, fetches } = openFetches();
	for (const id of ["a", "b", "a", "c"]) hints.add(id);
	await clock.pass(5_000);
	expect(fetches.map(({ ids }) => ids)).toEqual([["a", "b", "c"]]);
});

test("C23: 1,000 hints in 1 s cost at most three fetches, and none of them is left out", async () => {
	const { clock, hints, fetches } = openFetches();
	for (let i = 0; i < 1_000; i++) {
		hints.add(`run-${i}`);
		await clock.pass(1);
	}
	await clock.pass(5_000);
	expect(fetches.length).toBeLessThanOrEqual(3);
	expect(new Set(fetches.flatMap(({ ids }) => ids)).size).toBe(1_000);
	expect(clock.timers).toBe(0);
});

test("C23: hints that never pause are still fetched at least each 2 s", async () => {
	for (const everyMs of [1, 50, 499, 501]) {
		const { clock, hints, fetches } = openFetches();
		for (let ms = 0; ms < 30_000; ms += everyMs) {
			hints.add("a");
			await clock.pass(everyMs);
		}
		await clock.pass(5_000);
		const gaps = fetches
			.slice(1)
			.map(({ atMs }, index) => atMs - (fetches[index]?.atMs ?? 0));
		expect(Math.max(...gaps)).toBeLessThanOrEqual(2_000);
		// And no oftener than a debounce allows.
		expect(Math.min(...gaps)).toBeGreaterThanOrEqual(500);
	}
});

test("a fetch that takes long is not doubled; what came meanwhile is fetched after it", async () => {
	const { clock, hints, fetches, mostAtOnce } = openFetches(7_000);
	hints.add("a");
	await clock.pass(10);
	for (let i = 0; i < 50; i++) {
		hints.add("b");
		await clock.pass(100);
	}
	await clock.pass(20_000);
	expect(fetches).toEqual([
		{ atMs: 0, ids: ["a"] },
		{ atMs: 7_000, ids: ["b"] },
	]);
	expect(mostAtOnce()).toBe(1);
});

test("after close() nothing is fetched any more and nothing waits, whatever is still hinted", async () => {
	const { clock, hints, fetches } = openFetches(3_000);
	hints.add("a");
	await clock.pass(10);
	hints.add("b");
	hints.close();
	hints.add("c");
	await clock.pass(20_000);
	expect(fetches.map(({ ids }) => ids)).toEqual([["a"]]);
	expect(clock.timers).toBe(0);
});

test("whenever hints come: every one is fetched after it came, within 2 s and a fetch, one at a time", async () => {
	const bursts = fc.array(
		fc.record({
			waitMs: fc.integer({ min: 0, max: 1_500 }),
			hints: fc.integer({ min: 1, max: 5 }),
		}),
		{ minLength: 1, maxLength: 30 },
	);
	await fc.assert(
		fc.asyncProperty(
			bursts,
			fc.integer({ min: 0, max: 3_000 }),
			async (plan, fetchMs) => {
				const { clock, hints, fetches, mostAtOnce } = openFetches(fetchMs);
				const startMs = clock.monotonicMs();
				const hinted: { id: string; atMs: number }[] = [];
				for (const { waitMs, hints: count } of plan) {
					await clock.pass(waitMs);
					for (let i = 0; i < count; i++) {
						const id = `run-${hinted.length}`;
						hinted.push({ id, atMs: clock.monotonicMs() - startMs });
						hints.add(id);
					}
				}
				await clock.pass(20_000);
				for (const { id, atMs } of hinted) {
					const times = fetches.filter(({ ids }) => ids.includes(id));
					expect(times).toHaveLength(1);
					const waited = (times[0]?.atMs ?? 0) - atMs;
					expect(waited).toBeGreaterThanOrEqual(0);
					expect(waited).toBeLessThanOrEqual(2_000 + fetchMs);
				}
				expect(mostAtOnce()).toBe(1);
				expect(clock.timers).toBe(0);
			},
		),
	);
});
