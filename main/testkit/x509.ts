// Writes X.509 certificates and revocation lists in DER for tests (RFC 5280), right or wrong as they are wished. It signs what
// it is given and checks nothing; who issues what is for `certificates.ts`.
import {
	constants,
	createPublicKey,
	generateKeyPairSync,
	type KeyObject,
	randomBytes,
	sign,
	X509Certificate,
} from "node:crypto";
import { systemClock } from "../../shared/clock.ts";
import {
	bits,
	integer,
	octets,
	oid,
	sequence,
	setOf,
	tagged,
	time,
	truth,
	utf8,
} from "../demo/der.ts";

/** The key kinds agents and people have, and some that TLS refuses. `rsa` has 2048 bits; `rsapss` may sign with PSS only. */
export type KeyKind =
	| "p256"
	| "p384"
	| "p521"
	| "secp256k1"
	| "rsa"
	| "rsa1024"
	| "rsa4096"
	| "rsapss"
	| "ed25519";

/** How the issuer signs. `sha1` is what RFC 9155 forbids; `pss` needs an issuer with an RSA key. */
export type SignatureKind = "sha256" | "sha1" | "pss";

/** What an authority below another one may issue for, and with what. */
export interface IntermediateWish {
	/** Default P-256. */
	readonly key?: KeyKind | KeyObject;
	/** DNS subtrees (RFC 5280 section 4.2.1.10); empty: no such constraint. */
	readonly permitted?: readonly string[];
	readonly excluded?: readonly string[];
	readonly paddingBytes?: number;
}

/** Days from now of a revocation list; negative is in the past. */
export interface RevocationWish {
	readonly fromDays?: number;
	readonly toDays?: number;
}

const DAY_MS = 86_400_000;
const clock = systemClock();

/** Object identifiers by what they are called here. */
export const OID = {
	commonName: "2.5.4.3",
	keyUsage: "2.5.29.15",
	subjectAltName: "2.5.29.17",
	basicConstraints: "2.5.29.19",
	crlNumber: "2.5.29.20",
	nameConstraints: "2.5.29.30",
	extendedKeyUsage: "2.5.29.37",
	server: "1.3.6.1.5.5.7.3.1",
	client: "1.3.6.1.5.5.7.3.2",
	/** For examples and documents (RFC 5612): nothing knows it. */
	padding: "1.3.6.1.4.1.32473.1",
	sha256: "2.16.840.1.101.3.4.2.1",
	mgf1: "1.2.840.113549.1.1.8",
} as const;

const NULL = tagged(0x05);
const SHA256 = sequence(oid(OID.sha256), NULL);
/** RFC 4055 section 3.1: SHA-256 for both hashes and a salt of 32 bytes. */
const PSS = sequence(
	oid("1.2.840.113549.1.1.10"),
	sequence(
		tagged(0xa0, SHA256),
		tagged(0xa1, sequence(oid(OID.mgf1), SHA256)),
		tagged(0xa2, integer(Buffer.from([32]))),
	),
);

/** Signature algorithm and hash by the signer's key type, and by how it shall sign. */
const SIGNATURES = {
	ec: {
		sha256: { id: sequence(oid("1.2.840.10045.4.3.2")), hash: "sha256" },
		sha1: { id: sequence(oid("1.2.840.10045.4.1")), hash: "sha1" },
	},
	rsa: {
		sha256: {
			id: sequence(oid("1.2.840.113549.1.1.11"), NULL),
			hash: "sha256",
		},
		sha1: { id: sequence(oid("1.2.840.113549.1.1.5"), NULL), hash: "sha1" },
		pss: { id: PSS, hash: "sha256" },
	},
	"rsa-pss": { sha256: { id: PSS, hash: "sha256" } },
	ed25519: { sha256: { id: sequence(oid("1.3.101.112")), hash: null } },
} as const satisfies Record<
	string,
	Partial<
		Record<SignatureKind, { readonly id: Buffer; readonly hash: string | null }>
	>
>;

const CURVES: Readonly<Record<string, string>> = {
	p256: "prime256v1",
	p384: "secp384r1",
	p521: "secp521r1",
	secp256k1: "secp256k1",
};
const RSA_BITS: Readonly<Record<string, number>> = {
	rsa: 2048,
	rsa1024: 1024,
	rsa4096: 4096,
};

/** A new private key of that kind; a key that is there already stays. */
export function newKey(kind: KeyKind | KeyObject): KeyObject {
	if (typeof kind !== "string") return kind;
	if (kind === "ed25519") return generateKeyPairSync("ed25519").privateKey;
	if (kind === "rsapss")
		return generateKeyPairSync("rsa-pss", { modulusLength: 2048 }).privateKey;
	const modulusLength = RSA_BITS[kind];
	return modulusLength === undefined
		? generateKeyPairSync("ec", { namedCurve: CURVES[kind] ?? kind }).privateKey
		: generateKeyPairSync("rsa", { modulusLength }).privateKey;
}

