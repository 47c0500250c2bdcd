// What is allowed but likely to be refused by an agent: told at the import and in the window, never a reason to refuse it here.
import { X509Certificate } from "node:crypto";
import type { Identity } from "../ports.ts";
import { child, Malformed, oidOf, readTree, TAG } from "./berTree.ts";
import { describeChain } from "./describe.ts";

const CERTIFICATE =
	/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

const certificatesIn = (pem: string): X509Certificate[] =>
	(pem.match(CERTIFICATE) ?? []).map((one) => new X509Certificate(one));

/** Sentences about an identity that `readIdentity` made; empty when there is nothing to say. */
export function identityNotes({ certificateChain, ca }: Identity): string[] {
	const chain = certificatesIn(certificateChain);
	const [leaf] = chain;
	const last = chain.at(-1);
	if (leaf === undefined || last === undefined) return [];
	const isWhole =
		last.checkIssued(last) ||
		certificatesIn(ca).some((one) => last.checkIssued(one));
	const { issuer } = describeChain(last.toString(), "");
	return [
		...(isWhole
			? []
			: [
					`the certificate of its issuer (${issuer}) is not among the files; if that is no root, agents cannot verify this identity without it`,
				]),
		...(maySign(leaf.raw)
			? []
			: [
					"its key usage does not allow digital signatures, which TLS needs; strict agents refuse it",
				]),
	];
}

const KEY_USAGE = "2.5.29.15";

/** Whether the key usage is absent or has digitalSignature, its first bit (RFC 5280 section 4.2.1.3). */
function maySign(der: Buffer): boolean {
	try {
		const body = child(readTree(der), 0, TAG.sequence);
		const extensions = body.children.find(
			({ isContext, tag }) => isContext && tag === 3,
		);
		if (extensions === undefined) return true;
		const usage = child(extensions, 0).children.find(
			(one) => oidOf(child(one, 0)) === KEY_USAGE,
		);
		const value = usage?.children.at(-1);
		if (value === undefined) return true;
		// The first byte of a bit string counts its unused bits.
		return ((readTree(value.bytes).bytes[1] ?? 0) & 0x80) !== 0;
	} catch (error) {
		if (error instanceof Malformed) return true;
		throw error;
	}
}
