// What agents of every age put on the socket, and what comes of it.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeFrame } from "./decode.ts";
import type { AgentMessage, RunEvent } from "./message.ts";
import { readJobSummary, readRunEvent } from "./reading.ts";
import { jobSummarySchema, LIMITS, runEventSchema } from "./wire.ts";

const ID = "5d0c7c1e-8a53-4f0e-9a3e-0f1f3d1b2c11";

const frame = (fields: object): AgentMessage => {
	const decoded = decodeFrame(JSON.stringify(fields));
	if (!decoded.ok) throw new Error(JSON.stringify(decoded.fault));
	return decoded.value;
};
const run = (fields: object): RunEvent => {
	const message = frame({ event: "job_status", job_id: ID, ...fields });
	if (message.kind !== "run") throw new Error(message.kind);
	return message.event;
};
const refused = (text: string) => {
	const decoded = decodeFrame(text);
	if (decoded.ok) throw new Error(JSON.stringify(decoded.value));
	return decoded.fault;
};

describe("run changes", () => {
	test("a new agent's failure carries error and code", () => {
		expect(
			run({
				status: "failed",
				progress: 40,
				message: "Job created",
				timestamp: "2026-07-21T09:14:03.518204771+00:00",
				error: "apt-get failed (exit 100)\n\nCaused by: …",
				error_code: "PKG_NOT_FOUND",
			}),
		).toEqual({
			agentJobId: ID,
			state: "failed",
			rawStatus: "failed",
			progress: 40,
			message: "Job created",
			error: "apt-get failed (exit 100)\n\nCaused by: …",
			errorCode: "PKG_NOT_FOUND",
			atText: "2026-07-21T09:14:03.518204771+00:00",
			seq: null,
			epoch: null,
			parentJobId: null,
			parentLabel: null,
		});
	});

	test("a mid-era agent's words and times are understood", () => {
		const event = run({
			status: "timed_out",
			progress: 10,
			message: "",
			timestamp: "2026-05-02T01:02:03Z",
		});
		expect(event).toMatchObject({
			state: "timed_out",
			rawStatus: "timed_out",
			progress: 10,
			message: "",
			error: null,
			errorCode: null,
			atText: "2026-05-02T01:02:03Z",
		});
	});

	test("job_complete, which is only documented, is a run change like others", () => {
		expect(
			frame({ event: "job_complete", job_id: ID, status: "completed" }),
		).toMatchObject({ kind: "run", event: { state: "succeeded" } });
	});

	test("the documents' `type` instead of `event` is tolerated", () => {
		expect(
			frame({
				type: "job_status",
				job_id: ID,
				status: "running",
				progress_percent: 55,
			}),
		).toMatchObject({ kind: "run", event: { state: "running", progress: 55 } });
	});

	test("the manager's host event names the agent's job, its parent and its error in its own words", () => {
		expect(
			frame({
				event_type: "host",
				job_id: "2f6e0000-0000-4000-8000-000000000000",
				host_id: "1111",
				status: "failed",
				output: null,
				error_message: "no space left",
				agent_job_id: ID,
				succeeded_count: null,
			}),
		).toMatchObject({
			kind: "run",
			event: {
				agentJobId: ID,
				parentJobId: "2f6e0000-0000-4000-8000-000000000000",
				state: "failed",
				error: "no space left",
				progress: null,
			},
		});
	});

	test("a payload without any event word is the manager's older host event", () => {
		expect(frame({ job_id: ID, status: "queued" })).toMatchObject({
			kind: "run",
			event: { state: "queued", rawStatus: "queued" },
		});
	});

	test("the manager's job event is not taken for a run: its counts are not ours to believe", () => {
		expect(
			frame({
				event_type: "job",
				job_id: ID,
				host_id: "",
				status: "failed",
				succeeded_count: 7,
				failed_count: 1,
				host_count: 8,
			}),
		).toEqual({ kind: "unknown", word: "job" });
	});

	test("a status we do not know keeps its word", () => {
		expect(run({ status: "Zorp" })).toMatchObject({
			state: "unknown",
			rawStatus: "Zorp",
		});
	});

	test("an extended agent's log position and parent are read", () => {
		expect(
			run({
				status: "running",
				seq: 17,
				epoch: "e1",
				parent_job_id: "p-1",
				parent_label: "patch apply · prod",
			}),
		).toMatchObject({
			seq: 17,
			epoch: "e1",
			parentJobId: "p-1",
			parentLabel: "patch apply · prod",
		});
	});

	test("fields of a wrong type are as good as absent", () => {
		expect(
			run({
				status: "running",
				progress: "40",
				message: 7,
				error: {},
				error_code: [],
				timestamp: 1784625243,
				seq: -1,
				epoch: 5,
			}),
		).toMatchObject({
			progress: null,
			message: "",
			error: null,
			errorCode: null,
			atText: null,
			seq: null,
			epoch: null,
		});
	});

	test("progress stays between 0 and 100", () => {
		expect(run({ status: "running", progress: 250 }).progress).toBe(100);
		expect(run({ status: "running", progress: -3 }).progress).toBe(0);
		expect(
			(
				decodeFrame(
					`{"event":"job_status","job_id":"${ID}","status":"running","progress":1e999}`,
				) as { value: { event: RunEvent } }
			).value.event.progress,
		).toBeNull();
	});

	test("texts are cut to what the model holds", () => {
		const event = run({
			status: "x".repeat(300),
			message: "m".repeat(5_000),
			error: "e".repeat(20_000),
			error_code: "c".repeat(100),
			timestamp: "t".repeat(100),
		});
		expect(event.rawStatus).toHaveLength(LIMITS.statusChars);
		expect(event.message).toHaveLength(LIMITS.messageChars);
		expect(event.error).toHaveLength(LIMITS.errorChars);
		expect(event.errorCode).toHaveLength(LIMITS.errorCodeChars);
		expect(event.atText).toHaveLength(LIMITS.timeChars);
	});

	test("a cut never halves a character", () => {
		const event = run({ status: "failed", message: `${"m".repeat(3_999)}😀` });
		expect(event.message).toBe("m".repeat(3_999));
	});

	test("lone surrogates and NUL stay text", () => {
		const event = run({ status: "failed", message: "a\u0000b\ud800c" });
		expect(event.message).toBe("a\u0000b\ud800c");
	});

	test("keys that would reach into prototypes change nothing", () => {
		const decoded = decodeFrame(
			`{"__proto__":{"status":"failed","polluted":true},"constructor":{"prototype":{"x":1}},"event":"job_status","job_id":"${ID}","status":"running"}`,
		);
		expect(decoded).toMatchObject({
			ok: true,
			value: { event: { state: "running" } },
		});
		expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
	});

	test.each([
		"",
		"..",
		".",
		"a/b",
		"a?b",
		"a#b",
		"a%2fb",
		"a b",
		"\ud800",
		"x".repeat(129),
		7,
		null,
	])("the job id %j is refused: it could not be asked for", (job_id) => {
		const text = JSON.stringify({
			event: "job_status",
			job_id,
			status: "running",
		});
		expect(refused(text).code).toBe("ws.bad-frame");
	});
});

