// The truth about jobs, end to end: agents work, lose sockets, forget, repeat and lie by omission; the console ends with
// what they did, tells each change once, and its counts add up at every moment.
import { describe, expect, test } from "vitest";
import type { Counts } from "../../shared/model.ts";
import { isOpen } from "../../shared/model.ts";
import type { World, WorldOptions } from "./world.ts";
import { FAILS, openWorld } from "./world.ts";

async function withWorld(
	options: WorldOptions,
	story: (world: World) => Promise<void>,
): Promise<void> {
	const world = await openWorld(options);
	try {
		await story(world);
		expectCountsAddUp(world);
	} finally {
		await world.stop();
	}
}

const sum = ({ host: _, ...states }: Counts): number =>
	Object.values(states).reduce((total, count) => total + count, 0);

/** At every job event ever told, and now. */
function expectCountsAddUp(world: World): void {
	for (const event of world.told)
		if (event.kind === "job") expect(sum(event.counts)).toBe(event.counts.host);
	for (const job of world.jobs()) {
		expect(sum(job.counts)).toBe(job.counts.host);
		expect(world.console.book.runsOfJob(job.id)).toHaveLength(job.counts.host);
	}
}

const hosts = (n: number, dialect: "new" | "old" | "stub" | "extended") =>
	Array.from({ length: n }, (_, i) => ({ id: `${dialect}-${i + 1}`, dialect }));

