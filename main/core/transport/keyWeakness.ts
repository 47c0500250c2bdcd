// Which private keys can be used for TLS here: one answer for OpenSSL and BoringSSL, so that an identity that works under Node
// works in the window too. It knows nothing of certificates.
import type { KeyObject } from "node:crypto";

/** The curves of the signature algorithms that are offered. */
const CURVES: readonly string[] = ["prime256v1", "secp384r1", "secp521r1"];
/** What OpenSSL's security level 2 wants. */
const LEAST_RSA_BITS = 2048;

/** Why TLS, here or under BoringSSL, refuses such a key; null when it does not. */
export function keyWeakness(key: KeyObject): string | null {
	const { modulusLength = 0, namedCurve } = key.asymmetricKeyDetails ?? {};
	switch (key.asymmetricKeyType) {
		case "ed25519":
			return null;
		case "rsa":
			return modulusLength >= LEAST_RSA_BITS
				? null
				: `the RSA key has ${modulusLength} bits; at least ${LEAST_RSA_BITS} are needed`;
		case "ec":
			return CURVES.includes(namedCurve ?? "")
				? null
				: `keys on the curve ${namedCurve} cannot be used; P-256 can`;
		default:
			return `keys of the kind ${key.asymmetricKeyType} cannot be used; RSA, ECDSA and Ed25519 can`;
	}
}
