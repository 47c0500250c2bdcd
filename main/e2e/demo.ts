// Runs the built command line as a person would, for tests in a browser: waits for its address, and stops it by its own
// process.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const BUNDLE = fileURLToPath(
	new URL("../../dist/cli/foredeck.mjs", import.meta.url),
);
const ADDRESS = /Foredeck is at (http:\/\/\S+)/;

export interface RunningCommand {
	/** With its one-time token. */
	readonly address: string;
	/** Everything on stdout and stderr so far. */
	output(): string;
	readonly pid: number;
	/** SIGTERM; resolves with the exit code. */
	stop(): Promise<number | null>;
	/** SIGKILL: the core is gone from one moment to the next. */
	kill(): Promise<void>;
}

/** Starts `foredeck …` and resolves when it has printed its address. */
export async function startForedeck(
	args: readonly string[],
	env: NodeJS.ProcessEnv = process.env,
): Promise<RunningCommand> {
	const child = spawn(process.execPath, [BUNDLE, ...args], {
		env,
		stdio: ["ignore", "pipe", "pipe"],
	});
	let text = "";
	const exited = new Promise<number | null>((resolve) => {
		child.once("exit", (code) => resolve(code));
	});
	const address = await new Promise<string>((resolve, reject) => {
		const take = (bytes: Buffer): void => {
			text += bytes.toString();
			const found = ADDRESS.exec(text)?.[1];
			if (found !== undefined) resolve(found);
		};
		child.stdout.on("data", take);
		child.stderr.on("data", take);
		child.once("exit", () =>
			reject(new Error(`foredeck ended before its address: ${text}`)),
		);
	});
	const end = (signal: NodeJS.Signals): Promise<number | null> => {
		if (isRunning(child)) child.kill(signal);
		return exited;
	};
	return {
		address,
		pid: child.pid ?? 0,
		output: () => text,
		stop: () => end("SIGTERM"),
		async kill() {
			await end("SIGKILL");
		},
	};
}

/** Runs `foredeck …` to its end. @returns its exit code and everything that it wrote. */
export async function runForedeck(
	args: readonly string[],
	env: NodeJS.ProcessEnv,
): Promise<{ readonly code: number | null; readonly output: string }> {
	const child = spawn(process.execPath, [BUNDLE, ...args], {
		env,
		stdio: ["ignore", "pipe", "pipe"],
	});
	let output = "";
	for (const stream of [child.stdout, child.stderr])
		stream.on("data", (bytes: Buffer) => {
			output += bytes.toString();
		});
	const [code] = await once(child, "close");
	return { code, output };
}

const isRunning = (child: ChildProcess): boolean =>
	child.exitCode === null && child.signalCode === null;
