// Owns what TLS connections of one profile share: a SecureContext per TLS minimum, made once per identity, and the
// sessions that let a lost link come back without a full handshake. It knows nothing of sockets, hosts' states or retries.
import { createPrivateKey } from "node:crypto";
import { createSecureContext, type SecureContext } from "node:tls";
import { type Fault, fault } from "../../../shared/fault.ts";
import type { Identity } from "../ports.ts";
import { keyWeakness } from "./keyWeakness.ts";
import type { PeerCertificate } from "./peerCertificate.ts";
import type { Target } from "./transport.ts";

/**
 * What we sign with and accept signatures of. Explicit because BoringSSL (Electron) leaves Ed25519 and P-521 server keys
 * out of its own list, so that the same fleet would work under Node and fail in the window.
 */
const SIGNATURE_ALGORITHMS = [
	"ecdsa_secp256r1_sha256",
	"ecdsa_secp384r1_sha384",
	"ecdsa_secp521r1_sha512",
	"ed25519",
	"rsa_pss_rsae_sha256",
	"rsa_pss_rsae_sha384",
	"rsa_pss_rsae_sha512",
].join(":");

/**
 * How long a verdict about a certificate is trusted. It counts from the full handshake, however often its session was renewed
 * since: without that a link that is lost now and then would never look at a certificate or a revocation list again.
 */
const VERDICT_AGE_MS = 6 * 3_600_000;
/** Most hosts whose session is kept; the one kept longest ago leaves first. About 3 KB each. */
const MOST_SESSIONS = 20_000;

interface KeptSession {
	readonly session: Buffer;
	/** What the full handshake showed; a resumed one shows nothing. */
	readonly certificate: PeerCertificate;
	/** Everything the verdict depended on besides the identity: where, whose name, which TLS. */
	readonly route: string;
	readonly verifiedAtMs: number;
}

/** A session to offer, with the certificate its verdict was about. */
export interface Resumption {
	readonly session: Buffer;
	readonly certificate: PeerCertificate;
	/** Monotonic, when the certificate was seen and found good: the end of the full handshake. */
	readonly verifiedAtMs: number;
}

/** What the connections of one profile share. */
export interface TlsContexts {
	/** Whose certificate is shown; null: no certificate, and no authority is trusted, so every dial fails. */
	readonly identity: Identity | null;
	/** Why TLS cannot use the identity (`identity.mismatch`, `identity.invalid`): dials then go as with no identity. Null when it can. */
	readonly fault: Fault | null;
	/** The shared context with that minimum baked in; maximum is TLS 1.3. */
	contextFor(minTls: Target["minTls"]): SecureContext;
	/** Uses another identity for dials from now on; open connections keep theirs. All sessions are forgotten. */
	replace(identity: Identity | null): void;
	/** A session of the same host, route and name, young enough, whose certificate is valid at `wallMs`. */
	sessionOf(target: Target, nowMs: number, wallMs: number): Resumption | null;
	/** Forgets a session that a handshake used: a ticket is for one use (RFC 8446 appendix C.4). */
	dropSession(target: Target, session: Buffer): void;
	/** Keeps the newest session of a host. `context` is the one the connection was made with: a late ticket of a replaced identity is dropped. */
	keepSession(
		target: Target,
		context: SecureContext,
		resumption: Resumption,
	): void;
}

interface ContextPair {
	readonly "1.2": SecureContext;
	readonly "1.3": SecureContext;
}

const REVOCATION_LIST = /-----BEGIN X509 CRL-----[^-]+-----END X509 CRL-----/g;

/**
 * The revocation lists among the authorities, one by one, because Node reads only the first of a text. With one of them
 * OpenSSL wants a current list of every issuer in a chain: who gives lists expects them to hold.
 */
function revocationLists(ca: string): { readonly crl?: string[] } {
	const crl = ca.match(REVOCATION_LIST);
	return crl === null ? {} : { crl };
}

