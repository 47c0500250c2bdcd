// What agents of every age, and things that are no agents, answer over HTTPS, and what comes of it.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
	agentTime,
	decodeEventPage,
	decodeHealth,
	decodeJobDetail,
	decodeJobPage,
	decodeSystem,
	type RestResult,
} from "./decode.ts";
import type { HttpAnswer } from "./rest.ts";
import { LIMITS } from "./wire.ts";

const ID = "5d0c7c1e-8a53-4f0e-9a3e-0f1f3d1b2c11";

const raw = (
	status: number,
	body: string,
	more: Partial<HttpAnswer> = {},
): HttpAnswer => ({
	status,
	contentType: "application/json",
	retryAfterMs: null,
	body: Buffer.from(body),
	...more,
});
const json = (body: unknown, status = 200): HttpAnswer =>
	raw(status, JSON.stringify(body));
const enveloped = (data: unknown): HttpAnswer =>
	json({
		success: true,
		request_id: "0b9e",
		timestamp: "2026-07-21T09:14:03.518204771+00:00",
		data,
		error: null,
	});
const refusal = (status: number, code: string, retryable = false) =>
	json(
		{
			success: false,
			request_id: "71c2",
			timestamp: "2026-07-21T09:14:04.002+00:00",
			data: null,
			error: { code, message: "no", details: null, retryable },
		},
		status,
	);
const value = <T>(result: RestResult<T>): T => {
	if (result.kind !== "ok") throw new Error(JSON.stringify(result));
	return result.value;
};
const why = (result: RestResult<unknown>) => {
	if (result.kind !== "fault") throw new Error(JSON.stringify(result));
	return result.fault;
};

const SUMMARY = {
	job_id: ID,
	operation: "patch_apply",
	status: "timedout",
	created_at: "2026-07-21T09:10:00.120000000+00:00",
	completed_at: null,
	packages: ["openssl"],
};

describe("GET /jobs", () => {
	const expected = {
		agentJobId: ID,
		state: "timed_out",
		rawStatus: "timedout",
		operation: "patchapply",
		packages: ["openssl"],
		createdAt: Date.UTC(2026, 6, 21, 9, 10, 0, 120),
		completedAt: null,
		errorCode: null,
		parentJobId: null,
		parentLabel: null,
	};

	test.each([
		["in an envelope", enveloped({ jobs: [SUMMARY], total: 1 })],
		["a bare list in an envelope", enveloped([SUMMARY])],
		["without an envelope", json({ jobs: [SUMMARY], total: 1 })],
		["a bare list", json([SUMMARY])],
		[
			"without a content type",
			raw(200, JSON.stringify([SUMMARY]), { contentType: null }),
		],
		[
			"with a charset",
			raw(200, JSON.stringify([SUMMARY]), {
				contentType: "application/json; charset=utf-8",
			}),
		],
	])("a list %s", (_, answer) => {
		expect(value(decodeJobPage(answer))).toEqual({
			jobs: [expected],
			broken: 0,
			rows: 1,
		});
	});

	test("M18: one malformed row in a hundred loses nothing but itself", () => {
		const rows: unknown[] = Array.from({ length: 99 }, (_, at) => ({
			...SUMMARY,
			job_id: `job-${at}`,
		}));
		rows.splice(50, 0, { ...SUMMARY, status: undefined });
		const page = value(decodeJobPage(enveloped({ jobs: rows, total: 100 })));
		expect(page.jobs).toHaveLength(99);
		expect(page).toMatchObject({ broken: 1, rows: 100 });
	});

	test("rows of every wrong kind are counted", () => {
		const rows = [null, 7, "x", [], {}, { ...SUMMARY, job_id: "a/b" }, SUMMARY];
		expect(value(decodeJobPage(json(rows)))).toMatchObject({
			broken: 6,
			rows: 7,
		});
	});

	test("no more than 2,000 rows are read, and the number sent is told", () => {
		const rows = Array.from({ length: 2_500 }, (_, at) => ({
			...SUMMARY,
			job_id: `job-${at}`,
		}));
		const page = value(decodeJobPage(json(rows)));
		expect(page.jobs).toHaveLength(LIMITS.rows);
		expect(page).toMatchObject({ broken: 0, rows: 2_500 });
	});

	test("packages are bounded and hold only texts", () => {
		const packages = [
			7,
			null,
			"",
			"p".repeat(300),
			...Array.from({ length: 2_100 }, (_, at) => `p${at}`),
		];
		const [job] = value(decodeJobPage(json([{ ...SUMMARY, packages }]))).jobs;
		expect(job?.packages).toHaveLength(LIMITS.packages);
		expect(job?.packages[0]).toHaveLength(LIMITS.packageChars);
	});

	test("a row with only an id and a status is enough", () => {
		expect(
			value(decodeJobPage(json([{ id: "j1", status: "queued" }]))).jobs[0],
		).toEqual({
			agentJobId: "j1",
			state: "queued",
			rawStatus: "queued",
			operation: "",
			packages: [],
			createdAt: null,
			completedAt: null,
			errorCode: null,
			parentJobId: null,
			parentLabel: null,
		});
	});

	test("JSON that is no list is unexpected", () => {
		expect(why(decodeJobPage(enveloped(null))).code).toBe("http.unexpected");
		expect(why(decodeJobPage(enveloped({ jobs: 7 }))).code).toBe(
			"http.unexpected",
		);
		expect(why(decodeJobPage(json("hello"))).code).toBe("http.unexpected");
	});
});

