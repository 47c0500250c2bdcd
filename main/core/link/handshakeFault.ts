// What the TLS handshake says went wrong: the server's certificate, ours, or the protocol spoken on top (02-AGENT-PROTOCOL
// section 1.1, 06-SECURITY section 3.7). Pure, a part of `classify.ts`.
import type { FaultCode, FaultDetail } from "../../../shared/fault.ts";
import type { Cause, Failure } from "../transport/transport.ts";

/** A certificate judged by a clock this wrong may be fine (03-BEHAVIOUR section 3). */
const SKEW_WARNED_MS = 30_000;
/** Names of a certificate that a sentence lists; the evidence has more. */
const NAMES_SAID = 3;

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
	INVALID_PURPOSE: "tls.unknown-ca",
	PATH_LENGTH_EXCEEDED: "tls.unknown-ca",
	CERT_REVOKED: "tls.unknown-ca",
};

/** Alerts by which a server says what it thinks of our certificate or our offer (RFC 8446 section 6): name and number. */
const ALERTS: readonly (readonly [string, number, FaultCode])[] = [
	["NO_CERTIFICATE", 41, "tls.client-required"],
	["BAD_CERTIFICATE", 42, "tls.client-rejected"],
	["UNSUPPORTED_CERTIFICATE", 43, "tls.client-rejected"],
	["CERTIFICATE_REVOKED", 44, "tls.client-rejected"],
	["CERTIFICATE_EXPIRED", 45, "tls.client-expired"],
	["CERTIFICATE_UNKNOWN", 46, "tls.client-rejected"],
	["UNKNOWN_CA", 48, "tls.client-rejected"],
	["ACCESS_DENIED", 49, "tls.client-rejected"],
	["CERTIFICATE_REQUIRED", 116, "tls.client-required"],
	["NO_APPLICATION_PROTOCOL", 120, "alpn.h2"],
];
const BY_NAME = new Map(ALERTS.map(([name, , code]) => [name, code]));
const BY_NUMBER = new Map(ALERTS.map(([, number, code]) => [number, code]));

/** What the handshake says, with words where the case allows better ones; null when it says nothing. */
export function handshakeFault(
	failure: Failure,
	skewMs: number | null,
	servername: string,
): readonly [FaultCode, FaultDetail] | null {
	if (failure.alpn === "h2") return ["alpn.h2", {}];
	for (const cause of failure.causes) {
		const code = CERTIFICATE_CODES[cause.code ?? ""];
		if (code !== undefined)
			return [code, certificateDetail(code, failure, skewMs, servername)];
		const alert = alertOf(cause);
		if (alert !== undefined) return [alert, {}];
	}
	return speaksHttp2(failure) ? ["alpn.h2", {}] : null;
}

/**
 * OpenSSL names alerts as `ERR_SSL_TLSV13_ALERT_…`, older ones as `ERR_SSL_SSLV3_ALERT_…` or, lately, `ERR_SSL_SSL/TLS_ALERT_…`;
 * BoringSSL leaves the word out, and a failed write has the number only.
 */
function alertOf({ code, message }: Cause): FaultCode | undefined {
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

function certificateDetail(
	code: FaultCode,
	{ certificate }: Failure,
	skewMs: number | null,
	servername: string,
): FaultDetail {
	if (certificate === null || certificate === undefined) return {};
	if (code === "tls.name-mismatch")
		return {
			sentence: `the agent’s certificate is for ${namesSaid(certificate.names)}, not for ${servername}`,
		};
	const sentence =
		code === "tls.server-expired"
			? `the agent’s certificate expired on ${certificate.validTo}`
			: code === "tls.server-not-yet-valid"
				? `the agent’s certificate is only valid from ${certificate.validFrom}`
				: null;
	if (sentence === null) return {};
	// A clock that is wrong by more than half a minute may be the whole reason.
	if (skewMs === null || Math.abs(skewMs) < SKEW_WARNED_MS) return { sentence };
	const apart = Math.round(Math.abs(skewMs) / 1_000);
	return {
		sentence: `${sentence}; but this computer’s clock and the host’s differ by ${apart} s`,
		nextStep: "Check both clocks before renewing the certificate.",
	};
}

function namesSaid(names: readonly string[]): string {
	if (names.length === 0) return "no name at all";
	const said = names.slice(0, NAMES_SAID).join(", ");
	const more = names.length - NAMES_SAID;
	return more > 0 ? `${said} and ${more} more` : said;
}
