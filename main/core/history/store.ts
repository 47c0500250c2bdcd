// Reads and writes an open history: batches in one transaction each, what is needed at the start, and what is too old.
// Throws what SQLite throws; `openHistory.ts` makes faults of it.
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type {
	HistoryRows,
	Kept,
	KeptRun,
	KeptWhole,
	Retention,
} from "./kept.ts";
import { hostOf, hostRow, jobOf, jobRow, runOf, runRow } from "./rows.ts";
import { MIGRATIONS, PRAGMAS, SQL } from "./schema.ts";
import { hasFts5, indexWords } from "./words.ts";

const DAY_MS = 86_400_000;
/** Runs taken out at once: a few milliseconds. */
const DROPPED_AT_ONCE = 100;
/** A file larger than this loses its oldest jobs, whatever else is wanted. */
const BYTES_MOST = 1024 * 1024 * 1024;

export interface Store {
	load(since: number, runsMost: number): Kept;
	write(rows: HistoryRows): void;
	/** Takes one slice of old jobs out, or of new words into the index. True: there is more to do. */
	prune(now: number, retention: Retention): boolean;
}

/** How many steps this Foredeck knows; a file with more was written by a later one. */
export const KNOWN_VERSION = MIGRATIONS.length;

export const versionOf = (db: DatabaseSync): number =>
	numberIn(db.prepare("PRAGMA user_version"));

/** Sets the connection up, and takes the steps that the file has not had yet, all or none. */
export function migrate(db: DatabaseSync): void {
	db.exec(PRAGMAS);
	if (versionOf(db) === KNOWN_VERSION) return;
	inTransaction(db, () => {
		// Another process may have been faster.
		for (const step of MIGRATIONS.slice(versionOf(db))) db.exec(step);
		db.exec(`PRAGMA user_version = ${KNOWN_VERSION}`);
	});
}

export function openStore(db: DatabaseSync): Store {
	const canIndex = hasFts5(db);
	const prepared = new Map<string, StatementSync>();
	const sql = (text: string): StatementSync => {
		const known = prepared.get(text);
		if (known !== undefined) return known;
		const made = db.prepare(text);
		prepared.set(text, made);
		return made;
	};

	const putRuns = (runs: readonly KeptRun[]): void => {
		const putRun = sql(SQL.putRun);
		// The runs of a job mostly share their list.
		const texts = new Map<readonly string[], string>();
		for (const kept of runs) {
			const { packages } = kept.run;
			const text = texts.get(packages) ?? JSON.stringify(packages);
			texts.set(packages, text);
			putRun.run(...runRow(kept, text));
		}
	};

	const next = (now: number, { days, jobsMost }: Retention): string | null => {
		const old = sql(SQL.oldestBefore).get(now - days * DAY_MS)?.id;
		if (typeof old === "string") return old;
		const jobs = numberIn(sql(SQL.jobs));
		const isTooMuch =
			jobs > jobsMost || (jobs > 1 && usedBytes(db) > BYTES_MOST);
		const oldest = isTooMuch ? sql(SQL.oldest).get()?.id : null;
		return typeof oldest === "string" ? oldest : null;
	};

	return {
		load(since, runsMost) {
			const jobs: KeptWhole[] = [];
			const lists = new Map<unknown, unknown>();
			let left = runsMost;
			for (const row of sql(SQL.jobsSince).all(since)) {
				const job = jobOf(row);
				if (job === null) continue;
				const runs = sql(SQL.runsOfJob)
					.all(job.id)
					.flatMap((one) => runOf(one, lists) ?? []);
				// Half of a job would be shown with wrong counts.
				if (runs.length > left) break;
				left -= runs.length;
				if (runs.length > 0) jobs.push({ job, runs });
			}
			const hosts = sql(SQL.hosts)
				.all()
				.flatMap((row) => hostOf(row) ?? []);
			return { jobs, hosts };
		},
		write({ jobs, runs, hosts }) {
			inTransaction(db, () => {
				const lastAt = new Map<string, number>();
				for (const { run } of runs)
					lastAt.set(
						run.jobId,
						Math.max(lastAt.get(run.jobId) ?? 0, run.changedAt),
					);
				const putJob = sql(SQL.putJob);
				for (const job of jobs)
					putJob.run(...jobRow(job, lastAt.get(job.id) ?? 0));
				putRuns(runs);
				const putHost = sql(SQL.putHost);
				for (const host of hosts) putHost.run(...hostRow(host));
			});
		},
		prune: (now, retention) =>
			inTransaction(db, () => {
				const job = next(now, retention);
				if (job === null) {
					sql(SQL.dropHosts).run(now - retention.days * DAY_MS);
					return canIndex && indexWords(db);
				}
				sql(SQL.dropRuns).run(job, DROPPED_AT_ONCE);
				sql(SQL.dropJob).run(job);
				return true;
			}),
	};
}

/** All of it or nothing; begins as a writer, so that it cannot meet another one half way. */
function inTransaction<T>(db: DatabaseSync, act: () => T): T {
	db.exec("BEGIN IMMEDIATE");
	try {
		const result = act();
		db.exec("COMMIT");
		return result;
	} catch (error) {
		// Some errors have rolled it back already.
		if (db.isTransaction) db.exec("ROLLBACK");
		throw error;
	}
}

/** What the file holds; freed pages are used again before it grows. */
const usedBytes = (db: DatabaseSync): number =>
	(numberIn(db.prepare("PRAGMA page_count")) -
		numberIn(db.prepare("PRAGMA freelist_count"))) *
	numberIn(db.prepare("PRAGMA page_size"));

const numberIn = (statement: StatementSync): number =>
	Number(Object.values(statement.get() ?? {})[0] ?? 0);
