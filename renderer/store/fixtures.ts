// Rows for the tests of this folder: a host, a run and a job with everything as usual, and what is asked changed.
import type { Delta, Snapshot } from "../../shared/delta.ts";
import type { Counts, Host, HostRun, Job } from "../../shared/model.ts";
import { agentJobId, hostId, jobId } from "../../shared/model.ts";

export const NOW = 1_800_000_000_000;

export function hostRow(id: string, change: Partial<Host> = {}): Host {
	return {
		id: hostId(id),
		address: `${id}.fleet.test`,
		port: 12_443,
		servername: `${id}.fleet.test`,
		labels: {},
		link: {
			channel: "live",
			fault: null,
			sentence: null,
			nextStep: null,
			attempt: 0,
			sinceAt: NOW,
			retryAt: null,
		},
		health: { kind: "healthy", sinceAt: NOW },
		agentVersion: "1.4.2",
		extensions: [],
		uptimeSeconds: 1,
		pendingReboot: false,
		os: null,
		skewMs: 0,
		heardAt: NOW,
		staleAfterMs: 80_000,
		openRuns: 0,
		...change,
	};
}

export function runRow(
	host: string,
	job: string,
	change: Partial<HostRun> = {},
): HostRun {
	return {
		hostId: hostId(host),
		agentJobId: agentJobId(`a-${job}`),
		jobId: jobId(job),
		state: "running",
		rawStatus: "running",
		operation: "patchapply",
		packages: ["openssl"],
		progress: null,
		message: "",
		error: null,
		errorCode: null,
		exitCode: null,
		createdAt: null,
		completedAt: null,
		seenAt: NOW,
		changedAt: NOW,
		progressAt: NOW,
		runningAt: null,
		overdueAt: null,
		source: "push",
		remark: null,
		...change,
	};
}

export const countsOf = (change: Partial<Counts>): Counts => ({
	host: 0,
	queued: 0,
	running: 0,
	succeeded: 0,
	failed: 0,
	cancelled: 0,
	timed_out: 0,
	lost: 0,
	unknown: 0,
	...change,
});

export function jobRow(id: string, change: Partial<Job> = {}): Job {
	return {
		id: jobId(id),
		label: `patchapply · ${id}`,
		origin: "observed",
		operation: "patchapply",
		packages: ["openssl"],
		status: "running",
		counts: countsOf({ host: 1, running: 1 }),
		startedAt: NOW,
		endedAt: null,
		progressAt: NOW,
		...change,
	};
}

export const snapshotOf = (change: Partial<Snapshot> = {}): Snapshot => ({
	kind: "snapshot",
	epoch: "e1",
	seq: 10,
	at: NOW,
	fleet: "test",
	hosts: [],
	runs: [],
	jobs: [],
	events: [],
	...change,
});

export const deltaOf = (from: number, change: Partial<Delta> = {}): Delta => ({
	kind: "delta",
	epoch: "e1",
	from,
	seq: from + 1,
	at: NOW,
	hosts: [],
	hostsGone: [],
	runs: [],
	runsGone: [],
	jobs: [],
	jobsGone: [],
	events: [],
	eventsDropped: 0,
	...change,
});
