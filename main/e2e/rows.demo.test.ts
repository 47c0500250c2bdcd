// Rows of the acceptance table that whole agents show: protocols, polling and the way back, numbered logs, what the window
// sees of all this, and what agents were asked. Real TLS, real sockets.
import { describe, expect, test } from "vitest";
import type { FaultCode } from "../../shared/fault.ts";
import { hostId, isOpen } from "../../shared/model.ts";
import type { AgentJob } from "../demo/jobTable.ts";
import { openTap } from "./tap.ts";
import type { HostWish, World, WorldOptions } from "./world.ts";
import { openWorld, SUCCEEDS } from "./world.ts";

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

const endsTold = (world: World, id: string, job: AgentJob): string[] =>
	world.tellings(id, job).filter((state) => !isOpen(state));

describe.concurrent("on real sockets", () => {
	test("C1: an agent that insists on h2 is named so, polled where that is possible, and dialed without a storm", async () => {
		await withWorld(
			{
				hosts: [
					{ id: "h2-only", proxied: true, faults: [{ kind: "h2-only" }] },
					{ id: "h2-first", faults: [{ kind: "h2-first" }] },
				],
			},
			async (world) => {
				await world.untilChannel("h2-first", "live");
				await world.until(
					"the fault is named",
					() => world.link("h2-only").fault === "alpn.h2",
				);
				// It refuses requests as well: three of them, then the back-off.
				await world.until(
					"polls were tried",
					() => world.proxy("h2-only").connections.all.length >= 4,
				);
				expect(
					world.proxy("h2-only").connections.all.length,
				).toBeLessThanOrEqual(8);
				expect(world.link("h2-only").sentence).toContain("HTTP/2");
			},
		);
	});

	test("C3: one of three hosts loses its socket while a job runs: it alone is polled, and the end is told once", async () => {
		await withWorld(
			{ hosts: ["a", "b", "c"].map((id) => ({ id })) },
			async (world) => {
				for (const id of ["a", "b", "c"]) await world.untilChannel(id, "live");
				const runs = world.submit(["a", "b", "c"], { runMs: 4_000 });
				for (const entry of runs) await world.untilState(...entry, "running");
				world.agent("b").setFault({ kind: "stub-101" });
				world.agent("b").cutSockets();
				await world.untilChannel("b", "polling", "ws.accept-missing");
				for (const entry of runs) await world.untilState(...entry, "succeeded");
				expect(["a", "c"].map((id) => world.agent(id).connections())).toEqual([
					1, 1,
				]);
				for (const [id, job] of runs)
					expect(endsTold(world, id, job)).toEqual(["succeeded"]);
				const sources = world.told.flatMap((line) =>
					line.kind === "host" && line.status === "succeeded"
						? [`${line.hostId} ${line.source}`]
						: [],
				);
				expect(sources.sort()).toEqual(["a push", "b poll", "c push"]);
				// And back: a version that changed makes the socket worth a try at once.
				world.agent("b").clearFault();
				world.console.fleet.retry([hostId("b")]);
				await world.untilChannel("b", "live");
				for (const [id, job] of runs)
					expect(endsTold(world, id, job)).toEqual(["succeeded"]);
			},
		);
	});

	test("C5, C6: long-polls that are answered at once, empty, by null, by 500 or never: the host stays polled, the job is told once, and nobody is hammered", async () => {
		const answers = ["instant-204", "empty", "null", "500", "hang"] as const;
		const tap = openTap();
		const hosts: HostWish[] = answers.map((answer) => ({
			id: `lp-${answer}`,
			dialect: "extended",
			faults: [
				{ kind: "upgrade-status", status: 404 },
				{ kind: "longpoll", answer },
			],
		}));
		await withWorld({ hosts, door: tap.door }, async (world) => {
			const asked = (id: string) =>
				tap.asked.all.filter(
					({ servername, path }) =>
						servername === `${id}.fleet.test` && path === "/api/v1/events",
				);
			for (const { id } of hosts) {
				await world.untilChannel(id, "polling");
				await world.until(`${id} is long-polled`, () => asked(id).length > 0);
			}
			for (const id of ["lp-instant-204", "lp-empty", "lp-null"])
				await world.until(
					`${id} was asked often enough`,
					() => asked(id).length >= 4,
				);
			for (const { id } of hosts) {
				const at = asked(id).map(({ atMs }) => atMs);
				const pauses = at.slice(1).map((ms, i) => ms - (at[i] ?? 0));
				// Sent a second apart; on the way the last one may have been slower than the next.
				for (const ms of pauses) expect(ms, id).toBeGreaterThan(900);
				expect(world.link(id).channel, id).toBe("polling");
			}
			for (const { id } of hosts) world.agent(id).clearFault("longpoll");
			// A hanging one is given up after 65 s; the others bring the job at once.
			const ids = hosts.map(({ id }) => id).filter((id) => id !== "lp-hang");
			const runs = world.submit(ids, { runMs: 300 });
			for (const entry of runs) await world.untilState(...entry, "succeeded");
			for (const [id, job] of runs)
				expect(endsTold(world, id, job)).toEqual(["succeeded"]);
		});
	});

	test("C21: events that are dropped on the way are noticed and fetched, and the end is that of an undisturbed agent; a log that has wrapped is flagged", async () => {
		await withWorld(
			{
				hosts: [
					{
						id: "drops",
						dialect: "extended",
						faults: [{ kind: "drop", afterEvents: 3, events: 3 }],
					},
					{ id: "whole", dialect: "extended" },
					{ id: "wraps", dialect: "extended", proxied: true },
				],
			},
			async (world) => {
				const ids = ["drops", "whole", "wraps"];
				for (const id of ids) await world.untilChannel(id, "live");
				const one = (id: string, name: string): AgentJob =>
					world.agent(id).submit({
						operation: "install",
						packages: [name],
						startAfterMs: 0,
						runMs: 20,
						outcome: SUCCEEDS,
					});
				const jobs = ["drops", "whole"].map(
					(id) => [id, ["a", "b", "c"].map((name) => one(id, name))] as const,
				);
				for (const [id, all] of jobs)
					for (const job of all) await world.untilState(id, job, "succeeded");
				const shown = (id: string) =>
					world.told.flatMap((line) =>
						line.kind === "host" &&
						line.hostId === id &&
						line.status === "succeeded"
							? [1]
							: [],
					).length;
				expect([shown("drops"), shown("whole")]).toEqual([3, 3]);

				const first = one("wraps", "a");
				await world.untilState("wraps", first, "succeeded");
				await world.proxy("wraps").stopAccepting();
				world.proxy("wraps").resetAll();
				await world.untilChannel("wraps", "reconnecting");
				// The log holds 500; what happened before the last of them is gone when we come back.
				const many = Array.from({ length: 200 }, (_, n) =>
					one("wraps", `p-${n}`),
				);
				await world.until("the agent is done", () =>
					many.every(
						({ id }) =>
							!["pending", "running"].includes(
								world.agent("wraps").job(id)?.state ?? "gone",
							),
					),
				);
				await world.proxy("wraps").accept();
				await world.untilChannel("wraps", "live");
				await world.until("the gap is told", () =>
					world.told.some(
						(line) => line.kind === "gap" && line.hostId === "wraps",
					),
				);
				const last = many.at(-1);
				if (last === undefined) throw new Error("no job");
				await world.untilState("wraps", last, "succeeded");
			},
		);
	});

	test("C30: quitting with a long-poll open, back-off timers running and dials under way leaves no socket after a second", async () => {
		await withWorld(
			{
				hosts: [
					{
						id: "long-poll",
						dialect: "extended",
						faults: [{ kind: "upgrade-status", status: 404 }],
					},
					{
						id: "backs-off",
						faults: [{ kind: "upgrade-status", status: 503 }],
					},
					{ id: "hangs", faults: [{ kind: "mute", after: "tls" }] },
					{ id: "live" },
				],
			},
			async (world) => {
				const ids = ["long-poll", "backs-off", "hangs", "live"];
				await world.untilChannel("live", "live");
				await world.untilChannel("long-poll", "polling");
				await world.untilChannel("backs-off", "reconnecting");
				await world.until(
					"a long-poll is open",
					() => world.agent("long-poll").openSockets() > 0,
				);
				const sinceMs = performance.now();
				await world.console.stop();
				await world.until("no socket is left", () =>
					ids.every((id) => world.agent(id).openSockets() === 0),
				);
				expect(performance.now() - sinceMs).toBeLessThan(1_000);
			},
		);
	});

	test("C32: a failure at each layer is told by a sentence that names it", async () => {
		const cases: readonly (readonly [
			string,
			Omit<HostWish, "id">,
			FaultCode,
			RegExp,
		])[] = [
			[
				"dns",
				{ dial: { address: "nowhere.fleet.test" } },
				"dns.not-found",
				/name/,
			],
			["tcp", { dial: { address: "::1" } }, "tcp.refused", /listens/],
			[
				"tls",
				{ faults: [{ kind: "certificate", problem: "expired" }] },
				"tls.server-expired",
				/certificate/,
			],
			["alpn", { faults: [{ kind: "h2-only" }] }, "alpn.h2", /HTTP\/2/],
			[
				"http",
				{ faults: [{ kind: "upgrade-status", status: 403 }] },
				"http.403",
				/403/,
			],
			[
				"ws",
				{ faults: [{ kind: "wrong-accept" }] },
				"ws.accept-wrong",
				/Sec-WebSocket-Accept/,
			],
			[
				"auth",
				{ dialect: "extended", faults: [{ kind: "challenge", how: "refuse" }] },
				"auth.failed",
				/challenge/,
			],
		];
		await withWorld(
			{
				hosts: cases.map(([id, wish]) => ({ id, ...wish })),
				lookup: (_name, _family, done) =>
					queueMicrotask(() =>
						done(
							Object.assign(new Error("no such name"), { code: "ENOTFOUND" }),
							"",
						),
					),
			},
			async (world) => {
				for (const [id, , code, words] of cases) {
					const named = () =>
						world.links.find(
							({ host, status }) => host === id && status.fault === code,
						)?.status;
					await world.until(`${id} is told`, () => named() !== undefined);
					expect(named()?.sentence, id).toMatch(words);
					expect(named()?.nextStep, id).toMatch(/\.$/);
					const evidence = world.console.fleet
						.member(hostId(id))
						?.link.history().fault?.evidence;
					expect(evidence, id).toBeDefined();
				}
			},
		);
	});
});
