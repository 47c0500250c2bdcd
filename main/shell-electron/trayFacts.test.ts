// What the tray reads of a fleet that is really there, on a virtual clock.
import { afterEach, expect, test } from "vitest";
import { openSettings } from "../core/settings/desk.ts";
import { openPlay } from "../testkit/fleetPlay.ts";
import { HICCUP_MS, trayFacts } from "./trayFacts.ts";

let play: ReturnType<typeof openPlay> | null = null;
afterEach(() => {
	play?.end();
	play = null;
});

async function openFleet(...ids: string[]) {
	const opened = openPlay(ids);
	play = opened;
	const settings = openSettings(null, () => {});
	const { fleet, book, clock } = opened;
	return {
		...opened,
		settings,
		facts: (unreadFailures = 0, identityExpiresAt: number | null = null) =>
			trayFacts(
				{
					fleetName: "prod",
					fleet,
					book,
					unreadFailures,
					identityExpiresAt,
					settings,
				},
				"linux",
				clock.wallMs(),
			),
	};
}

test("a fleet that is live has nothing to reconnect", async () => {
	const { clock, facts } = await openFleet("a", "b");
	await clock.pass(2_000);
	expect(facts(3)).toMatchObject({
		platform: "linux",
		profiles: [
			{
				name: "prod",
				channels: { live: 2, reconnecting: 0, blocked: 0 },
				lasting: 0,
				unreadFailures: 3,
				identityExpired: false,
			},
		],
		jobs: [],
		mutedUntil: null,
		reconnectable: 0,
	});
});

test("a host that cannot be reached lasts once a hiccup is over", async () => {
	const { clock, facts, agent } = await openFleet("a", "b");
	agent("b").socket = "refuses";
	agent("b").rest = "refuses";
	await clock.pass(2_000);
	expect(facts().reconnectable).toBe(1);
	expect(facts().profiles[0]).toMatchObject({
		channels: { live: 1, reconnecting: 1 },
		lasting: 0,
	});
	await clock.pass(HICCUP_MS);
	expect(facts().profiles[0]?.lasting).toBe(1);
});

test("an identity that is over by our own clock is told, and no agent's word for it", async () => {
	const { clock, facts, agent } = await openFleet("a");
	agent("a").socket = {
		kind: "fails",
		phase: "greeting",
		facts: {
			causes: [
				{
					code: "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED",
					message: "certificate expired",
				},
			],
		},
	};
	await clock.pass(5_000);
	expect(facts().profiles[0]).toMatchObject({
		channels: { blocked: 1 },
		lasting: 1,
		identityExpired: false,
	});
	const now = clock.wallMs();
	expect(facts(0, now + 1).profiles[0]?.identityExpired).toBe(false);
	expect(facts(0, now).profiles[0]?.identityExpired).toBe(true);
});

test("jobs that run are told with how far they are, the newest first, and those that ended are not", async () => {
	const { clock, facts, push } = await openFleet("a", "b", "c");
	await clock.pass(2_000);
	push("a", "one", "running");
	push("b", "two", "running");
	await clock.pass(2_000);
	expect(facts().jobs).toMatchObject([{ hosts: 2, ended: 0, failed: 0 }]);
	push("b", "two", "failed", { error: "no" });
	await clock.pass(2_000);
	expect(facts().jobs).toMatchObject([{ hosts: 2, ended: 1, failed: 1 }]);
	// Long enough after it to be another job.
	await clock.pass(30 * 60_000);
	push("c", "three", "running");
	await clock.pass(2_000);
	expect(facts().jobs).toMatchObject([
		{ hosts: 1, ended: 0, failed: 0 },
		{ hosts: 2, ended: 1, failed: 1 },
	]);
	push("a", "one", "completed");
	push("c", "three", "completed");
	await clock.pass(2_000);
	expect(facts().jobs).toEqual([]);
});

test("mute is told as long as it lasts", async () => {
	const { clock, facts, settings } = await openFleet("a");
	const until = clock.wallMs() + 60_000;
	settings.change({ notifications: { mutedUntil: until } });
	expect(facts().mutedUntil).toMatch(/^(tomorrow )?\d\d:\d\d$/);
	await clock.pass(60_000);
	expect(facts().mutedUntil).toBeNull();
});
