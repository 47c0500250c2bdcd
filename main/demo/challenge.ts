// The agent's side of challenge.v1 (03-BEHAVIOUR section 6): a nonce out, a signature in, a verdict. Pure but for the
// nonce; says nothing on any wire itself.
import { randomBytes, verify, X509Certificate } from "node:crypto";

/** A fresh nonce of 32 bytes. */
export const newNonce = (): Buffer => randomBytes(32);

/** What the console signs: a label, the host's name and the nonce itself. */
export function challengeText(servername: string, nonce: Buffer): Buffer {
	return Buffer.concat([
		Buffer.from(`foredeck-auth-v1\n${servername}\n`, "utf8"),
		nonce,
	]);
}

/** What a challenge is judged against. */
export interface ChallengeCase {
	readonly servername: string;
	readonly nonce: Buffer;
	readonly caPem: string;
	/** Epoch milliseconds. */
	readonly nowMs: number;
}

/**
 * Judges an `auth_response`. The certificate must chain to the CA and be valid now, the signature must be made with its key.
 * @returns null when it is good, else the reason for `auth_failed`.
 */
export function judgeResponse(
	response: { readonly certificate?: unknown; readonly signature?: unknown },
	facts: ChallengeCase,
): string | null {
	if (
		typeof response.certificate !== "string" ||
		typeof response.signature !== "string"
	)
		return "certificate and signature are required";
	let certificate: X509Certificate;
	try {
		certificate = new X509Certificate(response.certificate);
	} catch {
		return "the certificate cannot be read";
	}
	const authority = new X509Certificate(facts.caPem);
	if (
		!certificate.checkIssued(authority) ||
		!certificate.verify(authority.publicKey)
	)
		return "the certificate was not issued by this fleet's authority";
	if (
		facts.nowMs < certificate.validFromDate.getTime() ||
		facts.nowMs > certificate.validToDate.getTime()
	)
		return "the certificate is not valid now";
	return signatureHolds(certificate, response.signature, facts)
		? null
		: "the signature does not hold";
}

function signatureHolds(
	certificate: X509Certificate,
	signature: string,
	facts: ChallengeCase,
): boolean {
	const key = certificate.publicKey;
	// Ed25519 and Ed448 hash by themselves.
	const digest = key.asymmetricKeyType?.startsWith("ed") ? null : "sha256";
	try {
		return verify(
			digest,
			challengeText(facts.servername, facts.nonce),
			key,
			Buffer.from(signature, "base64"),
		);
	} catch {
		return false;
	}
}
