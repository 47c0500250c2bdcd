// What a console does with its history: gives back what was known before the first dial, and from then on writes down what
// changes. Without a history every member does nothing.
import type { Clock } from "../../../shared/clock.ts";
import type { Fault, FaultCode } from "../../../shared/fault.ts";
import type {
	Activity,
	Host,
	HostId,
	HostRun,
	RunKey,
} from "../../../shared/model.ts";
import { runKey } from "../../../shared/model.ts";
import type { Fleet } from "../fleet/fleet.ts";
import type { HostEntry } from "../fleet/target.ts";
import type { JobBook } from "../jobs/book.ts";
import { HISTORY_MS, NEWS_MS } from "../jobs/shelf.ts";
import type { CameBack } from "../notify/notifier.ts";
import type { HistoryPort, KeptHost, KeptWhole, Retention } from "./kept.ts";
import type { Recorder } from "./recorder.ts";
import { openRecorder } from "./recorder.ts";

/** Runs that are read before the first dial: a few tenths of a second. Jobs beyond them come back with their agents' lists. */
const RESTORED_MOST = 30_000;

export interface MemoryPorts {
	readonly clock: Clock;
	/** Absent: nothing is kept. */
	readonly history: HistoryPort | undefined;
	/** How much is kept, asked again and again. */
	retention?(): Retention;
	/** The fleet as it is now; what is kept of other hosts stays where it is. */
	readonly hosts: readonly HostEntry[];
	/** Says in the activity that nothing is kept, or that something was set aside. */
	tell(hostId: null, sentence: string, code: FaultCode): void;
}

export interface Memory {
	/** Puts the jobs that are still of interest back. */
	restore(book: JobBook): void;
	/** What was known of this host, once. */
	takeKept(entry: HostEntry): KeptHost | null;
	/** The jobs that came back, for who tells a person about ends. */
	cameBack(book: JobBook): readonly CameBack[];
	/** From now on what is touched is written. */
	record(book: JobBook, fleet: Fleet): void;
	touchRun(key: RunKey): void;
	touchHost(id: HostId): void;
	/** A line of the activity was told. */
	told(line: Activity): void;
	/** Why nothing is kept just now, or what was set aside at the start; null: all is well. */
	readonly trouble: Fault | null;
	/** Writes what is not written yet. To be called while the fleet is still there. */
	stop(): void;
}

export function openMemory(ports: MemoryPorts): Memory {
	const { clock, history, tell } = ports;
	const entries = new Map(ports.hosts.map((entry) => [entry.id, entry]));
	const hosts = new Map<HostId, KeptHost>();
	let jobs: readonly KeptWhole[] = [];
	let recorder: Recorder | null = null;

	/** The same name on another certificate is another machine. */
	const isHere = (id: HostId): boolean => {
		const entry = entries.get(id);
		const { servername } = hosts.get(id) ?? {};
		return (
			entry !== undefined &&
			(servername === undefined || servername === entry.servername)
		);
	};
	const tellFault = ({ code, sentence }: Fault): void =>
		tell(null, sentence, code);

	if (history !== undefined && entries.size > 0) {
		const kept = history.load(clock.wallMs() - HISTORY_MS, RESTORED_MOST);
		for (const host of kept.hosts) hosts.set(host.id, host);
		jobs = kept.jobs
			.map(({ job, runs }) => ({
				job,
				runs: runs.filter(({ run }) => isHere(run.hostId)),
			}))
			.reverse();
	}
	return {
		restore: (book) => book.restore(jobs),
		takeKept({ id }) {
			const kept = isHere(id) ? hosts.get(id) : undefined;
			hosts.delete(id);
			return kept ?? null;
		},
		cameBack(book) {
			const now = clock.wallMs();
			return jobs.map(({ job: { id, isTold } }) => {
				const endedAt = book.jobs.get(id)?.endedAt ?? null;
				return {
					id,
					firstFailed: firstFailedOf(book.runsOfJob(id)),
					isNews: isTold && endedAt !== null && now - endedAt <= NEWS_MS,
				};
			});
		},
		record(book, fleet) {
			jobs = [];
			if (history === undefined) return;
			if (history.why !== null) tellFault(history.why);
			recorder = openRecorder({
				clock,
				history,
				book,
				host: (id) => toKeep(fleet.row(id)),
				hosts: () => [...fleet.members()].map(({ entry }) => entry.id),
				...(ports.retention === undefined
					? {}
					: { retention: ports.retention }),
				onFault: tellFault,
			});
		},
		touchRun: (key) => recorder?.touchRun(key),
		touchHost: (id) => recorder?.touchHost(id),
		told(line) {
			if (line.kind === "host")
				recorder?.told(runKey(line.hostId, line.agentJobId));
		},
		get trouble() {
			return history?.why ?? recorder?.trouble ?? null;
		},
		stop() {
			recorder?.stop();
			recorder = null;
		},
	};
}

const FAILURES: ReadonlySet<string> = new Set(["failed", "timed_out", "lost"]);

function firstFailedOf(runs: readonly HostRun[]): HostId | null {
	let first: HostRun | null = null;
	for (const run of runs)
		if (
			FAILURES.has(run.state) &&
			run.changedAt < (first?.changedAt ?? Infinity)
		)
			first = run;
	return first?.hostId ?? null;
}

const toKeep = (row: Host | undefined): KeptHost | null =>
	row === undefined
		? null
		: {
				id: row.id,
				servername: row.servername,
				heardAt: row.heardAt,
				health: row.health,
				version: row.agentVersion,
				uptimeSeconds: row.uptimeSeconds,
				pendingReboot: row.pendingReboot,
				os: row.os,
				channel: row.link.channel,
				fault: row.link.fault,
				sinceAt: row.link.sinceAt,
			};
