// The WebSocket transport over real sockets: everything an agent, a proxy or a broken network can answer.
import { createSecureContext } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { type Clock, systemClock } from "../../../shared/clock.ts";
import type { HostId } from "../../../shared/model.ts";
import { createTestAuthority, identityOf } from "../../testkit/certificates.ts";
import { type FaultProxy, openFaultProxy } from "../../testkit/faultProxy.ts";
import {
	closeFrame,
	frame,
	HTTP2_SETTINGS,
	httpAnswer,
	openRawPeer,
	type RawPeer,
	type RawPeerWish,
	type RawRequest,
	switching,
} from "../../testkit/rawPeer.ts";
import { recordConnection } from "../../testkit/recordedConnection.ts";
import { openTlsContexts, type TlsContexts } from "./tlsContext.ts";
import { type Failure, MAX_FRAME_BYTES, type Target } from "./transport.ts";
import { openWebSocketTransport, type WebSocketOptions } from "./webSocket.ts";

const clock = systemClock();
const NAME = "agent.fleet.test";
const authority = createTestAuthority();
const server = authority.issue({ names: [NAME] });
const client = authority.issue({ commonName: "console", purpose: "client" });
const contexts = openTlsContexts(identityOf(client, authority.certPem));
const closing: (() => unknown)[] = [];

afterEach(async () => {
	for (const close of closing.splice(0)) await close();
});

async function peerWith(wish: Partial<RawPeerWish> = {}): Promise<RawPeer> {
	const peer = await openRawPeer({
		identity: server,
		clientCa: authority.certPem,
		...wish,
	});
	closing.push(peer.close);
	return peer;
}

async function proxyTo(peer: RawPeer): Promise<FaultProxy> {
	const proxy = await openFaultProxy(peer.port, clock);
	closing.push(proxy.close);
	return proxy;
}

const targetOf = (port: number): Target => ({
	hostId: `h-${port}` as HostId,
	address: "127.0.0.1",
	port,
	servername: NAME,
	minTls: "1.2",
});

const record = (port: number, options: Partial<WebSocketOptions> = {}) =>
	recordConnection(
		openWebSocketTransport({ contexts, clock, ...options }),
		targetOf(port),
	);

/** What becomes of a connection to a peer that answers the upgrade like this. */
async function failureAfter(
	answer: (request: RawRequest) => void,
	wish: Partial<RawPeerWish> = {},
): Promise<Failure> {
	const peer = await peerWith({ request: answer, ...wish });
	return record(peer.port).closed();
}

const upgraded =
	(then: (request: RawRequest) => void = () => {}) =>
	(request: RawRequest): void => {
		request.socket.write(switching(request.head));
		then(request);
	};

