// Chance that repeats: the same seed gives the same fleet, packages, outcomes and ids, whatever the machine and the
// timing. Each use draws from a stream of its own name, so that one more draw here changes nothing there.

/** A repeatable source of chance. */
export interface Seeded {
	/** Uniform in [0, 1). */
	next(): number;
	/** Uniform integer in [from, to], both included. */
	between(from: number, to: number): number;
	/** One of a list that is not empty. */
	pick<T>(list: readonly T[]): T;
	/** A shuffled copy. */
	shuffled<T>(list: readonly T[]): T[];
	/** Looks like a random UUID (version 4). */
	uuid(): string;
}

/** 32 bits that depend on every character (FNV-1a with a final mix). */
export function hash32(text: string): number {
	let hash = 0x811c9dc5;
	for (let index = 0; index < text.length; index++)
		hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
	hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
	hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
	return (hash ^ (hash >>> 16)) >>> 0;
}

/** The stream called `name` of `seed` (mulberry32). */
export function seeded(seed: number, ...name: readonly unknown[]): Seeded {
	let state = hash32(`${seed}/${name.join("/")}`);
	const next = (): number => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
	};
	const between = (from: number, to: number): number =>
		from + Math.floor(next() * (to - from + 1));
	return {
		next,
		between,
		pick<T>(list: readonly T[]): T {
			const chosen = list[between(0, list.length - 1)];
			if (chosen === undefined) throw new RangeError("nothing to pick from");
			return chosen;
		},
		shuffled<T>(list: readonly T[]): T[] {
			const keyed = list.map((item) => ({ item, key: next() }));
			return keyed.sort((a, b) => a.key - b.key).map(({ item }) => item);
		},
		uuid() {
			const hex = Array.from({ length: 32 }, () =>
				between(0, 15).toString(16),
			).join("");
			const variant = "89ab"[between(0, 3)];
			return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`;
		},
	};
}
