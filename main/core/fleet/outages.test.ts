import { afterEach, describe, expect, test } from "vitest";
import type { HostId, LinkStatus } from "../../../shared/model.ts";
import { hostId } from "../../../shared/model.ts";
import { openLinkStage } from "../../testkit/linkStage.ts";
import type { VirtualClock } from "../../testkit/virtualClock.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import { openOutages } from "./outages.ts";

const clocks: VirtualClock[] = [];
afterEach(() => {
	const ended = clocks.splice(0);
	for (const clock of ended) clock.advance(1_000);
	expect(ended.map(({ timers }) => timers)).toEqual(ended.map(() => 0));
});

function open(clock = openVirtualClock()) {
	const lines: { host: HostId | null; sentence: string; code?: string }[] = [];
	const outages = openOutages({
		clock,
		tell: (host, sentence, code) =>
			lines.push({
				host,
				sentence,
				...(code === undefined ? {} : { code }),
			}),
	});
	return { clock, lines, outages };
}

const status = (
	channel: LinkStatus["channel"],
	attempt: number,
): LinkStatus => ({
	channel,
	fault: "tcp.refused",
	sentence: "nothing listens on that port",
	nextStep: null,
	attempt,
	sinceAt: 0,
	retryAt: null,
});

test("C9: ten auth timeouts in a row are told once, and the link goes on trying", () => {
	const challenged = {
		kind: "opens",
		greet: [JSON.stringify({ event: "connected" })],
	} as const;
	const stage = openLinkStage([challenged], {
		extensions: () => ["challenge.v1"],
		onStatus: (now) => outages.note(hostId("web-1"), now),
	});
	const { lines, outages } = open(stage.clock);
	stage.send("wanted");
	stage.clock.advance(12 * 60_000);
	expect(stage.link.status).toMatchObject({
		channel: "reconnecting",
		fault: "auth.timeout",
	});
	expect(stage.link.status.attempt).toBeGreaterThan(10);
	expect(lines).toEqual([
		{
			host: "web-1",
			code: "auth.timeout",
			sentence: expect.stringMatching(
				/^not reached in 10 attempts, and Foredeck goes on trying: the challenge/,
			),
		},
	]);
	const dials = stage.transport.dials;
	stage.clock.advance(5 * 60_000);
	expect(stage.transport.dials).toBeGreaterThan(dials);
	expect(lines).toHaveLength(1);
	stage.send("stopped");
	outages.stop();
	clocks.push(stage.clock);
});

test("C9: a host that is polled between its attempts and answers nothing is told once, until a poll is answered", () => {
	const { clock, lines, outages } = open();
	for (let attempt = 8; attempt < 20; attempt++) {
		outages.note(hostId("a"), status("reconnecting", attempt));
		clock.advance(60_000);
		outages.note(hostId("a"), status("polling", attempt));
		clock.advance(20_000);
	}
	expect(lines).toHaveLength(1);
	outages.note(hostId("a"), status("polling", 0));
	outages.note(hostId("a"), status("reconnecting", 10));
	clock.advance(60_000);
	expect(lines).toHaveLength(2);
	outages.stop();
});

test("C9: a link that is lost after it was live begins anew, however often, and nothing is told", () => {
	const stage = openLinkStage([{ kind: "opens" }], {
		onStatus: (now) => outages.note(hostId("web-1"), now),
	});
	const { lines, outages } = open(stage.clock);
	stage.send("wanted");
	for (let n = 0; n < 30; n++) {
		stage.clock.advance(10_000);
		for (const socket of stage.transport.all()) socket.end();
		expect(stage.link.status).toMatchObject({
			channel: "reconnecting",
			attempt: 1,
		});
	}
	stage.clock.advance(60_000);
	expect(lines).toEqual([]);
	stage.send("stopped");
	outages.stop();
	clocks.push(stage.clock);
});

describe("a host that is not reached", () => {
	test("is told again only after it was back", () => {
		const { clock, lines, outages } = open();
		const id = hostId("a");
		for (const attempt of [9, 10, 11, 12])
			outages.note(id, status("reconnecting", attempt));
		clock.advance(60_000);
		outages.note(id, status("reconnecting", 13));
		clock.advance(60_000);
		expect(lines).toHaveLength(1);
		outages.note(id, status("live", 0));
		outages.note(id, status("reconnecting", 10));
		clock.advance(60_000);
		expect(lines).toHaveLength(2);
		clocks.push(clock);
	});

	test("and comes back before it is told is not told", () => {
		const { clock, lines, outages } = open();
		outages.note(hostId("a"), status("reconnecting", 10));
		clock.advance(10_000);
		outages.note(hostId("a"), status("polling", 0));
		outages.note(hostId("b"), status("reconnecting", 10));
		outages.forget(hostId("b"));
		clock.advance(60_000);
		expect(lines).toEqual([]);
		clocks.push(clock);
	});

	test("because our own network is gone, or because it is blocked or paused, is not told", () => {
		const { clock, lines, outages } = open();
		for (const channel of [
			"offline",
			"blocked",
			"paused",
			"connecting",
		] as const)
			outages.note(hostId(channel), status(channel, 12));
		clock.advance(60_000);
		expect(lines).toEqual([]);
		clocks.push(clock);
	});

	test("with many others makes one line of them all", () => {
		const { clock, lines, outages } = open();
		for (let n = 0; n < 2_000; n++) {
			outages.note(hostId(`h-${n}`), status("reconnecting", 10));
			clock.advance(10);
		}
		clock.advance(60_000);
		expect(lines).toEqual([
			{
				host: null,
				sentence:
					"2000 hosts were not reached in 10 attempts; Foredeck goes on trying",
			},
		]);
		clocks.push(clock);
	});
});
