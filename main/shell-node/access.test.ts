import { X509Certificate } from "node:crypto";
import { expect, test } from "vitest";
import { createTestAuthority, selfSigned } from "../testkit/certificates.ts";
import { openAccess, openableHost, ownAuthorities } from "./access.ts";

const certificateFor = (names: string[], ips: string[] = []): X509Certificate =>
	new X509Certificate(
		selfSigned({ commonName: "cn.test", names, ips }).certPem,
	);

test("without TLS only the address itself is ours, and localhost on loopback", () => {
	const isOurs = ownAuthorities({
		scheme: "http",
		host: "::1",
		port: 8080,
		certificate: null,
	});
	expect(["[::1]:8080", "localhost:8080"].every(isOurs)).toBe(true);
	for (const wrong of [
		"[::1]",
		"::1:8080",
		"[::1]:08080",
		"[::1]:8080:8080",
		"localhost:8081",
		"127.0.0.1:8080",
		"localhost:8080/",
		"user@localhost:8080",
		"",
	])
		expect([wrong, isOurs(wrong)]).toEqual([wrong, false]);
});

test.each([
	["http", 80],
	["https", 443],
] as const)("%s leaves its port %i out", (scheme, port) => {
	const isOurs = ownAuthorities({
		scheme,
		host: "0.0.0.0",
		port,
		certificate: certificateFor(["deck.test"]),
	});
	expect(["deck.test", `deck.test:${port}`].every(isOurs)).toBe(true);
	expect(["cn.test", "deck.test:8443"].some(isOurs)).toBe(false);
});

test("a wildcard is for one label, and no name that is none gets by", () => {
	const isOurs = ownAuthorities({
		scheme: "https",
		host: "::",
		port: 443,
		certificate: certificateFor(["*.decks.test"], ["192.0.2.7"]),
	});
	expect(["one.decks.test", "192.0.2.7"].every(isOurs)).toBe(true);
	for (const wrong of [
		"decks.test",
		".decks.test",
		"a.b.decks.test",
		"*.decks.test",
		"[192.0.2.7]",
		"192.0.2",
		"[::]x",
		"[:]",
	])
		expect([wrong, isOurs(wrong)]).toEqual([wrong, false]);
});

test("the address to open is the certificate's first plain name where all networks are listened on", () => {
	const named = certificateFor(["*.decks.test", "deck.test"], ["192.0.2.7"]);
	for (const host of ["0.0.0.0", "::"])
		expect(openableHost({ host, certificate: named })).toBe("deck.test");
	expect(
		openableHost({
			host: "::",
			certificate: certificateFor([], ["192.0.2.7"]),
		}),
	).toBe("192.0.2.7");
	expect(openableHost({ host: "::1", certificate: named })).toBe("[::1]");
	expect(openableHost({ host: "192.0.2.9", certificate: named })).toBe(
		"192.0.2.9",
	);
	const nameless = new X509Certificate(
		createTestAuthority().issue({ names: [] }).certPem,
	);
	expect(openableHost({ host: "::", certificate: nameless })).toBe("[::]");
});

test("the cookie of another port, of another name or with more to it is no session", () => {
	const access = openAccess(true);
	const cookie = access.exchange(access.token, 8443) ?? "";
	expect(cookie).toMatch(/; Secure$/);
	const pair = cookie.split(";")[0] ?? "";
	expect(access.hasCookie({ cookie: `a=b; ${pair}` }, 8443)).toBe(true);
	expect(access.hasCookie({ cookie: pair }, 443)).toBe(false);
	expect(access.hasCookie({ cookie: `x${pair}` }, 8443)).toBe(false);
	expect(access.hasCookie({ cookie: `${pair}x` }, 8443)).toBe(false);
	expect(access.hasCookie({}, 8443)).toBe(false);
});
