// The hot paths: every pushed event and every row of a polled list is read here, by hand, because a schema costs thirty
// times as much. It accepts and yields exactly what `runEventSchema` and `jobSummarySchema` of `wire.ts` do; property
// tests hold them together. Change both or none.
import { agentJobId } from "../../../shared/model.ts";
import {
	idOf,
	nameOf,
	packagesOf,
	percentOf,
	seqOf,
	textOf,
	timeOf,
} from "./fields.ts";
import type { Fields } from "./json.ts";
import type { JobSummary, RunEvent } from "./message.ts";
import { bounded, LIMITS } from "./wire.ts";
import { operationOf, runStateOf } from "./words.ts";

/** One change of one run; null when it has no usable id or status. */
export function readRunEvent(frame: Fields): RunEvent | null {
	const { status, timestamp } = frame;
	if (typeof status !== "string" || status === "") return null;
	const own = idOf(frame.job_id);
	const agents = idOf(frame.agent_job_id);
	const id = agents ?? own;
	if (id === null) return null;
	const isTimed = typeof timestamp === "string" && timestamp !== "";
	return {
		agentJobId: agentJobId(id),
		state: runStateOf(status),
		rawStatus: bounded(status, LIMITS.statusChars),
		progress: percentOf(frame.progress) ?? percentOf(frame.progress_percent),
		message: textOf(frame.message, LIMITS.messageChars) ?? "",
		error:
			textOf(frame.error, LIMITS.errorChars) ??
			textOf(frame.error_message, LIMITS.errorChars),
		errorCode: textOf(frame.error_code, LIMITS.errorCodeChars),
		atText: isTimed ? bounded(timestamp, LIMITS.timeChars) : null,
		seq: seqOf(frame.seq),
		epoch: nameOf(frame.epoch, LIMITS.epochChars),
		parentJobId:
			textOf(frame.parent_job_id, LIMITS.parentChars) ??
			(agents === null ? null : own),
		parentLabel: textOf(frame.parent_label, LIMITS.labelChars),
	};
}

/** One row of `GET /jobs`; null when it has no usable id or status. */
export function readJobSummary(row: Fields): JobSummary | null {
	const { status, operation } = row;
	if (typeof status !== "string" || status === "") return null;
	const id = idOf(row.agent_job_id) ?? idOf(row.job_id) ?? idOf(row.id);
	if (id === null) return null;
	return {
		agentJobId: agentJobId(id),
		state: runStateOf(status),
		rawStatus: bounded(status, LIMITS.statusChars),
		operation:
			typeof operation === "string"
				? bounded(operationOf(operation), LIMITS.operationChars)
				: "",
		packages: packagesOf(row.packages),
		createdAt: timeOf(row.created_at),
		completedAt: timeOf(row.completed_at),
		errorCode: textOf(row.error_code, LIMITS.errorCodeChars),
		parentJobId: textOf(row.parent_job_id, LIMITS.parentChars),
		parentLabel: textOf(row.parent_label, LIMITS.labelChars),
	};
}