describe("GET /jobs/{id}", () => {
	const detail = {
		...SUMMARY,
		status: "failed",
		progress: 0,
		message: "Job created",
		completed_at: "2026-07-21T09:12:41.900000000+00:00",
		logs: ["Refreshing package cache...", { message: "Job failed" }, 7],
		error: "retry patch apply failed\n\nCaused by: …",
		error_code: "NETWORK_ERROR",
		exit_code: 100,
		command_stdout: "",
		command_stderr: "E: …",
		rollback_job_id: null,
		exclusive_mode: false,
	};

	test("a failed run in full", () => {
		expect(value(decodeJobDetail(enveloped(detail)))).toMatchObject({
			agentJobId: ID,
			state: "failed",
			operation: "patchapply",
			progress: 0,
			message: "Job created",
			error: "retry patch apply failed\n\nCaused by: …",
			errorCode: "NETWORK_ERROR",
			exitCode: 100,
			logs: ["Refreshing package cache...", "Job failed", ""],
			stdout: "",
			stderr: "E: …",
			completedAt: Date.UTC(2026, 6, 21, 9, 12, 41, 900),
			leftOut: 0,
		});
	});

	test("10 MB of logs keep their tail, and what was left out is counted", () => {
		const line = "x".repeat(99);
		const logs = Array.from({ length: 100_000 }, (_, at) => `${at} ${line}`);
		const told = value(decodeJobDetail(enveloped({ ...detail, logs })));
		const kept = told.logs.reduce((sum, text) => sum + text.length, 0);
		const sent = logs.reduce((sum, text) => sum + text.length, 0);
		expect(kept).toBeLessThanOrEqual(LIMITS.logChars);
		expect(kept).toBeGreaterThan(LIMITS.logChars * 0.9);
		expect(told.leftOut).toBe(sent - kept);
		expect(told.logs.at(-1)).toBe(logs.at(-1));
	});

	test("one huge line and huge outputs keep their tails too", () => {
		const told = value(
			decodeJobDetail(
				enveloped({
					...detail,
					logs: [`head${"x".repeat(2_000_000)}tail`],
					command_stdout: `${"o".repeat(300_000)}end`,
				}),
			),
		);
		expect(told.logs[0]).toHaveLength(LIMITS.logChars);
		expect(told.logs[0]?.endsWith("tail")).toBe(true);
		expect(told.stdout).toHaveLength(LIMITS.outputChars);
		expect(told.stdout.endsWith("end")).toBe(true);
		expect(told.leftOut).toBe(
			2_000_008 - LIMITS.logChars + 300_003 - LIMITS.outputChars,
		);
	});

	test("an agent's 404 is its own answer, not a fault", () => {
		expect(decodeJobDetail(refusal(404, "JOB_NOT_FOUND"))).toEqual({
			kind: "apiError",
			status: 404,
			code: "JOB_NOT_FOUND",
			message: "no",
			retryable: false,
			retryAfterMs: null,
		});
	});
});

