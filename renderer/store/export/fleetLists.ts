// The jobs and the hosts on the screen as listings. The ids are the screen's own: an export has exactly its rows. Pure.
import type { Host, HostId, Job, JobId } from "../../../shared/model.ts";
import type { Fleet } from "../replica.ts";
import { isStale } from "../subject.ts";
import type { Listing, ListingFacts, Value } from "./listing.ts";
import { isoOrNull, isoTime } from "./listing.ts";

/** What every listing says of itself. */
export const toldBy = (facts: ListingFacts) => ({
	fleet: facts.fleetName,
	filter: facts.filter,
	asOf: facts.now,
	utc: facts.utc,
	about: {},
});

/** The rows of the ids that are still there. */
const present = <I, R>(ids: readonly I[], rows: ReadonlyMap<I, R>): R[] =>
	ids.flatMap((id) => rows.get(id) ?? []);

const JOB_COLUMNS = [
	"job_id",
	"label",
	"status",
	"origin",
	"operation",
	"packages",
	"host_count",
	"failed_count",
	"timed_out_count",
	"lost_count",
	"unknown_count",
	"running_count",
	"queued_count",
	"cancelled_count",
	"succeeded_count",
	"started_at",
	"ended_at",
	"progress_at",
] as const;

/** @param countsInWords as the screen says them: `2 failed · 48 succeeded`. */
export function jobsListing(
	fleet: Fleet,
	ids: readonly JobId[],
	facts: ListingFacts,
	countsInWords: (counts: Job["counts"]) => string,
): Listing {
	const { utc } = facts;
	const jobs = present(ids, fleet.replica.jobs);
	return {
		...toldBy(facts),
		what: "jobs",
		title: "Jobs",
		columns: JOB_COLUMNS,
		rows: jobs.map((job) => jobRow(job, utc)),
		brief: {
			heads: ["Job", "State", "Counts", "Started"],
			cells(at) {
				const job = jobs[at];
				return job === undefined
					? []
					: [
							job.label,
							job.status,
							`${countsInWords(job.counts)} of ${job.counts.host}`,
							isoTime(job.startedAt, utc).slice(0, 19).replace("T", " "),
						];
			},
			rank(at) {
				const job = jobs[at];
				const bad = job && badCount(job);
				return bad ? 0 : job?.endedAt === null ? 1 : 2;
			},
		},
	};
}

const badCount = ({ counts }: Job): number =>
	counts.failed + counts.timed_out + counts.lost;

const jobRow = (job: Job, utc: boolean): readonly Value[] => [
	job.id,
	job.label,
	job.status,
	job.origin,
	job.operation,
	job.packages,
	job.counts.host,
	job.counts.failed,
	job.counts.timed_out,
	job.counts.lost,
	job.counts.unknown,
	job.counts.running,
	job.counts.queued,
	job.counts.cancelled,
	job.counts.succeeded,
	isoTime(job.startedAt, utc),
	isoOrNull(job.endedAt, utc),
	isoTime(job.progressAt, utc),
];

const HOST_COLUMNS = [
	"host_id",
	"address",
	"port",
	"servername",
	"channel",
	"fault",
	"sentence",
	"next_step",
	"channel_since",
	"attempt",
	"health",
	"health_reasons",
	"heard_at",
	"stale",
	"open_runs",
	"pending_reboot",
	"agent_version",
	"os",
	"uptime_seconds",
	"skew_ms",
	"labels",
] as const;

/** @param why a host is not as it should be, in one line. */
export function hostsListing(
	fleet: Fleet,
	ids: readonly HostId[],
	facts: ListingFacts,
	why: (host: Host) => string,
): Listing {
	const hosts = present(ids, fleet.replica.hosts);
	return {
		...toldBy(facts),
		what: "hosts",
		title: "Hosts",
		columns: HOST_COLUMNS,
		rows: hosts.map((host) => hostRow(host, facts)),
		brief: {
			heads: ["Host", "Channel", "Health", "Why"],
			cells(at) {
				const host = hosts[at];
				return host === undefined
					? []
					: [
							host.id,
							host.link.channel,
							host.health.kind.replace("_", " "),
							why(host),
						];
			},
			rank(at) {
				const host = hosts[at];
				return host === undefined ? 9 : hostRank(host);
			},
		},
	};
}

/** Blocked and unreachable hosts first, then those that are not as usual. */
function hostRank({ link, health }: Host): number {
	if (link.channel === "blocked" || health.kind === "unreachable") return 0;
	return link.channel !== "live" || health.kind !== "healthy" ? 1 : 2;
}

/** One host, also for the panel that shows it alone. */
const hostRow = (host: Host, { now, utc }: ListingFacts): readonly Value[] => [
	host.id,
	host.address,
	host.port,
	host.servername,
	host.link.channel,
	host.link.fault,
	host.link.sentence,
	host.link.nextStep,
	isoTime(host.link.sinceAt, utc),
	host.link.attempt,
	host.health.kind,
	host.health.kind === "degraded" ? host.health.reasons : [],
	isoOrNull(host.heardAt, utc),
	isStale(host, now),
	host.openRuns,
	host.pendingReboot,
	host.agentVersion,
	host.os,
	host.uptimeSeconds,
	host.skewMs,
	host.labels,
];

/** What is known of a host, by the names of its columns. */
export const hostAbout = (
	host: Host,
	facts: ListingFacts,
): Readonly<Record<string, Value>> =>
	Object.fromEntries(
		hostRow(host, facts).map((value, at) => [HOST_COLUMNS[at] ?? "", value]),
	);
