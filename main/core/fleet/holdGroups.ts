// Observed jobs are issued after the first lists are in, or after a while: their ids then do not depend on who answered first.
import type { Cancel, Clock } from "../../../shared/clock.ts";
import { every } from "../../../shared/clock.ts";
import type { JobBook } from "../jobs/book.ts";
import type { Fleet } from "./fleet.ts";

const GROUPING_HOLD_MS = 2_000;
const GROUPING_LOOK_MS = 50;

/** Holds them back from now on. The answer ends the watching; what is held then stays held. */
export function holdGroupsUntilListed(
	clock: Clock,
	book: JobBook,
	fleet: Fleet,
): Cancel {
	book.holdGroups(true);
	const untilMs = clock.monotonicMs() + GROUPING_HOLD_MS;
	const stop = every(clock, GROUPING_LOOK_MS, () => {
		const reported = [...fleet.members()].every((one) => one.hasReported());
		if (!reported && clock.monotonicMs() < untilMs) return;
		stop();
		book.holdGroups(false);
	});
	return stop;
}
