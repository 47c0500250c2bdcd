// Identities as people have them in files, good and bad.
import { X509Certificate } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import type { FaultCode } from "../../../shared/fault.ts";
import {
	createTestAuthority,
	type Issued,
} from "../../testkit/certificates.ts";
import type { KeyKind } from "../../testkit/x509.ts";
import { readIdentity } from "./fromFiles.ts";

const folder = mkdtempSync(join(tmpdir(), "foredeck-identity-"));
afterAll(() => rmSync(folder, { recursive: true }));

const authority = createTestAuthority();
const client = authority.issue({ commonName: "console", purpose: "client" });
const rsa = authority.issue({
	commonName: "console",
	purpose: "client",
	key: "rsa",
});

let files = 0;
const file = (content: string | Buffer): string => {
	const path = join(folder, `${files++}.pem`);
	writeFileSync(path, content);
	return path;
};
const ca = file(authority.certPem);

const read = (
	cert: string | Buffer,
	key: string | Buffer,
	passphrase?: string,
) =>
	readIdentity({
		cert: file(cert),
		key: file(key),
		ca,
		...(passphrase === undefined ? {} : { passphrase }),
	});

function identityOf(result: ReturnType<typeof readIdentity>) {
	if (!result.ok) throw new Error(result.fault.sentence);
	return result.value;
}

function faultOf(result: ReturnType<typeof readIdentity>) {
	if (result.ok) throw new Error("a fault was expected");
	return result.fault;
}

const encrypted = ({ key }: Issued, cipher = "aes-256-cbc"): string =>
	key
		.export({ type: "pkcs8", format: "pem", cipher, passphrase: "sesame" })
		.toString();

describe("a good identity", () => {
	test("is read with its facts", () => {
		const identity = identityOf(read(client.certPem, client.keyPem));
		expect(identity.facts).toMatchObject({
			subject: "CN=console",
			issuer: "CN=Test Root",
			fingerprint256: new X509Certificate(client.certPem).fingerprint256,
			home: "files for this run",
		});
		expect(identity.facts.expiresAt).toBeGreaterThan(identity.facts.validFrom);
		expect(identity.certificateChain).toBe(client.certPem);
		expect(identity.ca).toBe(authority.certPem);
	});

	test.each<[string, string]>([
		["PKCS#8", client.keyPem],
		["SEC1", client.key.export({ type: "sec1", format: "pem" }).toString()],
	])("may have its key as %s", (_form, pem) => {
		expect(identityOf(read(client.certPem, pem)).privateKey).toBe(
			client.keyPem,
		);
	});

	test("may have an RSA key as PKCS#1", () => {
		const pem = rsa.key.export({ type: "pkcs1", format: "pem" }).toString();
		expect(identityOf(read(rsa.certPem, pem)).privateKey).toBe(rsa.keyPem);
	});

	test.each<KeyKind>(["p521", "ed25519"])(
		"may have a key of the kind %s",
		(key) => {
			const issued = authority.issue({ purpose: "client", key });
			expect(read(issued.certPem, issued.keyPem).ok).toBe(true);
		},
	);

	test("may have an encrypted key, which is kept decrypted in memory only", () => {
		const identity = identityOf(
			read(client.certPem, encrypted(client), "sesame"),
		);
		expect(identity.privateKey).toBe(client.keyPem);
	});

	test("may have its key encrypted in the old way of OpenSSL", () => {
		const pem = rsa.key
			.export({
				type: "pkcs1",
				format: "pem",
				cipher: "aes-128-cbc",
				passphrase: "sesame",
			})
			.toString();
		expect(pem).toContain("Proc-Type: 4,ENCRYPTED");
		expect(identityOf(read(rsa.certPem, pem, "sesame")).privateKey).toBe(
			rsa.keyPem,
		);
	});

	test("may be one joint file, with remarks, Windows line ends and EC parameters", () => {
		const joint = `Bag Attributes\n    friendlyName: me\n${client.keyPem}-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n# mine\n${client.certPem}`;
		const path = file(joint.replaceAll("\n", "\r\n"));
		const identity = identityOf(readIdentity({ cert: path, key: path, ca }));
		expect(identity.privateKey).toBe(client.keyPem);
		expect(identity.certificateChain).toBe(client.certPem);
	});

	test("has its chain put in order, without root and strangers", () => {
		const middle = authority.intermediate("Middle");
		const lower = middle.intermediate("Lower");
		const leaf = lower.issue({ commonName: "deep", purpose: "client" });
		const stranger = createTestAuthority("Stranger").certPem;
		const mixed = [
			stranger,
			authority.certPem,
			middle.certPem,
			leaf.certPem,
			lower.certPem,
		];
		const identity = identityOf(read(mixed.join("\n"), leaf.keyPem));
		expect(identity.certificateChain).toBe(
			leaf.certPem + lower.certPem + middle.certPem,
		);
		expect(identity.facts.subject).toBe("CN=deep");
	});

	test("may be expired: that is told before dialing, with the day", () => {
		const old = authority.issue({
			purpose: "client",
			fromDays: -30,
			toDays: -1,
		});
		expect(read(old.certPem, old.keyPem).ok).toBe(true);
	});

	test("may say nothing about its purpose", () => {
		const plain = authority.issue({ purpose: null });
		expect(read(plain.certPem, plain.keyPem).ok).toBe(true);
	});

	test("may trust several authorities", () => {
		const both = file(
			createTestAuthority("Second").certPem + authority.certPem,
		);
		const identity = identityOf(
			readIdentity({
				cert: file(client.certPem),
				key: file(client.keyPem),
				ca: both,
			}),
		);
		expect(identity.ca.match(/BEGIN CERTIFICATE/g)).toHaveLength(2);
	});

	test("keeps the revocation lists of its CA file, every one of them", () => {
		const second = createTestAuthority("Second");
		const lists = [authority.revoke([client]), second.revoke([])];
		const identity = identityOf(
			readIdentity({
				cert: file(client.certPem),
				key: file(client.keyPem),
				ca: file(lists.join("# remark\n") + authority.certPem + second.certPem),
			}),
		);
		expect(identity.ca).toBe(
			authority.certPem + second.certPem + lists.join(""),
		);
	});
});

