// What agents do wrong, one switch at a time on real sockets: the doctor tells every fault that concerns one host apart, at
// the layer it belongs to, and nothing stays open.
import { describe, expect, test } from "vitest";
import type { Layer } from "../../shared/diagnosis.ts";
import type { FaultCode } from "../../shared/fault.ts";
import type { AgentFault } from "../demo/faults.ts";
import type { Patient } from "./clinic.ts";
import { expectFault, verdicts, withClinic } from "./clinic.ts";

/** Long enough for a busy machine where an answer comes, short where none does. */
const HANGS = 700;

describe.concurrent("each fault of an agent is told apart", () => {
	const cases: readonly (readonly [
		string,
		AgentFault,
		FaultCode,
		Layer,
		Patient?,
	])[] = [
		[
			"drops us silently before TLS",
			{ kind: "whitelist", how: "hang" },
			"tls.timeout",
			"tls",
			{ soon: { tlsMs: HANGS } },
		],
		[
			"is mute after TLS",
			{ kind: "mute", after: "tls" },
			"live.silent",
			"upgrade",
			{ soon: { upgradeMs: HANGS, requestMs: HANGS } },
		],
		[
			"is mute after the upgrade",
			{ kind: "mute", after: "101" },
			"live.silent",
			"greeting",
			{ soon: { pongMs: HANGS } },
		],
		[
			"shows an expired certificate",
			{ kind: "certificate", problem: "expired" },
			"tls.server-expired",
			"certificate",
		],
		[
			"shows a certificate of the future",
			{ kind: "certificate", problem: "not-yet-valid" },
			"tls.server-not-yet-valid",
			"certificate",
		],
		[
			"shows another's certificate",
			{ kind: "certificate", problem: "wrong-name" },
			"tls.name-mismatch",
			"certificate",
		],
		[
			"shows a certificate without names",
			{ kind: "certificate", problem: "no-san" },
			"tls.name-mismatch",
			"certificate",
		],
		[
			"shows a self-signed certificate",
			{ kind: "certificate", problem: "self-signed" },
			"tls.self-signed",
			"certificate",
		],
		[
			"shows a certificate of a foreign authority",
			{ kind: "certificate", problem: "other-ca" },
			"tls.unknown-ca",
			"certificate",
		],
		[
			"does not know our authority",
			{ kind: "client-refused" },
			"tls.client-rejected",
			"certificate",
		],
		[
			"has revoked our certificate",
			{ kind: "client-refused", why: "revoked" },
			"tls.client-rejected",
			"certificate",
		],
		["insists on HTTP/2", { kind: "h2-only" }, "alpn.h2", "alpn"],
		[
			"answers 101 without proof",
			{ kind: "stub-101" },
			"ws.accept-missing",
			"upgrade",
		],
		[
			"answers 101 with a wrong proof",
			{ kind: "wrong-accept" },
			"ws.accept-wrong",
			"upgrade",
		],
		...(
			[
				[200, "ws.not-upgraded"],
				[401, "http.401"],
				[403, "http.403"],
				[404, "http.404"],
				[426, "http.426"],
				[429, "http.429"],
				[503, "http.503"],
				[500, "http.unexpected"],
			] as const
		).map(
			([status, code]) =>
				[
					`answers ${status} to the upgrade`,
					{ kind: "upgrade-status", status },
					code,
					"upgrade",
				] as const,
		),
		[
			"has us not on its list and says so",
			{ kind: "whitelist", how: "403" },
			"http.403",
			"upgrade",
		],
		[
			"is being deployed",
			{ kind: "close", code: 1001, reason: "drain:deploy" },
			"agent.draining",
			"greeting",
		],
		[
			"gave our session away",
			{ kind: "close", code: 1000, reason: "replaced" },
			"session.replaced",
			"greeting",
		],
		[
			"says that we broke the protocol",
			{ kind: "close", code: 1002 },
			"ws.protocol-error",
			"greeting",
		],
		[
			"sends a frame above the limit",
			{ kind: "frame", what: "oversize" },
			"ws.too-big",
			"greeting",
		],
		[
			"sends a binary frame",
			{ kind: "frame", what: "binary" },
			"ws.bad-frame",
			"greeting",
		],
		[
			"sends broken JSON",
			{ kind: "frame", what: "bad-json" },
			"ws.bad-frame",
			"greeting",
		],
		...(["refuse", "twice", "short-nonce"] as const).map(
			(how) =>
				[
					`challenges us (${how})`,
					{ kind: "challenge", how },
					"auth.failed",
					"greeting",
					{ dialect: "extended" },
				] as const,
		),
		...(["silent", "never"] as const).map(
			(how) =>
				[
					`does not end its challenge (${how})`,
					{ kind: "challenge", how },
					"auth.timeout",
					"greeting",
					{ dialect: "extended", soon: { authMs: 2_000 } },
				] as const,
		),
		[
			"limits the rate of its lists",
			{ kind: "rate-limit", retryAfterSeconds: 7, path: "/jobs" },
			"http.429",
			"rest",
		],
		[
			"breaks off its lists",
			{ kind: "truncated-json", path: "/jobs" },
			"tcp.reset",
			"rest",
		],
		[
			"answers 200 and means an error",
			{ kind: "success-false", path: "/jobs" },
			"http.unexpected",
			"rest",
		],
		[
			"answers drop by drop",
			{ kind: "slow-loris", bytesPerSecond: 5, path: "/health" },
			"live.silent",
			"rest",
			{ soon: { requestMs: HANGS } },
		],
	];
	for (const [name, fault, code, layer, patient = {}] of cases)
		test(`an agent that ${name}`, async () => {
			await withClinic({ ...patient, faults: [fault] }, async (clinic) => {
				expectFault(await clinic.look(), code, layer);
				await clinic.empty();
			});
		});

	test("an agent that resets us before TLS may have us not on its list, and the next step says so", async () => {
		await withClinic(
			{ faults: [{ kind: "whitelist", how: "reset" }] },
			async ({ look, empty }) => {
				const diagnosis = await look();
				// Whether the reset overtakes the connection is the kernel's affair.
				const layer = verdicts(diagnosis).includes("tcp fault") ? "tcp" : "tls";
				expectFault(diagnosis, "tcp.reset", layer);
				expect(diagnosis.fault?.nextStep).toMatch(
					/allow list.*address is 127\.0\.0\.1; your certificate is CN=on-call/,
				);
				await empty();
			},
		);
	});
});
