// Dials through a real proxy over real sockets: the tunnel, TLS and resumption in it, the proxy's own TLS, and every way in
// which no tunnel comes about, with what is told of it.
import { afterEach, describe, expect, test } from "vitest";
import { systemClock } from "../../../shared/clock.ts";
import { selfSigned } from "../../testkit/certificates.ts";
import type {
	ConnectProxy,
	ConnectProxyWish,
} from "../../testkit/connectProxy.ts";
import { openConnectProxy, refusing } from "../../testkit/connectProxy.ts";
import { dialOn, failedDialOn } from "../../testkit/dialing.ts";
import { openFaultProxy } from "../../testkit/faultProxy.ts";
import { openFullBacklog } from "../../testkit/fullBacklog.ts";
import { openNameServer } from "../../testkit/nameServer.ts";
import { openRestStage, PLENTY } from "../../testkit/restStage.ts";
import { classify } from "../link/classify.ts";
import type { DialOptions } from "./dial.ts";
import { dialTls } from "./dial.ts";
import type { ProxyRules } from "./proxyRules.ts";
import { proxyRules } from "./proxyRules.ts";
import type { Failure, Target } from "./transport.ts";

const { stage, peerWith, restTo } = openRestStage();
afterEach(stage.close);

const PASSWORD = "hunter2-secret";
const QUICK = { connectMs: 5_000, tlsMs: 5_000, proxyMs: 150 };
const FACTS = {
	wasLive: false,
	skewMs: null,
	servername: "agent.fleet.test",
	freshTlsFailures: 0,
};

async function openProxy(wish: ConnectProxyWish = {}): Promise<ConnectProxy> {
	const proxy = await openConnectProxy(wish);
	stage.later(proxy.close);
	return proxy;
}

/** Rules that send this computer's own addresses through the proxy too. */
function rulesOf(
	url: string,
	more: { noProxy?: string; ca?: string } = {},
): ProxyRules {
	const rules = proxyRules({
		url,
		source: "HTTPS_PROXY",
		loopback: true,
		...more,
	});
	if (!rules.ok) throw new Error(rules.fault.sentence);
	return rules.value;
}
const through = (
	{ port }: { readonly port: number },
	more: Partial<DialOptions> = {},
): Partial<DialOptions> => ({
	proxies: rulesOf(`http://127.0.0.1:${port}`),
	...more,
});

/** The failure, and that no word of it or of its fault has the password. */
async function refusedBy(
	proxy: { readonly port: number },
	options: Partial<DialOptions> = {},
	target: Partial<Target> = {},
): Promise<Failure> {
	const failure = await failedDialOn(
		stage,
		stage.target(9, target),
		through(proxy, options),
	);
	const fault = classify(failure, FACTS);
	expect(fault.code).toBe("proxy.refused");
	expect(failure.proxy?.place).toMatch(/:\d+$/);
	expect(JSON.stringify([failure, fault])).not.toContain(PASSWORD);
	return failure;
}

