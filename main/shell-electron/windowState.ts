// Where the window was: kept when it closes, used when it opens, and only where it can still be seen. Knows nothing of what
// the window shows.
import { readFileSync } from "node:fs";
import type { BrowserWindow, Rectangle } from "electron";
import type { Log } from "../core/ports.ts";
import { replaceFile } from "../core/replaceFile.ts";

/** In device-independent pixels, as Electron counts them. Position and size are those of the window when not maximised. */
export interface WindowState extends Rectangle {
	readonly maximized: boolean;
}

/** Beyond every display there is; Electron fails on numbers that are no 32-bit integers. */
const FARTHEST_PX = 100_000;
const SMALLEST_PX = 200;

/** So much of the window has to lie on a display that a person can grab it. */
const SEEN_PX = 100;

/**
 * The kept state, or null: none yet, broken (told in the log), or on a display that is gone.
 * @param areas work areas of the displays that are there now.
 */
export function readWindowState(
	path: string,
	areas: readonly Rectangle[],
	log: Log,
): WindowState | null {
	let text: string;
	try {
		text = readFileSync(path, "utf8");
	} catch (error) {
		if ((error as NodeJS.ErrnoException).code !== "ENOENT")
			log("warn", "where the window was cannot be read", { path, error });
		return null;
	}
	const state = parse(text);
	if (state === null) {
		log("warn", "where the window was is damaged and ignored", { path });
		return null;
	}
	return areas.some((area) => canGrab(state, area)) ? state : null;
}

function parse(text: string): WindowState | null {
	let kept: Partial<Record<keyof WindowState, unknown>> | null;
	try {
		kept = JSON.parse(text);
	} catch {
		return null;
	}
	const { x, y, width, height, maximized } = kept ?? {};
	return isPx(x, -FARTHEST_PX) &&
		isPx(y, -FARTHEST_PX) &&
		isPx(width, SMALLEST_PX) &&
		isPx(height, SMALLEST_PX) &&
		typeof maximized === "boolean"
		? { x, y, width, height, maximized }
		: null;
}

const isPx = (value: unknown, least: number): value is number =>
	Number.isInteger(value) &&
	(value as number) >= least &&
	(value as number) <= FARTHEST_PX;

/** The title bar has to be within the display, and enough of its width. */
function canGrab(state: WindowState, area: Rectangle): boolean {
	const left = Math.max(state.x, area.x);
	const right = Math.min(state.x + state.width, area.x + area.width);
	return (
		right - left >= SEEN_PX &&
		state.y >= area.y &&
		state.y + SEEN_PX <= area.y + area.height
	);
}

/** Keeps the state when the window closes. A failure is logged and keeps nothing from closing. */
export function keepWindowState(
	window: Pick<BrowserWindow, "on" | "getNormalBounds" | "isMaximized">,
	path: string,
	log: Log,
): void {
	window.on("close", () => {
		try {
			const { x, y, width, height } = window.getNormalBounds();
			const maximized = window.isMaximized();
			const state: WindowState = { x, y, width, height, maximized };
			replaceFile(path, `${JSON.stringify(state)}\n`);
		} catch (error) {
			log("warn", "where the window is cannot be kept", { path, error });
		}
	});
}
