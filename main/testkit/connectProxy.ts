// An HTTP proxy on 127.0.0.1 that makes tunnels (CONNECT, RFC 9110 section 9.3.6), well or in every way a proxy fails to. It
// writes down what it was asked and with which credentials. Names are its own to resolve: a test says where they are.
import {
	type AddressInfo,
	connect,
	createServer,
	type Server,
	type Socket,
} from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { Issued } from "./certificates.ts";
import { openTally, type Tally } from "./tally.ts";

/** What the proxy does with a question. Absent: it makes the tunnel. */
export type ConnectMood =
	/** Bytes instead of an answer or with one; `end` closes after them, `reset` with RST. */
	| { readonly says: string | Buffer; readonly after?: "end" | "reset" }
	| { readonly hangs: true }
	/** The tunnel is made and cut as soon as the agent says something. */
	| { readonly cuts: true }
	/** The tunnel is made, and these bytes come with the answer's head, as if the agent had said them. */
	| { readonly whispers: string | Buffer };

export interface ConnectProxyWish {
	/** `USER:PASSWORD`, demanded with 407 and Basic. */
	readonly credentials?: string;
	/** TLS, with this certificate. */
	readonly tls?: Issued;
	/** Where names are; `*` is every other one. A name that is not there is answered with 502. */
	readonly names?: Readonly<Record<string, string>>;
}

/** One CONNECT as it came in. */
export interface Connect {
	/** `host:port` as it was asked for. */
	readonly target: string;
	/** Up to and with the empty line. */
	readonly head: string;
}

export interface ConnectProxy {
	readonly port: number;
	readonly connects: Tally<Connect>;
	/** Resolves when no socket of it is open, to neither side. */
	empty(): Promise<void>;
	/** What it does from now on; null: its work. */
	become(mood: ConnectMood | null): void;
	/** FIN on every tunnel. */
	cutAll(): void;
	close(): Promise<void>;
}

const MADE = "HTTP/1.1 200 Connection established\r\n\r\n";

/** An answer that refuses. */
export const refusing = (
	status: number,
	headers: Readonly<Record<string, string>> = {},
	body = "",
): string =>
	`HTTP/1.1 ${status} Test\r\n${Object.entries({
		...headers,
		"Content-Length": `${Buffer.byteLength(body)}`,
	})
		.map(([name, value]) => `${name}: ${value}\r\n`)
		.join("")}\r\n${body}`;

/** Opens a proxy on a free port. */
export async function openConnectProxy(
	wish: ConnectProxyWish = {},
): Promise<ConnectProxy> {
	const { credentials, tls, names = {} } = wish;
	const connects = openTally<Connect>();
	const open = new Set<Socket>();
	const waiting: (() => void)[] = [];
	/** Keeps count of a socket until it is closed. */
	const count = (socket: Socket): void => {
		open.add(socket);
		socket.once("close", () => {
			open.delete(socket);
			if (open.size > 0) return;
			for (const tell of waiting.splice(0)) tell();
		});
	};
	let mood: ConnectMood | null = null;
	const expected =
		credentials === undefined
			? null
			: `Basic ${Buffer.from(credentials).toString("base64")}`;
	const answer = (console: Socket, { target, head }: Connect): void => {
		const given = /^proxy-authorization: (.*)\r$/im.exec(head)?.[1] ?? null;
		if (mood !== null && !("cuts" in mood) && !("whispers" in mood))
			return misbehave(console, mood);
		if (expected !== null && given !== expected) {
			const demand = { "Proxy-Authenticate": 'Basic realm="test"' };
			console.end(refusing(407, demand, "who are you?"));
			return;
		}
		const place = placeOf(target, names);
		if (place === null) console.end(refusing(502, {}, "no such host"));
		else count(tunnel(console, place, mood));
	};
	const serve = (console: Socket): void => {
		count(console);
		console.on("error", () => {});
		readHead(console, (head) => {
			const asked = {
				target: /^CONNECT (\S+) HTTP\/1\.1\r\n/.exec(head)?.[1] ?? "",
				head,
			};
			connects.add(asked);
			answer(console, asked);
		});
	};
	const server: Server =
		tls === undefined
			? createServer({ allowHalfOpen: true }, serve)
			: createTlsServer({ cert: tls.certPem, key: tls.keyPem }, serve);
	server.on("tlsClientError", () => {});
	await new Promise<void>((listening) => {
		server.listen(0, "127.0.0.1", listening);
	});
	return {
		port: (server.address() as AddressInfo).port,
		connects,
		empty: () =>
			new Promise((empty) => {
				if (open.size === 0) empty();
				else waiting.push(empty);
			}),
		become(next) {
			mood = next;
		},
		cutAll() {
			for (const socket of open) socket.destroySoon();
		},
		close() {
			for (const socket of open) socket.destroy();
			return new Promise((closed) => {
				server.close(() => closed());
			});
		},
	};
}

function readHead(socket: Socket, done: (head: string) => void): void {
	let head = "";
	const hear = (chunk: Buffer): void => {
		head += chunk.toString("latin1");
		if (!head.endsWith("\r\n\r\n")) return;
		socket.removeListener("data", hear);
		done(head);
	};
	socket.on("data", hear);
}

function misbehave(
	console: Socket,
	mood: Exclude<ConnectMood, { cuts: true } | { whispers: string | Buffer }>,
): void {
	// Its goodbye is answered, as any server's would be.
	console.once("end", () => console.end()).resume();
	if ("hangs" in mood) return;
	console.write(mood.says, () => {
		if (mood.after === "end") console.end();
		if (mood.after === "reset") console.resetAndDestroy();
	});
}

/** Where the proxy finds it: an address is itself. */
function placeOf(
	target: string,
	names: Readonly<Record<string, string>>,
): { host: string; port: number } | null {
	const [, bracketed, plain, port] =
		/^(?:\[(.+)\]|([^:]+)):(\d+)$/.exec(target) ?? [];
	const name = bracketed ?? plain ?? "";
	const host = /^[\d.]+$|:/.test(name) ? name : (names[name] ?? names["*"]);
	return host === undefined ? null : { host, port: Number(port) };
}

function tunnel(
	console: Socket,
	place: { readonly host: string; readonly port: number },
	mood: ConnectMood | null,
): Socket {
	const agent = connect({ ...place, allowHalfOpen: true, noDelay: true });
	let isMade = false;
	agent.on("error", () => {
		if (isMade) console.destroy();
		else console.end(refusing(502, {}, "the host refuses"));
	});
	agent.once("connect", () => {
		isMade = true;
		const extra =
			mood !== null && "whispers" in mood ? Buffer.from(mood.whispers) : [];
		console.write(Buffer.concat([Buffer.from(MADE), Buffer.from(extra)]));
		console.pipe(agent);
		if (mood === null || !("cuts" in mood)) agent.pipe(console);
		else
			agent.once("data", () => {
				console.destroy();
				agent.destroy();
			});
	});
	console.once("close", () => agent.destroy());
	return agent;
}
