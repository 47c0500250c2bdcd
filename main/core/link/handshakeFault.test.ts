// What TLS itself says, as a fault: verdicts on the server's certificate, alerts about ours, and HTTP/2 where HTTP/1.1 was
// wanted. The alerts' names are those that the OpenSSL of this Node really gives them.

import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { FaultCode } from "../../../shared/fault.ts";
import { createTestAuthority, selfSigned } from "../../testkit/certificates.ts";
import { failedDialOn } from "../../testkit/dialing.ts";
import { AGENT_NAME, openTlsStage } from "../../testkit/tlsStage.ts";
import { failureIn } from "../transport/failure.ts";
import type { Cause, Failure, Phase } from "../transport/transport.ts";
import type { ClassifyFacts } from "./classify.ts";
import { classify } from "./classify.ts";

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
const broke = (phase: Phase, code: string, message?: string): Failure =>
	failureIn(phase, { causes: [cause(code, message)] });

const rows: readonly (readonly [string, Failure, FaultCode])[] = [
	["expired", broke("tls", "CERT_HAS_EXPIRED"), "tls.server-expired"],
	[
		"not yet valid",
		broke("tls", "CERT_NOT_YET_VALID"),
		"tls.server-not-yet-valid",
	],
	[
		"another name",
		broke("tls", "ERR_TLS_CERT_ALTNAME_INVALID"),
		"tls.name-mismatch",
	],
	[
		"self-signed",
		broke("tls", "DEPTH_ZERO_SELF_SIGNED_CERT"),
		"tls.self-signed",
	],
	[
		"an unknown root in the chain",
		broke("tls", "SELF_SIGNED_CERT_IN_CHAIN"),
		"tls.unknown-ca",
	],
	[
		"an unknown issuer",
		broke("tls", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
		"tls.unknown-ca",
	],
	[
		"a missing intermediate",
		broke("tls", "UNABLE_TO_GET_ISSUER_CERT_LOCALLY"),
		"tls.unknown-ca",
	],
	[
		"h2 and nothing else, as an alert",
		broke("tls", "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL"),
		"alpn.h2",
	],
	["h2 was negotiated", failureIn("tls", { alpn: "h2" }), "alpn.h2"],
	[
		"h2 was spoken without ALPN",
		failureIn("upgrade", {
			alpn: false,
			causes: [cause("HPE_INVALID_CONSTANT", "Parse Error: Expected HTTP/")],
		}),
		"alpn.h2",
	],
	[
		"no certificate was shown",
		broke("upgrade", "ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"),
		"tls.client-required",
	],
	[
		"the same, as BoringSSL says it",
		broke("upgrade", "ERR_SSL_TLSV1_CERTIFICATE_REQUIRED"),
		"tls.client-required",
	],
	[
		"our certificate is bad",
		broke("upgrade", "ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE"),
		"tls.client-rejected",
	],
	[
		"our certificate is revoked",
		broke("upgrade", "ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED"),
		"tls.client-rejected",
	],
	[
		"our certificate is not understood",
		broke("upgrade", "ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN"),
		"tls.client-rejected",
	],
	[
		"our certificate is of an unknown authority",
		broke("upgrade", "ERR_SSL_TLSV1_ALERT_UNKNOWN_CA"),
		"tls.client-rejected",
	],
	[
		"our certificate has expired",
		broke("upgrade", "ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED"),
		"tls.client-expired",
	],
	[
		"we are denied",
		broke("tls", "ERR_SSL_TLSV1_ALERT_ACCESS_DENIED"),
		"tls.client-rejected",
	],
	[
		"a failed write names the alert by number",
		broke("upgrade", "EPROTO", "write EPROTO: SSL alert number 116"),
		"tls.client-required",
	],
];

describe("what TLS says becomes a named fault", () => {
	test.each(rows)("%s", (_name, failure, code) => {
		expect(classify(failure, FACTS).code).toBe(code);
	});
});

describe("an alert is told in its own words", () => {
	test.each([
		["ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE", "bad_certificate"],
		["ERR_SSL_SSLV3_ALERT_UNSUPPORTED_CERTIFICATE", "unsupported_certificate"],
		["ERR_SSL_SSLV3_ALERT_CERTIFICATE_REVOKED", "certificate_revoked"],
		["ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED", "certificate_expired"],
		["ERR_SSL_SSLV3_ALERT_CERTIFICATE_UNKNOWN", "certificate_unknown"],
		["ERR_SSL_TLSV1_ALERT_UNKNOWN_CA", "unknown_ca"],
		["ERR_SSL_TLSV1_ALERT_ACCESS_DENIED", "access_denied"],
		["ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE", "handshake_failure"],
	])("%s", (code, word) => {
		expect(classify(broke("tls", code), FACTS).sentence).toMatch(
			new RegExp(`^the agent .* \\(${word}\\)$`),
		);
	});
});

describe("a certificate", () => {
	const certificate = {
		subject: "CN=web-1",
		issuer: "CN=fleet",
		names: ["DNS:a", "DNS:b", "DNS:c", "DNS:d", "DNS:e"],
		validFrom: "2026-03-01T00:00:00.000Z",
		validTo: "2026-02-01T00:00:00.000Z",
		fingerprint256: "AA",
	};
	const verdict = (code: string): Failure =>
		failureIn("tls", { causes: [cause(code)], certificate });

	test("of another name is told with the names it has and the one it should have", () => {
		expect(
			classify(verdict("ERR_TLS_CERT_ALTNAME_INVALID"), FACTS).sentence,
		).toBe(
			"the agent’s certificate is for DNS:a, DNS:b, DNS:c and 2 more, not for web-1.example.net",
		);
		const nameless = {
			...verdict("ERR_TLS_CERT_ALTNAME_INVALID"),
			certificate: { ...certificate, names: [] },
		};
		expect(classify(nameless, FACTS).sentence).toBe(
			"the agent’s certificate has no subject alternative names, only the subject CN=web-1, and is not for web-1.example.net",
		);
	});

	describe("of another name", () => {
		const owners: Readonly<Record<string, string>> = {
			"db-02.fleet.test": "db-02",
			"db-03.fleet.test": "db-03",
			"10.0.0.3": "db-03",
		};
		const shown = (...names: string[]) =>
			classify(
				{
					...verdict("ERR_TLS_CERT_ALTNAME_INVALID"),
					certificate: { ...certificate, names },
				},
				{ ...FACTS, ownerOf: (name) => owners[name] ?? null },
			);

		test("that is the name of one other host of the fleet is that host", () => {
			const fault = shown("DNS:DB-02.fleet.test", "IP Address:127.0.0.1");
			expect(fault).toMatchObject({
				code: "host.mismatch",
				retry: "never",
				sentence:
					"db-02 answered at this address: the certificate is for db-02.fleet.test, not for web-1.example.net",
				evidence: { certificate: { subject: "CN=web-1" } },
			});
			expect(fault.nextStep).toContain("leads to db-02");
			expect(shown("DNS:db-03.fleet.test", "IP Address:10.0.0.3").code).toBe(
				"host.mismatch",
			);
		});

		test.each([
			["of nobody in the fleet", ["DNS:db-09.fleet.test"]],
			["of two hosts", ["DNS:db-02.fleet.test", "DNS:db-03.fleet.test"]],
			["with a wildcard", ["DNS:db-02.fleet.test", "DNS:*.fleet.test"]],
			[
				"of so many that not all are known",
				Array.from({ length: 20 }, () => "DNS:db-02.fleet.test"),
			],
			["without a name", []],
		] as const)("%s is no other host", (_name, names) => {
			expect(shown(...names).code).toBe("tls.name-mismatch");
		});

		test("that comes with another fault, or is asked of nobody, is no other host", () => {
			const names = ["DNS:db-02.fleet.test"];
			const failure = {
				...verdict("UNABLE_TO_VERIFY_LEAF_SIGNATURE"),
				certificate: { ...certificate, names },
			};
			const ownerOf = (): string => "db-02";
			expect(classify(failure, { ...FACTS, ownerOf }).code).toBe(
				"tls.unknown-ca",
			);
		});
	});

	test("of another time is told with its date", () => {
		expect(classify(verdict("CERT_HAS_EXPIRED"), FACTS).sentence).toBe(
			"the agent’s certificate expired on 2026-02-01T00:00:00.000Z",
		);
		expect(classify(verdict("CERT_NOT_YET_VALID"), FACTS).sentence).toBe(
			"the agent’s certificate is only valid from 2026-03-01T00:00:00.000Z",
		);
	});

	test("M12: a certificate out of its days is not blamed alone when the clocks differ by half a minute", () => {
		for (const skewMs of [30_000, -90_000]) {
			const fault = classify(verdict("CERT_NOT_YET_VALID"), {
				...FACTS,
				skewMs,
			});
			expect(fault.sentence).toContain(
				`clock and the host’s differ by ${Math.abs(skewMs) / 1_000} s`,
			);
			expect(fault.nextStep).toContain("clocks");
		}
		expect(
			classify(verdict("CERT_HAS_EXPIRED"), { ...FACTS, skewMs: 29_000 })
				.sentence,
		).not.toContain("clock");
	});
});

describe("over real TLS", () => {
	const stage = openTlsStage();
	afterEach(stage.close);

	/** Alert by number (RFC 8446 section 6), and the fault it is. */
	const alerts: readonly (readonly [number, string, FaultCode])[] = [
		[40, "handshake_failure", "tls.protocol"],
		[42, "bad_certificate", "tls.client-rejected"],
		[43, "unsupported_certificate", "tls.client-rejected"],
		[44, "certificate_revoked", "tls.client-rejected"],
		[45, "certificate_expired", "tls.client-expired"],
		[46, "certificate_unknown", "tls.client-rejected"],
		[48, "unknown_ca", "tls.client-rejected"],
		[49, "access_denied", "tls.client-rejected"],
		[70, "protocol_version", "tls.protocol"],
		[80, "internal_error", "tls.protocol"],
		[116, "certificate_required", "tls.client-required"],
		[120, "no_application_protocol", "alpn.h2"],
	];
	test.each(alerts)("the alert %i, %s, is %s", async (number, _name, code) => {
		const peer = createServer((socket) => {
			socket.on("error", () => {});
			// A record of type alert, level fatal.
			socket.once("data", () =>
				socket.end(Buffer.from([0x15, 3, 3, 0, 2, 2, number])),
			);
		});
		await new Promise<void>((up) => peer.listen(0, "127.0.0.1", up));
		stage.later(() => new Promise((down) => peer.close(down)));
		const { port } = peer.address() as AddressInfo;
		const failure = await failedDialOn(stage, stage.target(port));
		const told = JSON.stringify(failure.causes);
		expect(classify(failure, FACTS).code, told).toBe(code);
	});

	const names = [AGENT_NAME];
	const verdicts: readonly (readonly [
		string,
		() => ReturnType<typeof selfSigned>,
		FaultCode,
	])[] = [
		[
			"that has expired",
			() => stage.authority.issue({ names, fromDays: -9, toDays: -1 }),
			"tls.server-expired",
		],
		[
			"of the future",
			() => stage.authority.issue({ names, fromDays: 2 }),
			"tls.server-not-yet-valid",
		],
		[
			"for another name",
			() => stage.authority.issue({ names: ["db.fleet.test"] }),
			"tls.name-mismatch",
		],
		[
			"of another authority",
			() => createTestAuthority("Other Root").issue({ names }),
			"tls.unknown-ca",
		],
		["that vouches for itself", () => selfSigned({ names }), "tls.self-signed"],
		[
			"whose intermediate is missing",
			() => stage.authority.intermediate("Below").issue({ names }),
			"tls.unknown-ca",
		],
	];
	test.each(verdicts)(
		"a server's certificate %s",
		async (_name, issue, code) => {
			const peer = await stage.peer({ identity: issue() });
			const failure = await failedDialOn(stage, stage.target(peer.port));
			const told = JSON.stringify(failure.causes);
			expect(classify(failure, FACTS).code, told).toBe(code);
		},
	);
});
