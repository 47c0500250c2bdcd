// Keeps reading the list of a host whose socket is live: agents drop pushed events silently and can go deaf, so the list is
// read on connect, every minute while a run is open, every ten minutes otherwise, and again after sleep or a change of networks.
import type { Clock } from "../../../shared/clock.ts";
import type { Result } from "../../../shared/fault.ts";
import { POLICY } from "../link/policy.ts";
import type { DeadlineWheel, Timed } from "./wheel.ts";

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
	readList(signal: AbortSignal): Promise<Result<void>>;
	hasOpenRuns(): boolean;
	/** A reading of the live list is over. */
	onListRead(read: boolean): void;
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

export const openReconciler = (ports: ReconcilePorts): Reconciler =>
	new HostReconciler(ports);

const OVER = AbortSignal.abort();

/** Waits on the wheel itself, and makes its controllers when they are needed: 10,000 idle hosts hold neither. */
class HostReconciler implements Reconciler, Timed {
	readonly #ports: ReconcilePorts;
	#isLive = false;
	/** Of `signal`, once somebody asked for it. */
	#live: AbortController | null = null;
	/** Of the reading under way. */
	#reading: AbortController | null = null;
	#retryMs = RETRY_MS;
	#isFailing = false;
	#dueMs = Number.POSITIVE_INFINITY;

	constructor(ports: ReconcilePorts) {
		this.#ports = ports;
	}

	get signal(): AbortSignal {
		if (!this.#isLive) return OVER;
		this.#live ??= new AbortController();
		return this.#live.signal;
	}

	begin(): void {
		this.#isLive = true;
		void this.#read();
	}

	end(): void {
		this.#isLive = false;
		this.#live?.abort();
		this.#live = null;
		this.#stopReading();
		this.#ports.wheel.disarm(this);
	}

	hurry(): void {
		// Never later than it was due: where short runs come and go, the minute would begin anew with each of them.
		if (this.#isLive) this.#armAt(Math.min(this.#dueMs, this.#nextMs()));
	}

	renew(): void {
		if (!this.#isLive) return;
		this.#stopReading();
		const { clock, random } = this.#ports;
		this.#armAt(clock.monotonicMs() + random() * POLICY.wokeSpreadMs);
	}

	due(): void {
		if (this.#isLive) void this.#read();
	}

	async #read(): Promise<void> {
		// One at a time: a later one replaces one that hangs.
		this.#stopReading();
		const mine = new AbortController();
		this.#reading = mine;
		this.#dueMs = Number.POSITIVE_INFINITY;
		const { ok } = await this.#ports.readList(mine.signal);
		if (mine.signal.aborted) return;
		this.#reading = null;
		this.#isFailing = !ok;
		this.#retryMs = ok ? RETRY_MS : Math.min(this.#retryMs * 2, RELIST_OPEN_MS);
		this.#ports.onListRead(ok);
		this.#armAt(this.#nextMs());
	}

	#stopReading(): void {
		this.#reading?.abort();
		this.#reading = null;
	}

	#armAt(atMs: number): void {
		this.#dueMs = atMs;
		this.#ports.wheel.arm(this, atMs);
	}

	/** When the next reading would be due by the present period. */
	#nextMs(): number {
		const { clock, random } = this.#ports;
		const everyMs = this.#isFailing
			? this.#retryMs
			: this.#ports.hasOpenRuns()
				? RELIST_OPEN_MS
				: RELIST_IDLE_MS;
		const factor = 1 - JITTER + 2 * JITTER * random();
		return clock.monotonicMs() + everyMs * factor;
	}
}
