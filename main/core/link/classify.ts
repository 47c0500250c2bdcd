// From what was seen on a connection to a named fault with retry advice: one table for TLS errors, HTTP statuses and close
// codes (02-AGENT-PROTOCOL, 03-BEHAVIOUR sections 1 and 4, 06-SECURITY section 3.7). Pure; knows no state of the link.
import type {
	Evidence,
	Fault,
	FaultCode,
	FaultDetail,
} from "../../../shared/fault.ts";
import { fault } from "../../../shared/fault.ts";
import type { Failure } from "../transport/transport.ts";

/** What is known beside the failure itself. */
export interface ClassifyFacts {
	readonly wasLive: boolean;
	/** Agent's clock minus ours; null: unknown. */
	readonly skewMs: number | null;
	readonly servername: string;
	/** Earlier failures in a row that looked like this one: closed right after TLS, before the first byte. */
	readonly freshTlsFailures: number;
}

/** A certificate judged by a clock this wrong may be fine. */
const SKEW_WARNED_MS = 30_000;
/** A server of TLS 1.3 judges the client after our handshake is done; its answer is this near. */
const LATE_REJECTION_MS = 2_000;
/** Another console has our session: no ping-pong. */
const REPLACED_WAIT_MS = 60_000;

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

/** Alerts by which a server says what it thinks of our certificate (RFC 8446 section 6.2). */
const CLIENT_ALERTS: Readonly<Record<string, FaultCode>> = {
	CERTIFICATE_REQUIRED: "tls.client-required",
	CERTIFICATE_EXPIRED: "tls.client-expired",
	CERTIFICATE_REVOKED: "tls.client-rejected",
	CERTIFICATE_UNKNOWN: "tls.client-rejected",
	BAD_CERTIFICATE: "tls.client-rejected",
	UNSUPPORTED_CERTIFICATE: "tls.client-rejected",
	NO_CERTIFICATE: "tls.client-required",
	UNKNOWN_CA: "tls.client-rejected",
	ACCESS_DENIED: "tls.client-rejected",
};

const SYSTEM_CODES: Readonly<Record<string, FaultCode>> = {
	ENOTFOUND: "dns.not-found",
	EAI_AGAIN: "dns.not-found",
	EAI_NODATA: "dns.not-found",
	EAI_NONAME: "dns.not-found",
	ENODATA: "dns.not-found",
	ECONNREFUSED: "tcp.refused",
	ETIMEDOUT: "tcp.timeout",
	EHOSTUNREACH: "tcp.timeout",
	EHOSTDOWN: "tcp.timeout",
	ENETUNREACH: "net.offline",
	ENETDOWN: "net.offline",
	ENONET: "net.offline",
	ECONNRESET: "tcp.reset",
	ECONNABORTED: "tcp.reset",
	EPIPE: "tcp.reset",
};

/** The fault that a failure is. Unknown ones mean `soon`, keep their whole cause chain, and are never `never`. */
export function classify(failure: Failure, facts: ClassifyFacts): Fault {
	const say = (code: FaultCode, detail: FaultDetail = {}): Fault =>
		fault(code, {
			...detail,
			evidence: { ...evidenceOf(failure), ...detail.evidence },
		});
	return (
		byHandshake(failure, facts, say) ??
		byHttp(failure, say) ??
		byClose(failure, facts, say) ??
		bySystem(failure, facts, say) ??
		byPhase(failure, say)
	);
}

type Say = (code: FaultCode, detail?: FaultDetail) => Fault;

