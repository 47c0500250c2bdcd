// Garbage on real sockets: every wrong frame ends one connection by the right close code and the link comes back, every right
// one is taken, and the other hosts do not notice. Broken HTTP answers end one request or one upgrade, and nothing else.
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { systemClock } from "../../shared/clock.ts";
import type { Activity, HostId, LinkStatus } from "../../shared/model.ts";
import {
	activitySchema,
	agentJobId,
	hostId,
	hostRunSchema,
	hostSchema,
	jobSchema,
	runKey,
} from "../../shared/model.ts";
import { RequestFailed } from "../core/agentApi/rest.ts";
import type { Console } from "../core/console.ts";
import { openConsole } from "../core/console.ts";
import { causesOf } from "../core/transport/failure.ts";
import { openWebSocketTransport } from "../core/transport/webSocket.ts";
import { createTestAuthority, identityOf } from "../testkit/certificates.ts";
import { openChance, seedOfCase } from "../testkit/fuzz/chance.ts";
import { escaped, keptIn } from "../testkit/fuzz/judge.ts";
import { mutated } from "../testkit/fuzz/mutate.ts";
import type { Wire } from "../testkit/fuzz/webSocketBytes.ts";
import {
	BAD_WIRES,
	bytesOfFrame,
	GOOD_WIRES,
	randomWire,
} from "../testkit/fuzz/webSocketBytes.ts";
import { CONNECTED } from "../testkit/memoryTransport.ts";
import type { RawRequest } from "../testkit/rawPeer.ts";
import { httpAnswer, openRawPeer, switching } from "../testkit/rawPeer.ts";
import { recordConnection } from "../testkit/recordedConnection.ts";
import { openRestStage, PLENTY } from "../testkit/restStage.ts";
import { openMemoryVault } from "../vault/memory.ts";

const clock = systemClock();
const closing: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close();
});

const SEED = 20_261_121;
const JOB = "5d0c7c1e-8a53-4f0e-9a3e-0f1f3d1b2c11";
const TEXT = 1;
const text = (value: object): Buffer =>
	bytesOfFrame({ opcode: TEXT, payload: JSON.stringify(value) });
const event = (status: string) =>
	text({
		event: "job_status",
		job_id: JOB,
		status,
		progress: 100,
		message: "",
	});

const json = (data: unknown): string =>
	httpAnswer(
		200,
		{ "Content-Type": "application/json" },
		JSON.stringify({ success: true, data, error: null }),
	);

/** One agent that says something wrong, once. */
interface Played {
	readonly id: string;
	/** After the greeting of its first connection. */
	readonly bytes: Buffer;
	/** Sockets opened so far; what the console sent on the first one after the upgrade. */
	sockets: RawRequest["socket"][];
	readonly heard: Buffer[];
}

const play = (id: string, bytes: Buffer): Played => ({
	id,
	bytes,
	sockets: [],
	heard: [],
});

const NEIGHBOURS = ["good-1", "good-2", "good-3"];

