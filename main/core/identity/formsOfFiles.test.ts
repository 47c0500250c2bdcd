// Identities in every form that programs write (06-SECURITY section 3.6): made by the openssl command line, read by ours. What
// opens is the same PKCS#8 key and the same chain whatever it came in; what does not says what is wrong and what mends it.
import { execFileSync } from "node:child_process";
import {
	createHmac,
	pbkdf2Sync,
	randomBytes,
	sign,
	verify,
	X509Certificate,
} from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, describe, expect, test } from "vitest";
import type { FaultCode } from "../../../shared/fault.ts";
import { integer, octets, oid, sequence } from "../../demo/der.ts";
import { createTestAuthority } from "../../testkit/certificates.ts";
import { child, readTree } from "./berTree.ts";
import type { IdentityFiles } from "./fromFiles.ts";
import { readIdentity } from "./fromFiles.ts";
import { pkcs12Key } from "./pkcs12Key.ts";

const folder = mkdtempSync(join(tmpdir(), "foredeck-forms-"));
afterAll(() => rmSync(folder, { recursive: true }));
const at = (name: string): string => join(folder, name);
const keep = (name: string, content: string | Buffer): string => {
	writeFileSync(at(name), content);
	return at(name);
};
const openssl = (...args: readonly string[]): Buffer =>
	execFileSync("openssl", args, {
		cwd: folder,
		stdio: ["ignore", "pipe", "pipe"],
	});

const PASSWORD = "sésame 鍵";
const root = createTestAuthority("Fleet Root");
const middle = root.intermediate("Fleet Middle");
const client = middle.issue({
	commonName: "console",
	purpose: "client",
	key: "rsa",
});
const ec = middle.issue({ commonName: "console", purpose: "client" });
const second = middle.issue({ commonName: "other", purpose: "client" });
const server = middle.issue({ commonName: "agent", purpose: "server" });
keep("key.pem", client.keyPem);
keep("ec.key", ec.keyPem);
keep("cert.pem", client.certPem);
keep("ec.pem", ec.certPem);
keep("second.key", second.keyPem);
keep("second.pem", second.certPem);
keep("server.key", server.keyPem);
keep("server.pem", server.certPem);
keep("ca.pem", root.certPem);
keep("chain.pem", middle.certPem + root.certPem);

let files = 0;
/** A PKCS#12 file as the openssl command writes it with these options. */
function p12(
	options: readonly string[] = [],
	password = PASSWORD,
	parts = { cert: "cert.pem", key: "key.pem" },
): string {
	const out = `${files++}.p12`;
	openssl(
		"pkcs12",
		"-export",
		"-in",
		parts.cert,
		"-inkey",
		parts.key,
		"-certfile",
		"chain.pem",
		"-passout",
		`pass:${password}`,
		"-out",
		out,
		...options,
	);
	return at(out);
}
const read = (
	path: string,
	passphrase?: string,
	more: Partial<IdentityFiles> = {},
) =>
	readIdentity({
		cert: path,
		key: path,
		ca: null,
		...(passphrase === undefined ? {} : { passphrase }),
		...more,
	});

function expectIdentity(
	result: ReturnType<typeof readIdentity>,
	issued = client,
): void {
	if (!result.ok)
		throw new Error(`${result.fault.code}: ${result.fault.sentence}`);
	expect(result.value).toMatchObject({
		privateKey: issued.keyPem,
		certificateChain: issued.certPem + middle.certPem,
		ca: root.certPem,
	});
}
function expectFault(
	result: ReturnType<typeof readIdentity>,
	code: FaultCode,
	words: RegExp,
): void {
	if (result.ok) throw new Error("a fault was expected");
	expect(result.fault.code).toBe(code);
	expect(`${result.fault.sentence} ${result.fault.nextStep}`).toMatch(words);
	expect(JSON.stringify(result.fault)).not.toMatch(/BEGIN|PRIVATE|sésame/);
}

