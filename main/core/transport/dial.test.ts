// Every way a dial can end, over real sockets on this machine.
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../../shared/clock.ts";
import type { HostId } from "../../../shared/model.ts";
import {
	createTestAuthority,
	type Issued,
	identityOf,
	selfSigned,
	type TestAuthority,
} from "../../testkit/certificates.ts";
import { openFaultProxy } from "../../testkit/faultProxy.ts";
import { openFullBacklog } from "../../testkit/fullBacklog.ts";
import {
	openRawPeer,
	type RawPeer,
	type RawPeerWish,
} from "../../testkit/rawPeer.ts";
import { type DialOptions, dialTls, type Secured } from "./dial.ts";
import { openTlsContexts, type TlsContexts } from "./tlsContext.ts";
import type { Failure, Target } from "./transport.ts";

const clock = systemClock();
const NAME = "agent.fleet.test";

let authority: TestAuthority;
let server: Issued;
let client: Issued;
let contexts: TlsContexts;
const closing: (() => unknown)[] = [];

beforeAll(() => {
	authority = createTestAuthority();
	server = authority.issue({ names: [NAME], ips: ["127.0.0.1"] });
	client = authority.issue({ commonName: "console", purpose: "client" });
	contexts = openTlsContexts(identityOf(client, authority.certPem));
});

afterEach(async () => {
	for (const close of closing.splice(0)) await close();
});

async function peerWith(wish: Partial<RawPeerWish> = {}): Promise<RawPeer> {
	const peer = await openRawPeer({
		identity: server,
		clientCa: authority.certPem,
		...wish,
	});
	closing.push(peer.close);
	return peer;
}

const targetOf = (port: number, more: Partial<Target> = {}): Target => ({
	hostId: "h-1" as HostId,
	address: "127.0.0.1",
	port,
	servername: NAME,
	minTls: "1.2",
	...more,
});

type Outcome =
	| { readonly secured: Secured; readonly failure: null }
	| { readonly secured: null; readonly failure: Failure };

function dial(
	target: Target,
	options: Partial<DialOptions> = {},
): Promise<Outcome> {
	return new Promise((tell) => {
		dialTls(
			target,
			{ contexts, clock, ...options },
			{
				secured(secured) {
					secured.socket.on("error", () => {});
					closing.push(() => secured.socket.destroy());
					tell({ secured, failure: null });
				},
				failed: (failure) => tell({ secured: null, failure }),
			},
		);
	});
}

async function failureOf(
	target: Target,
	options: Partial<DialOptions> = {},
): Promise<Failure> {
	const { failure } = await dial(target, options);
	if (failure === null) throw new Error("the dial was expected to fail");
	return failure;
}

const codeOf = (failure: Failure): string | null =>
	failure.causes[0]?.code ?? null;

describe("a good agent", () => {
	test("yields a verified socket with timings, ALPN and certificate", async () => {
		const peer = await peerWith();
		const { secured } = await dial(targetOf(peer.port));
		expect(secured?.alpn).toBe("http/1.1");
		expect(Object.keys(secured?.timingsMs ?? {})).toEqual(["tcp", "tls"]);
		expect(secured?.certificate).toMatchObject({
			subject: `CN=${NAME}`,
			issuer: "CN=Test Root",
			names: [`DNS:${NAME}`, "IP Address:127.0.0.1"],
		});
		expect(secured?.socket.listenerCount("connect")).toBe(0);
		expect(secured?.socket.listenerCount("secureConnect")).toBe(0);
		const shaken = await peer.handshakes.waitFor();
		expect(shaken).toMatchObject({
			servername: NAME,
			alpn: "http/1.1",
			client: "CN=console",
		});
	});

	test("without ALPN is taken as HTTP/1.1", async () => {
		const peer = await peerWith({ alpn: null });
		const { secured } = await dial(targetOf(peer.port));
		expect(secured?.alpn).toBe(false);
	});

	test("that prefers h2 still gets http/1.1", async () => {
		const peer = await peerWith({ alpn: ["h2", "http/1.1"] });
		const { secured } = await dial(targetOf(peer.port));
		expect(secured?.alpn).toBe("http/1.1");
	});

	test.each(["rsa", "ed25519", "p521"] as const)(
		"with a key of the kind %s is understood",
		async (key) => {
			const identity = authority.issue({ names: [NAME], key });
			const peer = await peerWith({ identity });
			const { secured } = await dial(targetOf(peer.port));
			expect(secured).not.toBeNull();
		},
	);

	test("with an RSA authority and TLS 1.2 is understood", async () => {
		const rsa = createTestAuthority("RSA Root", "rsa");
		const peer = await peerWith({
			identity: rsa.issue({ names: [NAME], key: "rsa" }),
			clientCa: rsa.certPem,
			maxVersion: "TLSv1.2",
		});
		const own = rsa.issue({ purpose: "client", key: "rsa" });
		const { secured } = await dial(targetOf(peer.port), {
			contexts: openTlsContexts(identityOf(own, rsa.certPem)),
		});
		expect(secured?.socket.getProtocol()).toBe("TLSv1.2");
	});

	test("whose hand-made certificate has only a common name is found by it", async () => {
		const identity = authority.issue({
			commonName: "linux-patch-api",
			names: [],
		});
		const peer = await peerWith({ identity });
		const { secured } = await dial(
			targetOf(peer.port, { servername: "linux-patch-api" }),
		);
		expect(secured).not.toBeNull();
	});

	test("may be named by its address: verified, and without SNI", async () => {
		const peer = await peerWith();
		const { secured } = await dial(
			targetOf(peer.port, { servername: "127.0.0.1" }),
		);
		expect(secured).not.toBeNull();
		expect((await peer.handshakes.waitFor()).servername).toBeNull();
	});
});

