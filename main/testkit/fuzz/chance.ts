// Choices that a seed repeats, in the few forms that fuzzing needs.
import { seededRandom } from "../seededRandom.ts";

/** A source of choices; the same seed makes the same ones. */
export interface Chance {
	/** A whole number from 0 up to, but not with, `below`. */
	below(below: number): number;
	/** True in about this share of all calls (0 to 1). */
	happens(share: number): boolean;
	/** @throws RangeError of an empty list. */
	pick<T>(list: readonly T[]): T;
}

/** Choices from a seed. */
export function openChance(seed: number): Chance {
	const random = seededRandom(seed);
	const below = (limit: number): number => Math.floor(random() * limit);
	return {
		below,
		happens: (share) => random() < share,
		pick(list) {
			if (list.length === 0) throw new RangeError("nothing to pick from");
			return list[below(list.length)] as never;
		},
	};
}

/** The seed of one case of a run: cases are independent, so that one can be replayed without those before it. */
export const seedOfCase = (seed: number, index: number): number =>
	(Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) + Math.imul(index, 0xc2b2_ae35)) |
	0;