describe("PKCS#12", () => {
	test.each<[string, readonly string[]]>([
		["as OpenSSL 3 writes it: AES-256 and HMAC-SHA-256", []],
		["AES-128", ["-keypbe", "AES-128-CBC", "-certpbe", "AES-128-CBC"]],
		["AES-192", ["-keypbe", "AES-192-CBC", "-certpbe", "AES-192-CBC"]],
		["AES-256 with a SHA-512 MAC", ["-macalg", "sha512"]],
		["AES-256 with a SHA-384 MAC", ["-macalg", "sha384"]],
		["AES-256 with a SHA-1 MAC", ["-macalg", "sha1"]],
		["RC2-40 and 3DES, as old Windows and keytool write it", ["-legacy"]],
		["3DES for both", ["-legacy", "-descert"]],
		[
			"RC4-128",
			[
				"-legacy",
				"-keypbe",
				"PBE-SHA1-RC4-128",
				"-certpbe",
				"PBE-SHA1-RC4-128",
			],
		],
		[
			"RC4-40",
			["-legacy", "-keypbe", "PBE-SHA1-RC4-40", "-certpbe", "PBE-SHA1-RC4-40"],
		],
		[
			"RC2-128",
			[
				"-legacy",
				"-keypbe",
				"PBE-SHA1-RC2-128",
				"-certpbe",
				"PBE-SHA1-RC2-128",
			],
		],
		[
			"3DES with two keys",
			["-legacy", "-keypbe", "PBE-SHA1-2DES", "-certpbe", "PBE-SHA1-2DES"],
		],
		[
			"PBES1 of MD5 and DES",
			["-legacy", "-keypbe", "PBE-MD5-DES", "-certpbe", "PBE-MD5-DES"],
		],
		[
			"PBES1 of SHA-1 and RC2-64",
			["-legacy", "-keypbe", "PBE-SHA1-RC2-64", "-certpbe", "PBE-SHA1-RC2-64"],
		],
		["without a MAC", ["-nomac"]],
		["without a MAC, old", ["-nomac", "-legacy"]],
		["its certificates not encrypted", ["-certpbe", "NONE"]],
		["nothing encrypted, but a MAC", ["-certpbe", "NONE", "-keypbe", "NONE"]],
		["one round of hashing", ["-iter", "1"]],
		["600,000 rounds of hashing", ["-iter", "600000", "-maciter"]],
	])("%s opens", (_name, options) => {
		expectIdentity(read(p12(options), PASSWORD));
	});

	test("whatever it was encrypted with, the key comes out the same, an elliptic one too", () => {
		for (const options of [[], ["-legacy"], ["-macalg", "sha512"]]) {
			const path = p12(options, "x", { cert: "ec.pem", key: "ec.key" });
			expectIdentity(read(path, "x"), ec);
		}
	});

	test.each<[string, readonly string[]]>([
		["with a MAC", []],
		["without one", ["-nomac"]],
		["old", ["-legacy"]],
	])(
		"an empty password opens %s, whether it is given or not",
		(_name, options) => {
			const path = p12(options, "");
			expectIdentity(read(path, ""));
			expectIdentity(read(path));
		},
	);

	test.each<[string, readonly string[]]>([
		["PBES2", []],
		["old", ["-legacy"]],
		["without a MAC", ["-nomac"]],
		["old, without a MAC", ["-legacy", "-nomac"]],
		[
			"RC4 without a MAC, which has no padding either",
			[
				"-legacy",
				"-nomac",
				"-keypbe",
				"PBE-SHA1-RC4-128",
				"-certpbe",
				"PBE-SHA1-RC4-128",
			],
		],
	])("a wrong password says so, and so does none: %s", (_name, options) => {
		const path = p12(options);
		expectFault(
			read(path, "wrong"),
			"identity.passphrase",
			/does not open .*\.p12/,
		);
		expectFault(read(path), "identity.passphrase", /no passphrase was given/);
	});

	test.each([
		"hmacWithSHA1",
		"hmacWithSHA224",
		"hmacWithSHA256",
		"hmacWithSHA384",
		"hmacWithSHA512",
	])("PBES2 with %s opens", (prf) => {
		openssl(
			"pkcs8",
			"-topk8",
			"-v2",
			"aes-256-cbc",
			"-v2prf",
			prf,
			"-in",
			"key.pem",
			"-passout",
			`pass:${PASSWORD}`,
			"-outform",
			"DER",
			"-out",
			"prf.der",
		);
		const shrouded = readFileSync(at("prf.der"));
		const path = keep(`${prf}.p12`, withShrouded(shrouded));
		expectIdentity(read(path, PASSWORD));
	});

	test("PBMAC1 opens with its password, and with no other", () => {
		const plain = readFileSync(p12(["-nomac"]));
		const path = keep("pbmac1.p12", withPbmac1(plain, PASSWORD));
		expectIdentity(read(path, PASSWORD));
		expectFault(read(path, "wrong"), "identity.passphrase", /does not open/);
	});

	test("a file whose MAC was made with no password at all opens, which is not the same as an empty one", () => {
		const bags = [
			...keyBag(client.keyPem),
			...certBags(client.certPem + middle.certPem + root.certPem),
		];
		const content = child(child(child(readTree(pfx(bags)), 1), 1), 0).bytes;
		const salt = randomBytes(8);
		const password = Buffer.alloc(0);
		const key = pkcs12Key({ hash: "sha256", password, salt, rounds: 1 }, 3, 32);
		const mac = sequence(
			sequence(
				sequence(oid("2.16.840.1.101.3.4.2.1")),
				octets(createHmac("sha256", key).update(content).digest()),
			),
			octets(salt),
		);
		expectIdentity(read(keep("none.p12", pfx(bags, mac))));
	});

	test("behind a MAC that fits, what cannot be decrypted is damage and no wrong password", () => {
		openssl(
			...["pkcs8", "-topk8", "-v2", "aes-256-cbc", "-in", "key.pem"],
			...["-passout", "pass:another", "-outform", "DER", "-out", "other.der"],
		);
		const file = withShrouded(readFileSync(at("other.der")));
		const path = keep("inner.p12", withPbmac1(file, PASSWORD));
		expectFault(read(path, PASSWORD), "identity.unreadable", /damaged/);
	});

	test("two keys, one of them a server's: the client's is taken", () => {
		const bags = [
			...keyBag(server.keyPem),
			...certBags(
				server.certPem + client.certPem + middle.certPem + root.certPem,
			),
			...keyBag(client.keyPem),
		];
		expectIdentity(read(keep("two.p12", pfx(bags))));
	});

	test("two identities are refused with their names and the way out", () => {
		const bags = [
			...keyBag(second.keyPem),
			...certBags(second.certPem + client.certPem + root.certPem),
			...keyBag(client.keyPem),
		];
		expectFault(
			read(keep("several.p12", pfx(bags))),
			"identity.invalid",
			/several identities in .*CN=console.*CN=other|CN=other.*CN=console.*openssl pkcs12/,
		);
	});

	test.each<[string, readonly Buffer[], FaultCode, RegExp]>([
		[
			"no key",
			certBags(client.certPem),
			"identity.unreadable",
			/no private key/,
		],
		[
			"no certificate",
			keyBag(client.keyPem),
			"identity.unreadable",
			/no certificate/,
		],
		[
			"another one's key",
			[...keyBag(second.keyPem), ...certBags(client.certPem + root.certPem)],
			"identity.mismatch",
			/does not belong/,
		],
		[
			"no authority",
			[...keyBag(client.keyPem), ...certBags(client.certPem + middle.certPem)],
			"identity.absent",
			/no authority in .*--ca/,
		],
		[
			"a server's certificate",
			[...keyBag(server.keyPem), ...certBags(server.certPem + root.certPem)],
			"identity.invalid",
			/clientAuth/,
		],
	])("with %s is refused", (name, bags, code, words) => {
		expectFault(read(keep(`${name}.p12`, pfx(bags))), code, words);
	});

	test("the authority may be a file of its own, which is then the only one", () => {
		const other = createTestAuthority("Other");
		const result = read(p12(), PASSWORD, {
			ca: keep("other.pem", other.certPem),
		});
		expect(result.ok && result.value.ca).toBe(other.certPem);
		expect(result.ok && result.value.certificateChain).toBe(
			client.certPem + middle.certPem,
		);
	});

	test("an intermediate that only the authority's file has is sent along", () => {
		const bags = [...keyBag(client.keyPem), ...certBags(client.certPem)];
		const result = read(keep("bare.p12", pfx(bags)), undefined, {
			ca: at("chain.pem"),
		});
		expect(result.ok && result.value.certificateChain).toBe(
			client.certPem + middle.certPem,
		);
	});

	test("protected by a certificate or a signature in place of a password is refused with the command that mends it", () => {
		const signed = sequence(
			integer(Buffer.from([3])),
			sequence(oid("1.2.840.113549.1.7.2")),
		);
		expectFault(
			read(keep("signed.p12", signed)),
			"identity.invalid",
			/signature in place of a password.*-keypbe AES-256-CBC -certpbe AES-256-CBC -macalg sha256/,
		);
	});

	test("truncated at any byte it is damaged, and nothing is thrown", () => {
		const whole = readFileSync(p12());
		for (let length = 1; length < whole.length; length += 37) {
			const result = read(keep("cut.p12", whole.subarray(0, length)), PASSWORD);
			expect(result.ok ? "ok" : result.fault.code).toBe("identity.unreadable");
		}
	});

	test("any changed byte is a fault or changes nothing that matters, and nothing is thrown", () => {
		const sound = [
			p12(["-iter", "1"]),
			p12(["-iter", "1", "-nomac"]),
			p12(["-legacy", "-iter", "1"]),
		].map((path) => readFileSync(path));
		fc.assert(
			fc.property(
				fc.constantFrom(...sound),
				fc.nat(),
				fc.integer({ min: 1, max: 255 }),
				(whole, place, change) => {
					const bytes = Buffer.from(whole);
					const n = place % bytes.length;
					bytes[n] = (bytes[n] ?? 0) ^ change;
					const result = read(keep("bent.p12", bytes), PASSWORD);
					// A number that only speeds RSA up may be another; the key still has to be this certificate's.
					if (!result.ok) return;
					const message = Buffer.from("message");
					const signature = sign("sha256", message, result.value.privateKey);
					const { publicKey } = new X509Certificate(client.certPem);
					expect(verify("sha256", message, publicKey, signature)).toBe(true);
				},
			),
			{ numRuns: 300 },
		);
	});

	test.each(["2147483647", "100000000"])(
		"that wants its password hashed %s times is refused at once",
		(rounds) => {
			const kdf = sequence(
				octets(randomBytes(8)),
				integer(
					Buffer.from(Number(rounds).toString(16).padStart(8, "0"), "hex"),
				),
			);
			const algorithm = sequence(
				oid("1.2.840.113549.1.5.13"),
				sequence(
					sequence(oid("1.2.840.113549.1.5.12"), kdf),
					sequence(oid("2.16.840.1.101.3.4.1.42"), octets(randomBytes(16))),
				),
			);
			const path = keep(
				"hostile.p12",
				withShrouded(sequence(algorithm, octets(randomBytes(64)))),
			);
			expectFault(
				read(path, PASSWORD),
				"identity.invalid",
				/more rounds of hashing than any program writes/,
			);
			const mac = sequence(
				sequence(
					sequence(oid("2.16.840.1.101.3.4.2.1")),
					octets(randomBytes(32)),
				),
				octets(randomBytes(8)),
				integer(
					Buffer.from(Number(rounds).toString(16).padStart(8, "0"), "hex"),
				),
			);
			expectFault(
				read(keep("hostile2.p12", pfx(keyBag(client.keyPem), mac)), PASSWORD),
				"identity.invalid",
				/more rounds/,
			);
		},
	);

	test("nested a thousand times is refused, and nothing is thrown", () => {
		let deep = octets(Buffer.alloc(1));
		for (let n = 0; n < 1_000; n++) deep = sequence(deep);
		expect(read(keep("deep.p12", deep)).ok).toBe(false);
		let bags: Buffer = certBags(client.certPem)[0] ?? Buffer.alloc(0);
		for (let n = 0; n < 10; n++)
			bags = sequence(oid(`${BAG}6`), context(sequence(bags)));
		expectFault(
			read(keep("nested.p12", pfx([bags]))),
			"identity.unreadable",
			/damaged/,
		);
	});
});

