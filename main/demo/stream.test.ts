import { sign } from "node:crypto";
import { afterEach, expect, test } from "vitest";
import { type Frame, live, talk } from "../testkit/agentClient.ts";
import {
	type DemoWorld,
	handClock,
	openDemoWorld,
	SHORT_JOB,
} from "../testkit/demoWorld.ts";
import type { Agent } from "./agent.ts";
import { failureOf } from "./aptOutput.ts";
import { createAuthority } from "./authority.ts";
import { challengeText } from "./challenge.ts";

let demo: DemoWorld | undefined;
afterEach(() => demo?.stop());

const open = () => {
	const clock = handClock();
	demo = openDemoWorld(clock);
	return { clock, demo };
};
const isJob = (frame: Frame) => frame.event === "job_status";
const FAILS = failureOf("GPG_ERROR", ["curl"]);

test("a new agent greets first, then tells pending, running and the end with stale messages and the error", async () => {
	const { clock, demo } = open();
	const agent = await demo.agent();
	const client = await live(demo.target(agent));
	await agent.waitForConnection();
	const job = agent.submit({ ...SHORT_JOB, outcome: FAILS });
	clock.advance(200);
	const events = await client.seen(isJob, 3);
	expect(client.frames[0]).toEqual({
		event: "connected",
		job_id: "",
		status: "connected",
		progress: 0,
		message: expect.stringMatching(/^WebSocket connected: [0-9a-f-]{36}$/),
		timestamp: expect.stringMatching(/\+00:00$/),
	});
	expect(events.map(({ status }) => status)).toEqual([
		"pending",
		"running",
		"failed",
	]);
	expect(events[2]).toMatchObject({
		job_id: job.id,
		progress: 0,
		message: "Job created",
		error: expect.stringContaining("Caused by"),
		error_code: "GPG_ERROR",
	});
	expect(events[1]).not.toHaveProperty("error");
	client.close();
});

test("an old agent tells fresh messages, 0 10 100, times with Z and no errors", async () => {
	const { clock, demo } = open();
	const agent = await demo.agent({ dialect: "old" });
	const client = await live(demo.target(agent));
	await agent.waitForConnection();
	agent.submit(SHORT_JOB);
	agent.submit({ ...SHORT_JOB, outcome: FAILS });
	clock.advance(1000);
	const events = await client.seen(isJob, 6);
	const words = events.map((each) => `${each.status} ${each.progress}`);
	expect(words).toContain("running 10");
	expect(words).toContain("completed 100");
	expect(events.at(-1)).toMatchObject({ message: "Job failed" });
	expect(events.at(-1)).not.toHaveProperty("error");
	for (const { timestamp } of events) expect(timestamp).toMatch(/Z$/);
	client.close();
});

test("subscribing and unsubscribing are acknowledged, anything else is an error and the stream goes on", async () => {
	const { demo } = open();
	const client = await live(demo.target(await demo.agent()));
	client.send({ action: "subscribe" });
	client.send({ action: "subscribe", job_id: "abc" });
	client.send({ action: "unsubscribe", job_id: "abc" });
	client.send({ action: "unsubscribe" });
	client.send({ type: "ping" });
	client.send("text");
	await client.seen(({ event }) => event === "error", 3);
	expect(
		client.frames.slice(1).map(({ event, job_id }) => [event, job_id]),
	).toEqual([
		["subscribed", "all"],
		["subscribed", "abc"],
		["unsubscribed", "abc"],
		["error", ""],
		["error", ""],
		["error", ""],
	]);
	client.close();
});

test("the agent pings every 5 s, answers pings, and drops a client that was silent for more than 10 s without a close frame", async () => {
	const { clock, demo } = open();
	const agent = await demo.agent();
	const deaf = await live(demo.target(agent), { autoPong: false });
	const good = await live(demo.target(agent));
	await agent.waitForConnection(2);
	for (let beat = 1; beat <= 2; beat++) {
		clock.advance(5000);
		await good.pinged(beat);
		await good.seen(({ event }) => event === "connected");
		// A text frame does not count as a sign of life.
		deaf.send({ action: "subscribe" });
	}
	good.ping();
	await good.ponged();
	clock.advance(5000);
	expect(await deaf.closed).toEqual({ code: 1006, reason: "" });
	expect(agent.openConnections()).toBe(1);
	good.close();
});

