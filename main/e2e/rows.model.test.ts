// The model rows of 11-REQUIREMENTS on real sockets: agents that end, cancel, forget, speak unknown words and have wrong
// clocks, links that are lost while runs run; the console ends with the truth and never says more than it knows.
import { describe, expect, test } from "vitest";
import { contract } from "../../shared/contract.ts";
import { isOpen } from "../../shared/model.ts";
import type { AgentJob } from "../demo/jobTable.ts";
import type { World, WorldOptions } from "./world.ts";
import { FAILS, openWorld } from "./world.ts";

async function withWorld(
	options: WorldOptions,
	story: (world: World) => Promise<void>,
): Promise<void> {
	const world = await openWorld(options);
	try {
		await story(world);
	} finally {
		await world.stop();
	}
}

const live = (world: World, ids: readonly string[]): Promise<unknown> =>
	Promise.all(ids.map((id) => world.untilChannel(id, "live")));
/** The job of the only host it was given to. */
const one = (jobs: Map<string, AgentJob>): readonly [string, AgentJob] => {
	const [entry] = [...jobs];
	if (entry === undefined) throw new Error("no job");
	return entry;
};
/** Says something as the agent, past every switch. */
const say = (
	world: World,
	[id, job]: readonly [string, AgentJob],
	status: string,
) =>
	world.agent(id).push(
		JSON.stringify({
			event: "job_status",
			job_id: job.id,
			status,
			progress: 0,
			message: status,
			timestamp: new Date(job.createdAt).toISOString(),
		}),
	);

