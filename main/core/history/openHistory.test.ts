import {
	chmodSync,
	existsSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
	BEGAN,
	keptHost,
	keptJob,
	keptRun,
	rowsOf,
} from "../../testkit/historyRows.ts";
import type { HistoryPort } from "./kept.ts";
import { RETENTION } from "./kept.ts";
import { openHistory } from "./openHistory.ts";
import { profileHistory } from "./profileHistory.ts";

const DAY_MS = 86_400_000;
const MANY = 100_000;
let folder: string;
let path: string;
let logged: string[];
const opened: HistoryPort[] = [];

beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "foredeck-history-"));
	path = join(folder, "deep", "history.sqlite");
	logged = [];
});
afterEach(() => {
	for (const history of opened.splice(0)) history.close();
	chmodSync(folder, 0o700);
	rmSync(folder, { recursive: true, force: true });
});

const open = (at = path): HistoryPort => {
	const history = openHistory(at, (_level, _message, more) =>
		logged.push(String(more?.code)),
	);
	opened.push(history);
	return history;
};
/** Looks into the file beside whoever uses it. */
const ask = (sql: string, ...values: (string | number)[]): unknown[] => {
	const db = new DatabaseSync(path);
	try {
		return db
			.prepare(sql)
			.all(...values)
			.map((row) => ({ ...row }));
	} finally {
		db.close();
	}
};
const ONE = rowsOf({
	jobs: [keptJob("j-1")],
	runs: [
		keptRun("j-1", "web-01", "succeeded", { changedAt: BEGAN + 5 }),
		keptRun("j-1", "web-02", "running", { progress: null }),
		keptRun("j-1", "web-03", "failed", {
			error: "E: could not resolve mirror",
			errorCode: "NETWORK_ERROR",
			exitCode: 100,
			completedAt: BEGAN + 0.5,
		}),
	],
	hosts: [keptHost("web-01"), keptHost("web-02", { heardAt: null, os: null })],
});

