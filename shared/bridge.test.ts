// The bridge between window and core, over the pipe in memory: what fits passes, what does not is refused and counted,
// and nothing that a hostile or broken side sends makes the other throw, hang or believe it.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Client, Handlers, Pipe, ServedPipe, WaitOf } from "./bridge.ts";
import { client, memoryPipe, serve } from "./bridge.ts";
import type { Answer } from "./contract.ts";
import {
	ASK_BYTES,
	ASKED_HOSTS,
	CONTRACT_VERSION,
	contract,
} from "./contract.ts";
import type { Fault } from "./fault.ts";
import { FaultError, failed, fault, ok } from "./fault.ts";
import { hostId } from "./model.ts";

const SESSION: Answer<"session.read"> = {
	version: "0.1.0",
	shell: "node",
	fleet: "prod",
	canImportFleet: false,
	demo: false,
	identity: null,
	startedAt: 1,
	timeZone: "UTC",
	canSaveFiles: false,
	fault: null,
};

function handlersWith(more: Partial<Handlers> = {}): Handlers {
	return {
		"session.read": () => ok(SESSION),
		"fleet.offerImport": () => failed(fault("run.unknown")),
		"fleet.import": () => failed(fault("run.unknown")),
		"fleet.resync": () => ok({}),
		"link.retry": ({ hostIds }) => ok({ tried: hostIds.length }),
		"link.pause": ({ hostIds }) => ok({ changed: hostIds.length }),
		"view.attend": () => ok({}),
		"host.history": () => failed(fault("host.unknown")),
		"history.search": () => failed(fault("run.unknown")),
		"history.jobs": () => failed(fault("run.unknown")),
		"history.job": () => failed(fault("run.unknown")),
		"history.offerForget": () => failed(fault("run.unknown")),
		"history.forget": () => failed(fault("run.unknown")),
		"host.diagnose": () => failed(fault("host.unknown")),
		"run.output": () => failed(fault("run.unknown")),
		"view.watch": () => failed(fault("run.unknown")),
		"inbox.read": () => failed(fault("run.unknown")),
		"inbox.markRead": () => failed(fault("run.unknown")),
		"notify.test": () => failed(fault("run.unknown")),
		"settings.read": () => failed(fault("run.unknown")),
		"settings.change": () => failed(fault("run.unknown")),
		"update.read": () => failed(fault("run.unknown")),
		"update.check": () => failed(fault("run.unknown")),
		"update.install": () => failed(fault("run.unknown")),
		"update.postpone": () => failed(fault("run.unknown")),
		"identity.list": () => failed(fault("run.unknown")),
		"identity.import": () => failed(fault("run.unknown")),
		"identity.offerRemoval": () => failed(fault("run.unknown")),
		"identity.remove": () => failed(fault("run.unknown")),
		"export.begin": () => failed(fault("run.unknown")),
		"export.append": () => failed(fault("run.unknown")),
		"export.end": () => failed(fault("run.unknown")),
		...more,
	};
}

interface Pair {
	readonly client: Client;
	readonly served: ServedPipe;
	readonly refused: Fault[];
	readonly mismatches: Fault[];
	closed(): boolean;
}

function paired(handlers: Partial<Handlers> = {}, waitOf?: WaitOf): Pair {
	const [core, window] = memoryPipe();
	const refused: Fault[] = [];
	const mismatches: Fault[] = [];
	let isClosed = false;
	const served = serve(
		core,
		handlersWith(handlers),
		(why) => refused.push(why),
		() => {
			isClosed = true;
		},
		waitOf,
	);
	const asking = client(window);
	asking.onMismatch((why) => mismatches.push(why));
	return {
		client: asking,
		served,
		refused,
		mismatches,
		closed: () => isClosed,
	};
}

