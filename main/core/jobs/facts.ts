// What the agents' messages say about one run, as facts. A way of telling that does not carry a field leaves it out, so
// that a bare push never wipes what a detail told.
import type { HostId, Source } from "../../../shared/model.ts";
import type { JobDetail, JobSummary, RunEvent } from "../agentApi/message.ts";
import type { RunFact } from "./fact.ts";
import { ours } from "./shelf.ts";

/** How and when an answer reached us. `skewMs`: the agent's clock minus ours; null while it is not known. */
export interface Reception {
	readonly source: Source;
	/** By our clock, epoch ms. */
	readonly receivedAt: number;
	readonly skewMs: number | null;
}

/** A pushed event: never authoritative, and silent about what it leaves out. */
export const factOfEvent = (
	hostId: HostId,
	event: RunEvent,
	source: Source,
	receivedAt: number,
): RunFact => ({
	hostId,
	agentJobId: event.agentJobId,
	state: event.state,
	rawStatus: event.rawStatus,
	source,
	authoritative: false,
	receivedAt,
	atText: event.atText,
	operation: undefined,
	packages: undefined,
	progress: event.progress ?? undefined,
	message: event.message || undefined,
	error: event.error ?? undefined,
	errorCode: event.errorCode ?? undefined,
	exitCode: undefined,
	createdAt: undefined,
	completedAt: undefined,
	startAt: undefined,
});

/** A row of the list: authoritative, without progress, message and error text. */
export const factOfSummary = (
	hostId: HostId,
	row: JobSummary,
	{ source, receivedAt, skewMs }: Reception,
): RunFact => ({
	hostId,
	agentJobId: row.agentJobId,
	state: row.state,
	rawStatus: row.rawStatus,
	source,
	authoritative: true,
	receivedAt,
	atText: null,
	operation: row.operation || undefined,
	packages: row.packages,
	progress: undefined,
	message: undefined,
	error: undefined,
	errorCode: row.errorCode ?? undefined,
	exitCode: undefined,
	createdAt: row.createdAt,
	completedAt: row.completedAt,
	startAt:
		row.createdAt === null || skewMs === null
			? undefined
			: ours(row.createdAt, skewMs, receivedAt),
});

/** One run in full: what it does not have, there is not. */
export const factOfDetail = (
	hostId: HostId,
	detail: JobDetail,
	reception: Reception,
): RunFact => ({
	...factOfSummary(hostId, detail, reception),
	progress: detail.progress,
	message: detail.message || undefined,
	error: detail.error,
	errorCode: detail.errorCode,
	exitCode: detail.exitCode,
});
