// What is told of an agent's certificate, and the check of its name. It works on what TLS shows during the handshake and
// keeps nothing of the connection alive: what it hands to Node lives as long as the socket.
import {
	checkServerIdentity,
	type PeerCertificate as PeerShape,
	type TLSSocket,
} from "node:tls";
import type { Evidence } from "../../../shared/fault.ts";
import { printable } from "./failure.ts";

/** What is kept of a peer's certificate. */
export type PeerCertificate = NonNullable<Evidence["certificate"]>;

/** What a handshake showed so far. */
export interface Shown {
	certificate: PeerCertificate | null;
}

/** Most names of a certificate that are kept as evidence, and their greatest length. */
export const MOST_NAMES = 20;
const NAME_CHARACTERS = 255;

const nameOf = (name: PeerFacts["subject"]): string =>
	printable(
		Object.entries(name ?? {})
			.map(([attribute, value]) => `${attribute}=${String(value)}`)
			.join(", "),
		NAME_CHARACTERS,
	);

/** An attribute that occurs several times is an array, which the types of Node leave out. */
type PeerFacts = Partial<
	Omit<PeerShape, "subject" | "issuer"> & {
		readonly subject: Readonly<Record<string, unknown>>;
		readonly issuer: Readonly<Record<string, unknown>>;
	}
>;

const MONTHS = "JanFebMarAprMayJunJulAugSepOctNovDec";

/** OpenSSL's `Nov  2 09:56:33 2026 GMT` as ISO 8601; by hand, because Date needs ten times as long, twice per connect. */
function isoDate(text: string | undefined): string {
	const [, month = "", day = "", time = "", year = ""] =
		/^(\w{3}) +(\d+) (\S+) (\d+) GMT$/.exec(text ?? "") ?? [];
	if (month === "") return "";
	const number = MONTHS.indexOf(month) / 3 + 1;
	return `${year}-${String(number).padStart(2, "0")}-${day.padStart(2, "0")}T${time}Z`;
}

/** What is kept of a peer's certificate; null when there is none. Everything in it is the peer's word: bounded and escaped. */
export function describePeer(shown: PeerFacts): PeerCertificate | null {
	if (shown.fingerprint256 === undefined) return null;
	return {
		subject: nameOf(shown.subject),
		issuer: nameOf(shown.issuer),
		names: (shown.subjectaltname?.split(", ") ?? [])
			.slice(0, MOST_NAMES)
			.map((name) => printable(name, NAME_CHARACTERS)),
		validFrom: isoDate(shown.valid_from),
		validTo: isoDate(shown.valid_to),
		fingerprint256: shown.fingerprint256,
	};
}

/** Node's check of the name, against the name we expect wherever we connected to; what it is shown goes to `shown`. */
export const nameCheck =
	(servername: string, shown: Shown): typeof checkServerIdentity =>
	(_host, certificate) => {
		shown.certificate = describePeer(certificate);
		return checkServerIdentity(servername, certificate);
	};

/**
 * Whether the chain is good, a moment before Node says so: the name's check then shows the certificate at no extra cost.
 * Undocumented, so nothing rests on it: without it every certificate is read twice, 0.1 ms each.
 */
export function isTrusted(socket: TLSSocket): boolean {
	const { _handle: handle } = socket as {
		readonly _handle?: { verifyError?(): unknown } | null;
	};
	return (
		typeof handle?.verifyError === "function" && handle.verifyError() == null
	);
}
