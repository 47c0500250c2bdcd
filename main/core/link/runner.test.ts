import { describe, expect, test } from "vitest";
import type { Fault, Result } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";
import type { LinkStatus, Source } from "../../../shared/model.ts";
import { hostId } from "../../../shared/model.ts";
import type { Fate } from "../../testkit/memoryTransport.ts";
import {
	CONNECTED,
	openMemoryTransport,
} from "../../testkit/memoryTransport.ts";
import { openVirtualClock, settled } from "../../testkit/virtualClock.ts";
import { decodeFrame } from "../agentApi/decode.ts";
import { openDialGate } from "../fleet/dialGate.ts";
import { openWheel } from "../fleet/wheel.ts";
import type { LinkPorts } from "./runner.ts";
import { startLink } from "./runner.ts";

const ID = hostId("web-1");
const OPENS: Fate = { kind: "opens" };
const REFUSED: Fate = {
	kind: "fails",
	phase: "tcp",
	facts: { causes: [{ code: "ECONNREFUSED", message: "refused" }] },
};
const status404: Fate = {
	kind: "fails",
	phase: "upgrade",
	facts: {
		bytesReceived: 1,
		http: {
			status: 404,
			contentType: null,
			retryAfterMs: null,
			firstBytes: "",
		},
	},
};
/** How a TLS 1.3 server ends a client whose certificate it does not accept. */
const REJECTED: Fate = {
	kind: "fails",
	phase: "upgrade",
	facts: {
		causes: [{ code: "ECONNRESET", message: "reset" }],
		secureForMs: 20,
	},
};

/** One link over a scripted transport; `fates` are met in order, the last one for ever. */
function open(fates: readonly Fate[], over: Partial<LinkPorts> = {}) {
	const clock = openVirtualClock();
	const transport = openMemoryTransport(
		clock,
		(_target, dial) => fates[Math.min(dial, fates.length) - 1] as Fate,
	);
	const gate = openDialGate({ clock });
	const wheel = openWheel(clock);
	const told: string[] = [];
	const statuses: LinkStatus[] = [];
	const polls: { source: Source; answer(result: Result<void>): void }[] = [];
	const link = startLink(
		{
			id: ID,
			address: "192.0.2.1",
			port: 12443,
			servername: "web-1",
			minTls: "1.2",
			labels: {},
		},
		{
			clock,
			random: () => 0.5,
			log: () => {},
			transport,
			gate,
			wheel,
			priority: () => 1,
			decode: decodeFrame,
			preflight: () => null,
			relist: (source) =>
				new Promise((answer) => polls.push({ source, answer })),
			pollPlan: () => ({ source: "poll", everyMs: 10_000, timeoutMs: 35_000 }),
			extensions: () => [],
			learn: () => Promise.resolve(),
			answerChallenge: (nonce) => ok(`answer to ${nonce}`),
			subscribeFrame: () => null,
			skewMs: () => null,
			onMessage: ({ kind }) => void told.push(kind),
			onDecodeFault: ({ code }) => void told.push(code),
			onStatus: (status) => void statuses.push(status),
			onGreeted: () => void told.push("GREETED"),
			onLost: () => void told.push("LOST"),
			...over,
		},
	);
	const socket = () => {
		const [first, ...others] = transport.socketsOf(ID);
		if (first === undefined || others.length > 0)
			throw new Error(`${others.length + 1} sockets, or none`);
		return first;
	};
	return {
		clock,
		transport,
		gate,
		wheel,
		told,
		statuses,
		polls,
		link,
		socket,
		channels: () => statuses.map(({ channel }) => channel),
		send: (kind: Parameters<typeof link.send>[0]["kind"]) =>
			link.send({ kind }),
		async answer(result: Result<void>) {
			polls.shift()?.answer(result);
			await settled();
		},
		/** Nothing is left: no socket, no slot, no timer. */
		expectNothingLeft() {
			clock.advance(0);
			expect(transport.held).toBe(0);
			expect([gate.inFlight, gate.waiting, wheel.size]).toEqual([0, 0, 0]);
			expect(clock.timers).toBe(0);
		},
	};
}

/** Wanted, and a second later live. */
function openLive(
	over: Partial<LinkPorts> = {},
	fates: readonly Fate[] = [OPENS],
) {
	const stage = open(fates, over);
	stage.send("wanted");
	stage.clock.advance(1_000);
	expect(stage.link.kind).toBe("live");
	return stage;
}

