// Writes down what changed, off the path of events: what was touched is remembered by its name alone, and written in batches
// when the loop turns next. So a run that changes ten times is written once, and what is not yet written is bounded by what is
// in the book.
import type { Cancel, Clock } from "../../../shared/clock.ts";
import type { Fault } from "../../../shared/fault.ts";
import type { HostId, JobId, RunKey } from "../../../shared/model.ts";
import type { JobBook } from "../jobs/book.ts";
import type {
	HistoryPort,
	HistoryRows,
	KeptHost,
	KeptJob,
	KeptRun,
	Retention,
} from "./kept.ts";
import { RETENTION } from "./kept.ts";

/** A change that was told is on the disk after this. */
const TOLD_MS = 250;
/** Mere progress, which the next answer of its agent tells again. */
const PROGRESS_MS = 5_000;
/** What is known of hosts: their age is all that mostly changes. */
const HOSTS_MS = 60_000;
/** The first rows of hosts come soon: after a crash runs without their hosts would be shown without their age. */
const HOSTS_FIRST_MS = 2_000;
const HOSTS_SECOND_MS = 10_000;
/** Rows in a batch at the most; fewer while batches take longer than a frame. */
const BATCH_MOST = 250;
const BATCH_LEAST = 25;
const SLOW_MS = 10;
const QUICK_MS = 3;
/** Between two batches of what is too much for one: the loop is for others. */
const REST_MS = 50;
/** After a write that another process was in the way of. */
const BUSY_MS = 100;
/** After one that failed. */
const FAILED_MS = 30_000;
/** How often old jobs and new words are looked for, and the time between two slices of them. */
const PRUNE_EVERY_MS = 60_000;
const PRUNE_FIRST_MS = 60_000;
const PRUNE_REST_MS = 250;
/** How long the last batches wait for another process that writes; quitting takes a second at the most. */
const LAST_MS = 300;

export interface RecorderPorts {
	readonly clock: Clock;
	readonly history: HistoryPort;
	readonly book: Pick<JobBook, "toKeep">;
	host(id: HostId): KeptHost | null;
	hosts(): Iterable<HostId>;
	retention?(): Retention;
	/** Nothing can be written; told once until it can again. */
	onFault(why: Fault): void;
	/** These rows are kept, whatever happens to this process. */
	onKept?(rows: HistoryRows): void;
}

export interface Recorder {
	touchRun(key: RunKey): void;
	touchHost(id: HostId): void;
	/** This run's change was told as an event: it is written soon. */
	told(key: RunKey): void;
	/** The longest that a batch has held up the loop, and how many rows were written. */
	readonly figures: { readonly worstMs: number; readonly rows: number };
	/** Why the last write failed; null: it did not. */
	readonly trouble: Fault | null;
	/** Writes all there is, and closes the history. */
	stop(): void;
}

