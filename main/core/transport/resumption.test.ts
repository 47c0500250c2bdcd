// A resumed handshake shows no certificate and checks no name. These tests hold, on real sockets and over both versions of
// TLS, that a session only ever stands for a verdict that would be the same today. Every peer shares its ticket keys with the
// others, so that a session that is offered is taken: what is not resumed was not offered.
import { randomBytes } from "node:crypto";
import { afterEach, describe, expect, test } from "vitest";
import { type Clock, systemClock } from "../../../shared/clock.ts";
import type { HostId } from "../../../shared/model.ts";
import { createTestAuthority, identityOf } from "../../testkit/certificates.ts";
import { dialOn, failedDialOn } from "../../testkit/dialing.ts";
import type { RawPeer, RawPeerWish } from "../../testkit/rawPeer.ts";
import { AGENT_NAME, openTlsStage } from "../../testkit/tlsStage.ts";
import type { Secured } from "./dial.ts";
import {
	openTlsContexts,
	type Resumption,
	type TlsContexts,
} from "./tlsContext.ts";
import type { Target } from "./transport.ts";

const OTHER_NAME = "also.fleet.test";
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const stage = openTlsStage();
afterEach(stage.close);
const ticketKeys = randomBytes(48);
/** Good for both names, for ten days. */
const server = stage.authority.issue({
	names: [AGENT_NAME, OTHER_NAME],
	ips: ["127.0.0.1"],
	toDays: 10,
});
const identity = identityOf(stage.client, stage.authority.certPem);

/** The system's clock, with hours passed. */
function clockAfter(monotonicMs: number, wallMs = 0): Clock {
	const real = systemClock();
	return {
		wallMs: () => real.wallMs() + wallMs,
		monotonicMs: () => real.monotonicMs() + monotonicMs,
		at: (dueMs, run) => real.at(dueMs - monotonicMs, run),
	};
}

