import { EventEmitter } from "node:events";
import {
	mkdirSync,
	mkdtempSync,
	readdirSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { keepWindowState, readWindowState } from "./windowState.ts";

const folder = mkdtempSync(join(tmpdir(), "foredeck-window-"));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, "data", "window.json");
const told: string[] = [];
const log = (_level: string, message: string): void => void told.push(message);
const DISPLAY = { x: 0, y: 25, width: 1920, height: 1055 };
beforeEach(() => {
	told.length = 0;
	rmSync(join(folder, "data"), { recursive: true, force: true });
});

function close(bounds: object, maximized: boolean): void {
	const window = Object.assign(new EventEmitter(), {
		getNormalBounds: () => bounds,
		isMaximized: () => maximized,
	});
	keepWindowState(window as never, path, log);
	window.emit("close");
}

const BOUNDS = { x: 100, y: 50, width: 1200, height: 800 };

test("a window opens where it was closed, and leaves no other file", () => {
	close(BOUNDS, true);
	expect(readWindowState(path, [DISPLAY], log)).toEqual({
		...BOUNDS,
		maximized: true,
	});
	expect(readdirSync(join(folder, "data"))).toEqual(["window.json"]);
	expect(told).toEqual([]);
});

test("before the first close there is no state, and nothing to tell", () => {
	expect(readWindowState(path, [DISPLAY], log)).toBeNull();
	expect(told).toEqual([]);
});

test.each([
	["a display that is gone", { ...BOUNDS, x: 2_500 }, null],
	["its title bar above the display", { ...BOUNDS, y: 0 }, null],
	["below the display", { ...BOUNDS, y: 1_070 }, null],
	["too little of it to grab", { ...BOUNDS, x: 1_860 }, null],
	["half beside the display", { ...BOUNDS, x: 1_500 }, 1_500],
])("a window on %s", (_where, bounds, x) => {
	close(bounds, false);
	expect(readWindowState(path, [DISPLAY], log)?.x ?? null).toBe(x);
});

test.each([
	"",
	"{",
	"null",
	"[]",
	'{"x":"1"}',
	'{"x":0,"y":50,"width":1e99,"height":800,"maximized":false}',
	'{"x":0,"y":50,"width":5,"height":800,"maximized":false}',
	'{"x":0,"y":50,"width":900,"height":800}',
])("a broken file is ignored and told: %j", (text) => {
	close(BOUNDS, false);
	writeFileSync(path, text);
	expect(readWindowState(path, [DISPLAY], log)).toBeNull();
	expect(told).toEqual(["where the window was is damaged and ignored"]);
});

test("where nothing can be written, the window closes all the same and it is told", () => {
	mkdirSync(path, { recursive: true });
	close(BOUNDS, false);
	expect(told).toEqual(["where the window is cannot be kept"]);
	expect(() => readFileSync(path)).toThrow();
});