/** A core with a window that sends whatever it likes. */
function servedRaw(handlers: Partial<Handlers> = {}) {
	const [core, window] = memoryPipe();
	const refused: Fault[] = [];
	const received: Record<string, unknown>[] = [];
	const waiting: (() => void)[] = [];
	const served = serve(core, handlersWith(handlers), (why) =>
		refused.push(why),
	);
	window.onMessage((message) => {
		received.push(JSON.parse(message));
		for (const wake of waiting.splice(0)) wake();
	});
	return {
		served,
		refused,
		received,
		send: (message: unknown) =>
			window.send(
				typeof message === "string" ? message : JSON.stringify(message),
			),
		/** Everything sent so far has been dealt with: an ask behind it was answered. */
		async settled() {
			const id = 999_999;
			window.send(
				JSON.stringify({
					v: CONTRACT_VERSION,
					kind: "ask",
					id,
					name: "fleet.resync",
					body: {},
				}),
			);
			while (!received.some((message) => message.id === id))
				await new Promise<void>((resolve) => waiting.push(resolve));
			received.splice(
				received.findIndex((message) => message.id === id),
				1,
			);
		},
	};
}

/** A window with a core that sends whatever it likes. */
function clientRaw() {
	const [core, window] = memoryPipe();
	const mismatches: Fault[] = [];
	const received: Record<string, unknown>[] = [];
	core.onMessage((message) => received.push(JSON.parse(message)));
	const asking = client(window);
	asking.onMismatch((why) => mismatches.push(why));
	return {
		core,
		client: asking,
		mismatches,
		received,
		send: (message: unknown) =>
			core.send(
				typeof message === "string" ? message : JSON.stringify(message),
			),
	};
}

/** Every delivery that was due has happened: the pipe in memory delivers in microtasks. */
const delivered = async (): Promise<void> => {
	for (let turn = 0; turn < 20; turn++) await Promise.resolve();
};

const envelope = (more: object) => ({ v: CONTRACT_VERSION, ...more });
const vitals = {
	at: 1,
	loopLagMs: 0,
	eventsPerSecond: 0,
	dialing: 0,
	queued: 0,
};

