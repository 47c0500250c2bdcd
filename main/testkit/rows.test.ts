import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
	ROWS,
	rowsPage,
	rowTestsIn,
	strangers,
	titlesIn,
	unproven,
} from "./rows.ts";

const ROOT = new URL("../../", import.meta.url);
const TESTS = /\.(test|spec)\.tsx?$/;

const tests = ["shared", "main", "preload", "renderer"]
	.flatMap((room) =>
		readdirSync(new URL(room, ROOT), { recursive: true, encoding: "utf8" }).map(
			(path) => `${room}/${path.replaceAll("\\", "/")}`,
		),
	)
	.filter((path) => TESTS.test(path) && !path.includes("node_modules"))
	.sort()
	.flatMap((path) =>
		rowTestsIn(path, readFileSync(new URL(path, ROOT), "utf8")),
	);

test("every row has a test that is named after it", () => {
	expect(unproven(tests)).toEqual([]);
});

test("no test is named after a row that does not exist", () => {
	expect(strangers(tests)).toEqual([]);
});

test("docs/reliability-rows.md is what the titles say (npx vitest -u writes it anew)", async () => {
	await expect(rowsPage(tests)).toMatchFileSnapshot(
		"../../docs/reliability-rows.md",
	);
});

test("titles are found however a test is written, and those of tests that are not run are not", () => {
	const source = `
		import { describe, test } from "vitest";
		describe("C1: a group is no test", () => {
			test("C2: plain", () => {});
			test.concurrent("C3: at the same time", async () => {});
			test.each([1])("C4: of %s", () => {});
			test("C5: with options", { timeout: 1 }, () => {});
			test(\`C6: of \${1 + 1} parts\`, () => {});
			test.skip("C7: not run", () => {});
			test("C8, C9: two", () => {});
			test("C10 without a colon", () => {});
			it("C99: unknown", () => {});
		});`;
	expect(titlesIn("a.test.ts", source)).toHaveLength(8);
	const found = rowTestsIn("a.test.ts", source);
	expect(found.flatMap(({ rows }) => rows)).toEqual([
		"C2",
		"C3",
		"C4",
		"C5",
		"C6",
		"C8",
		"C9",
		"C99",
	]);
	expect(found[4]?.title).toBe("of … parts");
	expect(strangers(found)).toEqual(["C99"]);
	expect(unproven(found)).toHaveLength(Object.keys(ROWS).length - 7);
});

test("the page has every row once, in order, and keeps the table whole", () => {
	const page = rowsPage([
		{ rows: ["C1"], title: "a | b <c>", path: "a.test.ts" },
	]);
	const ids = [...page.matchAll(/^\| (Liveness|[CM]\d+) \|/gm)].map(
		([, id]) => id,
	);
	expect(ids).toEqual(Object.keys(ROWS));
	expect(page).toContain("a \\| b &lt;c> (`a.test.ts`)");
});
