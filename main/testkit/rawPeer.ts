// A scriptable TLS peer on 127.0.0.1 that says exactly the bytes a test wants, right or wrong. It knows HTTP heads and
// WebSocket frames only as far as to write them; it judges nothing and records what it received.
import { createHash } from "node:crypto";
import { type AddressInfo, createServer, type Socket } from "node:net";
import {
	createServer as createTlsServer,
	type SecureVersion,
	type TLSSocket,
} from "node:tls";
import type { Issued } from "./certificates.ts";
import { openTally, type Tally } from "./tally.ts";

/** One request head as it came in, and the way to answer. */
export interface RawRequest {
	readonly socket: TLSSocket;
	/** Up to and with the empty line. */
	readonly head: string;
	/** Of the connection, from 1. */
	readonly connection: number;
	/** On this connection, from 1. */
	readonly nth: number;
}

export interface RawPeerWish {
	readonly identity: Issued;
	/** Who must have issued a client's certificate. Absent: none is asked for. */
	readonly clientCa?: string;
	/** Revocation list of `clientCa`. */
	readonly clientCrl?: string;
	/** OpenSSL's cipher list; `DEFAULT@SECLEVEL=0` lets the peer show certificates that are too weak. */
	readonly ciphers?: string;
	/** 48 bytes: peers with the same ones take each other's sessions. */
	readonly ticketKeys?: Buffer;
	readonly minVersion?: SecureVersion;
	readonly maxVersion?: SecureVersion;
	/** Default http/1.1; null: no ALPN. */
	readonly alpn?: readonly string[] | null;
	/** Accepts TCP and never says a word. */
	readonly muteTcp?: boolean;
	/** Called when TLS is up; default nothing. */
	readonly secured?: (socket: TLSSocket, connection: number) => void;
	/** Called for each request head; default nothing, which is a mute peer. */
	readonly request?: (request: RawRequest) => void;
}

export interface RawPeer {
	readonly port: number;
	/** TCP connections. */
	readonly connections: Tally<Socket>;
	/** Finished handshakes; `resumed` when the client offered a session that was taken. */
	readonly handshakes: Tally<{
		readonly resumed: boolean;
		readonly servername: string | null;
		readonly alpn: string | false | null;
		readonly client: string | null;
	}>;
	readonly requests: Tally<RawRequest>;
	/** Everything that came after the handshake and is no request head. */
	readonly received: Tally<Buffer>;
	/** Connections that are gone, by connection number. */
	readonly closed: Tally<number>;
	/** Is another one for connections from now on: another certificate, for instance. */
	become(more: Partial<Omit<RawPeerWish, "muteTcp">>): void;
	close(): Promise<void>;
}

/** What is written down of a peer's connections. */
type Recorded = Omit<RawPeer, "port" | "become" | "close">;

/** Opens a peer on a free port. */
export async function openRawPeer(wish: RawPeerWish): Promise<RawPeer> {
	const open = new Set<Socket>();
	const peer = {
		connections: openTally<Socket>(),
		handshakes: openTally<RawPeer["handshakes"]["all"][number]>(),
		requests: openTally<RawRequest>(),
		received: openTally<Buffer>(),
		closed: openTally<number>(),
	};
	/** Connection numbers by the console's port, the one thing that TCP and TLS sockets of a connection share in public. */
	const numbers = new Map<number, number>();
	const shakeHands = (now: RawPeerWish) =>
		openTls(now, (socket) =>
			record(socket, numbers.get(socket.remotePort ?? 0) ?? 0, now, peer),
		);
	let secure = shakeHands(wish);
	const server = createServer((tcp) => {
		open.add(tcp);
		tcp.on("error", () => {});
		peer.connections.add(tcp);
		const connection = peer.connections.all.length;
		numbers.set(tcp.remotePort ?? 0, connection);
		tcp.once("close", () => {
			open.delete(tcp);
			peer.closed.add(connection);
		});
		if (wish.muteTcp === true) tcp.resume();
		else secure(tcp);
	});
	await new Promise<void>((listening) => {
		server.listen(0, "127.0.0.1", listening);
	});
	return {
		...peer,
		port: (server.address() as AddressInfo).port,
		become(more) {
			secure = shakeHands({ ...wish, ...more });
		},
		close() {
			for (const socket of open) socket.destroy();
			return new Promise((closed) => {
				server.close(() => closed());
			});
		},
	};
}

