// Reads a client identity from PEM files as people have them (joint or split, any order, any key form) and makes the one
// form the rest of Foredeck knows. It owns the checks that need no agent; expiry is told before dialing, not here.
import { createPrivateKey, type KeyObject, X509Certificate } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
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

/** Where the parts are. The same path may be given twice: a joint file. */
export interface IdentityFiles {
	readonly cert: string;
	readonly key: string;
	readonly ca: string;
	/** For an encrypted key; from FOREDECK_PASSPHRASE, never from an argument that a process list shows. */
	readonly passphrase?: string;
}

/** No honest PEM is larger; it bounds what a wrong path can cost. */
const MOST_FILE_BYTES = 1024 * 1024;
/** Most certificates of a file that are looked at. */
const MOST_CERTIFICATES = 100;
const CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
const ANY_PURPOSE = "2.5.29.37.0";
const HOME = "files for this run";

/** One block of a PEM file (RFC 7468), with its armour. */
interface Block {
	readonly label: string;
	readonly pem: string;
}

const BLOCK =
	/-----BEGIN ([A-Z0-9 ]{1,64})-----[^-]*(?:-[^-]+)*-----END \1-----/g;

const blocksOf = (text: string): readonly Block[] =>
	[...text.matchAll(BLOCK)].map(([pem, label]) => ({
		label: label ?? "",
		pem: `${pem}\n`,
	}));

/**
 * Reads and checks an identity. Faults: `identity.unreadable` (names the file and why), `identity.passphrase` (missing
 * or wrong), `identity.mismatch` (no certificate is the key's), `identity.invalid` (the certificate is not for clients,
 * the key is of a kind or size that TLS here refuses, the CA file has no certificate).
 */
export function readIdentity(files: IdentityFiles): Result<Identity> {
	const cert = readPem(files.cert);
	if (!cert.ok) return cert;
	const keyFile = readPem(files.key);
	if (!keyFile.ok) return keyFile;
	const ca = readAuthorities(files.ca);
	if (!ca.ok) return ca;
	const key = readKey(keyFile.value, files.key, files.passphrase);
	if (!key.ok) return key;
	const certificates = parseCertificates(cert.value, files.cert);
	if (!certificates.ok) return certificates;
	return assemble(certificates.value, key.value, ca.value);
}

function assemble(
	certificates: readonly X509Certificate[],
	key: KeyObject,
	ca: readonly X509Certificate[],
): Result<Identity> {
	const leaf = certificates.find((one) => one.checkPrivateKey(key));
	if (leaf === undefined) return failed(fault("identity.mismatch"));
	const purposes = leaf.keyUsage as readonly string[] | undefined;
	if (
		purposes !== undefined &&
		!purposes.includes(CLIENT_AUTH) &&
		!purposes.includes(ANY_PURPOSE)
	)
		return failed(
			invalid("the certificate is not for TLS clients (no clientAuth)"),
		);
	const weakness = keyWeakness(key);
	if (weakness !== null) return failed(invalid(weakness));
	const identity: Identity = {
		certificateChain: joined(chainFrom(leaf, certificates)),
		privateKey: key.export({ type: "pkcs8", format: "pem" }).toString(),
		ca: joined(ca),
		facts: identityFacts(leaf, HOME),
	};
	const refusal = openTlsContexts(identity).fault;
	return refusal === null ? ok(identity) : failed(refusal);
}

const invalid = (sentence: string): Fault =>
	fault("identity.invalid", { sentence });

const joined = (certificates: readonly X509Certificate[]): string =>
	certificates.map((one) => one.toString()).join("");

/** Leaf first, then each issuer as far as the file has them; roots are left out, the agent has its own. */
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
		if (issuer === undefined || issuer.checkIssued(issuer)) return chain;
		chain.push(issuer);
		last = issuer;
	}
}

