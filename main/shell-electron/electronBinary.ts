// Finds the Electron program, or tries once to download it. Runs under plain Node and never imports electron, whose
// package would download by itself and without an end. Knows nothing of the app that is started with it.
import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A download that takes longer is given up, so that a person behind a closed firewall gets an answer. */
export const DOWNLOAD_WITHIN_MS = 22_000;

/** What is looked at: the environment and the disk. */
export interface Surroundings {
	readonly env: Readonly<Record<string, string | undefined>>;
	readonly platform: string;
	/** Folder of the installed `electron` package. */
	readonly packageFolder: string;
	exists(path: string): boolean;
	/** The text of a file, or null when there is none. */
	read(path: string): string | null;
}

const PROGRAM_NAMES: Readonly<Record<string, string>> = {
	darwin: "Electron.app/Contents/MacOS/Electron",
	win32: "electron.exe",
};

/** This machine, and the checkout at `root`. */
export const surroundingsAt = (root: string): Surroundings => ({
	env: process.env,
	platform: process.platform,
	packageFolder: join(root, "node_modules/electron"),
	exists: existsSync,
	read: (path) => (existsSync(path) ? readFileSync(path, "utf8") : null),
});

/** Path of the Electron program, or null. ELECTRON_OVERRIDE_DIST_PATH is asked first and is then the only place looked at. */
export function findElectron(around: Surroundings): string | null {
	const written = around.read(join(around.packageFolder, "path.txt"))?.trim();
	const name = written || (PROGRAM_NAMES[around.platform] ?? "electron");
	const override = around.env.ELECTRON_OVERRIDE_DIST_PATH;
	const program = join(override || join(around.packageFolder, "dist"), name);
	return around.exists(program) ? program : null;
}

/** Runs the package's own installer, silently; true when it said that it worked. */
export function downloadElectron(
	packageFolder: string,
	withinMs: number = DOWNLOAD_WITHIN_MS,
): Promise<boolean> {
	return new Promise((resolve) => {
		const child = spawn(process.execPath, [join(packageFolder, "install.js")], {
			stdio: "ignore",
			timeout: withinMs,
			killSignal: "SIGKILL",
		});
		child.on("error", () => resolve(false));
		child.on("exit", (code) => resolve(code === 0));
	});
}

/** Whether a window can be shown at all: on Linux an X or Wayland display must be named. */
export const hasDisplay = (around: Surroundings): boolean =>
	around.platform !== "linux" ||
	Boolean(around.env.DISPLAY || around.env.WAYLAND_DISPLAY);
