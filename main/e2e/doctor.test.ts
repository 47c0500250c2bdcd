// The doctor on real sockets: healthy hosts of every dialect, and the faults that lie before an agent or on our side. What
// agents do wrong is in `doctorFaults.test.ts`.
import { createServer, type Server, type Socket } from "node:net";
import { describe, expect, test } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import { LAYERS } from "../../shared/diagnosis.ts";
import { diagnose } from "../core/doctor.ts";
import { createAuthority } from "../demo/authority.ts";
import { DIALECTS } from "../demo/dialect.ts";
import { openFaultProxy } from "../testkit/faultProxy.ts";
import { openFullBacklog } from "../testkit/fullBacklog.ts";
import type { Patient } from "./clinic.ts";
import { expectFault, stepOf, verdicts, withClinic } from "./clinic.ts";
import { identityOf } from "./world.ts";

const DAY_MS = 86_400_000;

describe("a healthy host", () => {
	test.each(DIALECTS.filter((dialect) => dialect !== "stub"))(
		"of the dialect %s has nothing wrong with it",
		async (dialect) => {
			await withClinic({ dialect }, async ({ look, empty }) => {
				const diagnosis = await look();
				expect(diagnosis.fault, verdicts(diagnosis)).toBeNull();
				expect(diagnosis.stopped).toBe(false);
				expect(diagnosis.steps.map(({ layer }) => layer)).toEqual([...LAYERS]);
				for (const { layer, verdict, sentence } of diagnosis.steps)
					expect(`${layer} ${verdict}: ${sentence}`).toMatch(/ ok: ./);
				expect(stepOf(diagnosis, "greeting").evidence.challenge).toBe(
					dialect === "extended" ? "answered" : "none",
				);
				await empty();
			});
		},
	);

	test("of the oldest dialect has no live stream, and it is said that its jobs can be polled", async () => {
		await withClinic({ dialect: "stub" }, async ({ look, empty }) => {
			const diagnosis = await look();
			expectFault(diagnosis, "ws.accept-missing", "upgrade");
			expect(stepOf(diagnosis, "rest")).toMatchObject({
				verdict: "ok",
				sentence: expect.stringContaining("its jobs can be polled"),
			});
			expect(stepOf(diagnosis, "alpn").sentence).toContain("no ALPN");
			await empty();
		});
	});

	test("shows both certificates, what was negotiated and our own address", async () => {
		await withClinic({}, async ({ look, entry }) => {
			const diagnosis = await look();
			expect(stepOf(diagnosis, "tcp").evidence).toEqual({
				address: "127.0.0.1",
				port: entry.port,
				our_address: "127.0.0.1",
			});
			expect(stepOf(diagnosis, "tls").evidence.protocol).toBe("TLSv1.3");
			expect(stepOf(diagnosis, "alpn").evidence.negotiated).toBe("http/1.1");
			const { evidence } = stepOf(diagnosis, "certificate");
			expect(evidence).toMatchObject({
				subject: "CN=web-01.fleet.test",
				names: expect.arrayContaining(["DNS:web-01.fleet.test"]),
				days_left: 364,
				key: "EC prime256v1",
				fingerprint_256: expect.stringMatching(/^([0-9A-F]{2}:){31}/),
				client_subject: "CN=on-call",
				client_days_left: 364,
			});
			expect(JSON.stringify(diagnosis)).not.toMatch(/PRIVATE KEY|BEGIN/);
		});
	});

	test("is warned of when a certificate ends soon or its clock is wrong", async () => {
		const expiring: Patient = {
			faults: [{ kind: "clock-skew", seconds: 90 }],
			identity(authority) {
				const validTo = Date.now() + 10.5 * DAY_MS;
				const client = authority.issueClient({ commonName: "old", validTo });
				return identityOf(client.certPem, client.keyPem, authority.caPem);
			},
		};
		await withClinic(expiring, async ({ look }) => {
			const diagnosis = await look();
			expect(diagnosis.fault).toBeNull();
			expect(stepOf(diagnosis, "certificate")).toMatchObject({
				verdict: "warn",
				sentence: expect.stringContaining("expires in 10 days"),
			});
			expect(stepOf(diagnosis, "rest")).toMatchObject({
				verdict: "warn",
				sentence: expect.stringMatching(/clock is (89|90|91) s ahead/),
			});
		});
	});
});

