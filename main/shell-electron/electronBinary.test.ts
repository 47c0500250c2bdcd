import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Surroundings } from "./electronBinary.ts";
import {
	downloadElectron,
	findElectron,
	hasDisplay,
} from "./electronBinary.ts";

const around = (
	files: Record<string, string>,
	more: Partial<Surroundings> = {},
): Surroundings => ({
	env: {},
	platform: "linux",
	packageFolder: "/p",
	exists: (path) => path in files,
	read: (path) => files[path] ?? null,
	...more,
});

test("the program of the package is found where its installer says it is", () => {
	const files = { "/p/path.txt": "electron", "/p/dist/electron": "" };
	expect(findElectron(around(files))).toBe("/p/dist/electron");
});

test("a package without its program has none", () => {
	expect(findElectron(around({}))).toBeNull();
	expect(findElectron(around({ "/p/path.txt": "electron" }))).toBeNull();
});

test("a folder named by ELECTRON_OVERRIDE_DIST_PATH comes first, and is the only place then", () => {
	const env = { ELECTRON_OVERRIDE_DIST_PATH: "/opt/e" };
	const files = { "/p/path.txt": "electron", "/p/dist/electron": "" };
	expect(
		findElectron(around({ ...files, "/opt/e/electron": "" }, { env })),
	).toBe("/opt/e/electron");
	expect(findElectron(around(files, { env }))).toBeNull();
});

test.each([
	["darwin", "/p/dist/Electron.app/Contents/MacOS/Electron"],
	["win32", "/p/dist/electron.exe"],
	["linux", "/p/dist/electron"],
])("on %s the program has its name", (platform, program) => {
	expect(findElectron(around({ [program]: "" }, { platform }))).toBe(program);
});

test("a window needs a display on Linux only", () => {
	expect(hasDisplay(around({}))).toBe(false);
	expect(hasDisplay(around({}, { env: { DISPLAY: ":0" } }))).toBe(true);
	expect(
		hasDisplay(around({}, { env: { WAYLAND_DISPLAY: "wayland-0" } })),
	).toBe(true);
	expect(hasDisplay(around({}, { platform: "darwin" }))).toBe(true);
});

let folder: string;
beforeAll(async () => {
	folder = await mkdtemp(join(tmpdir(), "foredeck-electron-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const installer = (text: string) => writeFile(join(folder, "install.js"), text);

test("an installer that works is believed, one that fails is not", async () => {
	await installer("process.exit(0)");
	expect(await downloadElectron(folder)).toBe(true);
	await installer("process.exit(1)");
	expect(await downloadElectron(folder)).toBe(false);
});

test("an installer that hangs is given up", async () => {
	await installer("setInterval(() => {}, 1000)");
	expect(await downloadElectron(folder, 300)).toBe(false);
});
