// What a row of the table of certificates is, and the pieces that rows are made of.
import type { KeyObject } from "node:crypto";
import type { FaultCode } from "../../shared/fault.ts";
import {
	createTestAuthority,
	type Issued,
	type LeafWish,
	type TestAuthority,
} from "./certificates.ts";
import { newKey } from "./x509.ts";

/** What becomes of the link: it is live, or it shows this fault. */
export type Verdict = "live" | FaultCode;

/** What certificates are made of. */
export interface Issuers {
	/** The one that both sides trust. */
	readonly root: TestAuthority;
	/** Below it, with an RSA key; nobody has it, so it must be sent. */
	readonly rsa: TestAuthority;
	/** Generating it takes a second, so it is made once. */
	readonly rsa4096: () => KeyObject;
}

/** A certificate with all that is sent with it. */
export interface Shown {
	/** Leaf first. */
	readonly issued: Issued;
	/** Revocation lists for whoever judges it. */
	readonly lists?: string;
}

export interface CertificateRow {
	readonly kind: string;
	/** What is special about it, or why it ends as it does. */
	readonly why: string;
	/** As an agent's: over TLS 1.2 and over TLS 1.3. */
	readonly server: Verdict | readonly [Verdict, Verdict];
	/** As the console's: what reading it from files says. */
	readonly files: "ok" | FaultCode;
	/** As the console's, when it is used all the same, for instance out of the keychain. */
	readonly client: Verdict | readonly [Verdict, Verdict];
	/** The host is to be known by its address instead of its name. */
	readonly byAddress?: true;
	/** `ordinary` is a good leaf of the side in question; what a row does not touch stays as it is. */
	readonly make: (issuers: Issuers, ordinary: LeafWish) => Shown;
}

/** Faults that are told without a dial: the console knows its own certificate. */
export const TOLD_BEFORE_DIALING: ReadonlySet<Verdict> = new Set<Verdict>([
	"tls.client-expired",
	"identity.invalid",
]);

/** Alone, and nothing is known of revocations. */
export const issued = (one: Issued): Shown => ({ issued: one });

/** With its intermediates behind it, as TLS wants them. */
export const chained = (
	leaf: Issued,
	...above: readonly TestAuthority[]
): Issued => ({
	...leaf,
	certPem: leaf.certPem + above.map(({ certPem }) => certPem).join(""),
});

/** A good certificate of that key. */
export const ofKey =
	(key: NonNullable<LeafWish["key"]>): CertificateRow["make"] =>
	({ root }, ordinary) =>
		issued(root.issue({ ...ordinary, key }));

/** Whom it is not for. */
export const otherSide = ({ purpose }: LeafWish): "server" | "client" =>
	purpose === "client" ? "server" : "client";

/** Issued below an authority with name constraints. */
export const constrained =
	(how: "permitted" | "excluded", subtree: string): CertificateRow["make"] =>
	({ root }, ordinary) => {
		const below = root.intermediate("Constrained", { [how]: [subtree] });
		return issued(chained(below.issue(ordinary), below));
	};

/** Issuers for one run of the table. */
export function makeIssuers(): Issuers {
	const root = createTestAuthority();
	let slow: KeyObject | null = null;
	return {
		root,
		rsa: root.intermediate("RSA Below", { key: "rsa" }),
		rsa4096() {
			slow ??= newKey("rsa4096");
			return slow;
		},
	};
}

/** The verdict over one version of TLS. */
export const verdictOver = (
	verdict: CertificateRow["server"],
	version: "1.2" | "1.3",
): Verdict =>
	typeof verdict === "string" ? verdict : verdict[version === "1.2" ? 0 : 1];