describe("asking", () => {
	test("an answer that fits arrives as it was given", async () => {
		const { client } = paired();
		expect(await client.ask("session.read", {})).toEqual(ok(SESSION));
		expect(
			await client.ask("link.retry", { hostIds: [hostId("a"), hostId("b")] }),
		).toEqual(ok({ tried: 2 }));
	});

	test("answers find their questions whatever the order they come in", async () => {
		const release: (() => void)[] = [];
		const { client } = paired({
			"link.retry": ({ hostIds }) =>
				new Promise((resolve) =>
					release.push(() => resolve(ok({ tried: hostIds.length }))),
				),
		});
		const first = client.ask("link.retry", { hostIds: [] });
		const second = client.ask("link.retry", { hostIds: [hostId("a")] });
		await delivered();
		for (const settle of release.reverse()) settle();
		expect(await first).toEqual(ok({ tried: 0 }));
		expect(await second).toEqual(ok({ tried: 1 }));
	});

	test("a fault crosses as a value with its evidence", async () => {
		const why = fault("host.unknown", {
			sentence: "there is no host x",
			evidence: { notes: ["n"] },
		});
		const { client } = paired({ "host.history": () => failed(why) });
		expect(await client.ask("host.history", { hostId: hostId("x") })).toEqual(
			failed(why),
		);
	});

	test("what a handler throws crosses without its stack and its message", async () => {
		const { client } = paired({
			"fleet.resync": () => {
				throw new TypeError("secret path /home/x");
			},
			"view.attend": () => {
				throw new FaultError(fault("host.unknown"));
			},
		});
		const bug = await client.ask("fleet.resync", {});
		expect(bug).toMatchObject({ ok: false, fault: { code: "internal.bug" } });
		expect(JSON.stringify(bug)).not.toContain("secret");
		expect(await client.ask("view.attend", { hostIds: [] })).toEqual(
			failed(fault("host.unknown")),
		);
	});

	test("an answer that does not fit the contract is a fault, never half believed", async () => {
		const { client } = paired({
			"session.read": () =>
				ok({ ...SESSION, key: "leaked" } as Answer<"session.read">),
		});
		expect(await client.ask("session.read", {})).toMatchObject({
			ok: false,
			fault: { code: "contract.mismatch" },
		});
	});

	test("a question that does not fit is answered with a fault and never reaches the handler", async () => {
		let asked = 0;
		const { client, refused } = paired({
			"link.retry": () => {
				asked++;
				return ok({ tried: 0 });
			},
		});
		const answer = await client.ask("link.retry", {
			hostIds: [7],
		} as never);
		expect(answer).toMatchObject({ fault: { code: "contract.mismatch" } });
		expect(asked).toBe(0);
		expect(refused).toHaveLength(1);
	});

	test("a question for as many hosts as there may be, with ids of full length, arrives", async () => {
		const { client, refused } = paired();
		const hostIds = Array.from({ length: ASKED_HOSTS }, (_, n) =>
			hostId(`${n}-`.padEnd(253, "x")),
		);
		expect(await client.ask("link.pause", { hostIds, paused: true })).toEqual(
			ok({ changed: ASKED_HOSTS }),
		);
		expect(await client.ask("view.attend", { hostIds })).toEqual(ok({}));
		expect(refused).toEqual([]);
	});

	test.each([
		["in characters", "x".repeat(ASK_BYTES)],
		["in bytes only", "\u{20ac}".repeat(ASK_BYTES / 3)],
	])(
		"a question too big %s is answered at once and never sent",
		async (_, id) => {
			const sent: string[] = [];
			const asking = client({
				send: (message) => void sent.push(message),
				onMessage() {},
				onClose() {},
				close() {},
			});
			expect(await asking.ask("host.history", { hostId: hostId(id) })).toEqual(
				failed(fault("contract.too-big")),
			);
			expect(sent).toEqual([]);
		},
	);

	test("an answer above 1 MiB is not sent: the question is answered with contract.too-big, and it is counted", async () => {
		const lines = (count: number) => ({
			run: undefined as never,
			logs: Array.from({ length: count }, () => "x".repeat(1_000)),
			stdout: "",
			stderr: "",
			leftOut: 0,
		});
		let asked = 0;
		const { send, settled, received, refused } = servedRaw({
			"run.output": () => ok(lines(asked++ === 0 ? 2_000 : 1_000)),
		});
		const question = {
			kind: "ask",
			name: "run.output",
			body: { hostId: "a", agentJobId: "b" },
		};
		send(envelope({ ...question, id: 1 }));
		send(envelope({ ...question, id: 2 }));
		await settled();
		expect(received[0]).toMatchObject({ fault: { code: "contract.too-big" } });
		expect(received[1]).toHaveProperty("body.logs.length", 1_000);
		expect(refused.map(({ code }) => code)).toEqual(["contract.too-big"]);
	});

	test("window.too-fast: a question that comes too often never reaches its handler, and its answer says when it may", async () => {
		let asked = 0;
		const { client, refused } = paired(
			{
				"host.diagnose": () => {
					asked++;
					return failed(fault("host.unknown"));
				},
			},
			(command) => (command === "host.diagnose" && asked === 2 ? 9_500 : 0),
		);
		const diagnose = () => client.ask("host.diagnose", { hostId: hostId("a") });
		await diagnose();
		await diagnose();
		expect(await diagnose()).toMatchObject({
			fault: {
				code: "window.too-fast",
				retryAfterMs: 9_500,
				evidence: { notes: ["host.diagnose: again in 9500 ms"] },
			},
		});
		expect(asked).toBe(2);
		expect(refused.map(({ code }) => code)).toEqual(["window.too-fast"]);
		expect((await client.ask("session.read", {})).ok).toBe(true);
	});

	test("a closed pipe answers every open and every further question", async () => {
		const { client, served, closed } = paired({
			"fleet.resync": () => new Promise(() => {}),
		});
		const open = client.ask("fleet.resync", {});
		await delivered();
		served.close();
		expect(await open).toEqual(failed(fault("pipe.closed")));
		expect(await client.ask("session.read", {})).toEqual(
			failed(fault("pipe.closed")),
		);
		expect(closed()).toBe(true);
		expect(served.closed).toBe(true);
	});

	test("a handler that ends after the pipe closed harms nobody", async () => {
		let settle = (): void => {};
		const { client, served } = paired({
			"fleet.resync": () =>
				new Promise((resolve) => {
					settle = () => resolve(ok({}));
				}),
		});
		const open = client.ask("fleet.resync", {});
		await delivered();
		client.close();
		expect(await open).toEqual(failed(fault("pipe.closed")));
		settle();
		await delivered();
		expect(served.closed).toBe(true);
	});
});

