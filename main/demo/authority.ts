// A throw-away certificate authority: ECDSA P-256, everything in memory, nothing on disk. It issues what a demo fleet
// needs, and on request what a broken fleet has: expired, nameless, self-signed. Knows nothing of agents or files.
import {
	createHash,
	createPublicKey,
	generateKeyPairSync,
	type KeyObject,
	randomBytes,
	sign,
	X509Certificate,
} from "node:crypto";
import { isIPv4 } from "node:net";
import type { Clock } from "../../shared/clock.ts";
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
} from "./der.ts";

const DAY_MS = 86_400_000;
const CA_DAYS = 3650;
/** What the real manager issues (02-AGENT-PROTOCOL section 1.1). */
const LEAF_DAYS = 365;
/** Certificates begin this long before their making, so that a clock that is a little slow accepts them. */
const BACKDATED_MS = 3_600_000;

const OID = {
	ecdsaSha256: "1.2.840.10045.4.3.2",
	commonName: "2.5.4.3",
	subjectKeyId: "2.5.29.14",
	keyUsage: "2.5.29.15",
	subjectAltName: "2.5.29.17",
	basicConstraints: "2.5.29.19",
	crlNumber: "2.5.29.20",
	authorityKeyId: "2.5.29.35",
	extendedKeyUsage: "2.5.29.37",
	serverAuth: "1.3.6.1.5.5.7.3.1",
	clientAuth: "1.3.6.1.5.5.7.3.2",
} as const;

/** Bits of the KeyUsage extension, first byte (RFC 5280 section 4.2.1.3). */
const USE_SIGNATURE = 0x80;
const USE_CERT_AND_CRL_SIGN = 0x06;

/** A certificate with its key. PEM; the key is PKCS#8. */
export interface Issued {
	readonly certPem: string;
	readonly keyPem: string;
	readonly facts: CertificateFacts;
}

/** What may be shown of a certificate. Times are epoch milliseconds. */
export interface CertificateFacts {
	readonly subject: string;
	readonly issuer: string;
	readonly names: readonly string[];
	readonly validFrom: number;
	readonly validTo: number;
	readonly serial: string;
	readonly fingerprint256: string;
}

/** What to put in a server's certificate. No `names` and no `ips`: no subjectAltName at all. Times are epoch milliseconds. */
export interface ServerRequest {
	readonly names?: readonly string[];
	readonly ips?: readonly string[];
	/** Default: the first name. */
	readonly commonName?: string;
	readonly validFrom?: number;
	readonly validTo?: number;
	/** Signed by its own key instead of by the authority. */
	readonly selfSigned?: boolean;
}

export interface ClientRequest {
	readonly commonName: string;
	readonly validFrom?: number;
	readonly validTo?: number;
}

/** A certificate authority that lives as long as this process. */
export interface Authority {
	/** The authority's own certificate. */
	readonly caPem: string;
	readonly facts: CertificateFacts;
	/** For serverAuth, on a key of its own. About 0.3 ms. */
	issueServer(request: ServerRequest): Issued;
	/** For clientAuth, on a key of its own. */
	issueClient(request: ClientRequest): Issued;
	/** A revocation list (PEM) with these serials, valid for a year. */
	issueCrl(serials: readonly string[]): string;
}

/** Where the authority's wall time comes from, and what it is called. */
export interface AuthorityOptions {
	readonly commonName?: string;
	readonly clock: Clock;
}

interface Signer {
	readonly name: string;
	readonly key: KeyObject;
	readonly keyId: Buffer;
}

interface Content {
	readonly commonName: string;
	readonly names: readonly string[];
	readonly ips: readonly string[];
	readonly usage: "ca" | "server" | "client";
	readonly validFrom: number;
	readonly validTo: number;
}

/** Makes a new authority. Its key never leaves it. */
export function createAuthority(options: AuthorityOptions): Authority {
	const name = options.commonName ?? "Foredeck demo authority";
	const ownKey = newKey();
	const self: Signer = { name, key: ownKey, keyId: keyIdOf(ownKey) };
	const from = (): number => options.clock.wallMs() - BACKDATED_MS;
	const ca = certify(self, ownKey, {
		commonName: name,
		names: [],
		ips: [],
		usage: "ca",
		validFrom: from(),
		validTo: options.clock.wallMs() + CA_DAYS * DAY_MS,
	});
	const leaf = (
		request: ServerRequest & { readonly commonName: string },
		usage: "server" | "client",
	): Issued => {
		const key = newKey();
		const signer: Signer = request.selfSigned
			? { name: request.commonName, key, keyId: keyIdOf(key) }
			: self;
		return certify(signer, key, {
			commonName: request.commonName,
			names: request.names ?? [],
			ips: request.ips ?? [],
			usage,
			validFrom: request.validFrom ?? from(),
			validTo: request.validTo ?? options.clock.wallMs() + LEAF_DAYS * DAY_MS,
		});
	};
	return {
		caPem: ca.certPem,
		facts: ca.facts,
		issueServer: (request) =>
			leaf(
				{
					...request,
					commonName:
						request.commonName ?? request.names?.[0] ?? "linux-patch-api",
				},
				"server",
			),
		issueClient: (request) => leaf(request, "client"),
		issueCrl: (serials) =>
			revocationList(self, serials, options.clock.wallMs()),
	};
}

