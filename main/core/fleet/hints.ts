// Turns hints ("something happened to this run") into few fetches: the first one at once, a burst debounced 500 ms with a
// maximum wait of 2 s, never two fetches at a time. 03-BEHAVIOUR section 1, "push is a hint".
import type { Cancel, Clock } from "../../../shared/clock.ts";

const DEBOUNCE_MS = 500;
const MAX_WAIT_MS = 2_000;

/** Collects ids and hands them over together. */
export interface Hints<T> {
	add(id: T): void;
	/** Drops what waits and whatever is still hinted; a fetch under way goes on. */
	close(): void;
}

/** @param fetch must not reject; the next batch waits until it is done. */
export function openHints<T>(
	clock: Clock,
	fetch: (ids: ReadonlySet<T>) => Promise<void>,
): Hints<T> {
	let waiting = new Set<T>();
	let firstMs = 0;
	let lastFetchMs = Number.NEGATIVE_INFINITY;
	let busy = false;
	let closed = false;
	let cancel: Cancel | null = null;

	const arm = (): void => {
		cancel?.();
		cancel = null;
		if (busy || waiting.size === 0) return;
		const now = clock.monotonicMs();
		const quiet = now - lastFetchMs >= DEBOUNCE_MS;
		const due = quiet
			? now
			: Math.min(now + DEBOUNCE_MS, firstMs + MAX_WAIT_MS);
		cancel = clock.at(due, () => {
			cancel = null;
			void go();
		});
	};
	const go = async (): Promise<void> => {
		const ids = waiting;
		waiting = new Set();
		busy = true;
		lastFetchMs = clock.monotonicMs();
		await fetch(ids);
		busy = false;
		lastFetchMs = clock.monotonicMs();
		arm();
	};

	return {
		add(id) {
			if (closed) return;
			if (waiting.size === 0) firstMs = clock.monotonicMs();
			waiting.add(id);
			// While one is armed for "now", later hints of the same turn join it instead of pushing it back.
			const now = clock.monotonicMs();
			if (cancel === null || now - lastFetchMs < DEBOUNCE_MS) arm();
		},
		close() {
			closed = true;
			waiting.clear();
			cancel?.();
			cancel = null;
		},
	};
}
