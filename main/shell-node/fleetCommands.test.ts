// `foredeck fleet import`, as a person or a script meets it.
import {
	existsSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	statSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import type { TerminalWish } from "../testkit/terminal.ts";
import { openTerminal } from "../testkit/terminal.ts";
import { run } from "./commandLine.ts";

let folder = "";
const folders: string[] = [];
beforeEach(() => {
	folder = mkdtempSync(join(tmpdir(), "foredeck-import-"));
	folders.push(folder);
});
afterAll(() => {
	for (const path of folders) rmSync(path, { recursive: true, force: true });
});
const at = (name: string): string => join(folder, name);
const fleetFile = (profile = "default"): string =>
	at(join("data", "profiles", profile, "fleet.json"));

async function importing(args: readonly string[], wish: TerminalWish = {}) {
	const terminal = openTerminal(wish);
	const code = await run(
		["fleet", "import", "--data", at("data"), ...args],
		terminal,
	);
	return { code, out: terminal.lines.all, err: terminal.errors.all };
}

test("hosts are added to the profile's file, every line is told, and a second time all is the same", async () => {
	writeFileSync(
		at("prod.csv"),
		"id,address\nweb-01,10.0.0.1\ndb-01,10.0.0.2\n",
	);
	const first = await importing([at("prod.csv")]);
	expect(first.code).toBe(0);
	expect(first.out).toEqual([
		"add     line 2     web-01                   10.0.0.1:12443",
		"add     line 3     db-01                    10.0.0.2:12443",
		"2 to add, 0 to change, 0 the same, 0 invalid (read as csv)",
		`written to ${fleetFile()}; the fleet prod has 2 hosts`,
	]);
	expect(statSync(fleetFile()).mode & 0o777).toBe(0o600);
	const second = await importing([at("prod.csv")]);
	expect(second.out.slice(-2)).toEqual([
		"0 to add, 0 to change, 2 the same, 0 invalid (read as csv)",
		"nothing to write; the fleet prod has 2 hosts",
	]);
	expect(existsSync(`${fleetFile()}.before-import`)).toBe(false);
});

test("a dry run writes nothing", async () => {
	writeFileSync(at("hosts"), "web-01\n");
	const { code, out } = await importing([at("hosts"), "--dry-run"]);
	expect(code).toBe(0);
	expect(out.at(-1)).toBe(
		"dry run: nothing was written; after it the fleet hosts has 1 host",
	);
	expect(existsSync(fleetFile())).toBe(false);
});

test("lines that are invalid are named and cost the exit code; the others are added", async () => {
	writeFileSync(at("x.csv"), "id,address\na,10.0.0.1\nb,https://b.test\n");
	const { code, out, err } = await importing([at("x.csv")]);
	expect(code).toBe(1);
	expect(out[1]).toBe(
		'invalid line 3     b                        address: "https://b.test" is a URL; give the name or the IP address alone',
	);
	expect(err).toEqual([
		`foredeck: 1 line of ${at("x.csv")} was not added [fleet.invalid]`,
		"  Mend them and import again; what is there already stays as it is.",
	]);
	expect(JSON.parse(readFileSync(fleetFile(), "utf8"))).toMatchObject({
		hosts: [{ id: "a" }],
	});
});

test("--json is one object a line; --format and --profile are taken", async () => {
	writeFileSync(at("list.txt"), "Host web-01\n HostName 10.0.0.1\n");
	const { code, out } = await importing([
		at("list.txt"),
		...["--json", "--format", "ssh-config", "--profile", "prod"],
	]);
	expect(code).toBe(0);
	expect(out.map((line) => JSON.parse(line))).toEqual([
		{
			kind: "host",
			verdict: "add",
			line: 1,
			host_id: "web-01",
			words: "10.0.0.1:12443",
		},
		{
			kind: "total",
			add: 1,
			change: 0,
			same: 0,
			invalid: 0,
			format: "ssh-config",
			fleet: "prod",
			hosts: 1,
			written: true,
		},
	]);
	expect(existsSync(fleetFile("prod"))).toBe(true);
});

test("the former file stays beside the new one, and one that is broken is left alone", async () => {
	writeFileSync(at("one.csv"), "id\na\n");
	writeFileSync(at("two.csv"), "id\nb\n");
	await importing([at("one.csv")]);
	const before = readFileSync(fleetFile(), "utf8");
	await importing([at("two.csv")]);
	expect(readFileSync(`${fleetFile()}.before-import`, "utf8")).toBe(before);
	await importing([at("one.csv"), "--format", "csv"]);
	writeFileSync(at("three.csv"), "id\nc\n");
	await importing([at("three.csv")]);
	// The oldest is what a person may have written.
	expect(readFileSync(`${fleetFile()}.before-import`, "utf8")).toBe(before);
	expect(existsSync(`${fleetFile()}.before-import-2`)).toBe(true);
	writeFileSync(fleetFile(), "{ broken");
	const { code, err } = await importing([at("one.csv")]);
	expect(code).toBe(1);
	expect(err[0]).toMatch(/\[fleet\.invalid\]$/);
	expect(readFileSync(fleetFile(), "utf8")).toBe("{ broken");
});

test.each([
	[["nowhere.csv"], /nowhere\.csv: no such file.*\[fleet\.unreadable\]$/],
	[["."], /it is a directory.*\[fleet\.unreadable\]$/],
	[
		["x", "--format", "excel"],
		/Allowed choices are ansible, csv, json, ssh-config/,
	],
] as const)("%j is refused in one sentence", async (args, words) => {
	const { code, err } = await importing([at(args[0]), ...args.slice(1)]);
	expect(code).toBe(args.length > 1 ? 2 : 1);
	expect(err[0]).toMatch(words);
	expect(err.join("")).not.toMatch(/\n\s+at /);
});

test("a fleet that this process may not open enough files for is refused before anything is written", async () => {
	writeFileSync(
		at("many.csv"),
		`id\n${Array.from({ length: 300 }, (_, n) => `h${n}`).join("\n")}\n`,
	);
	const { code, err } = await importing([at("many.csv")], { files: 100 });
	expect(code).toBe(1);
	expect(err[0]).toMatch(/\[limits\.files\]$/);
	expect(existsSync(fleetFile())).toBe(false);
});
