// Whether a link is alive, on real sockets: silence with and without pings, agents that stop reading or are blocked for a
// while, laptops that sleep or change networks, names that move. Exact times are tested in virtual time (`main/core/link`);
// what has to be waited for here is waited for by all hosts at once.
import { describe, expect, test } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import type { Lookup } from "../core/transport/resolve.ts";
import { httpAnswer } from "../testkit/rawPeer.ts";
import { greets, openBareWorld } from "./bareWorld.ts";
import type { World, WorldOptions } from "./world.ts";
import { openWorld } from "./world.ts";

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

const clock = systemClock();
/** How long ago `sinceMs` is. */
const ago = (sinceMs: number): number => clock.monotonicMs() - sinceMs;
/** Resolves when so much time has passed; a world waits for 40 s at most at once. */
const passed = (world: Pick<World, "until">, ms: number): Promise<void> => {
	const sinceMs = clock.monotonicMs();
	return world.until(`${ms} ms have passed`, () => ago(sinceMs) >= ms);
};
/** Every fault that a host's link was told with. */
const faultsOf = (world: World, id: string) =>
	world.links.flatMap(({ host, status }) =>
		host === id && status.fault !== null ? [status.fault] : [],
	);

describe.concurrent("three quarters of a minute", () => {
	test("Liveness: agents that only ping, only talk, or are blocked for 20 s keep their links; one that does nothing at all loses it within 45 s", {
		timeout: 90_000,
	}, async () => {
		await withWorld(
			{
				hosts: [
					{ id: "pings-only" },
					{ id: "never-pings", faults: [{ kind: "no-ping" }] },
					{
						id: "blocked",
						faults: [{ kind: "ping-pause", seconds: 20, afterSeconds: 1 }],
					},
					{ id: "swallowed", proxied: true },
				],
			},
			async (world) => {
				const ids = ["pings-only", "never-pings", "blocked", "swallowed"];
				for (const id of ids) await world.untilChannel(id, "live");
				const sinceMs = clock.monotonicMs();
				world.proxy("swallowed").set({ blackHole: true });
				// What happens while the agent is blocked is told when it is not any more.
				await passed(world, 1_500);
				const runs = world.submit(["blocked"], { runMs: 500 });
				await world.until(
					"the blocked agent has gone on",
					() =>
						ago(sinceMs) > 20_000 &&
						[...runs].every(
							(entry) => world.run(...entry)?.state === "succeeded",
						),
				);
				for (const [id, job] of runs)
					expect(
						world.tellings(id, job).filter((state) => state === "succeeded"),
					).toHaveLength(1);
				await world.until("the silence is noticed", () =>
					faultsOf(world, "swallowed").includes("live.silent"),
				);
				expect(ago(sinceMs)).toBeLessThan(46_000);
				await world.until("35 s have passed", () => ago(sinceMs) > 35_000);
				for (const id of ["pings-only", "never-pings", "blocked"]) {
					expect(world.link(id).channel, id).toBe("live");
					expect(faultsOf(world, id), id).toEqual([]);
					expect(world.agent(id).connections(), id).toBe(1);
				}
				world.proxy("swallowed").set({});
				await world.untilChannel("swallowed", "live");
			},
		);
	});

	test("C24: an agent that stops reading is found dead in time, and its neighbour notices nothing", {
		timeout: 90_000,
	}, async () => {
		const world = await openBareWorld({
			unread: {
				upgrade(request) {
					greets(request);
					request.socket.pause();
				},
			},
			good: {},
		});
		const seen = (host: string) =>
			world.statuses.filter((one) => one.host === host);
		try {
			await world.until("both are live", () =>
				["unread", "good"].every((id) => world.link(id).channel === "live"),
			);
			const sinceMs = clock.monotonicMs();
			await passed(world, 25_000);
			await world.until("the silence is noticed", () =>
				seen("unread").some(({ fault }) => fault === "live.silent"),
			);
			expect(ago(sinceMs)).toBeLessThan(46_000);
			expect(seen("good").map(({ channel }) => channel)).toEqual(["live"]);
		} finally {
			await world.stop();
		}
	});

	test("C12: agents that are mute after TCP, TLS and the challenge each fail in time with a name of their own; one that is mute after 101 counts as live", {
		timeout: 90_000,
	}, async () => {
		await withWorld(
			{
				hosts: [
					{ id: "tcp", faults: [{ kind: "mute", after: "tcp" }] },
					{ id: "tls", faults: [{ kind: "mute", after: "tls" }] },
					{ id: "upgraded", faults: [{ kind: "mute", after: "101" }] },
					{
						id: "challenge",
						dialect: "extended",
						faults: [{ kind: "challenge", how: "never" }],
					},
				],
			},
			async (world) => {
				const sinceMs = clock.monotonicMs();
				await world.untilChannel("upgraded", "live");
				await world.until("each has its fault", () =>
					["tcp", "tls", "challenge"].every(
						(id) => faultsOf(world, id).length > 0,
					),
				);
				expect(faultsOf(world, "tcp")[0]).toBe("tls.timeout");
				expect(faultsOf(world, "tls")[0]).toBe("live.silent");
				expect(faultsOf(world, "challenge")[0]).toBe("auth.timeout");
				// Ten seconds each, and none waits for another.
				expect(ago(sinceMs)).toBeGreaterThan(9_500);
				expect(ago(sinceMs)).toBeLessThan(25_000);
			},
		);
	});
});

