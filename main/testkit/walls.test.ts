// Holds the real tree to the table of walls.ts, and proves on invented trees that each wall can be seen to break.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { brokenWalls } from "./walls.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

test("every import in the tree stays within the walls", () => {
	const paths = globSync("{shared,main,preload,renderer}/**/*.{ts,tsx}", {
		cwd: ROOT,
	});
	const sources = new Map(
		paths.map((path) => [
			path.replaceAll("\\", "/"),
			readFileSync(join(ROOT, path), "utf8"),
		]),
	);
	expect(sources.size).toBeGreaterThan(20);
	expect(brokenWalls(sources)).toEqual([]);
});

test("a tree without sources is not called clean", () => {
	expect(brokenWalls(new Map())).toEqual([
		"there are no sources: the walls were not looked at",
	]);
});

const broken = (path: string, source: string): string[] =>
	brokenWalls(new Map([[path, source]]));

describe("a wall that breaks is told as a sentence", () => {
	test("core reaching for electron", () => {
		expect(broken("main/core/x.ts", 'import { app } from "electron";')).toEqual(
			[
				"main/core/x.ts may not import electron: core is plain Node and is given its ports; it knows no shell, no vault, no demo and no window",
			],
		);
	});

	const refused: readonly (readonly [string, string])[] = [
		["main/core/x.ts", 'import type { App } from "electron";'],
		["main/core/x.ts", 'import { s } from "../shell-node/serve.ts";'],
		["main/core/link/x.ts", 'const s = await import("../../vault/memory.ts");'],
		["main/core/x.ts", 'export * from "../demo/agent.ts";'],
		["main/core/x.ts", 'type A = import("../../renderer/main.tsx").A;'],
		["main/core/x.ts", 'import { clock } from "../testkit/virtualClock.ts";'],
		["main/core/x.ts", 'import { test } from "vitest";'],
		["main/core/x.ts", 'import _ from "lodash";'],
		["main/core/transport/x.ts", 'import { r } from "../link/runner.ts";'],
		["main/core/link/x.ts", 'import { f } from "../fleet/fleet.ts";'],
		["main/core/jobs/x.ts", 'import { c } from "../console.ts";'],
		["main/core/jobs/reduce.ts", 'import { readFile } from "node:fs";'],
		["shared/x.ts", 'import { readFile } from "node:fs";'],
		["shared/x.ts", 'import { p } from "../main/core/ports.ts";'],
		["shared/x.test.ts", 'import { p } from "../main/core/ports.ts";'],
		["main/vault/x.ts", 'import { a } from "../demo/agent.ts";'],
		["main/vault/x.ts", 'import { openLog } from "../core/log.ts";'],
		["main/shell-electron/window.ts", 'import { app } from "electron";'],
		["main/shell-electron/x.ts", 'import { s } from "../shell-node/serve.ts";'],
		["main/shell-node/x.ts", 'import { w } from "../../renderer/main.tsx";'],
		["preload/x.ts", 'import { readFile } from "node:fs";'],
		["preload/x.ts", 'import { c } from "../main/core/console.ts";'],
		["renderer/x.tsx", 'import { c } from "../main/core/console.ts";'],
		["renderer/x.tsx", 'import { ipcRenderer } from "electron";'],
		["renderer/x.tsx", 'import fs from "node:fs";'],
		["main/attic/x.ts", 'import { a } from "../core/log.ts";'],
	];
	test.each(refused)("%s with %s", (path, source) => {
		expect(broken(path, source)).toHaveLength(1);
	});
});

describe("what the table allows passes", () => {
	const allowed: readonly (readonly [string, string])[] = [
		["main/core/x.ts", 'import { ok } from "../../shared/fault.ts";'],
		["main/core/x.ts", 'import { connect } from "node:tls";'],
		["main/core/link/x.ts", 'import { d } from "../agentApi/decode.ts";'],
		["main/core/link/x.ts", 'import type { F } from "../fleet/target.ts";'],
		["main/core/x.test.ts", 'import { a } from "../demo/agent.ts";'],
		["main/vault/x.ts", 'import type { Vault } from "../core/ports.ts";'],
		["main/shell-electron/main.ts", 'import { app } from "electron";'],
		["main/shell-electron/x.ts", 'import type { App } from "electron";'],
		["preload/preload.ts", 'import { ipcRenderer } from "electron";'],
		["renderer/x.tsx", 'import "./tokens.css";'],
		["main/core/x.ts", '// import { app } from "electron";'],
		["main/core/x.ts", "const a = \"import { app } from 'electron'\";"],
	];
	test.each(allowed)("%s with %s", (path, source) => {
		expect(broken(path, source)).toEqual([]);
	});
});

describe("time and chance are arguments", () => {
	test.each([
		"setTimeout(() => {}, 1);",
		"const at = Date.now();",
		"const chance = Math.random();",
		"const at = globalThis.performance.now() ?? performance.now();",
		"globalThis.setTimeout(() => {}, 1);",
		"setInterval(() => {}, 1);",
	])("%s is refused in core", (source) => {
		expect(broken("main/core/x.ts", source)).toHaveLength(1);
		expect(broken("main/shell-node/x.ts", source)).toEqual([]);
	});

	test("a socket's own time-out is not the global one, and a test may measure but not sleep", () => {
		expect(broken("main/core/x.ts", "socket.setTimeout(0);")).toEqual([]);
		expect(broken("main/core/x.test.ts", "performance.now();")).toEqual([]);
		expect(
			broken(
				"main/core/x.test.ts",
				"await new Promise((r) => setTimeout(r, 9));",
			),
		).toHaveLength(1);
	});

	test("modules and global timers are not replaced", () => {
		expect(broken("main/core/x.test.ts", 'vi.mock("ws");')).toHaveLength(1);
		expect(broken("main/core/x.test.ts", "vi.useFakeTimers();")).toHaveLength(
			1,
		);
	});
});

describe("names say something", () => {
	test.each([
		"main/core/utils.ts",
		"main/core/jobManager.ts",
		"main/core/helpers/sort.ts",
		"main/core/linkHandler.test.ts",
		"renderer/ui/index.ts",
		"shared/hostInfo.ts",
		"main/core/fleet-data.ts",
	])("%s is refused", (path) => {
		expect(broken(path, "export const a = 1;")).toHaveLength(1);
	});

	test("a word that only contains a banned one is fine", () => {
		expect(broken("main/core/database.ts", "export const a = 1;")).toEqual([]);
	});

	test("a file of more than 400 lines is refused", () => {
		expect(broken("main/core/x.ts", "\n".repeat(401))).toHaveLength(1);
		expect(broken("main/core/x.test.ts", "\n".repeat(401))).toEqual([]);
	});
});
