// The numbered log behind events.v1 and longpoll.v1 (03-BEHAVIOUR section 6): the last pushed events, their numbers, and
// who waits for the next one. Knows nothing of jobs or of HTTP.
import type { Clock } from "../../shared/clock.ts";

/** One pushed event with its number and the life of the log it belongs to. */
export type LoggedEvent = Readonly<Record<string, unknown>> & {
	readonly seq: number;
	readonly epoch: string;
};

/** What `GET /events` answers. `next`: what to ask `since` the next time. `oldest`: lowest number still kept. */
export interface LogPage {
	readonly events: readonly LoggedEvent[];
	readonly next: number;
	readonly oldest: number;
	readonly epoch: string;
}

export interface EventLog {
	append(event: Readonly<Record<string, unknown>>): LoggedEvent;
	/** Events with a number above `since`, oldest first. */
	since(since: number, limit: number): LogPage;
	/** Waits until `since` would have something to tell, the time is up, or `signal` says stop. True: something is there. */
	wait(since: number, ms: number, signal: AbortSignal): Promise<boolean>;
	epoch(): string;
	/** The process restarted: numbers begin again in a new epoch. Whoever waits is let go. */
	renew(): void;
}

/** Events kept; a reader further behind has a gap. */
const KEPT = 500;

export function createEventLog(clock: Clock, newEpoch: () => string): EventLog {
	let epoch = newEpoch();
	let events: LoggedEvent[] = [];
	let last = 0;
	const waiting = new Set<() => void>();
	const wakeAll = (): void => {
		for (const wake of [...waiting]) wake();
	};
	// A reader ahead of the log knows another epoch: it is told at once, not after a minute.
	const hasNews = (since: number): boolean => since !== last;
	return {
		append(event) {
			const logged = { ...event, seq: ++last, epoch };
			events.push(logged);
			if (events.length > KEPT) events = events.slice(-KEPT);
			wakeAll();
			return logged;
		},
		since(since, limit) {
			const page = events.filter(({ seq }) => seq > since).slice(0, limit);
			return {
				events: page,
				next: page.at(-1)?.seq ?? last,
				oldest: events[0]?.seq ?? last + 1,
				epoch,
			};
		},
		wait(since, ms, signal) {
			if (hasNews(since)) return Promise.resolve(true);
			return new Promise((resolve) => {
				const done = (): void => {
					cancel();
					waiting.delete(done);
					signal.removeEventListener("abort", done);
					resolve(hasNews(since));
				};
				const cancel = clock.at(clock.monotonicMs() + ms, done);
				waiting.add(done);
				signal.addEventListener("abort", done);
			});
		},
		epoch: () => epoch,
		renew() {
			epoch = newEpoch();
			events = [];
			last = 0;
			wakeAll();
		},
	};
}
