// Finds the desktop shell for `demo`: the Electron program of this checkout and the built app, on a computer with a display.
// Looks at files only; it never imports or downloads Electron.
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Result } from "../../shared/fault.ts";
import { failed, fault, ok } from "../../shared/fault.ts";

export interface DesktopProgram {
	readonly command: string;
	readonly args: readonly string[];
}

const NAMES: Readonly<Record<string, string>> = {
	darwin: "Electron.app/Contents/MacOS/Electron",
	win32: "electron.exe",
};

/** @returns what is missing, as a fault, where the browser shell is the one to use. */
export function findDesktop(
	env: Readonly<Record<string, string | undefined>>,
	root: string = join(dirname(fileURLToPath(import.meta.url)), "..", ".."),
): Result<DesktopProgram> {
	const folder =
		env.ELECTRON_OVERRIDE_DIST_PATH ??
		join(root, "node_modules", "electron", "dist");
	const command = join(folder, programName(root));
	if (!existsSync(command) || !existsSync(join(root, "dist", "electron")))
		return failed(fault("electron.missing"));
	if (process.platform === "linux" && !env.DISPLAY && !env.WAYLAND_DISPLAY)
		return failed(fault("display.missing"));
	return ok({ command, args: [root] });
}

function programName(root: string): string {
	const written = join(root, "node_modules", "electron", "path.txt");
	return existsSync(written)
		? readFileSync(written, "utf8").trim()
		: (NAMES[process.platform] ?? "electron");
}
