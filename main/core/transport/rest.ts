// REST over the same mTLS dial as the WebSocket: one keep-alive connection per agent, GET only, everything bounded in time
// and size. It reports raw answers and raw failures; envelopes, status codes and back-off are other people's.
import { Client, type Dispatcher } from "undici";
import type { Cancel, Clock } from "../../../shared/clock.ts";
import {
	type HttpAnswer,
	RequestFailed,
	type RestTransport,
} from "../agentApi/rest.ts";
import { deadlineCause } from "./failure.ts";
import { authority, retryAfterMs, singleHeader } from "./httpFacts.ts";
import { failureOn, type Line, unparsable } from "./line.ts";
import {
	type Connector,
	openConnector,
	type RestLine,
	type RestOptions,
} from "./restLine.ts";
import type { Failure, Target } from "./transport.ts";

type GetOptions = Parameters<RestTransport["get"]>[1];

const BASE = "/api/v1";
/** Longer than the 10 s between polls, so that polling costs no handshakes; shorter than the 15 s after which agents close. */
const KEEP_ALIVE_MS = 12_000;
/** Below a keep-alive hint of the agent we stay by this, or a request could cross its goodbye. */
const KEEP_ALIVE_MARGIN_MS = 1_000;
/** What a connection that died while idle looks like to the next request. */
const STALE = new Set(["ECONNRESET", "EPIPE", "UND_ERR_SOCKET"]);

const noop = (): void => {};

/** One get() on its way. */
interface Pending {
	/** Starts its total deadline; twice does nothing. */
	arm(): void;
	fail(failure: Failure): void;
}

/** Opens REST to one agent. The connection is made by the first get(). */
export function openRest(target: Target, options: RestOptions): RestTransport {
	const pending = new Set<Pending>();
	let client: Client | null = null;
	let closed = false;
	const connector = openConnector(target, options, () => {
		for (const one of pending) one.arm();
	});
	const gone = (): Failure =>
		connector.link.failure(
			[{ code: null, message: "closed by Foredeck" }],
			false,
		);
	return {
		get(path, get) {
			if (closed) return Promise.reject(new RequestFailed(gone()));
			client ??= openClient(target, connector.connect);
			const dispatcher = client;
			return new Promise((resolve, reject) => {
				const one = ask(BASE + path, get, dispatcher, connector.link, options, {
					answered: resolve,
					failed: (failure) => reject(new RequestFailed(failure)),
					over() {
						pending.delete(one);
						// Nobody waits for the dial any more: give its place in the fleet's cap back.
						if (pending.size === 0) connector.giveUp();
					},
				});
				pending.add(one);
				if (connector.link.timeRuns) one.arm();
			});
		},
		close() {
			if (closed) return;
			closed = true;
			for (const one of [...pending]) one.fail(gone());
			connector.giveUp();
			client?.destroy().catch(noop);
		},
	};
}

function openClient(target: Target, connect: Connector["connect"]): Client {
	return new Client(`https://${authority(target.servername, target.port)}`, {
		connect,
		pipelining: 1,
		keepAliveTimeout: KEEP_ALIVE_MS,
		keepAliveMaxTimeout: KEEP_ALIVE_MS,
		keepAliveTimeoutThreshold: KEEP_ALIVE_MARGIN_MS,
		// Our own total deadline governs, by the injected clock.
		headersTimeout: 0,
		bodyTimeout: 0,
	});
}

interface Outcome {
	answered(answer: HttpAnswer): void;
	failed(failure: Failure): void;
	over(): void;
}

