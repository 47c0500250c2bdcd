// What Foredeck concludes about runs by itself, because no agent can tell it: the link is gone, the agent does not know the
// run any more, the host rebooted. Each is undone by a later truth (`reduce.ts`).

import { isOpen } from "../../../shared/model.ts";
import type { RunFact } from "./fact.ts";
import type { Row } from "./jobTable.ts";
import type { Reduced } from "./reduce.ts";
import { isInterrupted, markLinkLost, markLost, rebooted } from "./reduce.ts";
import type { RunTable } from "./runTable.ts";
import type { Shelf } from "./shelf.ts";

/** A lost or interrupted run is blamed on a reboot that is noticed within this. */
const REBOOT_NOTICED_MS = 15 * 60_000;

export interface Conclusions {
	/** The link is gone: open runs become unknown. */
	linkLost(shelf: Shelf, receivedAt: number): void;
	/** The agent answered 404 for this run. */
	notFound(shelf: Shelf, row: Row, receivedAt: number): void;
	/** The host's uptime fell. */
	hostRebooted(shelf: Shelf, receivedAt: number): void;
	/** An authoritative fact, unless it only tells that an agent died of the reboot it was asked for. */
	truth(shelf: Shelf, row: Row, fact: RunFact): void;
}

export function openConclusions(rows: RunTable): Conclusions {
	/** Told with the run's last source, and in our words instead of the agent's. */
	const conclude = (
		shelf: Shelf,
		row: Row,
		reduced: Reduced,
		receivedAt: number,
	): void => {
		if (reduced.change === "none") return;
		const { source, remark } = reduced.run;
		rows.put(shelf, row, reduced, {
			source,
			receivedAt,
			atText: null,
			sentence:
				remark ??
				"the agent no longer knows this run; its outcome is not known",
		});
	};

	/** The success of a reboot run that was under way when the host rebooted; null for any other. */
	const provenReboot = (
		shelf: Shelf,
		row: Row,
		receivedAt: number,
	): Reduced | null => {
		const { run } = row;
		if (run.operation !== "reboot" || run.seenAt > shelf.rebootedAt)
			return null;
		const reduced = rebooted(run, receivedAt);
		return reduced.change === "state" ? reduced : null;
	};

	return {
		linkLost(shelf, receivedAt) {
			shelf.isCut = true;
			for (const row of shelf.rows.values())
				conclude(shelf, row, markLinkLost(row.run, receivedAt), receivedAt);
		},
		notFound(shelf, row, receivedAt) {
			const reduced =
				provenReboot(shelf, row, receivedAt) ?? markLost(row.run, receivedAt);
			conclude(shelf, row, reduced, receivedAt);
		},
		hostRebooted(shelf, receivedAt) {
			shelf.rebootedAt = receivedAt;
			for (const row of shelf.rows.values()) {
				const { state, changedAt } = row.run;
				if (isOpen(state) || receivedAt - changedAt <= REBOOT_NOTICED_MS)
					conclude(shelf, row, rebooted(row.run, receivedAt), receivedAt);
			}
		},
		truth(shelf, row, fact) {
			const proven = isInterrupted(fact.state, fact.errorCode ?? null)
				? provenReboot(shelf, row, fact.receivedAt)
				: null;
			if (proven === null) rows.take(shelf, row, fact);
			else conclude(shelf, row, proven, fact.receivedAt);
		},
	};
}
