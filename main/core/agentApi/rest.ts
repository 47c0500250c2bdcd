// What an agent answered to one REST request, sorted by what it means before anyone reads the body
// (02-AGENT-PROTOCOL section 1.2): success is decided by the envelope's flag, never by 2xx alone.
import type { Failure } from "../transport/transport.ts";

/** A raw HTTP answer. `body` is bounded by the transport. */
export interface HttpAnswer {
	readonly status: number;
	readonly contentType: string | null;
	readonly retryAfterMs: number | null;
	readonly body: Buffer;
}

/** Asks one agent over HTTPS with the profile's identity; one keep-alive connection per agent. */
export interface RestTransport {
	/** GET on `/api/v1` + path. Rejects with a `RequestFailed` on anything that yields no HTTP answer. */
	get(
		path: string,
		options: {
			readonly timeoutMs: number;
			readonly signal?: AbortSignal;
			readonly maxBytes: number;
		},
	): Promise<HttpAnswer>;
	/** Closes the connection; requests in flight fail. */
	close(): void;
}

/** No HTTP answer: carries the facts for `classify`. */
export class RequestFailed extends Error {
	readonly failure: Failure;
	constructor(failure: Failure) {
		super(failure.causes[0]?.message ?? "request failed");
		this.name = "RequestFailed";
		this.failure = failure;
	}
}
