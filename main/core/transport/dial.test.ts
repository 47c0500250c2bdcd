// How a dial proceeds and ends below TLS, over real sockets on this machine, and how it is aborted.
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../shared/clock.ts";
import { dialOn, failedDialOn } from "../../testkit/dialing.ts";
import { openFullBacklog } from "../../testkit/fullBacklog.ts";
import { AGENT_NAME, openTlsStage } from "../../testkit/tlsStage.ts";
import { dialTls } from "./dial.ts";
import type { Failure } from "./transport.ts";

const clock = systemClock();
const stage = openTlsStage();
afterEach(stage.close);

const codeOf = (failure: Failure): string | null =>
	failure.causes[0]?.code ?? null;

describe("names", () => {
	const lookupOf =
		(answers: Partial<Record<4 | 6, string>>, asked: number[] = []) =>
		(
			_name: string,
			family: 4 | 6,
			done: (error: Error | null, address: string) => void,
		): void => {
			asked.push(family);
			const found = answers[family];
			queueMicrotask(() =>
				found === undefined
					? done(
							Object.assign(new Error("getaddrinfo ENOTFOUND"), {
								code: "ENOTFOUND",
							}),
							"",
						)
					: done(null, found),
			);
		};

	test("are resolved to IPv4 first, and the phase is timed", async () => {
		const peer = await stage.peer();
		const asked: number[] = [];
		const { secured } = await dialOn(
			stage,
			stage.target(peer.port, { address: AGENT_NAME }),
			{
				lookup: lookupOf({ 4: "127.0.0.1", 6: "::1" }, asked),
			},
		);
		expect(asked).toEqual([4]);
		expect(secured?.timingsMs).toHaveProperty("dns");
	});

	test("without an A record go to IPv6", async () => {
		const asked: number[] = [];
		const failure = await failedDialOn(
			stage,
			stage.target(1, { address: AGENT_NAME }),
			{
				lookup: lookupOf({ 6: "::1" }, asked),
			},
		);
		expect(asked).toEqual([4, 6]);
		expect(failure.phase).toBe("tcp");
	});

	test("that do not exist fail in the phase dns", async () => {
		const failure = await failedDialOn(
			stage,
			stage.target(1, { address: AGENT_NAME }),
			{
				lookup: lookupOf({}),
			},
		);
		expect(failure).toMatchObject({ phase: "dns", timedOut: false });
		expect(codeOf(failure)).toBe("ENOTFOUND");
	});

	test("C12: names whose resolver is mute time out in the phase dns", async () => {
		const failure = await failedDialOn(
			stage,
			stage.target(1, { address: AGENT_NAME }),
			{
				lookup: () => {},
				deadlines: { connectMs: 20, tlsMs: 20 },
			},
		);
		expect(failure).toMatchObject({ phase: "dns", timedOut: true });
	});
});

describe("TCP", () => {
	test("refused", async () => {
		const peer = await stage.peer();
		await peer.close();
		const failure = await failedDialOn(stage, stage.target(peer.port));
		expect(failure).toMatchObject({ phase: "tcp", timedOut: false });
		expect(codeOf(failure)).toBe("ECONNREFUSED");
	});

	test("an impossible port is a failure, not a throw", async () => {
		const failure = await failedDialOn(stage, stage.target(70_000));
		expect(failure.phase).toBe("tcp");
		expect(codeOf(failure)).toBe("ERR_SOCKET_BAD_PORT");
	});

	test("reset in the middle of the handshake", async () => {
		const peer = await stage.peer();
		const proxy = await stage.proxy(peer);
		proxy.set({ resetAfterBytes: { direction: "down", bytes: 100 } });
		const failure = await failedDialOn(stage, stage.target(proxy.port));
		expect(failure).toMatchObject({ phase: "tls", secureForMs: null });
		expect(codeOf(failure)).toBe("ECONNRESET");
	});

	test("C12: no answer to TCP, by a full backlog, times out in the phase tcp", async () => {
		const full = await openFullBacklog();
		stage.later(full.close);
		const failure = await failedDialOn(stage, stage.target(full.port), {
			deadlines: { connectMs: 50, tlsMs: 50 },
		});
		expect(failure).toMatchObject({ phase: "tcp", timedOut: true });
		expect(failure.causes[0]?.message).toBe(
			"DNS and TCP: no answer within 50 ms",
		);
	});
});

describe("an abort", () => {
	test.each(["tcp", "tls"] as const)(
		"in the phase %s says nothing and leaves nothing open",
		async (phase) => {
			const peer = await stage.peer({ muteTcp: true });
			let told = 0;
			const dialed = dialTls(
				stage.target(peer.port),
				{ contexts: stage.contexts, clock },
				{ secured: () => told++, failed: () => told++ },
			);
			if (phase === "tls") {
				await peer.connections.waitFor();
				// The peer's accept may be seen before our own connect event.
				while (dialed.failure([]).phase !== "tls")
					await new Promise(setImmediate);
			}
			expect(dialed.failure([]).phase).toBe(phase);
			dialed.abort();
			dialed.abort();
			if (phase === "tls") await peer.closed.waitFor();
			await new Promise(setImmediate);
			expect(told).toBe(0);
		},
	);

	test("while the name is looked up ignores the answer", async () => {
		const peer = await stage.peer();
		let answer: () => void = () => {};
		let told = 0;
		const dialed = dialTls(
			stage.target(peer.port, { address: AGENT_NAME }),
			{
				contexts: stage.contexts,
				clock,
				lookup: (_name, _family, done) => {
					answer = () => done(null, "127.0.0.1");
				},
			},
			{ secured: () => told++, failed: () => told++ },
		);
		dialed.abort();
		answer();
		await new Promise(setImmediate);
		expect(told).toBe(0);
		expect(peer.connections.all).toHaveLength(0);
	});
});