/** TLS for connections that come from elsewhere. Like an agent, it cuts a client off that shows no certificate of `clientCa`. */
function openTls(
	wish: RawPeerWish,
	secured: (socket: TLSSocket) => void,
): (tcp: Socket) => void {
	const alpn = wish.alpn === undefined ? ["http/1.1"] : wish.alpn;
	const server = createTlsServer(
		{
			cert: wish.identity.certPem,
			key: wish.identity.keyPem,
			...(wish.clientCa === undefined ? {} : { ca: wish.clientCa }),
			...(wish.clientCrl === undefined ? {} : { crl: wish.clientCrl }),
			...(wish.ciphers === undefined ? {} : { ciphers: wish.ciphers }),
			...(wish.ticketKeys === undefined ? {} : { ticketKeys: wish.ticketKeys }),
			requestCert: wish.clientCa !== undefined,
			rejectUnauthorized: wish.clientCa !== undefined,
			minVersion: wish.minVersion ?? "TLSv1.2",
			maxVersion: wish.maxVersion ?? "TLSv1.3",
			...(alpn === null ? {} : { ALPNProtocols: [...alpn] }),
		},
		secured,
	);
	return (tcp) => server.emit("connection", tcp);
}

function record(
	socket: TLSSocket,
	connection: number,
	wish: RawPeerWish,
	peer: Recorded,
): void {
	socket.on("error", () => {});
	peer.handshakes.add({
		resumed: socket.isSessionReused(),
		servername: (socket as { servername?: string | false }).servername || null,
		alpn: socket.alpnProtocol,
		client: socket.getPeerX509Certificate()?.subject ?? null,
	});
	readHeads(socket, connection, wish, peer);
	wish.secured?.(socket, connection);
}

function readHeads(
	socket: TLSSocket,
	connection: number,
	wish: RawPeerWish,
	peer: Recorded,
): void {
	let text = "";
	let nth = 0;
	socket.on("data", (chunk: Buffer) => {
		text += chunk.toString("latin1");
		const isHttp = /^[A-Z]+ /.test(text);
		const end = text.indexOf("\r\n\r\n");
		if (isHttp && end < 0) return;
		if (!isHttp) {
			text = "";
			return peer.received.add(chunk);
		}
		const request = {
			socket,
			head: text.slice(0, end + 4),
			connection,
			nth: ++nth,
		};
		text = "";
		peer.requests.add(request);
		wish.request?.(request);
	});
}

/** An HTTP answer. Content-Length is added unless the headers frame the body themselves. */
export function httpAnswer(
	status: number,
	headers: Readonly<Record<string, string>> = {},
	body = "",
): string {
	const framed = Object.keys(headers).some((name) =>
		/^(content-length|transfer-encoding)$/i.test(name),
	);
	const lines = Object.entries(headers).map(
		([name, value]) => `${name}: ${value}\r\n`,
	);
	if (!framed) lines.push(`Content-Length: ${Buffer.byteLength(body)}\r\n`);
	return `HTTP/1.1 ${status} Test\r\n${lines.join("")}\r\n${body}`;
}

/** A 101 for the request: right, or with another accept value, or null for none at all. */
export function switching(head: string, accept?: string | null): string {
	const key = /sec-websocket-key: (\S+)/i.exec(head)?.[1] ?? "";
	const right = createHash("sha1")
		.update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
		.digest("base64");
	const value = accept === undefined ? right : accept;
	return `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${
		value === null ? "" : `Sec-WebSocket-Accept: ${value}\r\n`
	}\r\n`;
}

/** Answers every upgrade well, then does `then`. */
export const upgraded =
	(then: (request: RawRequest) => void = () => {}) =>
	(request: RawRequest): void => {
		request.socket.write(switching(request.head));
		then(request);
	};

/** Opcodes of RFC 6455 section 5.2. */
export const OPCODES = {
	text: 1,
	binary: 2,
	close: 8,
	ping: 9,
	pong: 10,
} as const;

/** One unmasked frame as servers send it. */
export function frame(
	opcode: keyof typeof OPCODES,
	payload: Buffer | string = "",
): Buffer {
	const body = Buffer.from(payload);
	const first = 0x80 | OPCODES[opcode];
	if (body.length < 126)
		return Buffer.concat([Buffer.from([first, body.length]), body]);
	const header = Buffer.alloc(10);
	header[0] = first;
	header[1] = 127;
	header.writeBigUInt64BE(BigInt(body.length), 2);
	return Buffer.concat([header, body]);
}

/** A close frame with code and reason. */
export function closeFrame(code: number, reason = ""): Buffer {
	const body = Buffer.alloc(2);
	body.writeUInt16BE(code);
	return frame("close", Buffer.concat([body, Buffer.from(reason)]));
}

/** What an HTTP/2 server says first: an empty SETTINGS frame (RFC 9113 section 3.4). */
export const HTTP2_SETTINGS = Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]);