function makeContext(
	identity: Identity | null,
	minTls: Target["minTls"],
): SecureContext {
	return createSecureContext({
		minVersion: minTls === "1.3" ? "TLSv1.3" : "TLSv1.2",
		maxVersion: "TLSv1.3",
		sigalgs: SIGNATURE_ALGORITHMS,
		...(identity === null
			? // An empty list, because without the key Node would trust its built-in public roots.
				{ ca: [] }
			: {
					cert: identity.certificateChain,
					key: identity.privateKey,
					ca: identity.ca,
					...revocationLists(identity.ca),
				}),
	});
}

const makePair = (identity: Identity | null): ContextPair => ({
	"1.2": makeContext(identity, "1.2"),
	"1.3": makeContext(identity, "1.3"),
});

/** OpenSSL would take some keys and then show no certificate at all. Throws when the key cannot be read. */
function weaknessOf(identity: Identity | null): Fault | null {
	if (identity === null) return null;
	const sentence = keyWeakness(createPrivateKey(identity.privateKey));
	return sentence === null ? null : fault("identity.invalid", { sentence });
}

/** The code only: OpenSSL's message could quote what it was reading. */
function faultOf(error: unknown): Fault {
	const code =
		error instanceof Error && "code" in error ? String(error.code) : "";
	if (code.includes("MISMATCH")) return fault("identity.mismatch");
	return fault("identity.invalid", {
		sentence: `the identity cannot be used for TLS (${code || "unknown reason"})`,
	});
}

const routeOf = (target: Target): string =>
	`${target.address} ${target.port} ${target.servername} ${target.minTls}`;

/** Makes the shared contexts. An identity that TLS refuses is told by `fault`, here and after `replace`. */
export function openTlsContexts(identity: Identity | null): TlsContexts {
	let current = identity;
	let broken: Fault | null = null;
	let pair = attempt(identity);
	function attempt(next: Identity | null): ContextPair {
		try {
			broken = weaknessOf(next);
			if (broken === null) return makePair(next);
		} catch (error) {
			broken = faultOf(error);
		}
		return makePair(null);
	}
	const sessions = openSessions();
	return {
		get identity() {
			return current;
		},
		get fault() {
			return broken;
		},
		contextFor: (minTls) => pair[minTls],
		replace(next) {
			pair = attempt(next);
			current = next;
			sessions.clear();
		},
		sessionOf: sessions.find,
		dropSession: sessions.drop,
		keepSession(target, context, resumption) {
			if (context === pair[target.minTls]) sessions.keep(target, resumption);
		},
	};
}

function openSessions(): {
	find: TlsContexts["sessionOf"];
	drop: TlsContexts["dropSession"];
	keep(target: Target, resumption: Resumption): void;
	clear(): void;
} {
	const kept = new Map<string, KeptSession>();
	return {
		find(target, nowMs, wallMs) {
			const found = kept.get(target.hostId);
			// A resumed handshake shows no certificate and checks no name: both must still hold from the full one.
			if (found === undefined || found.route !== routeOf(target)) return null;
			const { certificate, verifiedAtMs } = found;
			if (nowMs - verifiedAtMs > VERDICT_AGE_MS) return null;
			if (wallMs < Date.parse(certificate.validFrom)) return null;
			if (wallMs > Date.parse(certificate.validTo)) return null;
			return found;
		},
		drop(target, session) {
			if (kept.get(target.hostId)?.session === session)
				kept.delete(target.hostId);
		},
		keep(target, { session, certificate, verifiedAtMs }) {
			kept.delete(target.hostId);
			// A copy of its own, because Node cuts sessions out of a shared pool and a kept one would hold its neighbours too.
			const own = Buffer.allocUnsafeSlow(session.length);
			own.set(session);
			kept.set(target.hostId, {
				session: own,
				certificate,
				route: routeOf(target),
				verifiedAtMs,
			});
			if (kept.size <= MOST_SESSIONS) return;
			const oldest = kept.keys().next();
			if (oldest.done !== true) kept.delete(oldest.value);
		},
		clear: () => kept.clear(),
	};
}
