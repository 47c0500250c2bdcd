// What a person is told of a proxy that is in the way, by everything that can be seen of it; and what is not the proxy's fault.
import { describe, expect, test } from "vitest";
import { failureIn } from "../transport/failure.ts";
import type { Failure, Phase, ProxyFacts } from "../transport/transport.ts";
import { classify } from "./classify.ts";

const FACTS = {
	wasLive: false,
	skewMs: null,
	servername: "web-1.example.net",
	freshTlsFailures: 0,
};
const PROXY: ProxyFacts = {
	place: "proxy.corp:3128",
	source: "HTTPS_PROXY",
	hasCredentials: false,
	challenge: null,
};
const through = (
	phase: Phase,
	facts: Partial<Failure> = {},
	proxy: Partial<ProxyFacts> = {},
): Failure => failureIn(phase, { proxy: { ...PROXY, ...proxy }, ...facts });
const broke = (phase: Phase, code: string | null, message = "it broke") =>
	through(phase, { causes: [{ code, message }] });
const answered = (
	status: number,
	proxy: Partial<ProxyFacts> = {},
	retryAfterMs: number | null = null,
): Failure =>
	through(
		"proxy",
		{
			http: {
				status,
				contentType: null,
				retryAfterMs,
				firstBytes: "<html>no",
			},
		},
		proxy,
	);

describe("proxy.refused", () => {
	test.each<readonly [string, Failure, RegExp]>([
		[
			"its name is unknown",
			broke("dns", "ENOTFOUND"),
			/^the proxy proxy\.corp:3128 cannot be reached: its name does not resolve \(ENOTFOUND\)$/,
		],
		[
			"nothing listens",
			broke("tcp", "ECONNREFUSED"),
			/cannot be reached: no connection \(ECONNREFUSED\)$/,
		],
		[
			"no route to it",
			broke("tcp", "EHOSTUNREACH"),
			/cannot be reached: no connection \(EHOSTUNREACH\)$/,
		],
		[
			"its name server is silent",
			through("dns", { timedOut: true }),
			/cannot be reached: no answer in time$/,
		],
		[
			"it does not take the connection",
			through("tcp", { timedOut: true }),
			/cannot be reached: no answer in time$/,
		],
		[
			"it takes the connection and is silent",
			through("proxy", { timedOut: true }),
			/did not make the tunnel in time$/,
		],
		[
			"it is cut",
			broke("proxy", "ECONNRESET", "read ECONNRESET"),
			/did not make the tunnel: read ECONNRESET$/,
		],
		[
			"it speaks something else",
			broke("proxy", null, "the proxy did not answer in HTTP: SSH-2.0"),
			/did not make the tunnel: the proxy did not answer in HTTP: SSH-2\.0$/,
		],
		[
			"its certificate has expired",
			broke("proxy", "CERT_HAS_EXPIRED"),
			/^the certificate of the proxy proxy\.corp:3128 is not trusted \(CERT_HAS_EXPIRED\)$/,
		],
		[
			"its certificate is for another name",
			broke("proxy", "ERR_TLS_CERT_ALTNAME_INVALID"),
			/is not trusted \(ERR_TLS_CERT_ALTNAME_INVALID\)$/,
		],
		[
			"it wants to know who asks",
			answered(407),
			/demands authentication \(407\)$/,
		],
		[
			"it does not like the password",
			answered(407, { hasCredentials: true, challenge: 'Basic realm="x"' }),
			/does not accept the user name and password of HTTPS_PROXY \(407\)$/,
		],
		[
			"it wants what we do not speak",
			answered(407, { hasCredentials: true, challenge: "NTLM" }),
			/demands authentication of the kind NTLM \(407\), and Foredeck speaks Basic only$/,
		],
		[
			"it offers Basic among others",
			answered(407, { challenge: 'Negotiate, Basic realm="x"' }),
			/demands authentication \(407\)$/,
		],
		[
			"it says of a wrong password what an origin would say",
			answered(401, { hasCredentials: true }),
			/does not accept the user name and password of HTTPS_PROXY \(401\)$/,
		],
		["it forbids the host", answered(403), /refused the tunnel with 403$/],
		[
			"it cannot reach the host",
			answered(502),
			/could not connect to the host \(502\)$/,
		],
		[
			"it gets no answer",
			answered(504),
			/got no answer from the host \(504\)$/,
		],
	])("when %s", (_name, failure, sentence) => {
		const fault = classify(failure, FACTS);
		expect(fault.code).toBe("proxy.refused");
		expect(fault.retry).toBe("soon");
		expect(fault.sentence).toMatch(sentence);
		expect(fault.sentence).toContain("proxy.corp:3128");
		expect(fault.nextStep).not.toBe("");
		expect(fault.evidence?.notes?.[0]).toBe(
			"The way goes through the proxy proxy.corp:3128 (HTTPS_PROXY).",
		);
	});

	test("carries the answer, the challenge and the wish to wait", () => {
		const fault = classify(
			answered(503, { challenge: "Digest" }, 7_000),
			FACTS,
		);
		expect(fault.retryAfterMs).toBe(7_000);
		expect(fault.evidence).toMatchObject({
			httpStatus: 503,
			firstBytes: "<html>no",
			notes: [expect.any(String), "The proxy asks for: Digest"],
		});
	});
});

describe("not the proxy’s fault", () => {
	test.each<readonly [string, Failure, string]>([
		[
			"this computer has no network",
			broke("tcp", "ENETUNREACH"),
			"net.offline",
		],
		["its files are all open", broke("tcp", "EMFILE"), "limits.files"],
		[
			"the agent’s certificate, seen through the tunnel",
			broke("tls", "CERT_HAS_EXPIRED"),
			"tls.server-expired",
		],
		["an agent that resets", broke("tls", "ECONNRESET"), "tcp.reset"],
		[
			"an agent that forbids",
			{ ...answered(403), phase: "upgrade" },
			"http.403",
		],
		[
			"a name that is unknown, without a proxy",
			failureIn("dns", { causes: [{ code: "ENOTFOUND", message: "" }] }),
			"dns.not-found",
		],
	])("is %s", (_name, failure, code) => {
		expect(classify(failure, FACTS).code).toBe(code);
	});

	test("but the way is told all the same, beside the verdict’s own note", () => {
		const cut = { ...through("upgrade"), secureForMs: 10 };
		expect(classify(cut, FACTS).evidence?.notes).toEqual([
			expect.stringContaining("client certificate"),
			expect.stringContaining("through the proxy proxy.corp:3128"),
		]);
		expect(
			classify(failureIn("tls", {}), FACTS).evidence?.notes,
		).toBeUndefined();
	});
});
