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
import type { OwnerOf } from "./certificateWords.ts";
import { handshakeFault } from "./handshakeFault.ts";
import { POLICY } from "./policy.ts";
import { proxyFault, proxyNotes } from "./proxyFault.ts";

/** What is known beside the failure itself. */
export interface ClassifyFacts {
	readonly wasLive: boolean;
	/** Agent's clock minus ours; null: unknown. */
	readonly skewMs: number | null;
	readonly servername: string;
	/** Absent: no fleet is known. */
	readonly ownerOf?: OwnerOf | undefined;
	/** Earlier failures in a row that looked like this one: closed right after TLS, before the first byte. */
	readonly freshTlsFailures: number;
}

/** A server of TLS 1.3 judges the client after our handshake is done; its answer is this near (06-SECURITY section 3.7). */
const LATE_REJECTION_MS = 2_000;
/** Of the peer's own words in a sentence, in characters. */
const WORDS_CHARACTERS = 200;

/** The fault that a failure is. Unknown ones mean `soon`, keep their whole cause chain, and are never `never`. */
export function classify(failure: Failure, facts: ClassifyFacts): Fault {
	const say: Say = (code, { evidence, ...detail } = {}) =>
		fault(code, {
			...detail,
			evidence: joined(evidenceOf(failure), evidence),
		});
	// Before all others, because a proxy's certificate or answer says nothing about the agent.
	const seen = proxyFault(failure) ?? handshakeFault(failure, facts);
	if (seen !== null) return say(...seen);
	return (
		byHttp(failure, say) ??
		byClose(failure, facts, say) ??
		byRejection(failure, facts, say) ??
		bySystem(failure, say) ??
		byPhase(failure, say)
	);
}

/** The failure's evidence and what the verdict adds; notes of both, the verdict's first. */
function joined(seen: Evidence, added: Evidence = {}): Evidence {
	const notes = [...(added.notes ?? []), ...(seen.notes ?? [])];
	return { ...seen, ...added, ...(notes.length === 0 ? {} : { notes }) };
}

/** Makes the fault, with the failure as its evidence. */
type Say = (code: FaultCode, detail?: FaultDetail) => Fault;

const HTTP_CODES: Readonly<Record<number, FaultCode>> = {
	// A captive portal and a careless proxy take the upgrade for a plain request (06-SECURITY section 3.7).
	200: "ws.not-upgraded",
	400: "ws.not-upgraded",
	401: "http.401",
	403: "http.403",
	404: "http.404",
	407: "proxy.refused",
	426: "http.426",
	429: "http.429",
	503: "http.503",
};

function byHttp({ accept, http }: Failure, say: Say): Fault | null {
	if (accept === "missing") return say("ws.accept-missing");
	if (accept === "wrong") return say("ws.accept-wrong");
	if (http === null) return null;
	const wait =
		http.retryAfterMs === null ? {} : { retryAfterMs: http.retryAfterMs };
	const code = HTTP_CODES[http.status];
	if (code !== undefined) return say(code, wait);
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
	// 1006 is no code that was sent: it says that the stream ended without a close frame.
	if (close === null || close.code === 1006) return null;
	const { code } = close;
	const reason = close.reason.slice(0, WORDS_CHARACTERS);
	const words = reason === "" ? "" : ` (${reason})`;
	switch (code) {
		case 1001:
			return say(
				"agent.draining",
				words === "" ? {} : { sentence: `the agent is being stopped${words}` },
			);
		case 1005:
			return say("agent.draining", { sentence: "the agent said goodbye" });
		case 1009:
			return say("ws.too-big");
	}
	if (code === 1000 && reason === "replaced")
		return say("session.replaced", { retryAfterMs: POLICY.replacedWaitMs });
	if (reason === "auth_failed") return say("auth.failed");
	if (PROTOCOL_CLOSES.has(code))
		return say("ws.protocol-error", {
			sentence: `the socket was closed with code ${code}${words}`,
		});
	return say("tcp.reset", {
		sentence: `the agent closed the ${wasLive ? "live " : ""}socket with code ${code}${words}`,
	});
}

/** One side broke the protocol: of frames, of text, of what the other expects (RFC 6455 section 7.4.1). */
const PROTOCOL_CLOSES: ReadonlySet<number> = new Set([1002, 1003, 1007, 1008]);

/** Whether it ended the way a TLS 1.3 server ends a client it does not accept: late, and without a word. */
export const endedRightAfterTls = (failure: Failure): boolean =>
	failure.secureForMs !== null &&
	failure.secureForMs <= LATE_REJECTION_MS &&
	failure.bytesReceived === 0 &&
	!failure.timedOut &&
	failure.http === null &&
	failure.phase !== "live";

