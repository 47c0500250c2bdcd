// Files on a real disk: as a whole, through links, and without what crashes leave.
import {
	lstatSync,
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	statSync,
	symlinkSync,
	utimesSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { replaceFile } from "./replaceFile.ts";

const root = mkdtempSync(join(tmpdir(), "foredeck-replace-"));
afterAll(() => rmSync(root, { recursive: true }));
const folderOf = (name: string): string => join(root, name);

test("a file is replaced for its owner only, folders are made, and nothing is left beside it", () => {
	const path = join(folderOf("plain"), "deep", "kept.json");
	replaceFile(path, "one");
	replaceFile(path, "two");
	expect(readFileSync(path, "utf8")).toBe("two");
	expect(statSync(path).mode & 0o777).toBe(0o600);
	expect(readdirSync(join(folderOf("plain"), "deep"))).toEqual(["kept.json"]);
});

test("a link stays one, and the file that it points to is replaced", () => {
	const dotfiles = folderOf("dotfiles");
	const config = folderOf("config");
	mkdirSync(dotfiles);
	mkdirSync(config);
	writeFileSync(join(dotfiles, "kept.json"), "old");
	symlinkSync(join(dotfiles, "kept.json"), join(config, "kept.json"));
	replaceFile(join(config, "kept.json"), "new");
	expect(lstatSync(join(config, "kept.json")).isSymbolicLink()).toBe(true);
	expect(readFileSync(join(dotfiles, "kept.json"), "utf8")).toBe("new");
});

test("what a crash left goes with the next write; what another writes now, and other files, stay", () => {
	const folder = folderOf("crash");
	mkdirSync(folder);
	const path = join(folder, "kept.json");
	const left = `${path}.new-123-0123456789ab`;
	const another = `${path}.new-124-0123456789ab`;
	const somebodys = `${path}.new-mine`;
	for (const file of [left, another, somebodys]) writeFileSync(file, "half");
	for (const file of [left, somebodys]) utimesSync(file, 1, 1);
	replaceFile(path, "whole");
	expect(readdirSync(folder).sort()).toEqual([
		"kept.json",
		"kept.json.new-124-0123456789ab",
		"kept.json.new-mine",
	]);
});

test("a write that fails leaves nothing, and what another process begins does not stand in its way", () => {
	const folder = folderOf("fails");
	mkdirSync(join(folder, "kept.json", "a folder in its place"), {
		recursive: true,
	});
	expect(() => replaceFile(join(folder, "kept.json"), "text")).toThrow();
	expect(readdirSync(folder)).toEqual(["kept.json"]);
	// The former name of a file in the making.
	mkdirSync(join(folder, "other.json.new", "busy"), { recursive: true });
	replaceFile(join(folder, "other.json"), "text");
	expect(readFileSync(join(folder, "other.json"), "utf8")).toBe("text");
});
