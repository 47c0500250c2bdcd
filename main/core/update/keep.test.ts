// What updates remember over a restart, and what a damaged file costs.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openUpdateMemory } from "./keep.ts";

let folder = "";
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "foredeck-keep-"));
});
afterEach(() => rmSync(folder, { recursive: true }));
const path = () => join(folder, "update.json");

test("the newest version of each channel stays, whatever comes after it and over restarts", () => {
	const memory = openUpdateMemory(path());
	expect(memory.highest("latest")).toBeNull();
	for (const version of ["2.0.0", "1.9.9", "2.0.0-beta.4", "2.0.0"])
		memory.keepSeen("latest", version);
	memory.keepSeen("beta", "2.1.0-beta.2");
	memory.keepSeen("beta", "2.1.0-beta.10");
	memory.keepPostponed(5);
	const next = openUpdateMemory(path());
	expect([next.highest("latest"), next.highest("beta")]).toEqual([
		"2.0.0",
		"2.1.0-beta.10",
	]);
	expect(next).toMatchObject({
		postponedUntil: 5,
		installId: memory.installId,
	});
});

test("a file whose version is none is made anew, or every later release would be refused", () => {
	openUpdateMemory(path()).keepSeen("latest", "2.0.0");
	writeFileSync(path(), readFileSync(path(), "utf8").replace("2.0.0", "soon"));
	expect(openUpdateMemory(path()).highest("latest")).toBeNull();
});

test("where nothing can be written it lasts for this run", () => {
	const memory = openUpdateMemory("/dev/null/update.json");
	memory.keepSeen("latest", "2.0.0");
	expect(memory.highest("latest")).toBe("2.0.0");
});