describe("PEM and DER", () => {
	const encrypted = (
		options: readonly string[],
		key = "key.pem",
		outform = "PEM",
	): string => {
		const out = `${files++}.key`;
		openssl(
			"pkcs8",
			"-topk8",
			"-in",
			key,
			"-passout",
			`pass:${PASSWORD}`,
			"-outform",
			outform,
			"-out",
			out,
			...options,
		);
		return at(out);
	};
	const split = (key: string, passphrase?: string, cert = at("cert.pem")) =>
		readIdentity({
			cert,
			key,
			ca: at("chain.pem"),
			...(passphrase === undefined ? {} : { passphrase }),
		});
	const expectKey = (result: ReturnType<typeof readIdentity>): void => {
		expect(result.ok ? result.value.privateKey : result.fault).toBe(
			client.keyPem,
		);
	};

	test.each<[string, readonly string[]]>([
		["AES-256 with SHA-1", ["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA1"]],
		["AES-128 with SHA-256", ["-v2", "aes-128-cbc"]],
		[
			"AES-256 with SHA-384",
			["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA384"],
		],
		[
			"AES-256 with SHA-512",
			["-v2", "aes-256-cbc", "-v2prf", "hmacWithSHA512"],
		],
		["3DES", ["-v2", "des3"]],
		["scrypt", ["-scrypt"]],
		[
			"scrypt with other parameters",
			["-scrypt", "-scrypt_N", "1024", "-scrypt_r", "4", "-scrypt_p", "2"],
		],
		[
			"PBES1 of MD5 and DES",
			["-v1", "PBE-MD5-DES", "-provider", "legacy", "-provider", "default"],
		],
		["PKCS#12's 3DES", ["-v1", "PBE-SHA1-3DES"]],
	])("an encrypted PKCS#8 key opens: %s", (_name, options) => {
		expectKey(split(encrypted(options), PASSWORD));
		expectKey(split(encrypted(options, "key.pem", "DER"), PASSWORD));
		expectFault(
			split(encrypted(options), "wrong"),
			"identity.passphrase",
			/does not open/,
		);
	});

	test.each(["-des", "-des3", "-aes128", "-aes192", "-aes256"])(
		"a key encrypted in OpenSSL's old way opens: %s",
		(cipher) => {
			const out = `${files++}.key`;
			openssl(
				"rsa",
				"-traditional",
				cipher,
				"-in",
				"key.pem",
				"-passout",
				`pass:${PASSWORD}`,
				"-out",
				out,
				"-provider",
				"legacy",
				"-provider",
				"default",
			);
			expect(readFileSync(at(out), "utf8")).toContain("Proc-Type: 4,ENCRYPTED");
			expectKey(split(at(out), PASSWORD));
			expectFault(
				split(at(out), "wrong"),
				"identity.passphrase",
				/does not open/,
			);
		},
	);

	test("an old way that nobody uses any more is refused with the command that mends it", () => {
		const out = `${files++}.key`;
		openssl(
			"rsa",
			"-traditional",
			"-camellia128",
			"-in",
			"key.pem",
			"-passout",
			`pass:${PASSWORD}`,
			"-out",
			out,
		);
		expectFault(
			split(at(out), PASSWORD),
			"identity.invalid",
			/CAMELLIA-128-CBC.*openssl pkcs8 -topk8/,
		);
	});

	test("DER files of a certificate and of a PKCS#8, PKCS#1 or SEC1 key open", () => {
		const der = keep("cert.der", new X509Certificate(client.certPem).raw);
		for (const type of ["pkcs8", "pkcs1"] as const)
			expectKey(
				split(
					keep(`${type}.der`, client.key.export({ type, format: "der" })),
					undefined,
					der,
				),
			);
		const sec1 = keep(
			"sec1.der",
			ec.key.export({ type: "sec1", format: "der" }),
		);
		const result = split(
			sec1,
			undefined,
			keep("ec.der", new X509Certificate(ec.certPem).raw),
		);
		expect(result.ok && result.value.privateKey).toBe(ec.keyPem);
	});

	test("a file of the wrong kind says what is missing in it", () => {
		const der = keep("cert2.der", new X509Certificate(client.certPem).raw);
		expectFault(split(der), "identity.unreadable", /no private key in it/);
		expectFault(
			split(
				at("key.pem"),
				undefined,
				keep("k.der", client.key.export({ type: "pkcs8", format: "der" })),
			),
			"identity.unreadable",
			/no certificate in it/,
		);
	});

	test("a key whose public half is the certificate's and whose private half is another's is damaged", () => {
		const d = ec.key.export({ format: "jwk" }).d ?? "";
		const other = second.key.export({ format: "jwk" }).d ?? "";
		const der = ec.key.export({ type: "sec1", format: "der" });
		const place = der.indexOf(Buffer.from(d, "base64url"));
		expect(place).toBeGreaterThan(0);
		Buffer.from(other, "base64url").copy(der, place);
		expectFault(
			split(keep("half.der", der), undefined, at("ec.pem")),
			"identity.unreadable",
			/private key in it is damaged/,
		);
	});

	test("a trusted certificate of OpenSSL is a certificate", () => {
		openssl(
			"x509",
			"-in",
			"cert.pem",
			"-trustout",
			"-addtrust",
			"clientAuth",
			"-out",
			"trusted.pem",
		);
		expectKey(split(at("key.pem"), undefined, at("trusted.pem")));
	});

	test("of two certificates for one key the one that is valid longest is taken", () => {
		const renewed = middle.issue({
			commonName: "console",
			purpose: "client",
			key: client.key,
			toDays: 800,
		});
		const path = keep(
			"both.pem",
			client.certPem + renewed.certPem + client.keyPem,
		);
		const result = readIdentity({ cert: path, key: path, ca: at("ca.pem") });
		expect(result.ok && result.value.certificateChain).toBe(renewed.certPem);
	});

	test("scrypt that would fill the memory is refused at once", () => {
		const n = (value: number): Buffer =>
			integer(Buffer.from(value.toString(16).padStart(10, "0"), "hex"));
		const algorithm = sequence(
			oid("1.2.840.113549.1.5.13"),
			sequence(
				sequence(
					oid("1.3.6.1.4.1.11591.4.11"),
					sequence(octets(randomBytes(8)), n(2 ** 30), n(8), n(1)),
				),
				sequence(oid("2.16.840.1.101.3.4.1.42"), octets(randomBytes(16))),
			),
		);
		const path = keep(
			"scrypt.der",
			sequence(algorithm, octets(randomBytes(64))),
		);
		expectFault(
			split(path, PASSWORD),
			"identity.invalid",
			/more rounds of hashing/,
		);
	});

	test("many keys behind scrypt are refused by the file's name, and work is counted over all files", () => {
		openssl(
			...["pkcs8", "-topk8", "-in", "key.pem", "-out", "scrypt.key"],
			...["-scrypt", "-scrypt_N", "16384", "-scrypt_r", "8"],
			...["-scrypt_p", "16", "-passout", `pass:${PASSWORD}`],
		);
		const key = at("scrypt.key");
		expectKey(split(key, PASSWORD));
		const many = keep("many.key", readFileSync(key, "utf8").repeat(60));
		const startedAt = performance.now();
		expectFault(
			split(many, PASSWORD),
			"identity.invalid",
			/many\.key uses more rounds of hashing/,
		);
		// All sixty take half a minute.
		expect(performance.now() - startedAt).toBeLessThan(10_000);
		// Each file alone is within the limit (without a MAC only the key is encrypted).
		const cert = p12(["-iter", "3000000", "-nomac"]);
		expectFault(
			read(cert, PASSWORD, { key }),
			"identity.invalid",
			/scrypt\.key uses more rounds of hashing/,
		);
	}, 30_000);

	test("PKCS#12 of more bags than any program writes is refused", () => {
		const bags = Array.from({ length: 1_001 }, () => keyBag(ec.keyPem)).flat();
		expectFault(
			read(keep("bags.p12", pfx(bags))),
			"identity.invalid",
			/bags\.p12 uses more bags/,
		);
	});
});