const nameOf = (commonName: string): Buffer =>
	sequence(setOf(sequence(oid(OID.commonName), utf8(commonName))));

/** One extension (RFC 5280 section 4.2). */
export const extension = (
	id: string,
	critical: boolean,
	value: Buffer,
): Buffer =>
	sequence(oid(id), ...(critical ? [truth(true)] : []), octets(value));

const IS_AUTHORITY = [
	extension(OID.basicConstraints, true, sequence(truth(true))),
	// keyCertSign and cRLSign.
	extension(OID.keyUsage, true, bits(Buffer.from([0x06]), 1)),
];

/** Nothing, or one extension that large. */
export const padding = (bytes: number): Buffer[] =>
	bytes > 0 ? [extension(OID.padding, false, octets(randomBytes(bytes)))] : [];

const subtrees = (tag: number, names: readonly string[]): Buffer[] =>
	names.length === 0
		? []
		: [
				tagged(
					tag,
					...names.map((name) =>
						sequence(tagged(0x82, Buffer.from(name, "latin1"))),
					),
				),
			];

/** What makes a certificate an authority's. */
export function authorityExtensions(wish: IntermediateWish = {}): Buffer[] {
	const { permitted = [], excluded = [], paddingBytes = 0 } = wish;
	const constraints = [
		...subtrees(0xa0, permitted),
		...subtrees(0xa1, excluded),
	];
	return [
		...IS_AUTHORITY,
		...(constraints.length === 0
			? []
			: [extension(OID.nameConstraints, true, sequence(...constraints))]),
		...padding(paddingBytes),
	];
}

/** What is certified. */
interface Body {
	readonly subject: string;
	readonly key: KeyObject;
	readonly fromDays: number;
	readonly toDays: number;
	readonly extensions: readonly Buffer[];
	readonly signature?: SignatureKind | undefined;
}

/** Who signs: a name as issuer, and its key. */
export interface Signer {
	readonly name: string;
	readonly key: KeyObject;
}

const daysFromNow = (days: number): Buffer =>
	time(clock.wallMs() + days * DAY_MS);

interface Algorithm {
	readonly id: Buffer;
	readonly hash: string | null;
}

function algorithmOf(signer: Signer, kind: SignatureKind): Algorithm {
	const type = signer.key.asymmetricKeyType as keyof typeof SIGNATURES;
	const known: Partial<Record<SignatureKind, Algorithm>> = SIGNATURES[type];
	const algorithm = known[kind];
	if (algorithm === undefined)
		throw new Error(`a key of the kind ${type} does not sign with ${kind}`);
	return algorithm;
}

/** The signed structure that certificates and revocation lists have in common. */
function signed(
	signer: Signer,
	{ id, hash }: Algorithm,
	body: Buffer,
	label: string,
): string {
	const key =
		id === PSS
			? {
					key: signer.key,
					padding: constants.RSA_PKCS1_PSS_PADDING,
					saltLength: 32,
				}
			: signer.key;
	const der = sequence(body, id, bits(sign(hash, body, key)));
	const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
	return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}

/** A certificate, PEM. Throws when the signer's key cannot sign that way. */
export function certify(signer: Signer, body: Body): string {
	const algorithm = algorithmOf(signer, body.signature ?? "sha256");
	const serial = randomBytes(8);
	serial[0] = 0x40;
	const toBeSigned = sequence(
		tagged(0xa0, integer(Buffer.from([2]))),
		integer(serial),
		algorithm.id,
		nameOf(signer.name),
		sequence(daysFromNow(body.fromDays), daysFromNow(body.toDays)),
		nameOf(body.subject),
		createPublicKey(body.key).export({ type: "spki", format: "der" }),
		tagged(0xa3, sequence(...body.extensions)),
	);
	return signed(signer, algorithm, toBeSigned, "CERTIFICATE");
}

/** A revocation list (RFC 5280 section 5.1) of these certificates, PEM. */
export function revocationList(
	signer: Signer,
	revoked: readonly string[],
	{ fromDays = -1, toDays = 30 }: RevocationWish,
): string {
	const algorithm = algorithmOf(signer, "sha256");
	const entries = revoked.map((certPem) =>
		sequence(
			integer(Buffer.from(new X509Certificate(certPem).serialNumber, "hex")),
			daysFromNow(fromDays),
		),
	);
	const body = sequence(
		integer(Buffer.from([1])),
		algorithm.id,
		nameOf(signer.name),
		daysFromNow(fromDays),
		daysFromNow(toDays),
		...(entries.length > 0 ? [sequence(...entries)] : []),
		tagged(
			0xa0,
			sequence(extension(OID.crlNumber, false, integer(Buffer.from([1])))),
		),
	);
	return signed(signer, algorithm, body, "X509 CRL");
}
