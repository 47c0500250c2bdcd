// An agent that restarts behind our back, over real sockets: it is told once, with the code and how it is known, and only
// when it is known. A reconnect alone proves nothing.
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Activity } from "../../shared/model.ts";
import type { AgentJob, JobSpec } from "../demo/jobTable.ts";
import type { HostWish, World } from "./world.ts";
import { openWorld, SUCCEEDS } from "./world.ts";

type Gap = Extract<Activity, { kind: "gap" }>;

const HOSTS: readonly HostWish[] = [
	{ id: "forgets", dialect: "old" },
	{ id: "keeps", dialect: "new" },
	{ id: "logs", dialect: "extended" },
	{ id: "renewed", dialect: "new" },
	{ id: "polled", dialect: "old", faults: [{ kind: "stub-101" }] },
	{ id: "cut", dialect: "old" },
];
const job = (runMs: number): JobSpec => ({
	operation: "patchapply",
	packages: ["openssl"],
	startAfterMs: 0,
	runMs,
	outcome: SUCCEEDS,
});

let world: World;
const jobs = new Map<string, AgentJob>();
const jobOf = (id: string): AgentJob => {
	const job = jobs.get(id);
	if (job === undefined) throw new Error(`${id} has no job`);
	return job;
};
const gapsOf = (id: string): Gap[] =>
	world.told.filter(
		(line): line is Gap => line.kind === "gap" && line.hostId === id,
	);

beforeAll(async () => {
	world = await openWorld({
		hosts: HOSTS,
		before(agents) {
			for (const [id, agent] of agents) {
				// An ended one each, so that there is something to remember beside what is open.
				agent.submit(job(50));
				jobs.set(id, agent.submit(job(600_000)));
			}
		},
	});
	for (const { id } of HOSTS) await world.untilState(id, jobOf(id), "running");
});
afterAll(() => world.stop());

/** The socket goes, and comes back. */
async function reconnected(id: string, breaks: () => void): Promise<void> {
	const before = world.agent(id).connections();
	breaks();
	await world.agent(id).waitForConnection(before + 1);
	await world.untilChannel(id, "live");
}

test("agent.restarted: an agent that forgot what was open, and all it told before", async () => {
	const agent = world.agent("forgets");
	await reconnected("forgets", () =>
		agent.restart({ forget: true, downMs: 0 }),
	);
	await world.untilState("forgets", jobOf("forgets"), "lost");
	await world.until("it is told", () => gapsOf("forgets").length > 0);
	expect(gapsOf("forgets")).toMatchObject([
		{
			fault: "agent.restarted",
			sentence: "the agent restarted and forgot 1 open job",
		},
	]);
});

test("agent.restarted: an agent that says what its restart interrupted", async () => {
	const agent = world.agent("keeps");
	await reconnected("keeps", () => agent.restart({ downMs: 0 }));
	await world.untilState("keeps", jobOf("keeps"), "failed");
	await world.until("it is told", () => gapsOf("keeps").length > 0);
	expect(world.run("keeps", jobOf("keeps"))?.errorCode).toBe("AGENT_REBOOTED");
	expect(gapsOf("keeps")).toMatchObject([
		{
			fault: "agent.restarted",
			sentence: "the agent restarted and interrupted 1 open job",
		},
	]);
});

test("agent.restarted: an agent that begins a new event log, which is told once though its jobs show it too", async () => {
	const agent = world.agent("logs");
	await reconnected("logs", () => agent.restart({ downMs: 0 }));
	await world.untilState("logs", jobOf("logs"), "failed");
	await world.until("it is told", () => gapsOf("logs").length > 0);
	const next = agent.submit(job(50));
	await world.untilState("logs", next, "succeeded");
	expect(gapsOf("logs").map(({ fault }) => fault)).toEqual(["agent.restarted"]);
	expect(gapsOf("logs")[0]?.sentence).toMatch(/^the agent restarted and /);
});

test("agent.restarted: an agent that comes back as another version", async () => {
	const agent = world.agent("renewed");
	await reconnected("renewed", () => {
		agent.kill();
		agent.setVersion("2.6.0");
		void agent.revive();
	});
	await world.until("it is told", () => gapsOf("renewed").length > 0);
	await world.untilState("renewed", jobOf("renewed"), "failed");
	expect(gapsOf("renewed")).toMatchObject([
		{
			fault: "agent.restarted",
			sentence: "the agent restarted as version 2.6.0; before, it was 2.5.5",
		},
	]);
});

test("agent.restarted: a polled agent that forgot what was open", async () => {
	world.agent("polled").restart({ forget: true, downMs: 0 });
	await world.untilState("polled", jobOf("polled"), "lost");
	await world.until("it is told", () => gapsOf("polled").length > 0);
	expect(gapsOf("polled")).toMatchObject([{ fault: "agent.restarted" }]);
});

test("a socket that was cut is no restart", async () => {
	await reconnected("cut", () => world.agent("cut").cutSockets());
	await world.untilState("cut", jobOf("cut"), "running");
	expect(gapsOf("cut")).toEqual([]);
});

test("each of them was told once", () => {
	const told = HOSTS.map(({ id }) => [id, gapsOf(id).length] as const);
	expect(Object.fromEntries(told)).toEqual({
		forgets: 1,
		keeps: 1,
		logs: 1,
		renewed: 1,
		polled: 1,
		cut: 0,
	});
});
