// HTTP on one agent's TLS connections: reads requests, keeps the rate limit, lets the REST router answer, and puts the
// answer on the wire, whole or as the switches demand. HTTP/1.1, or HTTP/2 for a client that asks for it.
import {
	createServer,
	type IncomingMessage,
	type ServerResponse,
} from "node:http";
import { createServer as createH2Server } from "node:http2";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import type { Cancel, Clock } from "../../shared/clock.ts";
import { notAllowed, type RestAnswer, refusal } from "./envelope.ts";
import type { FaultSet } from "./faultSet.ts";
import type { RateLimit } from "./rateLimit.ts";
import type { RestRequest } from "./rest.ts";
import type { Voice } from "./voice.ts";

/** Idle connections are closed after this, as the real server does. */
const KEEP_ALIVE_MS = 15_000;
const MAX_BODY_BYTES = 1024 * 1024;

export interface HttpFacePorts {
	readonly clock: Clock;
	readonly faults: FaultSet;
	readonly limit: RateLimit;
	readonly voice: Voice;
	answer(request: RestRequest): Promise<RestAnswer>;
	upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

export interface HttpFace {
	/** Takes over a connection whose handshake is done. */
	serve(socket: TLSSocket): void;
	/** What a request gets before any handler sees it; null when it may pass. */
	gate(method: string, path: string, socket: object): RestAnswer | null;
}

/** What a request gets before any handler sees it; null when it may pass. `worker` serves its connection. */
export type Gate = (
	method: string,
	path: string,
	worker: number,
) => RestAnswer | null;

/** The allow list, the rate limit and what is not allowed at all, as the switches say. */
export function createGate({
	faults,
	limit,
	voice,
}: Pick<HttpFacePorts, "faults" | "limit" | "voice">): Gate {
	return (method, path, worker) => {
		if (faults.get("whitelist")?.how === "403")
			return refusal(
				voice,
				403,
				"AUTHZ_IP_DENIED",
				"Client address is not on the allow list",
			);
		const below = path.replace(/^\/api\/v1/, "");
		const forced = faults.covering("rate-limit", below);
		const seconds =
			forced?.retryAfterSeconds ??
			limit.refuse({ method, path }, "client", worker);
		if (seconds !== null) return tooMany(seconds);
		return faults.covering("empty-405", below) ? notAllowed : null;
	};
}

/** The answer as the switches bend it: 200 without success. */
export const bentAnswer = (
	answer: RestAnswer,
	path: string,
	{ faults, voice }: Pick<HttpFacePorts, "faults" | "voice">,
): RestAnswer =>
	faults.covering("success-false", path.replace(/^\/api\/v1/, ""))
		? {
				...refusal(voice, 500, "PKG_MANAGER_ERROR", "Something went wrong"),
				status: 200,
			}
		: answer;

export function createHttpFace(ports: HttpFacePorts): HttpFace {
	const { faults, limit } = ports;
	const workers = new WeakMap<object, number>();
	const admit = createGate(ports);

	const gate = (
		method: string,
		path: string,
		socket: object,
	): RestAnswer | null => admit(method, path, workers.get(socket) ?? 0);

	const handle = async (
		request: IncomingMessage,
		response: ServerResponse,
	): Promise<void> => {
		const { path, query } = partsOf(request.url);
		const method = request.method ?? "GET";
		const body = await readBody(request);
		const gone = new AbortController();
		response.on("close", () => gone.abort());
		const answer =
			gate(method, path, request.socket) ??
			(await ports.answer({
				method,
				path,
				query,
				body,
				signal: gone.signal,
			}));
		if (gone.signal.aborted) return;
		write(response, bentAnswer(answer, path, ports), path);
	};

	const write = (
		response: ServerResponse,
		{ status, headers, body }: RestAnswer,
		path: string,
	): void => {
		const below = path.replace(/^\/api\/v1/, "");
		const bytes = Buffer.from(body ?? "", "utf8");
		const length =
			status === 204 ? {} : { "content-length": String(bytes.length) };
		response.writeHead(status, { ...headers, ...length });
		const slow = faults.covering("slow-loris", below);
		if (slow && bytes.length > 0)
			return drip(ports.clock, response, bytes, slow.bytesPerSecond);
		if (faults.covering("truncated-json", below) && bytes.length > 1) {
			response.write(bytes.subarray(0, bytes.length / 2));
			// The rest never comes; the connection ends instead, as when a process dies while it answers.
			response.socket?.end();
			return;
		}
		response.end(bytes);
	};

	const onRequest = (request: IncomingMessage, response: ServerResponse) => {
		handle(request, response).catch(() => response.destroy());
	};
	const h1 = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, onRequest);
	h1.on("upgrade", ports.upgrade);
	h1.on("clientError", (_error, socket) => socket.destroy());
	let h2: ReturnType<typeof createH2Server> | undefined;
	return {
		gate,
		serve(socket) {
			workers.set(socket, limit.nextWorker());
			if (socket.alpnProtocol !== "h2") {
				h1.emit("connection", socket);
				return;
			}
			// The compatibility objects of node:http2 behave like the plain ones for all that is used here.
			h2 ??= createH2Server((request, response) =>
				onRequest(
					request as unknown as IncomingMessage,
					response as unknown as ServerResponse,
				),
			);
			h2.emit("connection", socket);
		},
	};
}

const tooMany = (seconds: number): RestAnswer => ({
	status: 429,
	headers: {
		"content-type": "text/plain; charset=utf-8",
		"retry-after": String(seconds),
	},
	body: `Too many requests, retry in ${seconds}s`,
});

async function readBody(request: IncomingMessage): Promise<string> {
	if (request.method === "GET") return "";
	const parts: Buffer[] = [];
	let size = 0;
	for await (const part of request as AsyncIterable<Buffer>) {
		size += part.length;
		if (size > MAX_BODY_BYTES) throw new RangeError("body too large");
		parts.push(part);
	}
	return Buffer.concat(parts).toString("utf8");
}

/** Path and query of a request target; takes anything a client may send. */
export function partsOf(target = "/"): {
	path: string;
	query: URLSearchParams;
} {
	const [path = "/", query = ""] = target.split("?", 2);
	return { path, query: new URLSearchParams(query) };
}

/** One byte at a time. */
function drip(
	clock: Clock,
	response: ServerResponse,
	bytes: Buffer,
	bytesPerSecond: number,
): void {
	let sent = 0;
	let timer: Cancel | undefined;
	response.on("close", () => timer?.());
	const next = (): void => {
		response.write(bytes.subarray(sent, ++sent));
		if (sent === bytes.length) response.end();
		else timer = clock.at(clock.monotonicMs() + 1000 / bytesPerSecond, next);
	};
	next();
}