/** What TLS itself says: the server's certificate, our certificate, the protocol. */
function byHandshake(
	failure: Failure,
	{ skewMs, servername }: ClassifyFacts,
	say: Say,
): Fault | null {
	if (failure.alpn === "h2") return say("alpn.h2");
	for (const { code, message } of failure.causes) {
		const certificate = code === null ? undefined : CERTIFICATE_CODES[code];
		if (certificate !== undefined)
			return say(
				certificate,
				certificateDetail(certificate, failure, skewMs, servername),
			);
		const alert = /ALERT_(?:NUMBER_\d+|([A-Z_]+))$/.exec(code ?? "")?.[1];
		const client = alert === undefined ? undefined : CLIENT_ALERTS[alert];
		if (client !== undefined) return say(client);
		if (
			code === "ERR_SSL_TLSV1_ALERT_NO_APPLICATION_PROTOCOL" ||
			code === "ERR_SSL_NO_APPLICATION_PROTOCOL" ||
			alert === "NO_APPLICATION_PROTOCOL"
		)
			return say("alpn.h2");
		if (
			code === "HPE_INVALID_CONSTANT" &&
			failure.http === null &&
			/HTTP\/2|Expected HTTP/i.test(message) &&
			failure.phase === "upgrade"
		)
			return say("alpn.h2");
	}
	return null;
}

function certificateDetail(
	code: FaultCode,
	failure: Failure,
	skewMs: number | null,
	servername: string,
): FaultDetail {
	const { certificate } = failure;
	if (certificate == null) return {};
	if (code === "tls.name-mismatch") {
		const names =
			certificate.names.length > 0
				? certificate.names.join(", ")
				: "no name at all";
		return {
			sentence: `the agent’s certificate is for ${names}, not for ${servername}`,
		};
	}
	const dated: Partial<Record<FaultCode, string>> = {
		"tls.server-expired": `the agent’s certificate expired on ${certificate.validTo}`,
		"tls.server-not-yet-valid": `the agent’s certificate is only valid from ${certificate.validFrom}`,
	};
	const sentence = dated[code];
	if (sentence === undefined) return {};
	// A clock that is wrong by more than half a minute may be the whole reason.
	return skewMs !== null && Math.abs(skewMs) >= SKEW_WARNED_MS
		? {
				sentence: `${sentence}; but this computer’s clock and the host’s differ by ${Math.round(Math.abs(skewMs) / 1_000)} s`,
				nextStep: "Check both clocks before renewing the certificate.",
			}
		: { sentence };
}

const HTTP_CODES: Readonly<Record<number, FaultCode>> = {
	401: "http.401",
	403: "http.403",
	404: "http.404",
	407: "proxy.refused",
	426: "http.426",
	429: "http.429",
	503: "http.503",
};

function byHttp(failure: Failure, say: Say): Fault | null {
	if (failure.accept !== null)
		return say(
			failure.accept === "missing" ? "ws.accept-missing" : "ws.accept-wrong",
		);
	const { http } = failure;
	if (http === null) return null;
	const wait =
		http.retryAfterMs === null ? {} : { retryAfterMs: http.retryAfterMs };
	const code = HTTP_CODES[http.status];
	if (code !== undefined) return say(code, wait);
	if (
		http.status === 200 ||
		(http.status === 400 && failure.phase === "upgrade")
	)
		return say("ws.not-upgraded");
	return say("http.unexpected", {
		...wait,
		sentence: `something answered ${http.status}, but not like an agent`,
	});
}

/** The close table of 03-BEHAVIOUR section 1. */
function byClose(
	{ close }: Failure,
	{ wasLive }: ClassifyFacts,
	say: Say,
): Fault | null {
	if (close === null) return null;
	const { code, reason } = close;
	if (code === 1001)
		return say(
			"agent.draining",
			reason === ""
				? {}
				: { sentence: `the agent is being stopped (${reason.slice(0, 100)})` },
		);
	if (code === 1005)
		return say("agent.draining", { sentence: "the agent said goodbye" });
	if (code === 1000 && reason === "replaced")
		return say("session.replaced", { retryAfterMs: REPLACED_WAIT_MS });
	if (code === 1009) return say("ws.too-big");
	if (reason === "auth_failed") return say("auth.failed");
	if (code === 1006) return null;
	if (code === 1002 || code === 1003 || code === 1007 || code === 1008)
		return say("ws.protocol-error", {
			sentence: `the socket was closed with code ${code}${reasonText(reason)}`,
		});
	return say("tcp.reset", {
		sentence: `the agent closed the ${wasLive ? "live " : ""}socket with code ${code}${reasonText(reason)}`,
	});
}