describe("names", () => {
	const lookupOf =
		(answers: Partial<Record<4 | 6, string>>, asked: number[] = []) =>
		(
			_name: string,
			family: 4 | 6,
			done: (error: Error | null, address: string) => void,
		): void => {
			asked.push(family);
			const found = answers[family];
			queueMicrotask(() =>
				found === undefined
					? done(
							Object.assign(new Error("getaddrinfo ENOTFOUND"), {
								code: "ENOTFOUND",
							}),
							"",
						)
					: done(null, found),
			);
		};

	test("are resolved to IPv4 first, and the phase is timed", async () => {
		const peer = await peerWith();
		const asked: number[] = [];
		const { secured } = await dial(targetOf(peer.port, { address: NAME }), {
			lookup: lookupOf({ 4: "127.0.0.1", 6: "::1" }, asked),
		});
		expect(asked).toEqual([4]);
		expect(secured?.timingsMs).toHaveProperty("dns");
	});

	test("without an A record go to IPv6", async () => {
		const asked: number[] = [];
		const failure = await failureOf(targetOf(1, { address: NAME }), {
			lookup: lookupOf({ 6: "::1" }, asked),
		});
		expect(asked).toEqual([4, 6]);
		expect(failure.phase).toBe("tcp");
	});

	test("that do not exist fail in the phase dns", async () => {
		const failure = await failureOf(targetOf(1, { address: NAME }), {
			lookup: lookupOf({}),
		});
		expect(failure).toMatchObject({ phase: "dns", timedOut: false });
		expect(codeOf(failure)).toBe("ENOTFOUND");
	});

	test("whose resolver is mute time out in the phase dns", async () => {
		const failure = await failureOf(targetOf(1, { address: NAME }), {
			lookup: () => {},
			deadlines: { connectMs: 20, tlsMs: 20 },
		});
		expect(failure).toMatchObject({ phase: "dns", timedOut: true });
	});
});

describe("TCP", () => {
	test("refused", async () => {
		const peer = await peerWith();
		await peer.close();
		const failure = await failureOf(targetOf(peer.port));
		expect(failure).toMatchObject({ phase: "tcp", timedOut: false });
		expect(codeOf(failure)).toBe("ECONNREFUSED");
	});

	test("an impossible port is a failure, not a throw", async () => {
		const failure = await failureOf(targetOf(70_000));
		expect(failure.phase).toBe("tcp");
		expect(codeOf(failure)).toBe("ERR_SOCKET_BAD_PORT");
	});

	test("reset in the middle of the handshake", async () => {
		const peer = await peerWith();
		const proxy = await openFaultProxy(peer.port, clock);
		closing.push(proxy.close);
		proxy.set({ resetAfterBytes: { direction: "down", bytes: 100 } });
		const failure = await failureOf(targetOf(proxy.port));
		expect(failure).toMatchObject({ phase: "tls", secureForMs: null });
		expect(codeOf(failure)).toBe("ECONNRESET");
	});

	test("no answer: a full backlog times out in the phase tcp", async () => {
		const full = await openFullBacklog();
		closing.push(full.close);
		const failure = await failureOf(targetOf(full.port), {
			deadlines: { connectMs: 50, tlsMs: 50 },
		});
		expect(failure).toMatchObject({ phase: "tcp", timedOut: true });
		expect(failure.causes[0]?.message).toBe(
			"DNS and TCP: no answer within 50 ms",
		);
	});
});

