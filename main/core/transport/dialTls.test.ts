// The TLS part of a dial over real sockets: which agents are trusted, and what is told of those that are not.
import { type AddressInfo, createServer, type Server } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import {
	createTestAuthority,
	identityOf,
	selfSigned,
} from "../../testkit/certificates.ts";
import { dialOn, failedDialOn } from "../../testkit/dialing.ts";
import type { RawPeer } from "../../testkit/rawPeer.ts";
import { AGENT_NAME, openTlsStage } from "../../testkit/tlsStage.ts";
import type { Secured } from "./dial.ts";
import { openTlsContexts, type TlsContexts } from "./tlsContext.ts";
import type { Failure, Target } from "./transport.ts";

const stage = openTlsStage();
afterEach(stage.close);

const codeOf = (failure: Failure): string | null =>
	failure.causes[0]?.code ?? null;

describe("a good agent", () => {
	test("yields a verified socket with timings, ALPN and certificate", async () => {
		const peer = await stage.peer();
		const { secured } = await dialOn(stage, stage.target(peer.port));
		expect(secured?.alpn).toBe("http/1.1");
		expect(Object.keys(secured?.timingsMs ?? {})).toEqual(["tcp", "tls"]);
		expect(secured?.certificate).toMatchObject({
			subject: `CN=${AGENT_NAME}`,
			issuer: "CN=Test Root",
			names: [`DNS:${AGENT_NAME}`, "IP Address:127.0.0.1"],
		});
		expect(secured?.socket.listenerCount("connect")).toBe(0);
		expect(secured?.socket.listenerCount("secureConnect")).toBe(0);
		const shaken = await peer.handshakes.waitFor();
		expect(shaken).toMatchObject({
			servername: AGENT_NAME,
			alpn: "http/1.1",
			client: "CN=console",
		});
	});

	test("without ALPN is taken as HTTP/1.1", async () => {
		const peer = await stage.peer({ alpn: null });
		const { secured } = await dialOn(stage, stage.target(peer.port));
		expect(secured?.alpn).toBe(false);
	});

	test("C1: an agent that prefers h2 still gets http/1.1", async () => {
		const peer = await stage.peer({ alpn: ["h2", "http/1.1"] });
		const { secured } = await dialOn(stage, stage.target(peer.port));
		expect(secured?.alpn).toBe("http/1.1");
	});

	test.each(["rsa", "ed25519", "p521"] as const)(
		"with a key of the kind %s is understood",
		async (key) => {
			const identity = stage.authority.issue({ names: [AGENT_NAME], key });
			const peer = await stage.peer({ identity });
			const { secured } = await dialOn(stage, stage.target(peer.port));
			expect(secured).not.toBeNull();
		},
	);

	test("with an RSA authority and TLS 1.2 is understood", async () => {
		const rsa = createTestAuthority("RSA Root", "rsa");
		const peer = await stage.peer({
			identity: rsa.issue({ names: [AGENT_NAME], key: "rsa" }),
			clientCa: rsa.certPem,
			maxVersion: "TLSv1.2",
		});
		const own = rsa.issue({ purpose: "client", key: "rsa" });
		const { secured } = await dialOn(stage, stage.target(peer.port), {
			contexts: openTlsContexts(identityOf(own, rsa.certPem)),
		});
		expect(secured?.socket.getProtocol()).toBe("TLSv1.2");
	});

	test("whose hand-made certificate has only a common name is found by it", async () => {
		const identity = stage.authority.issue({
			commonName: "linux-patch-api",
			names: [],
		});
		const peer = await stage.peer({ identity });
		const { secured } = await dialOn(
			stage,
			stage.target(peer.port, { servername: "linux-patch-api" }),
		);
		expect(secured).not.toBeNull();
	});

	test("may be named by its address: verified, and without SNI", async () => {
		const peer = await stage.peer();
		const { secured } = await dialOn(
			stage,
			stage.target(peer.port, { servername: "127.0.0.1" }),
		);
		expect(secured).not.toBeNull();
		expect((await peer.handshakes.waitFor()).servername).toBeNull();
	});
});