const reasonText = (reason: string): string =>
	reason === "" ? "" : ` (${reason.slice(0, 100)})`;

function bySystem(
	failure: Failure,
	facts: ClassifyFacts,
	say: Say,
): Fault | null {
	if (endedRightAfterTls(failure) && !facts.wasLive)
		// Once may be chance; twice in a row is the agent's verdict on our certificate or address.
		return facts.freshTlsFailures > 0
			? say("tls.client-rejected")
			: say("tcp.reset", {
					sentence: "the agent closed the connection right after TLS",
					evidence: {
						notes: [
							"If it happens again, the client certificate or this address is not accepted.",
						],
					},
				});
	if (failure.timedOut) return null;
	for (const { code } of failure.causes) {
		const known = code === null ? undefined : SYSTEM_CODES[code];
		if (known !== undefined)
			return say(
				known,
				code === "EHOSTUNREACH"
					? { sentence: "there is no route to the host" }
					: {},
			);
	}
	return null;
}

/** Whether it ended the way a TLS 1.3 server ends a client it does not accept: late, and without a word. */
export function endedRightAfterTls(failure: Failure): boolean {
	return (
		failure.secureForMs !== null &&
		failure.secureForMs <= LATE_REJECTION_MS &&
		failure.bytesReceived === 0 &&
		!failure.timedOut &&
		failure.http === null &&
		failure.phase !== "live"
	);
}

/** What is left is named by where it happened. */
function byPhase(failure: Failure, say: Say): Fault {
	const { phase, timedOut, causes } = failure;
	const told = causes[0]?.message ?? "";
	switch (phase) {
		case "dns":
			return say(
				"dns.not-found",
				timedOut ? { sentence: "the name server does not answer" } : {},
			);
		case "tcp":
			return say(timedOut ? "tcp.timeout" : "tcp.reset");
		case "proxy":
			return say("proxy.refused");
		case "tls":
			return timedOut
				? say("tls.timeout")
				: say(
						"tls.protocol",
						told === ""
							? {}
							: { sentence: `the TLS handshake failed: ${told}` },
					);
		case "upgrade":
		case "greeting":
			if (timedOut)
				return say("live.silent", {
					sentence:
						"TLS connected, but the agent did not answer the upgrade in time",
					nextStep:
						"The agent may be overloaded or blocked; Foredeck tries again.",
				});
			return failure.close === null &&
				causes.some(({ code }) => code?.startsWith("HPE_") === true)
				? say("http.unexpected", {
						sentence: "something answered, but not in HTTP/1.1",
					})
				: say(phase === "upgrade" ? "tcp.reset" : "ws.protocol-error");
		case "live":
			return failure.close === null &&
				!timedOut &&
				causes.length > 0 &&
				causes.some(({ code }) => code?.startsWith("WS_ERR") === true)
				? say("ws.protocol-error", {
						sentence: `the agent broke the WebSocket protocol: ${told}`,
					})
				: say("tcp.reset");
		case "request":
			if (timedOut)
				return say("live.silent", {
					sentence: "a request was not answered in time",
				});
			return causes.some(({ code }) => code?.startsWith("HPE_") === true)
				? say("http.unexpected")
				: say(
						"tcp.reset",
						told === "" ? {} : { sentence: `a request failed: ${told}` },
					);
	}
}

function evidenceOf(failure: Failure): Evidence {
	return {
		causes: failure.causes.map(({ code, message }) =>
			code === null ? message : `${code}: ${message}`,
		),
		timingsMs: failure.timingsMs,
		...(failure.certificate === null || failure.certificate === undefined
			? {}
			: { certificate: failure.certificate }),
		...(failure.http === null
			? {}
			: {
					httpStatus: failure.http.status,
					firstBytes: failure.http.firstBytes,
				}),
		...(failure.close === null
			? {}
			: { closeCode: failure.close.code, closeReason: failure.close.reason }),
	};
}
