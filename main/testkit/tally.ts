// Something that happens several times and can be waited for: the opposite of a sleep. It keeps what happened.

/** What happened so far, and a way to wait for more. */
export interface Tally<T> {
	readonly all: readonly T[];
	add(one: T): void;
	/** The `count`-th one (from 1), as soon as it is there. */
	waitFor(count?: number): Promise<T>;
	/** The first one that fits, of the past or the future. */
	waitUntil(fits: (one: T) => boolean): Promise<T>;
}

export function openTally<T>(): Tally<T> {
	const all: T[] = [];
	let waiting: { fits(one: T, nth: number): boolean; tell(one: T): void }[] =
		[];
	const wait = (fits: (one: T, nth: number) => boolean): Promise<T> => {
		const index = all.findIndex((one, at) => fits(one, at + 1));
		const found = all[index];
		if (index >= 0) return Promise.resolve(found as T);
		return new Promise((tell) => {
			waiting.push({ fits, tell });
		});
	};
	return {
		all,
		add(one) {
			all.push(one);
			const told = waiting.filter(({ fits }) => fits(one, all.length));
			waiting = waiting.filter((entry) => !told.includes(entry));
			for (const { tell } of told) tell(one);
		},
		waitFor: (count = 1) => wait((_one, nth) => nth === count),
		waitUntil: wait,
	};
}
