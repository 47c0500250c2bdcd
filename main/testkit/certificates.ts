// Throw-away certificates for tests: one root per call, and leaves as good or as broken as a test wants them, of every key
// kind. Nothing is written to disk, nothing is reused between tests.
import type { KeyObject } from "node:crypto";
import { describeChain } from "../core/identity/describe.ts";
import type { Identity } from "../core/ports.ts";
import { bits, oid, sequence, tagged, truth } from "../demo/der.ts";
import {
	authorityExtensions,
	certify,
	extension,
	type IntermediateWish,
	type KeyKind,
	newKey,
	OID,
	padding,
	type RevocationWish,
	revocationList,
	type SignatureKind,
	type Signer,
} from "./x509.ts";

/** What a leaf shall be. Everything has an ordinary default. */
export interface LeafWish {
	readonly commonName?: string;
	/** Empty: no subject alternative names at all, like hand-made certificates. */
	readonly names?: readonly string[];
	readonly ips?: readonly string[];
	/** A kind, or a key that is there already. */
	readonly key?: KeyKind | KeyObject;
	/** Days from now; negative is in the past. */
	readonly fromDays?: number;
	readonly toDays?: number;
	/** null: no extended key usage extension. */
	readonly purpose?: "server" | "client" | null;
	readonly signature?: SignatureKind;
	/** Says of itself that it is an authority, and may sign certificates. */
	readonly isAuthority?: boolean;
	/** Makes the certificate this much larger, by an extension that nobody has to understand. */
	readonly paddingBytes?: number;
}

/** A certificate with its key. */
export interface Issued {
	/** The leaf first, where it comes with intermediates. */
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
	intermediate(commonName: string, wish?: IntermediateWish): TestAuthority;
	/** A revocation list of this authority, PEM. */
	revoke(revoked: readonly Issued[], wish?: RevocationWish): string;
}

function leafExtensions(wish: LeafWish): Buffer[] {
	const { purpose = "server", names = ["agent.fleet.test"], ips = [] } = wish;
	const list =
		wish.isAuthority === true
			? [
					extension(OID.basicConstraints, true, sequence(truth(true))),
					// digitalSignature, keyCertSign and cRLSign.
					extension(OID.keyUsage, true, bits(Buffer.from([0x86]), 1)),
				]
			: [
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
	return [...list, ...padding(wish.paddingBytes ?? 0)];
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
			signature: wish.signature,
		}),
	};
}

function authorityOf(self: Signer, certPem: string): TestAuthority {
	return {
		certPem,
		issue: (wish = {}) => issueLeaf(self, wish),
		revoke: (revoked, wish = {}) =>
			revocationList(
				self,
				revoked.map((one) => one.certPem),
				wish,
			),
		intermediate(name, wish = {}) {
			const key = newKey(wish.key ?? "p256");
			return authorityOf(
				{ name, key },
				certify(self, {
					subject: name,
					key,
					fromDays: -1,
					toDays: 1825,
					extensions: authorityExtensions(wish),
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
