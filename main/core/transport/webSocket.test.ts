// The WebSocket transport over real sockets, once it is open and how it ends.
import { afterEach, describe, expect, test } from "vitest";
import { type Clock, systemClock } from "../../../shared/clock.ts";
import {
	closeFrame,
	frame,
	type RawRequest,
	upgraded,
} from "../../testkit/rawPeer.ts";
import { recordConnection } from "../../testkit/recordedConnection.ts";
import { openTally } from "../../testkit/tally.ts";
import { AGENT_NAME, openTlsStage } from "../../testkit/tlsStage.ts";
import { MAX_FRAME_BYTES } from "./transport.ts";
import { openWebSocketTransport, type WebSocketOptions } from "./webSocket.ts";

/** How the frame of a masked text of 100,000 bytes begins (RFC 6455 section 5.2). */
const LONG_TEXT = Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 1, 0x86, 0xa0]);

const clock = systemClock();
const stage = openTlsStage();
afterEach(stage.close);

const record = (port: number, options: Partial<WebSocketOptions> = {}) =>
	recordConnection(
		openWebSocketTransport({ contexts: stage.contexts, clock, ...options }),
		stage.target(port),
	);

describe("an open connection", () => {
	const opened = async (
		then: (request: RawRequest) => void = () => {},
		options: Partial<WebSocketOptions> = {},
	) => {
		const peer = await stage.peer({ request: upgraded(then) });
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

	test("that was lost comes back on its old TLS session", async () => {
		const first = await opened();
		first.connection.hangUp(false);
		await first.closed();
		const again = record(first.peer.port);
		await again.opened();
		expect(first.peer.handshakes.all.map(({ resumed }) => resumed)).toEqual([
			false,
			true,
		]);
		again.connection.hangUp(false);
		expect((await again.closed()).certificate?.subject).toBe(
			`CN=${AGENT_NAME}`,
		);
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

	test("C29: a connection ends with 1009 at a frame above 1 MiB, without reading it", async () => {
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
		const peer = await stage.peer({ request: upgraded() });
		const proxy = await stage.proxy(peer);
		const recorded = record(proxy.port);
		await recorded.opened();
		proxy.resetAll();
		const failure = await recorded.closed();
		expect(failure.close?.code).toBe(1006);
		expect(failure.causes[0]?.code).toBe("ECONNRESET");
	});

	test("that is half-open says nothing until it is hung up", async () => {
		const peer = await stage.peer({ request: upgraded() });
		const proxy = await stage.proxy(peer);
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

	test("C24: pings of a peer that does not read are answered only as far as the buffer goes", async () => {
		const pings = 150_000;
		const payload = "p".repeat(120);
		const burst = Buffer.concat(Array(1_000).fill(frame("ping", payload)));
		const { peer, happenings, connection, closed } = await opened(
			({ socket }) => {
				socket.pause();
				for (let n = 0; n < pings; n += 1_000) socket.write(burst);
				socket.write(frame("text", "the end"));
			},
		);
		await happenings.waitUntil((one) => one.kind === "frame");
		// All were heard; had all been answered, the peer would get them now.
		const [socket] = peer.requests.all.map((request) => request.socket);
		if (socket === undefined) throw new Error("no socket");
		let bytes = 0;
		let tail = Buffer.alloc(0);
		const last = openTally<Buffer>();
		socket.on("data", (piece: Buffer) => {
			bytes += piece.length;
			tail = Buffer.concat([tail.subarray(-LONG_TEXT.length), piece]);
			if (tail.includes(LONG_TEXT)) last.add(piece);
		});
		socket.resume();
		connection.send("x".repeat(100_000));
		await last.waitFor();
		expect(bytes).toBeLessThan(pings * payload.length * 0.8);
		connection.hangUp(false);
		await closed();
	});

	test("C24: a connection to a peer that does not read is destroyed after 5 s of a full buffer", async () => {
		const peer = await stage.peer({ request: upgraded() });
		const proxy = await stage.proxy(peer);
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
		const peer = await stage.peer({ muteTcp: true });
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
		const peer = await stage.peer();
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
		const peer = await stage.peer({ request: upgraded() });
		const proxy = await stage.proxy(peer);
		const recorded = record(proxy.port);
		await recorded.opened();
		const { socket } = await peer.requests.waitFor();
		const { down } = (await proxy.connections.waitFor()).bytes;
		proxy.set({ cutAfterBytes: { direction: "down", bytes: down + 50 } });
		socket.write(frame("text", "y".repeat(5_000)));
		expect((await recorded.closed()).close?.code).toBe(1006);
	});

	test("that slices everything into single bytes changes nothing", async () => {
		const peer = await stage.peer({
			request: upgraded(({ socket }) => socket.write(frame("text", "whole"))),
		});
		const proxy = await stage.proxy(peer);
		proxy.set({ slice: { bytes: 7, everyMs: 0 } });
		const recorded = record(proxy.port);
		expect(await recorded.happenings.waitFor(2)).toMatchObject({
			text: "whole",
		});
		recorded.connection.hangUp(false);
		await recorded.closed();
	});
});
