// The shapes of an agent's REST answers (02-AGENT-PROTOCOL section 1.2): the envelope of its handlers, and the bodies that
// are not one. Knows no endpoint.
import { seeded } from "./seeded.ts";
import type { Voice } from "./voice.ts";

/** What goes back. `body` null: empty. */
export interface RestAnswer {
	readonly status: number;
	readonly headers: Readonly<Record<string, string>>;
	readonly body: string | null;
}

/** Headers of every JSON body. */
export const JSON_HEADERS = { "content-type": "application/json" };
/** A plain-text answer, as the server itself gives it before any handler sees the request. */
export const text = (status: number, body: string): RestAnswer => ({
	status,
	headers: { "content-type": "text/plain; charset=utf-8" },
	body,
});
/** Unknown path or method below `/api/v1`: empty, and not 404. */
export const notAllowed: RestAnswer = {
	status: 405,
	headers: { allow: "GET, POST, PUT, DELETE" },
	body: null,
};
/** A path outside `/api/v1`. */
export const notFound: RestAnswer = { status: 404, headers: {}, body: null };
/** 204. */
export const nothing: RestAnswer = { status: 204, headers: {}, body: null };

let requests = 0;
const requestId = (): string => seeded(++requests, "request").uuid();

/** Wraps data the way every handler does. */
export function success(voice: Voice, data: unknown, status = 200): RestAnswer {
	return envelope(voice, status, true, data, null);
}

/** An error in the envelope. */
export function refusal(
	voice: Voice,
	status: number,
	code: string,
	message: string,
	details: Readonly<Record<string, unknown>> | null = null,
): RestAnswer {
	const retryable = code === "QUEUE_FULL";
	const answer = envelope(voice, status, false, null, {
		code,
		message,
		details,
		retryable,
	});
	return retryable
		? { ...answer, headers: { ...answer.headers, "retry-after": "60" } }
		: answer;
}

function envelope(
	voice: Voice,
	status: number,
	flag: boolean,
	data: unknown,
	error: unknown,
): RestAnswer {
	const body = {
		success: flag,
		request_id: requestId(),
		timestamp: voice.now(),
		data,
		error,
	};
	return { status, headers: JSON_HEADERS, body: JSON.stringify(body) };
}
