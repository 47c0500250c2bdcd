// `npm run dev`: the demo in a browser, rebuilt as the sources change. A change of the window is there at the next reload;
// a change of anything else starts the demo again. Ends with Ctrl-C.
import type { ChildProcess } from "node:child_process";
import { spawn, spawnSync } from "node:child_process";
import { watch } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const ROOT = fileURLToPath(new URL("../", import.meta.url));
/** Editors write a file in several steps; they are taken as one. */
const QUIET_MS = 150;

const build = (...targets: string[]): boolean =>
	spawnSync(process.execPath, [join(ROOT, "build.ts"), ...targets], {
		stdio: "inherit",
	}).status === 0;

let demo: ChildProcess | null = null;

/** Starts the demo, once the former one has ended; its ports and sockets are then free. */
function restart(): void {
	const begin = (): void => {
		demo = spawn(
			process.execPath,
			[
				join(ROOT, "main/shell-node/bin.mjs"),
				"demo",
				"--no-open",
				...process.argv.slice(2),
			],
			{ stdio: "inherit" },
		);
	};
	if (demo === null || demo.exitCode !== null) {
		begin();
		return;
	}
	demo.once("exit", begin);
	demo.kill("SIGTERM");
}

let timer: NodeJS.Timeout | undefined;
let coreTouched = false;

function changed(room: string): void {
	if (room !== "renderer") coreTouched = true;
	clearTimeout(timer);
	timer = setTimeout(() => {
		const again = coreTouched;
		coreTouched = false;
		if (build("cli", "renderer") && again) restart();
	}, QUIET_MS);
}

if (build("cli", "renderer")) {
	restart();
	for (const room of ["shared", "main", "renderer"])
		watch(join(ROOT, room), { recursive: true }, () => changed(room));
	for (const signal of ["SIGINT", "SIGTERM"] as const)
		process.once(signal, () => {
			demo?.once("exit", () => process.exit(0));
			if (demo === null || !demo.kill(signal)) process.exit(0);
		});
} else {
	process.exitCode = 1;
}
