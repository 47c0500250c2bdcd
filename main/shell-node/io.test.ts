// The process's own streams, in a process of their own whose readers go away.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, existsSync, openSync } from "node:fs";
import { expect, test } from "vitest";

const IO = new URL("./io.ts", import.meta.url).href;
const CLI = new URL("./cli.ts", import.meta.url);

const script = (body: string): string[] => [
	"--input-type=module",
	"--eval",
	`const { processIo } = await import(${JSON.stringify(IO)}); const io = processIo(); ${body}`,
];

/** Tells what it said and how it ended; `err` is not read where it is hung up on. */
async function ended(args: readonly string[], stdout: "pipe" | number) {
	const child = spawn(process.execPath, args, {
		stdio: ["ignore", stdout, "pipe"],
	});
	let out = "";
	let err = "";
	child.stdout?.on("data", (bytes) => {
		out += bytes;
	});
	child.stderr?.on("data", (bytes) => {
		err += bytes;
	});
	const [code] = await once(child, "close");
	return { code: code as number | null, out, err };
}

test("a reader of stderr that went away does not end the process", async () => {
	const child = spawn(
		process.execPath,
		script(`
			process.stdin.once("data", async () => {
				for (let n = 0; n < 20; n++) { io.err("nobody reads this"); await new Promise(setImmediate); }
				io.out("still here");
				process.exit(0);
			});
			io.out("ready");`),
		{ stdio: ["pipe", "pipe", "pipe"] },
	);
	let out = "";
	child.stdout.on("data", (bytes) => {
		out += bytes;
	});
	const closed = once(child, "close");
	await once(child.stdout, "data");
	child.stderr.destroy();
	await once(child.stderr, "close");
	child.stdin.write("go");
	expect([(await closed)[0], out]).toEqual([0, "ready\nstill here\n"]);
});

test("a reader of stdout that went away ends the process well and without a word", async () => {
	const child = spawn(
		process.execPath,
		script(`setInterval(() => io.out("line"), 1);`),
		{ stdio: ["ignore", "pipe", "pipe"] },
	);
	let err = "";
	child.stderr.on("data", (bytes) => {
		err += bytes;
	});
	const closed = once(child, "close");
	await once(child.stdout, "data");
	child.stdout.destroy();
	expect([(await closed)[0], err]).toEqual([0, ""]);
});

test.skipIf(!existsSync("/dev/full")).each([
	["while it works", script(`io.out("line"); setInterval(() => {}, 1000);`)],
	["at its end", [CLI.pathname, "--version"]],
])("a full disk %s is one sentence and exit code 1", async (_, args) => {
	const full = openSync("/dev/full", "w");
	try {
		expect(await ended(args, full)).toEqual({
			code: 1,
			out: "",
			err: "foredeck: cannot write to stdout: no space left on device\n",
		});
	} finally {
		closeSync(full);
	}
});
