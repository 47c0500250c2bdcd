// The agents' rate limit: token buckets per client address and, as in the real server, per worker, so that the ceiling
// a client meets lies between the documented figure and four times that. Knows no paths but the two exempt ones.
import type { Clock } from "../../shared/clock.ts";

/** Workers of the real server; each counts for itself. */
const WORKERS = 4;
const EXEMPT: ReadonlySet<string> = new Set(["/health", "/api/v1/system/info"]);

interface Bucket {
	tokens: number;
	filledAt: number;
}

/** One agent's limiter. */
export interface RateLimit {
	/** Counts a request on a connection served by `worker`. @returns seconds to wait, at least 1, or null when it may pass. */
	refuse(
		request: { readonly method: string; readonly path: string },
		address: string,
		worker: number,
	): number | null;
	/** The worker of the next connection, in turn. */
	nextWorker(): number;
}

/** `generosity` multiplies the documented figures: 120 reads a minute in bursts of 30, 20 writes in bursts of 10. */
export function createRateLimit(clock: Clock, generosity: number): RateLimit {
	const buckets = new Map<string, Bucket>();
	let connections = 0;
	return {
		nextWorker: () => connections++ % WORKERS,
		refuse({ method, path }, address, worker) {
			if (EXEMPT.has(path)) return null;
			const writes = ["POST", "PUT", "DELETE"].includes(method);
			const perMs = ((writes ? 20 : 120) * generosity) / 60_000;
			const burst = (writes ? 10 : 30) * generosity;
			const key = `${worker}/${writes ? "w" : "r"}/${address}`;
			const now = clock.monotonicMs();
			const bucket = buckets.get(key) ?? { tokens: burst, filledAt: now };
			buckets.set(key, bucket);
			bucket.tokens = Math.min(
				burst,
				bucket.tokens + (now - bucket.filledAt) * perMs,
			);
			bucket.filledAt = now;
			if (bucket.tokens >= 1) {
				bucket.tokens -= 1;
				return null;
			}
			return Math.max(1, Math.ceil((1 - bucket.tokens) / perMs / 1000));
		},
	};
}
