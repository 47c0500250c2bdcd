import { describe, expect, test } from "vitest";
import type { FaultCode } from "../../../shared/fault.ts";
import { failureIn } from "../transport/failure.ts";
import type { Cause, Failure, Phase } from "../transport/transport.ts";
import type { ClassifyFacts } from "./classify.ts";
import { classify, endedRightAfterTls } from "./classify.ts";

const FACTS: ClassifyFacts = {
	wasLive: false,
	skewMs: null,
	servername: "web-1.example.net",
	freshTlsFailures: 0,
};
const cause = (code: string | null, message = "it broke"): Cause => ({
	code,
	message,
});
const broke = (phase: Phase, code: string | null, message?: string): Failure =>
	failureIn(phase, { causes: [cause(code, message)] });
const late = (phase: Phase): Failure => failureIn(phase, { timedOut: true });
const answer = (
	status: number,
	retryAfterMs: number | null = null,
	phase: Phase = "upgrade",
): Failure =>
	failureIn(phase, {
		bytesReceived: 200,
		http: {
			status,
			contentType: "text/html",
			retryAfterMs,
			firstBytes: "<html>",
		},
	});
const closed = (code: number, reason = ""): Failure =>
	failureIn("live", { close: { code, reason }, bytesReceived: 900 });

type Row = readonly [string, Failure, FaultCode, string?];

