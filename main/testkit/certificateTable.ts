// Every kind of certificate that an agent or a console may show, with how it is made and what must come of it: the one table
// behind the test of the matrix and behind docs/certificates.md. It runs nothing.
import {
	type CertificateRow,
	chained,
	constrained,
	issued,
	ofKey,
	otherSide,
} from "./certificateRow.ts";
import { createTestAuthority, selfSigned } from "./certificates.ts";

const LIVE = { server: "live", files: "ok", client: "live" } as const;
/** A key that the console knows to be useless. */
const UNUSABLE = {
	files: "identity.invalid",
	client: "identity.invalid",
} as const;
/** An agent's verdict on the console's certificate. */
const REJECTED = { files: "ok", client: "tls.client-rejected" } as const;

const TIME_AND_NAME: readonly CertificateRow[] = [
	{
		kind: "valid",
		why: "ECDSA P-256, the host’s name among its subject alternative names",
		...LIVE,
		make: ({ root }, ordinary) => issued(root.issue(ordinary)),
	},
	{
		kind: "expired",
		why: "its last day has passed; of its own certificate the console knows that before it dials",
		server: "tls.server-expired",
		files: "ok",
		client: "tls.client-expired",
		make: ({ root }, ordinary) =>
			issued(root.issue({ ...ordinary, fromDays: -30, toDays: -1 })),
	},
	{
		kind: "not yet valid",
		why: "its first day is still to come: often a wrong clock",
		server: "tls.server-not-yet-valid",
		files: "ok",
		client: "tls.client-expired",
		make: ({ root }, ordinary) =>
			issued(root.issue({ ...ordinary, fromDays: 2 })),
	},
	{
		kind: "of another name",
		why: "agents do not look at the name in a console’s certificate",
		...LIVE,
		server: "tls.name-mismatch",
		make: ({ root }, ordinary) =>
			issued(root.issue({ ...ordinary, names: ["elsewhere.test"] })),
	},
	{
		kind: "with an address only",
		why: "it does not prove the host’s name",
		...LIVE,
		server: "tls.name-mismatch",
		make: ({ root }, ordinary) =>
			issued(
				root.issue({
					...ordinary,
					names: [],
					ips: ["127.0.0.1"],
					commonName: "127.0.0.1",
				}),
			),
	},
	{
		kind: "with an address only, and the host is known by it",
		why: "an address as `servername` is looked for among the addresses",
		...LIVE,
		byAddress: true,
		make: ({ root }, ordinary) =>
			issued(root.issue({ ...ordinary, names: [], ips: ["127.0.0.1"] })),
	},
	{
		kind: "with the name only, and the host is known by its address",
		why: "an address is never proven by a name",
		...LIVE,
		server: "tls.name-mismatch",
		byAddress: true,
		make: ({ root }, ordinary) => issued(root.issue(ordinary)),
	},
	{
		kind: "with a common name only, not the host’s",
		why: "no subject alternative names: what the agents’ own guide makes by hand",
		...LIVE,
		server: "tls.name-mismatch",
		make: ({ root }, ordinary) =>
			issued(
				root.issue({ ...ordinary, names: [], commonName: "linux-patch-api" }),
			),
	},
	{
		kind: "with a common name only, the host’s",
		why: "set `servername` to the common name to use a certificate made by hand",
		...LIVE,
		make: ({ root }, ordinary) =>
			issued(root.issue({ ...ordinary, names: [] })),
	},
	{
		kind: "with 200 names",
		why: "the host’s is the last of them",
		...LIVE,
		make: ({ root }, ordinary) =>
			issued(
				root.issue({
					...ordinary,
					names: [
						...Array.from({ length: 199 }, (_, n) => `host-${n}.fleet.test`),
						...(ordinary.names ?? []),
					],
				}),
			),
	},
];

const ISSUER: readonly CertificateRow[] = [
	{
		kind: "self-signed",
		why: "vouches for itself",
		server: "tls.self-signed",
		...REJECTED,
		make: (_issuers, ordinary) => issued(selfSigned(ordinary)),
	},
	{
		kind: "of another authority",
		why: "issued by a root that the other side does not have",
		server: "tls.unknown-ca",
		...REJECTED,
		make: (_issuers, ordinary) =>
			issued(createTestAuthority("Other Root").issue(ordinary)),
	},
	{
		kind: "of another authority, root sent along",
		why: "who sends a root does not become trusted by it",
		server: "tls.unknown-ca",
		...REJECTED,
		make(_issuers, ordinary) {
			const other = createTestAuthority("Other Root");
			return issued(chained(other.issue(ordinary), other));
		},
	},
	{
		kind: "of another authority with the same name",
		why: "the signature decides, not the name of the issuer",
		server: "tls.unknown-ca",
		...REJECTED,
		make: (_issuers, ordinary) => issued(createTestAuthority().issue(ordinary)),
	},
	{
		kind: "without its intermediate",
		why: "the chain that is sent does not reach the root",
		server: "tls.unknown-ca",
		...REJECTED,
		make: ({ root }, ordinary) =>
			issued(root.intermediate("Not sent").issue(ordinary)),
	},
	{
		kind: "with a chain of more than 8 KB",
		why: "two large intermediates and a large leaf",
		...LIVE,
		make({ root }, ordinary) {
			const paddingBytes = 2_500;
			const upper = root.intermediate("Upper", { paddingBytes });
			const lower = upper.intermediate("Lower", { paddingBytes });
			const leaf = lower.issue({ ...ordinary, paddingBytes });
			return issued(chained(leaf, lower, upper));
		},
	},
	{
		kind: "below an authority that is no authority",
		why: "issued with the key of an ordinary certificate",
		server: "tls.server-invalid",
		...REJECTED,
		make({ root }, ordinary) {
			const posing = root.issue({ ...ordinary, commonName: "Posing" });
			const below = root.intermediate("Posing", { key: posing.key });
			const leaf = below.issue(ordinary);
			return issued({ ...leaf, certPem: leaf.certPem + posing.certPem });
		},
	},
	{
		kind: "name-constrained, permitted",
		why: "its issuer may certify names below fleet.test",
		...LIVE,
		make: constrained("permitted", "fleet.test"),
	},
	{
		kind: "name-constrained, not permitted",
		why: "its issuer may certify names below another domain only",
		server: "tls.server-invalid",
		...REJECTED,
		make: constrained("permitted", "office.test"),
	},
	{
		kind: "name-constrained, excluded",
		why: "its issuer may certify anything but names below fleet.test",
		server: "tls.server-invalid",
		...REJECTED,
		make: constrained("excluded", "fleet.test"),
	},
];

