// Every switch of faults.ts at least once, on real sockets: what a console meets when it is thrown.
import { afterEach, expect, test } from "vitest";
import {
	ask,
	type Frame,
	handshake,
	live,
	talk,
} from "../testkit/agentClient.ts";
import {
	type DemoWorld,
	handClock,
	openDemoWorld,
	SHORT_JOB,
	untilTrue,
} from "../testkit/demoWorld.ts";
import type { AgentOptions } from "./agent.ts";
import { type AgentFault, faultSchema } from "./faults.ts";

let demo: DemoWorld | undefined;
afterEach(() => demo?.stop());

const thrown = new Set<string>();

/** An agent with these switches thrown from the start, on a clock that is moved by hand. */
async function agentWith(
	faults: readonly AgentFault[],
	options: Partial<AgentOptions> = {},
) {
	const clock = handClock();
	demo = openDemoWorld(clock);
	for (const each of faults) thrown.add(each.kind);
	const agent = await demo.agent({ ...options, faults });
	return { clock, agent, demo, target: demo.target(agent) };
}
const isJob = (frame: Frame) => frame.event === "job_status";
const codeOf = (trying: Promise<unknown>) =>
	trying.then(
		() => "accepted",
		(error: NodeJS.ErrnoException) => error.code ?? error.message,
	);
const EXTENDED = { dialect: "extended" } as const;
const NO_CHALLENGE: AgentFault = {
	kind: "extensions",
	offer: ["events.v1", "longpoll.v1"],
};

test("stub-101 and wrong-accept fail the handshake of a careful client", async () => {
	const { agent, target } = await agentWith([{ kind: "stub-101" }]);
	await expect(live(target)).rejects.toThrow("Sec-WebSocket-Accept");
	agent.clearFault("stub-101");
	agent.setFault({ kind: "wrong-accept" });
	thrown.add("wrong-accept");
	await expect(live(target)).rejects.toThrow("Sec-WebSocket-Accept");
	agent.clearFault();
	(await live(target)).close();
});

test("h2-first prefers h2 where it is offered, h2-only refuses everything else", async () => {
	const first = await agentWith([{ kind: "h2-first" }], { dialect: "stub" });
	expect((await handshake(first.target, ["http/1.1", "h2"])).alpn).toBe("h2");
	expect((await handshake(first.target, ["http/1.1"])).alpn).toBe("http/1.1");
	await demo?.stop();
	const only = await agentWith([{ kind: "h2-only" }]);
	expect((await handshake(only.target, ["h2"])).alpn).toBe("h2");
	expect(await codeOf(handshake(only.target, ["http/1.1"]))).toBe(
		"ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL",
	);
});