const causes: readonly Row[] = [
	["no such name", broke("dns", "ENOTFOUND"), "dns.not-found"],
	[
		"the resolver is busy",
		broke("dns", "EAI_AGAIN"),
		"dns.not-found",
		"the name server cannot answer at the moment",
	],
	[
		"the resolver is silent",
		late("dns"),
		"dns.not-found",
		"the name server does not answer",
	],
	["the resolver fails in a new way", broke("dns", "EAI_NEW"), "dns.not-found"],
	["nothing listens", broke("tcp", "ECONNREFUSED"), "tcp.refused"],
	["nothing answers", late("tcp"), "tcp.timeout"],
	["the kernel gives up first", broke("tcp", "ETIMEDOUT"), "tcp.timeout"],
	[
		"no route",
		broke("tcp", "EHOSTUNREACH"),
		"tcp.timeout",
		"there is no route to the host",
	],
	["no network", broke("tcp", "ENETUNREACH"), "net.offline"],
	["the interface is down", broke("tcp", "ENETDOWN"), "net.offline"],
	["no network at all", broke("dns", "ENONET"), "net.offline"],
	["reset before TLS", broke("tls", "ECONNRESET"), "tcp.reset"],
	["a live socket is reset", broke("live", "ECONNRESET"), "tcp.reset"],
	["a write to a dead socket", broke("live", "EPIPE"), "tcp.reset"],
	["no files are left", broke("tcp", "EMFILE"), "limits.files"],
	[
		"every address of a name is refused",
		failureIn("tcp", {
			causes: [
				cause(null, "all failed"),
				cause("ECONNREFUSED"),
				cause("ECONNREFUSED"),
			],
		}),
		"tcp.refused",
	],
	["TLS does not answer", late("tls"), "tls.timeout"],
	[
		"a plain HTTP port",
		broke("tls", "ERR_SSL_WRONG_VERSION_NUMBER", "wrong version number"),
		"tls.protocol",
		"the TLS handshake failed: wrong version number",
	],
	[
		"an unknown alert",
		broke("tls", "ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "handshake failure"),
		"tls.protocol",
	],
	[
		"something else was spoken",
		failureIn("upgrade", {
			alpn: false,
			causes: [
				cause("HPE_INVALID_CONSTANT"),
				cause(null, "first bytes: SSH-2.0"),
			],
			bytesReceived: 8,
		}),
		"http.unexpected",
	],
	[
		"no HTTP where HTTP was agreed on",
		failureIn("upgrade", {
			alpn: "http/1.1",
			causes: [cause("HPE_INVALID_CONSTANT")],
			bytesReceived: 8,
		}),
		"http.unexpected",
	],
	["a portal wants a password", answer(407), "proxy.refused"],
	["not authenticated", answer(401), "http.401"],
	["not allowed", answer(403), "http.403"],
	["no such stream", answer(404), "http.404"],
	["another protocol version", answer(426), "http.426"],
	["too many requests", answer(429, 5_000), "http.429"],
	["not ready", answer(503, 30_000), "http.503"],
	["a plain 200", answer(200), "ws.not-upgraded"],
	["a bad request", answer(400), "ws.not-upgraded"],
	[
		"a captive portal redirects",
		answer(302),
		"http.unexpected",
		"something answered 302, but not like an agent",
	],
	["a broken proxy", answer(502), "http.unexpected"],
	[
		"101 without a key",
		failureIn("upgrade", { accept: "missing" }),
		"ws.accept-missing",
	],
	[
		"101 with a wrong key",
		failureIn("upgrade", { accept: "wrong" }),
		"ws.accept-wrong",
	],
	[
		"no answer to the upgrade",
		late("upgrade"),
		"live.silent",
		"TLS connected, but no answer to the upgrade in time",
	],
	["no greeting", late("greeting"), "live.silent"],
	["a live socket's deadline", late("live"), "live.silent"],
	[
		"no answer to a request",
		late("request"),
		"live.silent",
		"a request was not answered in time",
	],
	[
		"a request is cut",
		broke("request", "UND_ERR_SOCKET", "other side closed"),
		"tcp.reset",
		"a request failed: other side closed",
	],
	[
		"a broken frame",
		broke("live", "WS_ERR_INVALID_OPCODE", "invalid opcode"),
		"ws.protocol-error",
		"the agent broke the WebSocket protocol: invalid opcode",
	],
	["an unknown error while dialing", broke("tcp", "EWEIRD"), "tcp.reset"],
	["an unknown error in TLS", broke("tls", "ERR_WEIRD"), "tls.protocol"],
	[
		"an unknown error while greeting",
		broke("greeting", null),
		"ws.protocol-error",
	],
	["an unknown error of a live socket", broke("live", "EWEIRD"), "tcp.reset"],
	["no word at all", failureIn("live"), "tcp.reset"],
];

/** 03-BEHAVIOUR section 1, the close table. */
const closes: readonly Row[] = [
	[
		"deployed",
		closed(1001, "drain:deploy"),
		"agent.draining",
		"the agent is being stopped (drain:deploy)",
	],
	["stopped by a person", closed(1001, "drain:operator"), "agent.draining"],
	[
		"going away",
		closed(1001),
		"agent.draining",
		"the agent is being stopped or deployed",
	],
	["a bare close", closed(1005), "agent.draining", "the agent said goodbye"],
	["taken over", closed(1000, "replaced"), "session.replaced"],
	["a normal close without a reason", closed(1000), "tcp.reset"],
	["too big", closed(1009), "ws.too-big"],
	["auth failed", closed(1008, "auth_failed"), "auth.failed"],
	["protocol error", closed(1002), "ws.protocol-error"],
	["text that is no text", closed(1007), "ws.protocol-error"],
	[
		"against the policy",
		closed(1008, "go away"),
		"ws.protocol-error",
		"the socket was closed with code 1008 (go away)",
	],
	[
		"an error of the agent's",
		closed(1011, "oops"),
		"tcp.reset",
		"the agent closed the socket with code 1011 (oops)",
	],
	["an application's code", closed(4000), "tcp.reset"],
	["no close frame", closed(1006), "tcp.reset"],
];

describe("a failure becomes a named fault", () => {
	for (const [name, failure, code, sentence] of [...causes, ...closes])
		test(name, () => {
			const fault = classify(failure, FACTS);
			expect(fault.code).toBe(code);
			if (sentence !== undefined) expect(fault.sentence).toBe(sentence);
		});

	test("whatever fails in whatever phase is a fault, and only known ones are `never`", () => {
		const phases: readonly Phase[] = [
			"dns",
			"tcp",
			"proxy",
			"tls",
			"upgrade",
			"greeting",
			"live",
			"request",
		];
		for (const phase of phases) {
			const unknown = classify(broke(phase, "ERR_UNHEARD_OF"), FACTS);
			expect(unknown.retry, phase).toBe("soon");
			expect(unknown.evidence?.causes).toEqual(["ERR_UNHEARD_OF: it broke"]);
			expect(classify(late(phase), FACTS).retry, phase).toBe("soon");
		}
	});
});

describe("the evidence", () => {
	test("keeps the whole cause chain, the timings and the certificate", () => {
		const certificate = {
			subject: "CN=web-1",
			issuer: "CN=fleet",
			names: ["DNS:web-1"],
			validFrom: "2026-01-01T00:00:00.000Z",
			validTo: "2026-02-01T00:00:00.000Z",
			fingerprint256: "AA",
		};
		const { evidence } = classify(
			failureIn("tls", {
				causes: [cause(null, "outer"), cause("CERT_HAS_EXPIRED", "inner")],
				timingsMs: { dns: 1, tcp: 2 },
				certificate,
			}),
			FACTS,
		);
		expect(evidence).toEqual({
			causes: ["outer", "CERT_HAS_EXPIRED: inner"],
			timingsMs: { dns: 1, tcp: 2 },
			certificate,
		});
	});

	test("keeps an unexpected answer and a close", () => {
		expect(classify(answer(502), FACTS).evidence).toMatchObject({
			httpStatus: 502,
			firstBytes: "<html>",
		});
		expect(classify(closed(1011, "oops"), FACTS).evidence).toMatchObject({
			closeCode: 1011,
			closeReason: "oops",
		});
	});
});

describe("a wish to wait", () => {
	test("of the agent is carried with the fault", () => {
		expect(classify(answer(503, 30_000), FACTS).retryAfterMs).toBe(30_000);
		expect(classify(answer(502, 9_000), FACTS).retryAfterMs).toBe(9_000);
		expect(classify(answer(503), FACTS).retryAfterMs).toBeUndefined();
	});

	test("is a minute when another console took the session over", () => {
		const { retry, retryAfterMs } = classify(closed(1000, "replaced"), FACTS);
		expect([retry, retryAfterMs]).toEqual(["soon", 60_000]);
	});
});

describe("the end of a connection right after TLS (06-SECURITY section 3.7)", () => {
	const cut = failureIn("upgrade", {
		causes: [cause("ECONNRESET")],
		secureForMs: 40,
		alpn: "http/1.1",
	});

	test("may be chance the first time, and says what a second time would mean", () => {
		const fault = classify(cut, FACTS);
		expect(fault).toMatchObject({ code: "tcp.reset", retry: "soon" });
		expect(fault.evidence?.notes?.[0]).toMatch(/client certificate/);
	});

	test("is the verdict on our certificate the second time", () => {
		expect(classify(cut, { ...FACTS, freshTlsFailures: 1 })).toMatchObject({
			code: "tls.client-rejected",
			retry: "never",
		});
	});

	const others: readonly (readonly [string, Failure])[] = [
		["later than two seconds", { ...cut, secureForMs: 2_001 }],
		["after the first byte", { ...cut, bytesReceived: 1 }],
		["by our own deadline", { ...cut, timedOut: true }],
		["with an answer", { ...answer(503), secureForMs: 40 }],
		["before TLS was done", { ...cut, secureForMs: null }],
		["of a live socket", { ...cut, phase: "live" }],
	];
	test.each<readonly [string, Failure]>(others)(
		"%s is no verdict",
		(_name, failure) => {
			expect(endedRightAfterTls(failure)).toBe(false);
			const { code } = classify(failure, { ...FACTS, freshTlsFailures: 5 });
			expect(code).not.toBe("tls.client-rejected");
		},
	);
});

test("a close of a live socket says that it was live", () => {
	expect(classify(closed(1011), { ...FACTS, wasLive: true }).sentence).toBe(
		"the agent closed the live socket with code 1011",
	);
});
