// Answers an agent's `auth_challenge` (challenge.v1, 03-BEHAVIOUR section 6) with the identity's key. It signs nothing but
// this one message: a fixed prefix and the host's name come first, so that no agent can have something else signed.
import { createPrivateKey, sign } from "node:crypto";
import {
	type Fault,
	failed,
	fault,
	ok,
	type Result,
} from "../../../shared/fault.ts";
import type { Identity } from "../ports.ts";

/** Below this a nonce could repeat, and an old answer be replayed. */
const LEAST_NONCE_BYTES = 16;
const MOST_NONCE_BYTES = 1024;

/** What is asked of us, and who we are. */
export interface Challenge {
	/** Base64, as the agent sent it. */
	readonly nonce: string;
	/** The name we connected to: binds the answer to this host, so that a hostile agent cannot pass it on to another. */
	readonly servername: string;
	/** Null: `identity.absent`. */
	readonly identity: Identity | null;
	readonly consoleVersion: string;
}

/**
 * The text frame that answers the challenge: SHA-256 with RSA (PKCS#1 v1.5) or ECDSA (DER), or Ed25519, over
 * `foredeck-auth-v1\n<servername>\n` and the nonce's bytes. A nonce that is not base64 or not 16 to 1024 bytes is
 * refused with `auth.failed`; a key that cannot sign is `identity.invalid`.
 */
export function answerChallenge(challenge: Challenge): Result<string> {
	const { identity, servername, consoleVersion } = challenge;
	if (identity === null) return failed(fault("identity.absent"));
	const nonce = decodeNonce(challenge.nonce);
	if (!nonce.ok) return nonce;
	const message = Buffer.concat([
		Buffer.from(`foredeck-auth-v1\n${servername}\n`, "utf8"),
		nonce.value,
	]);
	try {
		const key = createPrivateKey(identity.privateKey);
		// Ed25519 has its hash built in and wants none named.
		const hash = key.asymmetricKeyType === "ed25519" ? null : "sha256";
		const signature = sign(hash, message, key);
		return ok(
			JSON.stringify({
				action: "auth_response",
				certificate: identity.certificateChain,
				signature: signature.toString("base64"),
				console_version: consoleVersion,
			}),
		);
	} catch {
		// Without the error's words: they could quote the key.
		return failed(
			fault("identity.invalid", {
				sentence: "the identity’s key cannot sign the agent’s challenge",
			}),
		);
	}
}

const refused = (why: string): Fault =>
	fault("auth.failed", {
		sentence: `the agent’s challenge was refused: ${why}`,
		nextStep: "Check the agent’s version; Foredeck signs only what it knows.",
	});

/** Strict, because Buffer.from would skip what it does not know and sign the rest. */
function decodeNonce(text: string): Result<Buffer> {
	if (text.length > (MOST_NONCE_BYTES * 4) / 3 + 4)
		return failed(refused("the nonce is longer than 1024 bytes"));
	const bytes = Buffer.from(text, "base64");
	if (bytes.toString("base64") !== text)
		return failed(refused("the nonce is not base64"));
	if (bytes.length < LEAST_NONCE_BYTES)
		return failed(refused("the nonce is shorter than 16 bytes"));
	if (bytes.length > MOST_NONCE_BYTES)
		return failed(refused("the nonce is longer than 1024 bytes"));
	return ok(bytes);
}
