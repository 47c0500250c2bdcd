// Makes the one form of an identity that the rest of Foredeck knows out of files as people have them (joint or split, any
// order, any form; readFiles.ts). It owns the checks that need no agent; expiry is told before dialing, not here.
import {
	type KeyObject,
	sign,
	verify,
	type X509Certificate,
} from "node:crypto";
import {
	type Fault,
	failed,
	fault,
	ok,
	type Result,
} from "../../../shared/fault.ts";
import type { Identity } from "../ports.ts";
import { openTlsContexts } from "../transport/tlsContext.ts";
import { identityFacts } from "./describe.ts";
import type { WorkLimit } from "./passwordBased.ts";
import { openWorkLimit } from "./passwordBased.ts";
import type { Pieces } from "./readFiles.ts";
import { readPieces, unreadable } from "./readFiles.ts";

/** Where the parts are. The same path may be given more than once: a joint file, or PKCS#12. */
export interface IdentityFiles {
	readonly cert: string;
	readonly key: string;
	/** Null: the authorities are those that the certificate's file brings with it. */
	readonly ca: string | null;
	/** For an encrypted key; from FOREDECK_PASSPHRASE or a person, never from an argument that a process list shows. */
	readonly passphrase?: string;
}

const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
const ANY_PURPOSE = "2.5.29.37.0";
const HOME = "files for this run";

/**
 * Reads and checks an identity. Faults: `identity.unreadable` (names the file and why), `identity.passphrase` (missing
 * or wrong), `identity.mismatch` (no certificate is the key's), `identity.absent` (no authority), `identity.invalid` (the
 * certificate is not for clients, there are several identities, the key is of a kind or size that TLS here refuses, a form
 * of encryption that is not supported).
 */
export function readIdentity(files: IdentityFiles): Result<Identity> {
	const { passphrase } = files;
	const limit = openWorkLimit();
	const isJoint = files.cert === files.key;
	const cert = readPieces(files.cert, {
		certificates: true,
		keys: isJoint,
		passphrase,
		limit,
	});
	if (!cert.ok) return cert;
	const key = isJoint
		? cert
		: readPieces(files.key, {
				certificates: false,
				keys: true,
				passphrase,
				limit,
			});
	if (!key.ok) return key;
	const ca = readAuthorities(files, cert.value, limit);
	if (!ca.ok) return ca;
	return assemble(cert.value, key.value, ca.value);
}

/** A certificate that vouches for itself is a root. */
const isRoot = (one: X509Certificate): boolean => one.checkIssued(one);

function readAuthorities(
	{ ca, passphrase }: IdentityFiles,
	own: Pieces,
	limit: WorkLimit,
): Result<Pieces> {
	if (ca !== null) {
		const wanted = { certificates: true, keys: false, passphrase, limit };
		return readPieces(ca, wanted);
	}
	const certificates = own.certificates.filter(isRoot);
	return certificates.length > 0
		? ok({ ...own, certificates })
		: failed(
				fault("identity.absent", {
					sentence: `there is no authority in ${own.path}, and --ca is missing`,
					nextStep: "Give --ca FILE with the fleet’s authority.",
				}),
			);
}

interface Pair {
	readonly key: KeyObject;
	readonly leaf: X509Certificate;
}

function assemble(cert: Pieces, key: Pieces, ca: Pieces): Result<Identity> {
	const pair = choosePair(cert, key);
	if (!pair.ok) return pair;
	const { leaf } = pair.value;
	// OpenSSL would take missing intermediates from the authorities by itself, BoringSSL would not.
	const known = [...cert.certificates, ...ca.certificates];
	const identity: Identity = {
		certificateChain: joined(chainFrom(leaf, known)),
		privateKey: pair.value.key
			.export({ type: "pkcs8", format: "pem" })
			.toString(),
		ca: joined(ca.certificates) + ca.lists.join(""),
		facts: identityFacts(leaf, HOME),
	};
	const refusal = openTlsContexts(identity).fault;
	if (refusal !== null) return failed(refusal);
	return works(pair.value)
		? ok(identity)
		: failed(unreadable(key.path, "the private key in it is damaged"));
}

/** A key that was damaged may still hold the public half that it is recognised by. Only of kinds that TLS here takes. */
function works({ key, leaf }: Pair): boolean {
	const hash = key.asymmetricKeyType === "ed25519" ? null : "sha256";
	const message = Buffer.from("foredeck-import-v1");
	try {
		return verify(hash, message, leaf.publicKey, sign(hash, message, key));
	} catch {
		return false;
	}
}

/** The certificate for clients that has a key here. Of several for one key the one that is valid longest. */
function choosePair(cert: Pieces, key: Pieces): Result<Pair> {
	const pairs = key.keys.flatMap((one) =>
		cert.certificates
			.filter((leaf) => leaf.checkPrivateKey(one))
			.map((leaf) => ({ key: one, leaf })),
	);
	if (pairs.length === 0) return failed(fault("identity.mismatch"));
	const fitting = pairs
		.filter(({ leaf }) => isForClients(leaf))
		.sort(
			(a, b) => b.leaf.validToDate.getTime() - a.leaf.validToDate.getTime(),
		);
	const [best] = fitting;
	if (best === undefined)
		return failed(
			invalid(
				"the certificate is not for TLS clients (no clientAuth)",
				"Have the authority issue one with the extended key usage clientAuth.",
			),
		);
	const others = fitting.filter(
		({ leaf }) => !leaf.publicKey.equals(best.leaf.publicKey),
	);
	return others.length === 0
		? ok(best)
		: failed(severalIn(cert.path, [best, ...others]));
}

function severalIn(path: string, pairs: readonly Pair[]): Fault {
	const names = new Set(
		pairs.map(({ leaf }) => identityFacts(leaf, HOME).subject),
	);
	return invalid(
		`there are several identities in ${path}: ${[...names].join("; ")}`,
		`Leave one key and its certificate: openssl pkcs12 -in ${path} -nodes -out all.pem, remove the others, and give all.pem as --cert and as --key.`,
	);
}

function isForClients(leaf: X509Certificate): boolean {
	// Node's name for the extended key usage.
	const purposes = leaf.keyUsage as readonly string[] | undefined;
	return (
		purposes === undefined ||
		purposes.includes(CLIENT_AUTH) ||
		purposes.includes(ANY_PURPOSE)
	);
}

const invalid = (sentence: string, nextStep: string): Fault =>
	fault("identity.invalid", { sentence, nextStep });

const joined = (certificates: readonly X509Certificate[]): string =>
	certificates.map((one) => one.toString()).join("");

/** Leaf first, then each issuer as far as it is known; roots are left out, the agent has its own. */
function chainFrom(
	leaf: X509Certificate,
	certificates: readonly X509Certificate[],
): readonly X509Certificate[] {
	const chain = [leaf];
	let last = leaf;
	for (;;) {
		const issuer = certificates.find(
			(one) => !chain.includes(one) && last.checkIssued(one),
		);
		if (issuer === undefined || isRoot(issuer)) return chain;
		chain.push(issuer);
		last = issuer;
	}
}