describe("a link", () => {
	test("does nothing until it is wanted", () => {
		const { clock, transport, link, expectNothingLeft } = open([OPENS]);
		clock.advance(600_000);
		expect([link.kind, transport.dials]).toEqual(["idle", 0]);
		expectNothingLeft();
	});

	test("becomes live with the agent's greeting, and gives its slot back", () => {
		const { link, told, channels, gate } = openLive();
		expect(channels()).toEqual(["live"]);
		expect(told).toEqual(["GREETED", "connected"]);
		expect(link.status).toMatchObject({ channel: "live", attempt: 0 });
		expect(gate.inFlight).toBe(0);
	});

	test("passes on what the agent says, in order, before and after the greeting", () => {
		const word = (event: string): string => JSON.stringify({ event });
		const { socket, told } = openLive({}, [
			{ kind: "opens", greet: [word("novelty"), CONNECTED] },
		]);
		socket().say(word("later"));
		expect(told).toEqual(["unknown", "GREETED", "connected", "unknown"]);
	});

	test("resumes the event log as soon as it is greeted", () => {
		const { socket } = openLive({ subscribeFrame: () => "resume" });
		expect(socket().sent).toEqual(["resume"]);
	});

	test("tells when it was last heard from, to the tick", () => {
		const { clock, link, socket } = openLive();
		clock.advance(5_000);
		socket().beat();
		const agoMs = clock.monotonicMs() - (link.heardAtMs() ?? 0);
		expect(agoMs).toBeLessThanOrEqual(100);
	});

	test("that is live runs no step of the machine for a frame", () => {
		let steps = 0;
		const { socket, told } = openLive({
			random: () => {
				steps++;
				return 0.5;
			},
		});
		const before = steps;
		for (let n = 0; n < 1_000; n++) socket().say('{"event":"novelty"}');
		expect(told.filter((word) => word === "unknown")).toHaveLength(1_000);
		expect(steps).toBe(before);
	});

	test("that is removed leaves nothing behind, wherever it is", () => {
		const stages = [
			open([OPENS]),
			openLive(),
			open([{ kind: "mute" }]),
			open([REFUSED]),
			open([status404]),
		];
		for (const stage of stages) {
			stage.send("wanted");
			stage.clock.advance(500);
			stage.send("stopped");
			stage.clock.advance(300);
			stage.expectNothingLeft();
			stage.send("wanted");
			expect(stage.link.kind).toBe("stopped");
		}
	});

	test("that is paused says so, hangs up politely, and comes back when wanted", () => {
		const { clock, link, socket, send, channels } = openLive();
		const before = socket();
		send("unwanted");
		expect(before.hungUp).toBe("politely");
		expect(link.status.channel).toBe("paused");
		send("wanted");
		clock.advance(1_000);
		expect(channels()).toEqual(["live", "paused", "connecting", "live"]);
	});

	test("takes no word of an old socket for one of the new", () => {
		const { clock, link, send, transport } = open([{ kind: "mute" }, OPENS]);
		send("wanted");
		clock.advance(1);
		send("unwanted");
		send("wanted");
		// The end of the first dial is told now, while the second is under way.
		clock.advance(10);
		expect([link.kind, transport.dials]).toEqual(["live", 2]);
	});
});

describe("a lost link", () => {
	test("waits, says why and until when, and dials again", () => {
		const { clock, link, socket, told, transport } = openLive();
		clock.advance(10_000);
		socket().end();
		expect(told).toContain("LOST");
		expect(link.status).toMatchObject({
			channel: "reconnecting",
			fault: "tcp.reset",
			attempt: 1,
			retryAt: Math.round(clock.wallMs() + 1_000),
		});
		clock.advance(1_200);
		expect([link.kind, transport.dials]).toEqual(["live", 2]);
	});

	test("backs off 1, 2, 4, … 60 s while it is refused", () => {
		const { clock, send, transport } = open([REFUSED]);
		send("wanted");
		const dialsAfter = [0, 1, 3, 7, 15, 31, 63, 123, 183].map((s, i, all) => {
			clock.advance((s - (all[i - 1] ?? 0)) * 1_000 + (i === 0 ? 300 : 200));
			return transport.dials;
		});
		expect(dialsAfter).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
	});

	test("keeps the last fifty changes of its channel, with their faults", () => {
		const { clock, link, socket } = openLive();
		for (let i = 0; i < 40; i++) {
			clock.advance(6_000);
			socket().end();
			clock.advance(1_500);
		}
		const { transitions, fault: now } = link.history();
		expect(transitions).toHaveLength(50);
		expect(transitions.at(-2)).toMatchObject({
			from: "live",
			to: "reconnecting",
			fault: "tcp.reset",
		});
		expect(now).toBeNull();
	});

	test("is dialed at once when a person asks", () => {
		const { clock, link, send } = open([REFUSED, REFUSED, REFUSED, OPENS]);
		send("wanted");
		clock.advance(3_500);
		send("retryAsked");
		clock.advance(100);
		expect(link.kind).toBe("live");
	});
});

