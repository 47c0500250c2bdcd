// The hot path: every pushed event is read here, by hand, because a schema costs several times as much. It accepts and
// yields exactly what `runEventSchema` of `wire.ts` does; a property test holds the two together. Change both or none.
import { agentJobId } from "../../../shared/model.ts";
import type { Fields } from "./json.ts";
import type { RunEvent } from "./message.ts";
import { epochMsOf } from "./times.ts";
import { AGENT_JOB_ID, bounded, LIMITS } from "./wire.ts";
import { runStateOf } from "./words.ts";

/** One change of one run; null when it has no usable id or status. */
export function readRunEvent(frame: Fields): RunEvent | null {
	const { status, timestamp, seq, epoch } = frame;
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
		at: isTimed ? epochMsOf(timestamp) : null,
		atText: isTimed ? bounded(timestamp, LIMITS.timeChars) : null,
		seq:
			typeof seq === "number" && Number.isSafeInteger(seq) && seq >= 0
				? seq
				: null,
		epoch:
			typeof epoch === "string" && epoch !== "" && epoch.length <= 64
				? epoch
				: null,
		parentJobId:
			textOf(frame.parent_job_id, 128) ?? (agents === null ? null : own),
		parentLabel: textOf(frame.parent_label, LIMITS.labelChars),
	};
}

const idOf = (value: unknown): string | null =>
	typeof value === "string" && AGENT_JOB_ID.test(value) ? value : null;

/** A text that is there and not empty, cut to `max`. */
export const textOf = (value: unknown, max: number): string | null =>
	typeof value === "string" && value !== "" ? bounded(value, max) : null;

function percentOf(value: unknown): number | null {
	if (typeof value !== "number" || !Number.isFinite(value)) return null;
	if (value <= 0) return 0;
	return value > 100 ? 100 : value;
}
