// A bare client for tests of the demo agents: requests, raw TLS and live streams over mutual TLS, without anything of the
// product's own core, so that both sides of the wire are not tested with the same misunderstanding.
import type { IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, type TLSSocket } from "node:tls";
import { WebSocket } from "ws";

/** Whom to reach and with what. */
export interface ClientTarget {
	readonly address: string;
	readonly port: number;
	readonly servername: string;
	readonly certPem?: string;
	readonly keyPem?: string;
	readonly caPem: string;
}

const tlsOptions = (target: ClientTarget) => ({
	host: target.address,
	port: target.port,
	servername: target.servername,
	ca: target.caPem,
	...(target.certPem === undefined ? {} : { cert: target.certPem }),
	...(target.keyPem === undefined ? {} : { key: target.keyPem }),
});

export interface ClientAnswer {
	readonly status: number;
	readonly headers: IncomingMessage["headers"];
	readonly text: string;
	/** The body as JSON; throws when it is none. */
	json(): Record<string, unknown>;
	/** `data` of the envelope. */
	data(): Record<string, unknown>;
}

/** One request on a connection of its own. Rejects with the system's error, also when the body breaks off. */
export function ask(
	target: ClientTarget,
	path: string,
	options: {
		readonly method?: string;
		readonly body?: string;
		readonly headers?: Record<string, string>;
		readonly signal?: AbortSignal;
	} = {},
): Promise<ClientAnswer> {
	return new Promise((resolve, reject) => {
		const sent = httpsRequest(
			{
				...tlsOptions(target),
				path,
				method: options.method ?? "GET",
				headers: options.headers ?? {},
				agent: false,
				...(options.signal ? { signal: options.signal } : {}),
			},
			(answer) => {
				const parts: Buffer[] = [];
				answer.on("data", (part: Buffer) => parts.push(part));
				answer.on("error", reject);
				answer.on("end", () => {
					const text = Buffer.concat(parts).toString("utf8");
					const json = () => JSON.parse(text) as Record<string, unknown>;
					resolve({
						status: answer.statusCode ?? 0,
						headers: answer.headers,
						text,
						json,
						data: () => json().data as Record<string, unknown>,
					});
				});
			},
		);
		sent.on("error", reject);
		sent.end(options.body);
	});
}

/** Shakes hands and no more. @returns the negotiated protocols; rejects with the TLS error's code in `code`. */
export function handshake(
	target: ClientTarget,
	alpn?: readonly string[],
): Promise<{ alpn: string | false | null; version: string | null }> {
	return new Promise((resolve, reject) => {
		const socket: TLSSocket = connect(
			{
				...tlsOptions(target),
				...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
			},
			() => {
				resolve({ alpn: socket.alpnProtocol, version: socket.getProtocol() });
				socket.destroy();
			},
		);
		socket.on("error", reject);
	});
}

/** Sends bytes over TLS and collects what comes until `enough` says so or the other side ends. */
export function talk(
	target: ClientTarget,
	bytes: string,
	enough: (received: string) => boolean,
): Promise<string> {
	return new Promise((resolve, reject) => {
		let received = "";
		const socket = connect(tlsOptions(target), () => socket.write(bytes));
		const done = () => {
			socket.destroy();
			resolve(received);
		};
		socket.on("data", (part) => {
			received += part.toString("latin1");
			if (enough(received)) done();
		});
		socket.on("end", done);
		socket.on("error", reject);
	});
}

export type Frame = Record<string, unknown>;

/** A live stream. */
export interface LiveClient {
	/** Every text frame so far, parsed; what is not JSON is `{ raw }`, binary is `{ binary: length }`. */
	readonly frames: readonly Frame[];
	pings(): number;
	/** Resolves with the first `count` frames that fit, past ones included. */
	seen(fits: (frame: Frame) => boolean, count?: number): Promise<Frame[]>;
	pinged(count: number): Promise<void>;
	ponged(count?: number): Promise<void>;
	readonly closed: Promise<{ code: number; reason: string }>;
	send(message: unknown): void;
	ping(): void;
	close(): void;
}

/** Opens the stream. Rejects with the error of `ws`; an HTTP answer instead of 101 is in `error.answer`. */
export function live(
	target: ClientTarget,
	options: { readonly autoPong?: boolean } = {},
): Promise<LiveClient> {
	const socket = new WebSocket(
		`wss://${target.address.includes(":") ? `[${target.address}]` : target.address}:${target.port}/api/v1/ws/jobs`,
		{
			...tlsOptions(target),
			ALPNProtocols: ["http/1.1"],
			perMessageDeflate: false,
			autoPong: options.autoPong ?? true,
			maxPayload: 1024 * 1024,
		} as WebSocket.ClientOptions,
	);
	const frames: Frame[] = [];
	let pings = 0;
	let pongs = 0;
	const watchers = new Set<() => void>();
	const look = () => {
		for (const watcher of [...watchers]) watcher();
	};
	const until = <T>(value: () => T | undefined): Promise<T> =>
		new Promise((resolve) => {
			const watcher = () => {
				const found = value();
				if (found === undefined) return;
				watchers.delete(watcher);
				resolve(found);
			};
			watchers.add(watcher);
			watcher();
		});
	socket.on("message", (bytes: Buffer, binary) => {
		frames.push(binary ? { binary: bytes.length } : parsed(bytes.toString()));
		look();
	});
	socket.on("ping", () => {
		pings++;
		look();
	});
	socket.on("pong", () => {
		pongs++;
		look();
	});
	const closed = new Promise<{ code: number; reason: string }>((resolve) => {
		socket.on("close", (code, reason) =>
			resolve({ code, reason: reason.toString() }),
		);
	});
	const client: LiveClient = {
		frames,
		pings: () => pings,
		seen: (fits, count = 1) =>
			until(() => {
				const found = frames.filter(fits);
				return found.length >= count ? found.slice(0, count) : undefined;
			}),
		pinged: (count) => until(() => pings >= count || undefined).then(() => {}),
		ponged: (count = 1) =>
			until(() => pongs >= count || undefined).then(() => {}),
		closed,
		send: (message) => socket.send(JSON.stringify(message)),
		ping: () => socket.ping(),
		close: () => socket.terminate(),
	};
	return new Promise((resolve, reject) => {
		socket.on("open", () => resolve(client));
		socket.on("error", reject);
		socket.on("unexpected-response", (_request, answer) => {
			const { statusCode, headers } = answer;
			const error = new Error(`answered ${statusCode}`);
			reject(Object.assign(error, { answer: { statusCode, headers } }));
			socket.terminate();
		});
	});
}

function parsed(text: string): Frame {
	try {
		return JSON.parse(text) as Frame;
	} catch {
		return { raw: text };
	}
}