describe.concurrent("a laptop", () => {
	const hosts = ["a", "b", "c", "d"];

	test.each(["woke", "networkReturned"] as const)(
		"Liveness: %s asks every link at once; those that answer stay, those that do not are redialed within 8 s, and nobody failed",
		async (what) => {
			await withWorld(
				{ hosts: hosts.map((id) => ({ id, proxied: true })) },
				async (world) => {
					for (const id of hosts) await world.untilChannel(id, "live");
					const dead = hosts.slice(0, 2);
					const alive = hosts.slice(2);
					for (const id of dead) world.proxy(id).set({ blackHole: true });
					const sinceMs = clock.monotonicMs();
					world.console[what]();
					await world.until("the dead ones are found", () =>
						dead.every((id) => world.link(id).channel === "reconnecting"),
					);
					expect(ago(sinceMs)).toBeLessThan(5_000);
					for (const id of dead) {
						expect(world.link(id)).toMatchObject({ attempt: 0 });
						const waitMs =
							(world.link(id).retryAt ?? 0) - systemClock().wallMs();
						expect(waitMs).toBeLessThanOrEqual(5_000);
						world.proxy(id).set({});
					}
					for (const id of dead) await world.untilChannel(id, "live");
					for (const id of alive) {
						expect(world.agent(id).connections()).toBe(1);
						expect(faultsOf(world, id)).toEqual([]);
					}
				},
			);
		},
	);

	test("Liveness: the whole fleet is lost and comes back: every run has its true end, each told once", async () => {
		await withWorld(
			{ hosts: hosts.map((id) => ({ id, proxied: true })) },
			async (world) => {
				for (const id of hosts) await world.untilChannel(id, "live");
				const runs = world.submit(hosts, { runMs: 1_500 });
				for (const entry of runs) await world.untilState(...entry, "running");
				for (const id of hosts) {
					await world.proxy(id).stopAccepting();
					world.proxy(id).resetAll();
				}
				for (const entry of runs) await world.untilState(...entry, "unknown");
				expect(world.jobs()[0]?.counts).toMatchObject({ host: 4, unknown: 4 });
				await world.until("the agents are done", () =>
					[...runs].every(
						([id, job]) => world.agent(id).job(job.id)?.state === "completed",
					),
				);
				for (const id of hosts) await world.proxy(id).accept();
				world.console.networkReturned();
				for (const entry of runs) await world.untilState(...entry, "succeeded");
				for (const [id, job] of runs)
					expect(
						world.tellings(id, job).filter((state) => state === "succeeded"),
					).toHaveLength(1);
				expect(world.jobs()[0]).toMatchObject({
					status: "succeeded",
					counts: { host: 4, succeeded: 4 },
				});
			},
		);
	});
});

