// What is known of an identity before anything is dialed.
import { expect, test } from "vitest";
import { fault } from "../../../shared/fault.ts";
import { createTestAuthority, identityOf } from "../../testkit/certificates.ts";
import { identityFault } from "./preflight.ts";

const authority = createTestAuthority();
const identity = identityOf(
	authority.issue({ purpose: "client" }),
	authority.certPem,
);
const { validFrom, expiresAt } = identity.facts;
const MINUTE_MS = 60_000;

test("C16: within its days an identity is dialed with", () => {
	expect(identityFault(identity, null, validFrom)).toBeNull();
	expect(identityFault(identity, null, expiresAt - 1)).toBeNull();
});

test("C16: an expired identity is tls.client-expired, with the day", () => {
	const day = new Date(expiresAt).toISOString().slice(0, 10);
	expect(identityFault(identity, null, expiresAt)).toMatchObject({
		code: "tls.client-expired",
		sentence: `your client certificate expired on ${day}`,
	});
});

test("an identity of the future is tls.client-expired, unless clocks that are a little apart explain it", () => {
	const early = validFrom - 5 * MINUTE_MS;
	expect(identityFault(identity, null, early)).toBeNull();
	const told = identityFault(identity, null, early - 1);
	expect(told?.code).toBe("tls.client-expired");
	expect(told?.sentence).toContain("only valid from");
	expect(told?.nextStep).toContain("clock");
});

test("no identity is identity.absent, and what TLS cannot use is told as TLS told it", () => {
	expect(identityFault(null, null, 0)?.code).toBe("identity.absent");
	const broken = fault("identity.mismatch");
	expect(identityFault(identity, broken, validFrom)).toBe(broken);
});
