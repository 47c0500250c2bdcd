// Rows that follow deltas at the cost of what a delta names, not of how many rows there are: copying the rows of 10,000
// hosts ten times a second was most of what the window did.

/**
 * A map that looks new after each change, so that a reference tells whether anything changed, while its rows lie in one map
 * that is edited in place. A former view therefore shows the rows as they are now: compare views, and keep rows, which never
 * change, where a former state is needed.
 */
class Rows<K, V> implements ReadonlyMap<K, V> {
	readonly #rows: Map<K, V>;
	constructor(rows: Map<K, V>) {
		this.#rows = rows;
	}
	/** The view after a change. */
	changed(changed: readonly V[], gone: readonly K[], keyOf: (row: V) => K) {
		for (const key of gone) this.#rows.delete(key);
		for (const row of changed) this.#rows.set(keyOf(row), row);
		return new Rows(this.#rows);
	}
	get size(): number {
		return this.#rows.size;
	}
	get(key: K): V | undefined {
		return this.#rows.get(key);
	}
	has(key: K): boolean {
		return this.#rows.has(key);
	}
	keys(): MapIterator<K> {
		return this.#rows.keys();
	}
	values(): MapIterator<V> {
		return this.#rows.values();
	}
	entries(): MapIterator<[K, V]> {
		return this.#rows.entries();
	}
	[Symbol.iterator](): MapIterator<[K, V]> {
		return this.#rows.entries();
	}
	forEach(tell: (row: V, key: K, map: ReadonlyMap<K, V>) => void): void {
		for (const [key, row] of this.#rows) tell(row, key, this);
	}
}

/**
 * The rows with some gone and some changed or added, in this order; the same reference when a delta names none. Rows that
 * did not come from here are copied once and left as they are.
 */
export function changedRows<K, V>(
	rows: ReadonlyMap<K, V>,
	changed: readonly V[],
	gone: readonly K[],
	keyOf: (row: V) => K,
): ReadonlyMap<K, V> {
	if (changed.length === 0 && gone.length === 0) return rows;
	const own = rows instanceof Rows ? rows : new Rows(new Map(rows));
	return own.changed(changed, gone, keyOf);
}
