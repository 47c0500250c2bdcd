// The answer to a challenge, verified the way an agent does it.
import { randomBytes, verify, X509Certificate } from "node:crypto";
import { describe, expect, test } from "vitest";
import { createTestAuthority, identityOf } from "../../testkit/certificates.ts";
import type { KeyKind } from "../../testkit/x509.ts";
import { answerChallenge, type Challenge } from "./signChallenge.ts";

const authority = createTestAuthority();
const identityWith = (key: KeyKind) =>
	identityOf(authority.issue({ purpose: "client", key }), authority.certPem);
const identity = identityWith("p256");

const challengeOf = (more: Partial<Challenge>): Challenge => ({
	nonce: randomBytes(32).toString("base64"),
	servername: "agent.fleet.test",
	identity,
	consoleVersion: "0.1.0",
	...more,
});

function framesOf(challenge: Challenge): Record<string, string> {
	const answer = answerChallenge(challenge);
	if (!answer.ok) throw new Error(answer.fault.sentence);
	return JSON.parse(answer.value) as Record<string, string>;
}

describe("an answer", () => {
	test.each<KeyKind>(["p256", "p521", "rsa", "ed25519"])(
		"with a key of the kind %s verifies against its certificate",
		(key) => {
			const nonce = randomBytes(16);
			const frame = framesOf(
				challengeOf({
					identity: identityWith(key),
					nonce: nonce.toString("base64"),
				}),
			);
			const signed = Buffer.concat([
				Buffer.from("foredeck-auth-v1\nagent.fleet.test\n"),
				nonce,
			]);
			const { publicKey } = new X509Certificate(frame.certificate ?? "");
			const hash = key === "ed25519" ? null : "sha256";
			const signature = Buffer.from(frame.signature ?? "", "base64");
			expect(verify(hash, signed, publicKey, signature)).toBe(true);
			const elsewhere = Buffer.concat([
				Buffer.from("foredeck-auth-v1\nother.fleet.test\n"),
				nonce,
			]);
			expect(verify(hash, elsewhere, publicKey, signature)).toBe(false);
		},
	);

	test("has exactly the words of the protocol, and no key", () => {
		const frame = framesOf(challengeOf({}));
		expect(frame).toEqual({
			action: "auth_response",
			certificate: identity.certificateChain,
			signature: expect.any(String),
			console_version: "0.1.0",
		});
		expect(JSON.stringify(frame)).not.toContain("PRIVATE");
	});
});

describe("a challenge is refused", () => {
	test.each([
		["too short", randomBytes(15).toString("base64"), /shorter than 16/],
		["empty", "", /shorter than 16/],
		["too long", randomBytes(1025).toString("base64"), /longer than 1024/],
		["enormous", "A".repeat(10_000_000), /longer than 1024/],
		["hexadecimal with a dash", `${"ab-".repeat(20)}`, /not base64/],
		["base64url", randomBytes(32).toString("base64url"), /not base64/],
		["padded wrongly", `${randomBytes(32).toString("base64")}=`, /not base64/],
	])("whose nonce is %s", (_what, nonce, sentence) => {
		const answer = answerChallenge(challengeOf({ nonce }));
		expect(answer.ok).toBe(false);
		if (answer.ok) return;
		expect(answer.fault.code).toBe("auth.failed");
		expect(answer.fault.sentence).toMatch(sentence);
	});

	test("without an identity", () => {
		const answer = answerChallenge(challengeOf({ identity: null }));
		expect(!answer.ok && answer.fault.code).toBe("identity.absent");
	});

	test("with a broken key, without a word of it", () => {
		const broken = { ...identity, privateKey: "hunter2" };
		const answer = answerChallenge(challengeOf({ identity: broken }));
		expect(!answer.ok && answer.fault.code).toBe("identity.invalid");
		expect(JSON.stringify(answer)).not.toContain("hunter2");
	});
});
