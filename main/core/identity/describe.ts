// What may be shown of a certificate: subject, issuer, dates, fingerprint. It knows nothing of keys and of files.
import { X509Certificate } from "node:crypto";
import type { IdentityFacts } from "../ports.ts";

/** Longest name that is shown, in characters. */
const NAME_CHARACTERS = 255;

/** Node writes one attribute per line; people read `CN=…, O=…`. Control characters have no business in a name. */
const oneLine = (name: string): string =>
	name
		.replaceAll("\n", ", ")
		.replace(/\p{Cc}/gu, " ")
		.slice(0, NAME_CHARACTERS);

/** The facts of a client certificate. `home`: where the identity lives, in words (ports.ts). */
export function identityFacts(
	certificate: X509Certificate,
	home: string,
): IdentityFacts {
	return {
		subject: oneLine(certificate.subject),
		issuer: oneLine(certificate.issuer),
		fingerprint256: certificate.fingerprint256,
		validFrom: certificate.validFromDate.getTime(),
		expiresAt: certificate.validToDate.getTime(),
		home,
	};
}

/** The facts of the leaf of a PEM chain. Throws when the PEM is no certificate. */
export const describeChain = (
	certificateChain: string,
	home: string,
): IdentityFacts => identityFacts(new X509Certificate(certificateChain), home);
