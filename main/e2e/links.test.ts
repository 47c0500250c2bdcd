// How a link ends up when an agent or the network is broken in one certain way: the right state, the right fault, and
// never a wrong count. Real TLS, real sockets, loopback only.
import { describe, expect, test } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import type { FaultCode } from "../../shared/fault.ts";
import type { Channel } from "../../shared/model.ts";
import { createAuthority } from "../demo/authority.ts";
import type { AgentFault } from "../demo/faults.ts";
import type { World, WorldOptions } from "./world.ts";
import { identityOf, openWorld } from "./world.ts";

const DAY_MS = 86_400_000;

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

/** A person on call needs all three: what it is, why, and what to do. */
function expectExplained(world: World, id: string): void {
	const { link } = world.host(id);
	expect(link.sentence, `${id} has no sentence`).toBeTruthy();
	expect(link.nextStep, `${id} has no next step`).toBeTruthy();
}

describe.concurrent("one broken thing at a time", () => {
	const cases: readonly [string, AgentFault, Channel, FaultCode][] = [
		[
			"answers 101 without Sec-WebSocket-Accept",
			{ kind: "stub-101" },
			"polling",
			"ws.accept-missing",
		],
		[
			"answers 101 with a wrong Sec-WebSocket-Accept",
			{ kind: "wrong-accept" },
			"polling",
			"ws.accept-wrong",
		],
		[
			"answers 404 to the upgrade",
			{ kind: "upgrade-status", status: 404 },
			"polling",
			"http.404",
		],
		[
			"answers 200 to the upgrade",
			{ kind: "upgrade-status", status: 200 },
			"polling",
			"ws.not-upgraded",
		],
		[
			"answers 426 to the upgrade",
			{ kind: "upgrade-status", status: 426 },
			"blocked",
			"http.426",
		],
		[
			"answers 401 to the upgrade",
			{ kind: "upgrade-status", status: 401 },
			"blocked",
			"http.401",
		],
		[
			"answers 403 to the upgrade",
			{ kind: "upgrade-status", status: 403 },
			"blocked",
			"http.403",
		],
		[
			"answers 503 and asks to wait",
			{ kind: "upgrade-status", status: 503, retryAfterSeconds: 30 },
			"reconnecting",
			"http.503",
		],
		[
			"answers 429 and asks to wait",
			{ kind: "upgrade-status", status: 429, retryAfterSeconds: 30 },
			"reconnecting",
			"http.429",
		],
		[
			"shows an expired certificate",
			{ kind: "certificate", problem: "expired" },
			"blocked",
			"tls.server-expired",
		],
		[
			"shows a certificate of the future",
			{ kind: "certificate", problem: "not-yet-valid" },
			"blocked",
			"tls.server-not-yet-valid",
		],
		[
			"shows a certificate of a foreign authority",
			{ kind: "certificate", problem: "other-ca" },
			"blocked",
			"tls.unknown-ca",
		],
		[
			"shows a self-signed certificate",
			{ kind: "certificate", problem: "self-signed" },
			"blocked",
			"tls.self-signed",
		],
		[
			"shows a certificate for another name",
			{ kind: "certificate", problem: "wrong-name" },
			"blocked",
			"tls.name-mismatch",
		],
		[
			"shows a certificate without a name",
			{ kind: "certificate", problem: "no-san" },
			"blocked",
			"tls.name-mismatch",
		],
		[
			"refuses our certificate",
			{ kind: "client-refused" },
			"blocked",
			"tls.client-rejected",
		],
		[
			"has revoked our certificate",
			{ kind: "client-refused", why: "revoked" },
			"blocked",
			"tls.client-rejected",
		],
		[
			"sends a frame above the limit",
			{ kind: "frame", what: "oversize" },
			"polling",
			"ws.too-big",
		],
		[
			"is being deployed",
			{ kind: "close", code: 1001, reason: "drain:deploy" },
			"reconnecting",
			"agent.draining",
		],
		[
			"gave our session to another console",
			{ kind: "close", code: 1000, reason: "replaced" },
			"reconnecting",
			"session.replaced",
		],
	];
	test.each(cases)("an agent that %s", async (_name, broken, channel, code) => {
		await withWorld(
			{ hosts: [{ id: "web-01", faults: [broken] }, { id: "web-02" }] },
			async (world) => {
				await world.untilChannel("web-01", channel, code);
				expectExplained(world, "web-01");
				// The neighbour is not touched by it.
				await world.untilChannel("web-02", "live");
			},
		);
	});

	test("C1: an agent that prefers h2 is spoken to over http/1.1", async () => {
		await withWorld(
			{ hosts: [{ id: "web-01", faults: [{ kind: "h2-first" }] }] },
			(world) => world.untilChannel("web-01", "live"),
		);
	});

	test("an agent that insists on h2 is named so, without a storm", async () => {
		await withWorld(
			{ hosts: [{ id: "web-01", faults: [{ kind: "h2-only" }] }] },
			async (world) => {
				await world.until(
					"the fault is named",
					() => world.link("web-01").fault === "alpn.h2",
				);
				expectExplained(world, "web-01");
			},
		);
	});

	test("an agent whose allow list drops us is not called a dead host", async () => {
		await withWorld(
			{
				hosts: [
					{ id: "web-01", faults: [{ kind: "whitelist", how: "reset" }] },
				],
			},
			async (world) => {
				await world.until(
					"a fault is named",
					() => world.link("web-01").fault !== null,
				);
				expect(["tls.client-rejected", "tcp.reset"]).toContain(
					world.link("web-01").fault,
				);
				expectExplained(world, "web-01");
			},
		);
	});

	test("an agent that answers 403 to everyone not on its list is blocked", async () => {
		await withWorld(
			{
				hosts: [{ id: "web-01", faults: [{ kind: "whitelist", how: "403" }] }],
			},
			(world) => world.untilChannel("web-01", "blocked", "http.403"),
		);
	});

	test("nothing listening is tcp.refused and goes on trying", async () => {
		await withWorld(
			{
				hosts: [{ id: "web-01" }],
				before: (agents) => agents.get("web-01")?.kill(),
			},
			async (world) => {
				await world.untilChannel("web-01", "reconnecting", "tcp.refused");
				await world.agent("web-01").revive();
				await world.untilChannel("web-01", "live");
			},
		);
	});

	test("without an identity nothing is dialed and the host says so", async () => {
		await withWorld(
			{ hosts: [{ id: "web-01" }], identity: () => null },
			async (world) => {
				await world.untilChannel("web-01", "blocked", "identity.absent");
				expect(world.agent("web-01").openSockets()).toBe(0);
			},
		);
	});

	test("C16: an expired identity is told before anything is dialed", async () => {
		await withWorld(
			{
				hosts: [{ id: "web-01" }],
				identity(authority) {
					const now = Date.now();
					const old = authority.issueClient({
						commonName: "on-call",
						validFrom: now - 3 * DAY_MS,
						validTo: now - DAY_MS,
					});
					return identityOf(old.certPem, old.keyPem, authority.caPem);
				},
			},
			(world) => world.untilChannel("web-01", "blocked", "tls.client-expired"),
		);
	});

	test("C15: an identity of a foreign authority is refused by the agent; a good one resumes by itself", async () => {
		const stranger = createAuthority({ clock: systemClock() }).issueClient({
			commonName: "stranger",
		});
		await withWorld(
			{
				hosts: [{ id: "web-01", proxied: true }],
				identity: (authority) =>
					identityOf(stranger.certPem, stranger.keyPem, authority.caPem),
			},
			async (world) => {
				await world.untilChannel("web-01", "blocked", "tls.client-rejected");
				expect(
					world.proxy("web-01").connections.all.length,
				).toBeLessThanOrEqual(3);
				const good = world.authority.issueClient({ commonName: "on-call" });
				world.console.setIdentity(
					identityOf(good.certPem, good.keyPem, world.authority.caPem),
				);
				await world.untilChannel("web-01", "live");
			},
		);
	});

	test("a dialed name that is not the certificate's is refused, whatever the address says", async () => {
		await withWorld(
			{ hosts: [{ id: "web-01", servername: "db-01.fleet.test" }] },
			(world) => world.untilChannel("web-01", "blocked", "tls.name-mismatch"),
		);
	});

	test("a reset network is survived", async () => {
		await withWorld(
			{ hosts: [{ id: "web-01", proxied: true }] },
			async (world) => {
				await world.untilChannel("web-01", "live");
				world.proxy("web-01").resetAll();
				await world.untilChannel("web-01", "reconnecting");
				await world.untilChannel("web-01", "live");
			},
		);
	});

	test("C13: a half-open link is dead within 45 s", {
		timeout: 90_000,
	}, async () => {
		await withWorld(
			{ hosts: [{ id: "web-01", proxied: true }] },
			async (world) => {
				await world.untilChannel("web-01", "live");
				const startedMs = performance.now();
				world.proxy("web-01").set({ blackHole: true });
				await world.until(
					"30 s have passed",
					() => performance.now() - startedMs > 30_000,
				);
				await world.until(
					"the silence is noticed",
					() => world.link("web-01").fault === "live.silent",
				);
				expect(performance.now() - startedMs).toBeLessThan(46_000);
				world.proxy("web-01").set({});
				await world.untilChannel("web-01", "live");
			},
		);
	});

	test("an agent that is mute after TLS is not waited for for ever", {
		timeout: 90_000,
	}, async () => {
		await withWorld(
			{ hosts: [{ id: "web-01", faults: [{ kind: "mute", after: "tls" }] }] },
			async (world) => {
				await world.until(
					"a fault is named",
					() => world.link("web-01").fault !== null,
				);
				expectExplained(world, "web-01");
			},
		);
	});

	test("C4: polling goes back to the socket by itself once the agent can", {
		timeout: 150_000,
	}, async () => {
		await withWorld(
			{
				hosts: [
					{ id: "web-01", dialect: "new", faults: [{ kind: "stub-101" }] },
				],
			},
			async (world) => {
				await world.untilChannel("web-01", "polling", "ws.accept-missing");
				world.agent("web-01").clearFault();
				const startedMs = performance.now();
				await world.until(
					"half a minute has passed",
					() => performance.now() - startedMs > 35_000,
				);
				expect(world.link("web-01").channel).toBe("polling");
				await world.untilChannel("web-01", "live");
			},
		);
	});

	test("a person can pause and resume a host", async () => {
		await withWorld({ hosts: [{ id: "web-01" }] }, async (world) => {
			await world.untilChannel("web-01", "live");
			world.console.fleet.pause([world.host("web-01").id], true);
			await world.untilChannel("web-01", "paused");
			await world.until(
				"the agent sees the socket end",
				() => world.agent("web-01").openConnections() === 0,
			);
			world.console.fleet.pause([world.host("web-01").id], false);
			await world.untilChannel("web-01", "live");
		});
	});

	test("C30: stopping closes every socket within a second", async () => {
		await withWorld(
			{
				hosts: [
					{ id: "web-01" },
					{ id: "web-02", dialect: "stub" },
					{ id: "web-03", faults: [{ kind: "mute", after: "tcp" }] },
				],
			},
			async (world) => {
				await world.untilChannel("web-01", "live");
				await world.untilChannel("web-02", "polling");
				const startedMs = performance.now();
				await world.console.stop();
				await world.until("no socket is left", () =>
					["web-01", "web-02", "web-03"].every(
						(id) => world.agent(id).openSockets() === 0,
					),
				);
				expect(performance.now() - startedMs).toBeLessThan(1_000);
			},
		);
	});
});