describe("feeds", () => {
	test("a frame is acknowledged after the listener has taken it in", async () => {
		const { client, served } = paired();
		const order: string[] = [];
		client.subscribe("health", () => order.push("taken"));
		const posted = served.post("health", vitals).then((taken) => {
			order.push(`acknowledged ${taken}`);
		});
		await posted;
		expect(order).toEqual(["taken", "acknowledged true"]);
	});

	test("a frame that does not fit is not shown and not acknowledged, and the window is told", async () => {
		const { client, served, mismatches } = paired();
		const seen: unknown[] = [];
		client.subscribe("health", (frame) => seen.push(frame));
		let taken: boolean | null = null;
		void served.post("health", { ...vitals, dialing: -1 }).then((answer) => {
			taken = answer;
		});
		await delivered();
		expect(seen).toEqual([]);
		expect(taken).toBeNull();
		expect(mismatches.map(({ code }) => code)).toEqual(["contract.mismatch"]);
	});

	test("a frame without an acknowledgement settles when the pipe closes", async () => {
		const [core, window] = memoryPipe();
		const served = serve(core, handlersWith(), () => {});
		window.onMessage(() => {});
		const posted = served.post("health", vitals);
		window.close();
		expect(await posted).toBe(false);
		expect(await served.post("health", vitals)).toBe(false);
	});

	test("a listener that stopped hears nothing", async () => {
		const { client, served } = paired();
		let heard = 0;
		const stop = client.subscribe("health", () => heard++);
		await served.post("health", vitals);
		stop();
		await served.post("health", vitals);
		expect(heard).toBe(1);
	});

	test("a listener that throws does not keep others from the frame, and the frame is not called taken", async () => {
		const { client, served, mismatches } = paired();
		let heard = 0;
		client.subscribe("health", () => {
			throw new Error("broken view");
		});
		client.subscribe("health", () => heard++);
		let taken: boolean | null = null;
		void served.post("health", vitals).then((answer) => {
			taken = answer;
		});
		await delivered();
		expect(heard).toBe(1);
		expect(taken).toBeNull();
		expect(mismatches.map(({ code }) => code)).toEqual(["internal.bug"]);
	});
});

describe("a hostile window", () => {
	test.each<[string, unknown]>([
		["no JSON", "{"],
		["no object", "7"],
		["another version", { v: 99, kind: "ask", id: 1, name: "fleet.resync" }],
		["another kind", envelope({ kind: "frame", id: 1, name: "x", body: {} })],
		["an id that is no number", envelope({ kind: "ask", id: "1", name: "x" })],
		["a negative id", envelope({ kind: "ack", id: -1 })],
		[
			"a name that is no text",
			envelope({ kind: "ask", id: 1, name: {}, body: {} }),
		],
		[
			"a field too many",
			envelope({
				kind: "ask",
				id: 1,
				name: "fleet.resync",
				body: {},
				as: "root",
			}),
		],
		[
			"too large",
			envelope({
				kind: "ask",
				id: 1,
				name: "fleet.resync",
				body: { x: "x".repeat(ASK_BYTES) },
			}),
		],
	])("%s is refused without an answer", async (_, message) => {
		const { send, settled, refused, received } = servedRaw();
		send(message);
		await settled();
		expect(refused).toHaveLength(1);
		expect(received).toEqual([]);
	});

	test.each([
		"fleet.destroy",
		"__proto__",
		"constructor",
		"toString",
		"hasOwnProperty",
		"",
	])("the command %j does not exist", async (name) => {
		const { send, settled, received, refused } = servedRaw();
		send(envelope({ kind: "ask", id: 1, name, body: {} }));
		await settled();
		expect(received).toMatchObject([
			{ kind: "answer", id: 1, fault: { code: "contract.unknown" } },
		]);
		expect(refused.map(({ code }) => code)).toEqual(["contract.unknown"]);
	});

	test("a body with __proto__ in it pollutes nothing", async () => {
		const { send, settled, received } = servedRaw();
		send(
			`{"v":${CONTRACT_VERSION},"kind":"ask","id":1,"name":"fleet.resync","body":{"__proto__":{"polluted":true}}}`,
		);
		await settled();
		expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
		expect(received).toHaveLength(1);
	});

	test("acknowledging what was never sent does nothing", async () => {
		const { send, settled, served, refused } = servedRaw();
		send(envelope({ kind: "ack", id: 1 }));
		await settled();
		let taken: boolean | null = null;
		void served.post("health", vitals).then((answer) => {
			taken = answer;
		});
		await delivered();
		expect(taken).toBeNull();
		expect(refused).toEqual([]);
	});

	test("no message makes the core throw or stop answering", async () => {
		const json = fc.oneof(
			fc.string({ unit: "binary" }),
			fc.json(),
			fc
				.record(
					{
						v: fc.oneof(fc.constant(CONTRACT_VERSION), fc.jsonValue()),
						kind: fc.oneof(
							fc.constantFrom("ask", "ack", "answer"),
							fc.jsonValue(),
						),
						id: fc.oneof(fc.nat(5), fc.jsonValue()),
						name: fc.oneof(
							fc.constantFrom(...Object.keys(contract.commands)),
							fc.jsonValue(),
						),
						body: fc.oneof(
							fc.record(
								{ hostIds: fc.jsonValue(), paused: fc.jsonValue() },
								{ requiredKeys: [] },
							),
							fc.jsonValue(),
						),
					},
					{ requiredKeys: [] },
				)
				.map((message) => JSON.stringify(message)),
		);
		await fc.assert(
			fc.asyncProperty(fc.array(json, { maxLength: 10 }), async (messages) => {
				const { send, settled } = servedRaw();
				for (const message of messages) send(message);
				await settled();
			}),
			{ numRuns: 200 },
		);
	});
});