const newKey = (): KeyObject =>
	generateKeyPairSync("ec", { namedCurve: "prime256v1" }).privateKey;
const spkiOf = (key: KeyObject): Buffer =>
	createPublicKey(key).export({ type: "spki", format: "der" });
/** Any value unique to the key serves (RFC 5280 section 4.2.1.2); this one hashes the whole key structure. */
const keyIdOf = (key: KeyObject): Buffer =>
	createHash("sha1").update(spkiOf(key)).digest();
const nameOf = (commonName: string): Buffer =>
	sequence(setOf(sequence(oid(OID.commonName), utf8(commonName))));
const ALGORITHM = sequence(oid(OID.ecdsaSha256));

function extension(id: string, critical: boolean, value: Buffer): Buffer {
	return sequence(oid(id), ...(critical ? [truth(true)] : []), octets(value));
}

function extensionsOf(
	content: Content,
	keyId: Buffer,
	signer: Signer,
): Buffer[] {
	const isCa = content.usage === "ca";
	const list = [
		extension(
			OID.basicConstraints,
			true,
			sequence(...(isCa ? [truth(true)] : [])),
		),
		extension(
			OID.keyUsage,
			true,
			isCa
				? bits(Buffer.from([USE_CERT_AND_CRL_SIGN]), 1)
				: bits(Buffer.from([USE_SIGNATURE]), 7),
		),
		extension(OID.subjectKeyId, false, octets(keyId)),
		extension(
			OID.authorityKeyId,
			false,
			sequence(tagged(0x80, Buffer.from(signer.keyId))),
		),
	];
	if (!isCa) {
		const purpose =
			content.usage === "server" ? OID.serverAuth : OID.clientAuth;
		list.push(extension(OID.extendedKeyUsage, false, sequence(oid(purpose))));
	}
	const names = [
		...content.names.map((name) => tagged(0x82, Buffer.from(name, "latin1"))),
		...content.ips.map((ip) => tagged(0x87, addressBytes(ip))),
	];
	if (names.length > 0)
		list.push(extension(OID.subjectAltName, false, sequence(...names)));
	return list;
}

function addressBytes(ip: string): Buffer {
	if (isIPv4(ip)) return Buffer.from(ip.split(".").map(Number));
	const [head = "", tail] = ip.split("::");
	const groups = (text: string): number[] =>
		text === ""
			? []
			: text.split(":").map((group) => Number.parseInt(group, 16));
	const left = groups(head);
	const right = tail === undefined ? [] : groups(tail);
	const zeros = new Array<number>(8 - left.length - right.length).fill(0);
	return Buffer.from(
		[...left, ...zeros, ...right].flatMap((word) => [word >>> 8, word & 0xff]),
	);
}

function certify(signer: Signer, key: KeyObject, content: Content): Issued {
	const body = sequence(
		tagged(0xa0, integer(Buffer.from([2]))),
		integer(newSerial()),
		ALGORITHM,
		nameOf(signer.name),
		sequence(time(content.validFrom), time(content.validTo)),
		nameOf(content.commonName),
		spkiOf(key),
		tagged(0xa3, sequence(...extensionsOf(content, keyIdOf(key), signer))),
	);
	const certificate = signed(body, signer);
	const parsed = new X509Certificate(certificate);
	return {
		certPem: pem("CERTIFICATE", certificate),
		keyPem: key.export({ type: "pkcs8", format: "pem" }).toString(),
		facts: {
			subject: `CN=${content.commonName}`,
			issuer: `CN=${signer.name}`,
			names: [...content.names, ...content.ips],
			validFrom: parsed.validFromDate.getTime(),
			validTo: parsed.validToDate.getTime(),
			serial: parsed.serialNumber,
			fingerprint256: parsed.fingerprint256,
		},
	};
}

/** 16 random bytes, positive and never with a leading zero byte, as DER wants its integers. */
function newSerial(): Buffer {
	const serial = randomBytes(16);
	serial[0] = ((serial[0] ?? 0) & 0x3f) | 0x40;
	return serial;
}

function signed(body: Buffer, signer: Signer): Buffer {
	return sequence(body, ALGORITHM, bits(sign("sha256", body, signer.key)));
}

function revocationList(
	signer: Signer,
	serials: readonly string[],
	nowMs: number,
): string {
	const entries = serials.map((serial) =>
		sequence(integer(Buffer.from(serial, "hex")), time(nowMs - BACKDATED_MS)),
	);
	const body = sequence(
		integer(Buffer.from([1])),
		ALGORITHM,
		nameOf(signer.name),
		time(nowMs - BACKDATED_MS),
		time(nowMs + LEAF_DAYS * DAY_MS),
		...(entries.length > 0 ? [sequence(...entries)] : []),
		tagged(
			0xa0,
			sequence(
				extension(
					OID.authorityKeyId,
					false,
					sequence(tagged(0x80, signer.keyId)),
				),
				extension(OID.crlNumber, false, integer(Buffer.from([1]))),
			),
		),
	);
	return pem("X509 CRL", signed(body, signer));
}

function pem(label: string, der: Buffer): string {
	const lines = der.toString("base64").match(/.{1,64}/g) ?? [];
	return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
