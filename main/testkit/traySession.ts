// A desktop with or without a tray for a test: a private D-Bus daemon, and `trayHost.py` on it. It touches nothing of the
// user's session, and ends only what it started.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { end, startBus } from "./keyringSession.ts";

const PYTHON = "/usr/bin/python3";
const NEEDED = [
	"/usr/bin/dbus-daemon",
	"/usr/lib/python3/dist-packages/gi/__init__.py",
];
const HOST = fileURLToPath(new URL("trayHost.py", import.meta.url));

/** `watcher`: icons may register, and nobody shows them. `none`: as on stock GNOME. */
export type TrayKind = "host" | "watcher" | "none";

export interface TraySession {
	/** What a process needs to find this bus. */
	readonly env: Readonly<Record<string, string>>;
	/** The panel ends, and another starts in its place. */
	restart(kind: TrayKind): Promise<void>;
	/** The panel hangs. */
	freeze(): void;
	stop(): Promise<void>;
}

/** Starts one. Fails where a package is missing: a test that is not run proves nothing. */
export async function openTraySession(kind: TrayKind): Promise<TraySession> {
	const missing = NEEDED.filter((path) => !existsSync(path));
	if (missing.length > 0)
		throw new Error(`${missing.join(", ")} missing; run node .ci/setup.mjs`);
	const home = mkdtempSync(join(tmpdir(), "foredeck-tray-"));
	mkdirSync(join(home, "run"), { mode: 0o700 });
	const address = `unix:path=${join(home, "run/bus")}`;
	const env = {
		PATH: process.env.PATH ?? "/usr/bin:/bin",
		HOME: home,
		DBUS_SESSION_BUS_ADDRESS: address,
	};
	const bus = await startBus(home, address, env);
	let host: ChildProcess | null = null;
	const start = async (next: TrayKind): Promise<void> => {
		if (next === "none") return;
		const child = spawn(
			PYTHON,
			[HOST, ...(next === "watcher" ? ["--no-host"] : [])],
			{ env, stdio: ["ignore", "pipe", "inherit"] },
		);
		host = child;
		await Promise.race([
			once(createInterface({ input: child.stdout }), "line"),
			once(child, "exit").then(() => {
				throw new Error("the tray's host ended at once");
			}),
		]);
	};
	const endHost = async (): Promise<void> => {
		if (host !== null) await end(host);
		host = null;
	};
	await start(kind);
	return {
		env,
		async restart(next) {
			await endHost();
			await start(next);
		},
		freeze: () => void host?.kill("SIGSTOP"),
		async stop() {
			await endHost();
			await end(bus);
			rmSync(home, { recursive: true, force: true });
		},
	};
}