describe("TLS", () => {
	test("a peer that is mute after TCP times out in the phase tls", async () => {
		const peer = await peerWith({ muteTcp: true });
		const failure = await failureOf(targetOf(peer.port), {
			deadlines: { connectMs: 5_000, tlsMs: 30 },
		});
		expect(failure).toMatchObject({ phase: "tls", timedOut: true });
		await peer.closed.waitFor();
	});

	test("a handshake that stalls half way times out in the phase tls", async () => {
		const peer = await peerWith();
		const proxy = await openFaultProxy(peer.port, clock);
		closing.push(proxy.close);
		proxy.set({ stallAfterBytes: { direction: "down", bytes: 200 } });
		const failure = await failureOf(targetOf(proxy.port), {
			deadlines: { connectMs: 5_000, tlsMs: 100 },
		});
		expect(failure).toMatchObject({ phase: "tls", timedOut: true });
	});

	test("a plain HTTP port is a protocol failure", async () => {
		const plain = createServer((socket) => {
			socket.on("error", () => {});
			socket.end("HTTP/1.1 400 Bad Request\r\n\r\n");
		});
		const port = await listening(plain);
		closing.push(() => plain.close());
		const failure = await failureOf(targetOf(port));
		expect(failure.phase).toBe("tls");
		expect(codeOf(failure)).toMatch(/^(ERR_SSL_|EPROTO)/);
	});

	test.each([
		["expired", { fromDays: -30, toDays: -1 }, "CERT_HAS_EXPIRED"],
		["not yet valid", { fromDays: 1, toDays: 30 }, "CERT_NOT_YET_VALID"],
		[
			"for another name",
			{ names: ["other.test"] },
			"ERR_TLS_CERT_ALTNAME_INVALID",
		],
		[
			"without any name",
			{ names: [], commonName: "x" },
			"ERR_TLS_CERT_ALTNAME_INVALID",
		],
	])(
		"a server certificate that is %s tells code and certificate",
		async (_what, wish, code) => {
			const identity = authority.issue({ names: [NAME], ...wish });
			const peer = await peerWith({ identity });
			const failure = await failureOf(targetOf(peer.port));
			expect(failure.phase).toBe("tls");
			expect(codeOf(failure)).toBe(code);
			expect(failure.certificate?.issuer).toBe("CN=Test Root");
		},
	);

	test("an address that is not in the certificate is a wrong name too", async () => {
		const identity = authority.issue({ names: [NAME] });
		const peer = await peerWith({ identity });
		const failure = await failureOf(
			targetOf(peer.port, { servername: "127.0.0.1" }),
		);
		expect(codeOf(failure)).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
	});

	test("an unknown authority is refused", async () => {
		const other = createTestAuthority("Other Root");
		const peer = await peerWith({
			identity: other.issue({ names: [NAME] }),
		});
		const failure = await failureOf(targetOf(peer.port));
		expect(codeOf(failure)).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
		expect(failure.certificate?.issuer).toBe("CN=Other Root");
	});

	test("a self-signed certificate is refused", async () => {
		const peer = await peerWith({
			identity: selfSigned({ names: [NAME] }),
		});
		const failure = await failureOf(targetOf(peer.port));
		expect(codeOf(failure)).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
	});

	test("verification cannot be switched off by the environment", async () => {
		const peer = await peerWith({
			identity: selfSigned({ names: [NAME] }),
		});
		process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
		try {
			const failure = await failureOf(targetOf(peer.port));
			expect(codeOf(failure)).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
		} finally {
			delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
		}
	});

	test("without an identity nobody is trusted", async () => {
		const peer = await peerWith();
		const failure = await failureOf(targetOf(peer.port), {
			contexts: openTlsContexts(null),
		});
		expect(codeOf(failure)).toMatch(/UNABLE_TO|SELF_SIGNED/);
	});

	test("a peer below the demanded TLS version is refused", async () => {
		const peer = await peerWith({ maxVersion: "TLSv1.2" });
		const failure = await failureOf(targetOf(peer.port, { minTls: "1.3" }));
		expect(failure.phase).toBe("tls");
		expect(codeOf(failure)).toMatch(/PROTOCOL_VERSION/);
	});

	test("a peer that takes only h2 is refused", async () => {
		const peer = await peerWith({ alpn: ["h2"] });
		const failure = await failureOf(targetOf(peer.port));
		expect(failure.phase).toBe("tls");
		expect(codeOf(failure)).toBe("ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL");
	});
});

