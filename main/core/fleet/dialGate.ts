// How many handshakes may run at once in the whole fleet, and who goes first. A handshake costs about a millisecond of the
// event loop, so admission is paced: a few a turn, instead of all at once (07-PERFORMANCE, the dial gate).
import type { Cancel, Clock } from "../../../shared/clock.ts";

/** Handshakes in flight for the whole fleet (03-BEHAVIOUR section 1). */
export const HANDSHAKES_AT_ONCE = 32;
/** Admitted in one turn of the loop; the next turn lets everything else run first. */
const ADMITTED_A_TURN = 4;
/**
 * A turn that comes later than this found a busy loop: then fewer handshakes run at once, down to LEAST_AT_ONCE, and more again
 * as it gets free. Bounds the stalls of a storm, for some more time until all are connected (bench P6).
 */
const LATE_MS = 5;
const LEAST_AT_ONCE = 8;
const ROOM_TAKEN = 4;
const ROOM_GIVEN = 0.1;
/** Of those that wait, asked anew in one turn whether they are urgent by now: all of 10,000 within 40 turns, for little CPU. */
const ASKED_A_TURN = 256;

/** Somebody who wants to dial. */
export interface Dialer {
	/** 0 or less: before all others. Asked while waiting, because what is on the screen changes meanwhile. */
	priority(): number;
	/** The slot is yours until it is released. */
	granted(): void;
}

/** Lets dialers in: the urgent ones first, otherwise first come, first served. */
export interface DialGate {
	/** Every request is granted or withdrawn. The returned function releases the slot, or withdraws the request; twice does nothing. */
	request(dialer: Dialer): () => void;
	/** Slots that are held. */
	readonly inFlight: number;
	/** Requests that are neither granted nor withdrawn. */
	readonly waiting: number;
}

export interface DialGateOptions {
	readonly clock: Clock;
	/** HANDSHAKES_AT_ONCE when absent. */
	readonly atOnce?: number;
}

/** A gate with nobody in it. */
export function openDialGate({
	clock,
	atOnce = HANDSHAKES_AT_ONCE,
}: DialGateOptions): DialGate {
	const queue = openQueue();
	const holding = new Set<Dialer>();
	let cancel: Cancel | null = null;

	// Handshakes that the loop can carry at the moment without making everything else wait.
	let room = atOnce;
	let dueMs = 0;

	const adapt = (): void => {
		const isLate = clock.monotonicMs() - dueMs > LATE_MS;
		room = isLate
			? Math.max(Math.min(LEAST_AT_ONCE, atOnce), room - ROOM_TAKEN)
			: Math.min(atOnce, room + ROOM_GIVEN);
	};
	const admit = (): void => {
		cancel = null;
		adapt();
		try {
			queue.look();
			for (let i = 0; i < ADMITTED_A_TURN && holding.size < room; i++) {
				const dialer = queue.next();
				if (dialer === null) break;
				holding.add(dialer);
				dialer.granted();
			}
		} finally {
			schedule();
		}
	};
	const schedule = (): void => {
		if (cancel !== null || queue.size === 0 || holding.size >= room) return;
		dueMs = clock.monotonicMs();
		cancel = clock.at(dueMs, admit);
	};
	return {
		request(dialer) {
			// An own key, so that the same dialer may ask again while an old slot is being released.
			const key: Dialer = {
				priority: () => dialer.priority(),
				granted: () => dialer.granted(),
			};
			queue.add(key);
			schedule();
			return () => {
				if (!queue.remove(key) && holding.delete(key)) schedule();
				if (queue.size > 0 || cancel === null) return;
				cancel();
				cancel = null;
			};
		},
		get inFlight() {
			return holding.size;
		},
		get waiting() {
			return queue.size;
		},
	};
}

const isUrgent = (dialer: Dialer): boolean => dialer.priority() <= 0;

/** Those that wait. Who is urgent is found out little by little: asking all of them for each grant would cost more than dialing. */
function openQueue() {
	const waiting = new Set<Dialer>();
	/** Of the waiting, those that were urgent when they were last asked. */
	const urgent = new Set<Dialer>();
	// Goes on where it stopped; a Set may change under it.
	let round = waiting.values();

	const first = (): Dialer | null => {
		for (const dialer of urgent) {
			if (isUrgent(dialer)) return dialer;
			urgent.delete(dialer);
		}
		for (const dialer of waiting) return dialer;
		return null;
	};
	const remove = (dialer: Dialer): boolean => {
		urgent.delete(dialer);
		return waiting.delete(dialer);
	};
	return {
		add(dialer: Dialer): void {
			waiting.add(dialer);
			if (isUrgent(dialer)) urgent.add(dialer);
		},
		remove,
		/** Asks the next ones in turn whether they are urgent by now. */
		look(): void {
			for (let asked = 0; asked < ASKED_A_TURN; asked++) {
				const { value, done } = round.next();
				if (done === true) {
					round = waiting.values();
					return;
				}
				if (!urgent.has(value) && isUrgent(value)) urgent.add(value);
			}
		},
		/** Takes the one to go first. */
		next(): Dialer | null {
			const dialer = first();
			if (dialer !== null) remove(dialer);
			return dialer;
		},
		get size() {
			return waiting.size;
		},
	};
}
