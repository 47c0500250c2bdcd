// What a refused REST request means to whoever decides about retries.
import type { Fault } from "../../../shared/fault.ts";
import { fault } from "../../../shared/fault.ts";
import type { RestResult } from "./decode.ts";

/** The fault of an answer that is no success. */
export function faultOf<T>(
	answer: Exclude<RestResult<T>, { kind: "ok" }>,
): Fault {
	if (answer.kind === "fault") return answer.fault;
	const detail = {
		sentence:
			`the agent answered ${answer.status} ${answer.code}: ${answer.message}`.slice(
				0,
				500,
			),
		evidence: { httpStatus: answer.status },
		...(answer.retryAfterMs === null
			? {}
			: { retryAfterMs: answer.retryAfterMs }),
	};
	if (answer.status === 401) return fault("http.401", detail);
	if (answer.status === 403) return fault("http.403", detail);
	if (answer.status === 429) return fault("http.429", detail);
	if (answer.status === 503) return fault("http.503", detail);
	return fault("http.unexpected", detail);
}