describe("an abort", () => {
	test.each(["tcp", "tls"] as const)(
		"in the phase %s says nothing and leaves nothing open",
		async (phase) => {
			const peer = await peerWith({ muteTcp: true });
			let told = 0;
			const dialed = dialTls(
				targetOf(peer.port),
				{ contexts, clock },
				{ secured: () => told++, failed: () => told++ },
			);
			if (phase === "tls") {
				await peer.connections.waitFor();
				// The peer's accept may be seen before our own connect event.
				while (dialed.failure([]).phase !== "tls")
					await new Promise(setImmediate);
			}
			expect(dialed.failure([]).phase).toBe(phase);
			dialed.abort();
			dialed.abort();
			if (phase === "tls") await peer.closed.waitFor();
			await new Promise(setImmediate);
			expect(told).toBe(0);
		},
	);

	test("while the name is looked up ignores the answer", async () => {
		const peer = await peerWith();
		let answer: () => void = () => {};
		let told = 0;
		const dialed = dialTls(
			targetOf(peer.port, { address: NAME }),
			{
				contexts,
				clock,
				lookup: (_name, _family, done) => {
					answer = () => done(null, "127.0.0.1");
				},
			},
			{ secured: () => told++, failed: () => told++ },
		);
		dialed.abort();
		answer();
		await new Promise(setImmediate);
		expect(told).toBe(0);
		expect(peer.connections.all).toHaveLength(0);
	});
});

describe("a second dial", () => {
	const secondOf = async (
		peer: RawPeer,
		own: TlsContexts,
		target: Target,
	): Promise<Secured | null> => {
		const first = await dial(target, { contexts: own });
		await ticketOf(first.secured);
		const { secured } = await dial(target, { contexts: own });
		await peer.handshakes.waitFor(2);
		return secured;
	};

	test("of the same host resumes its session and keeps the certificate's facts", async () => {
		const peer = await peerWith();
		const own = openTlsContexts(identityOf(client, authority.certPem));
		const secured = await secondOf(peer, own, targetOf(peer.port));
		expect(peer.handshakes.all[1]?.resumed).toBe(true);
		expect(secured?.certificate?.subject).toBe(`CN=${NAME}`);
	});

	test("under another name makes a full handshake and checks that name", async () => {
		const peer = await peerWith();
		const own = openTlsContexts(identityOf(client, authority.certPem));
		const first = await dial(targetOf(peer.port), { contexts: own });
		await ticketOf(first.secured);
		const failure = await failureOf(
			targetOf(peer.port, { servername: "other.test" }),
			{ contexts: own },
		);
		expect(codeOf(failure)).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
	});

	test("after the identity was replaced makes a full handshake", async () => {
		const peer = await peerWith();
		const own = openTlsContexts(identityOf(client, authority.certPem));
		const first = await dial(targetOf(peer.port), { contexts: own });
		await ticketOf(first.secured);
		const next = authority.issue({
			commonName: "renewed",
			purpose: "client",
		});
		own.replace(identityOf(next, authority.certPem));
		await dial(targetOf(peer.port), { contexts: own });
		const shaken = await peer.handshakes.waitFor(2);
		expect(shaken).toMatchObject({ resumed: false, client: "CN=renewed" });
	});
});

/** TLS 1.3 tickets come after the handshake; reading makes them arrive. */
function ticketOf(secured: Secured | null): Promise<void> {
	return new Promise((there) => {
		secured?.socket.once("session", () => there());
		secured?.socket.resume();
	});
}

function listening(listener: Server): Promise<number> {
	return new Promise((ready) => {
		listener.listen(0, "127.0.0.1", () =>
			ready((listener.address() as AddressInfo).port),
		);
	});
}
