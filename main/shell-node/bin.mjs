#!/usr/bin/env node
// What `foredeck` runs: finds a Node new enough, builds a fresh checkout once, and hands over to the bundled command
// line. Plain JavaScript, because it must also start under an old Node. Knows no command.
import { spawn, spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

/** The Node major that the core needs (node:sqlite, module hooks, running TypeScript). */
const NODE_MAJOR = 24;
/** A console stops within 1 s; whoever still runs after this did not get the terminal's own Ctrl-C. */
const INTERRUPT_GRACE_MS = 1500;
const LOOK_FOR_PARENT_MS = 500;

const root = fileURLToPath(new URL("../../", import.meta.url));
const bundle = join(root, "dist/cli/foredeck.mjs");

const major = Number(process.versions.node.split(".")[0]);
endWithNpm();
if (major < NODE_MAJOR) reexecute();
else await start();

/** Runs the same command line under the `node` package's binary; passes signals on and ends as it ends. */
function reexecute() {
	const node = newerNode();
	if (node === undefined)
		return refuse(
			`Foredeck needs Node ${NODE_MAJOR} or newer, this is ${process.version}, and the checkout has none of its own; run npm ci`,
		);
	// Ctrl-C in a terminal reaches every process in it; sending it again at once would read as "stop waiting, die now".
	// Without a terminal the child gets a process group of its own, so that each signal reaches it once: through here.
	const inTerminal = process.stdin.isTTY || process.platform === "win32";
	const child = spawn(
		node,
		[fileURLToPath(import.meta.url), ...process.argv.slice(2)],
		{
			// The fourth channel lets the child notice when this process is killed outright.
			stdio: ["inherit", "inherit", "inherit", "ipc"],
			detached: !inTerminal,
		},
	);
	// It has its own copy by now.
	delete process.env.FOREDECK_PASSPHRASE;
	const ended = () => child.exitCode !== null || child.signalCode !== null;
	const passOn = (signal) => {
		if (signal === "SIGINT" && inTerminal)
			setTimeout(
				() => ended() || child.kill(signal),
				INTERRUPT_GRACE_MS,
			).unref();
		else child.kill(signal);
	};
	const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
	for (const signal of signals) process.on(signal, passOn);
	child.on("error", (error) =>
		refuse(
			`the Node of this checkout does not start (${error.message}); run npm ci`,
		),
	);
	child.on("exit", (code, signal) => {
		if (signal === null) process.exit(code ?? 1);
		for (const name of signals) process.removeListener(name, passOn);
		process.kill(process.pid, signal);
	});
}

/** npm passes a signal to the shell between us and stops there; when that shell is gone, the signal was meant for us. */
function endWithNpm() {
	if (process.env.npm_lifecycle_event === undefined) return;
	const parent = process.ppid;
	const timer = setInterval(() => {
		if (process.ppid === parent) return;
		clearInterval(timer);
		process.kill(process.pid, "SIGTERM");
	}, LOOK_FOR_PARENT_MS);
	timer.unref();
}

/** The binary of the `node` package in this checkout or in the one that has Foredeck installed. */
function newerNode() {
	const name = process.platform === "win32" ? "node.exe" : "node";
	for (let folder = root; ; folder = dirname(folder)) {
		const binary = join(folder, "node_modules/node/bin", name);
		if (existsSync(binary)) return binary;
		if (dirname(folder) === folder) return undefined;
	}
}

/** Imports the bundled command line, after building it where the sources and the builder are at hand. */
async function start() {
	if (process.channel) {
		process.on("disconnect", () => process.kill(process.pid, "SIGTERM"));
		process.channel.unref();
	}
	if (
		!existsSync(bundle) &&
		existsSync(join(root, "build.ts")) &&
		existsSync(join(root, "node_modules/vite"))
	) {
		process.stderr.write("foredeck: not built yet, building once\n");
		spawnSync(process.execPath, [join(root, "build.ts")], {
			stdio: ["ignore", 2, 2],
		});
	}
	if (!existsSync(bundle))
		return refuse("Foredeck is not built yet; run npm run build");
	await import(pathToFileURL(bundle).href);
}

function refuse(sentence) {
	process.stderr.write(`foredeck: ${sentence} [build.missing]\n`);
	process.exitCode = 1;
}
