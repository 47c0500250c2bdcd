// The objects an agent's REST answers hold (02-AGENT-PROTOCOL section 1.5), made of its jobs and of invented but steady
// facts about its host. Decides no status codes and no routes.
import type { Clock } from "../../shared/clock.ts";
import { outputLines } from "./aptOutput.ts";
import type { FaultSet } from "./faultSet.ts";
import type { AgentJob } from "./jobTable.ts";
import { CATALOGUE, type DemoPackage } from "./packages.ts";
import { seeded } from "./seeded.ts";
import type { Voice } from "./voice.ts";

type Body = Record<string, unknown>;

/** Lines of command output an agent keeps of a failed command. */
const STDOUT_LINES = 40;
/** A package waits for its upgrade on this share of the hosts. */
const WAITING_SHARE = 0.7;

/** A package cache older than 900 s is stale, and then real agents create phantom jobs (02-AGENT-PROTOCOL Q8). */
const CACHE_AGE_MS = 400_000;

/** What the demo knows of a host beside its jobs. */
export interface HostFacts {
	readonly hostname: string;
	/** Seconds since the host booted. */
	uptimeSeconds(): number;
	rebooted(): void;
	pendingReboot(): boolean;
	/** Packages that wait for an upgrade. */
	waiting(): DemoPackage[];
	/** These are upgraded now. */
	upgrade(packages: readonly string[]): void;
	lastApplyAt(): number | null;
}

/** A host whose age and packages follow from the seed and its name. */
export function createHostFacts(
	hostname: string,
	seed: number,
	clock: Clock,
): HostFacts {
	const chance = seeded(seed, "host", hostname);
	let uptimeAtStart = chance.between(3 * 86_400, 120 * 86_400);
	let startedAt = clock.monotonicMs();
	const waiting = new Set(
		CATALOGUE.filter(() => chance.next() < WAITING_SHARE),
	);
	let needsReboot = false;
	let appliedAt: number | null = null;
	return {
		hostname,
		uptimeSeconds: () =>
			uptimeAtStart + Math.floor((clock.monotonicMs() - startedAt) / 1000),
		rebooted() {
			uptimeAtStart = 1;
			startedAt = clock.monotonicMs();
			needsReboot = false;
		},
		pendingReboot: () => needsReboot,
		waiting: () => [...waiting],
		upgrade(packages) {
			appliedAt = clock.wallMs();
			for (const each of CATALOGUE) {
				if (!packages.includes(each.name)) continue;
				waiting.delete(each);
				needsReboot ||= each.reboot;
			}
		},
		lastApplyAt: () => appliedAt,
	};
}

/** A row of `GET /jobs`. */
export function jobSummary(job: AgentJob, voice: Voice): Body {
	const { parent } = job.spec;
	return {
		job_id: job.id,
		operation: job.spec.operation,
		status: voice.restStatus(job.state),
		created_at: voice.at(job.createdAt, `${job.id}/created`),
		completed_at:
			job.completedAt === null
				? null
				: voice.at(job.completedAt, `${job.id}/completed`),
		packages: job.spec.packages,
		...(job.failing === null ? {} : { error_code: job.failing.errorCode }),
		...(parent && voice.offers("parent.v1")
			? { parent_job_id: parent.id, parent_label: parent.label }
			: {}),
	};
}

/** `GET /jobs/{id}`. */
export function jobDetail(job: AgentJob, voice: Voice, faults: FaultSet): Body {
	const output = outputLines(
		{ operation: job.spec.operation, packages: job.spec.packages },
		// A failed run broke off early, whatever time it took to find out.
		job.failing === null ? job.fraction : job.fraction * 0.4,
	);
	const begun = job.state === "pending" ? [] : ["Job started", ...output];
	const ending =
		job.failing !== null
			? [`Job failed: ${job.failing.error.split("\n")[0]}`]
			: job.state === "completed"
				? ["Job completed successfully"]
				: [];
	const logs = ["Refreshing package cache...", ...begun, ...ending];
	const huge = faults.get("huge-logs");
	const command = job.failing !== null && job.failing.exitCode !== null;
	return {
		...jobSummary(job, voice),
		progress: job.progress,
		message: job.message,
		logs: huge ? [...hugeLogs(huge.megabytes), ...logs] : logs,
		error: job.failing?.error ?? null,
		...(command
			? {
					exit_code: job.failing?.exitCode,
					command_stdout: output.slice(-STDOUT_LINES).join("\n"),
					command_stderr: job.failing?.stderr,
				}
			: {}),
		rollback_job_id: null,
		exclusive_mode: false,
	};
}

const LOG_LINE = "Selecting previously unselected package ".padEnd(99, ".");

function hugeLogs(megabytes: number): string[] {
	const lines = Math.ceil((megabytes * 1024 * 1024) / (LOG_LINE.length + 1));
	return new Array<string>(lines).fill(LOG_LINE);
}

/** `GET /health`. */
export function health(host: HostFacts, voice: Voice): Body {
	const refreshedAt = voice.wallMs() - CACHE_AGE_MS;
	const body: Body = {
		status: "healthy",
		uptime_seconds: host.uptimeSeconds(),
		version: voice.version(),
		last_cache_update: voice.at(refreshedAt, `${host.hostname}/cache`),
		cache_status: "fresh",
		crl_status: "valid",
		crl_age_seconds: 3600,
	};
	if (voice.facts.newHealthFields) {
		body.crl_next_update = voice.at(voice.wallMs() + 82_800_000, "crl");
		body.gpg_key_status = "valid";
		body.gpg_key_expires_at = voice.at(voice.wallMs() + 4e10, "gpg");
		body.repo_config_synced = true;
		body.repo_config_last_sync = voice.at(refreshedAt, `${host.hostname}/repo`);
	}
	const extensions = voice.extensions();
	if (extensions.length > 0) body.extensions = extensions;
	return body;
}

/** `GET /system/info`. */
export function systemInfo(host: HostFacts, voice: Voice): Body {
	const applied = host.lastApplyAt();
	return {
		hostname: host.hostname,
		os: "Debian GNU/Linux",
		os_version: "12 (bookworm)",
		kernel: "6.1.0-31-amd64",
		architecture: "x86_64",
		last_update_check: voice.at(
			voice.wallMs() - CACHE_AGE_MS,
			`${host.hostname}/check`,
		),
		last_update_apply: applied === null ? null : voice.at(applied, "applied"),
		pending_reboot: host.pendingReboot(),
	};
}

/** `GET /patches`. */
export function patches(host: HostFacts): Body {
	const rows = host.waiting().map((each) => ({
		name: each.name,
		current_version: each.from,
		available_version: each.to,
		severity: each.severity,
		description: each.description,
		cve_ids: each.cves,
		requires_reboot: each.reboot,
	}));
	return {
		patches: rows,
		total: rows.length,
		security_updates: rows.filter(
			({ severity }) => severity === "critical" || severity === "high",
		).length,
		requires_reboot: rows.some((row) => row.requires_reboot),
	};
}

/** One entry of `GET /packages`. */
export function packageRow(each: DemoPackage, upgradable: boolean): Body {
	return {
		name: each.name,
		version: upgradable ? each.from : each.to,
		status: upgradable ? "upgradable" : "installed",
		upgradable,
		latest_version: each.to,
		description: each.description,
		dependencies: ["libc6"],
		reverse_dependencies: [],
	};
}