/** One GET with its deadline and its signal; settled once, whatever comes later. */
function ask(
	path: string,
	{ timeoutMs, signal, maxBytes }: GetOptions,
	dispatcher: Dispatcher,
	link: RestLine,
	{ clock }: RestOptions,
	outcome: Outcome,
): Pending {
	let settled = false;
	let cancelDeadline: Cancel | null = null;
	let abort: (reason: Error) => void = noop;
	const settle = (tell: () => void): void => {
		if (settled) return;
		settled = true;
		cancelDeadline?.();
		signal?.removeEventListener("abort", aborted);
		tell();
		outcome.over();
	};
	const fail = (failure: Failure): void =>
		settle(() => {
			outcome.failed(failure);
			abort(new Error("given up"));
		});
	const aborted = (): void =>
		fail(link.failure([{ code: "ABORT_ERR", message: "aborted" }], false));
	signal?.addEventListener("abort", aborted, { once: true });
	// Not at once: undici tells some errors before dispatch returned, and nobody holds this request yet.
	queueMicrotask(() => {
		if (signal?.aborted === true) aborted();
		if (settled) return;
		attempt(path, maxBytes, dispatcher, link, clock, {
			started(abortRequest) {
				abort = abortRequest;
				if (settled) abort(new Error("given up"));
			},
			answered: (answer) => settle(() => outcome.answered(answer)),
			failed: fail,
		});
	});
	return {
		fail,
		arm() {
			if (settled || cancelDeadline !== null) return;
			cancelDeadline = clock.at(clock.monotonicMs() + timeoutMs, () =>
				fail(link.failure([deadlineCause("request", timeoutMs)], true)),
			);
		},
	};
}

/** Sends the request; once more when a reused connection was dead. */
function attempt(
	path: string,
	maxBytes: number,
	dispatcher: Dispatcher,
	link: RestLine,
	clock: Clock,
	listener: ReceptionListener,
	isRetry = false,
): void {
	const reception = receive(link, maxBytes, () => clock.wallMs(), {
		...listener,
		failed(failure, stale) {
			if (stale && !isRetry)
				attempt(path, maxBytes, dispatcher, link, clock, listener, true);
			else listener.failed(failure, stale);
		},
	});
	dispatcher.dispatch(
		{ path, method: "GET", headers: { accept: "application/json" } },
		reception,
	);
}

interface ReceptionListener {
	started(abort: (reason: Error) => void): void;
	answered(answer: HttpAnswer): void;
	/** `stale`: nothing was received, and the connection had worked before. */
	failed(failure: Failure, stale: boolean): void;
}

/** Takes one answer in, at most `maxBytes` of body. */
function receive(
	link: RestLine,
	maxBytes: number,
	wallMs: () => number,
	listener: ReceptionListener,
): Dispatcher.DispatchHandler {
	let line: Line | null = null;
	let reused = false;
	let head: Omit<HttpAnswer, "body"> | null = null;
	const chunks: Buffer[] = [];
	let bytes = 0;
	return {
		onRequestStart(controller) {
			line = link.line;
			reused = link.answered > 0;
			listener.started((reason) => controller.abort(reason));
		},
		onResponseStart(_controller, status, headers) {
			head = {
				status,
				contentType: singleHeader(headers["content-type"]),
				retryAfterMs: retryAfterMs(headers["retry-after"], wallMs()),
			};
		},
		onResponseData(controller, chunk) {
			bytes += chunk.length;
			if (bytes <= maxBytes) chunks.push(chunk);
			else
				controller.abort(
					new Error(`the body is larger than ${maxBytes} bytes`),
				);
		},
		onResponseEnd() {
			link.answered++;
			if (head !== null)
				listener.answered({ ...head, body: Buffer.concat(chunks, bytes) });
		},
		onResponseError(_controller, error) {
			if (error instanceof RequestFailed)
				return listener.failed(error.failure, false);
			const failure =
				line === null
					? link.failure([], false, error)
					: failureOn(line, "request", unparsable(error, rawOf(error)), error);
			const code = "code" in error ? String(error.code) : "";
			listener.failed(failure, reused && head === null && STALE.has(code));
		},
	};
}

/** undici keeps what its HTTP parser choked on as text. */
function rawOf(error: Error): Buffer | null {
	const raw = "data" in error ? error.data : null;
	return typeof raw === "string" ? Buffer.from(raw, "utf8") : null;
}