export function openRecorder(ports: RecorderPorts): Recorder {
	const { clock, history, book } = ports;
	/** Runs whose change was told, and all that changed. */
	const toldRuns = new Set<RunKey>();
	const runs = new Set<RunKey>();
	const hosts = new Set<HostId>();
	const figures = { worstMs: 0, rows: 0 };
	let batchMost = BATCH_MOST;
	let progressDueMs = Number.POSITIVE_INFINITY;
	let isFailing = false;
	let trouble: Fault | null = null;
	let dueMs = Number.POSITIVE_INFINITY;
	let cancel: Cancel = () => {};
	let hostsDueMs = clock.monotonicMs() + HOSTS_FIRST_MS;
	const secondHostsMs = clock.monotonicMs() + HOSTS_SECOND_MS;
	let stopped = false;

	const arm = (atMs: number): void => {
		if (stopped || atMs >= dueMs) return;
		cancel();
		dueMs = atMs;
		cancel = clock.at(atMs, flush);
	};

	/** Rows of the next batch; takes their names out. What was told comes first, and alone unless everything is due. */
	const take = (
		withProgress: boolean,
		withHosts: boolean,
	): HistoryRows & { keys: RunKey[] } => {
		const jobs = new Map<JobId, KeptJob>();
		const taken: KeptRun[] = [];
		const keys: RunKey[] = [];
		const next = function* (): Generator<RunKey> {
			yield* toldRuns;
			if (withProgress) yield* runs;
		};
		for (const key of next()) {
			if (taken.length >= batchMost) break;
			toldRuns.delete(key);
			runs.delete(key);
			const kept = book.toKeep(key);
			if (kept === undefined) continue;
			keys.push(key);
			jobs.set(kept.job.id, kept.job);
			taken.push(kept.run);
		}
		const known: KeptHost[] = [];
		if (withHosts)
			for (const id of hosts) {
				if (taken.length + known.length >= batchMost) break;
				hosts.delete(id);
				const host = ports.host(id);
				if (host !== null) known.push(host);
			}
		return { jobs: [...jobs.values()], runs: taken, hosts: known, keys };
	};

	/** True: these rows are kept. Otherwise their names are back, and the next try is due at `dueMs`. */
	const write = (
		rows: ReturnType<typeof take>,
		patienceMs?: number,
	): boolean => {
		const beganMs = clock.monotonicMs();
		const written = history.write(rows, patienceMs);
		const tookMs = clock.monotonicMs() - beganMs;
		if (written === "kept") {
			isFailing = false;
			trouble = null;
			note(tookMs, rows.runs.length + rows.hosts.length);
			ports.onKept?.(rows);
			return true;
		}
		for (const key of rows.keys) toldRuns.add(key);
		for (const { id } of rows.hosts) hosts.add(id);
		if (written !== "busy") {
			if (!isFailing) ports.onFault(written);
			trouble = written;
		}
		isFailing ||= written !== "busy";
		arm(clock.monotonicMs() + (written === "busy" ? BUSY_MS : FAILED_MS));
		return false;
	};
	const note = (tookMs: number, rows: number): void => {
		figures.rows += rows;
		figures.worstMs = Math.max(figures.worstMs, tookMs);
		if (tookMs > SLOW_MS) batchMost = Math.max(BATCH_LEAST, batchMost >> 1);
		else if (tookMs < QUICK_MS)
			batchMost = Math.min(BATCH_MOST, batchMost + BATCH_LEAST);
	};

	function flush(): void {
		dueMs = Number.POSITIVE_INFINITY;
		const nowMs = clock.monotonicMs();
		const withProgress = nowMs >= progressDueMs;
		const withHosts = nowMs >= hostsDueMs;
		const rows = take(withProgress, withHosts);
		const isEmpty = rows.runs.length + rows.hosts.length === 0;
		if (!isEmpty && !write(rows)) return;
		const isMore =
			toldRuns.size > 0 ||
			(withProgress && runs.size > 0) ||
			(withHosts && hosts.size > 0);
		if (isMore) return arm(nowMs + REST_MS);
		if (withProgress) progressDueMs = Number.POSITIVE_INFINITY;
		if (withHosts)
			hostsDueMs = nowMs < secondHostsMs ? secondHostsMs : nowMs + HOSTS_MS;
		arm(Math.min(progressDueMs, hostsDueMs));
	}

	const prune = (): void => {
		const more = history.prune(
			clock.wallMs(),
			ports.retention?.() ?? RETENTION,
		);
		cancelPrune = clock.at(
			clock.monotonicMs() + (more ? PRUNE_REST_MS : PRUNE_EVERY_MS),
			prune,
		);
	};
	let cancelPrune = clock.at(clock.monotonicMs() + PRUNE_FIRST_MS, prune);
	arm(hostsDueMs);

	return {
		figures,
		get trouble() {
			return trouble;
		},
		touchRun(key) {
			runs.add(key);
			if (progressDueMs !== Number.POSITIVE_INFINITY) return;
			progressDueMs = clock.monotonicMs() + PROGRESS_MS;
			if (!isFailing) arm(progressDueMs);
		},
		touchHost: (id) => void hosts.add(id),
		told(key) {
			toldRuns.add(key);
			if (toldRuns.size === 1 && !isFailing) arm(clock.monotonicMs() + TOLD_MS);
		},
		stop() {
			stopped = true;
			cancel();
			cancelPrune();
			for (const id of ports.hosts()) hosts.add(id);
			for (;;) {
				const rows = take(true, true);
				const isEmpty = rows.runs.length + rows.hosts.length === 0;
				if (isEmpty || !write(rows, LAST_MS)) break;
			}
			history.close();
		},
	};
}
