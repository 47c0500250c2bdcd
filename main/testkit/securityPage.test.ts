// docs/security.md can be trusted: what it names exists, every row says which test shows it, and no point of the checklist
// and no fuse is left out. Whether a named test shows what the row says is for whoever reads both.
import { existsSync, globSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { allFuses } from "../packaging/fuses.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");
const page = read("docs/security.md");

/** Names of files, whatever their folder: the section on updates names some by their last part. */
const NAMES = new Set(
	globSync("{shared,main,preload,renderer,.ci,.github,resources,docs}/**/*", {
		cwd: ROOT,
	}).map((path) => basename(path.replaceAll("\\", "/"))),
);
const PATH =
	/^(\.?[\w-]+\/)*\.?[\w.-]+\.(tsx?|mjs|ya?ml|json|plist|md|txt|css)$|^\.?[\w-]+(\/[\w.-]+)+\/?$/;
/** Made while a release is packed. */
const MADE = new Set(["THIRD-PARTY.txt"]);
const TEST_FILE = /\.(test|spec)\.ts$/;

const inCode = (text: string): string[] =>
	[...text.matchAll(/`([^`]+)`/g)].map(([, code = ""]) => code);
const isThere = (path: string): boolean =>
	MADE.has(path) ||
	existsSync(join(ROOT, path)) ||
	(!path.includes("/") && NAMES.has(path));

interface Row {
	readonly head: readonly string[];
	readonly cells: readonly string[];
}

/** Every row of every table on the page. */
function rowsOf(text: string): Row[] {
	const cellsOf = (line: string): string[] =>
		line
			.split("|")
			.slice(1, -1)
			.map((cell) => cell.trim());
	return text.split(/\n(?!\|)/).flatMap((block) => {
		const lines = block.split("\n").filter((line) => line.startsWith("|"));
		const [head = "", , ...rows] = lines;
		return rows.map((row) => ({ head: cellsOf(head), cells: cellsOf(row) }));
	});
}

const rows = rowsOf(page);
const cell = ({ head, cells }: Row, name: string): string =>
	cells[head.indexOf(name)] ?? "";

describe("docs/security.md", () => {
	const paths = [...new Set(inCode(page))].filter((code) => PATH.test(code));

	test("names files and folders, and finds them", () => {
		expect(paths.length).toBeGreaterThan(80);
		expect(paths.filter((path) => !isThere(path))).toEqual([]);
	});

	test("would notice one that went away", () => {
		expect(PATH.test("main/core/gone.ts")).toBe(true);
		expect(PATH.test(".github/workflows")).toBe(true);
		expect(isThere("main/core/gone.ts")).toBe(false);
		expect(isThere("gone.test.ts")).toBe(false);
		expect(PATH.test("app://console")).toBe(false);
	});

	test("names a test in every row of every table", () => {
		expect(rows.length).toBeGreaterThan(70);
		for (const row of rows) {
			expect(row.head.at(-1), row.cells.join(" | ")).toBe("test");
			expect(row.cells, row.cells.join(" | ")).toHaveLength(row.head.length);
			const tests = inCode(cell(row, "test")).filter((one) =>
				TEST_FILE.test(one),
			);
			expect(tests, row.cells.join(" | ")).not.toEqual([]);
		}
	});

	test("has each of the 20 points of the checklist once, as its test does", () => {
		const numbers = Array.from({ length: 20 }, (_, at) => String(at + 1));
		const told = rows
			.filter(({ head }) => head[1] === "what is done")
			.map((row) => cell(row, "point"));
		expect(told).toEqual(numbers);
		const tested = read("main/shell-electron/checklist.test.ts").matchAll(
			/^test\("(\d+): /gm,
		);
		expect([...tested].map(([, number]) => number)).toEqual(numbers);
	});

	test("has every fuse with the state that is flipped", () => {
		const { electronFuses } = parse(read("electron-builder.yml"));
		const told = rows
			.filter(({ head }) => head[0] === "fuse")
			.map((row) => [cell(row, "fuse"), cell(row, "state")]);
		const stated = [...allFuses(electronFuses)].map(([name, isOn]) => [
			name,
			isOn ? "on" : "off",
		]);
		expect(stated).toHaveLength(9);
		expect(told).toEqual(stated);
	});
});
