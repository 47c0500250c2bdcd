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

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** A pushed event: never authoritative, and silent about what it leaves out. */
export function factOfEvent(
	hostId: HostId,
	event: RunEvent,
	source: Source,
	receivedAt: number,
): RunFact {
	const fact: Writable<RunFact> = {
		hostId,
		agentJobId: event.agentJobId,
		state: event.state,
		rawStatus: event.rawStatus,
		source,
		authoritative: false,
		receivedAt,
		atText: event.atText,
	};
	if (event.progress !== null) fact.progress = event.progress;
	if (event.message !== "") fact.message = event.message;
	if (event.error !== null) fact.error = event.error;
	if (event.errorCode !== null) fact.errorCode = event.errorCode;
	return fact;
}

/** A row of the list: authoritative, without progress, message and error text. */
export function factOfSummary(
	hostId: HostId,
	row: JobSummary,
	{ source, receivedAt, skewMs }: Reception,
): RunFact {
	const fact: Writable<RunFact> = {
		hostId,
		agentJobId: row.agentJobId,
		state: row.state,
		rawStatus: row.rawStatus,
		source,
		authoritative: true,
		receivedAt,
		atText: null,
		packages: row.packages,
		createdAt: row.createdAt,
		completedAt: row.completedAt,
	};
	if (row.operation !== "") fact.operation = row.operation;
	if (row.errorCode !== null) fact.errorCode = row.errorCode;
	if (row.createdAt !== null && skewMs !== null)
		fact.startAt = ours(row.createdAt, skewMs, receivedAt);
	return fact;
}

/** One run in full: what it does not have, there is not. */
export function factOfDetail(
	hostId: HostId,
	detail: JobDetail,
	reception: Reception,
): RunFact {
	const fact: Writable<RunFact> = factOfSummary(hostId, detail, reception);
	fact.progress = detail.progress;
	if (detail.message !== "") fact.message = detail.message;
	fact.error = detail.error;
	fact.errorCode = detail.errorCode;
	fact.exitCode = detail.exitCode;
	return fact;
}