describe("TLS", () => {
	test("C12: a peer that is mute after TCP times out in the phase tls", async () => {
		const peer = await stage.peer({ muteTcp: true });
		const failure = await failedDialOn(stage, stage.target(peer.port), {
			deadlines: { connectMs: 5_000, tlsMs: 30 },
		});
		expect(failure).toMatchObject({ phase: "tls", timedOut: true });
		await peer.closed.waitFor();
	});

	test("a handshake that stalls half way times out in the phase tls", async () => {
		const peer = await stage.peer();
		const proxy = await stage.proxy(peer);
		proxy.set({ stallAfterBytes: { direction: "down", bytes: 200 } });
		const failure = await failedDialOn(stage, stage.target(proxy.port), {
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
		stage.later(() => plain.close());
		const failure = await failedDialOn(stage, stage.target(port));
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
			const identity = stage.authority.issue({ names: [AGENT_NAME], ...wish });
			const peer = await stage.peer({ identity });
			const failure = await failedDialOn(stage, stage.target(peer.port));
			expect(failure.phase).toBe("tls");
			expect(codeOf(failure)).toBe(code);
			expect(failure.certificate?.issuer).toBe("CN=Test Root");
		},
	);

	test("an address that is not in the certificate is a wrong name too", async () => {
		const identity = stage.authority.issue({ names: [AGENT_NAME] });
		const peer = await stage.peer({ identity });
		const failure = await failedDialOn(
			stage,
			stage.target(peer.port, { servername: "127.0.0.1" }),
		);
		expect(codeOf(failure)).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
	});

	test("an unknown authority is refused", async () => {
		const other = createTestAuthority("Other Root");
		const peer = await stage.peer({
			identity: other.issue({ names: [AGENT_NAME] }),
		});
		const failure = await failedDialOn(stage, stage.target(peer.port));
		expect(codeOf(failure)).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
		expect(failure.certificate?.issuer).toBe("CN=Other Root");
	});

	test("a self-signed certificate is refused", async () => {
		const peer = await stage.peer({
			identity: selfSigned({ names: [AGENT_NAME] }),
		});
		const failure = await failedDialOn(stage, stage.target(peer.port));
		expect(codeOf(failure)).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
	});

	test("verification cannot be switched off by the environment", async () => {
		const peer = await stage.peer({
			identity: selfSigned({ names: [AGENT_NAME] }),
		});
		process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
		try {
			const failure = await failedDialOn(stage, stage.target(peer.port));
			expect(codeOf(failure)).toBe("DEPTH_ZERO_SELF_SIGNED_CERT");
		} finally {
			delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
		}
	});

	test("without an identity nobody is trusted", async () => {
		const peer = await stage.peer();
		const failure = await failedDialOn(stage, stage.target(peer.port), {
			contexts: openTlsContexts(null),
		});
		expect(codeOf(failure)).toMatch(/UNABLE_TO|SELF_SIGNED/);
	});

	test("a peer below the demanded TLS version is refused", async () => {
		const peer = await stage.peer({ maxVersion: "TLSv1.2" });
		const failure = await failedDialOn(
			stage,
			stage.target(peer.port, { minTls: "1.3" }),
		);
		expect(failure.phase).toBe("tls");
		expect(codeOf(failure)).toMatch(/PROTOCOL_VERSION/);
	});

	test("C1: a peer that takes only h2 is refused", async () => {
		const peer = await stage.peer({ alpn: ["h2"] });
		const failure = await failedDialOn(stage, stage.target(peer.port));
		expect(failure.phase).toBe("tls");
		expect(codeOf(failure)).toBe("ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL");
	});
});

describe("a second dial", () => {
	const secondOf = async (
		peer: RawPeer,
		own: TlsContexts,
		target: Target,
	): Promise<Secured | null> => {
		const first = await dialOn(stage, target, { contexts: own });
		await ticketOf(first.secured);
		const { secured } = await dialOn(stage, target, { contexts: own });
		await peer.handshakes.waitFor(2);
		return secured;
	};

	test("of the same host resumes its session and keeps the certificate's facts", async () => {
		const peer = await stage.peer();
		const own = openTlsContexts(
			identityOf(stage.client, stage.authority.certPem),
		);
		const secured = await secondOf(peer, own, stage.target(peer.port));
		expect(peer.handshakes.all[1]?.resumed).toBe(true);
		expect(secured?.certificate?.subject).toBe(`CN=${AGENT_NAME}`);
	});

	test("under another name makes a full handshake and checks that name", async () => {
		const peer = await stage.peer();
		const own = openTlsContexts(
			identityOf(stage.client, stage.authority.certPem),
		);
		const first = await dialOn(stage, stage.target(peer.port), {
			contexts: own,
		});
		await ticketOf(first.secured);
		const failure = await failedDialOn(
			stage,
			stage.target(peer.port, { servername: "other.test" }),
			{ contexts: own },
		);
		expect(codeOf(failure)).toBe("ERR_TLS_CERT_ALTNAME_INVALID");
	});

	test("after the identity was replaced makes a full handshake", async () => {
		const peer = await stage.peer();
		const own = openTlsContexts(
			identityOf(stage.client, stage.authority.certPem),
		);
		const first = await dialOn(stage, stage.target(peer.port), {
			contexts: own,
		});
		await ticketOf(first.secured);
		const next = stage.authority.issue({
			commonName: "renewed",
			purpose: "client",
		});
		own.replace(identityOf(next, stage.authority.certPem));
		await dialOn(stage, stage.target(peer.port), { contexts: own });
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
