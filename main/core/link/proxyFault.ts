// What went wrong on the way through an HTTP proxy: that it cannot be reached, that it wants to know who asks, that it
// refuses. Pure, a part of `classify.ts`.
import type { FaultCode, FaultDetail } from "../../../shared/fault.ts";
import type { Failure, ProxyFacts } from "../transport/transport.ts";

type Told = readonly [FaultCode, FaultDetail];

/** What the system says when it is not about the proxy: the computer's own network or limits. */
const OURS: ReadonlySet<string> = new Set([
	"ENETUNREACH",
	"ENETDOWN",
	"ENONET",
	"EMFILE",
	"ENFILE",
]);

/** The phases in which nobody but the proxy was spoken to. */
const BEFORE_TUNNEL: ReadonlySet<Failure["phase"]> = new Set([
	"dns",
	"tcp",
	"proxy",
]);

/** What the way to the tunnel says; null when there is no proxy, the tunnel was made, or the trouble is not the proxy's. */
export function proxyFault(failure: Failure): Told | null {
	const { proxy, phase, causes, http } = failure;
	if (proxy === null || !BEFORE_TUNNEL.has(phase)) return null;
	if (causes.some(({ code }) => OURS.has(code ?? ""))) return null;
	if (http !== null) return refused(http, proxy);
	return [
		"proxy.refused",
		phase === "proxy" ? unmade(failure, proxy) : unreached(failure, proxy),
	];
}

/** Beside every failure of a connection through a proxy. */
export const proxyNotes = ({
	place,
	source,
	challenge,
}: ProxyFacts): string[] =>
	[
		`The way goes through the proxy ${place} (${source}).`,
		challenge === null ? null : `The proxy asks for: ${challenge}`,
	].filter((note) => note !== null);

const TRUST =
	/^(?:CERT_|CRL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|ERR_TLS_CERT_|INVALID_|HOSTNAME_|PATH_LENGTH_)/;

function unreached(
	{ phase, causes, timedOut }: Failure,
	proxy: ProxyFacts,
): FaultDetail {
	const { place, source } = proxy;
	const why = timedOut
		? "no answer in time"
		: phase === "dns"
			? `its name does not resolve${codeOf(causes)}`
			: `no connection${codeOf(causes)}`;
	return {
		sentence: `the proxy ${place} cannot be reached: ${why}`,
		nextStep: `Check that the proxy in ${source} is right and running; name hosts that need no proxy in NO_PROXY.`,
	};
}

function unmade(
	{ causes, timedOut }: Failure,
	{ place, source }: ProxyFacts,
): FaultDetail {
	if (timedOut)
		return {
			sentence: `the proxy ${place} did not make the tunnel in time`,
			nextStep: `The proxy or the way from it to the host is stuck; check that ${source} is an HTTP proxy and that it reaches the host.`,
		};
	const verdict = causes.find(({ code }) => TRUST.test(code ?? ""));
	if (verdict !== undefined)
		return {
			sentence: `the certificate of the proxy ${place} is not trusted (${verdict.code})`,
			nextStep:
				"Have this computer trust the authority that issued the proxy’s certificate, or name its file in NODE_EXTRA_CA_CERTS.",
		};
	const told = causes[0]?.message ?? "";
	return {
		sentence: `the proxy ${place} did not make the tunnel${told === "" ? "" : `: ${told}`}`,
		nextStep: `Check that ${source} is an HTTP proxy that allows CONNECT to the host’s port.`,
	};
}

const codeOf = (causes: Failure["causes"]): string => {
	const code = causes.find((cause) => cause.code !== null)?.code;
	return code === undefined || code === null ? "" : ` (${code})`;
};

function refused(
	{ status, retryAfterMs }: NonNullable<Failure["http"]>,
	proxy: ProxyFacts,
): Told {
	const wait = retryAfterMs === null ? {} : { retryAfterMs };
	const words =
		status === 407 || status === 401
			? unauthenticated(status, proxy)
			: unwilling(status, proxy);
	return ["proxy.refused", { ...words, ...wait }];
}

/** The scheme of a challenge (RFC 9110 section 11.3) that we can meet. */
const BASIC = /(?:^|,)\s*basic\b/i;

/** `status` is 407, or 401, which is an origin's word, but what tinyproxy says of a wrong password. */
function unauthenticated(
	status: number,
	{ place, source, hasCredentials, challenge }: ProxyFacts,
): FaultDetail {
	if (challenge !== null && !BASIC.test(challenge))
		return {
			sentence: `the proxy ${place} demands authentication of the kind ${challenge.split(/[\s,]/)[0]} (${status}), and Foredeck speaks Basic only`,
			nextStep:
				"Have the proxy allow Basic or this computer’s address, or use a local proxy that logs in to it.",
		};
	if (hasCredentials)
		return {
			sentence: `the proxy ${place} does not accept the user name and password of ${source} (${status})`,
			nextStep: `Put the right ones into ${source}, as http://USER:PASSWORD@${place}, with special characters percent-encoded.`,
		};
	return {
		sentence: `the proxy ${place} demands authentication (${status})`,
		nextStep: `Put the user name and password into ${source}, as http://USER:PASSWORD@${place}.`,
	};
}

/** Gateways' words for not having reached the host (RFC 9110 section 15.6). */
const UNREACHED: Readonly<Record<number, string>> = {
	502: "could not connect to the host",
	503: "could not serve the request",
	504: "got no answer from the host",
};

function unwilling(status: number, { place }: ProxyFacts): FaultDetail {
	const why = UNREACHED[status];
	return why === undefined
		? {
				sentence: `the proxy ${place} refused the tunnel with ${status}`,
				nextStep:
					"Have the proxy allow CONNECT to this host and port, or name the host in NO_PROXY.",
			}
		: {
				sentence: `the proxy ${place} ${why} (${status})`,
				nextStep:
					"Check the host’s name and port, and that the proxy can resolve and reach it; a host that needs no proxy belongs into NO_PROXY.",
			};
}
