// One socket of a link at a time, seen through the link: old sockets, frames that cannot be read, challenges.
import { describe, expect, test } from "vitest";
import { failed, fault } from "../../../shared/fault.ts";
import { hostId } from "../../../shared/model.ts";
import { OPENS, openLinkStage, openLive } from "../../testkit/linkStage.ts";
import type { Fate } from "../../testkit/memoryTransport.ts";
import { CONNECTED } from "../../testkit/memoryTransport.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import { decodeFrame } from "../agentApi/decode.ts";
import { openWheel } from "../fleet/wheel.ts";
import { failureIn } from "../transport/failure.ts";
import type { ConnectionListener } from "../transport/transport.ts";
import { openSession } from "./session.ts";

describe("a socket of the past", () => {
	test("C25: a socket of the past is not taken for the new one when its end is told late", () => {
		const { clock, link, send, transport } = openLinkStage([
			{ kind: "mute" },
			OPENS,
		]);
		send("wanted");
		clock.advance(1);
		send("unwanted");
		send("wanted");
		// The end of the first dial is told now, while the second is under way.
		clock.advance(10);
		expect([link.kind, transport.dials]).toEqual(["live", 2]);
	});

	test("C25: one that still talks after it was hung up is not heard, and the new one stays", () => {
		const clock = openVirtualClock();
		const listeners: ConnectionListener[] = [];
		const sent: string[] = [];
		const told: string[] = [];
		const session = openSession(
			{
				hostId: hostId("web-1"),
				address: "192.0.2.1",
				port: 12443,
				servername: "web-1",
				minTls: "1.2",
			},
			{
				clock,
				wheel: openWheel(clock),
				transport: {
					open(_target, listener) {
						const name = `socket ${listeners.push(listener)}`;
						return {
							send: (text) => void sent.push(`${name}: ${text}`),
							ping: () => {},
							hangUp: () => {},
						};
					},
				},
				decode: decodeFrame,
				extensions: () => [],
				learn: () => Promise.resolve(),
				answerChallenge: () => failed(fault("identity.absent")),
				skewMs: () => null,
				onMessage: ({ kind }) => void told.push(kind),
				onDecodeFault: ({ code }) => void told.push(code),
			},
			{
				isUp: () => false,
				opened: () => undefined,
				greeted: (epoch) => void told.push(`greeted ${epoch}`),
				heard: (epoch) => void told.push(`heard ${epoch}`),
				ended: (epoch, why) => void told.push(`ended ${epoch} ${why.code}`),
			},
		);
		session.dial(2);
		session.hangUp(false);
		session.dial(4);
		const [old, current] = listeners;
		old?.opened({});
		old?.frame(CONNECTED, false);
		old?.frame("{", false);
		old?.heard();
		old?.closed(failureIn("upgrade", { secureForMs: 5 }));
		expect([told, session.heardAtMs(), clock.timers]).toEqual([[], null, 0]);
		session.send("hello");
		expect(sent).toEqual(["socket 2: hello"]);
		// The old end was no verdict on our certificate either.
		current?.closed(failureIn("upgrade", { secureForMs: 5 }));
		expect(told).toEqual(["ended 4 tcp.reset"]);
	});
});

describe("frames that cannot be read (C29)", () => {
	test("C29: frames that cannot be read are counted, and the fifth on one connection ends it", () => {
		const { clock, socket, told, link } = openLive();
		const first = socket();
		first.say("{");
		first.sayBinary();
		first.say("[]");
		first.say("nonsense");
		expect(first.stage).toBe("open");
		expect(told.filter((word) => word === "ws.bad-frame")).toHaveLength(4);
		first.sayBinary();
		expect(first.hungUp).toBe("politely");
		expect(link.status.fault).toBe("ws.bad-frame");
		clock.advance(2_000);
		expect(link.kind).toBe("live");
		socket().say("{");
		expect(socket().stage).toBe("open");
	});
});

describe("an agent with a challenge", () => {
	const nonce = Buffer.alloc(32, 1).toString("base64");
	const challenge = JSON.stringify({ event: "auth_challenge", nonce });
	const accepted = JSON.stringify({ event: "auth_ok" });

	test("is live only after its verdict", () => {
		const { clock, link, send, socket } = openLinkStage(
			[{ kind: "opens", greet: [CONNECTED, challenge] }],
			{ extensions: () => ["challenge.v1"] },
		);
		send("wanted");
		clock.advance(2_000);
		expect(link.status.channel).toBe("connecting");
		expect(socket().sent).toEqual([`answer to ${nonce}`]);
		socket().say(accepted);
		expect(link.status.channel).toBe("live");
	});

	test("C17: an agent that plays a challenge again gets no second answer", () => {
		const { clock, link, send, socket } = openLinkStage(
			[{ kind: "opens", greet: [CONNECTED, challenge] }],
			{ extensions: () => ["challenge.v1"] },
		);
		send("wanted");
		clock.advance(100);
		socket().end();
		clock.advance(1_500);
		expect(link.status.fault).toBe("auth.failed");
	});

	test("that nobody expected is dialed again and waited for", () => {
		const { clock, link, send, socket } = openLinkStage([
			{ kind: "opens", greet: [CONNECTED, challenge] },
			{ kind: "opens", greet: [CONNECTED] },
		]);
		send("wanted");
		clock.advance(10);
		expect(link.status.fault).toBe("auth.failed");
		clock.advance(3_000);
		expect(link.kind).toBe("dialing");
		socket().say(
			JSON.stringify({
				event: "auth_challenge",
				nonce: Buffer.alloc(32, 2).toString("base64"),
			}),
		);
		socket().say(accepted);
		expect(link.kind).toBe("live");
	});

	test("C15: an agent that refuses our answer three times is blocked", () => {
		let n = 0;
		const fresh = (): string =>
			JSON.stringify({
				event: "auth_challenge",
				nonce: Buffer.alloc(16, ++n).toString("base64"),
			});
		const refuses = (): Fate => ({
			kind: "opens",
			greet: [
				CONNECTED,
				fresh(),
				JSON.stringify({ event: "auth_failed", reason: "no such key" }),
			],
		});
		const { clock, link, send, transport } = openLinkStage(
			[refuses(), refuses(), refuses(), refuses()],
			{ extensions: () => ["challenge.v1"] },
		);
		send("wanted");
		clock.advance(60_000);
		expect([link.status.channel, transport.dials]).toEqual(["blocked", 3]);
		expect(link.status.sentence).toContain("no such key");
	});
});
