// `npm start`: runs Foredeck in Electron where its program is at hand or can be downloaded, and otherwise says in one
// sentence what works instead. Arguments after `--` go to the app.
import { spawn, spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { FaultCode } from "../../shared/fault.ts";
import { FAULTS } from "../../shared/fault.ts";
import {
	downloadElectron,
	findElectron,
	hasDisplay,
	surroundingsAt,
} from "./electronBinary.ts";

const ROOT = fileURLToPath(new URL("../../", import.meta.url));

/** Says the fault as one sentence and ends with 1. */
function refuse(code: FaultCode): void {
	const { sentence, nextStep } = FAULTS[code];
	const step = nextStep.charAt(0).toLowerCase() + nextStep.slice(1, -1);
	console.error(`foredeck: ${sentence}; ${step} [${code}]`);
	process.exitCode = 1;
}

async function start(args: readonly string[]): Promise<void> {
	const around = surroundingsAt(ROOT);
	if (findElectron(around) === null && !around.env.ELECTRON_OVERRIDE_DIST_PATH)
		await downloadElectron(around.packageFolder);
	const program = findElectron(around);
	if (program === null) return refuse("electron.missing");
	if (!hasDisplay(around)) return refuse("display.missing");
	const built = spawnSync(process.execPath, [join(ROOT, "build.ts")], {
		stdio: "inherit",
	});
	if (built.status !== 0) return refuse("build.missing");
	run(program, args);
}

/** Runs the app until it ends; passes signals on and ends as it ends. */
function run(program: string, args: readonly string[]): void {
	const child = spawn(program, [ROOT, ...args], { stdio: "inherit" });
	for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
		process.on(signal, () => child.kill(signal));
	child.on("error", () => refuse("electron.missing"));
	child.on("exit", (code) => {
		process.exitCode = code ?? 1;
	});
}

await start(process.argv.slice(2));
