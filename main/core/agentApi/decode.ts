// Bytes of an agent in, our vocabulary or a Fault out; never a throw, whatever the bytes are. Every dialect ends here.
// Knows shapes and limits (`wire.ts`) and words (`words.ts`); does not know what a message means for a link or a job.
import type { z } from "zod";
import type { Fault, FaultCode, Result } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";
import { MAX_FRAME_BYTES } from "../transport/transport.ts";
import { textOf, timeOf } from "./fields.ts";
import type { Fields } from "./json.ts";
import { firstBytesOf, isObject, parseJson } from "./json.ts";
import type {
	AgentHealth,
	AgentMessage,
	EventPage,
	JobDetail,
	JobPage,
	JobSummary,
	RunEvent,
	SystemFacts,
} from "./message.ts";
import { readJobSummary, readRunEvent } from "./reading.ts";
import type { HttpAnswer } from "./rest.ts";
import {
	bounded,
	envelopeSchema,
	eventPageSchema,
	healthOf,
	healthSchema,
	jobDetailSchema,
	LIMITS,
	systemSchema,
} from "./wire.ts";

/** Words that announce a change of a run: the agents' own, the documented one that never comes, and the manager's channel. */
const RUN_WORDS: ReadonlySet<string> = new Set([
	"job_status",
	"job_complete",
	"job_update",
	"host",
]);

/** Longest nonce that is passed on; whether it fits is judged where it is signed. */
const NONCE_CHARS = 4_096;

/**
 * One WebSocket text frame (02-AGENT-PROTOCOL section 2.3). Fault `ws.bad-frame` with the first characters when it is too
 * long, not JSON, nested too deep, not an object, or a run change without an id or a status. Unknown words are no fault.
 */
export function decodeFrame(text: string): Result<AgentMessage> {
	if (text.length > MAX_FRAME_BYTES) return badFrame(text, "longer than 1 MiB");
	const parsed = parseJson(text);
	if (parsed === undefined)
		return badFrame(text, "not JSON, or nested too deep");
	if (!isObject(parsed)) return badFrame(text, "not an object");
	const word = wordOf(parsed);
	if (word === null)
		// The manager's older payload carries no word at all: an id and a status say what it is.
		return parsed.status !== undefined && parsed.job_id !== undefined
			? decodeRun(parsed, text)
			: badFrame(text, "no event word");
	return RUN_WORDS.has(word)
		? decodeRun(parsed, text)
		: decodeOther(word, parsed, text);
}

/** What the frame calls itself: `event`, the documents' `type`, or the manager's `event_type`. */
function wordOf({ event, type, event_type }: Fields): string | null {
	if (typeof event === "string" && event !== "") return event;
	if (typeof type === "string" && type !== "") return type;
	return typeof event_type === "string" && event_type !== ""
		? event_type
		: null;
}

function decodeRun(frame: Fields, text: string): Result<AgentMessage> {
	const event = readRunEvent(frame);
	return event === null
		? badFrame(text, "a run change without a usable id or status")
		: ok({ kind: "run", event });
}

function decodeOther(
	word: string,
	frame: Fields,
	text: string,
): Result<AgentMessage> {
	switch (word) {
		case "connected":
			return ok({ kind: "connected", at: timeOf(frame.timestamp) });
		case "subscribed":
		case "unsubscribed":
			return ok({ kind: "acknowledged", word });
		case "error":
			return ok({
				kind: "complained",
				message: textOf(frame.message ?? frame.error, 400) ?? "",
			});
		case "auth_challenge":
			return typeof frame.nonce === "string" &&
				frame.nonce.length <= NONCE_CHARS
				? ok({ kind: "challenge", nonce: frame.nonce })
				: badFrame(text, "a challenge without a usable nonce");
		case "auth_ok":
			return ok({ kind: "authOk" });
		case "auth_failed":
			return ok({
				kind: "authFailed",
				reason: textOf(frame.reason ?? frame.message, 400) ?? "",
			});
		default:
			return ok({ kind: "unknown", word: bounded(word, 64) });
	}
}

function badFrame(text: string, why: string): Result<never> {
	return failed(
		fault("ws.bad-frame", {
			evidence: { firstBytes: firstBytesOf(text), notes: [why] },
		}),
	);
}

/**
 * What a REST answer means. `apiError`: the agent's own handler refused, whatever the HTTP status (`success: false` under
 * 200 is one); `code` is `UNKNOWN` when it told none. `fault`: not an answer to our question.
 */
export type RestResult<T> =
	| { readonly kind: "ok"; readonly value: T }
	| {
			readonly kind: "apiError";
			readonly status: number;
			readonly code: string;
			readonly message: string;
			readonly retryable: boolean;
			readonly retryAfterMs: number | null;
	  }
	| { readonly kind: "fault"; readonly fault: Fault };

/** Statuses that say the same whoever sent them and whatever the body: about rights and protocol, not about the question. */
const ALWAYS_FAULT: ReadonlySet<number> = new Set([401, 403, 426]);

const FAULT_OF_STATUS: ReadonlyMap<number, FaultCode> = new Map<
	number,
	FaultCode
>([
	[401, "http.401"],
	[403, "http.403"],
	[404, "http.404"],
	[426, "http.426"],
	[429, "http.429"],
	[503, "http.503"],
]);

/** The body of each answer that was parsed, so that `agentTime` does not parse it a second time. */
const bodies = new WeakMap<HttpAnswer, { readonly value: unknown }>();

