// REST over real sockets: reuse, retry, deadlines and bounds. What the answers mean is not tested here.
import type { TLSSocket } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../shared/clock.ts";
import { createTestAuthority } from "../../testkit/certificates.ts";
import { HTTP2_SETTINGS, httpAnswer } from "../../testkit/rawPeer.ts";
import { failureOf, openRestStage, PLENTY } from "../../testkit/restStage.ts";
import { AGENT_NAME } from "../../testkit/tlsStage.ts";

const clock = systemClock();
const { stage, peerWith, restTo } = openRestStage();
afterEach(stage.close);

describe("an answer", () => {
	test("comes with status, type, Retry-After and its raw body", async () => {
		const peer = await peerWith({
			request: ({ socket }) =>
				socket.write(
					httpAnswer(
						429,
						{ "Content-Type": "text/plain", "Retry-After": "12" },
						"slow down",
					),
				),
		});
		const answer = await restTo(peer.port).get("/jobs?limit=200", PLENTY);
		expect(answer).toEqual({
			status: 429,
			contentType: "text/plain",
			retryAfterMs: 12_000,
			body: Buffer.from("slow down"),
		});
		const { head } = await peer.requests.waitFor();
		expect(head).toMatch(/^GET \/api\/v1\/jobs\?limit=200 HTTP\/1\.1\r\n/);
		expect(head.toLowerCase()).toContain(
			`host: ${AGENT_NAME}:${peer.port}\r\n`,
		);
	});

	test("whose JSON is cut short passes as it is", async () => {
		const peer = await peerWith({
			request: ({ socket }) =>
				socket.write(httpAnswer(200, {}, '{"success":tr')),
		});
		const { body } = await restTo(peer.port).get("/jobs", PLENTY);
		expect(body.toString()).toBe('{"success":tr');
	});

	test("C28: an answer without a body is empty, and a redirect is not followed", async () => {
		const peer = await peerWith({
			request: ({ socket, nth }) =>
				socket.write(
					nth === 1
						? "HTTP/1.1 204 No Content\r\n\r\n"
						: httpAnswer(302, { Location: "/api/v1/other" }),
				),
		});
		const rest = restTo(peer.port);
		expect(await rest.get("/events", PLENTY)).toMatchObject({
			status: 204,
			contentType: null,
			body: Buffer.alloc(0),
		});
		expect((await rest.get("/jobs", PLENTY)).status).toBe(302);
		expect(peer.requests.all).toHaveLength(2);
	});

	test("of a later request comes over the same connection", async () => {
		const peer = await peerWith();
		const rest = restTo(peer.port);
		for (let n = 0; n < 3; n++) await rest.get("/health", PLENTY);
		expect(peer.connections.all).toHaveLength(1);
	});

	test("is waited for in turn when several are asked at once", async () => {
		const peer = await peerWith();
		const rest = restTo(peer.port);
		const answers = await Promise.all(
			["/a", "/b", "/c"].map((path) => rest.get(path, PLENTY)),
		);
		expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
		expect(peer.connections.all).toHaveLength(1);
		expect(peer.requests.all.map(({ nth }) => nth)).toEqual([1, 2, 3]);
	});
});

describe("a reused connection that is dead", () => {
	test("C31: a reused connection that is dead costs one retry on a fresh one, and nobody notices", async () => {
		const peer = await peerWith({
			request: ({ socket, connection, nth }) => {
				if (connection === 1 && nth === 2) socket.destroy();
				else socket.write(httpAnswer(200, {}, `${connection}`));
			},
		});
		const rest = restTo(peer.port);
		await rest.get("/health", PLENTY);
		const { body } = await rest.get("/health", PLENTY);
		expect(body.toString()).toBe("2");
	});

	test("C31: a request over a reused connection that is dead is retried once only", async () => {
		const peer = await peerWith({
			request: ({ socket, nth, connection }) => {
				if (connection === 1 && nth === 1) socket.write(httpAnswer(200));
				else socket.destroy();
			},
		});
		const rest = restTo(peer.port);
		await rest.get("/health", PLENTY);
		const failure = await failureOf(rest.get("/health", PLENTY));
		expect(failure.phase).toBe("request");
		expect(peer.requests.all).toHaveLength(3);
	});

	test("is not retried when the answer had begun", async () => {
		const peer = await peerWith({
			request: ({ socket, nth }) => {
				if (nth === 1) socket.write(httpAnswer(200));
				else socket.end("HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nhalf");
			},
		});
		const rest = restTo(peer.port);
		await rest.get("/health", PLENTY);
		const failure = await failureOf(rest.get("/health", PLENTY));
		expect(failure).toMatchObject({ phase: "request", timedOut: false });
		expect(peer.requests.all).toHaveLength(2);
	});

	test("C31: a request over a fresh connection that is reset is not retried", async () => {
		const peer = await peerWith({
			request: ({ socket }) => socket.destroy(),
		});
		const failure = await failureOf(restTo(peer.port).get("/a", PLENTY));
		expect(failure).toMatchObject({ phase: "request", bytesReceived: 0 });
		expect(failure.secureForMs).not.toBeNull();
		expect(peer.requests.all).toHaveLength(1);
	});
});