/** A console with the played agents, and three good ones beside them. */
async function openStage(played: readonly Played[]) {
	const all = [...NEIGHBOURS.map((id) => play(id, Buffer.alloc(0))), ...played];
	const authority = createTestAuthority();
	const agentOf = (head: string): Played => {
		const name = /^host: ([^.]+)\./im.exec(head)?.[1];
		const found = all.find(({ id }) => id === name);
		if (found === undefined) throw new Error(`a request for ${name}`);
		return found;
	};
	const peer = await openRawPeer({
		identity: authority.issue({
			names: all.map(({ id }) => `${id}.fleet.test`),
			ips: ["127.0.0.1"],
		}),
		clientCa: authority.certPem,
		request({ socket, head }) {
			if (/^upgrade: websocket/im.test(head))
				return upgradeOf(agentOf(head), socket, head);
			const path = head.split(" ", 2)[1] ?? "";
			if (path.includes("/health"))
				return socket.write(json({ status: "healthy" }));
			if (path.includes("/jobs?"))
				return socket.write(
					json({
						jobs: [{ job_id: JOB, operation: "install", status: "running" }],
						total: 1,
					}),
				);
			return socket.write(
				json({
					job_id: JOB,
					operation: "install",
					status: "running",
					hostname: "x",
				}),
			);
		},
	});
	function upgradeOf(
		agent: Played,
		socket: RawRequest["socket"],
		head: string,
	): void {
		agent.sockets.push(socket);
		if (agent.sockets.length === 1)
			socket.on("data", (bytes: Buffer) => agent.heard.push(bytes));
		socket.write(switching(head));
		socket.write(bytesOfFrame({ opcode: TEXT, payload: CONNECTED }));
	}
	closing.push(peer.close);
	const told: Activity[] = [];
	const links: { readonly host: HostId; readonly status: LinkStatus }[] = [];
	const core: Console = openConsole(
		{
			version: "0.0.0-test",
			shell: "node",
			demo: false,
			inventory: {
				name: "test",
				hosts: all.map(({ id }) => ({
					id: hostId(id),
					address: "127.0.0.1",
					port: peer.port,
					servername: `${id}.fleet.test`,
					minTls: "1.2",
					labels: {},
				})),
			},
			identity: identityOf(
				authority.issue({ commonName: "console", purpose: "client" }),
				authority.certPem,
			),
			fault: null,
		},
		{ clock, log: () => {}, random: Math.random, vault: openMemoryVault() },
	);
	closing.push(core.stop);
	core.listen({
		link: (host, status) => links.push({ host, status }),
		activity: (line) => told.push(line),
	});
	const channel = (id: string) =>
		core.fleet.member(hostId(id))?.link.status.channel;
	const until = async (what: string, isTrue: () => boolean): Promise<void> => {
		const deadlineMs = clock.monotonicMs() + 40_000;
		while (!isTrue()) {
			if (clock.monotonicMs() > deadlineMs)
				throw new Error(
					`waited in vain until ${what}: ${all.map(({ id }) => `${id} ${channel(id)}`).join(", ")}`,
				);
			await new Promise((done) =>
				clock.at(clock.monotonicMs() + 20, () => done(null)),
			);
		}
	};
	await until("every link is live", () =>
		all.every(
			({ id, sockets }) => channel(id) === "live" && sockets.length === 1,
		),
	);
	return {
		core,
		links,
		told,
		until,
		channel,
		linksOf: (id: string) => links.filter(({ host }) => host === id),
		/** Each agent says what it has to say, all at once. */
		speak(): void {
			for (const { sockets, bytes } of played) sockets[0]?.write(bytes);
		},
		/** The same, and each goes away without a goodbye. */
		speakAndLeave(): void {
			for (const { sockets, bytes } of played) sockets[0]?.end(bytes);
		},
		/** The good ones never lost their link, and what they tell arrives still. */
		async neighboursAreWell(): Promise<void> {
			const good = all.slice(0, NEIGHBOURS.length);
			for (const { sockets } of good) sockets[0]?.write(event("completed"));
			await until("the neighbours' runs have ended", () =>
				NEIGHBOURS.every(
					(id) =>
						core.book.runs.get(runKey(hostId(id), agentJobId(JOB)))?.state ===
						"succeeded",
				),
			);
			for (const { id, sockets } of good)
				expect([id, sockets.length, channel(id)]).toEqual([id, 1, "live"]);
		},
	};
}

/** The close code of the console's last frame, which is masked; 1005 of one without a code, null of none. */
function closeCodeIn(heard: readonly Buffer[]): number | null {
	const bytes = Buffer.concat(heard);
	for (let at = 0; at + 6 <= bytes.length; ) {
		const length = (bytes[at + 1] ?? 0) & 0x7f;
		const mask = bytes.subarray(at + 2, at + 6);
		const payload = bytes
			.subarray(at + 6, at + 6 + length)
			.map((byte, index) => byte ^ (mask[index % 4] ?? 0));
		if (((bytes[at] ?? 0) & 0x0f) === 8)
			return length < 2 ? 1005 : ((payload[0] ?? 0) << 8) | (payload[1] ?? 0);
		at += 6 + length;
	}
	return null;
}

const playedOf = (wires: readonly Wire[]): Played[] =>
	wires.map(({ bytes }, index) => play(`wire-${index}`, bytes));

