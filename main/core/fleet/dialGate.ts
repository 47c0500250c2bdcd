// How many handshakes may run at once in the whole fleet, and who goes first. A handshake costs about a millisecond of the
// event loop, so admission is paced: a few a turn, instead of all at once (07-PERFORMANCE, the dial gate).
import type { Cancel, Clock } from "../../../shared/clock.ts";

/** Handshakes in flight for the whole fleet (03-BEHAVIOUR section 1). */
export const HANDSHAKES_AT_ONCE = 32;
/** Admitted in one turn of the loop; the next turn lets everything else run first. */
const ADMITTED_A_TURN = 4;

/** Somebody who wants to dial. */
export interface Dialer {
	/** Lower goes first; asked when a slot is free, because what is on the screen changes while one waits. */
	priority(): number;
	/** The slot is yours until it is released. */
	granted(): void;
}

export interface DialGate {
	/** Every request is granted or withdrawn. The returned function releases the slot, or withdraws the request; twice does nothing. */
	request(dialer: Dialer): () => void;
	readonly inFlight: number;
	readonly waiting: number;
}

export interface DialGateOptions {
	readonly clock: Clock;
	readonly atOnce?: number;
}

/** How many of those that wait are looked at for the one to go first; beyond it the order is first come, first served. */
const LOOKED_AT = 64;

export function openDialGate({
	clock,
	atOnce = HANDSHAKES_AT_ONCE,
}: DialGateOptions): DialGate {
	const waiting = new Set<Dialer>();
	const holding = new Set<Dialer>();
	let cancel: Cancel | null = null;

	const next = (): Dialer | null => {
		let best: Dialer | null = null;
		let bestPriority = Number.POSITIVE_INFINITY;
		let looked = 0;
		for (const dialer of waiting) {
			const priority = dialer.priority();
			if (priority < bestPriority) {
				best = dialer;
				bestPriority = priority;
			}
			if (priority <= 0 || ++looked >= LOOKED_AT) break;
		}
		return best;
	};
	const admit = (): void => {
		cancel = null;
		for (let i = 0; i < ADMITTED_A_TURN && holding.size < atOnce; i++) {
			const dialer = next();
			if (dialer === null) break;
			waiting.delete(dialer);
			holding.add(dialer);
			dialer.granted();
		}
		schedule();
	};
	const schedule = (): void => {
		if (cancel === null && waiting.size > 0 && holding.size < atOnce)
			cancel = clock.at(clock.monotonicMs(), admit);
	};
	return {
		request(dialer) {
			// An own key, so that the same dialer may ask again while an old slot is being released.
			const key: Dialer = {
				priority: () => dialer.priority(),
				granted: () => dialer.granted(),
			};
			waiting.add(key);
			schedule();
			return () => {
				if (waiting.delete(key)) return;
				if (holding.delete(key)) schedule();
			};
		},
		get inFlight() {
			return holding.size;
		},
		get waiting() {
			return waiting.size;
		},
	};
}
