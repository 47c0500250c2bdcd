// The tables of the history and how older files become like them. Statements only; nothing here opens or reads a file.

/**
 * One step for each version of the file, in order; a file's `user_version` says how many it has had. A step that was
 * released is never changed: files out there have had it as it was.
 */
export const MIGRATIONS: readonly string[] = [
	`
CREATE TABLE jobs (
	id TEXT PRIMARY KEY,
	label TEXT NOT NULL,
	origin TEXT NOT NULL CHECK (origin IN ('ours', 'parent', 'observed')),
	operation TEXT NOT NULL,
	packages TEXT NOT NULL,
	parent_id TEXT,
	first_at REAL,
	is_told INTEGER NOT NULL,
	last_at REAL NOT NULL
) STRICT;
CREATE INDEX jobs_by_age ON jobs (last_at);

CREATE TABLE runs (
	host_id TEXT NOT NULL,
	agent_job_id TEXT NOT NULL,
	job_id TEXT NOT NULL REFERENCES jobs (id),
	state TEXT NOT NULL CHECK (state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'timed_out', 'lost', 'unknown')),
	raw_status TEXT NOT NULL,
	operation TEXT NOT NULL,
	packages TEXT NOT NULL,
	progress REAL,
	message TEXT NOT NULL,
	error TEXT,
	error_code TEXT,
	exit_code INTEGER,
	created_at REAL,
	completed_at REAL,
	seen_at REAL NOT NULL,
	changed_at REAL NOT NULL,
	progress_at REAL NOT NULL,
	running_at REAL,
	overdue_at REAL,
	source TEXT NOT NULL CHECK (source IN ('push', 'poll', 'longpoll', 'reconcile')),
	remark TEXT,
	start_at REAL NOT NULL,
	end_at REAL NOT NULL,
	PRIMARY KEY (host_id, agent_job_id)
) STRICT;
CREATE INDEX runs_by_job ON runs (job_id);
CREATE INDEX runs_open ON runs (job_id) WHERE state IN ('queued', 'running', 'unknown');

CREATE TABLE hosts (
	id TEXT PRIMARY KEY,
	servername TEXT NOT NULL,
	heard_at REAL,
	health TEXT NOT NULL,
	version TEXT,
	uptime_seconds REAL,
	pending_reboot INTEGER,
	os TEXT,
	channel TEXT NOT NULL,
	fault TEXT,
	since_at REAL NOT NULL
) STRICT;

-- Rowids of runs of which the index of words.ts does not know the last.
CREATE TABLE unindexed (run INTEGER PRIMARY KEY) STRICT;
CREATE TRIGGER unindexed_new AFTER INSERT ON runs WHEN new.state NOT IN ('queued', 'running', 'unknown') BEGIN
	INSERT INTO unindexed SELECT new.rowid WHERE NOT EXISTS (SELECT 1 FROM unindexed WHERE run = new.rowid);
END;
CREATE TRIGGER unindexed_changed AFTER UPDATE ON runs WHEN new.state <> old.state OR new.error IS NOT old.error
	OR new.error_code IS NOT old.error_code OR new.message <> old.message OR new.job_id <> old.job_id BEGIN
	INSERT INTO unindexed SELECT new.rowid WHERE (new.state NOT IN ('queued', 'running', 'unknown')
		OR old.state NOT IN ('queued', 'running', 'unknown'))
		AND NOT EXISTS (SELECT 1 FROM unindexed WHERE run = new.rowid);
END;
CREATE TRIGGER unindexed_gone AFTER DELETE ON runs WHEN old.state NOT IN ('queued', 'running', 'unknown') BEGIN
	INSERT INTO unindexed SELECT old.rowid WHERE NOT EXISTS (SELECT 1 FROM unindexed WHERE run = old.rowid);
END;

-- Counted, never kept: a job cannot contradict its runs.
CREATE VIEW job_counts AS SELECT
	job_id,
	count(*) AS host,
	sum(state = 'queued') AS queued,
	sum(state = 'running') AS running,
	sum(state = 'succeeded') AS succeeded,
	sum(state = 'failed') AS failed,
	sum(state = 'cancelled') AS cancelled,
	sum(state = 'timed_out') AS timed_out,
	sum(state = 'lost') AS lost,
	sum(state = 'unknown') AS unknown,
	min(start_at) AS started_at,
	max(end_at) AS ended_at
FROM runs GROUP BY job_id;
`,
];

/** How every connection is set up. */
export const PRAGMAS = `
PRAGMA journal_mode = WAL;
-- A killed process loses nothing either way. A power cut may take the last second, which agents tell again; a wait for the
-- disk at every batch would hold up the event loop.
PRAGMA synchronous = NORMAL;
PRAGMA foreign_keys = ON;
PRAGMA journal_size_limit = 4194304;
PRAGMA temp_store = MEMORY;
`;

const RUN_COLUMNS = [
	"host_id",
	"agent_job_id",
	"job_id",
	"state",
	"raw_status",
	"operation",
	"packages",
	"progress",
	"message",
	"error",
	"error_code",
	"exit_code",
	"created_at",
	"completed_at",
	"seen_at",
	"changed_at",
	"progress_at",
	"running_at",
	"overdue_at",
	"source",
	"remark",
	"start_at",
	"end_at",
];
const HOST_COLUMNS = [
	"id",
	"servername",
	"heard_at",
	"health",
	"version",
	"uptime_seconds",
	"pending_reboot",
	"os",
	"channel",
	"fault",
	"since_at",
];

const insert = (table: string, columns: readonly string[]): string =>
	`INSERT INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`;
const replacing = (columns: readonly string[]): string =>
	columns.map((name) => `${name} = excluded.${name}`).join(", ");

/** The statements that a store prepares once. */
export const SQL = {
	putJob: `INSERT INTO jobs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET is_told = max(is_told, excluded.is_told), last_at = max(last_at, excluded.last_at)`,
	// Another process may know less: an end stays, unless this is another run of the same name.
	putRun: `${insert("runs", RUN_COLUMNS)}
		ON CONFLICT (host_id, agent_job_id) DO UPDATE SET ${replacing(RUN_COLUMNS.slice(2))}
		WHERE NOT (excluded.state IN ('queued', 'running', 'unknown')
			AND runs.state IN ('succeeded', 'failed', 'cancelled', 'timed_out')
			AND excluded.created_at IS runs.created_at)`,
	putHost: `${insert("hosts", HOST_COLUMNS)} ON CONFLICT (id) DO UPDATE SET ${replacing(HOST_COLUMNS.slice(1))}`,
	jobsSince: `SELECT * FROM jobs WHERE last_at >= ?
		OR id IN (SELECT job_id FROM runs WHERE state IN ('queued', 'running', 'unknown')) ORDER BY last_at DESC`,
	runsOfJob: "SELECT * FROM runs WHERE job_id = ?",
	hosts: "SELECT * FROM hosts",
	oldest: "SELECT id FROM jobs ORDER BY last_at LIMIT 1",
	oldestBefore:
		"SELECT id FROM jobs WHERE last_at < ? ORDER BY last_at LIMIT 1",
	jobs: "SELECT count(*) AS count FROM jobs",
	dropRuns:
		"DELETE FROM runs WHERE rowid IN (SELECT rowid FROM runs WHERE job_id = ? LIMIT ?)",
	dropJob:
		"DELETE FROM jobs WHERE id = ? AND NOT EXISTS (SELECT 1 FROM runs WHERE job_id = jobs.id)",
	dropHosts: "DELETE FROM hosts WHERE max(coalesce(heard_at, 0), since_at) < ?",
} as const;