describe("an upgrade", () => {
	test("opens, carries text both ways, and tells the time of each phase", async () => {
		const peer = await peerWith({
			request: upgraded(({ socket }) => socket.write(frame("text", "hé"))),
		});
		const recorded = record(peer.port);
		await recorded.opened();
		recorded.connection.send("question");
		expect(await recorded.happenings.waitFor(2)).toEqual({
			kind: "frame",
			text: "hé",
			binary: false,
		});
		// A masked frame: FIN and text, masked length 8.
		const sent = await peer.received.waitFor();
		expect([...sent.subarray(0, 2)]).toEqual([0x81, 0x88]);
		const first = recorded.happenings.all[0];
		expect(first?.kind === "opened" && Object.keys(first.timingsMs)).toEqual([
			"tcp",
			"tls",
			"upgrade",
		]);
		recorded.connection.hangUp(false);
		await recorded.closed();
	});

	test("asks for the right path with the certificate's name and no extension", async () => {
		const peer = await peerWith({ request: upgraded() });
		const recorded = record(peer.port);
		await recorded.opened();
		const { head } = await peer.requests.waitFor();
		expect(head).toMatch(/^GET \/api\/v1\/ws\/jobs HTTP\/1\.1\r\n/);
		expect(head).toContain(`Host: ${NAME}:${peer.port}\r\n`);
		expect(head).not.toMatch(/extensions|protocol:|origin/i);
		recorded.connection.hangUp(false);
		await recorded.closed();
	});

	test("delivers a frame that came in one packet with the 101", async () => {
		const peer = await peerWith({
			request: ({ socket, head }) => {
				socket.write(
					Buffer.concat([
						Buffer.from(switching(head)),
						frame("text", "connected"),
					]),
				);
			},
		});
		const recorded = record(peer.port);
		const happening = await recorded.happenings.waitFor(2);
		expect(happening).toMatchObject({ kind: "frame", text: "connected" });
		recorded.connection.hangUp(false);
		await recorded.closed();
	});

	test("without Sec-WebSocket-Accept is told as missing, with the body's first bytes", async () => {
		const failure = await failureAfter(({ socket, head }) =>
			socket.write(`${switching(head, null)}{"event":"connected"}`),
		);
		expect(failure).toMatchObject({
			phase: "upgrade",
			accept: "missing",
			http: { status: 101, firstBytes: '{"event":"connected"}' },
		});
	});

	test("with a wrong Sec-WebSocket-Accept is told as wrong", async () => {
		const failure = await failureAfter(({ socket, head }) =>
			socket.write(switching(head, "bm90IHRoaXMgb25lLCBzb3JyeSE=")),
		);
		expect(failure).toMatchObject({ phase: "upgrade", accept: "wrong" });
	});

	test("that is a 101 without an Upgrade header ends at once", async () => {
		const failure = await failureAfter(({ socket }) =>
			socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
		);
		expect(failure).toMatchObject({
			phase: "upgrade",
			accept: "missing",
			http: { status: 101 },
			timedOut: false,
		});
	});

	test.each([
		[401, {}, null],
		[403, {}, null],
		[404, {}, null],
		[426, { Upgrade: "other" }, null],
		[429, { "Retry-After": "7", "Content-Type": "text/plain" }, 7_000],
		[503, { "Retry-After": "30" }, 30_000],
		[302, { Location: "https://login.test/" }, null],
		[200, { "Content-Type": "application/json" }, null],
		[407, {}, null],
	])(
		"answered with %i tells status, type, wait and first bytes",
		async (status, headers, retryAfterMs) => {
			const failure = await failureAfter(({ socket }) =>
				socket.write(httpAnswer(status, headers, "what\nthis is")),
			);
			expect(failure).toMatchObject({
				phase: "upgrade",
				alpn: "http/1.1",
				accept: null,
				http: {
					status,
					retryAfterMs,
					contentType:
						"Content-Type" in headers ? headers["Content-Type"] : null,
					firstBytes: "what\\x0athis is",
				},
			});
			expect(failure.certificate?.subject).toBe(`CN=${NAME}`);
			expect(failure.bytesReceived).toBeGreaterThan(0);
		},
	);

	test("answered with a body that never ends is told with its first bytes soon", async () => {
		const failure = await failureAfter(({ socket }) =>
			socket.write(
				"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n<html>portal",
			),
		);
		expect(failure.http).toMatchObject({
			status: 200,
			firstBytes: "<html>portal",
		});
	});

	test("answered with a flood is bounded to 200 characters", async () => {
		const failure = await failureAfter(({ socket }) =>
			socket.write(httpAnswer(200, {}, "\u001b[31m".repeat(10_000))),
		);
		expect(failure.http?.firstBytes).toHaveLength(200);
		expect(failure.http?.firstBytes).toMatch(/^\\x1b\[31m/);
	});

	test("answered with HTTP/2 is recognised whatever ALPN said", async () => {
		const failure = await failureAfter(() => {}, {
			alpn: null,
			secured: (socket) => socket.write(HTTP2_SETTINGS),
		});
		expect(failure).toMatchObject({ phase: "upgrade", alpn: "h2" });
		expect(failure.causes[0]?.code).toMatch(/^HPE_/);
	});

	test("answered with anything else tells the parser's error and the first bytes", async () => {
		const failure = await failureAfter(({ socket }) =>
			socket.write("SSH-2.0-OpenSSH_9.2\r\n"),
		);
		expect(failure.alpn).toBe("http/1.1");
		expect(failure.causes[0]?.code).toMatch(/^HPE_/);
		expect(failure.causes.at(-1)?.message).toMatch(/^first bytes: SSH-2/);
	});

	test("that is never answered ends at its own deadline", async () => {
		const peer = await peerWith();
		const failure = await record(peer.port, { upgradeMs: 30 }).closed();
		expect(failure).toMatchObject({
			phase: "upgrade",
			timedOut: true,
			bytesReceived: 0,
		});
		expect(failure.secureForMs).toBeGreaterThanOrEqual(29);
		await peer.closed.waitFor();
	});

	test("cut off right after TLS tells how long TLS held and that no byte came", async () => {
		const failure = await failureAfter(() => {}, {
			secured: (socket) => socket.destroy(),
		});
		expect(failure).toMatchObject({ phase: "upgrade", bytesReceived: 0 });
		expect(failure.secureForMs).toBeLessThan(2_000);
		expect(failure.causes[0]?.code).toBe("ECONNRESET");
	});
});

describe("the client certificate", () => {
	/** Trusts the fleet's authority and has nothing to show. */
	const anonymous: TlsContexts = {
		...openTlsContexts(null),
		contextFor: () => createSecureContext({ ca: authority.certPem }),
	};

	test("when TLS 1.3 demands one and there is none, the alert comes after the handshake", async () => {
		const peer = await peerWith();
		const failure = await record(peer.port, { contexts: anonymous }).closed();
		expect(failure).toMatchObject({ phase: "upgrade", bytesReceived: 0 });
		expect(failure.secureForMs).not.toBeNull();
		expect(failure.causes.map(({ code }) => code)).toContain(
			"ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
		);
	});

	test("of another authority is rejected late, as a reset without an answer", async () => {
		const other = createTestAuthority("Other Root");
		const peer = await peerWith({ clientCa: other.certPem });
		const failure = await record(peer.port).closed();
		expect(failure).toMatchObject({
			phase: "upgrade",
			bytesReceived: 0,
			timedOut: false,
		});
		expect(failure.secureForMs).toBeLessThan(2_000);
		expect(failure.causes.length).toBeGreaterThan(0);
	});

	test("under TLS 1.2 is judged within the handshake", async () => {
		const peer = await peerWith({ maxVersion: "TLSv1.2" });
		const failure = await record(peer.port, {
			contexts: anonymous,
		}).closed();
		expect(failure).toMatchObject({ phase: "tls", secureForMs: null });
	});
});

describe("an open connection", () => {
	const opened = async (
		then: (request: RawRequest) => void = () => {},
		options: Partial<WebSocketOptions> = {},
	) => {
		const peer = await peerWith({ request: upgraded(then) });
		const recorded = record(peer.port, options);
		await recorded.opened();
		const { socket } = await peer.requests.waitFor();
		return { peer, socket, ...recorded };
	};

	test("tells pings and pongs as heard, and answers pings", async () => {
		const { peer, happenings, connection, closed } = await opened(
			({ socket }) => socket.write(frame("ping")),
		);
		expect(await happenings.waitFor(2)).toEqual({ kind: "heard" });
		// A masked, empty pong.
		expect((await peer.received.waitFor())[0]).toBe(0x8a);
		connection.ping();
		expect((await peer.received.waitFor(2))[0]).toBe(0x89);
		connection.hangUp(false);
		await closed();
	});

	test("tells a binary frame without its content", async () => {
		const { happenings, connection, closed } = await opened(({ socket }) =>
			socket.write(frame("binary", "secret")),
		);
		expect(await happenings.waitFor(2)).toEqual({
			kind: "frame",
			text: "",
			binary: true,
		});
		connection.hangUp(false);
		await closed();
	});

	test("takes a frame of exactly 1 MiB", async () => {
		const { happenings, connection, closed } = await opened(({ socket }) =>
			socket.write(frame("text", "x".repeat(MAX_FRAME_BYTES))),
		);
		const second = await happenings.waitFor(2);
		expect(second.kind === "frame" && second.text.length).toBe(MAX_FRAME_BYTES);
		connection.hangUp(false);
		await closed();
	});

	test("ends with 1009 at a larger frame, without reading it", async () => {
		const { peer, happenings, closed } = await opened(({ socket }) =>
			socket.write(frame("text", "x".repeat(MAX_FRAME_BYTES + 1))),
		);
		const failure = await closed();
		expect(failure).toMatchObject({
			phase: "live",
			close: { code: 1009, reason: "" },
		});
		expect(failure.causes[0]?.code).toBe("WS_ERR_UNSUPPORTED_MESSAGE_LENGTH");
		expect(happenings.all.some(({ kind }) => kind === "frame")).toBe(false);
		const goodbye = await peer.received.waitUntil((bytes) => bytes[0] === 0x88);
		expect(goodbye.length).toBe(8);
	});

	test.each([
		["invalid UTF-8", frame("text", Buffer.from([0xff, 0xfe])), 1007],
		["a reserved bit", Buffer.from([0xf1, 0x00]), 1002],
		["an unknown opcode", Buffer.from([0x83, 0x00]), 1002],
		["a masked frame", Buffer.from([0x81, 0x80, 0, 0, 0, 0]), 1002],
	])(
		"ends at %s with the code of the violation",
		async (_what, bytes, code) => {
			const { closed } = await opened(({ socket }) => socket.write(bytes));
			const failure = await closed();
			expect(failure.close?.code).toBe(code);
			expect(failure.causes[0]?.code).toMatch(/^WS_ERR_/);
		},
	);

	test.each([
		[1000, "replaced"],
		[1001, "drain:deploy"],
		[1001, ""],
		[1011, "bug"],
		[4000, "own"],
	])("tells the peer's close %i %s and answers it", async (code, reason) => {
		const { peer, closed } = await opened(({ socket }) =>
			socket.write(closeFrame(code, reason)),
		);
		expect((await closed()).close).toEqual({ code, reason });
		expect((await peer.received.waitFor())[0]).toBe(0x88);
	});

	test("tells a close frame without a code as 1005", async () => {
		const { closed } = await opened(({ socket }) =>
			socket.write(frame("close")),
		);
		expect((await closed()).close).toEqual({ code: 1005, reason: "" });
	});

	test("tells an end of the stream without a close frame as 1006", async () => {
		const { closed } = await opened(({ socket }) => socket.end());
		expect(await closed()).toMatchObject({
			phase: "live",
			close: { code: 1006, reason: "" },
			causes: [],
		});
	});

	test("tells a reset as 1006 with its cause", async () => {
		const peer = await peerWith({ request: upgraded() });
		const proxy = await proxyTo(peer);
		const recorded = record(proxy.port);
		await recorded.opened();
		proxy.resetAll();
		const failure = await recorded.closed();
		expect(failure.close?.code).toBe(1006);
		expect(failure.causes[0]?.code).toBe("ECONNRESET");
	});

	test("that is half-open says nothing until it is hung up", async () => {
		const peer = await peerWith({ request: upgraded() });
		const proxy = await proxyTo(peer);
		const recorded = record(proxy.port);
		await recorded.opened();
		const { socket } = await peer.requests.waitFor();
		proxy.set({ blackHole: true });
		socket.write(frame("text", "lost"));
		recorded.connection.ping();
		await (await proxy.connections.waitFor()).waitForBytes("up");
		expect(recorded.happenings.all).toHaveLength(1);
		recorded.connection.hangUp(false);
		expect((await recorded.closed()).close?.code).toBe(1006);
	});

	test("hung up politely sends 1000 and is told the echo", async () => {
		const { peer, socket, connection, closed } = await opened();
		connection.hangUp(true);
		const bytes = await peer.received.waitFor();
		expect(bytes[0]).toBe(0x88);
		socket.write(closeFrame(1000));
		expect((await closed()).close?.code).toBe(1000);
		connection.hangUp(true);
		connection.hangUp(false);
		connection.send("too late");
		connection.ping();
	});

	test("hung up politely on a deaf peer is over within 300 ms", async () => {
		const { connection, closed } = await opened();
		const since = clock.monotonicMs();
		connection.hangUp(true);
		expect((await closed()).close?.code).toBe(1006);
		expect(clock.monotonicMs() - since).toBeLessThan(600);
	});

	test("to a peer that does not read is destroyed after 5 s of a full buffer", async () => {
		const peer = await peerWith({ request: upgraded() });
		const proxy = await proxyTo(peer);
		const armed: { atMs: number; run: () => void }[] = [];
		const watched: Clock = {
			...clock,
			at(deadlineMs, run) {
				const entry = { atMs: deadlineMs - clock.monotonicMs(), run };
				armed.push(entry);
				return () => {
					armed.splice(armed.indexOf(entry), 1);
				};
			},
		};
		const recorded = record(proxy.port, { clock: watched });
		await recorded.opened();
		expect(armed).toHaveLength(0);
		proxy.set({ pauseReading: "console" });
		for (let n = 0; n < 64; n++) recorded.connection.send("x".repeat(500_000));
		expect(armed).toHaveLength(1);
		expect(armed[0]?.atMs).toBeGreaterThan(4_900);
		armed[0]?.run();
		const failure = await recorded.closed();
		expect(failure.close?.code).toBe(1006);
		expect(failure.causes[0]?.message).toBe(
			"the peer did not read for 5000 ms",
		);
	});
});

describe("a hang-up before it is open", () => {
	test("while dialing is told later, once, in the phase it was in", async () => {
		const peer = await peerWith({ muteTcp: true });
		const recorded = record(peer.port);
		recorded.connection.hangUp(true);
		expect(recorded.happenings.all).toHaveLength(0);
		expect(await recorded.closed()).toMatchObject({
			phase: "tcp",
			close: { code: 1006 },
		});
		recorded.connection.hangUp(true);
		await new Promise(setImmediate);
		expect(recorded.happenings.all).toHaveLength(1);
	});

	test("while upgrading closes the socket", async () => {
		const peer = await peerWith();
		const recorded = record(peer.port);
		await peer.requests.waitFor();
		recorded.connection.send("too early");
		recorded.connection.ping();
		recorded.connection.hangUp(true);
		expect((await recorded.closed()).phase).toBe("upgrade");
		await peer.closed.waitFor();
		await new Promise(setImmediate);
		expect(recorded.happenings.all).toHaveLength(1);
	});
});

describe("an abrupt proxy", () => {
	test("that cuts in the middle of a frame ends with 1006", async () => {
		const peer = await peerWith({ request: upgraded() });
		const proxy = await proxyTo(peer);
		const recorded = record(proxy.port);
		await recorded.opened();
		const { socket } = await peer.requests.waitFor();
		const { down } = (await proxy.connections.waitFor()).bytes;
		proxy.set({ cutAfterBytes: { direction: "down", bytes: down + 50 } });
		socket.write(frame("text", "y".repeat(5_000)));
		expect((await recorded.closed()).close?.code).toBe(1006);
	});

	test("that slices everything into single bytes changes nothing", async () => {
		const peer = await peerWith({
			request: upgraded(({ socket }) => socket.write(frame("text", "whole"))),
		});
		const proxy = await proxyTo(peer);
		proxy.set({ slice: { bytes: 7, everyMs: 0 } });
		const recorded = record(proxy.port);
		expect(await recorded.happenings.waitFor(2)).toMatchObject({
			text: "whole",
		});
		recorded.connection.hangUp(false);
		await recorded.closed();
	});
});
