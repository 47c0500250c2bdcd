// Looks into an open history for what a person asks: words, older jobs than are in the book, and one job with its runs. Every
// answer is bounded, so that a history of years costs no more than a page. Works without any network.
import type { DatabaseSync, SQLOutputValue } from "node:sqlite";
import type { Counts, Job, JobId } from "../../../shared/model.ts";
import { RUN_STATES } from "../../../shared/model.ts";
import { jobStatus } from "../jobs/counts.ts";
import type { KeptRun } from "./kept.ts";
import { jobOf, runOf } from "./rows.ts";
import { MIGRATIONS } from "./schema.ts";

/** Newest rows that are not in the index of words and are read one by one: a few tens of milliseconds. */
const READ_MOST = 20_000;

/** A run in which the words were found. `row` is its place: a page of older ones begins below it. */
export interface FoundRun {
	readonly row: number;
	readonly label: string;
	readonly kept: KeptRun;
}

/** Where a page of older jobs begins: after the job that changed last at `at` (epoch ms) and has this id. */
export interface PageEnd {
	readonly at: number;
	readonly id: JobId;
}

/** Throws what SQLite throws; `openHistory.ts` makes faults of it. */
export interface Archive {
	/** Runs whose job, host, error or message has all these words, the newest first; `before`: a row, to go on. */
	search(
		words: string,
		before: number | null,
		most: number,
	): readonly FoundRun[];
	/** Jobs, the one that changed last first. */
	jobs(
		before: PageEnd | null,
		most: number,
	): { readonly jobs: readonly Job[]; readonly end: PageEnd | null };
	/** One job; null: it is not there. */
	job(id: JobId): Job | null;
	/** Its runs beyond the row `after` (0: from the first), and the row to go on from; null: these were the last. */
	runs(
		id: JobId,
		after: number,
		most: number,
	): {
		readonly runs: readonly { readonly row: number; readonly kept: KeptRun }[];
		readonly next: number | null;
	};
	/** Takes everything out, for good. */
	forget(): void;
}

const OPEN = "('queued', 'running', 'unknown')";
const COLUMNS = "runs.rowid AS row, label, runs.*";
const TEXT =
	"label || ' ' || host_id || ' ' || coalesce(error, '') || ' ' || coalesce(error_code, '') || ' ' || message";
const SQL = {
	hasIndex: "SELECT 1 FROM sqlite_master WHERE name = 'search'",
	found: `SELECT ${COLUMNS} FROM (SELECT rowid AS hit FROM search WHERE search MATCH ? AND rowid < ? ORDER BY rowid DESC LIMIT ?)
		JOIN runs ON runs.rowid = hit JOIN jobs ON jobs.id = job_id`,
	// What runs, and what ended lately, is not in the index.
	read: (
		words: number,
	) => `SELECT ${COLUMNS} FROM runs JOIN jobs ON jobs.id = job_id
		WHERE runs.rowid IN (SELECT rowid FROM runs WHERE state IN ${OPEN}
			UNION SELECT run FROM (SELECT run FROM unindexed ORDER BY run DESC LIMIT ${READ_MOST}))
		AND runs.rowid < ? ${`AND ${TEXT} LIKE ? ESCAPE '\\' `.repeat(words)} ORDER BY runs.rowid DESC LIMIT ?`,
	jobs: `SELECT * FROM jobs WHERE last_at < ? OR (last_at = ? AND id > ?) ORDER BY last_at DESC, id LIMIT ?`,
	job: "SELECT * FROM jobs WHERE id = ?",
	counts: `SELECT count(*) AS host, ${RUN_STATES.map((state) => `coalesce(sum(state = '${state}'), 0) AS ${state}`).join(", ")},
		min(start_at) AS started_at, max(end_at) AS ended_at, max(progress_at) AS progress_at FROM runs WHERE job_id = ?`,
	runs: "SELECT rowid AS row, * FROM runs WHERE job_id = ? AND rowid > ? ORDER BY rowid LIMIT ?",
};

const LAST_ROW = Number.MAX_SAFE_INTEGER;

