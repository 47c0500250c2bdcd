// The notifier's memory on a disk, in a folder of its own.
import {
	chmodSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { foredeckPaths } from "../paths.ts";
import { openKeptNotes } from "./keptNotes.ts";
import { memoryText, NO_MEMORY } from "./memory.ts";
import { NOTHING_TOLD } from "./rules.ts";

const folders: string[] = [];
afterEach(() => {
	for (const folder of folders.splice(0))
		rmSync(folder, { recursive: true, force: true });
});

function stage() {
	const folder = mkdtempSync(join(tmpdir(), "foredeck-notes-"));
	folders.push(folder);
	const said: string[] = [];
	const path = foredeckPaths(join(folder, "data")).notes("prod");
	return {
		path,
		folder: join(folder, "data"),
		said,
		open: () => openKeptNotes(path, (_level, message) => said.push(message)),
	};
}

const TOLD = memoryText({
	state: { ...NOTHING_TOLD, told: { "prod/j-1/ended": 5 } },
	inbox: [],
});

test("what was kept is there after a restart, for its owner only", () => {
	const { path, open, said } = stage();
	expect(open().memory).toBe(NO_MEMORY);
	open().keep(TOLD);
	expect(open().memory.state.told).toEqual({ "prod/j-1/ended": 5 });
	expect(statSync(path).mode & 0o777).toBe(0o600);
	expect(said).toEqual([]);
});

test("a damaged file is told, set aside and not lost", () => {
	const { path, folder, open, said } = stage();
	mkdirSync(folder);
	writeFileSync(path, TOLD.slice(0, -5));
	expect(open().memory).toBe(NO_MEMORY);
	expect(said).toEqual([
		"what was notified before is damaged, and was set aside",
	]);
	expect(readFileSync(`${path}.broken`, "utf8")).toBe(TOLD.slice(0, -5));
	open().keep(TOLD);
	expect(readFileSync(`${path}.broken`, "utf8")).toBe(TOLD.slice(0, -5));
	expect(open().memory.state.told).toEqual({ "prod/j-1/ended": 5 });
});

test("a leftover of a write that was cut short is no obstacle, and its mode is not taken over", () => {
	const { path, folder, open } = stage();
	mkdirSync(folder);
	const leftover = `${path}.new-1-0123456789ab`;
	writeFileSync(leftover, "half", { mode: 0o644 });
	chmodSync(leftover, 0o644);
	// Long ago: a fresh one may be another process's.
	utimesSync(leftover, 1, 1);
	open().keep(TOLD);
	expect(statSync(path).mode & 0o777).toBe(0o600);
	expect(readdirSync(folder)).toEqual(["notify-prod.json"]);
});

test("a place that takes no file is said once, and the notes go on", () => {
	const { folder, open, said } = stage();
	writeFileSync(folder, "in the way");
	const kept = open();
	kept.keep(TOLD);
	kept.keep(TOLD);
	expect(kept.memory).toBe(NO_MEMORY);
	expect(
		said.filter((one) => one.includes("cannot be kept over a restart")),
	).toHaveLength(1);
});
