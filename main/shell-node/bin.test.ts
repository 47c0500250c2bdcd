// The launcher in a checkout of its own, with a stand-in for the bundled command line. An old Node is this Node told to
// say that it is one.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const BIN = fileURLToPath(new URL("./bin.mjs", import.meta.url));
/** Says once what it is and what it was given; ends as its first argument tells. */
const COMMAND_LINE = `
const [way] = process.argv.slice(2);
if (way === "die") process.kill(process.pid, "SIGKILL");
else if (way === "wait") {
	let signals = 0;
	process.on("SIGTERM", () => process.exit(7));
	process.on("SIGINT", () => { signals += 1; setTimeout(() => process.exit(signals === 1 ? 130 : 99), 200); });
	setInterval(() => {}, 1000);
} else process.exitCode = 3;
console.log(JSON.stringify({ major: Number(process.versions.node.split(".")[0]), args: process.argv.slice(2) }));
`;

let root: string;
const started: ChildProcess[] = [];

beforeEach(async () => {
	root = await mkdtemp(join(tmpdir(), "foredeck-bin-"));
	await mkdir(join(root, "main/shell-node"), { recursive: true });
	await cp(BIN, join(root, "main/shell-node/bin.mjs"));
	await writeFile(join(root, "package.json"), '{"type":"module"}');
});
afterEach(async () => {
	for (const child of started.splice(0)) child.kill("SIGKILL");
	await rm(root, { recursive: true, force: true });
});

async function addCommandLine(): Promise<void> {
	await mkdir(join(root, "dist/cli"), { recursive: true });
	await writeFile(join(root, "dist/cli/foredeck.mjs"), COMMAND_LINE);
}

async function addNewerNode(): Promise<void> {
	await mkdir(join(root, "node_modules/node/bin"), { recursive: true });
	await symlink(process.execPath, join(root, "node_modules/node/bin/node"));
}

const OLD_NODE = [
	"--import",
	`data:text/javascript,${encodeURIComponent(
		'Object.defineProperty(process, "versions", { value: { ...process.versions, node: "20.20.0" } });',
	)}`,
];

interface Started {
	readonly child: ChildProcess;
	/** Resolves with the first line of stdout. */
	readonly firstLine: Promise<string>;
	readonly ended: Promise<{
		code: number | null;
		signal: NodeJS.Signals | null;
		out: string;
		err: string;
	}>;
}

function start(
	args: readonly string[],
	flags: readonly string[] = [],
): Started {
	const child = spawn(
		process.execPath,
		[...flags, join(root, "main/shell-node/bin.mjs"), ...args],
		{ stdio: ["ignore", "pipe", "pipe"] },
	);
	started.push(child);
	let out = "";
	let err = "";
	const firstLine = new Promise<string>((resolve) =>
		child.stdout.on("data", (bytes) => {
			out += bytes;
			if (out.includes("\n")) resolve(out.split("\n")[0] ?? "");
		}),
	);
	child.stderr.on("data", (bytes) => {
		err += bytes;
	});
	const ended = once(child, "close").then(([code, signal]) => ({
		code: code as number | null,
		signal: signal as NodeJS.Signals | null,
		out,
		err,
	}));
	return { child, firstLine, ended };
}

test("a checkout that is not built says so with a code", async () => {
	const { ended } = start(["demo"]);
	expect(await ended).toEqual({
		code: 1,
		signal: null,
		out: "",
		err: "foredeck: Foredeck is not built yet; run npm run build [build.missing]\n",
	});
});

test("a new enough Node runs the command line itself, with its arguments and exit code", async () => {
	await addCommandLine();
	const { code, out } = await start(["a", "b c"]).ended;
	expect(code).toBe(3);
	expect(JSON.parse(out)).toMatchObject({ args: ["a", "b c"] });
});

test("a signal that npm gives to its shell only ends the command line too", async () => {
	await addCommandLine();
	const shell = spawn(
		"sh",
		// Two commands, so that the shell stays instead of becoming the command.
		[
			"-c",
			'"$0" "$1" wait; exit $?',
			process.execPath,
			join(root, "main/shell-node/bin.mjs"),
		],
		{
			stdio: ["ignore", "pipe", "ignore"],
			env: { ...process.env, npm_lifecycle_event: "npx" },
		},
	);
	started.push(shell);
	await once(shell.stdout, "data");
	shell.kill("SIGTERM");
	// The pipe closes only when the command line, which inherited it, has ended.
	await once(shell, "close");
	expect(shell.signalCode).toBe("SIGTERM");
});

describe("under an old Node", () => {
	test("a checkout without a newer one says what to do", async () => {
		await addCommandLine();
		const { code, err } = await start(["demo"], OLD_NODE).ended;
		expect(code).toBe(1);
		expect(err).toMatch(
			/^foredeck: Foredeck needs Node 24 .* run npm ci \[build\.missing\]\n$/,
		);
	});

	test("the checkout's own Node takes over, with arguments and exit code", async () => {
		await addCommandLine();
		await addNewerNode();
		const { code, out } = await start(["a", "b c"], OLD_NODE).ended;
		expect(code).toBe(3);
		expect(JSON.parse(out)).toEqual({
			major: Number(process.versions.node.split(".")[0]),
			args: ["a", "b c"],
		});
	});

	test("a command line that is killed takes the launcher along", async () => {
		await addCommandLine();
		await addNewerNode();
		const { code, signal } = await start(["die"], OLD_NODE).ended;
		expect([code, signal]).toEqual([null, "SIGKILL"]);
	});

	test.each([
		["SIGTERM", 7],
		["SIGINT", 130],
	] as const)("%s is passed on once", async (signal, expected) => {
		await addCommandLine();
		await addNewerNode();
		const { child, firstLine, ended } = start(["wait"], OLD_NODE);
		await firstLine;
		child.kill(signal);
		expect((await ended).code).toBe(expected);
	});

	test("a launcher that is killed outright does not leave the command line behind", async () => {
		await addCommandLine();
		await addNewerNode();
		const { child, firstLine, ended } = start(["wait"], OLD_NODE);
		await firstLine;
		child.kill("SIGKILL");
		// The pipes close only when the command line, which inherited them, has ended too.
		expect((await ended).signal).toBe("SIGKILL");
	});
});