describe("a quiet link (C13)", () => {
	test("is pinged after 30 s, and stays when the pong comes", () => {
		const { clock, link, socket } = openLive();
		clock.advance(600_000);
		expect(link.kind).toBe("live");
		expect(socket().pings).toBeGreaterThanOrEqual(19);
		expect(socket().pings).toBeLessThanOrEqual(20);
	});

	test("whose agent pings is never pinged", () => {
		const { clock, socket } = openLive();
		for (let i = 0; i < 120; i++) {
			clock.advance(5_000);
			socket().beat();
		}
		expect(socket().pings).toBe(0);
	});

	test("is dead within 45 s when nothing is answered", () => {
		const { clock, link, socket, told } = openLive({}, [
			{ kind: "opens", pongs: () => false },
			REFUSED,
		]);
		const first = socket();
		clock.advance(39_000);
		expect(link.status.channel).toBe("live");
		clock.advance(6_000);
		expect(first.hungUp).toBe("abruptly");
		expect(told).toContain("LOST");
		const fates = link.history().transitions.map(({ fault: code }) => code);
		expect(fates).toContain("live.silent");
	});

	test("is asked at once after sleep, and redialed within 8 s when it does not answer, without a failure", () => {
		const { clock, link, send, transport } = openLive({}, [
			{ kind: "opens", pongs: () => false },
			OPENS,
		]);
		clock.advance(6_000);
		clock.sleep(8 * 3_600_000);
		send("woke");
		expect(link.kind).toBe("doubtful");
		clock.advance(3_200);
		expect(link.status).toMatchObject({ channel: "reconnecting", attempt: 0 });
		clock.advance(5_000);
		expect([link.kind, transport.dials]).toEqual(["live", 2]);
	});
});

