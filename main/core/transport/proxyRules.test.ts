// Which proxy the way to a host goes through, by the variables of an environment; and that a password is in none of the words.
import { inspect } from "node:util";
import { describe, expect, test } from "vitest";
import type { HttpProxy, ProxyRules } from "./proxyRules.ts";
import { proxyRules, readProxyRules } from "./proxyRules.ts";

type Environment = Readonly<Record<string, string>>;

function rulesOf(env: Environment): ProxyRules {
	const rules = readProxyRules(env);
	if (!rules.ok) throw new Error(rules.fault.sentence);
	if (rules.value === null) throw new Error("there are no rules");
	return rules.value;
}
const proxyOf = (env: Environment): HttpProxy => {
	const proxy = rulesOf(env).proxyFor("web-01.example.net", 12443);
	if (proxy === null) throw new Error("the host is reached directly");
	return proxy;
};
const isDirect = (noProxy: string, address: string, port = 12443): boolean =>
	rulesOf({ HTTPS_PROXY: "proxy:3128", NO_PROXY: noProxy }).proxyFor(
		address,
		port,
	) === null;

describe("a proxy’s variable", () => {
	test("that is not set or empty means no rules", () => {
		expect(readProxyRules({})).toEqual({ ok: true, value: null });
		const blank = { HTTPS_PROXY: "", https_proxy: " ", ALL_PROXY: "" };
		expect(readProxyRules(blank)).toEqual({ ok: true, value: null });
		expect(readProxyRules({ HTTP_PROXY: "http://proxy:3128" })).toEqual({
			ok: true,
			value: null,
		});
	});

	test.each<readonly [Environment, string]>([
		[{ HTTPS_PROXY: "http://a:1", ALL_PROXY: "http://b:2" }, "HTTPS_PROXY"],
		[{ HTTPS_PROXY: "http://a:1", https_proxy: "http://b:2" }, "https_proxy"],
		[{ https_proxy: "", HTTPS_PROXY: "http://a:1" }, "HTTPS_PROXY"],
		[{ all_proxy: "http://a:1", ALL_PROXY: "http://b:2" }, "all_proxy"],
		[{ ALL_PROXY: "http://a:1" }, "ALL_PROXY"],
	])("of %j is taken from %s", (env, source) => {
		expect(proxyOf(env).source).toBe(source);
	});

	test.each([
		["http://proxy.corp:3128", false, "proxy.corp", 3128, "proxy.corp:3128"],
		["http://proxy.corp:3128/", false, "proxy.corp", 3128, "proxy.corp:3128"],
		["proxy.corp:3128", false, "proxy.corp", 3128, "proxy.corp:3128"],
		["http://proxy.corp", false, "proxy.corp", 80, "proxy.corp:80"],
		["https://proxy.corp", true, "proxy.corp", 443, "proxy.corp:443"],
		["HTTPS://Proxy.Corp:8443", true, "proxy.corp", 8443, "proxy.corp:8443"],
		["http://[::1]:3128", false, "::1", 3128, "[::1]:3128"],
		["http://u:p@10.0.0.1:3128", false, "10.0.0.1", 3128, "10.0.0.1:3128"],
	])("%s is understood", (url, isTls, host, port, place) => {
		const proxy = proxyOf({ HTTPS_PROXY: url });
		expect(proxy).toMatchObject({ isTls, host, port, place, ca: null });
	});

	test.each([
		["http://", "is not the URL"],
		["http://proxy:99999", "is not the URL"],
		["http://proxy:0", "port 0"],
		["socks5://me:hunter2secret@proxy:1080", "kind socks5"],
		["ftp://proxy", "kind ftp"],
		["http://me:hunter2secret@proxy/path", "something after"],
		["http://me:hunter2secret/3@proxy:3128", "is not the URL"],
		["http://me:1#hunter2secret@proxy:3128", "something after"],
		["http://me:hunter2secret%zz@proxy:3128", "broken percent sign"],
	])("%s is refused in words without the password", (url, why) => {
		for (const name of ["HTTPS_PROXY", "ALL_PROXY"]) {
			const rules = readProxyRules({ [name]: url });
			expect(rules.ok).toBe(false);
			if (rules.ok) return;
			expect(rules.fault.code).toBe("input.invalid");
			expect(rules.fault.sentence).toMatch(new RegExp(`^${name} `));
			expect(rules.fault.sentence).toContain(why);
			expect(rules.fault.nextStep).toContain(name);
			expect(JSON.stringify(rules.fault)).not.toMatch(/hunter2|me:/);
		}
	});
});

