// Faults that need a fleet of their own, over real sockets: no identity, sleep, an agent that refuses us for good, and what the
// window is told of a fault. The others are in the table of `faults.test.ts`.
import { expect, test } from "vitest";
import { client, memoryPipe } from "../../shared/bridge.ts";
import { hostId } from "../../shared/model.ts";
import type { HostWish, World, WorldOptions } from "./world.ts";
import { identityOf, openWorld } from "./world.ts";

/** A fleet for the time of a story. */
async function within(
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

test("identity.absent: nothing is dialed, and the host goes live with an identity by itself", async () => {
	await within(
		{ hosts: [{ id: "web-01" }], identity: () => null },
		async (closed) => {
			await closed.untilChannel("web-01", "blocked", "identity.absent");
			expect(closed.link("web-01").nextStep).toMatch(/identity\.$/);
			expect(closed.agent("web-01").openSockets()).toBe(0);
			const { certPem, keyPem } = closed.authority.issueClient({
				commonName: "on-call",
			});
			closed.console.setIdentity(
				identityOf(certPem, keyPem, closed.authority.caPem),
			);
			await closed.untilChannel("web-01", "live");
		},
	);
});

test("live.silent: a socket that died in our sleep is noticed within seconds of waking", async () => {
	await within({ hosts: [{ id: "web-01", proxied: true }] }, async (asleep) => {
		await asleep.untilChannel("web-01", "live");
		asleep.proxy("web-01").set({ blackHole: true });
		asleep.console.woke();
		await asleep.until(
			"the silence is noticed",
			() => asleep.link("web-01").fault === "live.silent",
		);
		expect(asleep.link("web-01").channel).toBe("reconnecting");
		asleep.proxy("web-01").set({});
		await asleep.untilChannel("web-01", "live");
	});
});

test("tls.client-rejected: known after two dials, blocked after three, and then no more until the agent may have been mended", async () => {
	const hosts: HostWish[] = [
		{ id: "web-01", proxied: true, faults: [{ kind: "client-refused" }] },
		{ id: "web-02" },
	];
	await within({ hosts }, async (refusing) => {
		const { connections } = refusing.proxy("web-01");
		await refusing.untilChannel(
			"web-01",
			"reconnecting",
			"tls.client-rejected",
		);
		expect(connections.all).toHaveLength(2);
		await refusing.untilChannel("web-01", "blocked", "tls.client-rejected");
		expect(connections.all).toHaveLength(3);
		// Another host goes down and comes back meanwhile: time enough for a fourth dial, were one coming.
		refusing.agent("web-02").restart({ downMs: 3_000 });
		await refusing.agent("web-02").waitForConnection(2);
		expect(connections.all).toHaveLength(3);
		expect(refusing.link("web-01").channel).toBe("blocked");
	});
});

test("the window reads the evidence of a host's fault, also of one whose socket is live", async () => {
	const hosts: HostWish[] = [
		{ id: "web-01", faults: [{ kind: "certificate", problem: "expired" }] },
		{ id: "web-02", faults: [{ kind: "success-false", path: "/jobs" }] },
	];
	await within({ hosts }, async (world) => {
		await world.untilChannel("web-01", "blocked", "tls.server-expired");
		await world.until(
			"its jobs cannot be read",
			() => world.host("web-02").link.fault === "http.unexpected",
		);
		expect(world.host("web-02").link.channel).toBe("live");
		const [core, pipe] = memoryPipe();
		world.console.attach(core);
		const window = client(pipe);
		const faultOf = async (id: string) => {
			const answer = await window.ask("host.history", { hostId: hostId(id) });
			return answer.ok ? answer.value.fault : answer.fault;
		};
		expect(await faultOf("web-01")).toMatchObject({
			code: "tls.server-expired",
			evidence: {
				causes: [expect.stringMatching(/^CERT_HAS_EXPIRED/)],
				timingsMs: { tcp: expect.any(Number) },
				certificate: {
					names: expect.arrayContaining(["DNS:web-01.fleet.test"]),
				},
			},
		});
		expect(await faultOf("web-02")).toMatchObject({
			code: "http.unexpected",
			sentence: expect.stringMatching(/./),
		});
		window.close();
	});
});
