import fc from "fast-check";
import { expect, test } from "vitest";
import { openBudget } from "./budget.ts";

test("any demand yields at most 40 requests in any minute", () => {
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

test("Retry-After holds everything back", () => {
	const budget = openBudget();
	budget.hold(1_000, 30_000);
	expect(budget.reserve(1_000)).toBe(31_000);
});