describe.each(["TLSv1.2", "TLSv1.3"] as const)("over %s", (version) => {
	const open = (wish: Partial<RawPeerWish> = {}): Promise<RawPeer> =>
		stage.peer({
			identity: server,
			ticketKeys,
			minVersion: version,
			maxVersion: version,
			...wish,
		});

	/** Dials, and waits until the session of a full handshake is kept. */
	async function dialAndKeep(
		target: Target,
		contexts: TlsContexts,
	): Promise<void> {
		const { secured, failure } = await dialOn(stage, target, { contexts });
		if (secured === null) throw new Error(JSON.stringify(failure.causes));
		// TLS 1.3 tickets come after the handshake, and reading makes them arrive; TLS 1.2 has told its own by now.
		if (version === "TLSv1.3")
			await new Promise<void>((there) => {
				// OpenSSL sends two; a late one would be kept after the first was used.
				secured.socket.once("session", () =>
					secured.socket.once("session", () => there()),
				);
				secured.socket.resume();
			});
		expect(keptAfter(0, target, contexts)).not.toBeNull();
	}

	const keptAfter = (
		hours: number,
		target: Target,
		contexts: TlsContexts,
	): Resumption | null => {
		const clock = clockAfter(hours * HOUR_MS);
		return contexts.sessionOf(target, clock.monotonicMs(), clock.wallMs());
	};

	/** A dial that must succeed. */
	async function dialAgain(
		target: Target,
		contexts: TlsContexts,
		clock: Clock = systemClock(),
	): Promise<Secured> {
		const { secured, failure } = await dialOn(stage, target, {
			contexts,
			clock,
		});
		if (secured === null) throw new Error(JSON.stringify(failure.causes));
		return secured;
	}

	/** A peer, and contexts that hold a session of it. */
	async function met(more: Partial<Target> = {}): Promise<{
		readonly peer: RawPeer;
		readonly target: Target;
		readonly contexts: TlsContexts;
	}> {
		const peer = await open();
		const target = stage.target(peer.port, more);
		const contexts = openTlsContexts(identity);
		await dialAndKeep(target, contexts);
		return { peer, target, contexts };
	}

	test("nothing changed: the session is offered once and taken, with the full handshake's certificate", async () => {
		const { peer, target, contexts } = await met();
		const again = await dialAgain(target, contexts);
		expect((await peer.handshakes.waitFor(2)).resumed).toBe(true);
		expect(again.certificate).toMatchObject({
			subject: `CN=${AGENT_NAME}`,
			issuer: "CN=Test Root",
			names: expect.arrayContaining([`DNS:${OTHER_NAME}`]),
		});
		// This agent gives no new ticket with a resumed handshake, and a ticket is for one use.
		await dialAgain(target, contexts);
		expect((await peer.handshakes.waitFor(3)).resumed).toBe(false);
	});

	const changes: readonly (readonly [string, Partial<Target>])[] = [
		["another name is expected", { servername: OTHER_NAME }],
		["it is known by its address now", { servername: "127.0.0.1" }],
		["the address is another", { address: "agent.internal.test" }],
		["it is another host of the fleet", { hostId: "h-other" as HostId }],
	];
	test.each(changes)("not offered when %s", async (_why, change) => {
		const { peer, target, contexts } = await met();
		const { failure } = await dialOn(
			stage,
			{ ...target, ...change },
			{
				contexts,
				lookup: (_name, _family, tell) => tell(null, "127.0.0.1"),
			},
		);
		expect(failure).toBeNull();
		expect((await peer.handshakes.waitFor(2)).resumed).toBe(false);
	});

	test("not offered when the port is another", async () => {
		const { target, contexts } = await met();
		const elsewhere = await open();
		await dialOn(stage, { ...target, port: elsewhere.port }, { contexts });
		expect((await elsewhere.handshakes.waitFor()).resumed).toBe(false);
	});

	test("not offered when another TLS minimum is demanded", async () => {
		const { peer, target, contexts } = await met({ minTls: "1.2" });
		const demanding = { ...target, minTls: "1.3" as const };
		const { failure } = await dialOn(stage, demanding, { contexts });
		if (version === "TLSv1.2")
			expect(failure?.causes[0]?.code).toMatch(/PROTOCOL_VERSION/);
		else expect((await peer.handshakes.waitFor(2)).resumed).toBe(false);
	});

	test("not offered when the identity was replaced, which the agent sees at once", async () => {
		const { peer, target, contexts } = await met();
		const renewed = stage.authority.issue({
			commonName: "renewed",
			purpose: "client",
		});
		contexts.replace(identityOf(renewed, stage.authority.certPem));
		await dialAgain(target, contexts);
		expect(await peer.handshakes.waitFor(2)).toMatchObject({
			resumed: false,
			client: "CN=renewed",
		});
	});

	test("not offered when the authority is no longer trusted: the certificate is judged anew", async () => {
		const { target, contexts } = await met();
		const { certPem } = createTestAuthority("Next Root");
		contexts.replace({ ...identity, ca: certPem });
		const failure = await failedDialOn(stage, target, { contexts });
		expect(failure.causes[0]?.code).toBe("SELF_SIGNED_CERT_IN_CHAIN");
	});

	test("not offered when a revocation list came: a revoked certificate is refused", async () => {
		const { target, contexts } = await met();
		const list = stage.authority.revoke([server]);
		contexts.replace({ ...identity, ca: stage.authority.certPem + list });
		const failure = await failedDialOn(stage, target, { contexts });
		expect(failure.causes[0]?.code).toBe("CERT_REVOKED");
	});

	const times: readonly (readonly [string, Clock, boolean])[] = [
		["offered an hour later", clockAfter(HOUR_MS, HOUR_MS), true],
		["not offered after six hours", clockAfter(6 * HOUR_MS + 1), false],
		[
			"not offered after its certificate’s end",
			clockAfter(0, 11 * DAY_MS),
			false,
		],
		[
			"not offered before its certificate’s start",
			clockAfter(0, -2 * DAY_MS),
			false,
		],
	];
	test.each(times)("%s", async (_when, clock, offered) => {
		const { peer, target, contexts } = await met();
		await dialAgain(target, contexts, clock);
		expect((await peer.handshakes.waitFor(2)).resumed).toBe(offered);
	});

	test("renewing a session does not renew the verdict: six hours count from the full handshake", async () => {
		const { peer, target, contexts } = await met();
		const clock = clockAfter(5 * HOUR_MS);
		const resumed = await dialAgain(target, contexts, clock);
		expect((await peer.handshakes.waitFor(2)).resumed).toBe(true);
		// As an agent would that sends a new ticket with every handshake.
		const renewed = Buffer.from("renewed");
		resumed.socket.emit("session", renewed);
		expect(keptAfter(5.9, target, contexts)?.session).toEqual(renewed);
		expect(keptAfter(6.1, target, contexts)).toBeNull();
	});

	describe("an agent that shows another certificate since", () => {
		const foreign = createTestAuthority("Foreign Root");
		const swaps = {
			"for another name": stage.authority.issue({ names: ["elsewhere.test"] }),
			"of another authority": foreign.issue({ names: [AGENT_NAME] }),
			expired: stage.authority.issue({
				names: [AGENT_NAME],
				fromDays: -9,
				toDays: -1,
			}),
		};
		const verdicts: readonly (readonly [keyof typeof swaps, string])[] = [
			["for another name", "ERR_TLS_CERT_ALTNAME_INVALID"],
			["of another authority", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
			["expired", "CERT_HAS_EXPIRED"],
		];

		test.each(verdicts)(
			"%s: taking the old session keeps the old verdict, and never vouches for the new one",
			async (kind, code) => {
				const { peer, target, contexts } = await met();
				peer.become({ identity: swaps[kind] });
				const again = await dialAgain(target, contexts);
				expect((await peer.handshakes.waitFor(2)).resumed).toBe(true);
				expect(again.certificate?.names).toContain(`DNS:${AGENT_NAME}`);
				expect(again.certificate?.issuer).toBe("CN=Test Root");
				// The next handshake is a full one, in which it has to show its certificate.
				const failure = await failedDialOn(stage, target, { contexts });
				expect(failure.causes[0]?.code).toBe(code);
			},
		);

		test.each(verdicts)(
			"%s: nothing is kept of a refused handshake, so it is refused again and again",
			async (kind, code) => {
				const peer = await open({ identity: swaps[kind] });
				const target = stage.target(peer.port);
				const contexts = openTlsContexts(identity);
				for (let nth = 1; nth <= 3; nth++) {
					const failure = await failedDialOn(stage, target, { contexts });
					expect(failure.causes[0]?.code).toBe(code);
					expect(keptAfter(0, target, contexts)).toBeNull();
				}
				expect(peer.handshakes.all.some(({ resumed }) => resumed)).toBe(false);
			},
		);
	});
});
