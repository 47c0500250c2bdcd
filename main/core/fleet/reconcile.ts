// Keeps reading the list of a host whose socket is live: agents drop pushed events silently and can go deaf, so the list is
// read on connect, every minute while a run is open, every ten minutes otherwise, and again after sleep or a change of networks.
import type { Clock } from "../../../shared/clock.ts";
import type { Result } from "../../../shared/fault.ts";
import { POLICY } from "../link/policy.ts";
import type { DeadlineWheel } from "./wheel.ts";

/** Periods of 03-BEHAVIOUR section 1. */
export const RELIST_OPEN_MS = 60_000;
export const RELIST_IDLE_MS = 10 * 60_000;
/** A relist that failed while the socket lives is tried again after this, doubling to RELIST_OPEN_MS. */
const RETRY_MS = 2_000;
const JITTER = 0.2;

export interface ReconcilePorts {
	readonly clock: Clock;
	readonly wheel: DeadlineWheel;
	/** Uniform in [0, 1). */
	readonly random: () => number;
	relist(signal: AbortSignal): Promise<Result<void>>;
	hasOpenRuns(): boolean;
	/** A reading of the live list is over. */
	onRead(read: boolean): void;
}

export interface Reconciler {
	/** Aborted when the socket is gone; aborted from the start while there never was one. */
	readonly signal: AbortSignal;
	/** The socket is live: reads at once. */
	begin(): void;
	end(): void;
	/** The first run is open: from now on once a minute. */
	hurry(): void;
	/** What was asked through the old network is forgotten, and the list is read soon, spread over the fleet. */
	renew(): void;
}

export function openReconciler(ports: ReconcilePorts): Reconciler {
	const { clock, wheel } = ports;
	let live = new AbortController();
	live.abort();
	let reading = live;
	let retryMs = RETRY_MS;
	let isFailing = false;
	let dueMs = Number.POSITIVE_INFINITY;

	const read = async (): Promise<void> => {
		// One at a time: a later one replaces one that hangs.
		reading.abort();
		const mine = new AbortController();
		reading = mine;
		dueMs = Number.POSITIVE_INFINITY;
		const { ok } = await ports.relist(mine.signal);
		if (mine.signal.aborted) return;
		isFailing = !ok;
		retryMs = ok ? RETRY_MS : Math.min(retryMs * 2, RELIST_OPEN_MS);
		ports.onRead(ok);
		armAt(nextMs());
	};
	const armAt = (atMs: number): void => {
		dueMs = atMs;
		wheel.arm(timer, atMs);
	};
	/** When the next reading would be due by the present period. */
	const nextMs = (): number => {
		const everyMs = isFailing
			? retryMs
			: ports.hasOpenRuns()
				? RELIST_OPEN_MS
				: RELIST_IDLE_MS;
		const factor = 1 - JITTER + 2 * JITTER * ports.random();
		return clock.monotonicMs() + everyMs * factor;
	};
	const timer = {
		due: () => {
			if (!live.signal.aborted) void read();
		},
	};
	return {
		get signal() {
			return live.signal;
		},
		begin() {
			live = new AbortController();
			void read();
		},
		end() {
			live.abort();
			reading.abort();
			wheel.disarm(timer);
		},
		hurry() {
			// Never later than it was due: where short runs come and go, the minute would begin anew with each of them.
			if (!live.signal.aborted) armAt(Math.min(dueMs, nextMs()));
		},
		renew() {
			if (live.signal.aborted) return;
			reading.abort();
			const soonMs = ports.random() * POLICY.wokeSpreadMs;
			armAt(clock.monotonicMs() + soonMs);
		},
	};
}