describe("everything else that an agent says", () => {
	test("the greeting of a new agent", () => {
		expect(
			frame({
				event: "connected",
				job_id: "",
				status: "connected",
				progress: 0,
				message: "WebSocket connected: 9f2a",
				timestamp: "2026-07-21T09:14:03.100+00:00",
			}),
		).toEqual({
			kind: "connected",
			at: Date.UTC(2026, 6, 21, 9, 14, 3, 100),
		});
	});

	test("the greeting of the old stub", () => {
		expect(
			frame({
				event: "connected",
				ws_id: "w",
				polling_alternative: "/api/v1/jobs",
			}),
		).toEqual({ kind: "connected", at: null });
	});

	test.each(["subscribed", "unsubscribed"])("%s is acknowledged", (event) => {
		expect(frame({ event, job_id: "all", status: event })).toEqual({
			kind: "acknowledged",
			word: event,
		});
	});

	test("an error event is a complaint, not a failure of a run", () => {
		expect(
			frame({
				event: "error",
				job_id: "",
				status: "invalid_message",
				message: "Invalid message: x",
			}),
		).toEqual({ kind: "complained", message: "Invalid message: x" });
	});

	test("challenge frames", () => {
		expect(frame({ event: "auth_challenge", nonce: "AAAA" })).toEqual({
			kind: "challenge",
			nonce: "AAAA",
		});
		expect(frame({ event: "auth_ok" })).toEqual({ kind: "authOk" });
		expect(frame({ event: "auth_failed", reason: "revoked" })).toEqual({
			kind: "authFailed",
			reason: "revoked",
		});
		expect(frame({ event: "auth_failed" })).toEqual({
			kind: "authFailed",
			reason: "",
		});
	});

	test.each([
		["none", {}],
		["a number", { nonce: 5 }],
		["a long one", { nonce: "x".repeat(5_000) }],
	])("a challenge without a usable nonce is refused: %s", (_, fields) => {
		expect(
			refused(JSON.stringify({ event: "auth_challenge", ...fields })).code,
		).toBe("ws.bad-frame");
	});

	test("a word we do not know is unknown, not a fault", () => {
		expect(frame({ event: "cache_refreshed", x: 1 })).toEqual({
			kind: "unknown",
			word: "cache_refreshed",
		});
	});
});

