// How one agent puts things at the moment: its dialect, bent by the switches that are thrown. REST bodies and pushed
// events ask here for every word and time they contain.
import type { Clock } from "../../shared/clock.ts";
import {
	type AgentState,
	DIALECT_FACTS,
	type Dialect,
	type DialectFacts,
	type Extension,
	restWord,
	timestamp,
} from "./dialect.ts";
import type { FaultSet } from "./faultSet.ts";
import type { AgentJob } from "./jobTable.ts";
import { seeded } from "./seeded.ts";

/** One agent's way of speaking. */
export interface Voice {
	readonly facts: DialectFacts;
	version(): string;
	setVersion(version: string): void;
	/** The agent's wall clock: ours plus its skew, epoch milliseconds. */
	wallMs(): number;
	/** A moment in the agent's style; the same `key` always yields the same made-up digits. */
	at(epochMs: number, key: string): string;
	/** This moment. */
	now(): string;
	/** The state's word in REST objects, and in pushed events. */
	restStatus(state: AgentState): string;
	pushedStatus(state: AgentState): string;
	offers(extension: Extension): boolean;
	extensions(): readonly Extension[];
	/** A pushed event about a job, without `seq`. */
	jobEvent(job: AgentJob): Record<string, unknown>;
	/** A pushed event about nothing but the connection. */
	plainEvent(
		event: string,
		status: string,
		message: string,
		jobId?: string,
	): Record<string, unknown>;
}

export function createVoice(
	dialect: Dialect,
	faults: FaultSet,
	clock: Clock,
): Voice {
	const facts = DIALECT_FACTS[dialect];
	let version = facts.version;
	let stamps = 0;
	const wallMs = (): number =>
		clock.wallMs() + (faults.get("clock-skew")?.seconds ?? 0) * 1000;
	const at = (epochMs: number, key: string): string => {
		const style = faults.get("timestamps");
		const chosen = style
			? { zone: style.zone, digits: [style.digits] }
			: facts.timestamps;
		return timestamp(epochMs, chosen, seeded(0, key));
	};
	const now = (): string => at(wallMs(), `now/${stamps++}`);
	const bent = (state: AgentState, usual: string): string => {
		const odd = faults.get("status-word");
		if (odd && (odd.instead ?? "running") === state) return odd.word;
		if (state !== "timed_out") return usual;
		return faults.get("timed-out")?.spelling ?? usual;
	};
	const extensions = (): readonly Extension[] =>
		faults.get("extensions")?.offer ?? facts.extensions;
	const offers = (extension: Extension): boolean =>
		extensions().includes(extension);
	const pushedStatus = (state: AgentState): string => bent(state, state);
	return {
		facts,
		version: () => version,
		setVersion: (next) => {
			version = next;
		},
		wallMs,
		at,
		now,
		restStatus: (state) => bent(state, restWord(state)),
		pushedStatus,
		offers,
		extensions,
		jobEvent: (job) => ({
			event: "job_status",
			job_id: job.id,
			status: pushedStatus(job.state),
			progress: job.progress,
			message: job.message,
			timestamp: now(),
			...(facts.errorsInEvents && job.failing !== null
				? { error: job.failing.error, error_code: job.failing.errorCode }
				: {}),
			...(offers("parent.v1") && job.spec.parent
				? {
						parent_job_id: job.spec.parent.id,
						parent_label: job.spec.parent.label,
					}
				: {}),
		}),
		plainEvent: (event, status, message, jobId = "") => ({
			event,
			job_id: jobId,
			status,
			progress: 0,
			message,
			timestamp: now(),
		}),
	};
}
