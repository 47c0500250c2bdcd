// What the TLS handshake says went wrong: the server's certificate, ours, or the protocol spoken on top (02-AGENT-PROTOCOL
// section 1.1, 06-SECURITY section 3.7). Pure, a part of `classify.ts`.
import type { FaultCode, FaultDetail } from "../../../shared/fault.ts";
import type { Cause, Failure } from "../transport/transport.ts";
import type { OwnerOf } from "./certificateWords.ts";
import { certificateDetail, otherHost } from "./certificateWords.ts";

/** Node's and OpenSSL's verdicts on the server's certificate. */
const CERTIFICATE_CODES: Readonly<Record<string, FaultCode>> = {
	CERT_HAS_EXPIRED: "tls.server-expired",
	CERT_NOT_YET_VALID: "tls.server-not-yet-valid",
	ERR_TLS_CERT_ALTNAME_INVALID: "tls.name-mismatch",
	ERR_TLS_CERT_ALTNAME_FORMAT: "tls.name-mismatch",
	HOSTNAME_MISMATCH: "tls.name-mismatch",
	DEPTH_ZERO_SELF_SIGNED_CERT: "tls.self-signed",
	SELF_SIGNED_CERT_IN_CHAIN: "tls.unknown-ca",
	UNABLE_TO_VERIFY_LEAF_SIGNATURE: "tls.unknown-ca",
	UNABLE_TO_GET_ISSUER_CERT: "tls.unknown-ca",
	UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "tls.unknown-ca",
	CERT_UNTRUSTED: "tls.unknown-ca",
	CERT_REJECTED: "tls.unknown-ca",
	CERT_SIGNATURE_FAILURE: "tls.unknown-ca",
	CERT_CHAIN_TOO_LONG: "tls.unknown-ca",
	INVALID_CA: "tls.unknown-ca",
	PATH_LENGTH_EXCEEDED: "tls.unknown-ca",
	CERT_REVOKED: "tls.server-revoked",
	UNABLE_TO_GET_CRL: "tls.revocation-unknown",
	CRL_HAS_EXPIRED: "tls.revocation-unknown",
	CRL_NOT_YET_VALID: "tls.revocation-unknown",
	CRL_SIGNATURE_FAILURE: "tls.revocation-unknown",
	INVALID_PURPOSE: "tls.server-invalid",
	// OpenSSL's verdicts that Node has no name for: weak keys and signatures, constraints, extensions nobody knows.
	UNSPECIFIED: "tls.server-invalid",
};

/**
 * Alerts by which a server says what it thinks of our certificate or our offer (RFC 8446 section 6): name, number, fault, and
 * what the peer said where that is more than the table of faults says.
 */
const ALERTS: readonly (readonly [string, number, FaultCode, string?])[] = [
	[
		"HANDSHAKE_FAILURE",
		40,
		"tls.protocol",
		"the agent found no TLS version, cipher, curve or kind of key that both sides support (handshake_failure)",
	],
	["NO_CERTIFICATE", 41, "tls.client-required"],
	[
		"BAD_CERTIFICATE",
		42,
		"tls.client-rejected",
		"the agent says that your client certificate is not good (bad_certificate)",
	],
	[
		"UNSUPPORTED_CERTIFICATE",
		43,
		"tls.client-rejected",
		"the agent cannot use a client certificate of your kind (unsupported_certificate)",
	],
	[
		"CERTIFICATE_REVOKED",
		44,
		"tls.client-rejected",
		"the agent says that your client certificate is revoked (certificate_revoked)",
	],
	[
		"CERTIFICATE_EXPIRED",
		45,
		"tls.client-expired",
		"the agent says that your client certificate has expired (certificate_expired)",
	],
	[
		"CERTIFICATE_UNKNOWN",
		46,
		"tls.client-rejected",
		"the agent does not accept your client certificate (certificate_unknown)",
	],
	[
		"UNKNOWN_CA",
		48,
		"tls.client-rejected",
		"the agent does not trust the authority that issued your client certificate (unknown_ca)",
	],
	[
		"ACCESS_DENIED",
		49,
		"tls.client-rejected",
		"the agent denies access to your client certificate (access_denied)",
	],
	["CERTIFICATE_REQUIRED", 116, "tls.client-required"],
	["NO_APPLICATION_PROTOCOL", 120, "alpn.h2"],
];
const BY_NAME = new Map(ALERTS.map((alert) => [alert[0], alert]));
const BY_NUMBER = new Map(ALERTS.map((alert) => [alert[1], alert]));

/** Next steps of alerts that say more than the table of faults. */
const ALERT_STEPS: Partial<Record<FaultCode, string>> = {
	"tls.protocol":
		"Give the agent a key of the kind ECDSA P-256, P-384 or P-521, RSA or Ed25519, and TLS 1.2 or newer.",
};

const alertFault = ([, , code, sentence]: (typeof ALERTS)[number]): readonly [
	FaultCode,
	FaultDetail,
] => {
	const nextStep = ALERT_STEPS[code];
	return [
		code,
		{
			...(sentence === undefined ? {} : { sentence }),
			...(nextStep === undefined ? {} : { nextStep }),
		},
	];
};

/** What is known of names and clocks beside the handshake: a part of `ClassifyFacts`. */
export interface NameFacts {
	readonly skewMs: number | null;
	readonly servername: string;
	readonly ownerOf?: OwnerOf | undefined;
}

/** What the handshake says, with words where the case allows better ones; null when it says nothing. */
export function handshakeFault(
	failure: Failure,
	{ skewMs, servername, ownerOf }: NameFacts,
): readonly [FaultCode, FaultDetail] | null {
	if (failure.alpn === "h2") return ["alpn.h2", {}];
	for (const cause of failure.causes) {
		const code = CERTIFICATE_CODES[cause.code ?? ""];
		if (code !== undefined)
			return (
				otherHost(code, failure, servername, ownerOf) ?? [
					code,
					certificateDetail(code, cause, failure, skewMs, servername),
				]
			);
		const alert = alertOf(cause);
		if (alert !== undefined) return alertFault(alert);
	}
	return speaksHttp2(failure) ? ["alpn.h2", {}] : null;
}

/**
 * OpenSSL names alerts as `ERR_SSL_TLSV13_ALERT_…`, older ones as `ERR_SSL_SSLV3_ALERT_…` or, lately, `ERR_SSL_SSL/TLS_ALERT_…`;
 * BoringSSL leaves the word out, and a failed write has the number only.
 */
function alertOf({
	code,
	message,
}: Cause): (typeof ALERTS)[number] | undefined {
	const name =
		/^ERR_SSL_(?:(?:TLSV1|TLSV13|SSLV3|SSL\/TLS)_)?(?:ALERT_)?([A-Z_]+)$/.exec(
			code ?? "",
		)?.[1];
	const named = name === undefined ? undefined : BY_NAME.get(name);
	if (named !== undefined) return named;
	const number = /\balert number (\d+)/i.exec(message)?.[1];
	return number === undefined ? undefined : BY_NUMBER.get(Number(number));
}

/** The parser choked on the first byte, and nothing is known that contradicts HTTP/2: neither ALPN nor the bytes themselves. */
const speaksHttp2 = ({ causes, alpn, http, phase }: Failure): boolean =>
	phase === "upgrade" &&
	http === null &&
	alpn !== "http/1.1" &&
	causes.some(({ code }) => code === "HPE_INVALID_CONSTANT") &&
	!causes.some(({ message }) => message.startsWith("first bytes:"));
