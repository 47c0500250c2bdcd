// One link and what an agent or another console may do to it: how often it is dialed, when, and what a person is told.
// Virtual time; the same on real sockets is in `main/e2e`.
import { afterEach, describe, expect, test } from "vitest";
import type { FaultCode } from "../../../shared/fault.ts";
import { ok } from "../../../shared/fault.ts";
import { openPlay } from "../../testkit/fleetPlay.ts";
import { OPENS, openLinkStage } from "../../testkit/linkStage.ts";
import type { Fate } from "../../testkit/memoryTransport.ts";
import { POLICY } from "./policy.ts";

let play: ReturnType<typeof openPlay> | null = null;
afterEach(() => {
	play?.end();
	play = null;
});

const answered = (
	status: number,
	retryAfterMs: number | null = null,
): Fate => ({
	kind: "fails",
	phase: "upgrade",
	facts: {
		bytesReceived: 1,
		http: { status, contentType: null, retryAfterMs, firstBytes: "" },
	},
});

/** When each dial began, in seconds after the first; time passes in steps of 100 ms. */
async function dialsOf(
	stage: ReturnType<typeof openLinkStage>,
	forS: number,
): Promise<number[]> {
	const at: number[] = [];
	stage.send("wanted");
	for (let ms = 0; ms <= forS * 1_000; ms += 100) {
		await stage.clock.pass(100);
		while (at.length < stage.transport.dials) at.push(ms / 1_000);
	}
	return at.map((s) => s - (at[0] ?? 0));
}

test.each<["missing" | "wrong", FaultCode]>([
	["wrong", "ws.accept-wrong"],
	["missing", "ws.accept-missing"],
])(
	"C2: an accept key that is %s is polled within a second, and the socket is tried after 60 s, doubling to 5 min",
	async (accept, code) => {
		const stage = openLinkStage(
			[{ kind: "fails", phase: "upgrade", facts: { accept } }],
			{
				relist() {
					firstPollMs ??= stage.clock.monotonicMs();
					return Promise.resolve(ok(undefined));
				},
			},
		);
		let firstPollMs: number | null = null;
		const { link, statuses } = stage;
		const startMs = stage.clock.monotonicMs();
		const at = await dialsOf(stage, 25 * 60);
		expect((firstPollMs ?? 0) - startMs).toBeGreaterThan(0);
		expect((firstPollMs ?? 0) - startMs).toBeLessThanOrEqual(1_000);
		expect(link.status).toMatchObject({ channel: "polling", fault: code });
		expect(statuses.map(({ channel }) => channel)).toEqual(["polling"]);
		const pauses = at.slice(1).map((s, i) => Math.round(s - (at[i] ?? 0)));
		expect(pauses.slice(0, 5)).toEqual([60, 120, 240, 300, 300]);
	},
);

test("C11: two consoles with one identity change places once a minute at the most, and both are told", async () => {
	const consoles = ["console-1", "console-2"] as const;
	play = openPlay(consoles);
	const { clock, transport, links } = play;
	const minutes = 20;
	for (let ms = 0; ms < minutes * 60_000; ms += 100) {
		const open = transport.all().filter(({ stage }) => stage === "open");
		open.sort((a, b) => a.number - b.number);
		for (const older of open.slice(0, -1)) older.end(1000, "replaced");
		await clock.pass(100);
	}
	expect(transport.dials).toBeLessThanOrEqual(2 * minutes);
	expect(transport.dials).toBeGreaterThan(4);
	for (const host of consoles) {
		const told = links.filter((one) => one.host === host);
		expect(told.map(({ status }) => status.fault)).toContain(
			"session.replaced",
		);
		expect(
			told.find(({ status }) => status.fault === "session.replaced")?.status,
		).toMatchObject({
			channel: "reconnecting",
			sentence: "another console took over this identity’s session",
			nextStep: expect.stringContaining("Close the other console"),
		});
	}
});

test("C12: a dial about which nothing is ever told ends by its own deadline, and is tried again", async () => {
	const stage = openLinkStage([{ kind: "mute" }, OPENS]);
	stage.send("wanted");
	stage.clock.advance(POLICY.dialMs - 100);
	expect(stage.transport.dials).toBe(1);
	expect(stage.link.kind).toBe("dialing");
	stage.clock.advance(500);
	expect(stage.link.status).toMatchObject({
		channel: "reconnecting",
		fault: "tcp.timeout",
		sentence: "the connection was not up in time",
	});
	stage.clock.advance(2_000);
	expect(stage.link.kind).toBe("live");
});

describe("an agent that asks to wait", () => {
	test.each([
		[503, 30],
		[429, 30],
		[503, 3_600],
	])(
		"C14: by %i with Retry-After %i s is not dialed sooner; it is said that it is waited for, without an alarm",
		async (status, seconds) => {
			const levels: string[] = [];
			const stage = openLinkStage([answered(status, seconds * 1_000), OPENS], {
				log: (level) => void levels.push(level),
			});
			stage.send("wanted");
			stage.clock.advance(1_000);
			expect(stage.link.status).toMatchObject({
				channel: "reconnecting",
				fault: `http.${status}`,
				sentence: expect.stringMatching(/^waiting for server: /),
			});
			const retryAt = stage.link.status.retryAt ?? 0;
			expect(retryAt - stage.clock.wallMs()).toBeGreaterThanOrEqual(
				(seconds - 1) * 1_000,
			);
			stage.clock.advance(seconds * 1_000 - 1_500);
			expect(stage.transport.dials).toBe(1);
			stage.clock.advance(10_000);
			expect([stage.link.kind, stage.transport.dials]).toEqual(["live", 2]);
			expect(levels).not.toContain("warn");
		},
	);

	test.each([503, 429])(
		"C14: by %i without Retry-After is dialed with the usual back-off",
		async (status) => {
			const stage = openLinkStage([answered(status)]);
			const at = await dialsOf(stage, 70);
			const pauses = at.slice(1).map((s, i) => Math.round(s - (at[i] ?? 0)));
			expect(pauses).toEqual([1, 2, 4, 8, 16, 32]);
		},
	);
});

describe("what only a person can mend", () => {
	test.each<[number, FaultCode]>([
		[401, "http.401"],
		[403, "http.403"],
		[426, "http.426"],
	])(
		"C15: %i is met three times, then dialing stops with what to do; another identity resumes by itself",
		async (status, code) => {
			const refused = openLinkStage(
				Array.from({ length: 3 }, () => answered(status)).concat(OPENS),
			);
			const at = await dialsOf(refused, 9 * 60);
			expect(at.map(Math.round)).toEqual([0, 1, 3]);
			expect(refused.link.status).toMatchObject({
				channel: "blocked",
				fault: code,
				nextStep: expect.stringMatching(/\.$/),
			});
			refused.send("identityChanged");
			refused.clock.advance(1_000);
			expect([refused.link.kind, refused.transport.dials]).toEqual(["live", 4]);
		},
	);

	test("C15: one that is never mended is tried once every ten minutes, quietly", async () => {
		const stage = openLinkStage([answered(401)]);
		const at = await dialsOf(stage, 35 * 60);
		expect(at.map((s) => Math.round(s / 10))).toEqual([0, 0, 0, 60, 120, 180]);
		const told = stage.channels();
		const sinceBlocked = told.slice(told.indexOf("blocked"));
		expect(new Set(sinceBlocked)).toEqual(new Set(["blocked"]));
	});
});