describe("GET /health", () => {
	test("the newest agent", () => {
		expect(
			value(
				decodeHealth(
					enveloped({
						status: "degraded",
						uptime_seconds: 86_400,
						version: "v2.5.5-1",
						last_cache_update: null,
						cache_status: "failed",
						crl_status: "expired",
						crl_age_seconds: 90_000,
						gpg_key_status: "missing",
						repo_config_synced: false,
						extensions: ["events.v1", 7, "", "x".repeat(65), "longpoll.v1"],
					}),
				),
			),
		).toEqual({
			degraded: true,
			reasons: [
				"revocation list expired",
				"repository key missing",
				"package cache failed",
				"repository configuration not synced",
			],
			uptimeSeconds: 86_400,
			version: "2.5.5",
			extensions: ["events.v1", "longpoll.v1"],
		});
	});

	test("M14: the oldest agent tells little, and little is claimed", () => {
		expect(value(decodeHealth(json({ status: "healthy" })))).toEqual({
			degraded: false,
			reasons: [],
			uptimeSeconds: null,
			version: null,
			extensions: [],
		});
	});

	test("a healthy agent with a stale list gives no reasons", () => {
		expect(
			value(
				decodeHealth(enveloped({ status: "healthy", crl_status: "missing" })),
			).reasons,
		).toEqual([]);
	});

	test("M14: a word we do not know is not taken for health", () => {
		expect(value(decodeHealth(json({ status: "wobbly" })))).toMatchObject({
			degraded: true,
			reasons: ["agent says wobbly"],
		});
	});

	test("M14: a body without a status is no health", () => {
		expect(why(decodeHealth(enveloped({ version: "2.5.5" }))).code).toBe(
			"http.unexpected",
		);
	});
});

describe("GET /system/info", () => {
	test("what the host says of itself", () => {
		expect(
			value(
				decodeSystem(
					enveloped({
						hostname: "web-01",
						os: "Ubuntu",
						os_version: "24.04",
						pending_reboot: true,
					}),
				),
			),
		).toEqual({ hostname: "web-01", os: "Ubuntu 24.04", pendingReboot: true });
	});

	test("M14: what it does not say is not known", () => {
		expect(value(decodeSystem(json({ pending_reboot: "no" })))).toEqual({
			hostname: null,
			os: null,
			pendingReboot: null,
		});
	});
});

describe("GET /events", () => {
	test.each([
		["204", raw(204, "", { contentType: null })],
		["an empty body", raw(200, "")],
		["an empty body of no type", raw(200, "", { contentType: null })],
		["null", raw(200, "null")],
		["null in an envelope", enveloped(null)],
	])("%s means that there is nothing", (_, answer) => {
		expect(value(decodeEventPage(answer))).toBeNull();
	});

	test("a page of events, unreadable ones counted and left out", () => {
		const event = { event: "job_status", job_id: ID, status: "running" };
		const page = value(
			decodeEventPage(
				enveloped({
					events: [
						{ ...event, seq: 4, epoch: "e" },
						{ ...event, status: 7 },
						null,
						{ ...event, status: "completed", seq: 6, epoch: "e" },
					],
					next: 7,
					oldest: 1,
					epoch: "e",
				}),
			),
		);
		expect(page).toMatchObject({ next: 7, oldest: 1, epoch: "e", broken: 2 });
		expect(page?.events.map(({ seq, state }) => [seq, state])).toEqual([
			[4, "running"],
			[6, "succeeded"],
		]);
	});

	test("a page without an epoch or a position is unexpected", () => {
		expect(
			why(decodeEventPage(json({ events: [], next: 1, oldest: 1 }))).code,
		).toBe("http.unexpected");
		expect(
			why(decodeEventPage(json({ events: [], epoch: "e", oldest: 1 }))).code,
		).toBe("http.unexpected");
	});
});

