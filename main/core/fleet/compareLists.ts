// Compares what is shown of each host with its agent's list, again and again, and says what differed: in the figures, the log
// and the activity. The comparison itself is in `consistency.ts`.
import type { Cancel, Clock } from "../../../shared/clock.ts";
import type { HostId } from "../../../shared/model.ts";
import type { JobBook } from "../jobs/book.ts";
import type { Log } from "../ports.ts";
import { sentenceOf, watchConsistency } from "./consistency.ts";
import type { Fleet } from "./fleet.ts";

export interface ComparePorts {
	readonly clock: Clock;
	readonly fleet: Fleet;
	readonly book: JobBook;
	readonly log: Log;
	count(what: "compared" | "lasting" | "mended"): void;
	tell(host: HostId, sentence: string): void;
}

/** Begins now; each host's turn comes about every `everyMs`. */
export const compareLists = (
	everyMs: number,
	{ clock, fleet, book, log, count, tell }: ComparePorts,
): Cancel =>
	watchConsistency({
		clock,
		fleet,
		book,
		everyMs,
		onChecked: () => count("compared"),
		onFound(finding) {
			const { hostId, differences, lasting } = finding;
			const sentence = sentenceOf(finding);
			count(lasting > 0 ? "lasting" : "mended");
			log("warn", "what was shown differed from an agent's list", {
				host: hostId,
				differences,
				lasting,
			});
			tell(hostId, sentence);
		},
	});
