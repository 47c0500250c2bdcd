// Well-formed messages of agents of every age, as the seeds from which mutated ones grow (02-AGENT-PROTOCOL). Texts as they
// stand on the wire, so that a mutation may also break what JSON.stringify never would.

const ID = "5d0c7c1e-8a53-4f0e-9a3e-0f1f3d1b2c11";
const PARENT = "2f6e0000-0000-4000-8000-000000000000";
const AT = "2026-07-21T09:14:03.518204771+00:00";

const texts = (values: readonly unknown[]): readonly string[] =>
	values.map((value) => JSON.stringify(value));

const event = {
	event: "job_status",
	job_id: ID,
	status: "running",
	progress: 40,
	message: "Job created",
	timestamp: AT,
};

/** What agents push on the WebSocket. */
export const FRAMES: readonly string[] = texts([
	{ ...event, event: "connected", job_id: "", status: "connected" },
	event,
	{ ...event, status: "completed", progress: 100 },
	{
		...event,
		status: "failed",
		error: "apt-get failed (exit 100)\n\nCaused by: …",
		error_code: "PKG_NOT_FOUND",
	},
	{ ...event, status: "timed_out", timestamp: "2026-05-02T01:02:03Z" },
	{ ...event, seq: 17, epoch: "a3c1", parent_job_id: PARENT },
	{ type: "job_status", job_id: ID, status: "running", progress_percent: 55 },
	{
		event_type: "host",
		job_id: PARENT,
		host_id: "1111",
		status: "failed",
		output: null,
		error_message: "no space left",
		agent_job_id: ID,
	},
	{ job_id: ID, status: "succeeded", parent_label: "Monthly patches" },
	{ event: "subscribed", job_id: "*" },
	{ event: "error", message: "Unknown action" },
	{
		event: "auth_challenge",
		nonce: "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=",
	},
	{ event: "auth_ok" },
	{ event: "auth_failed", reason: "bad signature" },
]);

const summary = {
	job_id: ID,
	operation: "PatchApply",
	status: "running",
	created_at: AT,
	completed_at: null,
	packages: ["openssl", "curl"],
};
const envelope = (data: unknown) => ({
	success: true,
	request_id: "0b9e4d0c-8a53-4f0e-9a3e-0f1f3d1b2c11",
	timestamp: AT,
	data,
	error: null,
});
const refusal = envelope(null);

/** Errors in an envelope and the manager's shape of them. */
const REFUSALS = [
	{
		...refusal,
		success: false,
		error: { code: "JOB_NOT_FOUND", message: "no such job", retryable: false },
	},
	{ ...refusal, success: false, error: "broken" },
];

/** Bodies of `GET /jobs`. */
export const JOB_LISTS: readonly string[] = texts([
	envelope({
		jobs: [summary, { ...summary, job_id: PARENT, status: "completed" }],
		total: 2,
	}),
	[{ ...summary, id: ID }],
	...REFUSALS,
]);

/** Bodies of `GET /jobs/{id}`. */
export const JOB_DETAILS: readonly string[] = texts([
	envelope({
		...summary,
		progress: 100,
		message: "Job created",
		logs: ["Reading package lists...", { message: "done", level: "info" }],
		error: null,
		exit_code: 0,
		command_stdout: "ok\n",
		command_stderr: "",
	}),
	{ ...summary, error_message: "no space left", progress_percent: 10 },
	...REFUSALS,
]);

/** Bodies of `GET /health`. */
export const HEALTHS: readonly string[] = texts([
	envelope({
		status: "degraded",
		uptime_seconds: 864_000,
		version: "v2.4.0-1",
		cache_status: "failed",
		crl_status: "expired",
		gpg_key_status: "valid",
		repo_config_synced: false,
		extensions: ["events.v1", "longpoll.v1"],
	}),
	{ status: "healthy" },
	...REFUSALS,
]);

/** Bodies of `GET /system/info`. */
export const SYSTEMS: readonly string[] = texts([
	envelope({
		hostname: "web-1",
		os: "Debian GNU/Linux",
		os_version: "12 (bookworm)",
		pending_reboot: true,
	}),
	...REFUSALS,
]);