describe.concurrent("the truth about jobs", () => {
	test.each(["new", "old", "stub", "extended"] as const)(
		"a job over %s agents ends as they ended, each end told once",
		async (dialect) => {
			await withWorld({ hosts: hosts(4, dialect) }, async (world) => {
				const ids = world.console.fleet.rows().map(({ id }) => id as string);
				await world.until("all are connected", () =>
					ids.every((id) =>
						["live", "polling"].includes(world.link(id).channel),
					),
				);
				const good = world.submit(ids.slice(0, 3), { runMs: 400 });
				const bad = world.submit(ids.slice(3), { runMs: 600, outcome: FAILS });
				await world.until(
					"the job is over",
					() =>
						world.jobs()[0]?.counts.host === 4 &&
						world.jobs()[0]?.endedAt !== null,
				);
				expect(world.jobs()).toHaveLength(1);
				expect(world.jobs()[0]).toMatchObject({
					status: "failed",
					counts: { host: 4, succeeded: 3, failed: 1 },
				});
				for (const [id, job] of [...good, ...bad]) {
					const ends = world
						.tellings(id, job)
						.filter((state) => !isOpen(state));
					expect(ends).toHaveLength(1);
				}
				const failed = [...bad][0];
				if (failed === undefined) throw new Error("no failed run");
				await world.until(
					"the reason is known",
					() => world.run(...failed)?.errorCode === "NETWORK_ERROR",
				);
				// A polled agent's list has no reasons: the one event of the failure waits for the detail.
				if (dialect === "stub")
					expect(
						world.told.filter(
							(event) => event.kind === "host" && event.status === "failed",
						),
					).toMatchObject([
						{ error: expect.any(String), errorCode: "NETWORK_ERROR" },
					]);
			});
		},
	);

	test("a socket cut without a close frame while the job ends: the end is told once", async () => {
		await withWorld(
			{ hosts: [{ id: "web-01", faults: [{ kind: "cut", at: "end" }] }] },
			async (world) => {
				await world.untilChannel("web-01", "live");
				const [[id, job] = ["", undefined]] = [
					...world.submit(["web-01"], { runMs: 800 }),
				];
				if (job === undefined) throw new Error("no job");
				await world.untilState(id, job, "succeeded");
				expect(
					world.tellings(id, job).filter((state) => state === "succeeded"),
				).toHaveLength(1);
			},
		);
	});

	test("link loss is not job failure: unknown, then the truth", async () => {
		await withWorld(
			{ hosts: [{ id: "web-01", proxied: true }] },
			async (world) => {
				await world.untilChannel("web-01", "live");
				const [entry] = [...world.submit(["web-01"], { runMs: 5_000 })];
				if (entry === undefined) throw new Error("no job");
				await world.untilState(...entry, "running");
				await world.proxy("web-01").stopAccepting();
				world.proxy("web-01").resetAll();
				await world.untilState(...entry, "unknown");
				expect(world.jobs()[0]?.counts).toMatchObject({
					host: 1,
					unknown: 1,
					failed: 0,
				});
				expect(world.jobs()[0]?.status).toBe("running");
				await world.proxy("web-01").accept();
				await world.untilState(...entry, "succeeded");
				expect(world.jobs()[0]?.status).toBe("succeeded");
			},
		);
	});

	test("an agent that restarts and forgets: lost, not failed", async () => {
		await withWorld(
			{ hosts: [{ id: "web-01", dialect: "old" }] },
			async (world) => {
				await world.untilChannel("web-01", "live");
				const [entry] = [...world.submit(["web-01"], { runMs: 60_000 })];
				if (entry === undefined) throw new Error("no job");
				await world.untilState(...entry, "running");
				world.agent("web-01").restart({ forget: true, downMs: 200 });
				await world.untilState(...entry, "lost");
				expect(world.jobs()[0]?.counts).toMatchObject({
					host: 1,
					lost: 1,
					failed: 0,
				});
			},
		);
	});

	test("an agent that restarts and remembers: failed with AGENT_REBOOTED", async () => {
		await withWorld({ hosts: [{ id: "web-01" }] }, async (world) => {
			await world.untilChannel("web-01", "live");
			const [entry] = [...world.submit(["web-01"], { runMs: 60_000 })];
			if (entry === undefined) throw new Error("no job");
			await world.untilState(...entry, "running");
			world.agent("web-01").restart({ forget: false, downMs: 200 });
			await world.untilState(...entry, "failed");
			expect(world.run(...entry)?.errorCode).toBe("AGENT_REBOOTED");
		});
	});

	test("C22: late, repeated and swapped events change nothing", async () => {
		await withWorld(
			{
				hosts: [
					{ id: "dup-01", faults: [{ kind: "duplicate", times: 5 }] },
					{ id: "swap-01", faults: [{ kind: "swap" }] },
					{
						id: "drop-01",
						faults: [{ kind: "drop", events: 1, afterEvents: 1 }],
					},
				],
			},
			async (world) => {
				const ids = ["dup-01", "swap-01", "drop-01"];
				for (const id of ids) await world.untilChannel(id, "live");
				const runs = world.submit(ids, { runMs: 400 });
				await world.until("all have succeeded", () =>
					[...runs].every(
						(entry) => world.run(...entry)?.state === "succeeded",
					),
				);
				for (const [id, job] of runs) {
					world.agent(id).push(
						JSON.stringify({
							event: "job_status",
							job_id: job.id,
							status: "running",
							progress: 0,
							message: "late",
							timestamp: "2020-01-01T00:00:00Z",
						}),
					);
					world.agent(id).push(
						JSON.stringify({
							event: "job_status",
							job_id: job.id,
							status: "failed",
							progress: 0,
							message: "later",
							timestamp: "2020-01-01T00:00:00Z",
						}),
					);
				}
				await world.until(
					"the late ones were counted",
					() =>
						world.console.book.figures.late +
							world.console.book.figures.ignoredTerminal >=
						6,
				);
				for (const entry of runs) {
					expect(world.run(...entry)?.state).toBe("succeeded");
					expect(
						world.tellings(...entry).filter((state) => !isOpen(state)),
					).toEqual(["succeeded"]);
				}
				expect(world.jobs()[0]?.counts).toMatchObject({
					host: 3,
					succeeded: 3,
				});
			},
		);
	});

	test("hidden jobs of the agent's own never show", async () => {
		await withWorld(
			{
				hosts: [
					{ id: "web-01", faults: [{ kind: "phantom", everySeconds: 0.2 }] },
				],
			},
			async (world) => {
				await world.untilChannel("web-01", "live");
				await world.until(
					"several phantoms passed",
					() => world.agent("web-01").eventsSent() >= 9,
				);
				const [entry] = [...world.submit(["web-01"], { runMs: 300 })];
				if (entry === undefined) throw new Error("no job");
				await world.untilState(...entry, "succeeded");
				expect(world.jobs().map(({ label }) => label)).toEqual([
					"patchapply · openssl",
				]);
				expect(world.console.book.runs.size).toBe(1);
			},
		);
	});

	test("Liveness: a deaf socket is found out by reading the list", {
		timeout: 150_000,
	}, async () => {
		await withWorld(
			{ hosts: [{ id: "web-01", faults: [{ kind: "deaf", afterEvents: 2 }] }] },
			async (world) => {
				await world.untilChannel("web-01", "live");
				const [entry] = [...world.submit(["web-01"], { runMs: 1_000 })];
				if (entry === undefined) throw new Error("no job");
				await world.untilState(...entry, "running");
				const startedMs = performance.now();
				await world.until(
					"35 s have passed",
					() => performance.now() - startedMs > 35_000,
				);
				await world.until(
					"some more have passed or the end is known",
					() =>
						world.run(...entry)?.state === "succeeded" ||
						performance.now() - startedMs > 74_000,
				);
				await world.untilState(...entry, "succeeded");
				expect(world.link("web-01").channel).toBe("live");
				expect(
					world.tellings(...entry).filter((state) => state === "succeeded"),
				).toHaveLength(1);
			},
		);
	});

	test("jobs that were there before us are grouped the same whoever answers first", async () => {
		const options: WorldOptions = {
			hosts: hosts(6, "new"),
			before(agents) {
				for (const agent of agents.values())
					agent.submit({
						operation: "patchapply",
						packages: ["curl", "openssl"],
						startAfterMs: 0,
						runMs: 60_000,
						outcome: { state: "completed" },
					});
			},
		};
		await withWorld(options, async (world) => {
			await world.until(
				"all are one job",
				() => world.jobs()[0]?.counts.host === 6,
			);
			expect(world.jobs()).toHaveLength(1);
			expect(world.jobs()[0]).toMatchObject({
				origin: "observed",
				label: "patchapply · curl, openssl",
			});
		});
	});
});
