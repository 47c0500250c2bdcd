// Rows about who we are: certificates that are swapped, expired or refused, signed challenges, and where key material never
// shows. Real TLS, real sockets.
import { createPrivateKey } from "node:crypto";
import { describe, expect, test } from "vitest";
import { client, memoryPipe } from "../../shared/bridge.ts";
import { hostId } from "../../shared/model.ts";
import type { Identity } from "../core/ports.ts";
import type { AgentFault } from "../demo/faults.ts";
import type { RawRequest } from "../testkit/rawPeer.ts";
import { closeFrame } from "../testkit/rawPeer.ts";
import { greets, openBareWorld } from "./bareWorld.ts";
import { openTap } from "./tap.ts";
import { identityOf, openWorld } from "./world.ts";

describe.concurrent("an identity", () => {
	test("C16: swapped while connected leaves the live link alone; new sockets and requests show the new certificate, without a restart", async () => {
		let stream: RawRequest | null = null;
		const world = await openBareWorld({
			one: {
				upgrade(request) {
					stream = request;
					greets(request);
				},
			},
		});
		try {
			const { peer, upgrades, asked } = world.agent("one");
			await world.until("it is live and listed", () =>
				asked.some(({ path }) => path === "/system/info"),
			);
			const shown = () => peer.handshakes.all.map((one) => one.client);
			expect(new Set(shown())).toEqual(new Set(["CN=on-call"]));
			const before = shown().length;
			world.console.setIdentity(world.identity("renewed"));
			expect(world.link("one").channel).toBe("live");
			expect(upgrades).toHaveLength(1);
			(stream as RawRequest | null)?.socket.write(closeFrame(1001));
			await world.until("it came back", () => upgrades.length === 2);
			await world.until(
				"it is live",
				() => world.link("one").channel === "live",
			);
			await world.until(
				"requests go out again",
				() =>
					peer.requests.all.filter(({ head }) => head.includes("/jobs?"))
						.length >= 2,
			);
			const after = peer.handshakes.all.slice(before);
			expect(after.map((one) => [one.client, one.resumed])).toContainEqual([
				"CN=renewed",
				false,
			]);
			// Whatever was resumed was resumed from the new identity's handshake.
			expect(new Set(after.map((one) => one.client))).toEqual(
				new Set(["CN=renewed"]),
			);
		} finally {
			await world.stop();
		}
	});

	test("C16: one that has expired is told before anything is dialed, and a renewed one resumes by itself", async () => {
		const world = await openBareWorld(
			{ one: {}, two: {} },
			{ identityEndsInDays: -1 },
		);
		try {
			for (const id of ["one", "two"]) {
				await world.until(
					`${id} is blocked`,
					() => world.link(id).channel === "blocked",
				);
				expect(world.link(id)).toMatchObject({
					fault: "tls.client-expired",
					nextStep: expect.stringMatching(/renewed/),
				});
				expect(world.agent(id).peer.connections.all).toEqual([]);
			}
			world.console.setIdentity(world.identity("renewed"));
			for (const id of ["one", "two"])
				await world.until(
					`${id} is live`,
					() => world.link(id).channel === "live",
				);
		} finally {
			await world.stop();
		}
	});

	test("C16: none at all is a named state, nothing is dialed, and links resume when there is one", async () => {
		const world = await openBareWorld({ one: {} });
		try {
			await world.until(
				"it is live",
				() => world.link("one").channel === "live",
			);
			world.console.setIdentity(null);
			world.console.fleet.pause([hostId("one")], true);
			world.console.fleet.pause([hostId("one")], false);
			await world.until(
				"it is blocked",
				() => world.link("one").fault === "identity.absent",
			);
			const dials = world.agent("one").peer.connections.all.length;
			world.console.fleet.retry([hostId("one")]);
			await world.until(
				"it is blocked again",
				() => world.link("one").channel === "blocked",
			);
			expect(world.agent("one").upgrades).toHaveLength(1);
			world.console.setIdentity(world.identity("on-call"));
			await world.until(
				"it is live",
				() => world.link("one").channel === "live",
			);
			expect(world.agent("one").peer.connections.all.length).toBeGreaterThan(
				dials,
			);
		} finally {
			await world.stop();
		}
	});
});

