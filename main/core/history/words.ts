// What can be found by words: an index of the runs that have ended. It costs several times what writing a run costs, so it is
// brought up to date in slices when there is time. Not every build of SQLite has what it needs (FTS5), and several builds may
// use one file: what is not indexed yet is noted in the file, by whoever writes.
import type { DatabaseSync } from "node:sqlite";

/** Runs indexed at once: a few milliseconds. */
const INDEXED_AT_ONCE = 100;

const TABLE =
	"CREATE VIRTUAL TABLE IF NOT EXISTS search USING fts5 (label, host, error, message, content='', contentless_delete=1)";
const NEXT = `CREATE TEMP TABLE next_words AS SELECT run FROM unindexed LIMIT ${INDEXED_AT_ONCE}`;
const INDEX = `
DELETE FROM search WHERE rowid IN (SELECT run FROM next_words);
INSERT INTO search (rowid, label, host, error, message)
	SELECT runs.rowid, label, host_id, coalesce(error, '') || ' ' || coalesce(error_code, ''), message
	FROM next_words JOIN runs ON runs.rowid = run JOIN jobs ON jobs.id = job_id
	WHERE state NOT IN ('queued', 'running', 'unknown');
DELETE FROM unindexed WHERE run IN (SELECT run FROM next_words);
DROP TABLE next_words;
`;

/** Whether this build of SQLite can keep the index. */
export const hasFts5 = (db: DatabaseSync): boolean =>
	db.prepare("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'").get() !==
	undefined;

/** Takes one slice of what is not indexed yet into the index, in the caller's transaction. False: nothing was left. */
export function indexWords(db: DatabaseSync): boolean {
	if (db.prepare("SELECT 1 FROM unindexed LIMIT 1").get() === undefined)
		return false;
	for (const step of [TABLE, NEXT, INDEX]) db.exec(step);
	return true;
}
