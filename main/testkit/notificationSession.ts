// A desktop's notification service of its own for a test: a private D-Bus daemon and `notificationDaemon.py` on it, which
// records what it is asked for. It is GLib's side of the protocol, so nothing of ours judges our own bytes.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { end, startBus } from "./keyringSession.ts";

/** Why there can be none on this system at all; null where there can. */
export const NO_NOTIFICATIONS =
	process.platform === "linux"
		? null
		: `notifications over D-Bus are Linux'; this is ${process.platform}`;

const PYTHON = "/usr/bin/python3";
const NEEDED = [
	"/usr/bin/dbus-daemon",
	"/usr/lib/python3/dist-packages/gi/__init__.py",
];
const DAEMON = fileURLToPath(new URL("notificationDaemon.py", import.meta.url));
const PATIENCE_MS = 20_000;

/** What the service was asked for. */
export type Asked =
	| {
			readonly kind: "notify";
			/** The connection that asked. */
			readonly sender: string;
			readonly id: number;
			readonly replaces: number;
			readonly app: string;
			readonly summary: string;
			readonly body: string;
			readonly actions: readonly string[];
			readonly hints: Readonly<Record<string, unknown>>;
			readonly timeout: number;
	  }
	| { readonly kind: "close"; readonly id: number };

/** What it says of itself: it has its name; it did what a person did. */
type Said = { readonly kind: "owned" } | { readonly kind: "did" };

/** `plain`: it reads no markup. `refusing`: it refuses every notification. `odd`: it names none by a number. `none`: nobody is there. */
export type ServiceKind = "full" | "plain" | "refusing" | "odd" | "none";

export interface NotificationSession {
	/** The bus's address. */
	readonly address: string;
	/** Another program of the session says to this connection that its notification was clicked. */
	forgeClick(connection: string, id: number): Promise<void>;
	/** Everything asked for so far, in order. */
	readonly asked: readonly Asked[];
	/** Resolves when it is true of what was asked for; rejects after 20 s. */
	until(isTrue: () => boolean): Promise<void>;
	/** Resolves when all that it was asked for before is in `asked`. */
	caughtUp(): Promise<void>;
	/** A person clicks this notification, or puts it away. */
	click(id: number): Promise<void>;
	dismiss(id: number): Promise<void>;
	/** Ends the service and starts it anew: it has forgotten everything. */
	restart(kind: ServiceKind): Promise<void>;
	freeze(): void;
	stop(): Promise<void>;
}

/** Starts one. Fails where a package is missing: a test that is not run proves nothing. */
export async function openNotificationSession(
	kind: ServiceKind = "full",
): Promise<NotificationSession> {
	const missing = NEEDED.filter((path) => !existsSync(path));
	if (missing.length > 0)
		throw new Error(`${missing.join(", ")} missing; run node .ci/setup.mjs`);
	const home = mkdtempSync(join(tmpdir(), "foredeck-notes-"));
	mkdirSync(join(home, "run"), { mode: 0o700 });
	const address = `unix:path=${join(home, "run/bus")}`;
	const env = {
		PATH: process.env.PATH ?? "/usr/bin:/bin",
		HOME: home,
		DBUS_SESSION_BUS_ADDRESS: address,
		PYTHONUTF8: "1",
	};
	const asked: Asked[] = [];
	const done: (() => void)[] = [];
	const looks = new Set<() => void>();
	const bus = await startBus(home, address, env);
	let service: ChildProcess | null = null;

	const start = (next: ServiceKind): Promise<void> => {
		if (next === "none") return Promise.resolve();
		const options = {
			full: [],
			plain: ["--plain"],
			refusing: ["--refuse"],
			odd: ["--odd"],
		};
		const child = spawn(PYTHON, [DAEMON, ...options[next]], {
			env,
			stdio: ["pipe", "pipe", "inherit"],
		});
		service = child;
		return new Promise((resolve, reject) => {
			child.on("exit", () => reject(new Error("the service ended")));
			createInterface({ input: child.stdout }).on("line", (line) => {
				const said = JSON.parse(line) as Asked | Said;
				if (said.kind === "owned") return resolve();
				if (said.kind === "did") return done.shift()?.();
				asked.push(said);
				for (const look of looks) look();
			});
		});
	};
	await start(kind);
	const does = (what: string, id: number): Promise<void> => {
		if (service === null) return Promise.resolve();
		service.stdin?.write(`${what} ${id}\n`);
		return new Promise((resolve) => done.push(resolve));
	};
	return {
		address,
		asked,
		async forgeClick(connection, id) {
			const forger = spawn(
				"/usr/bin/dbus-send",
				[
					...["--session", "--type=signal", `--dest=${connection}`],
					"/org/freedesktop/Notifications",
					"org.freedesktop.Notifications.ActionInvoked",
					...[`uint32:${id}`, "string:default"],
				],
				{ env, stdio: "ignore" },
			);
			await once(forger, "close");
		},
		until(isTrue) {
			const { promise, resolve, reject } = Promise.withResolvers<void>();
			const timer = setTimeout(
				() => reject(new Error(`asked so far: ${JSON.stringify(asked)}`)),
				PATIENCE_MS,
			);
			const look = (): void => {
				if (isTrue()) resolve();
			};
			looks.add(look);
			look();
			return promise.finally(() => {
				looks.delete(look);
				clearTimeout(timer);
			});
		},
		caughtUp: () => does("look", 0),
		click: (id) => does("click", id),
		dismiss: (id) => does("dismiss", id),
		async restart(next) {
			if (service !== null) await end(service);
			service = null;
			await start(next);
		},
		freeze: () => void service?.kill("SIGSTOP"),
		async stop() {
			if (service !== null) await end(service);
			await end(bus);
			rmSync(home, { recursive: true, force: true });
		},
	};
}
