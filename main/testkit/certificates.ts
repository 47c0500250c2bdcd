// Throw-away certificates for tests: one root per call, and leaves as good or as broken as a test wants them, of every key
// kind. Nothing is written to disk, nothing is reused between tests.
import {
	createPublicKey,
	generateKeyPairSync,
	type KeyObject,
	randomBytes,
	sign,
} from "node:crypto";
import { systemClock } from "../../shared/clock.ts";
import { describeChain } from "../core/identity/describe.ts";
import type { Identity } from "../core/ports.ts";
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

/** The key kinds agents and people have, and one that TLS refuses. */
export type KeyKind =
	| "p256"
	| "p521"
	| "secp256k1"
	| "rsa"
	| "rsa1024"
	| "ed25519";

/** What a leaf shall be. Everything has an ordinary default. */
export interface LeafWish {
	readonly commonName?: string;
	/** Empty: no subject alternative names at all, like hand-made certificates. */
	readonly names?: readonly string[];
	readonly ips?: readonly string[];
	readonly key?: KeyKind;
	/** Days from now; negative is in the past. */
	readonly fromDays?: number;
	readonly toDays?: number;
	/** null: no extended key usage extension. */
	readonly purpose?: "server" | "client" | null;
}

/** A certificate with its key. */
export interface Issued {
	readonly certPem: string;
	/** PKCS#8. */
	readonly keyPem: string;
	readonly key: KeyObject;
}

/** A root that issues. */
export interface TestAuthority {
	readonly certPem: string;
	issue(wish?: LeafWish): Issued;
	/** An authority below this one. */
	intermediate(commonName: string): TestAuthority;
}

const DAY_MS = 86_400_000;
const clock = systemClock();

const OID = {
	commonName: "2.5.4.3",
	keyUsage: "2.5.29.15",
	subjectAltName: "2.5.29.17",
	basicConstraints: "2.5.29.19",
	extendedKeyUsage: "2.5.29.37",
	server: "1.3.6.1.5.5.7.3.1",
	client: "1.3.6.1.5.5.7.3.2",
} as const;

const NULL = tagged(0x05);
/** Signature algorithm and hash by the signer's key type. */
const SIGNATURES = {
	ec: { id: sequence(oid("1.2.840.10045.4.3.2")), hash: "sha256" },
	rsa: { id: sequence(oid("1.2.840.113549.1.1.11"), NULL), hash: "sha256" },
	ed25519: { id: sequence(oid("1.3.101.112")), hash: null },
} as const;

function newKey(kind: KeyKind): KeyObject {
	switch (kind) {
		case "rsa":
		case "rsa1024":
			return generateKeyPairSync("rsa", {
				modulusLength: kind === "rsa" ? 2048 : 1024,
			}).privateKey;
		case "ed25519":
			return generateKeyPairSync("ed25519").privateKey;
		default:
			return generateKeyPairSync("ec", {
				namedCurve: {
					p256: "prime256v1",
					p521: "secp521r1",
					secp256k1: "secp256k1",
				}[kind],
			}).privateKey;
	}
}

const nameOf = (commonName: string): Buffer =>
	sequence(setOf(sequence(oid(OID.commonName), utf8(commonName))));

const extension = (id: string, critical: boolean, value: Buffer): Buffer =>
	sequence(oid(id), ...(critical ? [truth(true)] : []), octets(value));

const authorityExtensions = (): Buffer[] => [
	extension(OID.basicConstraints, true, sequence(truth(true))),
	extension(OID.keyUsage, true, bits(Buffer.from([0x06]), 1)),
];

function leafExtensions(wish: LeafWish): Buffer[] {
	const { purpose = "server", names = ["agent.fleet.test"], ips = [] } = wish;
	const list = [
		extension(OID.basicConstraints, true, sequence()),
		extension(OID.keyUsage, true, bits(Buffer.from([0x80]), 7)),
	];
	if (purpose !== null)
		list.push(
			extension(OID.extendedKeyUsage, false, sequence(oid(OID[purpose]))),
		);
	const alternatives = [
		...names.map((name) => tagged(0x82, Buffer.from(name, "latin1"))),
		...ips.map((ip) => tagged(0x87, Buffer.from(ip.split(".").map(Number)))),
	];
	if (alternatives.length > 0)
		list.push(extension(OID.subjectAltName, false, sequence(...alternatives)));
	return list;
}

interface Body {
	readonly subject: string;
	readonly key: KeyObject;
	readonly fromDays: number;
	readonly toDays: number;
	readonly extensions: readonly Buffer[];
}

interface Signer {
	readonly name: string;
	readonly key: KeyObject;
}

const daysFromNow = (days: number): Buffer =>
	time(clock.wallMs() + days * DAY_MS);

function certify(signer: Signer, body: Body): string {
	const kind = signer.key.asymmetricKeyType as keyof typeof SIGNATURES;
	const { id, hash } = SIGNATURES[kind];
	const serial = randomBytes(8);
	serial[0] = 0x40;
	const toBeSigned = sequence(
		tagged(0xa0, integer(Buffer.from([2]))),
		integer(serial),
		id,
		nameOf(signer.name),
		sequence(daysFromNow(body.fromDays), daysFromNow(body.toDays)),
		nameOf(body.subject),
		createPublicKey(body.key).export({ type: "spki", format: "der" }),
		tagged(0xa3, sequence(...body.extensions)),
	);
	const der = sequence(
		toBeSigned,
		id,
		bits(sign(hash, toBeSigned, signer.key)),
	);
	const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
	return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

function issueLeaf(signer: Signer | null, wish: LeafWish): Issued {
	const key = newKey(wish.key ?? "p256");
	const subject = wish.commonName ?? wish.names?.[0] ?? "agent.fleet.test";
	return {
		key,
		keyPem: key.export({ type: "pkcs8", format: "pem" }).toString(),
		certPem: certify(signer ?? { name: subject, key }, {
			subject,
			key,
			fromDays: wish.fromDays ?? -1,
			toDays: wish.toDays ?? 365,
			extensions: leafExtensions(wish),
		}),
	};
}

function authorityOf(self: Signer, certPem: string): TestAuthority {
	return {
		certPem,
		issue: (wish = {}) => issueLeaf(self, wish),
		intermediate(name) {
			const key = newKey("p256");
			return authorityOf(
				{ name, key },
				certify(self, {
					subject: name,
					key,
					fromDays: -1,
					toDays: 1825,
					extensions: authorityExtensions(),
				}),
			);
		},
	};
}

/** Makes a root. */
export function createTestAuthority(
	name = "Test Root",
	kind: "p256" | "rsa" | "ed25519" = "p256",
): TestAuthority {
	const self = { name, key: newKey(kind) };
	return authorityOf(
		self,
		certify(self, {
			subject: name,
			key: self.key,
			fromDays: -1,
			toDays: 3650,
			extensions: authorityExtensions(),
		}),
	);
}

/** A leaf that vouches for itself. */
export const selfSigned = (wish: LeafWish = {}): Issued =>
	issueLeaf(null, wish);

/** A console's identity of an issued certificate and the authority it trusts. */
export const identityOf = (issued: Issued, caPem: string): Identity => ({
	certificateChain: issued.certPem,
	privateKey: issued.keyPem,
	ca: caPem,
	facts: describeChain(issued.certPem, "memory, for a test"),
});