describe("what cannot be read", () => {
	test.each([
		"",
		"nonsense",
		'{"event":"job_status"',
		"null",
		"7",
		'"job_status"',
		"[]",
		'[{"event":"job_status"}]',
		"{}",
		'{"event":7}',
		'{"event":"job_status"}',
		`{"event":"job_status","job_id":"${ID}"}`,
		`{"event":"job_status","job_id":"${ID}","status":""}`,
		`{"event":"job_status","job_id":"${ID}","status":7}`,
	])("%s is a bad frame", (text) => {
		const why = refused(text);
		expect(why.code).toBe("ws.bad-frame");
		expect(why.evidence?.firstBytes).toBe(text);
	});

	test("the evidence is short and shows control characters escaped", () => {
		const why = refused(`\u0000\n\u009f\ud800<b>${"x".repeat(1_000)}`);
		const shown = why.evidence?.firstBytes ?? "";
		expect(shown).toHaveLength(200);
		expect(shown.startsWith("\\u0000\\u000a\\u009f\\ud800<b>xxx")).toBe(true);
	});

	test("a text above 1 MiB is refused unread", () => {
		const text = `{"event":"connected","pad":"${"x".repeat(1_048_576)}"}`;
		expect(refused(text).evidence?.notes).toEqual(["longer than 1 MiB"]);
	});

	test("nesting beyond any agent's is refused, brackets in strings are not nesting", () => {
		const deep = `{"event":"connected","x":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
		expect(refused(deep).code).toBe("ws.bad-frame");
		const flat = {
			event: "error",
			message: `\\"${"[".repeat(5_000)}\\`,
			more: "{".repeat(5_000),
		};
		expect(frame(flat)).toMatchObject({ kind: "complained" });
	});
});

