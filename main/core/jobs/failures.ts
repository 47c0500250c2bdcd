// A list tells that a run failed, but not why; the detail does. So that the one event of a failure carries its reason, a
// failure that is news waits for its detail here, at most until the next list. Knows no requests: what to ask is answered.
import type { AgentJobId } from "../../../shared/model.ts";
import { isOpen } from "../../../shared/model.ts";
import type { JobDetail, JobSummary } from "../agentApi/message.ts";
import type { RunFact } from "./fact.ts";
import type { Intake } from "./intake.ts";
import { isInterrupted } from "./reduce.ts";
import type { Shelf } from "./shelf.ts";
import { isNews } from "./shelf.ts";

/** How often the reason of a failure that was told without one is asked for again; then the agent has none for us. */
const ASKED_AGAIN_MOST = 3;

export interface Failures {
	/** A listed fact about a known run. True: it waits for its reason, and is not to be taken now. */
	await(shelf: Shelf, row: JobSummary, fact: RunFact): boolean;
	/** The same for a run that is not known. */
	awaitNew(shelf: Shelf, row: JobSummary, fact: RunFact): boolean;
	/** The run's failure is news; if nobody told why, that is worth asking. */
	noteUnexplained(shelf: Shelf, id: AgentJobId): void;
	/** Whether a later list is to ask why this run failed; each time counts. */
	askAgain(shelf: Shelf, id: AgentJobId): boolean;
	/** The detail came. False: no failure waited for it, or it says that the run is open. */
	explain(shelf: Shelf, detail: JobDetail, fact: RunFact): boolean;
	/** Tells a failure without its reason, if it waits. */
	tell(shelf: Shelf, id: AgentJobId, receivedAt: number): void;
	/** Tells all of the host's that wait. */
	tellAll(shelf: Shelf, receivedAt: number): void;
}

export function openFailures(intake: Intake): Failures {
	const putAside = (shelf: Shelf, row: JobSummary, fact: RunFact): true => {
		shelf.untold.set(row.agentJobId, { row, fact });
		shelf.open = null;
		return true;
	};

	const noteUnexplained: Failures["noteUnexplained"] = (shelf, id) => {
		if (!lacksReason(shelf, id)) shelf.unexplained.delete(id);
		else if (!shelf.unexplained.has(id)) shelf.unexplained.set(id, 0);
	};

	const tell: Failures["tell"] = (shelf, id, receivedAt) => {
		const untold = shelf.untold.get(id);
		if (untold === undefined) return;
		shelf.untold.delete(id);
		shelf.open = null;
		intake.introduce(shelf, untold.row, { ...untold.fact, receivedAt }, true);
		noteUnexplained(shelf, id);
	};

	/** A list may name a run twice. The same failure goes on waiting, anything else finds it told. */
	const isAwaited = (shelf: Shelf, row: JobSummary, at: number): boolean => {
		if (!shelf.untold.has(row.agentJobId)) return false;
		if (row.state === "failed") return true;
		tell(shelf, row.agentJobId, at);
		return false;
	};

	return {
		await(shelf, row, fact) {
			if (isAwaited(shelf, row, fact.receivedAt)) return true;
			const run = shelf.rows.get(row.agentJobId)?.run;
			if (row.state !== "failed" || run === undefined) return false;
			const isNew = isOpen(run.state) || run.state === "lost";
			if (!isNew || run.error !== null || isReboot(row)) return false;
			return putAside(shelf, row, fact);
		},
		awaitNew(shelf, row, fact) {
			if (isAwaited(shelf, row, fact.receivedAt)) return true;
			// What is held or waits for its job has more to tell than the list, or an order to keep.
			const isTold = shelf.held.has(row.agentJobId) || intake.isHolding;
			if (isTold || row.state !== "failed" || isReboot(row)) return false;
			return isNews(shelf, row, fact.receivedAt) && putAside(shelf, row, fact);
		},
		noteUnexplained,
		askAgain(shelf, id) {
			const asked = shelf.unexplained.get(id);
			if (asked === undefined) return false;
			if (!lacksReason(shelf, id)) {
				shelf.unexplained.delete(id);
				return false;
			}
			if (asked >= ASKED_AGAIN_MOST) return false;
			shelf.unexplained.set(id, asked + 1);
			return true;
		},
		explain(shelf, detail, fact) {
			const id = detail.agentJobId;
			const untold = shelf.untold.get(id);
			if (untold === undefined) return false;
			if (isOpen(detail.state)) {
				tell(shelf, id, fact.receivedAt);
				return false;
			}
			shelf.untold.delete(id);
			shelf.open = null;
			// It was the list that brought the end to our knowledge.
			const { source } = untold.fact;
			intake.introduce(shelf, detail, { ...fact, source }, true);
			return true;
		},
		tell,
		tellAll(shelf, receivedAt) {
			for (const id of [...shelf.untold.keys()]) tell(shelf, id, receivedAt);
		},
	};
}

/** A reboot that ended as reboots end: what it means is concluded from the uptime, not from a reason. */
const isReboot = (row: JobSummary): boolean =>
	row.operation === "reboot" && isInterrupted(row.state, row.errorCode);

/** Whether the run failed and nothing told so far says why. */
function lacksReason(shelf: Shelf, id: AgentJobId): boolean {
	const run = shelf.rows.get(id)?.run;
	if (run !== undefined) return run.state === "failed" && run.error === null;
	const facts = shelf.waiting.get(id)?.facts ?? [];
	return (
		facts.at(-1)?.state === "failed" &&
		facts.every(({ error }) => (error ?? null) === null)
	);
}