describe.concurrent("a name that moves", () => {
	const NAME = "moving.fleet.test";
	/** The other loopback: the agents of a world listen on IPv4 alone. */
	const ELSEWHERE = "::1";

	/** A name server in our own process that says what `where` says. */
	const lookupOf =
		(asked: string[], where: () => string): Lookup =>
		(name, _family, done) => {
			asked.push(name);
			queueMicrotask(() => done(null, where()));
		};

	test("Liveness: a name that comes to lead to the agent is followed at the next dial, without a restart", async () => {
		const asked: string[] = [];
		let where = ELSEWHERE;
		await withWorld(
			{
				hosts: [{ id: "web-01", dial: { address: NAME } }],
				lookup: lookupOf(asked, () => where),
			},
			async (world) => {
				await world.untilChannel("web-01", "reconnecting", "tcp.refused");
				where = "127.0.0.1";
				await world.untilChannel("web-01", "live");
				expect(new Set(asked)).toEqual(new Set([NAME]));
			},
		);
	});

	test("Liveness: a name that leads elsewhere leaves the live link alone, and the next dial follows it, requests too", async () => {
		const asked: string[] = [];
		let where = "127.0.0.1";
		await withWorld(
			{
				hosts: [{ id: "web-01", dial: { address: NAME } }],
				lookup: lookupOf(asked, () => where),
			},
			async (world) => {
				await world.untilChannel("web-01", "live");
				where = ELSEWHERE;
				await passed(world, 500);
				expect(world.link("web-01").channel).toBe("live");
				world.agent("web-01").cutSockets();
				await world.untilChannel("web-01", "reconnecting", "tcp.refused");
				where = "127.0.0.1";
				await world.untilChannel("web-01", "live");
			},
		);
	});
});

test("C19: what an agent did while we dialed, were refused, and waited is told once each, in its order, when the link is up", async () => {
	await withWorld(
		{
			hosts: [{ id: "web-01", dialect: "extended", proxied: true }],
		},
		async (world) => {
			await world.untilChannel("web-01", "live");
			// The first event gives the log's place; what follows it happens without us.
			const before = [
				...world.submit(["web-01"], { runMs: 100, packages: ["a"] }),
			];
			for (const entry of before) await world.untilState(...entry, "succeeded");
			await world.proxy("web-01").stopAccepting();
			world.proxy("web-01").resetAll();
			const jobs = ["b", "c", "d"].map((name) =>
				world.agent("web-01").submit({
					operation: "install",
					packages: [name],
					startAfterMs: 0,
					runMs: 100,
					outcome: { state: "completed" },
				}),
			);
			await world.until("the agent is done with all three", () =>
				jobs.every(
					({ id }) => world.agent("web-01").job(id)?.state === "completed",
				),
			);
			await world.proxy("web-01").accept();
			for (const job of jobs)
				await world.untilState("web-01", job, "succeeded");
			const ends = world.told.flatMap((line) =>
				line.kind === "host" && line.status === "succeeded"
					? [line.agentJobId as string]
					: [],
			);
			expect(ends).toEqual([before[0]?.[1].id, ...jobs.map(({ id }) => id)]);
		},
	);
});

test("C32: a drop without a word right after TLS says what to check, with the certificate that was seen; other layers are told by their names", async () => {
	const world = await openBareWorld({
		silent: { upgrade: ({ socket }) => void socket.destroy() },
		plain: {
			upgrade: ({ socket }) => void socket.end("220 smtp.fleet.test\r\n"),
		},
		forbidden: {
			upgrade: ({ socket }) => void socket.end(httpAnswer(403)),
		},
	});
	try {
		await world.until("the drop is no chance any more", () =>
			world.statuses.some(
				({ host, fault }) =>
					host === "silent" && fault === "tls.client-rejected",
			),
		);
		const silent = world.link("silent");
		expect(silent.sentence).toMatch(/right after TLS/);
		expect(silent.nextStep).toMatch(/identity .*allow list/);
		const [member] = [...world.console.fleet.members()].filter(
			({ entry }) => entry.id === "silent",
		);
		const evidence = member?.link.history().fault?.evidence;
		expect(evidence?.certificate?.names).toContain("DNS:silent.fleet.test");
		expect(evidence?.certificate?.validTo).toBeTruthy();
		expect(evidence?.causes?.length).toBeGreaterThan(0);
		expect(world.link("plain").fault).toBe("http.unexpected");
		await world.until(
			"forbidden is told",
			() => world.link("forbidden").fault === "http.403",
		);
	} finally {
		await world.stop();
	}
});
