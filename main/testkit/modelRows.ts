// Rows of the model for tests that care who has one and which, not what is in it.
import type { Activity, Host, HostRun, Job } from "../../shared/model.ts";
import { agentJobId, hostId, jobId } from "../../shared/model.ts";

/** A live host; `attempt` tells one version of the row from another. */
export const hostRow = (name: string, attempt = 0): Host => ({
	id: hostId(name),
	address: "127.0.0.1",
	port: 12443,
	servername: `${name}.fleet.test`,
	labels: {},
	link: {
		channel: "live",
		fault: null,
		sentence: null,
		nextStep: null,
		attempt,
		sinceAt: 0,
		retryAt: null,
	},
	health: { kind: "never_seen" },
	agentVersion: null,
	extensions: [],
	uptimeSeconds: null,
	pendingReboot: null,
	os: null,
	skewMs: null,
	heardAt: null,
	staleAfterMs: 80_000,
	openRuns: 0,
});

/** The run `1` of a host; `progressAt` tells one version of the row from another. */
export const runRow = (host: string, progressAt = 0): HostRun => ({
	hostId: hostId(host),
	agentJobId: agentJobId("1"),
	jobId: jobId("j-1"),
	state: "running",
	rawStatus: "running",
	operation: "patchapply",
	packages: [],
	progress: null,
	message: "",
	error: null,
	errorCode: null,
	exitCode: null,
	createdAt: null,
	completedAt: null,
	seenAt: 0,
	changedAt: 0,
	progressAt,
	runningAt: null,
	overdueAt: null,
	source: "push",
	remark: null,
});

/** A running job; `progressAt` tells one version of the row from another. */
export const jobRow = (name: string, progressAt = 0): Job => ({
	id: jobId(name),
	label: name,
	origin: "observed",
	operation: "patchapply",
	packages: [],
	status: "running",
	counts: {
		host: 1,
		queued: 0,
		running: 1,
		succeeded: 0,
		failed: 0,
		cancelled: 0,
		timed_out: 0,
		lost: 0,
		unknown: 0,
	},
	startedAt: 0,
	endedAt: null,
	progressAt,
});

/** The `n`-th line of the activity list. */
export const gapLine = (n: number): Activity => ({
	kind: "gap",
	n,
	receivedAt: 0,
	hostId: null,
	sentence: `gap ${n}`,
});