describe.concurrent("the model's rows on real sockets", () => {
	test("M1, M2: a host that succeeds while others run is a host event; the job stays running, counted from its runs", async () => {
		const ids = ["web-01", "web-02", "web-03"];
		await withWorld({ hosts: ids.map((id) => ({ id })) }, async (world) => {
			await live(world, ids);
			const first = one(world.submit(["web-01"], { runMs: 200 }));
			const others = world.submit(["web-02", "web-03"], { runMs: 3_000 });
			await world.untilState(...first, "succeeded");
			expect(world.jobs()).toMatchObject([
				{
					status: "running",
					endedAt: null,
					counts: { host: 3, succeeded: 1, failed: 0 },
				},
			]);
			for (const entry of others) await world.untilState(...entry, "succeeded");
			expect(world.jobs()).toMatchObject([
				{ status: "succeeded", counts: { host: 3, succeeded: 3 } },
			]);
			const ends = world.told.filter(
				(line) =>
					line.kind === "job" &&
					line.status !== "running" &&
					line.status !== "queued",
			);
			expect(ends).toHaveLength(1);
		});
	});

	test("M3, M16: an end stands against what comes late, and a run that is told ten times over counts once", async () => {
		await withWorld(
			{
				hosts: [{ id: "web-01", faults: [{ kind: "duplicate", times: 10 }] }],
			},
			async (world) => {
				await live(world, ["web-01"]);
				const entry = one(world.submit(["web-01"], { runMs: 300 }));
				await world.untilState(...entry, "succeeded");
				for (const status of ["running", "pending", "failed", "running"])
					say(world, entry, status);
				const { figures } = world.console.book;
				await world.until(
					"the late ones were counted",
					() => figures.late >= 3 && figures.ignoredTerminal >= 1,
				);
				expect(world.run(...entry)?.state).toBe("succeeded");
				expect(
					world.tellings(...entry).filter((state) => !isOpen(state)),
				).toEqual(["succeeded"]);
				expect(world.console.book.runs.size).toBe(1);
				expect(world.jobs()[0]?.counts).toMatchObject({
					host: 1,
					succeeded: 1,
				});
			},
		);
	});

	test("M4: agents cannot cancel, so nothing offers it", () => {
		const names = Object.keys(contract.commands);
		expect(
			names.filter((name) => /cancel|stop|abort|delete/i.test(name)),
		).toEqual([]);
	});

	test("M4: what an agent calls cancelled is cancelled, once, also when the link is lost right after it said so", async () => {
		await withWorld(
			{ hosts: [{ id: "web-01", proxied: true }] },
			async (world) => {
				await live(world, ["web-01"]);
				const entry = one(
					world.submit(["web-01"], {
						runMs: 600,
						outcome: { state: "cancelled" },
					}),
				);
				await world.untilState(...entry, "cancelled");
				await world.proxy("web-01").stopAccepting();
				world.proxy("web-01").resetAll();
				await world.until(
					"the link is lost",
					() => world.link("web-01").channel !== "live",
				);
				expect(world.run(...entry)?.state).toBe("cancelled");
				await world.proxy("web-01").accept();
				await live(world, ["web-01"]);
				expect(world.run(...entry)?.state).toBe("cancelled");
				expect(
					world.tellings(...entry).filter((state) => !isOpen(state)),
				).toEqual(["cancelled"]);
				expect(world.jobs()[0]?.status).toBe("cancelled");
			},
		);
	});

	test("M4: a cancellation that was pushed once and is not true is put right by the list that is read after the lost link", async () => {
		await withWorld(
			{ hosts: [{ id: "web-01", proxied: true }] },
			async (world) => {
				await live(world, ["web-01"]);
				const entry = one(world.submit(["web-01"], { runMs: 2_500 }));
				await world.untilState(...entry, "running");
				say(world, entry, "cancelled");
				await world.untilState(...entry, "cancelled");
				await world.proxy("web-01").stopAccepting();
				world.proxy("web-01").resetAll();
				await world.until(
					"the agent is done",
					() => world.agent("web-01").job(entry[1].id)?.state === "completed",
				);
				await world.proxy("web-01").accept();
				await world.untilState(...entry, "succeeded");
				expect(world.jobs()[0]?.status).toBe("succeeded");
			},
		);
	});

	test("M6: an agent's error code reaches the run as it was written, known or not", async () => {
		await withWorld({ hosts: [{ id: "web-01" }] }, async (world) => {
			await live(world, ["web-01"]);
			const known = one(
				world.submit(["web-01"], { runMs: 100, outcome: FAILS }),
			);
			const strange = one(
				world.submit(["web-01"], {
					packages: ["curl"],
					runMs: 100,
					outcome: { ...FAILS, errorCode: "ZORP_ERROR" } as typeof FAILS,
				}),
			);
			for (const [entry, code] of [
				[known, "NETWORK_ERROR"],
				[strange, "ZORP_ERROR"],
			] as const)
				await world.until(
					`${code} is known`,
					() => world.run(...entry)?.errorCode === code,
				);
		});
	});

	test("M7: a link that is lost with three runs running makes three unknown, none failed; afterwards each is what it truly is", async () => {
		const ids = ["web-01", "web-02", "web-03"];
		await withWorld(
			{ hosts: ids.map((id) => ({ id, proxied: true })) },
			async (world) => {
				await live(world, ids);
				const jobs = new Map([
					...world.submit(["web-01"], { runMs: 2_500 }),
					...world.submit(["web-02"], { runMs: 2_500, outcome: FAILS }),
					...world.submit(["web-03"], { runMs: 600_000 }),
				]);
				for (const entry of jobs) await world.untilState(...entry, "running");
				for (const id of ids) {
					await world.proxy(id).stopAccepting();
					world.proxy(id).resetAll();
				}
				for (const entry of jobs) await world.untilState(...entry, "unknown");
				expect(world.jobs()).toMatchObject([
					{
						status: "running",
						endedAt: null,
						counts: { host: 3, unknown: 3, running: 0, failed: 0 },
					},
				]);
				for (const id of ids) await world.proxy(id).accept();
				const truths = ["succeeded", "failed", "running"] as const;
				for (const [at, entry] of [...jobs].entries())
					await world.untilState(...entry, truths[at] ?? "running");
				expect(world.jobs()).toMatchObject([
					{
						status: "running",
						counts: {
							host: 3,
							unknown: 0,
							running: 1,
							succeeded: 1,
							failed: 1,
						},
					},
				]);
				for (const [at, entry] of [...jobs].entries())
					expect(
						world.tellings(...entry).filter((state) => !isOpen(state)),
					).toEqual(at === 2 ? [] : [truths[at]]);
			},
		);
	});

	test("M8: an agent that says Zorp has an unknown run with that word beside it, and ends all the same", async () => {
		await withWorld(
			{
				hosts: [
					{
						id: "web-01",
						faults: [{ kind: "status-word", word: "Zorp", instead: "pending" }],
					},
				],
			},
			async (world) => {
				await live(world, ["web-01"]);
				const entry = one(
					world.submit(["web-01"], { startAfterMs: 1_500, runMs: 200 }),
				);
				await world.untilState(...entry, "unknown");
				expect(world.run(...entry)).toMatchObject({
					rawStatus: "Zorp",
					remark: "agent says “Zorp”",
				});
				expect(world.jobs()).toMatchObject([
					{ status: "running", counts: { host: 1, unknown: 1 } },
				]);
				expect(world.link("web-01").channel).toBe("live");
				await world.untilState(...entry, "succeeded");
				expect(world.run(...entry)?.remark).toBeNull();
			},
		);
	});

	test("M12: an agent whose clock is 10 min ahead is ordered by its numbers and timed by ours, its skew is told, and it shares a job with a host whose clock is right", async () => {
		await withWorld(
			{
				hosts: [
					{
						id: "ahead-01",
						dialect: "extended",
						faults: [{ kind: "clock-skew", seconds: 600 }],
					},
					{ id: "right-01", dialect: "extended" },
				],
			},
			async (world) => {
				const ids = ["ahead-01", "right-01"];
				await live(world, ids);
				await world.until(
					"the skew is known",
					() =>
						Math.abs((world.host("ahead-01").skewMs ?? 0) - 600_000) < 5_000,
				);
				expect(Math.abs(world.host("right-01").skewMs ?? 9e9)).toBeLessThan(
					2_000,
				);
				const beforeMs = Date.now();
				const jobs = world.submit(ids, { runMs: 1_500 });
				const ahead = ["ahead-01", jobs.get("ahead-01") as AgentJob] as const;
				await world.untilState(...ahead, "running");
				// The clock is put right while the run runs: its next event has a larger number and an earlier time.
				world.agent("ahead-01").clearFault("clock-skew");
				for (const entry of jobs) await world.untilState(...entry, "succeeded");
				expect(world.jobs()).toMatchObject([{ counts: { host: 2 } }]);
				const { startedAt = 0, endedAt } = world.jobs()[0] ?? {};
				expect(startedAt).toBeGreaterThan(beforeMs - 60_000);
				expect(startedAt).toBeLessThanOrEqual(Date.now());
				expect(endedAt).toBeLessThanOrEqual(Date.now());
				const lines = world.told.filter(
					(line) => line.kind === "host" && line.hostId === "ahead-01",
				);
				const times = lines.map((line) =>
					Date.parse((line.kind === "host" && line.at) || ""),
				);
				expect(Math.min(...times.slice(1))).toBeLessThan(times[0] ?? 0);
				expect(world.tellings(...ahead).at(-1)).toBe("succeeded");
				expect(
					lines.every(
						(line) => Math.abs(line.receivedAt - Date.now()) < 60_000,
					),
				).toBe(true);
				expect(world.told.some(({ kind }) => kind === "gap")).toBe(false);
			},
		);
	});

	test("M14: of a host that never answered nothing is claimed, and a live one that leaves something out has that unknown, not well", async () => {
		await withWorld(
			{
				hosts: [
					{ id: "gone-01" },
					{
						id: "shy-01",
						faults: [{ kind: "empty-405", path: "/system/info" }],
					},
				],
				before: (agents) => agents.get("gone-01")?.kill(),
			},
			async (world) => {
				await world.untilChannel("gone-01", "reconnecting", "tcp.refused");
				expect(world.host("gone-01")).toMatchObject({
					health: { kind: "never_seen" },
					heardAt: null,
					uptimeSeconds: null,
					pendingReboot: null,
					agentVersion: null,
					os: null,
					skewMs: null,
				});
				await live(world, ["shy-01"]);
				await world.until(
					"its health is known",
					() => world.host("shy-01").health.kind === "healthy",
				);
				await world.until("its list was read", () =>
					Boolean(
						world.console.fleet.member(world.host("shy-01").id)?.hasListed(),
					),
				);
				expect(world.host("shy-01")).toMatchObject({
					pendingReboot: null,
					os: null,
					uptimeSeconds: expect.any(Number),
				});
			},
		);
	});
});
