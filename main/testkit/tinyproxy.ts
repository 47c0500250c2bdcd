// Tinyproxy, a real HTTP proxy of Debian's, as a process of its own on 127.0.0.1, with a user and a password.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openTally } from "./tally.ts";

export interface Tinyproxy {
	readonly port: number;
	/** What it wrote so far: with its log level every CONNECT with its target. */
	log(): string;
	close(): Promise<void>;
}

/** Where the package puts it; `.ci/setup.mjs` sees to it. */
const PROGRAM = "/usr/bin/tinyproxy";

/** Starts it; resolves when it listens. */
export async function openTinyproxy(
	user: string,
	password: string,
): Promise<Tinyproxy> {
	const port = await freePort();
	const folder = mkdtempSync(join(tmpdir(), "foredeck-tinyproxy-"));
	const config = join(folder, "tinyproxy.conf");
	writeFileSync(
		config,
		[
			`Port ${port}`,
			"Listen 127.0.0.1",
			"Allow 127.0.0.1",
			"Timeout 60",
			"LogLevel Info",
			`BasicAuth ${user} ${password}`,
			"",
		].join("\n"),
	);
	const child = spawn(PROGRAM, ["-d", "-c", config], {
		stdio: ["ignore", "pipe", "pipe"],
	});
	let log = "";
	const said = openTally<string>();
	for (const stream of [child.stdout, child.stderr])
		stream.setEncoding("utf8").on("data", (text: string) => {
			log += text;
			said.add(log);
		});
	const ended = once(child, "close").then(() => {
		throw new Error(`tinyproxy ended: ${log}`);
	});
	ended.catch(() => {});
	await Promise.race([
		said.waitUntil((all) => all.includes("Accepting connections")),
		ended,
	]);
	return {
		port,
		log: () => log,
		async close() {
			child.kill("SIGTERM");
			await ended.catch(() => {});
			rmSync(folder, { recursive: true });
		},
	};
}

/** It cannot be told to choose one itself. */
async function freePort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((listening) => {
		server.listen(0, "127.0.0.1", listening);
	});
	const { port } = server.address() as AddressInfo;
	await new Promise((closed) => server.close(closed));
	return port;
}
