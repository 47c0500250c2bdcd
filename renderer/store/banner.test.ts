import { expect, test } from "vitest";
import { fault } from "../../shared/fault.ts";
import type { Seen } from "./banner.ts";
import { bannerOf } from "./banner.ts";
import { NOW } from "./fixtures.ts";
import { EMPTY_FLEET } from "./replica.ts";

const channels = (change: Partial<Seen["channels"]>): Seen["channels"] => ({
	...EMPTY_FLEET.channels,
	...change,
});
const WELL: Seen = {
	line: { kind: "open" },
	frameAt: 0,
	disagreement: null,
	fault: null,
	channels: channels({ live: 50 }),
	lastKnown: { hosts: 0, asOf: 0 },
	loss: undefined,
	startedAt: NOW - 60_000,
	crashedAt: null,
	expiry: null,
	now: NOW,
};
const THEN = NOW - 3_600_000;
const about = (change: Partial<Seen>) =>
	bannerOf({ ...WELL, ...change })?.about ?? null;
const words = (change: Partial<Seen>): string =>
	bannerOf({ ...WELL, ...change })
		?.sentence.map((part) =>
			typeof part === "string" ? part : `<${NOW - part.at}>`,
		)
		.join("") ?? "";

test("no banner while all is well, and before anything is known", () => {
	expect(about({})).toBeNull();
	expect(
		about({
			line: { kind: "opening" },
			channels: channels({}),
			startedAt: null,
		}),
	).toBeNull();
});

test("each banner gives way to what changes more of what is seen", () => {
	const everything: [Seen["crashedAt"] | string, Partial<Seen>][] = [
		["fault", { fault: fault("settings.unwritable") }],
		[
			"expiry",
			{
				expiry: { tone: "warning", sentence: "in 6 days", isUrgent: true },
			},
		],
		["lastKnown", { lastKnown: { hosts: 39, asOf: THEN } }],
		["crash", { crashedAt: NOW }],
		[
			"expired",
			{ expiry: { tone: "bad", sentence: "expired", isUrgent: true } },
		],
		["fault", { fault: fault("vault.locked") }],
		["loss", { loss: { at: NOW - 5_000, away: 40, hosts: 50 } }],
		["offline", { channels: channels({ offline: 49, paused: 1 }) }],
		["disagreement", { disagreement: fault("contract.mismatch") }],
		[
			"core",
			{
				line: {
					kind: "closed",
					sinceAt: NOW,
					attempt: 1,
					retryAt: null,
					neverOpened: false,
				},
			},
		],
	];
	let seen: Partial<Seen> = {};
	for (const [wanted, change] of everything) {
		seen = { ...seen, ...change };
		expect(about(seen)).toBe(wanted);
	}
});

test("without a network it is said as of when the fleet is shown, and only while no host has any", () => {
	const offline = { channels: channels({ offline: 50 }) };
	expect(words(offline)).toContain("nothing below is live");
	expect(words({ ...offline, lastKnown: { hosts: 50, asOf: THEN } })).toBe(
		"This computer has no network: what you see is as of <3600000>",
	);
	expect(about({ channels: channels({ offline: 49, live: 1 }) })).toBeNull();
	expect(about({ channels: channels({ paused: 3 }) })).toBeNull();
});

test("links that dropped together are said with how many and when, not for a hiccup, and no longer than the core says it", () => {
	const loss = { at: NOW - 4_000, away: 312, hosts: 400 };
	expect(words({ loss })).toBe(
		"312 of 400 links dropped at <4000>: probably your network",
	);
	expect(about({ loss: { ...loss, at: NOW - 2_000 } })).toBeNull();
	expect(about({ loss: undefined })).toBeNull();
});

test("the last known state is said while more than a fifth of the hosts are not heard of, after they had a moment for it", () => {
	const lastKnown = { hosts: 39, asOf: THEN };
	expect(words({ lastKnown })).toBe(
		"39 of 50 hosts are shown as of <3600000>, before Foredeck was closed",
	);
	expect(about({ lastKnown: { hosts: 10, asOf: THEN } })).toBeNull();
	expect(about({ lastKnown, startedAt: NOW - 2_000 })).toBeNull();
	expect(bannerOf({ ...WELL, lastKnown })?.action).toEqual({
		do: "go",
		words: "Show 39 hosts",
		to: { screen: "hosts", host: null, q: "is:last-known" },
	});
});

test.each([
	["vault.locked", "identities"],
	["history.broken", "settings"],
	["settings.broken", "settings"],
	["fleet.invalid", "hosts"],
] as const)("%s leads to %s", (code, screen) => {
	const action = bannerOf({ ...WELL, fault: fault(code) })?.action;
	expect(action?.do === "go" && action.to.screen).toBe(screen);
});
