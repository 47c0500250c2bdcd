// The WebSocket upgrade over real sockets: everything an agent, a proxy or a stranger can answer.
import { createSecureContext } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../shared/clock.ts";
import { createTestAuthority } from "../../testkit/certificates.ts";
import {
	frame,
	HTTP2_SETTINGS,
	httpAnswer,
	type RawPeerWish,
	type RawRequest,
	switching,
	upgraded,
} from "../../testkit/rawPeer.ts";
import { recordConnection } from "../../testkit/recordedConnection.ts";
import { AGENT_NAME, openTlsStage } from "../../testkit/tlsStage.ts";
import { openTlsContexts, type TlsContexts } from "./tlsContext.ts";
import type { Failure } from "./transport.ts";
import { openWebSocketTransport, type WebSocketOptions } from "./webSocket.ts";

const clock = systemClock();
const stage = openTlsStage();
afterEach(stage.close);

const record = (port: number, options: Partial<WebSocketOptions> = {}) =>
	recordConnection(
		openWebSocketTransport({ contexts: stage.contexts, clock, ...options }),
		stage.target(port),
	);

/** What becomes of a connection to a peer that answers the upgrade like this. */
async function failureAfter(
	answer: (request: RawRequest) => void,
	wish: Partial<RawPeerWish> = {},
): Promise<Failure> {
	const peer = await stage.peer({ request: answer, ...wish });
	return record(peer.port).closed();
}

describe("an upgrade", () => {
	test("opens, carries text both ways, and tells the time of each phase", async () => {
		const peer = await stage.peer({
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
		const peer = await stage.peer({ request: upgraded() });
		const recorded = record(peer.port);
		await recorded.opened();
		const { head } = await peer.requests.waitFor();
		expect(head).toMatch(/^GET \/api\/v1\/ws\/jobs HTTP\/1\.1\r\n/);
		expect(head).toContain(`Host: ${AGENT_NAME}:${peer.port}\r\n`);
		expect(head).not.toMatch(/extensions|protocol:|origin/i);
		recorded.connection.hangUp(false);
		await recorded.closed();
	});

	test("delivers a frame that came in one packet with the 101", async () => {
		const peer = await stage.peer({
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

	test("C2: an upgrade without Sec-WebSocket-Accept is told as missing, with the body's first bytes", async () => {
		const failure = await failureAfter(({ socket, head }) =>
			socket.write(`${switching(head, null)}{"event":"connected"}`),
		);
		expect(failure).toMatchObject({
			phase: "upgrade",
			accept: "missing",
			http: { status: 101, firstBytes: '{"event":"connected"}' },
		});
	});

	test("C2: an upgrade with a wrong Sec-WebSocket-Accept is told as wrong", async () => {
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
			expect(failure.certificate?.subject).toBe(`CN=${AGENT_NAME}`);
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

	test("C12: an upgrade that is never answered ends at its own deadline", async () => {
		const peer = await stage.peer();
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
		contextFor: () => createSecureContext({ ca: stage.authority.certPem }),
	};

	test("when TLS 1.3 demands one and there is none, the alert comes after the handshake", async () => {
		const peer = await stage.peer();
		const failure = await record(peer.port, { contexts: anonymous }).closed();
		expect(failure).toMatchObject({ phase: "upgrade", bytesReceived: 0 });
		expect(failure.secureForMs).not.toBeNull();
		expect(failure.causes.map(({ code }) => code)).toContain(
			"ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED",
		);
	});

	test("of another authority is rejected late, as a reset without an answer", async () => {
		const other = createTestAuthority("Other Root");
		const peer = await stage.peer({ clientCa: other.certPem });
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
		const peer = await stage.peer({ maxVersion: "TLSv1.2" });
		const failure = await record(peer.port, {
			contexts: anonymous,
		}).closed();
		expect(failure).toMatchObject({ phase: "tls", secureForMs: null });
	});
});
