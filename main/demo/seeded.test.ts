import fc from "fast-check";
import { expect, test } from "vitest";
import { seeded } from "./seeded.ts";

test("the same seed and name repeat, another name or seed does not", () => {
	const draw = (seed: number, name: string) => {
		const chance = seeded(seed, name);
		return [chance.next(), chance.uuid(), chance.between(1, 1000)];
	};
	expect(draw(1, "a")).toEqual(draw(1, "a"));
	expect(draw(1, "a")).not.toEqual(draw(1, "b"));
	expect(draw(1, "a")).not.toEqual(draw(2, "a"));
});

test("values stay within their bounds, whatever the seed", () => {
	fc.assert(
		fc.property(fc.integer(), fc.string(), (seed, name) => {
			const chance = seeded(seed, name);
			expect(chance.next()).toBeGreaterThanOrEqual(0);
			expect(chance.next()).toBeLessThan(1);
			expect([3, 4, 5]).toContain(chance.between(3, 5));
			expect(chance.uuid()).toMatch(
				/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
			);
			expect(chance.shuffled([1, 2, 3]).sort()).toEqual([1, 2, 3]);
		}),
	);
});