describe("for any bytes", () => {
	const good = JSON.stringify({
		event: "job_status",
		job_id: ID,
		status: "running",
		progress: 10,
		message: "Refreshing package cache…",
		timestamp: "2026-07-21T09:14:03.100+00:00",
	});

	test("random text never throws", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary", maxLength: 300 }), (text) => {
				expect(typeof decodeFrame(text).ok).toBe("boolean");
			}),
			{ numRuns: 1_000 },
		);
	});

	test("a good frame with any bytes changed never throws, and what it yields is bounded", () => {
		const mutation = fc.tuple(
			fc.nat(good.length - 1),
			fc.nat(20),
			fc.string({ unit: "binary", maxLength: 12 }),
		);
		fc.assert(
			fc.property(fc.array(mutation, { maxLength: 4 }), (mutations) => {
				let text = good;
				for (const [at, cut, put] of mutations)
					text = text.slice(0, at) + put + text.slice(at + cut);
				const decoded = decodeFrame(text);
				if (!decoded.ok) expect(decoded.fault.code).toBe("ws.bad-frame");
			}),
			{ numRuns: 2_000 },
		);
	});

	test("any JSON value as any field never throws", () => {
		fc.assert(
			fc.property(
				fc.record(
					{
						event: fc.oneof(
							fc.constantFrom("job_status", "connected", "error", "host"),
							fc.jsonValue(),
						),
						job_id: fc.oneof(fc.constant(ID), fc.jsonValue()),
						status: fc.oneof(fc.constant("failed"), fc.jsonValue()),
						message: fc.jsonValue(),
						nonce: fc.jsonValue(),
						reason: fc.jsonValue(),
					},
					{ requiredKeys: [] },
				),
				(fields) => {
					expect(typeof decodeFrame(JSON.stringify(fields)).ok).toBe("boolean");
				},
			),
			{ numRuns: 1_000 },
		);
	});

	/** Values near every edge that the schema and the guard could disagree on. */
	const odd = fc.oneof(
		fc.constantFrom<unknown>(
			null,
			true,
			0,
			-0,
			-1,
			1.5,
			100,
			100.5,
			2 ** 53,
			2 ** 53 - 1,
			Number.POSITIVE_INFINITY,
			Number.NaN,
			"",
			"x".repeat(64),
			"x".repeat(65),
			"x".repeat(128),
			"x".repeat(129),
			"x".repeat(301),
			"2026-07-21T09:14:03Z",
			"..",
			"a/b",
			[],
			{},
			["x"],
		),
		fc.string({ unit: "binary", maxLength: 20 }),
		fc.double(),
		fc.jsonValue({ maxDepth: 1 }),
	);
	const likely = (value: unknown) =>
		fc.oneof({ weight: 4, arbitrary: fc.constant(value) }, odd);

	test("the hand-written reader accepts what the schema accepts and yields the same", () => {
		let accepted = 0;
		const frames = fc.record(
			{
				job_id: likely(ID),
				agent_job_id: fc.oneof(odd, fc.constant("agent-1")),
				status: likely("running"),
				progress: odd,
				progress_percent: odd,
				message: odd,
				error: odd,
				error_message: odd,
				error_code: odd,
				timestamp: odd,
				seq: odd,
				epoch: odd,
				parent_job_id: odd,
				parent_label: odd,
				surplus: odd,
			},
			{ requiredKeys: [] },
		);
		fc.assert(
			fc.property(frames, (fields) => {
				const byHand = readRunEvent(fields);
				const bySchema = runEventSchema.safeParse(fields);
				expect(byHand !== null).toBe(bySchema.success);
				if (bySchema.success) {
					accepted++;
					expect(byHand).toStrictEqual(bySchema.data);
				}
			}),
			{ numRuns: 3_000 },
		);
		expect(accepted).toBeGreaterThan(500);
	});

	test("the hand-written reader of list rows does so too", () => {
		let accepted = 0;
		const rows = fc.record(
			{
				job_id: likely(ID),
				id: odd,
				agent_job_id: odd,
				operation: fc.oneof(odd, fc.constant("Patch_Apply")),
				status: likely("completed"),
				packages: fc.oneof(odd, fc.array(odd)),
				created_at: odd,
				completed_at: odd,
				error_code: odd,
				parent_job_id: odd,
				parent_label: odd,
				surplus: odd,
			},
			{ requiredKeys: [] },
		);
		fc.assert(
			fc.property(rows, (fields) => {
				const byHand = readJobSummary(fields);
				const bySchema = jobSummarySchema.safeParse(fields);
				expect(byHand !== null).toBe(bySchema.success);
				if (bySchema.success) {
					accepted++;
					expect(byHand).toStrictEqual(bySchema.data);
				}
			}),
			{ numRuns: 2_000 },
		);
		expect(accepted).toBeGreaterThan(300);
	});
});