describe("what is not an answer to the question", () => {
	test("text under 429 asks to wait as long as it says", () => {
		const answer = raw(429, "Too many requests, retry in 7 s", {
			contentType: "text/plain",
			retryAfterMs: 7_000,
		});
		expect(why(decodeJobPage(answer))).toMatchObject({
			code: "http.429",
			retryAfterMs: 7_000,
			evidence: {
				httpStatus: 429,
				firstBytes: "Too many requests, retry in 7 s",
			},
		});
	});

	test.each([
		[401, "http.401"],
		[403, "http.403"],
		[404, "http.404"],
		[405, "http.unexpected"],
		[426, "http.426"],
		[429, "http.429"],
		[500, "http.unexpected"],
		[502, "http.unexpected"],
		[503, "http.503"],
	])("an empty %d is %s", (status, code) => {
		expect(why(decodeHealth(raw(status, "", { contentType: null }))).code).toBe(
			code,
		);
	});

	test.each([401, 403, 426])(
		"%d is about rights, whether it has an envelope or not",
		(status) => {
			expect(why(decodeHealth(refusal(status, "AUTHZ_IP_DENIED"))).code).toBe(
				`http.${status}`,
			);
		},
	);

	test("success:false under 200 is the agent's refusal", () => {
		expect(decodeHealth(refusal(200, "SYSTEM_INFO_ERROR", true))).toMatchObject(
			{ kind: "apiError", code: "SYSTEM_INFO_ERROR", retryable: true },
		);
	});

	test("a refusal in the manager's shape, or with a bare text, is understood", () => {
		expect(
			decodeHealth(
				json({ error: { code: "invalid_state", message: "m" } }, 409),
			),
		).toMatchObject({ kind: "apiError", status: 409, code: "invalid_state" });
		expect(
			decodeHealth(json({ success: false, error: "Job not found" }, 404)),
		).toMatchObject({
			kind: "apiError",
			status: 404,
			code: "UNKNOWN",
			message: "Job not found",
		});
	});

	test("a captive portal's page is unexpected, with its first bytes", () => {
		const answer = raw(200, "<html>\r\n<title>Login</title>", {
			contentType: "text/html",
		});
		expect(why(decodeJobPage(answer))).toMatchObject({
			code: "http.unexpected",
			evidence: { firstBytes: "<html>\\u000d\\u000a<title>Login</title>" },
		});
	});

	test("truncated JSON is unexpected, with its first bytes", () => {
		const whole = JSON.stringify({ success: true, data: { jobs: [SUMMARY] } });
		const answer = raw(200, whole.slice(0, -20));
		expect(why(decodeJobPage(answer))).toMatchObject({
			code: "http.unexpected",
			evidence: { httpStatus: 200 },
		});
	});

	test("JSON said to be HTML, and HTML said to be JSON, are unexpected", () => {
		expect(
			why(
				decodeHealth(
					raw(200, '{"status":"healthy"}', { contentType: "text/html" }),
				),
			).code,
		).toBe("http.unexpected");
		expect(why(decodeHealth(raw(200, "<html>"))).code).toBe("http.unexpected");
	});

	test("no bytes make a decoder throw", () => {
		const decoders = [
			decodeJobPage,
			decodeJobDetail,
			decodeHealth,
			decodeSystem,
			decodeEventPage,
		];
		const body = fc.oneof(
			fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes)),
			fc.json().map((text) => Buffer.from(text)),
			fc
				.record(
					{
						success: fc.oneof(fc.boolean(), fc.jsonValue()),
						data: fc.oneof(
							fc.jsonValue(),
							fc.record(
								{
									jobs: fc.array(fc.jsonValue()),
									events: fc.array(fc.jsonValue()),
									job_id: fc.jsonValue(),
									status: fc.jsonValue(),
									logs: fc.jsonValue(),
									next: fc.jsonValue(),
								},
								{ requiredKeys: [] },
							),
						),
						error: fc.jsonValue(),
						timestamp: fc.jsonValue(),
					},
					{ requiredKeys: [] },
				)
				.map((value) => Buffer.from(JSON.stringify(value))),
		);
		fc.assert(
			fc.property(
				body,
				fc.constantFrom(200, 204, 404, 429, 500),
				fc.constantFrom("application/json", "text/plain", null),
				(bytes, status, contentType) => {
					const answer = {
						status,
						contentType,
						retryAfterMs: null,
						body: bytes,
					};
					for (const decode of decoders)
						expect(["ok", "apiError", "fault"]).toContain(decode(answer).kind);
					expect(agentTime(answer) ?? 0).toBeGreaterThanOrEqual(0);
				},
			),
			{ numRuns: 600 },
		);
	});
});

describe("the agent's clock", () => {
	test("is read from the envelope, of refusals too", () => {
		expect(agentTime(enveloped({}))).toBeCloseTo(
			Date.UTC(2026, 6, 21, 9, 14, 3, 518),
			0,
		);
		expect(agentTime(refusal(404, "JOB_NOT_FOUND"))).toBe(
			Date.UTC(2026, 6, 21, 9, 14, 4, 2),
		);
	});

	test("is not known when the answer does not tell it", () => {
		expect(agentTime(json([SUMMARY]))).toBeNull();
		expect(
			agentTime(raw(429, "wait", { contentType: "text/plain" })),
		).toBeNull();
		expect(agentTime(json({ timestamp: "soon" }))).toBeNull();
	});
});
