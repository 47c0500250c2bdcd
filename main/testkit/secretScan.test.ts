// The scanner finds planted secrets in every form, and nothing where there is none: a scan that finds nothing anywhere
// would pass every test that uses it.
import {
	createPrivateKey,
	generateKeyPairSync,
	randomBytes,
} from "node:crypto";
import { describe, expect, test } from "vitest";
import { createTestAuthority } from "./certificates.ts";
import { openSecretScan } from "./secretScan.ts";

const PASSPHRASE = "correct horse battery 7391";
const pemOf = (key: ReturnType<typeof createPrivateKey>): string =>
	key.export({ format: "pem", type: "pkcs8" }).toString();
const KEYS = {
	"an EC key": pemOf(
		generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey,
	),
	"an RSA key": pemOf(
		generateKeyPairSync("rsa", { modulusLength: 2_048 }).privateKey,
	),
	"an Ed25519 key": pemOf(generateKeyPairSync("ed25519").privateKey),
};
const noise = (): Buffer => randomBytes(3_000);
const among = (planted: Uint8Array | string): Buffer =>
	Buffer.concat([noise(), Buffer.from(planted as never), noise()]);
const kinds = (found: readonly string[]): string[] =>
	found.map((one) => one.replace(/ at \d+$/, ""));

describe.each(Object.entries(KEYS))("%s", (_, pem) => {
	const scan = openSecretScan({ keys: [pem], passphrases: [] });
	const key = createPrivateKey(pem);
	const jwk = key.export({ format: "jwk" });
	const secret = Buffer.from(String(jwk.d), "base64url");
	const der = key.export({ format: "der", type: "pkcs8" });

	test("is found as PEM, whole and without its armour", () => {
		expect(scan.in(among(pem))).not.toEqual([]);
		const body = pem.replace(/-----[^-]+-----/g, "");
		expect(kinds(scan.in(among(body)))).toContain("base64 of key 1");
		expect(kinds(scan.in(JSON.stringify({ body })))).toContain(
			"base64 of key 1",
		);
	});

	test("is found as DER, and by a part of its private number alone", () => {
		expect(kinds(scan.in(among(der)))).toContain("bytes of key 1");
		for (let from = 0; from + 16 <= secret.length; from++)
			expect(kinds(scan.in(among(secret.subarray(from, from + 16))))).toEqual([
				"bytes of key 1",
			]);
	});

	test("is found by any 24 characters of base64, wherever its DER began in it", () => {
		for (const shift of [0, 1, 2]) {
			const text = Buffer.concat([Buffer.alloc(shift), secret])
				.toString("base64")
				.slice(4, -4);
			for (let from = 0; from + 24 <= text.length; from++)
				expect(kinds(scan.in(`…${text.slice(from, from + 24)}…`))).toContain(
					"base64 of key 1",
				);
		}
	});

	test.each<[string, (bytes: Buffer) => string | Uint8Array, string]>([
		["hexadecimal", (b) => b.toString("hex"), "hexadecimal of key 1"],
		[
			"capital hexadecimal with colons",
			(b) => b.toString("hex").toUpperCase().match(/../g)?.join(":") ?? "",
			"hexadecimal of key 1",
		],
		["a JSON buffer", (b) => JSON.stringify(b), "numbers of key 1"],
		["base64 for addresses", (b) => b.toString("base64url"), "base64 of key 1"],
		["text of one byte each", (b) => b.toString("latin1"), "bytes of key 1"],
		[
			"a two-byte string in memory",
			(b) => Buffer.from(b.toString("base64"), "utf16le"),
			"base64 of key 1 in UTF-16",
		],
	])("is found as %s", (_form, write, kind) => {
		expect(kinds(scan.in(write(secret)))).toContain(kind);
	});

	test("is not found in its own certificate's public key, nor in another key", () => {
		const open = Buffer.from(JSON.stringify({ ...jwk, ...NO_PRIVATE }));
		expect(scan.in(open)).toEqual([]);
		expect(scan.in(open.toString("hex"))).toEqual([]);
		for (const other of Object.values(KEYS))
			if (other !== pem)
				expect(scan.in(other.replace(/-----[^-]+-----/g, ""))).toEqual([]);
	});
});

/** Written over the private members of a JWK. */
const NO_PRIVATE = { d: "", p: "", q: "", dp: "", dq: "", qi: "" };

describe("a passphrase", () => {
	const scan = openSecretScan({ keys: [], passphrases: [PASSPHRASE] });
	test.each<[string, Buffer | string]>([
		["UTF-8", `FOREDECK_PASSPHRASE=${PASSPHRASE}\n`],
		["UTF-16", Buffer.from(`x${PASSPHRASE}`, "utf16le")],
		["base64", Buffer.from(`--${PASSPHRASE}--`).toString("base64")],
	])("is found in %s", (_, place) => {
		expect(scan.in(among(place))).not.toEqual([]);
	});
});

test("the armour of any private key is found, also of one that nobody named", () => {
	const scan = openSecretScan({ keys: [], passphrases: [] });
	const { certPem, keyPem } = createTestAuthority().issue();
	expect(kinds(scan.in(keyPem))).toEqual(["armour of a private key"]);
	expect(scan.in(certPem)).toEqual([]);
});

test("nothing is found in noise, and in a certificate of the key", () => {
	const issued = createTestAuthority().issue();
	const scan = openSecretScan({
		keys: [issued.keyPem],
		passphrases: [PASSPHRASE],
	});
	expect(scan.in(issued.certPem)).toEqual([]);
	expect(scan.in(Buffer.from(issued.certPem).toString("hex"))).toEqual([]);
	expect(scan.in(randomBytes(5_000_000))).toEqual([]);
	expect(scan.in("")).toEqual([]);
});

test("a secret too short to be told from chance is refused", () => {
	expect(() => openSecretScan({ keys: [], passphrases: ["abc"] })).toThrow(
		/too short/,
	);
});
