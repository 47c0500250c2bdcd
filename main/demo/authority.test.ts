import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import { createAuthority } from "./authority.ts";

const clock = systemClock();
const authority = createAuthority({ clock });
const parse = (pem: string) => new X509Certificate(pem);
const SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

test("a server certificate chains to the authority, names its host and is for servers", () => {
	const issued = authority.issueServer({
		names: ["db-07.fleet.test"],
		ips: ["127.0.0.1", "::1", "2001:db8::12:7"],
	});
	const leaf = parse(issued.certPem);
	const ca = parse(authority.caPem);
	expect(leaf.checkIssued(ca)).toBe(true);
	expect(leaf.verify(ca.publicKey)).toBe(true);
	expect(ca.ca).toBe(true);
	expect(leaf.ca).toBe(false);
	expect(leaf.checkHost("db-07.fleet.test")).toBe("db-07.fleet.test");
	expect(leaf.checkHost("db-08.fleet.test")).toBeUndefined();
	for (const ip of ["127.0.0.1", "::1", "2001:db8::12:7"])
		expect(leaf.checkIP(ip)).toBe(ip);
	expect(leaf.keyUsage).toEqual([SERVER_AUTH]);
});

test("a client certificate is for clients, and its key belongs to it", () => {
	const issued = authority.issueClient({ commonName: "console" });
	expect(parse(issued.certPem).keyUsage).toEqual([CLIENT_AUTH]);
	expect(issued.keyPem).toMatch(/^-----BEGIN PRIVATE KEY-----\n/);
	const key = authority.issueClient({ commonName: "other" }).keyPem;
	expect(key).not.toBe(issued.keyPem);
});

test("the facts told of a certificate are those in it", () => {
	const { certPem, facts } = authority.issueServer({ names: ["a.fleet.test"] });
	const leaf = parse(certPem);
	expect(facts.subject).toBe(leaf.subject);
	expect(facts.issuer).toBe(leaf.issuer);
	expect(facts.serial).toBe(leaf.serialNumber);
	expect(facts.fingerprint256).toBe(leaf.fingerprint256);
	expect(facts.validTo).toBe(leaf.validToDate.getTime());
});

test("validity is what was asked for, before and after 2050", () => {
	const validFrom = Date.UTC(2020, 1, 29, 12, 30, 15);
	const validTo = Date.UTC(2051, 0, 2, 3, 4, 5);
	const leaf = parse(
		authority.issueServer({ names: ["a"], validFrom, validTo }).certPem,
	);
	expect(leaf.validFromDate.getTime()).toBe(validFrom);
	expect(leaf.validToDate.getTime()).toBe(validTo);
});

test("without names there is no subjectAltName at all", () => {
	const leaf = parse(authority.issueServer({}).certPem);
	expect(leaf.subjectAltName).toBeUndefined();
	expect(leaf.subject).toBe("CN=linux-patch-api");
});

test("a self-signed certificate is signed by its own key", () => {
	const issued = authority.issueServer({ names: ["a"], selfSigned: true });
	const leaf = parse(issued.certPem);
	expect(leaf.verify(leaf.publicKey)).toBe(true);
	expect(leaf.issuer).toBe(leaf.subject);
	expect(leaf.verify(parse(authority.caPem).publicKey)).toBe(false);
});

test("a hundred certificates have a hundred serials", () => {
	const serials = Array.from(
		{ length: 100 },
		() => authority.issueServer({ names: ["a"] }).facts.serial,
	);
	expect(new Set(serials).size).toBe(100);
});
