// Things in the order of their age, oldest first: a binary heap. Knows nothing about what it keeps.

export interface AgeQueue<T> {
	/** Adds an item of this time. Of equal times, any may be first. */
	push(at: number, item: T): void;
	/** The oldest item and its time, left in place; null when there is none. */
	oldest(): Aged<T> | null;
	/** Takes the oldest item out. */
	pop(): void;
}

export interface Aged<T> {
	readonly at: number;
	readonly item: T;
}

export function openAgeQueue<T>(): AgeQueue<T> {
	const heap: Aged<T>[] = [];
	const timeAt = (place: number): number =>
		heap[place]?.at ?? Number.POSITIVE_INFINITY;

	const swap = (a: number, b: number): void => {
		const kept = heap[a] as Aged<T>;
		heap[a] = heap[b] as Aged<T>;
		heap[b] = kept;
	};

	return {
		push(at, item) {
			heap.push({ at, item });
			for (let place = heap.length - 1; place > 0; ) {
				const parent = (place - 1) >> 1;
				if (timeAt(parent) <= at) return;
				swap(place, parent);
				place = parent;
			}
		},
		oldest: () => heap[0] ?? null,
		pop() {
			const last = heap.pop();
			if (last === undefined || heap.length === 0) return;
			heap[0] = last;
			for (let place = 0; ; ) {
				const left = 2 * place + 1;
				const child = timeAt(left + 1) < timeAt(left) ? left + 1 : left;
				if (timeAt(child) >= last.at) return;
				swap(place, child);
				place = child;
			}
		},
	};
}
