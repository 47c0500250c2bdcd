// An agent that refuses us is never hammered: whatever it says no to, a link that is blocked asks once in ten minutes, for ever.
import { expect, test } from "vitest";
import { openLinkStage, REJECTED } from "../../testkit/linkStage.ts";
import type { Fate } from "../../testkit/memoryTransport.ts";

const certificate = (code: string): Fate => ({
	kind: "fails",
	phase: "tls",
	facts: { causes: [{ code, message: "" }] },
});
const status = (number: number): Fate => ({
	kind: "fails",
	phase: "upgrade",
	facts: {
		bytesReceived: 1,
		http: {
			status: number,
			contentType: null,
			retryAfterMs: null,
			firstBytes: "",
		},
	},
});

test.each([
	["tls.client-rejected", REJECTED, 3],
	[
		"tls.client-required",
		certificate("ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED"),
		3,
	],
	[
		"tls.client-expired",
		certificate("ERR_SSL_SSLV3_ALERT_CERTIFICATE_EXPIRED"),
		1,
	],
	["tls.unknown-ca", certificate("UNABLE_TO_VERIFY_LEAF_SIGNATURE"), 1],
	["tls.name-mismatch", certificate("ERR_TLS_CERT_ALTNAME_INVALID"), 1],
	["http.401", status(401), 3],
	["http.403", status(403), 3],
] as const)(
	"C15: %s: at most three dials, then at most one in eight minutes for a day",
	(code, fate, dialsAtFirst) => {
		const { clock, transport, link, send } = openLinkStage([fate]);
		send("wanted");
		clock.advance(60_000);
		expect(link.status).toMatchObject({ channel: "blocked", fault: code });
		expect(transport.dials).toBe(dialsAtFirst);
		for (let minutes = 1; minutes < 24 * 60; minutes += 8) {
			const before = transport.dials;
			clock.advance(8 * 60_000);
			expect(transport.dials - before).toBeLessThanOrEqual(1);
			expect(link.status).toMatchObject({ channel: "blocked", fault: code });
		}
		// And at least one in twelve: the agent may have been mended.
		expect(transport.dials).toBeGreaterThanOrEqual(dialsAtFirst + 119);
	},
);
