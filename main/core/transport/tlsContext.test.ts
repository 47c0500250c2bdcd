// What TLS connections share: broken identities are told, sessions are kept only where their verdict still holds.
import { expect, test } from "vitest";
import type { HostId } from "../../../shared/model.ts";
import { createTestAuthority, identityOf } from "../../testkit/certificates.ts";
import type { PeerCertificate } from "./peerCertificate.ts";
import { openTlsContexts } from "./tlsContext.ts";
import type { Target } from "./transport.ts";

const authority = createTestAuthority();
const client = authority.issue({ commonName: "console", purpose: "client" });
const identity = identityOf(client, authority.certPem);

const target: Target = {
	hostId: "h-1" as HostId,
	address: "127.0.0.1",
	port: 12443,
	servername: "agent.fleet.test",
	minTls: "1.2",
};
const HOUR_MS = 3_600_000;
const NOON = Date.parse("2026-07-21T12:00:00Z");
const certificate: PeerCertificate = {
	subject: "CN=agent.fleet.test",
	issuer: "CN=Test Root",
	names: [],
	validFrom: "2026-07-01T00:00:00.000Z",
	validTo: "2026-07-21T13:00:00.000Z",
	fingerprint256: "AA",
};
const resumption = {
	session: Buffer.from("ticket"),
	certificate,
	verifiedAtMs: 0,
};

test("each TLS minimum has one context, the same for every host", () => {
	const contexts = openTlsContexts(identity);
	expect(contexts.fault).toBeNull();
	expect(contexts.contextFor("1.2")).toBe(contexts.contextFor("1.2"));
	expect(contexts.contextFor("1.2")).not.toBe(contexts.contextFor("1.3"));
});

test("another identity has other contexts", () => {
	const contexts = openTlsContexts(identity);
	const before = contexts.contextFor("1.3");
	contexts.replace(null);
	expect(contexts.identity).toBeNull();
	expect(contexts.contextFor("1.3")).not.toBe(before);
});

test("a key of another certificate is a mismatch, and a good identity heals it", () => {
	const other = authority.issue({ purpose: "client" });
	const contexts = openTlsContexts({ ...identity, privateKey: other.keyPem });
	expect(contexts.fault?.code).toBe("identity.mismatch");
	contexts.replace(identity);
	expect(contexts.fault).toBeNull();
});

test("an identity that is no PEM is invalid, without a word of its content", () => {
	const contexts = openTlsContexts({ ...identity, privateKey: "hunter2" });
	expect(contexts.fault?.code).toBe("identity.invalid");
	expect(JSON.stringify(contexts.fault)).not.toContain("hunter2");
	expect(() => contexts.contextFor("1.2")).not.toThrow();
});

test("a session is offered again until it is used", () => {
	const contexts = openTlsContexts(identity);
	const context = contexts.contextFor("1.2");
	contexts.keepSession(target, context, resumption);
	expect(contexts.sessionOf(target, HOUR_MS, NOON)).toMatchObject(resumption);
	contexts.dropSession(target, Buffer.from("an older one"));
	expect(contexts.sessionOf(target, HOUR_MS, NOON)).not.toBeNull();
	const used = contexts.sessionOf(target, HOUR_MS, NOON);
	if (used !== null) contexts.dropSession(target, used.session);
	expect(contexts.sessionOf(target, HOUR_MS, NOON)).toBeNull();
});

test.each<[string, Partial<Target>, number, number]>([
	["the host moved", { address: "127.0.0.2" }, HOUR_MS, NOON],
	["the port changed", { port: 1 }, HOUR_MS, NOON],
	["the expected name changed", { servername: "x.test" }, HOUR_MS, NOON],
	["a newer TLS is demanded", { minTls: "1.3" }, HOUR_MS, NOON],
	["it is another host", { hostId: "h-2" as HostId }, HOUR_MS, NOON],
	[
		"its certificate was seen more than six hours ago",
		{},
		6 * HOUR_MS + 1,
		NOON,
	],
	["the certificate has expired since", {}, HOUR_MS, NOON + 2 * HOUR_MS],
	["the clock says it is not valid yet", {}, HOUR_MS, NOON - 21 * 24 * HOUR_MS],
])("a session is not offered when %s", (_why, change, nowMs, wallMs) => {
	const contexts = openTlsContexts(identity);
	contexts.keepSession(target, contexts.contextFor("1.2"), resumption);
	expect(
		contexts.sessionOf({ ...target, ...change }, nowMs, wallMs),
	).toBeNull();
});

test("a change of identity forgets all sessions, late ones too", () => {
	const contexts = openTlsContexts(identity);
	const old = contexts.contextFor("1.2");
	contexts.keepSession(target, old, resumption);
	contexts.replace(identity);
	expect(contexts.sessionOf(target, 0, NOON)).toBeNull();
	contexts.keepSession(target, old, resumption);
	expect(contexts.sessionOf(target, 0, NOON)).toBeNull();
});

test("C27: TLS sessions are bounded: the one kept longest ago leaves first", () => {
	const contexts = openTlsContexts(identity);
	const context = contexts.contextFor("1.2");
	const host = (n: number): Target => ({
		...target,
		hostId: `h-${n}` as HostId,
	});
	for (let n = 0; n <= 20_000; n++)
		contexts.keepSession(host(n), context, resumption);
	expect(contexts.sessionOf(host(0), 0, NOON)).toBeNull();
	expect(contexts.sessionOf(host(1), 0, NOON)).not.toBeNull();
	expect(contexts.sessionOf(host(20_000), 0, NOON)).not.toBeNull();
});