/** Runs of this many characters of the secret anywhere mean that it leaked. */
const PIECE = 20;
const piecesIn = (text: string): string[] =>
	Array.from({ length: text.length - PIECE + 1 }, (_, at) =>
		text.slice(at, at + PIECE),
	);

/**
 * Every piece of the secret number of a P-256 key, as hex, as base64url, and as it stands in the PEM: bytes 36 to 67 of the
 * PKCS#8 structure. The rest of the file is the public key, which the certificate shows to everybody.
 */
function piecesOf(keyPem: string): string[] {
	const { d = "" } = createPrivateKey(keyPem).export({ format: "jwk" });
	const body = keyPem.replace(/-----[^-]+-----/g, "").replace(/\s/g, "");
	const secret = Buffer.from(d, "base64url");
	const inFile = Buffer.from(body, "base64").subarray(36, 68);
	expect(inFile.equals(secret)).toBe(true);
	return [d, secret.toString("hex"), body.slice(48, 90)].flatMap(piecesIn);
}

test("C17: key material is in no frame to an agent, no message to a window, no log, no status and no evidence, over a story with challenges good and bad", async () => {
	let used: Identity | null = null;
	const tap = openTap();
	const bad = (how: Extract<AgentFault, { kind: "challenge" }>["how"]) => ({
		id: `bad-${how}`,
		dialect: "extended" as const,
		faults: [{ kind: "challenge", how } as const],
	});
	const world = await openWorld({
		hosts: [
			{ id: "good", dialect: "extended" },
			{ id: "plain" },
			bad("short-nonce"),
			bad("twice"),
			bad("refuse"),
			{ id: "refused", faults: [{ kind: "client-refused" }] },
		],
		door: tap.door,
		identity(authority) {
			const { certPem, keyPem } = authority.issueClient({
				commonName: "on-call",
			});
			used = identityOf(certPem, keyPem, authority.caPem);
			return used;
		},
	});
	try {
		const key = (used as Identity | null)?.privateKey ?? "";
		const pieces = piecesOf(key);
		expect(pieces.length).toBeGreaterThan(50);
		const [core, window] = memoryPipe();
		const crossed: string[] = [];
		world.console.attach({
			...core,
			send(message) {
				crossed.push(message);
				core.send(message);
			},
		});
		const bridge = client(window);
		bridge.subscribe("fleet", () => {});
		for (const id of ["good", "plain"]) await world.untilChannel(id, "live");
		const runs = world.submit(["good", "plain"], { runMs: 200 });
		for (const entry of runs) await world.untilState(...entry, "succeeded");
		for (const id of ["bad-short-nonce", "bad-twice", "bad-refuse", "refused"])
			await world.until(
				`${id} has its fault`,
				() => world.link(id).fault !== null,
			);
		await bridge.ask("session.read", {});
		for (const { id } of world.console.fleet.rows())
			await bridge.ask("host.history", { hostId: id });

		const answers = tap.sent.all.filter(({ text }) =>
			text.includes("auth_response"),
		);
		expect(answers.length).toBeGreaterThanOrEqual(2);
		// Nobody gets an answer to a nonce that is too short to be safe.
		expect(answers.map(({ servername }) => servername)).not.toContain(
			"bad-short-nonce.fleet.test",
		);
		expect(world.link("bad-short-nonce").fault).toBe("auth.failed");
		expect(world.link("bad-twice").fault).toBe("auth.failed");
		expect(world.link("bad-refuse").fault).toBe("auth.failed");

		const everything = {
			agents: JSON.stringify(tap.sent.all),
			window: crossed.join("\n"),
			told: JSON.stringify([world.told, world.links]),
			log: world.logged.join("\n"),
			evidence: JSON.stringify(
				[...world.console.fleet.members()].map(({ link }) => link.history()),
			),
		};
		expect(crossed.length).toBeGreaterThan(5);
		for (const [where, text] of Object.entries(everything)) {
			expect(text, where).not.toContain("PRIVATE KEY");
			const unescaped = text.replaceAll("\\n", "");
			expect(
				pieces.filter((piece) => unescaped.includes(piece)),
				where,
			).toEqual([]);
		}
		// The search finds what is there: the certificate is in the answers.
		expect(everything.agents).toContain("BEGIN CERTIFICATE");
	} finally {
		await world.stop();
	}
});
