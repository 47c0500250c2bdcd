// How often one agent may be asked. Never more than 40 GETs in any minute (03-BEHAVIOUR section 1): a burst of 10, then one
// every 2 s, because agents count every client's requests in per-worker buckets that cannot be seen from outside.

const BURST = 10;
const EVERY_MS = 2_000;

/** Tells when the next request may go. Monotonic milliseconds throughout. */
export interface Budget {
	/** Reserves the next request and returns when it may be sent, `nowMs` or later. */
	reserve(nowMs: number): number;
	/** How much longer the agent wants to be left alone; 0 when it does not. */
	heldForMs(nowMs: number): number;
	/** The agent asked to wait (Retry-After): nothing is sent for this long, and what was reserved and not sent is void. */
	hold(nowMs: number, waitMs: number): void;
	/** How often that was; who reserved before the last time reserves again. */
	readonly holds: number;
}

export const openBudget = (): Budget => new RequestBudget();

class RequestBudget implements Budget {
	holds = 0;
	// Generic cell rate algorithm: the time at which the bucket would be empty again.
	#fullAt = 0;
	#heldUntil = 0;

	heldForMs(nowMs: number): number {
		return Math.max(0, this.#heldUntil - nowMs);
	}

	reserve(nowMs: number): number {
		const at = Math.max(
			nowMs,
			this.#heldUntil,
			this.#fullAt - (BURST - 1) * EVERY_MS,
		);
		this.#fullAt = Math.max(this.#fullAt, at) + EVERY_MS;
		return at;
	}

	hold(nowMs: number, waitMs: number): void {
		this.#heldUntil = Math.max(this.#heldUntil, nowMs + waitMs);
		this.holds++;
		// What was sent lies within one burst of now; everything beyond it was reserved only.
		this.#fullAt = Math.min(this.#fullAt, nowMs + BURST * EVERY_MS);
	}
}