describe("frames that cannot be read (C29)", () => {
	test("are counted, and the fifth on one connection ends it", () => {
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

describe("a link that cannot help itself", () => {
	test("without an identity does not dial at all", () => {
		const { clock, link, send, transport } = open([OPENS], {
			preflight: () => fault("identity.absent"),
		});
		send("wanted");
		clock.advance(60_000);
		expect(transport.dials).toBe(0);
		expect(link.status).toMatchObject({
			channel: "blocked",
			fault: "identity.absent",
		});
	});

	test("dials again with a new identity", () => {
		let useless: Fault | null = fault("tls.client-expired");
		const { clock, link, send } = open([OPENS], { preflight: () => useless });
		send("wanted");
		clock.advance(100);
		expect(link.status.channel).toBe("blocked");
		useless = null;
		send("identityChanged");
		clock.advance(100);
		expect(link.kind).toBe("live");
	});

	test("is blocked after three dials that end right after TLS, named as a refused certificate, and tried every ten minutes", () => {
		const { clock, link, send, transport, channels } = open([REJECTED]);
		send("wanted");
		clock.advance(60_000);
		expect(transport.dials).toBe(3);
		expect(link.status).toMatchObject({
			channel: "blocked",
			fault: "tls.client-rejected",
		});
		const before = channels().length;
		clock.advance(600_500);
		expect(transport.dials).toBe(4);
		expect(channels().slice(before)).not.toContain("reconnecting");
		expect(link.status.channel).toBe("blocked");
	});
});

describe("an agent without a live stream", () => {
	/** Polled since a second. */
	async function openPolled(fates: readonly Fate[]) {
		const stage = open(fates);
		stage.send("wanted");
		await stage.clock.pass(1_000);
		expect(stage.link.status.channel).toBe("polling");
		return stage;
	}

	test("is polled at once, and every ten seconds after an answer", async () => {
		const { clock, polls, answer, transport } = await openPolled([status404]);
		expect(polls.map(({ source }) => source)).toEqual(["poll"]);
		for (let i = 0; i < 4; i++) {
			await answer(ok(undefined));
			expect(polls).toHaveLength(0);
			await clock.pass(10_200);
			expect(polls).toHaveLength(1);
		}
		expect([transport.dials, transport.held]).toEqual([1, 0]);
	});

	test("gets its socket back after the first healthy list over it, and is polled no more (C4)", async () => {
		const { clock, link, polls, answer, socket, told, transport } =
			await openPolled([status404, OPENS]);
		for (let s = 0; s < 61 && transport.dials === 1; s++) {
			await answer(ok(undefined));
			await clock.pass(1_000);
		}
		expect(socket().stage).toBe("open");
		expect(polls.map(({ source }) => source)).toEqual(["reconcile"]);
		expect(link.status.channel).toBe("polling");
		await answer(ok(undefined));
		expect(link.kind).toBe("live");
		expect(told.filter((word) => word === "GREETED")).toHaveLength(1);
		await clock.pass(25_000);
		expect(polls).toHaveLength(0);
	});

	test("stays polled when the list over the new socket fails", async () => {
		const { clock, link, polls, answer, send, transport } = await openPolled([
			status404,
			OPENS,
		]);
		await answer(ok(undefined));
		send("probeAsked");
		await clock.pass(100);
		await answer(failed(fault("http.503")));
		expect(link.kind).toBe("polling");
		expect(transport.held).toBe(0);
		expect(polls.map(({ source }) => source)).toEqual(["poll"]);
	});

	test("is tried at once when told, and the poll under way is forgotten", async () => {
		const { clock, polls, send, answer, link } = await openPolled([
			status404,
			OPENS,
		]);
		const old = polls.shift();
		send("probeAsked");
		await clock.pass(100);
		old?.answer(ok(undefined));
		await settled();
		expect(link.kind).toBe("dialing");
		await answer(ok(undefined));
		expect(link.kind).toBe("live");
	});

	test("that answers no poll either is lost after three, and dialed", async () => {
		const { clock, link, answer } = await openPolled([status404, REFUSED]);
		for (let miss = 0; miss < 3; miss++) {
			expect(link.status.channel).toBe("polling");
			await answer(failed(fault("tcp.refused")));
			if (miss < 2) await clock.pass(6_200);
		}
		expect(link.status).toMatchObject({
			channel: "reconnecting",
			fault: "tcp.refused",
			attempt: 3,
		});
	});

	test("whose poll hangs is asked again", async () => {
		const { clock, polls, link } = await openPolled([status404]);
		await clock.pass(35_200);
		expect(link.kind).toBe("polling");
		await clock.pass(6_200);
		expect(polls).toHaveLength(2);
	});

	test("keeps being polled when reading its list throws", async () => {
		const stage = open([status404], {
			relist: () => Promise.reject(new Error("a bug")),
		});
		stage.send("wanted");
		await stage.clock.pass(1_000);
		expect(stage.link.kind).toBe("polling");
		await stage.clock.pass(20_000);
		expect(stage.statuses.map(({ fault: code }) => code)).toContain(
			"internal.bug",
		);
	});
});

describe("an agent with a challenge", () => {
	const nonce = Buffer.alloc(32, 1).toString("base64");
	const challenge = JSON.stringify({ event: "auth_challenge", nonce });
	const accepted = JSON.stringify({ event: "auth_ok" });

	test("is live only after its verdict", () => {
		const { clock, link, send, socket } = open(
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

	test("that plays a challenge again gets no second answer", () => {
		const { clock, link, send, socket } = open(
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
		const { clock, link, send, socket } = open([
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

	test("that refuses three times is blocked", () => {
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
		const { clock, link, send, transport } = open(
			[refuses(), refuses(), refuses(), refuses()],
			{ extensions: () => ["challenge.v1"] },
		);
		send("wanted");
		clock.advance(60_000);
		expect([link.status.channel, transport.dials]).toEqual(["blocked", 3]);
		expect(link.status.sentence).toContain("no such key");
	});
});