test("the stub's answer to an upgrade is 101 without Sec-WebSocket-Accept and with JSON where frames belong", async () => {
	const { demo } = open();
	const target = demo.target(await demo.agent({ dialect: "stub" }));
	const bytes = await talk(
		target,
		"GET /api/v1/ws/jobs HTTP/1.1\r\nHost: agent\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
		(received) => received.endsWith("}"),
	);
	const [head = "", body = ""] = bytes.split("\r\n\r\n");
	expect(head.split("\r\n").slice(0, 3)).toEqual([
		"HTTP/1.1 101 Switching Protocols",
		"upgrade: websocket",
		"connection: upgrade",
	]);
	expect(head.toLowerCase()).not.toContain("sec-websocket-accept");
	expect(JSON.parse(body)).toMatchObject({
		event: "connected",
		ws_id: expect.any(String),
		polling_alternative: "/api/v1/jobs",
	});
	await expect(live(target)).rejects.toThrow("Sec-WebSocket-Accept");
});

/** An extended agent without the challenge. */
const eventsOnly = (demo: DemoWorld): Promise<Agent> =>
	demo.agent({
		dialect: "extended",
		faults: [
			{ kind: "extensions", offer: ["events.v1", "longpoll.v1", "parent.v1"] },
		],
	});

test("events.v1 numbers what is pushed, replays what was missed, and all of it to a client of another epoch", async () => {
	const { clock, demo } = open();
	const agent = await eventsOnly(demo);
	agent.submit(SHORT_JOB);
	clock.advance(500);
	const client = await live(demo.target(agent));
	await agent.waitForConnection();
	agent.submit({ ...SHORT_JOB, parent: { id: "p-1", label: "all of it" } });
	const [pushed] = await client.seen(isJob);
	expect(pushed).toMatchObject({
		seq: 4,
		epoch: expect.any(String),
		parent_job_id: "p-1",
		parent_label: "all of it",
	});
	client.send({ action: "subscribe", since: 2, epoch: pushed?.epoch });
	await client.seen(isJob, 3);
	client.send({ action: "subscribe", since: 2, epoch: "of old" });
	const all = await client.seen(isJob, 7);
	expect(all.map(({ seq }) => seq)).toEqual([4, 3, 4, 1, 2, 3, 4]);
	client.close();
});

test("challenge.v1 lets in who signs with a certificate of the authority, and nobody else", async () => {
	const { clock, demo } = open();
	const agent = await demo.agent({ dialect: "extended" });
	const target = demo.target(agent);
	const { authority } = demo.world;
	const stranger = createAuthority({ clock }).issueClient({
		commonName: "stranger",
	});
	const other = authority.issueClient({ commonName: "other" });
	const enter = async (
		how: { certPem: string; keyPem: string; name?: string } | "chatter",
	) => {
		const client = await live(target);
		const [challenge] = await client.seen(
			({ event }) => event === "auth_challenge",
		);
		const nonce = Buffer.from(String(challenge?.nonce), "base64");
		expect(nonce.length).toBe(32);
		if (how === "chatter") client.send({ action: "subscribe" });
		else
			client.send({
				action: "auth_response",
				certificate: how.certPem,
				signature: sign(
					"sha256",
					challengeText(how.name ?? target.servername, nonce),
					how.keyPem,
				).toString("base64"),
			});
		const [verdict] = await client.seen(
			({ event }) =>
				String(event).startsWith("auth_") && event !== "auth_challenge",
		);
		return { client, verdict };
	};
	const { client, verdict } = await enter(other);
	expect(verdict).toEqual({ event: "auth_ok" });
	agent.submit(SHORT_JOB);
	await client.seen(isJob);
	client.close();
	for (const [how, reason] of [
		[stranger, "not issued by this fleet"],
		[{ certPem: other.certPem, keyPem: stranger.keyPem }, "does not hold"],
		[{ ...other, name: "db-01.fleet.test" }, "does not hold"],
		["chatter", "authenticate first"],
	] as const) {
		const refused = await enter(how);
		expect(refused.verdict?.event).toBe("auth_failed");
		expect(refused.verdict?.reason).toContain(reason);
		expect((await refused.client.closed).code).toBe(1008);
	}
});

test("who does not answer the challenge hears no jobs and is refused after 10 s", async () => {
	const { clock, demo } = open();
	const agent = await demo.agent({ dialect: "extended" });
	const client = await live(demo.target(agent));
	await client.seen(({ event }) => event === "auth_challenge");
	agent.submit(SHORT_JOB);
	clock.advance(10_000);
	await client.closed;
	expect(client.frames.map(({ event }) => event)).toEqual([
		"connected",
		"auth_challenge",
		"auth_failed",
	]);
});

test("text can be pushed past every switch", async () => {
	const { demo } = open();
	const agent = await demo.agent();
	const client = await live(demo.target(agent));
	await agent.waitForConnection();
	agent.push("anything at all");
	await client.seen(({ raw }) => raw === "anything at all");
	client.close();
});
