// The HTTP upgrade of a secured socket to a WebSocket: sends it, verifies the answer, reports in raw facts what else came
// back. It owns the deadline of the upgrade. It knows nothing of what is spoken on the WebSocket afterwards.
import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import WebSocket, { type ClientOptions } from "ws";
import type { Cancel } from "../../../shared/clock.ts";
import { deadlineCause, excerpt } from "./failure.ts";
import { authority, retryAfterMs, singleHeader } from "./httpFacts.ts";
import { failureOn, type Line, unparsable } from "./line.ts";
import { type Failure, MAX_FRAME_BYTES, type Target } from "./transport.ts";

const PATH = "/api/v1/ws/jobs";
/** After a close frame in either direction the socket is destroyed after this, whatever the peer does. */
export const GOODBYE_MS = 300;
/** How long the body of an unexpected answer is waited for: enough for an excerpt, too short to hold a dial slot. */
const EXCERPT_MS = 500;
/** Enough for the 200 characters of an excerpt. */
const EXCERPT_BYTES = 800;
/** RFC 6455 section 1.3. */
const ACCEPT_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** Told exactly one of the two, later, unless the upgrade was aborted. */
export interface UpgradeListener {
	/** 101 is verified. `ws` is open and has no listeners; frames flow after this returned. */
	opened(ws: WebSocket): void;
	/** The socket is destroyed. */
	failed(failure: Failure): void;
}

/** An upgrade under way. */
export interface Upgrade {
	/** Ends it without a word to the listener and destroys the socket. */
	abort(): void;
}

/** Asks for the WebSocket. `forMs`: from the request to the verified 101. */
export function upgrade(
	target: Target,
	line: Line,
	forMs: number,
	listener: UpgradeListener,
): Upgrade {
	const { clock } = line;
	let over = false;
	/** What a 101 looked like; only judged when ws refuses it. */
	let judge: () => Partial<Failure> = () => ({});
	const ws = ask(target, line, {
		switching(verdict) {
			judge = verdict;
		},
		answered: (response, accept) =>
			readExcerpt(line, response, (http) => fail({ http, accept })),
	});
	const cancel = clock.at(clock.monotonicMs() + forMs, () =>
		fail({ causes: [deadlineCause("upgrade", forMs)], timedOut: true }),
	);
	const leave = (): void => {
		over = true;
		cancel();
		ws.removeAllListeners();
		// What ws says of a socket that we destroy is no news.
		ws.on("error", () => {});
	};
	const fail = (found: Partial<Failure>, error: unknown = null): void => {
		if (over) return;
		leave();
		const failure = failureOn(line, "upgrade", found, error);
		line.secured.socket.destroy();
		listener.failed(failure);
	};
	ws.on("error", (error) =>
		fail({ ...judge(), ...unparsable(error, rawOf(error)) }, error),
	);
	ws.on("open", () => {
		leave();
		ws.removeAllListeners();
		listener.opened(ws);
	});
	return {
		abort() {
			if (over) return;
			leave();
			line.secured.socket.destroy();
		},
	};
}

/** Node attaches what its HTTP parser choked on. */
function rawOf(error: Error): Buffer | null {
	const raw = "rawPacket" in error ? error.rawPacket : null;
	return Buffer.isBuffer(raw) ? raw : null;
}

interface AnswerListener {
	/** A 101 came, and ws is about to check it. `verdict` tells what is wrong with it, if anything. */
	switching(verdict: () => Partial<Failure>): void;
	/** Anything that is not an upgrade: another status, or a 101 without an Upgrade header. */
	answered(response: IncomingMessage, accept: Failure["accept"]): void;
}

function ask(target: Target, line: Line, listener: AnswerListener): WebSocket {
	let key = "";
	const options: ClientOptions & { readonly closeTimeout: number } = {
		createConnection: () => line.secured.socket,
		perMessageDeflate: false,
		maxPayload: MAX_FRAME_BYTES,
		followRedirects: false,
		// Whoever is live answers pings, and watches that the peer reads the answers.
		autoPong: false,
		closeTimeout: GOODBYE_MS,
		finishRequest(request) {
			key = String(request.getHeader("sec-websocket-key"));
			// Before ws looks at it, because ws tells its verdicts in prose only.
			request.prependListener("upgrade", (response, _socket, head) =>
				listener.switching(() => ({
					accept: acceptVerdict(response, key),
					http: httpFacts(line, response, head),
				})),
			);
			request.end();
		},
	};
	// The name the certificate is for, as a browser would send it: a proxy in front routes by it.
	const ws = new WebSocket(
		`wss://${authority(target.servername, target.port)}${PATH}`,
		options,
	);
	ws.on("unexpected-response", (_request, response) =>
		listener.answered(
			response,
			response.statusCode === 101 ? acceptVerdict(response, key) : null,
		),
	);
	return ws;
}

/** RFC 6455 section 4.1, the answer's check number 4. */
function acceptVerdict(
	{ headers }: IncomingMessage,
	key: string,
): Failure["accept"] {
	const accept = headers["sec-websocket-accept"];
	if (accept === undefined) return "missing";
	const expected = createHash("sha1")
		.update(key + ACCEPT_GUID)
		.digest("base64");
	return accept === expected ? null : "wrong";
}

function httpFacts(
	line: Line,
	response: IncomingMessage,
	body: Buffer,
): Failure["http"] {
	const { headers, statusCode } = response;
	return {
		status: statusCode ?? 0,
		contentType: singleHeader(headers["content-type"]),
		retryAfterMs: retryAfterMs(headers["retry-after"], line.clock.wallMs()),
		firstBytes: excerpt(body),
	};
}

/** Waits for the start of the body, shortly. */
function readExcerpt(
	line: Line,
	response: IncomingMessage,
	done: (http: Failure["http"]) => void,
): void {
	const chunks: Buffer[] = [];
	let bytes = 0;
	let cancel: Cancel = () => {};
	const finish = (): void => {
		cancel();
		response.removeAllListeners("data");
		done(httpFacts(line, response, Buffer.concat(chunks)));
	};
	cancel = line.clock.at(line.clock.monotonicMs() + EXCERPT_MS, finish);
	response.on("data", (chunk: Buffer) => {
		chunks.push(chunk);
		bytes += chunk.length;
		if (bytes >= EXCERPT_BYTES) finish();
	});
	response.once("end", finish);
	response.on("error", finish);
	response.once("close", finish);
}
