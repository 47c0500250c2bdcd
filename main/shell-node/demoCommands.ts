// `foredeck demo` and `foredeck agents`: the demo fleet, with the console on it or alone.
import { spawn } from "node:child_process";
import type { Cancel } from "../../shared/clock.ts";
import type { Fault } from "../../shared/fault.ts";
import type { Job } from "../../shared/model.ts";
import type { Console } from "../core/console.ts";
import { openConsole } from "../core/console.ts";
import { CONSOLE_FILES, checkFileLimit } from "../core/fileLimit.ts";
import { parseInventory } from "../core/fleet/inventory.ts";
import { identityFromPem } from "../core/identity/describe.ts";
import { runAgents } from "../demo/agentsCommand.ts";
import type { Dialect } from "../demo/dialect.ts";
import { startDemoFleet } from "../demo/fleet.ts";
import { openMemoryVault } from "../vault/memory.ts";
import { followSurroundings, startBrowserShell } from "./browserShell.ts";
import { findDesktop } from "./desktop.ts";
import type { Io } from "./io.ts";
import { EXIT, sayFault } from "./io.ts";
import { openBrowser } from "./openBrowser.ts";
import type { Wiring } from "./serve.ts";
import { aborted } from "./serve.ts";
import { jobEndText } from "./summary.ts";
import { isFailed, isFleetWideAndOver, watch } from "./watch.ts";

/** A listener, two connections of a console, and room for two consoles more. */
const AGENT_FILES = 7;
/** A listener, and both ends of what the console in this process opens. */
const DEMO_FILES = 1 + 2 * CONSOLE_FILES;

export interface DemoOptions {
	readonly hosts: number;
	readonly seed: number;
	readonly port: number;
	readonly shell: "auto" | "electron" | "node";
	readonly open: boolean;
	readonly once?: boolean;
	readonly speed: number;
}

/** Starts the demo fleet and the console on it; runs until stopped, or with `once` until one fleet-wide job ended. */
export async function demoCommand(
	options: DemoOptions,
	wiring: Wiring,
): Promise<number> {
	const { io, clock } = wiring;
	if (options.shell !== "node" && options.once !== true) {
		const desktop = findDesktop(io.env);
		if (desktop.ok) return runDesktop(desktop.value, options, io);
		if (options.shell === "electron") return refuse(io, desktop.fault);
	}
	const room = checkFileLimit(options.hosts, DEMO_FILES, io.fileLimit());
	if (!room.ok) return refuse(io, room.fault);
	const agents = await startDemoFleet({
		hosts: options.hosts,
		seed: options.seed,
		port: 0,
		speed: options.speed,
		clock,
	});
	const console = openDemoConsole(agents, wiring);
	const shell = await startBrowserShell(console, {
		host: "127.0.0.1",
		port: options.port,
		tls: null,
		version: wiring.version,
	});
	const unfollow = followSurroundings(clock, console);
	let code: number = EXIT.error;
	if (shell.ok) {
		io.out(`Foredeck is at ${shell.value.address}`);
		if (options.open) openBrowser(shell.value.address, io.env);
		code =
			options.once === true
				? await untilOneJobEnded(console, wiring)
				: await watch(
						console,
						{ json: false, untilIdle: false, timeoutS: null },
						io,
						clock,
					).then(() => EXIT.ok);
	} else sayFault(io, shell.fault);
	unfollow();
	await Promise.all([
		console.stop(),
		shell.ok ? shell.value.stop() : undefined,
		agents.stop(),
	]);
	return code;
}

/** A console on the demo fleet. The fleet's file and identity go through the same checks as any other's. */
export function openDemoConsole(
	agents: Awaited<ReturnType<typeof startDemoFleet>>,
	{ clock, log, random, version }: Wiring,
): Console {
	const inventory = parseInventory(
		JSON.stringify(agents.fleetFile),
		"the demo fleet",
	);
	return openConsole(
		{
			version,
			shell: "node",
			demo: true,
			inventory: inventory.ok ? inventory.value : null,
			identity: identityFromPem(agents.identity, "memory, until the demo ends"),
			fault: inventory.ok ? null : inventory.fault,
		},
		{ clock, log, random, vault: openMemoryVault() },
	);
}

const LOOK_EVERY_MS = 200;

/** Prints the summary until a fleet-wide job is over, then its counts. */
async function untilOneJobEnded(
	console: Console,
	{ io, clock }: Wiring,
): Promise<number> {
	const over = new AbortController();
	let ended: Job | undefined;
	let cancel: Cancel = () => {};
	const look = (): void => {
		ended = [...console.book.jobs.values()].find((job) =>
			isFleetWideAndOver(job, console.fleet.size),
		);
		if (ended === undefined)
			cancel = clock.at(clock.monotonicMs() + LOOK_EVERY_MS, look);
		else over.abort();
	};
	look();
	await watch(
		console,
		{ json: false, untilIdle: false, timeoutS: null },
		{ ...io, signal: AbortSignal.any([io.signal, over.signal]) },
		clock,
	);
	cancel();
	if (ended === undefined) return EXIT.interrupted;
	io.out(jobEndText(ended));
	return isFailed(ended) ? EXIT.hostsFailed : EXIT.ok;
}

export interface AgentsOptions {
	readonly hosts: number;
	readonly seed: number;
	readonly port: number;
	readonly dialect?: Dialect;
	readonly faults?: string;
	readonly out: string;
	readonly speed: number;
}

/** Runs only the agents, until SIGINT or SIGTERM. */
export async function agentsCommand(
	options: AgentsOptions,
	{ io, clock }: Wiring,
): Promise<number> {
	const room = checkFileLimit(options.hosts, AGENT_FILES, io.fileLimit());
	if (!room.ok) return refuse(io, room.fault);
	return runAgents({ ...options, clock, signal: io.signal }, io);
}

function refuse(io: Io, why: Fault): number {
	sayFault(io, why);
	return EXIT.error;
}

/** Hands the demo over to the desktop shell, which starts the fleet itself. */
function runDesktop(
	program: { readonly command: string; readonly args: readonly string[] },
	options: DemoOptions,
	io: Io,
): Promise<number> {
	const child = spawn(
		program.command,
		[
			...program.args,
			"--demo",
			`--hosts=${options.hosts}`,
			`--seed=${options.seed}`,
		],
		{ stdio: "inherit" },
	);
	void aborted(io.signal).then(() => child.kill("SIGTERM"));
	return new Promise((resolve) => {
		child.on("error", () => resolve(EXIT.error));
		child.on("exit", (code) => resolve(code ?? EXIT.interrupted));
	});
}