describe("what is in front of an agent, or on our side", () => {
	test("a name that does not resolve is dns.not-found", async () => {
		const error = Object.assign(new Error("no such name"), {
			code: "ENOTFOUND",
		});
		await withClinic(
			{
				entry: { address: "web-01.fleet.invalid" },
				lookup: (_name, _family, done) => queueMicrotask(() => done(error, "")),
			},
			async ({ look }) => expectFault(await look(), "dns.not-found", "dns"),
		);
	});

	test("a name that resolves is told with its address", async () => {
		await withClinic(
			{
				entry: { address: "web-01.fleet.test" },
				lookup: (_name, _family, done) =>
					queueMicrotask(() => done(null, "127.0.0.1")),
			},
			async ({ look }) => {
				const diagnosis = await look();
				expect(diagnosis.fault).toBeNull();
				expect(stepOf(diagnosis, "dns")).toMatchObject({
					verdict: "ok",
					ms: expect.any(Number),
					sentence: "web-01.fleet.test is 127.0.0.1",
				});
			},
		);
	});

	test("nothing listening is tcp.refused", async () => {
		await withClinic({}, async ({ agent, look }) => {
			agent.kill();
			expectFault(await look(), "tcp.refused", "tcp");
		});
	});

	test("packets that are swallowed are tcp.timeout, with our address for the firewall’s people", async () => {
		const swallowing = await openFullBacklog();
		try {
			await withClinic(
				{ entry: { port: swallowing.port }, soon: { connectMs: 700 } },
				async ({ look }) => {
					const diagnosis = await look();
					expectFault(diagnosis, "tcp.timeout", "tcp");
					expect(diagnosis.fault?.nextStep).toContain("address is 127.0.0.1");
				},
			);
		} finally {
			await swallowing.close();
		}
	});

	/** A TLS alert in the clear, as a server sends it in answer to a ClientHello (RFC 8446 section 6). */
	const alert = (number: number): Buffer =>
		Buffer.from([21, 3, 3, 0, 2, 2, number]);
	test.each([
		["demands a certificate", alert(116), "tls.client-required", "certificate"],
		["finds ours expired", alert(45), "tls.client-expired", "certificate"],
		["finds ours revoked", alert(44), "tls.client-rejected", "certificate"],
		["speaks no common TLS", alert(40), "tls.protocol", "tls"],
		[
			"speaks plain HTTP",
			Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n"),
			"tls.protocol",
			"tls",
		],
	] as const)(
		"a server that %s is named so",
		async (_name, answer, code, layer) => {
			await withServer(
				(socket) => socket.once("data", () => socket.end(answer)),
				(port) =>
					withClinic({ entry: { port } }, async ({ look }) =>
						expectFault(await look(), code, layer),
					),
			);
		},
	);

	test("without an identity the route is looked at, and no certificate is shown to the agent", async () => {
		await withClinic({ identity: () => null }, async ({ look, empty }) => {
			const diagnosis = await look();
			expectFault(diagnosis, "identity.absent", "certificate");
			expect(stepOf(diagnosis, "tcp").verdict).toBe("ok");
			await empty();
		});
	});

	test("an expired identity is our fault, not the agent’s", async () => {
		await withClinic(
			{
				identity(authority) {
					const now = Date.now();
					const old = authority.issueClient({
						commonName: "on-call",
						validFrom: now - 3 * DAY_MS,
						validTo: now - DAY_MS / 2,
					});
					return identityOf(old.certPem, old.keyPem, authority.caPem);
				},
			},
			async ({ look }) => {
				const diagnosis = await look();
				expectFault(diagnosis, "tls.client-expired", "certificate");
				expect(stepOf(diagnosis, "certificate").evidence).toMatchObject({
					client_subject: "CN=on-call",
					client_days_left: -1,
				});
			},
		);
	});

	test("an identity of a foreign authority is named within two connections", async () => {
		const stranger = createAuthority({ clock: systemClock() }).issueClient({
			commonName: "stranger",
		});
		await withClinic(
			{
				identity: ({ caPem }) =>
					identityOf(stranger.certPem, stranger.keyPem, caPem),
			},
			async ({ agent, entry, ports, empty }) => {
				const proxy = await openFaultProxy(agent.port(), systemClock());
				const diagnosis = await diagnose(
					{ ...entry, port: proxy.port },
					ports,
					{ signal: new AbortController().signal },
				);
				expectFault(diagnosis, "tls.client-rejected", "certificate");
				expect(proxy.connections.all.length).toBe(2);
				expect(diagnosis.fault?.nextStep).toMatch(
					/address is 127\.0\.0\.1; your certificate is CN=stranger, valid for 364 days/,
				);
				await proxy.close();
				await empty();
			},
		);
	});

	test("a wrong clock is considered before a date is believed", async () => {
		await withClinic(
			{
				faults: [{ kind: "certificate", problem: "expired" }],
				skewMs: 2 * DAY_MS,
			},
			async ({ look }) => {
				const { fault } = await look();
				expect(fault?.nextStep).toContain("clocks");
			},
		);
	});

	test("a diagnosis that is stopped says what it did not look at, and leaves nothing open", async () => {
		await withClinic(
			{ faults: [{ kind: "mute", after: "tls" }] },
			async ({ agent, look, empty }) => {
				const stopping = new AbortController();
				const looking = look(stopping.signal);
				while (agent.openSockets() === 0)
					await new Promise((turn) => setImmediate(turn));
				stopping.abort();
				const diagnosis = await looking;
				expect(diagnosis.stopped).toBe(true);
				expect(diagnosis.fault).toBeNull();
				expect(diagnosis.steps.map(({ layer }) => layer)).toEqual([...LAYERS]);
				expect(stepOf(diagnosis, "rest")).toMatchObject({
					verdict: "skipped",
					sentence: expect.stringContaining("stopped"),
				});
				await empty();
			},
		);
	});
});

/** A TCP server on loopback for the time of `story`. */
async function withServer(
	serve: (socket: Socket) => void,
	story: (port: number) => Promise<void>,
): Promise<void> {
	const server: Server = createServer((socket) => {
		socket.on("error", () => socket.destroy());
		serve(socket);
	});
	await new Promise<void>((listening) => {
		server.listen(0, "127.0.0.1", listening);
	});
	const bound = server.address();
	try {
		await story(typeof bound === "object" && bound !== null ? bound.port : 0);
	} finally {
		await new Promise((closed) => server.close(closed));
	}
}
