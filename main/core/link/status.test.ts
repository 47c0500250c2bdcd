import { describe, expect, test } from "vitest";
import { fault } from "../../../shared/fault.ts";
import type { Channel, LinkStatus } from "../../../shared/model.ts";
import type { LinkState } from "./state.ts";
import { IDLE } from "./state.ts";
import { channelOf, statusOf } from "./status.ts";

const soon = fault("tcp.refused");
const trail = {
	epoch: 7,
	failures: 2,
	refusals: 0,
	fault: soon,
	probeEveryMs: 0,
	quiet: false,
	farewell: false,
} as const;
const waiting: LinkState = { ...trail, kind: "waiting", deadline: 51_500 };
const dialing: LinkState = {
	...trail,
	kind: "dialing",
	deadline: 90_000,
	phase: "greeting",
	pollEpoch: 0,
};
const live: LinkState = {
	...trail,
	kind: "live",
	deadline: 80_000,
	greetedAtMs: 50_000,
};
const polling: LinkState = {
	...trail,
	kind: "polling",
	fault: fault("http.404"),
	probeEveryMs: 60_000,
	probeAtMs: 99_000,
	deadline: 60_000,
	asking: false,
	misses: 0,
};
const blocked: LinkState = {
	...trail,
	kind: "blocked",
	fault: fault("http.401"),
	refusals: 3,
	deadline: 600_000,
};
const NEW: LinkStatus = {
	channel: "connecting",
	fault: null,
	sentence: null,
	nextStep: null,
	attempt: 0,
	sinceAt: 1,
	retryAt: null,
};
const status = (state: LinkState, before = NEW): LinkStatus =>
	statusOf(state, before, 1_000_000, 50_000);

describe("the channel a person sees", () => {
	const rows: readonly (readonly [string, LinkState, Channel])[] = [
		["a link that nobody asked for yet", IDLE, "connecting"],
		["a paused link", { kind: "idle", paused: true, epoch: 3 }, "paused"],
		["a first dial", { ...dialing, fault: null }, "connecting"],
		["a dial after a loss", dialing, "reconnecting"],
		["a queue after a loss", { ...trail, kind: "queued" }, "reconnecting"],
		[
			"a probe of a polled link",
			{ ...dialing, probeEveryMs: 60_000 },
			"polling",
		],
		[
			"the quiet retry of a blocked link",
			{ ...dialing, quiet: true },
			"blocked",
		],
		["a wait", waiting, "reconnecting"],
		[
			"a wait for a network",
			{ ...waiting, fault: fault("net.offline") },
			"offline",
		],
		["a live link", live, "live"],
		["a doubtful link", { ...live, kind: "doubtful", woke: false }, "live"],
		["a polled link", polling, "polling"],
		["a blocked link", blocked, "blocked"],
		["a removed link", { kind: "stopped" }, "paused"],
	];
	test.each(rows)("%s", (_name, state, channel) => {
		expect(channelOf(state)).toBe(channel);
	});
});

describe("the status", () => {
	test("of a wait says why, which attempt, and when it goes on by the wall's clock", () => {
		expect(status(waiting)).toEqual({
			channel: "reconnecting",
			fault: "tcp.refused",
			sentence: soon.sentence,
			nextStep: soon.nextStep,
			attempt: 2,
			sinceAt: 1_000_000,
			retryAt: 1_001_500,
		});
	});

	test("of a live link has nothing to explain", () => {
		expect(status(live)).toMatchObject({
			channel: "live",
			fault: null,
			sentence: null,
			attempt: 0,
			retryAt: null,
		});
	});

	test("of a polled link says why it is polled", () => {
		expect(status(polling).sentence).toBe(
			"polling: the agent has no live stream at this address",
		);
	});

	test("of an agent that is not ready says that it is waited for", () => {
		const busy = fault("http.503", { retryAfterMs: 30_000 });
		expect(status({ ...waiting, fault: busy }).sentence).toBe(
			"waiting for server: the agent is not ready yet",
		);
		const replaced = fault("session.replaced", { retryAfterMs: 60_000 });
		expect(status({ ...waiting, fault: replaced }).sentence).toBe(
			replaced.sentence,
		);
	});

	test("of a blocked link counts the refusals", () => {
		expect(status(blocked)).toMatchObject({ channel: "blocked", attempt: 3 });
	});

	test("keeps since when the channel is what it is", () => {
		const before = status(waiting);
		const later = statusOf(
			{ ...waiting, failures: 3, deadline: 60_000 },
			before,
			2_000_000,
			51_500,
		);
		expect(later.sinceAt).toBe(1_000_000);
		expect(later.attempt).toBe(3);
	});

	test("is the same object while nothing changed that a person could see", () => {
		const before = status(live);
		const doubtful: LinkState = { ...live, kind: "doubtful", woke: true };
		expect(statusOf(doubtful, before, 2_000_000, 60_000)).toBe(before);
	});
});