/** Why TLS, here or under BoringSSL, refuses such a key; null when it does not. */
function keyWeakness(key: KeyObject): string | null {
	const { modulusLength, namedCurve } = key.asymmetricKeyDetails ?? {};
	switch (key.asymmetricKeyType) {
		case "ed25519":
			return null;
		case "rsa":
			return (modulusLength ?? 0) >= 2048
				? null
				: `the RSA key has ${modulusLength} bits; at least 2048 are needed`;
		case "ec":
			return ["prime256v1", "secp384r1", "secp521r1"].includes(namedCurve ?? "")
				? null
				: `keys on the curve ${namedCurve} cannot be used; P-256 can`;
		default:
			return `keys of the kind ${key.asymmetricKeyType} cannot be used; RSA, ECDSA and Ed25519 can`;
	}
}

const ERRNO_WORDS: Readonly<Record<string, string>> = {
	ENOENT: "no such file",
	EACCES: "permission denied",
	EPERM: "permission denied",
	EISDIR: "it is a directory",
	ENOTDIR: "no such file",
	ELOOP: "too many links",
	EMFILE: "too many open files",
};

const unreadable = (path: string, why: string): Fault =>
	fault("identity.unreadable", { sentence: `cannot read ${path}: ${why}` });

function readPem(path: string): Result<readonly Block[]> {
	let text: string;
	try {
		if (statSync(path).size > MOST_FILE_BYTES)
			return failed(unreadable(path, "larger than 1 MiB, so not a PEM file"));
		text = readFileSync(path, "latin1");
	} catch (error) {
		const code =
			error instanceof Error && "code" in error ? String(error.code) : "";
		return failed(
			unreadable(path, ERRNO_WORDS[code] ?? (code || "unknown reason")),
		);
	}
	const blocks = blocksOf(text);
	return blocks.length > 0
		? ok(blocks)
		: failed(unreadable(path, "it is not PEM"));
}

function parseCertificates(
	blocks: readonly Block[],
	path: string,
): Result<readonly X509Certificate[]> {
	const found = blocks.filter(({ label }) => label.endsWith("CERTIFICATE"));
	if (found.length === 0)
		return failed(unreadable(path, "there is no certificate in it"));
	try {
		return ok(
			found
				.slice(0, MOST_CERTIFICATES)
				.map(({ pem }) => new X509Certificate(pem)),
		);
	} catch {
		return failed(unreadable(path, "a certificate in it is damaged"));
	}
}

function readAuthorities(path: string): Result<readonly X509Certificate[]> {
	const blocks = readPem(path);
	return blocks.ok ? parseCertificates(blocks.value, path) : blocks;
}

function readKey(
	blocks: readonly Block[],
	path: string,
	passphrase: string | undefined,
): Result<KeyObject> {
	const block = blocks.find(({ label }) => label.endsWith("PRIVATE KEY"));
	if (block === undefined)
		return failed(unreadable(path, "there is no private key in it"));
	const encrypted =
		block.label === "ENCRYPTED PRIVATE KEY" ||
		block.pem.includes("Proc-Type: 4,ENCRYPTED");
	if (encrypted && (passphrase === undefined || passphrase === ""))
		return failed(
			fault("identity.passphrase", {
				sentence: `the key in ${path} is encrypted and no passphrase was given`,
			}),
		);
	try {
		return ok(
			createPrivateKey({
				key: block.pem,
				format: "pem",
				...(encrypted && passphrase !== undefined ? { passphrase } : {}),
			}),
		);
	} catch (error) {
		return failed(encrypted ? undecrypted(error, path) : damagedKey(path));
	}
}

const damagedKey = (path: string): Fault =>
	unreadable(path, "the private key in it is damaged");

/** A wrong passphrase shows as bad padding or, by chance, as nonsense where the key should be; a cipher that is not there says so. */
function undecrypted(error: unknown, path: string): Fault {
	const code =
		error instanceof Error && "code" in error ? String(error.code) : "";
	if (/UNSUPPORTED|UNKNOWN/.test(code))
		return invalid(
			`the key in ${path} is encrypted in a way that is not supported; decrypt it with: openssl pkcs8 -topk8`,
		);
	return fault("identity.passphrase", {
		sentence: `the passphrase does not open the key in ${path}`,
	});
}
