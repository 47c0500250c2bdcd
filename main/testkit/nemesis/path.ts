// The network between the console and one host, without sockets: what is sent arrives later and in order, waits while the
// way is blocked, as TCP makes it wait, and goes on some time after the way is free again.
import type { Cancel, Clock } from "../../../shared/clock.ts";

/** Grain of arrivals: things that happen in one instant cost a simulation less. */
const GRAIN_MS = 5;
/** An ordinary network. */
const USUAL_MS = { from: 2, to: 30 };
/** After a blockade TCP sends again within this. Longer waits exist; a console that knows of the change does not wait for them. */
const AGAIN_MS = { from: 50, to: 1_500 };

/** Milliseconds, both ends included. */
export interface Span {
	readonly from: number;
	readonly to: number;
}

/** One direction of one connection. */
export interface Way {
	/** `arrive` runs when what is sent comes out at the other end; never, when the way was closed before. */
	send(arrive: () => void): void;
	/** Nothing arrives any more. */
	close(): void;
	/** Nothing is under way. */
	readonly isIdle: boolean;
}

export interface Path {
	openWay(): Way;
	/** One more reason for nothing to get through; the returned function takes it back. */
	block(): Cancel;
	/** Everything that is open is dead without a word, as after a change of address: only new connections get through. */
	strand(): void;
	/** Pieces take this long; null: as usual. */
	setDelay(span: Span | null): void;
	readonly isBlocked: boolean;
	/** Nothing hinders or slows it. */
	readonly flows: boolean;
	/** This computer has no network: new connections fail at once. */
	isOffline: boolean;
}

/** @param random uniform in [0, 1). */
export function openPath(clock: Clock, random: () => number): Path {
	const stalled = new Set<() => void>();
	const open = new Set<Way>();
	let blocks = 0;
	let delay: Span | null = null;
	const within = ({ from, to }: Span): number =>
		Math.ceil((from + random() * (to - from)) / GRAIN_MS) * GRAIN_MS;

	const path: Path = {
		openWay() {
			const queue: { readonly atMs: number; readonly arrive: () => void }[] =
				[];
			let lastMs = 0;
			let cancel: Cancel = () => {};
			let isClosed = false;
			const arm = (atMs: number): void => {
				cancel = clock.at(atMs, drain);
			};
			const goOn = (): void => arm(clock.monotonicMs() + within(AGAIN_MS));
			const drain = (): void => {
				if (blocks > 0) {
					stalled.add(goOn);
					return;
				}
				for (let first = queue[0]; first !== undefined; first = queue[0]) {
					if (first.atMs > clock.monotonicMs()) return arm(first.atMs);
					queue.shift();
					first.arrive();
					if (isClosed) return;
				}
			};
			const way: Way = {
				send(arrive) {
					if (isClosed) return;
					const atMs = clock.monotonicMs() + within(delay ?? USUAL_MS);
					lastMs = Math.max(lastMs, atMs);
					queue.push({ atMs: lastMs, arrive });
					if (queue.length === 1) arm(lastMs);
				},
				close() {
					isClosed = true;
					queue.length = 0;
					stalled.delete(goOn);
					open.delete(way);
					cancel();
				},
				get isIdle() {
					return queue.length === 0 && !isClosed;
				},
			};
			open.add(way);
			return way;
		},
		strand() {
			for (const way of [...open]) way.close();
		},
		block() {
			blocks++;
			let isDone = false;
			return () => {
				if (isDone) return;
				isDone = true;
				if (--blocks > 0) return;
				const all = [...stalled];
				stalled.clear();
				for (const goOn of all) goOn();
			};
		},
		setDelay(span) {
			delay = span;
		},
		get isBlocked() {
			return blocks > 0;
		},
		get flows() {
			return blocks === 0 && delay === null;
		},
		isOffline: false,
	};
	return path;
}