/** The answer's JSON value; undefined when the body is empty, is not said to be JSON, or is not. */
function bodyOf(answer: HttpAnswer): unknown {
	let body = bodies.get(answer);
	if (body === undefined) {
		const isJson =
			answer.contentType === null || /[/+]json\b/i.test(answer.contentType);
		body = {
			value: isJson ? parseJson(answer.body.toString("utf8")) : undefined,
		};
		bodies.set(answer, body);
	}
	return body.value;
}

/** The agent's clock when it answered (`timestamp` of the envelope) in epoch ms; null when it told none. For the skew. */
export function agentTime(answer: HttpAnswer): number | null {
	const body = bodyOf(answer);
	return isObject(body) ? timeOf(body.timestamp) : null;
}

/** The payload of an answer, out of its envelope if it has one; decided by the envelope's flag, then by the status. */
function payloadOf(answer: HttpAnswer): RestResult<unknown> {
	const body = bodyOf(answer);
	const isSuccess = answer.status >= 200 && answer.status < 300;
	if (body === undefined || ALWAYS_FAULT.has(answer.status))
		return unexpected(answer, "not the JSON of an agent");
	if (!isObject(body))
		return isSuccess
			? { kind: "ok", value: body }
			: unexpected(answer, "an error without an envelope");
	const { success, data, error } = envelopeSchema.parse(body);
	if (success === false || (!isSuccess && error !== null))
		return {
			kind: "apiError",
			status: answer.status,
			code: error?.code ?? "UNKNOWN",
			message: error?.message ?? "",
			retryable: error?.retryable ?? false,
			retryAfterMs: answer.retryAfterMs,
		};
	if (!isSuccess) return unexpected(answer, "an error without an envelope");
	return { kind: "ok", value: success === undefined ? body : data };
}

function unexpected(answer: HttpAnswer, note: string): RestResult<never> {
	const { status, retryAfterMs } = answer;
	const start = answer.body.subarray(0, 800).toString("utf8");
	return {
		kind: "fault",
		fault: fault(FAULT_OF_STATUS.get(status) ?? "http.unexpected", {
			...(retryAfterMs === null ? {} : { retryAfterMs }),
			evidence: {
				httpStatus: status,
				firstBytes: firstBytesOf(start),
				notes: [
					`${note}; content type ${firstBytesOf(answer.contentType ?? "not told")}`,
				],
			},
		}),
	};
}

/** The answer's payload in the shape of a schema. */
function read<S extends z.ZodType>(
	answer: HttpAnswer,
	schema: S,
	what: string,
): RestResult<z.output<S>> {
	const payload = payloadOf(answer);
	if (payload.kind !== "ok") return payload;
	const shaped = schema.safeParse(payload.value);
	return shaped.success
		? { kind: "ok", value: shaped.data }
		: unexpected(answer, `JSON, but not ${what}`);
}

/** `GET /jobs`: `{jobs, total}` or a bare list. Rows that cannot be read are counted and left out; 2,000 rows are read at most. */
export function decodeJobPage(answer: HttpAnswer): RestResult<JobPage> {
	const payload = payloadOf(answer);
	if (payload.kind !== "ok") return payload;
	const { value } = payload;
	const rows: unknown = isObject(value) ? value.jobs : value;
	if (!Array.isArray(rows)) return unexpected(answer, "JSON, but no job list");
	const jobs: JobSummary[] = [];
	let broken = 0;
	for (const row of rows.slice(0, LIMITS.rows)) {
		const job = isObject(row) ? readJobSummary(row) : null;
		if (job === null) broken++;
		else jobs.push(job);
	}
	return { kind: "ok", value: { jobs, broken, rows: rows.length } };
}

/** `GET /jobs/{id}`. Long logs and outputs keep their tail. */
export function decodeJobDetail(answer: HttpAnswer): RestResult<JobDetail> {
	return read(answer, jobDetailSchema, "a job");
}

/** `GET /health` of every version. */
export function decodeHealth(answer: HttpAnswer): RestResult<AgentHealth> {
	const health = read(answer, healthSchema, "health");
	return health.kind === "ok"
		? { kind: "ok", value: healthOf(health.value) }
		: health;
}

/** `GET /system/info`. */
export function decodeSystem(answer: HttpAnswer): RestResult<SystemFacts> {
	const system = read(answer, systemSchema, "system information");
	if (system.kind !== "ok") return system;
	const { hostname, os, os_version, pending_reboot } = system.value;
	const words = [os, os_version].filter((word) => word !== null);
	return {
		kind: "ok",
		value: {
			hostname,
			os: words.length === 0 ? null : words.join(" "),
			pendingReboot: pending_reboot,
		},
	};
}

/** `GET /events` (extension events.v1). 204, an empty body and `null` all mean that there is nothing: the value is null. Events that cannot be read are counted and left out. */
export function decodeEventPage(
	answer: HttpAnswer,
): RestResult<EventPage | null> {
	const isNothing =
		answer.status === 204 ||
		(answer.status === 200 &&
			(answer.body.length === 0 || bodyOf(answer) === null));
	if (isNothing) return { kind: "ok", value: null };
	const page = read(answer, eventPageSchema.nullable(), "a page of events");
	if (page.kind !== "ok" || page.value === null)
		return page as RestResult<null>;
	const { next, oldest, epoch } = page.value;
	const rows = page.value.events;
	const events = rows
		.map((row) => (isObject(row) ? readRunEvent(row) : null))
		.filter((event): event is RunEvent => event !== null);
	const broken = rows.length - events.length;
	return {
		kind: "ok",
		value: { events, broken, next, oldest: oldest ?? 0, epoch },
	};
}