describe("a tunnel", () => {
	test("carries TLS with the agent, and its times are told apart", async () => {
		const peer = await stage.peer();
		const proxy = await openProxy();
		const { secured } = await dialOn(
			stage,
			stage.target(peer.port),
			through(proxy),
		);
		expect(Object.keys(secured?.timingsMs ?? {})).toEqual([
			"tcp",
			"proxy",
			"tls",
		]);
		expect(secured?.alpn).toBe("http/1.1");
		expect(secured?.proxy).toMatchObject({
			place: `127.0.0.1:${proxy.port}`,
			source: "HTTPS_PROXY",
		});
		expect((await peer.handshakes.waitFor()).client).toBe("CN=console");
		expect(secured?.socket.bytesRead).toBe(0);
		const said = new Promise((tell) => secured?.socket.once("data", tell));
		secured?.socket.write("GET / HTTP/1.1\r\n\r\n");
		(await peer.requests.waitFor()).socket.write("hello");
		expect(String(await said)).toBe("hello");
		expect(secured?.socket.bytesRead).toBe(5);
	});

	test("leaves the agent’s name to the proxy, and asks for the address that is dialed", async () => {
		const peer = await stage.peer();
		const proxy = await openProxy({
			names: { "web-01.fleet.test": "127.0.0.1" },
		});
		const lookup = (): never => {
			throw new Error("nothing is resolved here");
		};
		const target = stage.target(peer.port, { address: "web-01.fleet.test" });
		const { secured } = await dialOn(stage, target, through(proxy, { lookup }));
		expect(secured).not.toBeNull();
		const { head } = await proxy.connects.waitFor();
		expect(head).toBe(
			`CONNECT web-01.fleet.test:${peer.port} HTTP/1.1\r\nHost: web-01.fleet.test:${peer.port}\r\n\r\n`,
		);
	});

	test("to an IPv6 address is asked for in brackets", async () => {
		const proxy = await openProxy();
		proxy.become({ says: refusing(403) });
		await refusedBy(proxy, {}, { address: "::1", port: 12443 });
		expect(proxy.connects.all[0]?.target).toBe("[::1]:12443");
	});

	test("through a proxy with a name resolves that name", async () => {
		const peer = await stage.peer();
		const proxy = await openProxy();
		const names = await openNameServer();
		stage.later(names.close);
		names.set("proxy.corp.test", "127.0.0.1");
		const { secured } = await dialOn(stage, stage.target(peer.port), {
			proxies: rulesOf(`http://proxy.corp.test:${proxy.port}`),
			lookup: names.lookup,
		});
		expect(Object.keys(secured?.timingsMs ?? {})).toEqual([
			"dns",
			"tcp",
			"proxy",
			"tls",
		]);
	});

	test("is not made to hosts of NO_PROXY", async () => {
		const peer = await stage.peer();
		const proxy = await openProxy();
		const { secured } = await dialOn(stage, stage.target(peer.port), {
			proxies: rulesOf(`http://127.0.0.1:${proxy.port}`, {
				noProxy: "127.0.0.0/8",
			}),
		});
		expect(Object.keys(secured?.timingsMs ?? {})).toEqual(["tcp", "tls"]);
		expect(secured).not.toHaveProperty("proxy");
		expect(proxy.connects.all).toHaveLength(0);
	});

	test("shows the credentials to the proxy, and to nobody else", async () => {
		const peer = await peerWith();
		const proxy = await openProxy({ credentials: `on-call:${PASSWORD}` });
		const rest = restTo(peer.port, {
			proxies: rulesOf(`http://on-call:${PASSWORD}@127.0.0.1:${proxy.port}`),
		});
		expect((await rest.get("/health", PLENTY)).status).toBe(200);
		expect(proxy.connects.all[0]?.head).toContain(
			"Proxy-Authorization: Basic ",
		);
		expect(peer.requests.all[0]?.head).not.toMatch(/authorization/i);
	});

	test("resumes the TLS session of the one before, and checks what it must", async () => {
		const peer = await stage.peer();
		const proxy = await openProxy();
		const target = stage.target(peer.port);
		const first = await dialOn(stage, target, through(proxy));
		const ticket = new Promise((told) =>
			first.secured?.socket.once("session", told),
		);
		first.secured?.socket.resume();
		await ticket;
		const second = await dialOn(stage, target, through(proxy));
		expect(second.secured?.socket.isSessionReused()).toBe(true);
		expect(second.secured?.certificate).toEqual(first.secured?.certificate);
		const other = await failedDialOn(
			stage,
			{ ...target, servername: "other.fleet.test" },
			through(proxy),
		);
		expect(classify(other, FACTS).code).toBe("tls.name-mismatch");
	});

	test("ends with its socket: nothing stays open at the proxy or the agent", async () => {
		const peer = await stage.peer();
		const proxy = await openProxy();
		const { secured } = await dialOn(
			stage,
			stage.target(peer.port),
			through(proxy),
		);
		secured?.socket.destroy();
		await peer.closed.waitFor();
		await proxy.empty();
	});

	test.each(["cut", "reset"] as const)(
		"that is %s is noticed by who holds it",
		async (how) => {
			const peer = await stage.peer();
			const proxy = await openProxy();
			const before = await openFaultProxy(proxy.port, systemClock());
			stage.later(before.close);
			const { secured } = await dialOn(
				stage,
				stage.target(peer.port),
				through(before),
			);
			const gone = new Promise((told) => secured?.socket.once("close", told));
			secured?.socket.resume();
			if (how === "cut") before.cutAll();
			else before.resetAll();
			await gone;
		},
	);
});