const BAG = "1.2.840.113549.1.12.10.1.";
function context(content: Buffer): Buffer {
	const long = Buffer.alloc(4);
	long.writeUInt32BE(content.length);
	return Buffer.concat([Buffer.from([0xa0, 0x84]), long, content]);
}
function keyBag(pem: string): Buffer[] {
	const der = Buffer.from(pem.replace(/-----[^-]+-----|\s/g, ""), "base64");
	return [sequence(oid(`${BAG}1`), context(der))];
}
function certBags(pem: string): Buffer[] {
	const found = pem.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----/g) ?? [];
	return found.map((one) =>
		sequence(
			oid(`${BAG}3`),
			context(
				sequence(
					oid("1.2.840.113549.1.9.22.1"),
					context(octets(new X509Certificate(one).raw)),
				),
			),
		),
	);
}
/** A file with these bags, unencrypted, with or without MacData. */
function pfx(bags: readonly Buffer[], mac?: Buffer): Buffer {
	const data = (content: Buffer): Buffer =>
		sequence(oid("1.2.840.113549.1.7.1"), context(octets(content)));
	return sequence(
		integer(Buffer.from([3])),
		data(sequence(data(sequence(...bags)))),
		...(mac === undefined ? [] : [mac]),
	);
}
const withShrouded = (shrouded: Buffer): Buffer =>
	pfx([
		sequence(oid(`${BAG}2`), context(shrouded)),
		...certBags(client.certPem + middle.certPem + root.certPem),
	]);

/** The same file with a MAC of RFC 9579. */
function withPbmac1(file: Buffer, password: string): Buffer {
	const content = child(child(child(readTree(file), 1), 1), 0).bytes;
	const salt = randomBytes(16);
	const key = pbkdf2Sync(password, salt, 2048, 32, "sha256");
	const hmac = (id: string): Buffer => sequence(oid(`1.2.840.113549.2.${id}`));
	const kdf = sequence(
		oid("1.2.840.113549.1.5.12"),
		sequence(
			octets(salt),
			integer(Buffer.from([8, 0])),
			integer(Buffer.from([32])),
			hmac("9"),
		),
	);
	const digest = sequence(
		sequence(oid("1.2.840.113549.1.5.14"), sequence(kdf, hmac("9"))),
		octets(createHmac("sha256", key).update(content).digest()),
	);
	const mac = sequence(
		digest,
		octets(randomBytes(8)),
		integer(Buffer.from([1])),
	);
	const parts = readTree(file).children.map((one) => one.der());
	return sequence(...parts, mac);
}