describe("a WebSocket of a peer that breaks the protocol", () => {
	test(`${BAD_WIRES.length} wrong conversations each end by their close code, and every host is followed again`, async () => {
		const played = playedOf(BAD_WIRES);
		const stage = await openStage(played);
		stage.speak();
		// A peer whose messages are too big for a socket is asked over HTTPS; every other one is dialed again.
		const isTooBig = (index: number): boolean =>
			BAD_WIRES[index]?.answer === 1009;
		await stage.until("every host is followed again", () =>
			played.every(({ id, sockets }, index) =>
				isTooBig(index)
					? stage.channel(id) === "polling"
					: sockets.length >= 2 && stage.channel(id) === "live",
			),
		);
		const answers = played.map(({ heard }, index) => [
			BAD_WIRES[index]?.name,
			closeCodeIn(heard),
		]);
		expect(answers).toEqual(
			BAD_WIRES.map(({ name, answer }) => [name, answer]),
		);
		for (const [index, { id, sockets }] of played.entries()) {
			expect([id, sockets.length]).toEqual([id, isTooBig(index) ? 1 : 2]);
			const lost = stage
				.linksOf(id)
				.find(({ status }) => status.fault !== null);
			expect([id, lost?.status.fault]).toEqual([id, BAD_WIRES[index]?.fault]);
		}
		await stage.neighboursAreWell();
	});

	test(`${GOOD_WIRES.length} unusual but right conversations are taken, and no link is lost`, async () => {
		const played = playedOf(GOOD_WIRES);
		const stage = await openStage(played);
		stage.speak();
		for (const { sockets } of played) sockets[0]?.write(event("completed"));
		await stage.until("what was said after them has arrived", () =>
			played.every(
				({ id }) =>
					stage.core.book.runs.get(runKey(hostId(id), agentJobId(JOB)))
						?.state === "succeeded",
			),
		);
		for (const { id, sockets } of played)
			expect([id, sockets.length, stage.channel(id)]).toEqual([id, 1, "live"]);
		await stage.neighboursAreWell();
	});

	test("60 conversations of random frames are survived, and every row that a window is told fits the contract", async () => {
		const played = Array.from({ length: 60 }, (_, index) =>
			play(`wire-${index}`, randomWire(openChance(seedOfCase(SEED, index)))),
		);
		const stage = await openStage(played);
		stage.speakAndLeave();
		await stage.until("every host is followed again", () =>
			played.every(({ id, sockets }) =>
				sockets.length > 1
					? stage.channel(id) === "live"
					: stage.channel(id) === "polling",
			),
		);
		await stage.neighboursAreWell();
		const { fleet, book } = stage.core;
		expect(book.runs.size).toBeGreaterThan(60);
		expect(() => {
			z.array(hostSchema).parse(fleet.rows());
			z.array(hostRunSchema).parse([...book.runs.values()]);
			z.array(jobSchema).parse([...book.jobs.values()]);
			z.array(activitySchema).parse(stage.told);
		}).not.toThrow();
		for (const { counts } of book.jobs.values()) {
			const { host, ...byState } = counts;
			const sum = Object.values(byState).reduce((a, b) => a + b, 0);
			expect(sum).toBe(host);
		}
	});
});