describe("credentials", () => {
	const url = "http://on-call:p%40ss%2Fw%C3%B6rd@proxy:3128";

	test("become Basic, decoded and in UTF-8", () => {
		const proxy = proxyOf({ HTTPS_PROXY: url });
		const token = Buffer.from("on-call:p@ss/wörd").toString("base64");
		expect(proxy.authorization()).toBe(`Basic ${token}`);
		expect(proxy.hasCredentials).toBe(true);
		expect(proxyOf({ HTTPS_PROXY: "http://me@proxy" }).authorization()).toBe(
			`Basic ${Buffer.from("me:").toString("base64")}`,
		);
		expect(proxyOf({ HTTPS_PROXY: "proxy" }).authorization()).toBeNull();
	});

	test("show in no JSON and no log", () => {
		const rules = rulesOf({ HTTPS_PROXY: url });
		const proxy = proxyOf({ HTTPS_PROXY: url });
		for (const text of [
			JSON.stringify([rules, proxy]),
			inspect([rules, proxy], { depth: 9, showHidden: true }),
		])
			expect(text).not.toMatch(/p@ss|p%40ss|wörd|b24tY2FsbD/);
	});

	test("are taken out of what the proxy says", () => {
		const proxy = proxyOf({ HTTPS_PROXY: url });
		const said = `you sent ${proxy.authorization()} that is p@ss/wörd or p%40ss%2Fw%C3%B6rd`;
		expect(proxy.redact(said)).toBe(
			"you sent Basic (redacted) that is (redacted) or (redacted)",
		);
	});
});

describe("NO_PROXY", () => {
	test.each<readonly [string, string, boolean]>([
		["", "web-01.example.net", false],
		["*", "web-01.example.net", true],
		["*", "10.0.0.1", true],
		["example.net", "example.net", true],
		["example.net", "web-01.example.net", true],
		["example.net", "badexample.net", false],
		["example.net", "example.net.evil.test", false],
		[".example.net", "web-01.example.net", true],
		[".example.net", "a.b.example.net", true],
		[".example.net", "example.net", true],
		[".example.net", "badexample.net", false],
		["*.example.net", "web-01.example.net", true],
		["EXAMPLE.net.", "Web-01.Example.NET", true],
		["example.net", "web-01.example.net.", true],
		["other.test,example.net", "example.net", true],
		["other.test, example.net", "example.net", true],
		["other.test example.net", "example.net", true],
		[",, ,", "example.net", false],
		["10.0.0.1", "10.0.0.1", true],
		["10.0.0.1", "10.0.0.10", false],
		["10.0.0.1", "110.0.0.1", false],
		["0.0.1", "10.0.0.1", false],
		["10.0.0.0/8", "10.200.3.4", true],
		["10.0.0.0/8", "11.0.0.1", false],
		["10.20.0.0/16", "10.20.255.255", true],
		["10.20.0.0/16", "10.21.0.0", false],
		["10.0.0.0/33", "10.0.0.0", false],
		["10.0.0.0/x", "10.0.0.0", false],
		["10.0.0.0/8", "ten.example.net", false],
		["2001:db8::1", "2001:db8::1", true],
		["2001:db8::1", "2001:db8:0:0::1", true],
		["[2001:db8::1]", "2001:db8::1", true],
		["2001:db8::/32", "2001:db8:9::1", true],
		["2001:db8::/32", "2001:db9::1", false],
		[".", "example.net", false],
		["10.*", "10.0.0.1", false],
	])("%j: reached directly, %s: %s", (noProxy, address, direct) => {
		expect(isDirect(noProxy, address)).toBe(direct);
	});

	test.each<readonly [string, string, number, boolean]>([
		["example.net:12443", "example.net", 12443, true],
		["example.net:12443", "example.net", 443, false],
		[".example.net:443", "web.example.net", 443, true],
		["10.0.0.1:443", "10.0.0.1", 12443, false],
		["10.0.0.1:12443", "10.0.0.1", 12443, true],
		["[2001:db8::1]:443", "2001:db8::1", 443, true],
		["[2001:db8::1]:443", "2001:db8::1", 12443, false],
	])("%j: %s at port %i: %s", (noProxy, address, port, direct) => {
		expect(isDirect(noProxy, address, port)).toBe(direct);
	});

	test("in lower case comes first", () => {
		const rules = rulesOf({
			HTTPS_PROXY: "proxy:3128",
			NO_PROXY: "*",
			no_proxy: "example.net",
		});
		expect(rules.proxyFor("example.net", 1)).toBeNull();
		expect(rules.proxyFor("example.com", 1)).not.toBeNull();
	});
});

describe("this computer itself", () => {
	test.each([
		"127.0.0.1",
		"127.9.8.7",
		"::1",
		"0:0:0:0:0:0:0:1",
		"::ffff:127.0.0.1",
		"localhost",
		"LocalHost.",
		"web-01.localhost",
	])(
		"%s is reached directly, unless the rules are told otherwise",
		(address) => {
			expect(
				rulesOf({ ALL_PROXY: "proxy:3128" }).proxyFor(address, 12443),
			).toBeNull();
			const forced = proxyRules({
				url: "proxy:3128",
				source: "a test",
				loopback: true,
			});
			expect(forced.ok && forced.value.proxyFor(address, 1)).toBeTruthy();
		},
	);

	test.each(["128.0.0.1", "::2", "localhost.example.net", "mylocalhost"])(
		"%s is somebody else",
		(address) => {
			expect(
				rulesOf({ ALL_PROXY: "proxy:3128" }).proxyFor(address, 12443),
			).not.toBeNull();
		},
	);
});