describe("a history", () => {
	test("gives back what was written, after it was closed and opened", () => {
		const first = open();
		expect(first.load(0, MANY)).toEqual({ jobs: [], hosts: [] });
		expect(first.write(ONE)).toBe("kept");
		first.close();
		const { jobs, hosts } = open().load(0, MANY);
		expect(jobs).toEqual([{ job: ONE.jobs[0], runs: ONE.runs }]);
		expect(hosts).toEqual(ONE.hosts);
		expect(logged).toEqual([]);
	});

	test("gives back the jobs that changed lately and the open ones, the latest first", () => {
		const history = open();
		const ended = (id: string, changedAt: number) =>
			rowsOf({
				jobs: [keptJob(id)],
				runs: [keptRun(id, "web-01", "succeeded", { changedAt })],
			});
		history.write(ended("j-old", BEGAN));
		history.write(ended("j-new", BEGAN + DAY_MS));
		history.write(ended("j-newer", BEGAN + DAY_MS + 1));
		history.write(
			rowsOf({
				jobs: [keptJob("j-open")],
				runs: [keptRun("j-open", "web-01", "unknown")],
			}),
		);
		const ids = (runsMost: number) =>
			history.load(BEGAN + 1, runsMost).jobs.map(({ job }) => job.id);
		expect(ids(MANY)).toEqual(["j-newer", "j-new", "j-open"]);
		expect(ids(2)).toEqual(["j-newer", "j-new"]);
	});

	test("counts a job's runs instead of keeping counts", () => {
		open().write(ONE);
		expect(ask("SELECT * FROM job_counts")).toMatchObject([
			{ job_id: "j-1", host: 3, succeeded: 1, running: 1, failed: 1, lost: 0 },
		]);
	});

	test("does not make an ended run open again, unless another run has its name", () => {
		const history = open();
		const put = (state: "succeeded" | "running", createdAt = BEGAN) =>
			history.write(
				rowsOf({
					jobs: [keptJob("j-1")],
					runs: [keptRun("j-1", "web-01", state, { createdAt })],
				}),
			);
		const state = () => history.load(0, MANY).jobs[0]?.runs[0]?.run.state;
		put("running");
		put("succeeded");
		put("running");
		expect(state()).toBe("succeeded");
		put("running", BEGAN + DAY_MS);
		expect(state()).toBe("running");
	});

	test("can be searched by the words of what has ended, once there was time", () => {
		const history = open();
		const found = (words: string) => {
			while (history.prune(BEGAN, RETENTION)) {}
			return ask(
				"SELECT host_id FROM runs WHERE rowid IN (SELECT rowid FROM search WHERE search MATCH ?)",
				words,
			);
		};
		history.write(ONE);
		expect(found("mirror")).toEqual([{ host_id: "web-03" }]);
		expect(found("openssl AND web")).toHaveLength(2);
		const again = keptRun("j-1", "web-03", "failed", { error: "E: disk full" });
		history.write({ ...ONE, runs: [again] });
		expect([found("mirror"), found("disk")]).toEqual([
			[],
			[{ host_id: "web-03" }],
		]);
		// Whoever deletes, with a search or without one.
		ask("DELETE FROM runs WHERE host_id = 'web-03'");
		expect(found("disk")).toEqual([]);
		expect(ask("SELECT count(*) AS n FROM search")).toEqual([{ n: 1 }]);
	});

	test("is readable by its owner only", () => {
		open().write(ONE);
		for (const name of [path, `${path}-wal`, `${path}-shm`])
			expect(statSync(name).mode & 0o777).toBe(0o600);
		expect(statSync(join(folder, "deep")).mode & 0o777).toBe(0o700);
	});

	test("takes what is older or more than wanted out, in slices", () => {
		const history = open();
		for (const [n, days] of [0, 10, 20, 30].entries())
			history.write(
				rowsOf({
					jobs: [keptJob(`j-${n}`)],
					runs: Array.from({ length: n === 0 ? 600 : 2 }, (_, at) =>
						keptRun(`j-${n}`, `web-${at}`, "failed", {
							changedAt: BEGAN + days * DAY_MS,
						}),
					),
					hosts: [keptHost(`web-${n}`, { heardAt: BEGAN + days * DAY_MS })],
				}),
			);
		const prune = (days: number, jobsMost: number): void => {
			while (history.prune(BEGAN + 30 * DAY_MS, { days, jobsMost })) {}
		};
		const left = () => history.load(0, MANY).jobs.map(({ job }) => job.id);
		prune(25, 100);
		expect(left()).toEqual(["j-3", "j-2", "j-1"]);
		prune(90, 2);
		expect(left()).toEqual(["j-3", "j-2"]);
		expect(ask("SELECT count(*) AS n FROM search")).toEqual([{ n: 4 }]);
		expect(history.load(0, MANY).hosts).toHaveLength(3);
	});

	test("takes the rows of two consoles that write at the same time", () => {
		const [a, b] = [open(), open()];
		expect(a.write(ONE)).toBe("kept");
		expect(b.write(ONE)).toBe("kept");
		const other = new DatabaseSync(path);
		other.exec("BEGIN IMMEDIATE");
		expect(a.write(ONE)).toBe("busy");
		other.exec("COMMIT");
		other.close();
		expect(a.write(ONE)).toBe("kept");
		expect(b.load(0, MANY).jobs).toHaveLength(1);
	});

	test("writes all of a batch or nothing", () => {
		const history = open();
		const orphan = keptRun("j-nowhere", "web-09", "running");
		expect(
			history.write({ ...ONE, runs: [...ONE.runs, orphan] }),
		).toMatchObject({ code: "history.refused" });
		expect(history.load(0, MANY)).toEqual({ jobs: [], hosts: [] });
		expect(history.write(ONE)).toBe("kept");
	});

	test("leaves a row out that is not one of ours", () => {
		open().write(ONE);
		ask("UPDATE runs SET packages = '[1]' WHERE host_id = 'web-01'");
		ask("UPDATE hosts SET health = 'fine' WHERE id = 'web-01'");
		const { jobs, hosts } = open().load(0, MANY);
		expect(jobs[0]?.runs.map(({ run }) => run.hostId)).toEqual([
			"web-02",
			"web-03",
		]);
		expect(hosts.map(({ id }) => id)).toEqual(["web-02"]);
	});
});

