import { describe, expect, test } from "vitest";
import type { Fault } from "../../../shared/fault.ts";
import { fault } from "../../../shared/fault.ts";
import {
	NO_STREAM,
	OPENS,
	openLinkStage,
	openLive,
	REFUSED,
	REJECTED,
} from "../../testkit/linkStage.ts";
import { CONNECTED } from "../../testkit/memoryTransport.ts";

const NOTHING = [0, 0, 0, 0, 0];

describe("a link", () => {
	test("does nothing until it is wanted", () => {
		const { clock, transport, link, left } = openLinkStage([OPENS]);
		clock.advance(600_000);
		expect([link.kind, transport.dials]).toEqual(["idle", 0]);
		expect(left()).toEqual(NOTHING);
	});

	test("becomes live with the agent's greeting, and gives its slot back", () => {
		const { link, told, channels, gate } = openLive();
		expect(channels()).toEqual(["live"]);
		expect(told).toEqual(["GREETED", "connected"]);
		expect(link.status).toMatchObject({ channel: "live", attempt: 0 });
		expect(gate.inFlight).toBe(0);
	});

	test("gives its slot back when the handshake is over: what it asks before the greeting needs one too", () => {
		let inFlightWhileLearning = -1;
		const stage = openLinkStage([OPENS], {
			extensions: () => null,
			learn: async () => {
				inFlightWhileLearning = stage.gate.inFlight;
			},
		});
		stage.link.send({ kind: "wanted" });
		stage.clock.advance(500);
		expect(inFlightWhileLearning).toBe(0);
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
			openLinkStage([OPENS]),
			openLive(),
			openLinkStage([{ kind: "mute" }]),
			openLinkStage([REFUSED]),
			openLinkStage([NO_STREAM]),
		];
		for (const stage of stages) {
			stage.send("wanted");
			stage.clock.advance(500);
			stage.send("stopped");
			stage.clock.advance(300);
			expect(stage.left()).toEqual(NOTHING);
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

	test("C7: a link backs off 1, 2, 4, … 60 s while it is refused", () => {
		const { clock, send, transport } = openLinkStage([REFUSED]);
		send("wanted");
		const dialsAfter = [0, 1, 3, 7, 15, 31, 63, 123, 183].map((s, i, all) => {
			clock.advance((s - (all[i - 1] ?? 0)) * 1_000 + (i === 0 ? 300 : 200));
			return transport.dials;
		});
		expect(dialsAfter).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
	});

	test("C27: a link keeps the last fifty changes of its channel, with their faults", () => {
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
		const { clock, link, send } = openLinkStage([
			REFUSED,
			REFUSED,
			REFUSED,
			OPENS,
		]);
		send("wanted");
		clock.advance(3_500);
		send("retryAsked");
		clock.advance(100);
		expect(link.kind).toBe("live");
	});
});

describe("a quiet link (C13)", () => {
	test("C13: a quiet link is pinged after 30 s, and stays when the pong comes", () => {
		const { clock, link, socket } = openLive();
		clock.advance(600_000);
		expect(link.kind).toBe("live");
		expect(socket().pings).toBeGreaterThanOrEqual(19);
		expect(socket().pings).toBeLessThanOrEqual(20);
	});

	test("C13: a quiet link whose agent pings for 10 minutes is never pinged and never dropped", () => {
		const { clock, socket } = openLive();
		for (let i = 0; i < 120; i++) {
			clock.advance(5_000);
			socket().beat();
		}
		expect(socket().pings).toBe(0);
	});

	test("C13: a quiet link is dead within 45 s when nothing is answered", () => {
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

	test("Liveness: a link is asked at once after sleep, and redialed within 8 s when it does not answer, without a failure", () => {
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

describe("a link that cannot help itself", () => {
	test("without an identity does not dial at all", () => {
		const { clock, link, send, transport } = openLinkStage([OPENS], {
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
		const { clock, link, send } = openLinkStage([OPENS], {
			preflight: () => useless,
		});
		send("wanted");
		clock.advance(100);
		expect(link.status.channel).toBe("blocked");
		useless = null;
		send("identityChanged");
		clock.advance(100);
		expect(link.kind).toBe("live");
	});

	test("C15: a link is blocked after three dials that end right after TLS, named as a refused certificate, and tried every ten minutes", () => {
		const { clock, link, send, transport, channels } = openLinkStage([
			REJECTED,
		]);
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
