// What `watch --json` prints: one object a line, in the shape that scripts rely on (04-INTERFACES section 3).
import type { Activity, HostId, LinkStatus } from "../../shared/model.ts";

const iso = (epochMs: number): string => new Date(epochMs).toISOString();

/** A link line: how a host is reached has changed. */
export function linkLine(
	hostId: HostId,
	status: LinkStatus,
	now: number,
): object {
	return {
		kind: "link",
		host_id: hostId,
		channel: status.channel,
		fault: status.fault,
		sentence: status.sentence,
		attempt: status.attempt,
		at: iso(now),
	};
}

/** A host event, a job event, a run that is overdue, or a gap in what we know. */
export function activityLine(event: Activity): object {
	const received_at = iso(event.receivedAt);
	if (event.kind === "host")
		return {
			kind: "event",
			event_type: "host",
			job_id: event.jobId,
			host_id: event.hostId,
			agent_job_id: event.agentJobId,
			status: event.status,
			message: event.message,
			error: event.error,
			error_code: event.errorCode,
			at: event.at ?? received_at,
			received_at,
			source: event.source,
		};
	if (event.kind === "overdue")
		return {
			kind: "overdue",
			job_id: event.jobId,
			host_id: event.hostId,
			agent_job_id: event.agentJobId,
			sentence: event.sentence,
			at: received_at,
			received_at,
		};
	if (event.kind === "gap")
		return {
			kind: "gap",
			host_id: event.hostId,
			fault: event.fault ?? null,
			sentence: event.sentence,
			at: received_at,
			received_at,
		};
	const { counts } = event;
	return {
		kind: "event",
		event_type: "job",
		job_id: event.jobId,
		status: event.status,
		origin: event.origin,
		label: event.label,
		host_count: counts.host,
		queued_count: counts.queued,
		running_count: counts.running,
		succeeded_count: counts.succeeded,
		failed_count: counts.failed,
		cancelled_count: counts.cancelled,
		timed_out_count: counts.timed_out,
		lost_count: counts.lost,
		unknown_count: counts.unknown,
		at: received_at,
		received_at,
	};
}
