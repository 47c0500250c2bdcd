// What may be shown of a certificate: subject, issuer, dates, fingerprint. It knows nothing of keys and of files.
import { type KeyObject, X509Certificate } from "node:crypto";
import type { Identity, IdentityFacts } from "../ports.ts";

/** Longest name that is shown, in characters. */
const NAME_CHARACTERS = 255;
/** Most alternative names that are shown; a client certificate has one or two. */
const MOST_NAMES = 20;

/** Node writes one attribute per line; people read `CN=…, O=…`. Control characters have no business in a name. */
const oneLine = (name: string): string =>
	name
		.replaceAll("\n", ", ")
		.replace(/\p{Cc}/gu, " ")
		.slice(0, NAME_CHARACTERS);

/** Node quotes a name that holds a comma (CVE-2021-44532), so that one name is never taken for two. */
const namesOf = ({ subjectAltName = "" }: X509Certificate): string[] =>
	(subjectAltName.match(/(?:"(?:\\.|[^"\\])*"|[^,"])+/g) ?? [])
		.slice(0, MOST_NAMES)
		.map((name) => oneLine(name.trim()));

const CURVES: Readonly<Record<string, string>> = {
	prime256v1: "P-256",
	secp384r1: "P-384",
	secp521r1: "P-521",
};

function keyKindOf(key: KeyObject): string {
	const { modulusLength, namedCurve = "" } = key.asymmetricKeyDetails ?? {};
	switch (key.asymmetricKeyType) {
		case "rsa":
			return `RSA ${modulusLength}`;
		case "ec":
			return `ECDSA ${CURVES[namedCurve] ?? namedCurve}`;
		case "ed25519":
			return "Ed25519";
		default:
			return String(key.asymmetricKeyType);
	}
}

/** The facts of a client certificate. `home`: where the identity lives, in words (ports.ts). */
export function identityFacts(
	certificate: X509Certificate,
	home: string,
): IdentityFacts {
	return {
		subject: oneLine(certificate.subject),
		issuer: oneLine(certificate.issuer),
		fingerprint256: certificate.fingerprint256,
		names: namesOf(certificate),
		keyKind: keyKindOf(certificate.publicKey),
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
