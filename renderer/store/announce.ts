// What is said aloud of new failures: at once when it was quiet, and then one sentence per five seconds at most, however
// much happens. Knows a clock and hosts, no DOM.
import type { Cancel, Clock } from "../../shared/clock.ts";
import type { Activity } from "../../shared/model.ts";
import { visible } from "../../shared/visibleText.ts";
import { BAD_STATES } from "./select.ts";

/** From one sentence to the next: a screen reader must be able to finish one. */
export const SENTENCE_PAUSE_MS = 5_000;
/** Hosts named in one sentence; the others are counted. */
const NAMED = 3;

export interface Announcements {
	/** Looks at one core's stream, oldest first; what was there at the first look at this core is no news. */
	look(epoch: string, events: readonly Activity[]): void;
	/** Says nothing any more. */
	stop(): void;
}

export function createAnnouncements(
	clock: Clock,
	say: (sentence: string) => void,
): Announcements {
	/** Which core was looked at, and the number of its newest event then; null before the first look. */
	let seen: { readonly epoch: string; readonly n: number } | null = null;
	let waiting: string[] = [];
	let quietFrom = Number.NEGATIVE_INFINITY;
	let cancel: Cancel | null = null;
	const speak = (): void => {
		cancel = null;
		const hosts = waiting;
		waiting = [];
		quietFrom = clock.monotonicMs() + SENTENCE_PAUSE_MS;
		say(failureSentence(hosts));
	};
	return {
		look(epoch, events) {
			const before = seen?.epoch === epoch ? seen.n : null;
			if (before !== null) waiting.push(...failuresAfter(events, before));
			seen = { epoch, n: events.at(-1)?.n ?? before ?? 0 };
			if (waiting.length === 0 || cancel !== null) return;
			cancel = clock.at(Math.max(quietFrom, clock.monotonicMs()), speak);
		},
		stop() {
			cancel?.();
		},
	};
}

/** Hosts whose run went bad after the event numbered `n`, oldest first. Looks only at what is new. */
function failuresAfter(events: readonly Activity[], n: number): string[] {
	const hosts: string[] = [];
	for (let at = events.length - 1; at >= 0; at--) {
		const event = events[at];
		if (event === undefined || event.n <= n) break;
		if (event.kind === "host" && BAD_STATES.has(event.status))
			hosts.push(event.hostId);
	}
	return hosts.reverse();
}

/** `Failed on db-07, web-02, web-03 and 4 more.` A host that failed twice is named once. */
export function failureSentence(hosts: readonly string[]): string {
	const different = [...new Set(hosts)];
	const named = different.slice(0, NAMED).map(visible).join(", ");
	const more = different.length - NAMED;
	return `Failed on ${named}${more > 0 ? ` and ${more} more` : ""}.`;
}