export function openArchive(db: DatabaseSync): Archive {
	const foundIn = (
		rows: readonly Readonly<Record<string, SQLOutputValue>>[],
	): FoundRun[] => {
		const lists = new Map<unknown, unknown>();
		return rows.flatMap((row) => {
			const kept = runOf(row, lists);
			return kept === null
				? []
				: [{ row: Number(row.row), label: String(row.label), kept }];
		});
	};
	const wholeJob = (
		row: Readonly<Record<string, SQLOutputValue>>,
	): Job | null => {
		const kept = jobOf(row);
		const sums = db.prepare(SQL.counts).get(kept?.id ?? "");
		if (kept === null || sums === undefined || sums.host === 0) return null;
		const { id, label, origin, operation, packages } = kept;
		const counts = Object.fromEntries(
			["host", ...RUN_STATES].map((name) => [name, Number(sums[name])]),
		) as Counts;
		const status = jobStatus(counts);
		return {
			...{ id, label, origin, operation, packages: [...packages] },
			...{ status, counts },
			startedAt: Number(sums.started_at),
			endedAt:
				status === "queued" || status === "running"
					? null
					: Number(sums.ended_at),
			progressAt: Number(sums.progress_at),
		};
	};

	return {
		search(text, before, most) {
			const words = text.split(/\s+/).filter((word) => word !== "");
			if (words.length === 0) return [];
			const below = before ?? LAST_ROW;
			const read = db
				.prepare(SQL.read(words.length))
				.all(below, ...words.map(pattern), most);
			const phrases = phrasesOf(words);
			const indexed =
				phrases !== "" && db.prepare(SQL.hasIndex).get() !== undefined
					? db.prepare(SQL.found).all(phrases, below, most)
					: [];
			const rows = new Map([...indexed, ...read].map((row) => [row.row, row]));
			const newest = [...rows.values()].sort(
				(a, b) => Number(b.row) - Number(a.row),
			);
			return foundIn(newest.slice(0, most));
		},
		jobs(before, most) {
			const { at, id } = before ?? { at: Number.MAX_VALUE, id: "" };
			const rows = db.prepare(SQL.jobs).all(at, at, id, most);
			const last = rows.length === most ? rows.at(-1) : undefined;
			return {
				jobs: rows.flatMap((row) => wholeJob(row) ?? []),
				end:
					last === undefined
						? null
						: { at: Number(last.last_at), id: String(last.id) as JobId },
			};
		},
		job(id) {
			const row = db.prepare(SQL.job).get(id);
			return row === undefined ? null : wholeJob(row);
		},
		runs(id, after, most) {
			const rows = db.prepare(SQL.runs).all(id, after, most);
			const lists = new Map<unknown, unknown>();
			return {
				runs: rows.flatMap((row) => {
					const kept = runOf(row, lists);
					return kept === null ? [] : [{ row: Number(row.row), kept }];
				}),
				next: rows.length === most ? Number(rows.at(-1)?.row) : null,
			};
		},
		forget() {
			try {
				db.exec(FORGET);
			} catch (error) {
				if (db.isTransaction) db.exec("ROLLBACK");
				throw error;
			}
			// What was deleted is not left behind in the file either.
			db.exec("VACUUM; PRAGMA wal_checkpoint(TRUNCATE)");
		},
	};
}

/** Tables are dropped and made anew: deleting row by row would hold up the loop for as long as the history is large. */
const FORGET = `
BEGIN IMMEDIATE;
DROP VIEW IF EXISTS job_counts;
DROP TABLE IF EXISTS search;
DROP TABLE IF EXISTS unindexed;
DROP TABLE IF EXISTS runs;
DROP TABLE IF EXISTS jobs;
DROP TABLE IF EXISTS hosts;
${MIGRATIONS.join("\n")}
COMMIT;
`;

const pattern = (word: string): string =>
	`%${word.replaceAll(/[\\%_]/g, "\\$&")}%`;

/** Every word as a phrase of its own that may go on; the text of a person is never syntax. Empty: nothing of it is a word. */
const phrasesOf = (words: readonly string[]): string =>
	words
		.filter((word) => /[\p{L}\p{N}]/u.test(word))
		.map((word) => `"${word.replaceAll('"', '""')}"*`)
		.join(" ");
