// A process that writes its history without a pause is killed at any moment: what it said was kept is there, the file is sound,
// and no job contradicts its runs.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { openHistory } from "../core/history/openHistory.ts";
import { expectSound, opened } from "../testkit/bookStory.ts";
import { seededRandom } from "../testkit/seededRandom.ts";

const CHILD = fileURLToPath(
	new URL("../testkit/historyChild.ts", import.meta.url),
);
const KILLS = 32;
/** One file lives through so many kills. */
const KILLS_OF_A_FILE = 4;
/** From the first row that was kept on. */
const LATEST_KILL_MS = 200;
/** From the start of the process on, for those that are to die while they open their file. */
const EARLIEST_KILL_MS = 400;

type Said = readonly [
	host: string,
	run: string,
	state: string,
	changedAt: number,
	job: string,
];

const folder = mkdtempSync(join(tmpdir(), "foredeck-killed-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** @returns every row that the process said was kept, the last word on each run. */
async function killed(
	path: string,
	seed: number,
	random: () => number,
): Promise<Map<string, Said>> {
	const child = spawn(process.execPath, [CHILD, path, String(seed)], {
		stdio: ["ignore", "pipe", "pipe"],
	});
	let out = "";
	let err = "";
	child.stderr.on("data", (bytes: Buffer) => {
		err += bytes.toString();
	});
	const killSoon = (mostMs: number): unknown =>
		setTimeout(() => child.kill("SIGKILL"), random() * mostMs);
	if (seed % KILLS_OF_A_FILE === 0) killSoon(EARLIEST_KILL_MS);
	child.stdout.on("data", (bytes: Buffer) => {
		if (out === "") killSoon(LATEST_KILL_MS);
		out += bytes.toString();
	});
	const [, signal] = await once(child, "close");
	if (signal !== "SIGKILL") throw new Error(`it ended by itself: ${err}`);
	// The last line may be cut off in the middle.
	const lines = out.split("\n").slice(0, -1);
	const said = lines.map((line) => JSON.parse(line) as Said);
	return new Map(said.map((row) => [`${row[0]}/${row[1]}`, row]));
}

function look(path: string, said: ReadonlyMap<string, Said>): void {
	const db = new DatabaseSync(path);
	const all = (sql: string) => db.prepare(sql).all() as Record<string, never>[];
	expect(all("PRAGMA integrity_check")).toEqual([{ integrity_check: "ok" }]);
	expect(all("PRAGMA foreign_key_check")).toEqual([]);
	const rows = new Map(
		all("SELECT * FROM runs").map((row) => [
			`${row.host_id}/${row.agent_job_id}`,
			row,
		]),
	);
	const missing: unknown[] = [];
	for (const [key, [, , state, changedAt, job]] of said) {
		const row = rows.get(key);
		// It may have changed again, and been kept, before that could be said.
		const isThere =
			row !== undefined &&
			row.job_id === job &&
			((row.changed_at ?? 0) > changedAt ||
				(row.changed_at === changedAt && row.state === state));
		if (!isThere) missing.push([key, state, changedAt, row]);
	}
	expect(missing).toEqual([]);
	const ended = all(
		"SELECT count(*) AS n FROM runs WHERE state NOT IN ('queued', 'running', 'unknown') AND rowid NOT IN (SELECT run FROM unindexed)",
	);
	expect(ended).toEqual([{ n: 0 }]);
	db.close();
}

test("whatever was kept is there after SIGKILL at any moment, and every job agrees with its runs", async () => {
	const random = seededRandom(20261121);
	let rows = 0;
	for (let kill = 0; kill < KILLS; kill++) {
		const path = join(folder, `${Math.floor(kill / KILLS_OF_A_FILE)}.sqlite`);
		const said = await killed(path, kill, random);
		rows += said.size;
		const history = openHistory(path, () => {});
		expect(history.why).toBeNull();
		look(path, said);
		const told = opened();
		const { jobs } = history.load(0, 1_000_000);
		history.close();
		told.book.restore(jobs.toReversed());
		expect(told.book.runs.size).toBe(
			jobs.reduce((sum, { runs }) => sum + runs.length, 0),
		);
		expectSound(told);
	}
	expect(rows).toBeGreaterThan(KILLS * 10);
});
