// How often one agent is asked, counted where it hurts: at the agent. Polls, reconciling, details, health and the log share
// one budget, and a wish to wait holds all of them back.
import { afterEach, describe, expect, test } from "vitest";
import { agentJobId, hostId } from "../../../shared/model.ts";
import type { AgentState } from "../../testkit/fleetPlay.ts";
import { openPlay } from "../../testkit/fleetPlay.ts";
import { seededRandom } from "../../testkit/seededRandom.ts";

/** What is decided: never more in any minute (03-BEHAVIOUR section 1). */
const MOST = 40;

let play: ReturnType<typeof openPlay> | null = null;
afterEach(() => {
	play?.end();
	play = null;
});

/** The most questions that came within any minute. */
function most({ asked }: AgentState): number {
	let from = 0;
	let found = 0;
	for (const [to, { atMs }] of asked.entries()) {
		while (atMs - (asked[from]?.atMs ?? 0) >= 60_000) from++;
		found = Math.max(found, to - from + 1);
	}
	return found;
}

describe("never above 40 GETs a minute", () => {
	test("C23: over polls, reconciling, details, hints, health, a log and a person who looks, with links that come and go", async () => {
		const random = seededRandom(7);
		play = openPlay(["a", "b", "c"], random);
		const { agent, clock, fleet, socket, channel, push } = play;
		agent("b").socket = "forbids-upgrade";
		agent("c").extensions = ["events.v1"];
		await clock.pass(2_000);
		for (let second = 0; second < 20 * 60; second++) {
			for (const id of ["a", "b", "c"]) {
				const job = String(Math.floor(random() * 200));
				const status = random() < 0.3 ? "failed" : "running";
				agent(id).jobs.set(job, { status, message: "" });
				const member = fleet.member(hostId(id));
				if (random() < 0.2) void member?.reader.output(agentJobId(job));
				if (channel(id) !== "live") continue;
				push(id, job, status);
				if (random() < 0.05) socket(id).end();
			}
			await clock.pass(1_000);
		}
		for (const id of ["a", "b", "c"]) {
			expect(agent(id).asked.length).toBeGreaterThan(300);
			expect(most(agent(id))).toBeLessThanOrEqual(MOST);
		}
	});
});

/** Asks for many details at once, as a person who clicks through a list does. */
const click = (id: string, runs: number): void => {
	const member = play?.fleet.member(hostId(id));
	for (let n = 0; n < runs; n++)
		void member?.reader.output(agentJobId(String(n)));
};

describe("a wish to wait", () => {
	test.each([429, 503])(
		"C14: %i with Retry-After holds back every request of that agent, those that were already in line too",
		async (status) => {
			play = openPlay(["a", "b"]);
			const { agent, clock } = play;
			await clock.pass(60_000);
			const state = agent("a");
			const sinceMs = clock.monotonicMs();
			let told = false;
			state.reply = () => {
				if (told) return null;
				told = true;
				return { status, retryAfterMs: 30_000 };
			};
			click("a", 30);
			click("b", 30);
			await clock.pass(29_000);
			const during = state.asked.filter(({ atMs }) => atMs > sinceMs + 10);
			expect(during).toEqual([]);
			// The neighbour has nothing to do with it.
			expect(
				agent("b").asked.filter(({ atMs }) => atMs > sinceMs).length,
			).toBeGreaterThan(10);
			await clock.pass(60_000);
			expect(
				state.asked.filter(({ atMs }) => atMs > sinceMs + 29_000).length,
			).toBeGreaterThan(10);
			expect(most(state)).toBeLessThanOrEqual(MOST);
		},
	);

	test.each([429, 503])(
		"C14: polls answered by %i without Retry-After are asked again after 5 s, and the host is not hammered",
		async (status) => {
			play = openPlay(["a"]);
			const { agent, clock, channel } = play;
			const state = agent("a");
			state.socket = "forbids-upgrade";
			await clock.pass(2_000);
			expect(channel("a")).toBe("polling");
			state.reply = () => ({ status });
			const sinceMs = clock.monotonicMs();
			await clock.pass(10 * 60_000);
			const at = state.asked
				.map(({ atMs }) => atMs)
				.filter((atMs) => atMs > sinceMs);
			const pauses = at.slice(1).map((ms, i) => ms - (at[i] ?? 0));
			expect(at.length).toBeGreaterThan(3);
			expect(Math.min(...pauses)).toBeGreaterThanOrEqual(5_000);
			expect(at.length).toBeLessThanOrEqual(60);
		},
	);

	test("C14: a live host whose requests are answered by 429 stays live, is asked again with growing pauses, and says why its jobs cannot be read", async () => {
		play = openPlay(["a"]);
		const { agent, clock, row } = play;
		const state = agent("a");
		state.reply = () => ({ status: 429 });
		await clock.pass(5 * 60_000);
		expect(row("a").link).toMatchObject({ channel: "live", fault: "http.429" });
		expect(row("a").health.kind).not.toBe("unreachable");
		expect(state.asked.length).toBeLessThanOrEqual(14);
		state.reply = () => null;
		await clock.pass(75_000);
		expect(row("a").link.fault).toBeNull();
	});

	test("C14: a poll that is told to wait 30 s is no miss: the host stays polled, and is asked after 30 s", async () => {
		play = openPlay(["a"]);
		const { agent, clock, channel, row } = play;
		const state = agent("a");
		state.socket = "forbids-upgrade";
		await clock.pass(2_000);
		state.reply = () => ({ status: 503, retryAfterMs: 30_000 });
		const sinceMs = clock.monotonicMs();
		await clock.pass(10 * 60_000);
		expect(channel("a")).toBe("polling");
		expect(row("a").health.kind).toBe("healthy");
		const at = state.asked
			.map(({ atMs }) => atMs)
			.filter((atMs) => atMs > sinceMs);
		const pauses = at.slice(1).map((ms, i) => ms - (at[i] ?? 0));
		expect(Math.min(...pauses)).toBeGreaterThanOrEqual(30_000);
		expect(at.length).toBeGreaterThanOrEqual(14);
	});
});