describe("a broken core", () => {
	test.each<[string, unknown, string]>([
		["no JSON", "{", "contract.mismatch"],
		["another version", { v: 2, kind: "frame", id: 1 }, "contract.mismatch"],
		[
			"a question, which only windows ask",
			envelope({ kind: "ask", id: 1, name: "fleet.resync", body: {} }),
			"contract.mismatch",
		],
		[
			"a feed that does not exist",
			envelope({ kind: "frame", id: 1, name: "__proto__", body: {} }),
			"contract.unknown",
		],
		[
			"a frame that does not fit",
			envelope({ kind: "frame", id: 1, name: "fleet", body: {} }),
			"contract.mismatch",
		],
	])("%s is refused, and nothing is acknowledged", async (_, message, code) => {
		const { send, mismatches, received } = clientRaw();
		send(message);
		await delivered();
		expect(mismatches.map((why) => why.code)).toEqual([code]);
		expect(received).toEqual([]);
	});

	test("an answer to no question, or a second one, is ignored", async () => {
		const { client, send, mismatches } = clientRaw();
		send(envelope({ kind: "answer", id: 77, body: {} }));
		const asked = client.ask("fleet.resync", {});
		send(envelope({ kind: "answer", id: 1, body: {} }));
		send(envelope({ kind: "answer", id: 1, fault: fault("internal.bug") }));
		expect(await asked).toEqual(ok({}));
		await delivered();
		expect(mismatches).toEqual([]);
	});

	test("a fault in another shape is no fault to believe", async () => {
		const { client, send, mismatches } = clientRaw();
		const asked = client.ask("fleet.resync", {});
		send(
			envelope({
				kind: "answer",
				id: 1,
				fault: { code: "made.up", sentence: "s", nextStep: "n", retry: "soon" },
			}),
		);
		await delivered();
		expect(mismatches).toHaveLength(1);
		client.close();
		expect(await asked).toEqual(failed(fault("pipe.closed")));
	});
});

test("the pipe in memory delivers in order, later, and not after it closed", async () => {
	const [one, other] = memoryPipe();
	const heard: string[] = [];
	const closings: string[] = [];
	other.onMessage((message) => heard.push(message));
	one.onClose(() => closings.push("one"));
	other.onClose(() => closings.push("other"));
	const pipe: Pipe = one;
	pipe.send("1");
	pipe.send("2");
	expect(heard).toEqual([]);
	await delivered();
	expect(heard).toEqual(["1", "2"]);
	pipe.send("3");
	other.close();
	pipe.close();
	await delivered();
	expect(heard).toEqual(["1", "2"]);
	expect(closings.sort()).toEqual(["one", "other"]);
});