const PURPOSE_AND_SIGNATURE: readonly CertificateRow[] = [
	{
		kind: "for the other side",
		why: "an agent’s without serverAuth, a console’s without clientAuth",
		server: "tls.server-invalid",
		files: "identity.invalid",
		client: "tls.client-rejected",
		make: ({ root }, ordinary) =>
			issued(root.issue({ ...ordinary, purpose: otherSide(ordinary) })),
	},
	{
		kind: "without a purpose",
		why: "no extended key usage means any",
		...LIVE,
		make: ({ root }, ordinary) =>
			issued(root.issue({ ...ordinary, purpose: null })),
	},
	{
		kind: "an authority’s",
		why: "a certificate that may issue others, used as an ordinary one: unwise, but TLS allows it",
		...LIVE,
		make: ({ root }, ordinary) =>
			issued(root.issue({ ...ordinary, isAuthority: true })),
	},
	{
		kind: "signed with SHA-1",
		why: "OpenSSL’s security level 2 wants 112 bits, SHA-1 has fewer",
		server: "tls.server-invalid",
		...REJECTED,
		make: ({ root }, ordinary) =>
			issued(root.issue({ ...ordinary, signature: "sha1" })),
	},
	{
		kind: "signed with RSA PKCS #1",
		why: "its issuer has an RSA key",
		...LIVE,
		make: ({ rsa }, ordinary) => issued(chained(rsa.issue(ordinary), rsa)),
	},
	{
		kind: "signed with RSA-PSS",
		why: "the key may be of any kind; only its issuer signs with PSS",
		...LIVE,
		make: ({ rsa }, ordinary) =>
			issued(chained(rsa.issue({ ...ordinary, signature: "pss" }), rsa)),
	},
];

const KEY: readonly CertificateRow[] = [
	{
		kind: "RSA 1024",
		why: "OpenSSL’s security level 2 wants 2048 bits",
		server: "tls.server-invalid",
		...UNUSABLE,
		make: ofKey("rsa1024"),
	},
	{ kind: "RSA 2048", why: "", ...LIVE, make: ofKey("rsa") },
	{
		kind: "RSA 4096",
		why: "",
		...LIVE,
		make: (issuers, ordinary) =>
			issued(issuers.root.issue({ ...ordinary, key: issuers.rsa4096() })),
	},
	{
		kind: "RSA-PSS key",
		why: "a key that may only sign with PSS is not offered, because BoringSSL in the window does not know it",
		server: "tls.protocol",
		...UNUSABLE,
		make: ofKey("rsapss"),
	},
	{ kind: "ECDSA P-256", why: "", ...LIVE, make: ofKey("p256") },
	{ kind: "ECDSA P-384", why: "", ...LIVE, make: ofKey("p384") },
	{ kind: "ECDSA P-521", why: "", ...LIVE, make: ofKey("p521") },
	{
		kind: "ECDSA secp256k1",
		why: "a curve that TLS does not use for signatures",
		server: "tls.protocol",
		...UNUSABLE,
		make: ofKey("secp256k1"),
	},
	{ kind: "Ed25519", why: "", ...LIVE, make: ofKey("ed25519") },
];

const REVOCATION: readonly CertificateRow[] = [
	{
		kind: "revoked",
		why: "on the list of its issuer",
		server: "tls.server-revoked",
		...REJECTED,
		make({ root }, ordinary) {
			const one = root.issue(ordinary);
			return { issued: one, lists: root.revoke([one]) };
		},
	},
	{
		kind: "not revoked",
		why: "another one is on the list of its issuer",
		...LIVE,
		make: ({ root }, ordinary) => ({
			issued: root.issue(ordinary),
			lists: root.revoke([root.issue()]),
		}),
	},
	{
		kind: "with an expired list",
		why: "who gives a list expects it to hold, and an old one does not know the newest revocations",
		server: "tls.revocation-unknown",
		...REJECTED,
		make: ({ root }, ordinary) => ({
			issued: root.issue(ordinary),
			lists: root.revoke([], { fromDays: -9, toDays: -1 }),
		}),
	},
	{
		kind: "below an issuer without a list",
		why: "with a list in use every issuer of the chain needs one",
		server: "tls.revocation-unknown",
		...REJECTED,
		make({ root }, ordinary) {
			const below = root.intermediate("Without a list");
			return {
				issued: chained(below.issue(ordinary), below),
				lists: root.revoke([]),
			};
		},
	},
];

/** All of them, by what is special about them. */
export const CERTIFICATE_TABLE: readonly (readonly [
	string,
	readonly CertificateRow[],
])[] = [
	["Time and name", TIME_AND_NAME],
	["Issuer", ISSUER],
	["Purpose and signature", PURPOSE_AND_SIGNATURE],
	["Key", KEY],
	["Revocation lists", REVOCATION],
];
