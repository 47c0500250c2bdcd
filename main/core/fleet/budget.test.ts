import fc from "fast-check";
import { expect, test } from "vitest";
import { openBudget } from "./budget.ts";

test("C23: any demand yields at most 40 requests in any minute", () => {
	fc.assert(
		fc.property(
			fc.array(fc.nat(3_000), { minLength: 200, maxLength: 400 }),
			(gaps) => {
				const budget = openBudget();
				let now = 0;
				const sent = gaps.map((gap) => {
					now += gap;
					return budget.reserve(now);
				});
				sent.sort((a, b) => a - b);
				for (let i = 40; i < sent.length; i++)
					expect(
						(sent[i] as number) - (sent[i - 40] as number),
					).toBeGreaterThanOrEqual(60_000);
			},
		),
		{ numRuns: 50 },
	);
});

test("a quiet agent is asked at once", () => {
	const budget = openBudget();
	for (let i = 0; i < 10; i++)
		expect(budget.reserve(1_000_000)).toBe(1_000_000);
	expect(budget.reserve(1_000_000)).toBe(1_002_000);
});

test("C14: Retry-After holds everything back", () => {
	const budget = openBudget();
	budget.hold(1_000, 30_000);
	expect(budget.reserve(1_000)).toBe(31_000);
});

test("C14: what was reserved and not sent when the agent asked to wait is void, and the wait does not let a burst through", () => {
	const budget = openBudget();
	for (let i = 0; i < 30; i++) budget.reserve(1_000_000);
	const { holds } = budget;
	budget.hold(1_001_000, 30_000);
	expect(budget.holds).toBe(holds + 1);
	// Ten were sent before; their share of the bucket was filled again while we waited.
	const again = Array.from({ length: 20 }, () => budget.reserve(1_002_000));
	expect(again.slice(0, 10)).toEqual(Array(10).fill(1_031_000));
	expect(again.slice(10, 13)).toEqual([1_033_000, 1_035_000, 1_037_000]);
});