describe("a failure", () => {
	test("of the dial carries its own phase and cause", async () => {
		const peer = await peerWith();
		await peer.close();
		const failure = await failureOf(restTo(peer.port).get("/a", PLENTY));
		expect(failure).toMatchObject({
			phase: "tcp",
			causes: [{ code: "ECONNREFUSED" }],
		});
	});

	test("of a wrong name is told to every request that waited", async () => {
		const peer = await peerWith({
			identity: stage.authority.issue({ names: ["other.test"] }),
		});
		const rest = restTo(peer.port);
		const failures = await Promise.all([
			failureOf(rest.get("/a", PLENTY)),
			failureOf(rest.get("/b", PLENTY)),
		]);
		for (const failure of failures)
			expect(failure.causes[0]?.code).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
	});

	test("after TLS 1.3, a client certificate that is not accepted, shows no byte received", async () => {
		const peer = await peerWith({
			clientCa: createTestAuthority("Other Root").certPem,
		});
		const failure = await failureOf(restTo(peer.port).get("/a", PLENTY));
		expect(failure).toMatchObject({ phase: "request", bytesReceived: 0 });
		expect(failure.secureForMs).toBeLessThan(2_000);
	});

	test("of a peer that speaks HTTP/2 is recognised", async () => {
		const peer = await peerWith({
			alpn: null,
			secured: (socket) => socket.write(HTTP2_SETTINGS),
			request: () => {},
		});
		const failure = await failureOf(restTo(peer.port).get("/a", PLENTY));
		expect(failure).toMatchObject({ phase: "request", alpn: "h2" });
	});

	test("of a path that cannot be sent is told like any other", async () => {
		const peer = await peerWith();
		const failure = await failureOf(restTo(peer.port).get("/a b\n", PLENTY));
		expect(failure.causes[0]?.code).toBe("UND_ERR_INVALID_ARG");
		expect(peer.connections.all).toHaveLength(0);
	});

	test("does not stop the next request from trying again", async () => {
		const peer = await peerWith();
		const proxy = await stage.proxy(peer);
		proxy.set({ refuse: true });
		const rest = restTo(proxy.port);
		await failureOf(rest.get("/a", PLENTY));
		proxy.set({});
		expect((await rest.get("/a", PLENTY)).status).toBe(200);
	});
});

describe("the total deadline", () => {
	const SHORT = { timeoutMs: 60, maxBytes: 1_000 };

	test("ends a request that is never answered", async () => {
		const peer = await peerWith({ request: () => {} });
		const failure = await failureOf(restTo(peer.port).get("/a", SHORT));
		expect(failure).toMatchObject({
			phase: "request",
			timedOut: true,
			causes: [{ message: "request: no answer within 60 ms" }],
		});
	});

	test("ends a body that drips", async () => {
		let drip: TLSSocket | null = null;
		const dripping = clockwork(() => drip?.write("x"));
		stage.later(dripping);
		const peer = await peerWith({
			request: ({ socket }) => {
				drip = socket;
				socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n");
			},
		});
		const failure = await failureOf(restTo(peer.port).get("/a", SHORT));
		expect(failure).toMatchObject({ phase: "request", timedOut: true });
		expect(failure.bytesReceived).toBeGreaterThan(0);
		await peer.closed.waitFor();
	});

	test("ends a dial that takes too long, in its phase", async () => {
		const peer = await peerWith({ muteTcp: true });
		const failure = await failureOf(restTo(peer.port).get("/a", SHORT));
		expect(failure).toMatchObject({ phase: "tls", timedOut: true });
		await peer.closed.waitFor();
	});
});

describe("bounds and ends", () => {
	test("a body beyond the limit ends the request and its connection", async () => {
		const peer = await peerWith({
			request: ({ socket }) =>
				socket.write(httpAnswer(200, {}, "x".repeat(200_000))),
		});
		const failure = await failureOf(
			restTo(peer.port).get("/a", { timeoutMs: 3_000, maxBytes: 100_000 }),
		);
		expect(failure.causes[0]?.message).toBe(
			"the body is larger than 100000 bytes",
		);
		await peer.closed.waitFor();
	});

	test("an abort ends the request at once, before and after the answer began", async () => {
		const peer = await peerWith({
			request: ({ socket }) =>
				socket.write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n"),
		});
		const rest = restTo(peer.port);
		const early = AbortSignal.abort();
		expect(
			(await failureOf(rest.get("/a", { ...PLENTY, signal: early }))).causes[0]
				?.code,
		).toBe("ABORT_ERR");
		expect(peer.connections.all).toHaveLength(0);
		const control = new AbortController();
		const answer = failureOf(
			rest.get("/b", { ...PLENTY, signal: control.signal }),
		);
		await peer.requests.waitFor();
		control.abort();
		expect((await answer).causes[0]?.code).toBe("ABORT_ERR");
		await peer.closed.waitFor();
	});

	test("close fails what is in flight and closes the connection", async () => {
		const peer = await peerWith({ request: () => {} });
		const rest = restTo(peer.port);
		const answer = failureOf(rest.get("/a", PLENTY));
		await peer.requests.waitFor();
		rest.close();
		rest.close();
		expect((await answer).causes[0]?.message).toBe("closed by Foredeck");
		await peer.closed.waitFor();
		await failureOf(rest.get("/b", PLENTY));
		expect(peer.connections.all).toHaveLength(1);
	});

	test("an idle connection is closed by close", async () => {
		const peer = await peerWith();
		const rest = restTo(peer.port);
		await rest.get("/a", PLENTY);
		rest.close();
		await peer.closed.waitFor();
	});
});

/** Runs `beat` every few milliseconds until it is stopped. */
function clockwork(beat: () => void): () => void {
	let stopped = false;
	const next = (): void => {
		if (stopped) return;
		beat();
		clock.at(clock.monotonicMs() + 5, next);
	};
	next();
	return () => {
		stopped = true;
	};
}