describe("a bad identity", () => {
	const expectFault = (
		result: ReturnType<typeof readIdentity>,
		code: FaultCode,
		sentence: RegExp,
	): void => {
		const fault = faultOf(result);
		expect(fault.code).toBe(code);
		expect(fault.sentence).toMatch(sentence);
		expect(JSON.stringify(fault)).not.toMatch(/BEGIN|sesame/);
	};
	const nothing = join(folder, "nothing.key");

	test("whose file is not there says which and why", () => {
		const result = readIdentity({
			cert: file(client.certPem),
			key: nothing,
			ca,
		});
		expect(faultOf(result).sentence).toBe(
			`cannot read ${nothing}: no such file`,
		);
		expect(faultOf(result).code).toBe("identity.unreadable");
	});

	test("whose file is a folder says so", () => {
		const result = readIdentity({ cert: folder, key: nothing, ca });
		expectFault(result, "identity.unreadable", /it is a directory$/);
	});

	test("whose file is not PEM, too large, damaged or without the part says so", () => {
		const unreadable = "identity.unreadable";
		expectFault(
			read(Buffer.from([0x30, 0x82]), client.keyPem),
			unreadable,
			/it is neither PEM nor DER nor PKCS#12$/,
		);
		expectFault(
			read("x".repeat(1_048_577), client.keyPem),
			unreadable,
			/larger than 1 MiB/,
		);
		expectFault(
			read(client.keyPem, client.keyPem),
			unreadable,
			/no certificate in it$/,
		);
		expectFault(
			read(client.certPem, client.certPem),
			unreadable,
			/no private key in it$/,
		);
		const damaged = (pem: string): string =>
			pem.replace(/[A-Za-z0-9]{8}/g, "AAAAAAAA");
		expectFault(
			read(client.certPem.replace(/\n[^-]{40}/, "\nAAAA"), client.keyPem),
			unreadable,
			/a certificate in it is damaged$/,
		);
		expectFault(
			read(client.certPem, damaged(client.keyPem)),
			unreadable,
			/private key in it is damaged|not PEM/,
		);
	});

	test("whose authority file has no certificate says so", () => {
		const result = readIdentity({
			cert: file(client.certPem),
			key: file(client.keyPem),
			ca: file(client.keyPem),
		});
		expectFault(result, "identity.unreadable", /no certificate in it$/);
	});

	test("whose CA file has a damaged revocation list says so", () => {
		const list = authority.revoke([]).replace(/\n[^-]{40}/, "\nAAAA");
		const result = readIdentity({
			cert: file(client.certPem),
			key: file(client.keyPem),
			ca: file(authority.certPem + list),
		});
		expectFault(
			result,
			"identity.unreadable",
			/revocation list in it is damaged$/,
		);
	});

	test("whose passphrase is missing or wrong says which of the two", () => {
		const pem = encrypted(client);
		expectFault(
			read(client.certPem, pem),
			"identity.passphrase",
			/no passphrase was given$/,
		);
		expectFault(
			read(client.certPem, pem, ""),
			"identity.passphrase",
			/no passphrase was given$/,
		);
		expectFault(
			read(client.certPem, pem, "open"),
			"identity.passphrase",
			/does not open the key/,
		);
	});

	test("whose key is another one's is a mismatch", () => {
		expect(faultOf(read(client.certPem, rsa.keyPem)).code).toBe(
			"identity.mismatch",
		);
	});

	test("whose certificate is for servers only is invalid", () => {
		const issued = authority.issue();
		expectFault(
			read(issued.certPem, issued.keyPem),
			"identity.invalid",
			/clientAuth/,
		);
	});

	test.each<[KeyKind, RegExp]>([
		["rsa1024", /1024 bits/],
		["secp256k1", /secp256k1/],
	])("whose key is %s is invalid, with what works", (key, sentence) => {
		const issued = authority.issue({ purpose: "client", key });
		expectFault(
			read(issued.certPem, issued.keyPem),
			"identity.invalid",
			sentence,
		);
	});
});
