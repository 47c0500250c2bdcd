// What may be shown of a certificate: subject, issuer, dates, fingerprint. It knows nothing of keys and of files.
import { X509Certificate } from "node:crypto";
import type { Identity, IdentityFacts } from "../ports.ts";

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

/** An identity of PEM texts that are known to be good, such as the demo fleet's own. Throws when the certificate is none. */
export const identityFromPem = (
	pem: {
		readonly certPem: string;
		readonly keyPem: string;
		readonly caPem: string;
	},
	home: string,
): Identity => ({
	certificateChain: pem.certPem,
	privateKey: pem.keyPem,
	ca: pem.caPem,
	facts: describeChain(pem.certPem, home),
});