/** Raw answers, as agents and proxies give them. */
const ANSWERS: readonly string[] = [
	httpAnswer(200, { "Content-Type": "application/json" }, '{"success":true}'),
	httpAnswer(429, { "Retry-After": "5" }, "slow down"),
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n[1,2,\r\n2\r\n3]\r\n0\r\n\r\n",
	"HTTP/1.1 204 No Content\r\n\r\n",
	"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
	"HTTP/1.0 200 OK\r\nConnection: close\r\n\r\n{}",
	"HTTP/1.1 301 Moved\r\nLocation: https://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
];
const UPGRADES: readonly string[] = [
	...ANSWERS,
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: KEY\r\n\r\n",
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: KEY\r\nSec-WebSocket-Extensions: permessage-deflate\r\n\r\n",
	"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n",
];
/** Answers that no mutation comes upon. */
const WORST: readonly string[] = [
	`HTTP/1.1 200 OK\r\nX: ${"x".repeat(200_000)}\r\n\r\n`,
	`HTTP/1.1 200 OK\r\n${"X: y\r\n".repeat(20_000)}\r\n`,
	"HTTP/1.1 100 Continue\r\n\r\n".repeat(5_000),
	"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
	"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n{}",
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
	"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nFFFFFFFFFFFFFFFFF\r\n",
	"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n-5\r\nabc",
	`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${"1;x=y\r\n.\r\n".repeat(50_000)}`,
	`HTTP/1.1 200 OK\r\nContent-Length: 3000000\r\n\r\n${" ".repeat(3_000_000)}`,
	`HTTP/1.1 999 ${"\u0000".repeat(10)}\r\n\r\n`,
	"HTTP/9.9 200 OK\r\n\r\n",
	"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
	"\u0000\u0000\u0012\u0004\u0000\u0000\u0000\u0000\u0000",
	"SSH-2.0-OpenSSH_9.2\r\n",
	"",
];
const HTTP_CASES = 250;

/** The bytes of one case, in latin1. */
const answerOf = (seeds: readonly string[], index: number): string =>
	WORST[index] ?? mutated(seeds, openChance(seedOfCase(SEED, index)));

/** What is kept of an answer that nobody could read: excerpts and words, not the answer. */
const MOST_KEPT = 6_000;

describe("HTTP answers of a peer that breaks the protocol", () => {
	const { stage, peerWith, restTo } = openRestStage();
	afterEach(stage.close);

	test(`${HTTP_CASES} broken REST answers each end one request, by an answer or a failure of bounded size`, async () => {
		let index = 0;
		const peer = await peerWith({
			request: ({ socket }) =>
				socket.end(Buffer.from(answerOf(ANSWERS, index), "latin1")),
		});
		const rest = restTo(peer.port);
		const seen = { answered: 0, failed: 0 };
		for (; index < HTTP_CASES; index++) {
			const said = `case ${index}: ${escaped(answerOf(ANSWERS, index), 300)}`;
			await rest.get("/x", PLENTY).then(
				({ body, contentType }) => {
					seen.answered++;
					expect(body.length, said).toBeLessThanOrEqual(PLENTY.maxBytes);
					expect(contentType?.length ?? 0, said).toBeLessThan(20_000);
				},
				(error: unknown) => {
					if (!(error instanceof RequestFailed))
						throw new Error(`${said}: ${causesOf(error)[0]?.message}`);
					seen.failed++;
					expect(keptIn(error.failure).chars, said).toBeLessThan(MOST_KEPT);
				},
			);
		}
		expect(Math.min(seen.answered, seen.failed)).toBeGreaterThan(20);
		const good = await peerWith();
		expect((await restTo(good.port).get("/x", PLENTY)).status).toBe(200);
	});

	test(`${HTTP_CASES} broken answers to the upgrade each end one connection, told once`, async () => {
		let index = 0;
		const peer = await peerWith({
			request({ socket, head }) {
				const accept = /accept: (\S+)/i.exec(switching(head))?.[1] ?? "";
				const answer = answerOf(UPGRADES, index).replaceAll("KEY", accept);
				socket.end(Buffer.from(answer, "latin1"));
			},
		});
		const transport = openWebSocketTransport({
			contexts: stage.contexts,
			clock,
			upgradeMs: 3_000,
		});
		const seen = { opened: 0, refused: 0 };
		for (; index < HTTP_CASES; index++) {
			const said = `case ${index}: ${escaped(answerOf(UPGRADES, index), 300)}`;
			const { closed, happenings } = recordConnection(
				transport,
				stage.target(peer.port),
			);
			expect(keptIn(await closed()).chars, said).toBeLessThan(MOST_KEPT);
			const kinds = happenings.all.map(({ kind }) => kind);
			expect(
				kinds.filter((kind) => kind === "closed"),
				said,
			).toHaveLength(1);
			seen[kinds.includes("opened") ? "opened" : "refused"]++;
		}
		expect(Math.min(seen.opened, seen.refused)).toBeGreaterThan(5);
	});
});