describe("a file that cannot be used", () => {
	test("history.broken: what is no database is set aside, and a new one begun", () => {
		open().close();
		writeFileSync(
			path,
			"these are not the rows you are looking for".repeat(99),
		);
		const history = open();
		expect(history.why?.code).toBe("history.broken");
		expect(readFileSync(`${path}.broken`, "utf8")).toContain("not the rows");
		expect(history.write(ONE)).toBe("kept");
		expect(open().why).toBeNull();
		expect(logged).toEqual(["history.broken"]);
	});

	test("history.broken: damage that shows only when it is read is set aside as well", () => {
		const first = open();
		for (let n = 0; n < 40; n++)
			first.write(
				rowsOf({
					jobs: [keptJob(`j-${n}`)],
					runs: Array.from({ length: 50 }, (_, at) =>
						keptRun(`j-${n}`, `web-${at}`, "running", {
							message: "x".repeat(500),
						}),
					),
				}),
			);
		first.close();
		const bytes = readFileSync(path);
		bytes.fill(0xaa, 100 * 1024, bytes.length - 100 * 1024);
		writeFileSync(path, bytes);
		const history = open();
		expect(history.load(0, MANY)).toEqual({ jobs: [], hosts: [] });
		expect(history.why?.code).toBe("history.broken");
		expect(existsSync(`${path}.broken`)).toBe(true);
		expect(history.write(ONE)).toBe("kept");
		expect(history.load(0, MANY).jobs).toHaveLength(1);
	});

	test("history.newer: one of a later Foredeck is left as it is", () => {
		open().write(ONE);
		ask("SELECT 1");
		opened.pop()?.close();
		ask("PRAGMA user_version = 99");
		const before = readFileSync(path);
		const history = open();
		expect(history.why?.code).toBe("history.newer");
		expect(history.load(0, MANY)).toEqual({ jobs: [], hosts: [] });
		expect(history.write(ONE)).toMatchObject({ code: "history.newer" });
		expect(history.prune(BEGAN, { days: 0, jobsMost: 0 })).toBe(false);
		history.close();
		expect(readFileSync(path)).toEqual(before);
	});

	test("history.refused: a place where nothing can be written", () => {
		// A file where a folder is needed: not even root can write below it.
		writeFileSync(join(folder, "deep"), "");
		const history = open();
		expect(history.why?.code).toBe("history.refused");
		expect(history.write(ONE)).toMatchObject({ code: "history.refused" });
		expect(history.load(0, MANY)).toEqual({ jobs: [], hosts: [] });
	});

	test("history.refused: a runtime that was built without SQLite", () => {
		const { getBuiltinModule } = process;
		Object.assign(process, { getBuiltinModule: () => undefined });
		try {
			expect(open().why).toMatchObject({ code: "history.refused" });
		} finally {
			Object.assign(process, { getBuiltinModule });
		}
		expect(open().why).toBeNull();
	});

	test("history.refused: one that another program has for itself", () => {
		open().close();
		const other = new DatabaseSync(path);
		other.exec("PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE");
		const history = open();
		expect(history.why).toMatchObject({ code: "history.refused" });
		expect(history.why?.sentence).toMatch(/locked by another program/);
		other.close();
		expect(open().why).toBeNull();
	});
});

describe("the history of a profile", () => {
	const log = (): void => {};
	test("is none for a fleet that was only named", () => {
		expect(profileHistory({ fleet: "fleet.json" }, log)).toEqual({});
	});

	test("is kept below the folder that was named, one for each profile", () => {
		const named = { fleet: "fleet.json", data: folder };
		for (const choice of [named, { ...named, profile: "prod/eu" }]) {
			const { history } = profileHistory(choice, log);
			expect(history?.why).toBeNull();
			history?.close();
		}
		expect(existsSync(join(folder, "history-default.sqlite"))).toBe(true);
		expect(existsSync(join(folder, "history-prod%2Feu.sqlite"))).toBe(true);
	});
});
