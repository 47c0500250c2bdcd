// What to say of an agent's certificate that was refused, as precisely as the evidence allows. Pure, a part of `classify.ts`.
import type { FaultCode, FaultDetail } from "../../../shared/fault.ts";
import { MOST_NAMES } from "../transport/peerCertificate.ts";
import type { Cause, Failure } from "../transport/transport.ts";

/** A certificate judged by a clock this wrong may be fine (03-BEHAVIOUR section 3). */
const SKEW_WARNED_MS = 30_000;
/** Names of a certificate that a sentence lists; the evidence has more. */
const NAMES_SAID = 3;

/** Names the only host of the fleet that has this servername, in lower case; null: none, or several. */
export type OwnerOf = (servername: string) => string | null;

/** By OpenSSL's code, or by its words where Node has no code for them. */
const WORDS: Readonly<Record<string, string>> = {
	INVALID_PURPOSE:
		"the agent’s certificate is not for TLS servers (no serverAuth)",
	"EE certificate key too weak":
		"the key of the agent’s certificate is too weak",
	"CA certificate key too weak":
		"an authority above the agent’s certificate has a key that is too weak",
	"CA signature digest algorithm too weak":
		"the agent’s certificate, or an authority’s above it, is signed with a digest that is too weak, such as SHA-1",
	"permitted subtree violation":
		"the agent’s certificate has a name that its issuer may not certify (name constraints)",
	"excluded subtree violation":
		"the agent’s certificate has a name that its issuer may not certify (name constraints)",
	"key usage does not include certificate signing":
		"the agent’s certificate was issued by one that is no authority",
	UNABLE_TO_GET_CRL:
		"the CA file has revocation lists, but none of an issuer of the agent’s certificate",
	CRL_HAS_EXPIRED:
		"the revocation list for the agent’s certificate has expired, so nobody knows whether it is revoked",
	CRL_NOT_YET_VALID:
		"the revocation list for the agent’s certificate is not valid yet",
	CRL_SIGNATURE_FAILURE:
		"the revocation list for the agent’s certificate is not signed by its issuer",
};

/** The words for a refused certificate; empty where the table of faults says it well enough. */
export function certificateDetail(
	code: FaultCode,
	{ code: verdict, message }: Cause,
	{ certificate }: Failure,
	skewMs: number | null,
	servername: string,
): FaultDetail {
	const known = WORDS[verdict ?? ""] ?? WORDS[message];
	if (known !== undefined) return { sentence: known };
	if (code === "tls.server-invalid")
		return {
			sentence: `the agent’s certificate is not fit for a server: ${message}`,
		};
	if (certificate === null || certificate === undefined) return {};
	switch (code) {
		case "tls.name-mismatch":
			return nameDetail(certificate, servername);
		case "tls.server-expired":
			return timeDetail(
				`the agent’s certificate expired on ${certificate.validTo}`,
				skewMs,
			);
		case "tls.server-not-yet-valid":
			return timeDetail(
				`the agent’s certificate is only valid from ${certificate.validFrom}`,
				skewMs,
			);
		default:
			return {};
	}
}

/**
 * A wrong name that is the name of exactly one other host of this fleet: that host answered. Node judges names only after
 * the chain, so the certificate is one that the fleet's CA vouches for. Null where the certificate may be for several hosts.
 */
export function otherHost(
	code: FaultCode,
	{ certificate }: Failure,
	servername: string,
	ownerOf: OwnerOf | undefined,
): readonly [FaultCode, FaultDetail] | null {
	if (code !== "tls.name-mismatch" || ownerOf === undefined) return null;
	const { names = [] } = certificate ?? {};
	// Not all of a long list of names is kept, and a wildcard is anybody's.
	if (names.length >= MOST_NAMES || names.some((name) => name.includes("*")))
		return null;
	const known = names
		.map((name) => name.replace(/^(DNS|IP Address):/, "").toLowerCase())
		.map((name) => [name, ownerOf(name)] as const)
		.filter(([, owner]) => owner !== null);
	const [name, owner] = known[0] ?? [null, null];
	if (owner === null || known.some(([, other]) => other !== owner)) return null;
	return [
		"host.mismatch",
		{
			sentence: `${owner} answered at this address: the certificate is for ${name}, not for ${servername}`,
			nextStep: `Check the host’s address in the fleet file and in DNS: it leads to ${owner}.`,
		},
	];
}

function nameDetail(
	{ names, subject }: NonNullable<Failure["certificate"]>,
	servername: string,
): FaultDetail {
	if (names.length === 0)
		return {
			sentence: `the agent’s certificate has no subject alternative names, only the subject ${subject || "without a word"}, and is not for ${servername}`,
		};
	const said = names.slice(0, NAMES_SAID).join(", ");
	const more = names.length - NAMES_SAID;
	return {
		sentence: `the agent’s certificate is for ${said}${more > 0 ? ` and ${more} more` : ""}, not for ${servername}`,
	};
}

/** A clock that is wrong by more than half a minute may be the whole reason. */
function timeDetail(sentence: string, skewMs: number | null): FaultDetail {
	if (skewMs === null || Math.abs(skewMs) < SKEW_WARNED_MS) return { sentence };
	const apart = Math.round(Math.abs(skewMs) / 1_000);
	return {
		sentence: `${sentence}; but this computer’s clock and the host’s differ by ${apart} s`,
		nextStep: "Check both clocks before renewing the certificate.",
	};
}
