// Rows of a history that tests make up.
import type { HostRun, RunState } from "../../shared/model.ts";
import { agentJobId, hostId, isOpen, jobId } from "../../shared/model.ts";
import type {
	HistoryRows,
	KeptHost,
	KeptJob,
	KeptRun,
} from "../core/history/kept.ts";

/** When these stories begin, epoch ms. */
export const BEGAN = 1_800_000_000_000;

export const keptJob = (id: string, more: Partial<KeptJob> = {}): KeptJob => ({
	id: jobId(id),
	label: "patchapply · openssl",
	origin: "observed",
	operation: "patchapply",
	packages: ["openssl"],
	parentId: null,
	firstAt: BEGAN,
	isTold: true,
	...more,
});

export function keptRun(
	job: string,
	host: string,
	state: RunState,
	more: Partial<HostRun> = {},
): KeptRun {
	const run: HostRun = {
		hostId: hostId(host),
		agentJobId: agentJobId(`${job}-on-${host}`),
		jobId: jobId(job),
		state,
		rawStatus: state,
		operation: "patchapply",
		packages: ["openssl"],
		progress: 50,
		message: "Unpacking",
		error: null,
		errorCode: null,
		exitCode: null,
		createdAt: BEGAN,
		completedAt: null,
		seenAt: BEGAN,
		changedAt: BEGAN,
		progressAt: BEGAN,
		runningAt: null,
		overdueAt: null,
		source: "push",
		remark: null,
		...more,
	};
	return { run, startAt: BEGAN, endAt: isOpen(state) ? 0 : run.changedAt };
}

export const keptHost = (
	id: string,
	more: Partial<KeptHost> = {},
): KeptHost => ({
	id: hostId(id),
	servername: `${id}.fleet.test`,
	heardAt: BEGAN,
	health: { kind: "healthy", sinceAt: BEGAN },
	version: "2.5.4",
	uptimeSeconds: 1_000,
	pendingReboot: false,
	os: "Debian 12",
	channel: "live",
	fault: null,
	sinceAt: BEGAN,
	...more,
});

export const rowsOf = (more: Partial<HistoryRows>): HistoryRows => ({
	jobs: [],
	runs: [],
	hosts: [],
	...more,
});
