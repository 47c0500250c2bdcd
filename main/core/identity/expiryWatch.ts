// Looks at the identity in use when a mark of expiry.ts is due, when the computer wakes and when another identity is in use.
import type { Clock } from "../../../shared/clock.ts";
import type { Identity } from "../ports.ts";
import type { Expiring, ExpiryNews, ToldMarks } from "./expiry.ts";
import { nextMarkAt, noticeExpiry } from "./expiry.ts";

/** A timer does not run while the computer sleeps, and wall time may be set. */
const LONGEST_WAIT_MS = 6 * 3_600_000;

export interface ExpiryWatch {
	/** Looks now: the computer woke, or the identity is another one. */
	look(): void;
	stop(): void;
}

/**
 * @param tell is called once per certificate and mark, while this runs; first when the caller is done, so that whoever opens
 * what this is part of can listen before.
 * @param looked is called at each look, before `tell`, with what is in use; null: nothing.
 */
export function watchExpiry(
	clock: Clock,
	identity: () => Identity | null,
	tell: (news: ExpiryNews) => void,
	looked: (identity: Expiring | null) => void = () => {},
): ExpiryWatch {
	let told: ToldMarks = {};
	let cancel = (): void => {};
	const look = (): void => {
		cancel();
		const facts = identity()?.facts;
		looked(facts ?? null);
		if (facts === undefined) return;
		const now = clock.wallMs();
		const [next, news] = noticeExpiry(told, facts, now);
		told = next;
		if (news !== null) tell(news);
		const due = nextMarkAt(facts.expiresAt, now);
		if (due === null) return;
		const waitMs = Math.min(due - now, LONGEST_WAIT_MS);
		cancel = clock.at(clock.monotonicMs() + waitMs, look);
	};
	cancel = clock.at(clock.monotonicMs(), look);
	return { look, stop: () => cancel() };
}
