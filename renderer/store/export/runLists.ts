// The hosts of a job, and the jobs of a host, as listings: both have host runs for rows. Pure.
import type { Host, HostRun, Job, RunKey } from "../../../shared/model.ts";
import { isOpen } from "../../../shared/model.ts";
import type { Fleet } from "../replica.ts";
import { SEVERITY } from "../select.ts";
import { endOf } from "../timeline.ts";
import { hostAbout, toldBy } from "./fleetLists.ts";
import type { Listing, ListingFacts, Value } from "./listing.ts";
import { isoOrNull, isoTime } from "./listing.ts";

/** How the screens say a run. */
export interface RunWords {
	stateWords(run: HostRun): string;
	/** Why, in one line. */
	runLine(run: HostRun): string;
}

const COLUMNS = [
	"host_id",
	"state",
	"raw_status",
	"message",
	"error",
	"error_code",
	"exit_code",
	"remark",
	"progress",
	"channel",
	"running_at",
	"ended_at",
	"progress_at",
	"job_id",
	"job_label",
	"agent_job_id",
	"operation",
	"packages",
	"labels",
] as const;

/** The runs of the keys that are still there, in their order. */
export const runsOf = (fleet: Fleet, keys: readonly RunKey[]): HostRun[] =>
	keys.flatMap((key) => fleet.replica.runs.get(key) ?? []);

/** The clock of a run's host against ours, ms. */
export const skewIn =
	(fleet: Fleet) =>
	(run: HostRun): number | null =>
		fleet.replica.hosts.get(run.hostId)?.skewMs ?? null;

export function jobHostsListing(
	fleet: Fleet,
	job: Job,
	keys: readonly RunKey[],
	facts: ListingFacts,
	words: RunWords,
): Listing {
	const runs = runsOf(fleet, keys);
	return {
		...toldBy(facts),
		what: "job-hosts",
		title: job.label,
		about: { job_id: job.id, label: job.label, status: job.status },
		columns: COLUMNS,
		rows: runs.map((run) => runRow(fleet, run, facts.utc)),
		brief: {
			heads: ["Host", "State", "Reason", "Code"],
			cells: (at) => briefOf(runs[at], (run) => run.hostId, words),
			rank: rankIn(runs),
		},
	};
}

/** Its jobs as the panel of a host lists them; what is known of the host is beside them. */
export function hostJobsListing(
	fleet: Fleet,
	host: Host,
	keys: readonly RunKey[],
	facts: ListingFacts,
	words: RunWords,
): Listing {
	const runs = runsOf(fleet, keys);
	const label = (run: HostRun): string =>
		fleet.replica.jobs.get(run.jobId)?.label ?? run.operation;
	return {
		...toldBy(facts),
		what: "host-jobs",
		title: `Jobs on ${host.id}`,
		about: hostAbout(host, facts),
		columns: COLUMNS,
		rows: runs.map((run) => runRow(fleet, run, facts.utc)),
		brief: {
			heads: ["Job", "State", "Reason", "Code"],
			cells: (at) => briefOf(runs[at], label, words),
			rank: rankIn(runs),
		},
	};
}

const briefOf = (
	run: HostRun | undefined,
	first: (run: HostRun) => string,
	words: RunWords,
): readonly string[] =>
	run === undefined
		? []
		: [
				first(run),
				words.stateWords(run),
				words.runLine(run),
				run.errorCode ?? "",
			];

const rankIn =
	(runs: readonly HostRun[]) =>
	(at: number): number =>
		SEVERITY.indexOf(runs[at]?.state ?? "succeeded");

function runRow(fleet: Fleet, run: HostRun, utc: boolean): readonly Value[] {
	const host = fleet.replica.hosts.get(run.hostId);
	return [
		run.hostId,
		run.state,
		run.rawStatus,
		run.message,
		run.error,
		run.errorCode,
		run.exitCode,
		run.remark,
		run.progress,
		host?.link.channel ?? null,
		isoOrNull(run.runningAt, utc),
		isOpen(run.state) ? null : isoTime(endOf(run, host?.skewMs ?? null), utc),
		isoTime(run.progressAt, utc),
		run.jobId,
		fleet.replica.jobs.get(run.jobId)?.label ?? null,
		run.agentJobId,
		run.operation,
		run.packages,
		host?.labels ?? {},
	];
}