describe("a proxy that is spoken to over TLS", () => {
	const names = ["proxy.corp.test"];

	test("is trusted by its own authority, not by the fleet’s, and tunnels TLS in TLS", async () => {
		const peer = await peerWith();
		const tls = selfSigned({ names, ips: ["127.0.0.1"] });
		const proxy = await openProxy({ tls });
		const proxies = rulesOf(`https://127.0.0.1:${proxy.port}`, {
			ca: tls.certPem,
		});
		const rest = restTo(peer.port, { proxies });
		expect((await rest.get("/health", PLENTY)).status).toBe(200);
		expect(proxy.connects.all).toHaveLength(1);
		const { secured } = await dialOn(stage, stage.target(peer.port), {
			proxies,
		});
		const gone = new Promise((told) => secured?.socket.once("close", told));
		secured?.socket.resume();
		proxy.cutAll();
		await gone;
	});

	test("is refused with a certificate of the fleet’s authority, by the proxy’s name", async () => {
		const proxy = await openProxy({
			tls: stage.authority.issue({ names, ips: ["127.0.0.1"] }),
		});
		const failure = await refusedBy(proxy, {
			proxies: rulesOf(`https://127.0.0.1:${proxy.port}`),
		});
		expect(failure).toMatchObject({ phase: "proxy", certificate: null });
		expect(classify(failure, FACTS).sentence).toMatch(
			/^the certificate of the proxy 127\.0\.0\.1:\d+ is not trusted \(/,
		);
	});

	test("is refused with a certificate for another name", async () => {
		const tls = selfSigned({ names });
		const proxy = await openProxy({ tls });
		const failure = await refusedBy(proxy, {
			proxies: rulesOf(`https://127.0.0.1:${proxy.port}`, { ca: tls.certPem }),
		});
		expect(classify(failure, FACTS).sentence).toContain(
			"ERR_TLS_CERT_ALTNAME_INVALID",
		);
	});

	test("that speaks no TLS is told so", async () => {
		const proxy = await openProxy();
		const failure = await refusedBy(proxy, {
			proxies: rulesOf(`https://127.0.0.1:${proxy.port}`),
			deadlines: QUICK,
		});
		expect(failure.phase).toBe("proxy");
	});
});

describe("proxy.refused", () => {
	test("407 names the authentication and the proxy, and never the password", async () => {
		const proxy = await openProxy({ credentials: "on-call:right" });
		for (const [user, words] of [
			["", "demands authentication (407)"],
			[
				`on-call:${PASSWORD}@`,
				"does not accept the user name and password of HTTPS_PROXY (407)",
			],
		] as const) {
			const failure = await refusedBy(proxy, {
				proxies: rulesOf(`http://${user}127.0.0.1:${proxy.port}`),
			});
			expect(failure).toMatchObject({
				phase: "proxy",
				http: { status: 407, firstBytes: "who are you?" },
				proxy: { challenge: 'Basic realm="test"' },
			});
			expect(classify(failure, FACTS).sentence).toBe(
				`the proxy 127.0.0.1:${proxy.port} ${words}`,
			);
		}
		await proxy.empty();
	});

	test.each([403, 429, 500, 502, 503, 504, 302, 101])(
		"%i is told with the first bytes of the answer",
		async (status) => {
			const proxy = await openProxy();
			proxy.become({
				says: refusing(status, { "Retry-After": "7" }, "<html>\x1bno"),
			});
			const failure = await refusedBy(proxy);
			expect(failure.http).toEqual({
				status,
				contentType: null,
				retryAfterMs: 7_000,
				firstBytes: "<html>\\x1bno",
			});
			expect(classify(failure, FACTS).retryAfterMs).toBe(7_000);
			await proxy.empty();
		},
	);

	test.each([
		["an end", "end", "HTTP/1.1 403 No\r\n\r\nno way"],
		["a reset", "reset", "HTTP/1.1 403 No\r\n\r\nno way"],
		["nothing for half a second", undefined, "HTTP/1.1 403 No\r\n\r\nno way"],
		[
			"less than was announced",
			"end",
			"HTTP/1.1 403 No\r\nContent-Length: 99\r\n\r\nno way",
		],
	] as const)(
		"a refusal that is followed by %s is one",
		async (_name, then, says) => {
			const proxy = await openProxy();
			proxy.become({ says, ...(then === undefined ? {} : { after: then }) });
			const failure = await refusedBy(proxy);
			expect(failure.http).toMatchObject({ status: 403 });
		},
	);

	test("credentials that the proxy repeats are in no evidence", async () => {
		const proxy = await openProxy();
		const token = Buffer.from(`on-call:${PASSWORD}`).toString("base64");
		const options = {
			proxies: rulesOf(`http://on-call:${PASSWORD}@127.0.0.1:${proxy.port}`),
		};
		for (const says of [
			refusing(
				400,
				{ "Proxy-Authenticate": `Basic realm="${token}"` },
				`you sent Basic ${token}, ${PASSWORD}`,
			),
			`what is Basic ${token} ${PASSWORD}?`,
		]) {
			proxy.become({ says, after: "end" });
			const failure = await refusedBy(proxy, options);
			expect(JSON.stringify([failure, classify(failure, FACTS)])).not.toContain(
				token,
			);
			expect(JSON.stringify(failure)).toContain("(redacted)");
		}
	});

	test.each([
		[
			"SSH",
			"SSH-2.0-OpenSSH_9.9\r\n",
			"the proxy did not answer in HTTP: SSH-2.0-OpenSSH_9.9",
		],
		[
			"HTTP/2",
			Buffer.from([0, 0, 0, 4, 0, 0, 0, 0, 0]),
			"did not answer in HTTP",
		],
		[
			"a status of no kind",
			"HTTP/1.1 999 Ok\r\n\r\n",
			"did not answer in HTTP",
		],
		["a status that is none", "HTTP/1.1 OK\r\n\r\n", "did not answer in HTTP"],
		[
			"a head without end",
			`HTTP/1.1 200 Ok\r\nX: ${"x".repeat(20_000)}`,
			"has no end",
		],
	])("%s instead of an answer is told, at once", async (_name, says, words) => {
		const proxy = await openProxy();
		proxy.become({ says });
		const failure = await refusedBy(proxy);
		expect(failure).toMatchObject({
			phase: "proxy",
			http: null,
			timedOut: false,
		});
		expect(failure.causes[0]?.message).toContain(words);
		await proxy.empty();
	});

	test.each([
		["an end without a word", "", "end", "closed"],
		[
			"an end within the head",
			"HTTP/1.1 200 Ok\r\nX-",
			"end",
			"before the end of its answer",
		],
		["a reset", "HTT", "reset", "ECONNRESET"],
	] as const)("%s is told", async (_name, says, then, words) => {
		const proxy = await openProxy();
		proxy.become({ says, after: then });
		const failure = await refusedBy(proxy);
		expect(failure.phase).toBe("proxy");
		expect(failure.causes[0]?.message).toContain(words);
	});

	test("silence has an end of its own", async () => {
		const proxy = await openProxy();
		proxy.become({ hangs: true });
		const failure = await refusedBy(proxy, { deadlines: QUICK });
		expect(failure).toMatchObject({ phase: "proxy", timedOut: true });
		expect(failure.causes[0]?.message).toBe("proxy: no answer within 150 ms");
		await proxy.empty();
	});

	test("a proxy that is not there, and one that does not take connections, are named", async () => {
		const proxy = await openConnectProxy();
		await proxy.close();
		const refused = await refusedBy(proxy);
		expect(refused).toMatchObject({
			phase: "tcp",
			causes: [{ code: "ECONNREFUSED" }],
		});
		expect(classify(refused, FACTS).sentence).toBe(
			`the proxy 127.0.0.1:${proxy.port} cannot be reached: no connection (ECONNREFUSED)`,
		);
		const full = await openFullBacklog();
		stage.later(full.close);
		const silent = await refusedBy(full, {
			proxies: rulesOf(`http://127.0.0.1:${full.port}`),
			deadlines: { connectMs: 150, tlsMs: 5_000 },
		});
		expect(silent).toMatchObject({ phase: "tcp", timedOut: true });
	});

	test("a proxy whose name is unknown is named", async () => {
		const names = await openNameServer();
		stage.later(names.close);
		const failure = await refusedBy(
			{ port: 1 },
			{ proxies: rulesOf("http://proxy.corp.test:3128"), lookup: names.lookup },
		);
		expect(failure.phase).toBe("dns");
		expect(classify(failure, FACTS).sentence).toBe(
			"the proxy proxy.corp.test:3128 cannot be reached: its name does not resolve (ENOTFOUND)",
		);
	});
});

describe("what is the agent’s is told as the agent’s, beside the way", () => {
	test("a tunnel that is cut in the handshake, and bytes of no TLS", async () => {
		const peer = await stage.peer();
		const proxy = await openProxy();
		proxy.become({ cuts: true });
		const cut = await failedDialOn(
			stage,
			stage.target(peer.port),
			through(proxy),
		);
		expect(cut).toMatchObject({
			phase: "tls",
			proxy: { source: "HTTPS_PROXY" },
		});
		proxy.become({ whispers: "SSH-2.0-OpenSSH_9.9\r\n" });
		const whispered = await failedDialOn(
			stage,
			stage.target(peer.port),
			through(proxy),
		);
		expect(whispered.phase).toBe("tls");
		expect(classify(whispered, FACTS).code).toBe("tls.protocol");
		await proxy.empty();
	});

	test("a mute agent times out in the phase tls", async () => {
		const peer = await stage.peer({ muteTcp: true });
		const proxy = await openProxy();
		const failure = await failedDialOn(
			stage,
			stage.target(peer.port),
			through(proxy, { deadlines: { connectMs: 5_000, tlsMs: 60 } }),
		);
		expect(failure).toMatchObject({ phase: "tls", timedOut: true });
		await peer.closed.waitFor();
		await proxy.empty();
	});
});

describe("an abort", () => {
	test("during the tunnel’s making leaves nothing open and tells nothing", async () => {
		const proxy = await openProxy();
		proxy.become({ hangs: true });
		let told = 0;
		const dial = dialTls(
			stage.target(9),
			{ contexts: stage.contexts, clock: systemClock(), ...through(proxy) },
			{ secured: () => told++, failed: () => told++ },
		);
		await proxy.connects.waitFor();
		expect(dial.failure([])).toMatchObject({ phase: "proxy" });
		dial.abort();
		await proxy.empty();
		expect(told).toBe(0);
	});
});
