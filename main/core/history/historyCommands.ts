// The commands of a window that look into the history, or have it forgotten. What cannot be looked up is a fault and never an
// empty answer, which would be a claim.
import { randomBytes } from "node:crypto";
import type { Handlers } from "../../../shared/bridge.ts";
import type { Clock } from "../../../shared/clock.ts";
import type { Fault, Result } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";
import type { Found } from "../../../shared/historyLookup.ts";
import { FOUND_AT_ONCE, FOUND_TEXT } from "../../../shared/historyLookup.ts";
import type { HostRun } from "../../../shared/model.ts";
import type { Settings } from "../../../shared/settings.ts";
import type { Archive, FoundRun } from "./archive.ts";
import type { HistoryPort, Retention } from "./kept.ts";

export type HistoryHandlers = Pick<
	Handlers,
	| "history.search"
	| "history.jobs"
	| "history.job"
	| "history.offerForget"
	| "history.forget"
>;

const OFFER_MS = 60_000;
/** Characters of the runs of one page, so that an answer stays far below what may cross. */
const PAGE_CHARACTERS = 400_000;
/** Runs read at once for a page. */
const RUNS_AT_ONCE = 500;

const NO_HISTORY = fault("history.refused", {
	sentence: "no history is kept of this fleet",
	nextStep:
		"Start Foredeck with a profile: a fleet that is only named has no history.",
});
const NOT_CONFIRMED = fault("input.invalid", {
	sentence: "this was not confirmed, or too long ago",
	nextStep: "Choose “Forget the history” again.",
});

/** What the settings say of how much is kept. */
export const retentionOf = ({ history }: Settings): Retention => ({
	days: history.days,
	jobsMost: history.jobs,
});

export function historyHandlers(
	history: HistoryPort | undefined,
	clock: Clock,
): HistoryHandlers {
	let offer: { nonce: string; untilMs: number } | null = null;
	/** Asks the archive; what SQLite throws is a fault, as is that there is none. */
	const look = <T>(act: (archive: Archive) => T): Result<T> => {
		const archive = history?.archive ?? null;
		if (archive === null) return failed(history?.why ?? NO_HISTORY);
		try {
			return ok(act(archive));
		} catch (error) {
			return failed(unreadable(error));
		}
	};

	return {
		"history.search": ({ words, before }) =>
			look((archive) => {
				const runs = archive.search(words, before, FOUND_AT_ONCE);
				const last = runs.length === FOUND_AT_ONCE ? runs.at(-1) : undefined;
				return { found: runs.map(foundOf), next: last?.row ?? null };
			}),
		"history.jobs": ({ before, limit }) =>
			look((archive) => {
				const { jobs, end } = archive.jobs(before, limit);
				return { jobs: [...jobs], next: end === null ? null : { ...end } };
			}),
		"history.job": ({ id, after }) =>
			look((archive) => ({
				job: archive.job(id),
				...page(archive, id, after),
			})),
		"history.offerForget": () => {
			const nonce = randomBytes(16).toString("hex");
			offer = { nonce, untilMs: clock.monotonicMs() + OFFER_MS };
			return ok({
				nonce,
				sentence:
					"Forget every job and host that is kept on this computer? What is on the screen stays until Foredeck ends, and what changes from now on is kept again.",
			});
		},
		"history.forget": ({ nonce }) => {
			const taken = offer;
			offer = null;
			const isOffered =
				taken !== null &&
				taken.nonce === nonce &&
				clock.monotonicMs() <= taken.untilMs;
			if (!isOffered) return failed(NOT_CONFIRMED);
			return look((archive) => {
				archive.forget();
				return {};
			});
		},
	};
}

function page(
	archive: Archive,
	id: Parameters<Archive["runs"]>[0],
	after: number,
): { runs: HostRun[]; next: number | null } {
	const { runs, next } = archive.runs(id, after, RUNS_AT_ONCE);
	const taken: HostRun[] = [];
	let characters = 0;
	for (const { row, kept } of runs) {
		taken.push(kept.run);
		characters += JSON.stringify(kept.run).length;
		if (characters >= PAGE_CHARACTERS) return { runs: taken, next: row };
	}
	return { runs: taken, next };
}

const foundOf = ({ label, kept: { run } }: FoundRun): Found => ({
	jobId: run.jobId,
	label: label.slice(0, 300),
	hostId: run.hostId,
	agentJobId: run.agentJobId,
	state: run.state,
	error: run.error?.slice(0, FOUND_TEXT) ?? null,
	errorCode: run.errorCode,
	message: run.message.slice(0, FOUND_TEXT),
	changedAt: run.changedAt,
});

const unreadable = (error: unknown): Fault =>
	fault("history.refused", {
		sentence: `the history cannot be read now: ${error instanceof Error ? error.message : "unknown reason"}`,
	});