test.each([
	["expired", "CERT_HAS_EXPIRED"],
	["not-yet-valid", "CERT_NOT_YET_VALID"],
	["wrong-name", "ERR_TLS_CERT_ALTNAME_INVALID"],
	["no-san", "ERR_TLS_CERT_ALTNAME_INVALID"],
	["self-signed", "DEPTH_ZERO_SELF_SIGNED_CERT"],
	["other-ca", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
] as const)(
	"certificate %s is refused by a client with %s",
	async (problem, code) => {
		const { agent, target } = await agentWith([
			{ kind: "certificate", problem },
		]);
		expect(await codeOf(handshake(target))).toBe(code);
		agent.clearFault("certificate");
		expect(await codeOf(handshake(target))).toBe("accepted");
	},
);

test.each(["unknown-ca", "revoked"] as const)(
	"client-refused (%s) ends the connection after the client believes it is secure",
	async (why) => {
		const { agent, target } = await agentWith([
			{ kind: "client-refused", why },
		]);
		expect(await codeOf(handshake(target))).toBe("accepted");
		expect(await codeOf(ask(target, "/health"))).toMatch(
			/ECONNRESET|EPIPE|ALERT/,
		);
		expect(agent.connections()).toBe(0);
	},
);

test("without a client certificate nobody gets in", async () => {
	const { target } = await agentWith([]);
	const { address, port, servername, caPem } = target;
	const stranger = { address, port, servername, caPem };
	expect(await codeOf(ask(stranger, "/health"))).toMatch(
		/CERTIFICATE_REQUIRED|ECONNRESET|EPIPE/,
	);
});

test("whitelist hangs, resets or answers 403", async () => {
	const { agent, target } = await agentWith([
		{ kind: "whitelist", how: "reset" },
	]);
	expect(await codeOf(handshake(target))).toBe("ECONNRESET");
	agent.setFault({ kind: "whitelist", how: "403" });
	const refused = await ask(target, "/api/v1/health");
	expect(refused.status).toBe(403);
	expect(refused.json()).toMatchObject({ error: { code: "AUTHZ_IP_DENIED" } });
	await expect(live(target)).rejects.toMatchObject({
		answer: { statusCode: 403 },
	});
	agent.setFault({ kind: "whitelist", how: "hang" });
	const giveUp = AbortSignal.timeout(200);
	expect(await codeOf(ask(target, "/health", { signal: giveUp }))).toBe(
		"ABORT_ERR",
	);
});

test.each(["tcp", "tls", "101"] as const)(
	"mute after %s says nothing more",
	async (after) => {
		const { agent, target } = await agentWith([{ kind: "mute", after }]);
		const giveUp = () => AbortSignal.timeout(200);
		if (after === "101") {
			const client = await live(target);
			await agent.waitForConnection();
			client.ping();
			client.send({ action: "subscribe" });
			// REST goes on beside it, so by now an answer would have come.
			await ask(target, "/health");
			expect(client.frames).toEqual([]);
			client.close();
			return;
		}
		if (after === "tls")
			expect(await codeOf(handshake(target))).toBe("accepted");
		expect(await codeOf(ask(target, "/health", { signal: giveUp() }))).toBe(
			"ABORT_ERR",
		);
	},
);

test.each([401, 403, 404, 426, 503])(
	"upgrade-status %i answers the upgrade so",
	async (status) => {
		const { target } = await agentWith([
			{ kind: "upgrade-status", status, retryAfterSeconds: 30 },
		]);
		await expect(live(target)).rejects.toMatchObject({
			answer: { statusCode: status, headers: { "retry-after": "30" } },
		});
		expect((await ask(target, "/health")).status).toBe(200);
	},
);

test("ipv6-only listens on ::1 alone", async () => {
	const { agent, target } = await agentWith([{ kind: "ipv6-only" }]);
	expect(agent.address).toBe("::1");
	expect((await ask(target, "/health")).status).toBe(200);
	const v4 = { ...target, address: "127.0.0.1" };
	expect(await codeOf(ask(v4, "/health"))).toBe("ECONNREFUSED");
});

/** Runs two jobs over one connection and returns the job events it heard. */
async function heard(fault: AgentFault, count: number): Promise<string[]> {
	const { clock, agent, target } = await agentWith([fault]);
	const client = await live(target);
	await agent.waitForConnection();
	agent.submit(SHORT_JOB);
	agent.submit(SHORT_JOB);
	clock.advance(1000);
	agent.push('{"event":"the end"}');
	await client.seen(({ event }) => event === "the end");
	expect(client.frames.filter(isJob)).toHaveLength(count);
	const words = client.frames.filter(isJob).map(({ status }) => String(status));
	client.close();
	return words;
}
const P = "pending";
const R = "running";
const C = "completed";

test("deaf hears N events and then nothing, drop misses k, duplicate hears all twice", async () => {
	expect(await heard({ kind: "deaf", afterEvents: 3 }, 3)).toEqual([P, P, R]);
	await demo?.stop();
	const drop: AgentFault = { kind: "drop", afterEvents: 1, events: 2 };
	expect(await heard(drop, 4)).toEqual([P, C, R, C]);
	await demo?.stop();
	expect(await heard({ kind: "duplicate" }, 12)).toEqual(
		[P, P, R, C, R, C].flatMap((word) => [word, word]),
	);
});

test("swap tells neighbours in the wrong order and a lonely one late", async () => {
	const { clock, agent, target } = await agentWith([{ kind: "swap" }]);
	const client = await live(target);
	await agent.waitForConnection();
	agent.submit(SHORT_JOB);
	clock.advance(200);
	clock.advance(500);
	const words = (await client.seen(isJob, 3)).map(({ status }) => status);
	expect(words).toEqual([R, P, C]);
	client.close();
});

test("no-ping never pings and never drops, but answers", async () => {
	const { clock, agent, target } = await agentWith([{ kind: "no-ping" }]);
	const client = await live(target, { autoPong: false });
	await agent.waitForConnection();
	clock.advance(60_000);
	client.ping();
	await client.ponged();
	expect(client.pings()).toBe(0);
	client.close();
});

test("ping-pause is silent for its time and then tells what happened meanwhile", async () => {
	const { clock, agent, target } = await agentWith([
		{ kind: "ping-pause", afterSeconds: 1, seconds: 20 },
	]);
	const client = await live(target);
	await agent.waitForConnection();
	clock.advance(1000);
	agent.submit(SHORT_JOB);
	clock.advance(19_900);
	await ask(target, "/health");
	expect(client.pings()).toBe(0);
	expect(client.frames.filter(isJob)).toEqual([]);
	clock.advance(5000);
	await client.seen(isJob, 3);
	await client.pinged(1);
	client.close();
});

test("close ends the stream with code and reason, at once or after N events", async () => {
	const { agent, target } = await agentWith([
		{ kind: "close", code: 1001, reason: "drain:deploy" },
	]);
	const first = await live(target);
	expect(await first.closed).toEqual({ code: 1001, reason: "drain:deploy" });
	agent.setFault({
		kind: "close",
		code: 1000,
		reason: "replaced",
		afterEvents: 1,
	});
	const second = await live(target);
	await agent.waitForConnection(2);
	agent.submit(SHORT_JOB);
	expect(await second.closed).toEqual({ code: 1000, reason: "replaced" });
	expect(second.frames.filter(isJob)).toHaveLength(1);
});

test("frame sends binary, broken and oversize messages", async () => {
	const { agent, target } = await agentWith([
		{ kind: "frame", what: "binary" },
	]);
	const binary = await live(target);
	await binary.seen((frame) => frame.binary === 4);
	agent.setFault({ kind: "frame", what: "bad-json" });
	const broken = await live(target);
	await broken.seen((frame) => typeof frame.raw === "string");
	agent.setFault({ kind: "frame", what: "oversize" });
	const refusing = await live(target);
	expect((await refusing.closed).code).toBe(1006);
	expect(refusing.frames.map(({ event }) => event)).toEqual(["connected"]);
	binary.close();
	broken.close();
});

test("status-word and timed-out put their words into events and REST", async () => {
	const { clock, agent, target } = await agentWith([
		{ kind: "status-word", word: "paused" },
		{ kind: "timed-out", spelling: "timeout" },
	]);
	const client = await live(target);
	await agent.waitForConnection();
	const job = agent.submit(SHORT_JOB);
	clock.advance(50);
	const status = async () =>
		(await ask(target, `/api/v1/jobs/${job.id}`)).data().status;
	expect(await status()).toBe("paused");
	clock.advance(200);
	expect(await status()).toBe("timeout");
	const words = (await client.seen(isJob, 3)).map((event) => event.status);
	expect(words).toEqual([P, "paused", "timeout"]);
	agent.clearFault("timed-out");
	expect(await status()).toBe("timedout");
	client.close();
});

test("timestamps and clock-skew change how and what moments are told", async () => {
	const { clock, target } = await agentWith([
		{ kind: "timestamps", zone: "Z", digits: 7 },
		{ kind: "clock-skew", seconds: -90 },
	]);
	const { timestamp } = (await ask(target, "/api/v1/health")).json();
	expect(timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{7}Z$/);
	expect(Math.floor(Date.parse(String(timestamp)))).toBe(
		Math.floor(clock.wallMs()) - 90_000,
	);
});

test("challenge misbehaves in its five ways", async () => {
	const challenges = (frames: readonly Frame[]) =>
		frames.filter(({ event }) => event === "auth_challenge");
	const { agent, target } = await agentWith(
		[{ kind: "challenge", how: "twice" }],
		EXTENDED,
	);
	const met = async (
		how: "never" | "short-nonce" | "twice" | "silent" | "refuse",
	) => {
		agent.setFault({ kind: "challenge", how });
		const client = await live(target);
		await client.seen(({ event }) => event === "connected");
		if (how !== "never")
			await client.seen(({ event }) => event === "auth_challenge");
		client.send({ action: "auth_response", certificate: "", signature: "" });
		if (how === "refuse")
			await client.seen(({ event }) => event === "auth_failed");
		await ask(target, "/health");
		client.close();
		return client.frames;
	};
	expect(challenges(await met("never"))).toHaveLength(0);
	expect(challenges(await met("twice"))).toHaveLength(2);
	const [short] = challenges(await met("short-nonce"));
	expect(Buffer.from(String(short?.nonce), "base64").length).toBeLessThan(16);
	expect((await met("silent")).map(({ event }) => event)).toEqual([
		"connected",
		"auth_challenge",
	]);
	expect(await met("refuse")).toContainEqual({
		event: "auth_failed",
		reason: "this identity is not welcome",
	});
});

test("extensions offers any subset", async () => {
	const { target } = await agentWith([
		{ kind: "extensions", offer: ["parent.v1"] },
	]);
	const health = await ask(target, "/api/v1/health");
	expect(health.data().extensions).toEqual(["parent.v1"]);
	expect((await ask(target, "/api/v1/events?since=0")).status).toBe(405);
});

test("cut ends the socket without a close frame at the moment asked for, once", async () => {
	for (const at of ["middle", "end"] as const) {
		const { clock, agent, target } = await agentWith([{ kind: "cut", at }]);
		const client = await live(target);
		await agent.waitForConnection();
		const job = agent.submit(SHORT_JOB);
		clock.advance(50);
		if (at === "end") await client.seen(isJob, 2);
		clock.advance(50);
		expect((await client.closed).code).toBe(1006);
		const words = client.frames.filter(isJob).map(({ status }) => status);
		expect(words).not.toContain(C);
		expect(agent.job(job.id)?.state).toBe("completed");
		const again = await live(target);
		await agent.waitForConnection(2);
		agent.submit(SHORT_JOB);
		clock.advance(100);
		await again.seen(isJob, 3);
		again.close();
		await demo?.stop();
	}
});

test("kill leaves nobody listening until the agent is back on the same port", async () => {
	const { clock, agent, target } = await agentWith([
		{ kind: "kill", afterSeconds: 2, backAfterSeconds: 3 },
	]);
	const client = await live(target);
	const job = agent.submit({ ...SHORT_JOB, runMs: 60_000 });
	clock.advance(2000);
	expect((await client.closed).code).toBe(1006);
	expect(await codeOf(ask(target, "/health"))).toBe("ECONNREFUSED");
	expect(agent.alive()).toBe(false);
	const back = new Promise((resolve) => agent.onJob(resolve));
	clock.advance(3000);
	await back;
	await untilTrue(() => agent.alive());
	const { status, error_code } = (
		await ask(target, `/api/v1/jobs/${job.id}`)
	).data();
	expect([status, error_code]).toEqual(["failed", "AGENT_REBOOTED"]);
});

test("restart forgets, or comes back with AGENT_REBOOTED, and the log has a new epoch", async () => {
	for (const forget of [true, false]) {
		const { clock, agent, target } = await agentWith(
			[{ kind: "restart", forget, downSeconds: 2 }, NO_CHALLENGE],
			EXTENDED,
		);
		const states: string[] = [];
		agent.onJob(({ state }) => states.push(state));
		const epoch = async () =>
			(await ask(target, "/api/v1/events?since=0")).data().epoch;
		const before = await epoch();
		const job = agent.submit(SHORT_JOB);
		clock.advance(50);
		expect(agent.alive()).toBe(false);
		clock.advance(2000);
		await untilTrue(() => agent.alive());
		expect(states).toEqual([P, R, "dead", forget ? "lost" : "failed"]);
		const answer = await ask(target, `/api/v1/jobs/${job.id}`);
		expect(answer.status).toBe(forget ? 404 : 200);
		expect(await epoch()).not.toBe(before);
		await demo?.stop();
	}
});

test("a phantom job is told, and is gone when somebody looks", async () => {
	const { clock, agent, target } = await agentWith([
		{ kind: "phantom", everySeconds: 30 },
	]);
	const client = await live(target);
	await agent.waitForConnection();
	// In small steps, so that the client lives through its heartbeats.
	for (let beat = 1; beat <= 7; beat++) {
		clock.advance(4400);

		await client.pinged(Math.floor((beat * 4400) / 5000));
		client.ping();
		await client.ponged(beat);
	}
	const events = await client.seen(isJob, 3);
	expect(events.map(({ status }) => status)).toEqual([P, R, C]);
	const id = String(events[0]?.job_id);
	expect((await ask(target, `/api/v1/jobs/${id}`)).status).toBe(404);
	client.close();
});

test("flapping cuts the sockets again and again until it is taken back", async () => {
	const { clock, agent, target } = await agentWith([
		{ kind: "flapping", everySeconds: 2 },
	]);
	for (let time = 1; time <= 3; time++) {
		const client = await live(target);
		await agent.waitForConnection(time);
		clock.advance(2000);
		expect((await client.closed).code).toBe(1006);
	}
	agent.clearFault("flapping");
	const client = await live(target);
	await agent.waitForConnection(4);
	clock.advance(4000);
	await client.seen(({ event }) => event === "connected");
	expect(agent.openConnections()).toBe(1);
	client.close();
});

test("rate-limit answers 429 with Retry-After and plain text where it applies", async () => {
	const { target } = await agentWith([
		{ kind: "rate-limit", retryAfterSeconds: 7, path: "/jobs" },
	]);
	const answer = await ask(target, "/api/v1/jobs");
	expect(answer.status).toBe(429);
	expect(answer.headers).toMatchObject({
		"retry-after": "7",
		"content-type": "text/plain; charset=utf-8",
	});
	expect(answer.text).toContain("7");
	expect((await ask(target, "/api/v1/patches")).status).toBe(200);
});

test("empty-405, success-false and truncated-json spoil the answer", async () => {
	const { agent, target } = await agentWith([{ kind: "empty-405" }]);
	const empty = await ask(target, "/api/v1/jobs");
	expect([empty.status, empty.text]).toEqual([405, ""]);
	agent.clearFault();
	agent.setFault({ kind: "success-false" });
	const unhappy = await ask(target, "/api/v1/jobs");
	expect(unhappy.status).toBe(200);
	expect(unhappy.json()).toMatchObject({ success: false, data: null });
	agent.clearFault();
	agent.setFault({ kind: "truncated-json" });
	expect(await codeOf(ask(target, "/api/v1/jobs"))).toBe("ECONNRESET");
	for (const kind of ["success-false", "truncated-json"]) thrown.add(kind);
});

test("slow-loris gives a byte at a time", async () => {
	const { clock, target } = await agentWith([
		{ kind: "slow-loris", bytesPerSecond: 10, path: "/jobs" },
	]);
	const received: string[] = [];
	const conversation = talk(
		target,
		"GET /api/v1/jobs HTTP/1.1\r\nHost: agent\r\n\r\n",
		(text) => {
			received.push(text);
			clock.advance(100);
			return text.length > 400 || received.length > 40;
		},
	);
	await conversation;
	const bodies = received.map(
		(text) => (text.split("\r\n\r\n")[1] ?? "").length,
	);
	expect(bodies.slice(0, 10)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("huge-logs makes a job's log as large as asked", async () => {
	const { agent, target } = await agentWith([
		{ kind: "huge-logs", megabytes: 10 },
	]);
	const job = agent.submit(SHORT_JOB);
	const answer = await ask(target, `/api/v1/jobs/${job.id}`);
	expect(answer.text.length).toBeGreaterThan(10 * 1024 * 1024);
});

test("longpoll waits for the next event, answers 204 after its time, and misbehaves in five ways", async () => {
	const { clock, agent, target } = await agentWith([NO_CHALLENGE], EXTENDED);
	const poll = () => ask(target, "/api/v1/events?since=0&wait=60");
	const waits = async (polling: Promise<unknown>) => {
		await Promise.race([polling, ask(target, "/health")]);
		await untilTrue(() => clock.pending() > 0);
	};
	const empty = poll();
	await waits(empty);
	clock.advance(60_000);
	const nothing = await empty;
	expect([nothing.status, nothing.text]).toEqual([204, ""]);
	const full = poll();
	await waits(full);
	agent.submit({ ...SHORT_JOB, startAfterMs: 1e6 });
	expect((await full).data()).toMatchObject({
		events: [{ event: "job_status", seq: 1 }],
		next: 1,
		oldest: 1,
	});
	thrown.add("longpoll");
	const odd = async (answer: "instant-204" | "empty" | "null" | "500") => {
		agent.setFault({ kind: "longpoll", answer });
		const { status, text } = await poll();
		return [status, text.slice(0, 4)];
	};
	expect(await odd("instant-204")).toEqual([204, ""]);
	expect(await odd("empty")).toEqual([200, ""]);
	expect(await odd("null")).toEqual([200, "null"]);
	expect((await odd("500"))[0]).toBe(500);
	agent.setFault({ kind: "longpoll", answer: "hang" });
	const giveUp = AbortSignal.timeout(200);
	const path = "/api/v1/events?since=1&wait=60";
	expect(await codeOf(ask(target, path, { signal: giveUp }))).toBe("ABORT_ERR");
});

test("every switch there is was thrown in this file", () => {
	const all = faultSchema.options.map((option) => option.shape.kind.value);
	expect([...thrown].sort()).toEqual([...all].sort());
});