const logged = { ...event, epoch: "a3c1" };

/** Bodies of `GET /events` and of long-polls; the empty text is the body of a 204. */
export const EVENT_PAGES: readonly string[] = [
	...texts([
		envelope({
			events: [
				{ ...logged, seq: 1 },
				{ ...logged, seq: 2, status: "completed" },
			],
			next: 2,
			oldest: 1,
			epoch: "a3c1",
		}),
		envelope({ events: [], next: 0, oldest: null, epoch: "a3c1" }),
		envelope(null),
		null,
		...REFUSALS,
	]),
	"",
];

/** Fleet files. */
export const FLEET_FILES: readonly string[] = [
	JSON.stringify({
		version: 1,
		name: "prod",
		defaults: { port: 12443, minTls: "1.2" },
		hosts: [
			{ id: "web-1", address: "10.0.0.1", labels: { role: "web" } },
			{ id: "db-1", address: "db-1.fleet.test", port: 12444, minTls: "1.3" },
		],
	}),
	`version: 1
name: prod
hosts:
  - id: web-1
    address: 10.0.0.1
    labels: &roles { role: web }
  - id: web-2
    address: "fd00::1"
    servername: web-2.fleet.test
    labels: *roles
`,
];

/** Faults files of the demo. */
export const FAULTS_FILES: readonly string[] = texts([
	{
		version: 1,
		hosts: {
			"web-*": [{ kind: "rate-limit", retryAfterSeconds: 5 }],
			"db-01": [
				{ kind: "restart", forget: true, downSeconds: 2 },
				{ kind: "huge-logs", megabytes: 4 },
			],
		},
	},
]);

/** What a window says to the core. */
export const ASKS: readonly string[] = texts([
	{ v: 1, kind: "ask", id: 1, name: "session.read", body: {} },
	{ v: 1, kind: "ask", id: 2, name: "fleet.resync", body: {} },
	{
		v: 1,
		kind: "ask",
		id: 3,
		name: "link.pause",
		body: { hostIds: ["web-1"], paused: true },
	},
	{
		v: 1,
		kind: "ask",
		id: 4,
		name: "run.output",
		body: { hostId: "web-1", agentJobId: ID },
	},
	{ v: 1, kind: "ack", id: 5 },
]);

/** What a core says to the window. */
export const TELLS: readonly string[] = texts([
	{ v: 1, kind: "answer", id: 1, body: {} },
	{
		v: 1,
		kind: "answer",
		id: 2,
		fault: {
			code: "tcp.refused",
			sentence: "nothing listens on that port",
			nextStep: "Check it.",
			retry: "soon",
		},
	},
	{
		v: 1,
		kind: "frame",
		id: 3,
		name: "fleet",
		body: {
			kind: "delta",
			epoch: "e",
			from: 0,
			seq: 1,
			at: 1,
			hosts: [],
			hostsGone: ["web-1"],
			runs: [],
			runsGone: [],
			jobs: [],
			jobsGone: [],
			events: [],
			eventsDropped: 0,
		},
	},
	{
		v: 1,
		kind: "frame",
		id: 4,
		name: "health",
		body: { at: 1, loopLagMs: 0, eventsPerSecond: 1, dialing: 0, queued: 0 },
	},
]);

/** Values of Retry-After headers. */
export const RETRY_AFTERS: readonly string[] = [
	"120",
	"0",
	"Wed, 21 Oct 2026 07:28:00 GMT",
	"Wednesday, 21-Oct-26 07:28:00 GMT",
];

/** Close reasons as agents and proxies give them. */
export const CLOSE_REASONS: readonly string[] = [
	"session replaced by another connection",
	"server shutting down",
	"Heartbeat timeout",
	"",
];

/** What people type after `foredeck doctor`. */
export const HOST_TEXTS: readonly string[] = [
	"web-1",
	"web-1.fleet.test:12443",
	"10.0.0.1",
	"[fd00::1]:12443",
	"fd00::1",
];