function byRejection(
	failure: Failure,
	{ wasLive, freshTlsFailures }: ClassifyFacts,
	say: Say,
): Fault | null {
	if (!endedRightAfterTls(failure) || wasLive) return null;
	// Once may be chance; twice in a row is the agent's verdict on our certificate or address.
	if (freshTlsFailures > 0) return say("tls.client-rejected");
	return say("tcp.reset", {
		sentence: "the agent closed the connection right after TLS",
		evidence: {
			notes: [
				"If it happens again, the client certificate or this address is not accepted.",
			],
		},
	});
}

const SYSTEM_CODES: Readonly<
	Record<string, readonly [FaultCode, FaultDetail]>
> = {
	ENOTFOUND: ["dns.not-found", {}],
	EAI_AGAIN: [
		"dns.not-found",
		{ sentence: "the name server cannot answer at the moment" },
	],
	EAI_NODATA: ["dns.not-found", {}],
	EAI_NONAME: ["dns.not-found", {}],
	EAI_FAIL: ["dns.not-found", {}],
	ENODATA: ["dns.not-found", {}],
	ECONNREFUSED: ["tcp.refused", {}],
	ETIMEDOUT: ["tcp.timeout", {}],
	EHOSTUNREACH: ["tcp.timeout", { sentence: "there is no route to the host" }],
	EHOSTDOWN: ["tcp.timeout", { sentence: "the host is down" }],
	ENETUNREACH: ["net.offline", {}],
	ENETDOWN: ["net.offline", {}],
	ENONET: ["net.offline", {}],
	ECONNRESET: ["tcp.reset", {}],
	ECONNABORTED: ["tcp.reset", {}],
	EPIPE: ["tcp.reset", {}],
	// Unlike at the start this may pass: other sockets close.
	EMFILE: ["limits.files", { retry: "soon" }],
	ENFILE: ["limits.files", { retry: "soon" }],
};

/** What the system said of the socket. */
function bySystem({ timedOut, causes }: Failure, say: Say): Fault | null {
	if (timedOut) return null;
	for (const { code } of causes) {
		const known = SYSTEM_CODES[code ?? ""];
		if (known !== undefined) return say(...known);
	}
	return null;
}

/** What is left is named by where it happened. */
function byPhase(failure: Failure, say: Say): Fault {
	return failure.timedOut ? late(failure, say) : broken(failure, say);
}

/** Our own deadline of the phase passed. */
function late({ phase }: Failure, say: Say): Fault {
	switch (phase) {
		case "dns":
			return say("dns.not-found", {
				sentence: "the name server does not answer",
			});
		case "tls":
			return say("tls.timeout");
		case "upgrade":
		case "greeting":
			return say("live.silent", {
				sentence: "TLS connected, but no answer to the upgrade in time",
				nextStep: "The agent may be overloaded or stuck; Foredeck tries again.",
			});
		case "live":
			return say("live.silent");
		case "request":
			return say("live.silent", {
				sentence: "a request was not answered in time",
			});
		default:
			return say("tcp.timeout");
	}
}

function broken({ phase, causes }: Failure, say: Say): Fault {
	const told = (causes[0]?.message ?? "").slice(0, WORDS_CHARACTERS);
	const because = (sentence: string): FaultDetail =>
		told === "" ? {} : { sentence: `${sentence}: ${told}` };
	const has = (prefix: string): boolean =>
		causes.some(({ code }) => code?.startsWith(prefix) === true);
	if (has("HPE_"))
		return say("http.unexpected", {
			sentence: "something answered, but not in HTTP/1.1",
		});
	if (has("WS_ERR_"))
		return say(
			"ws.protocol-error",
			because("the agent broke the WebSocket protocol"),
		);
	switch (phase) {
		case "dns":
			return say("dns.not-found");
		case "tls":
			return say("tls.protocol", because("the TLS handshake failed"));
		case "greeting":
			return say("ws.protocol-error");
		case "request":
			return say("tcp.reset", because("a request failed"));
		default:
			return say("tcp.reset");
	}
}

function evidenceOf({
	causes,
	timingsMs,
	certificate,
	http,
	close,
	proxy,
}: Failure): Evidence {
	return {
		causes: causes.map(({ code, message }) =>
			code === null ? message : `${code}: ${message}`,
		),
		timingsMs,
		...(certificate === null || certificate === undefined
			? {}
			: { certificate }),
		...(http === null
			? {}
			: { httpStatus: http.status, firstBytes: http.firstBytes }),
		...(close === null
			? {}
			: { closeCode: close.code, closeReason: close.reason }),
		...(proxy === null ? {} : { notes: proxyNotes(proxy) }),
	};
}
