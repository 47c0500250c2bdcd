// A real Secret Service of its own for a test: a private D-Bus daemon and gnome-keyring with a throw-away home. It touches
// neither the user's session nor their keyring, and ends only the two processes that it started.
import type { ChildProcess } from "node:child_process";
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
	existsSync,
	mkdirSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { systemClock } from "../../shared/clock.ts";

/** Why a Secret Service cannot be had on this system at all; null where it can. */
export const NO_SECRET_SERVICE =
	process.platform === "linux"
		? null
		: `a Secret Service is Linux'; this is ${process.platform}`;

/** Debian's packages of what is started here; `.ci/setup.mjs` installs them. */
const NEEDED = ["/usr/bin/dbus-daemon", "/usr/bin/gnome-keyring-daemon"];
const PASSWORD = "only for this test";
const LOGIN = "data/keyrings/login.keyring";
const PATIENCE_MS = 20_000;
const LOOK_EVERY_MS = 20;

/** `locked`: started without its password. `plain`: a keyring whose file is not encrypted, as with an empty password. */
export type KeyringState = "unlocked" | "locked" | "plain";

export interface KeyringSession {
	/** What a process needs to find this Secret Service, and nothing of the user's. */
	readonly env: Readonly<Record<string, string>>;
	/** The accounts of the entries in the keyring's file; only of a `plain` one, others are encrypted. */
	accounts(): readonly string[];
	/** Ends the keyring's daemon and starts it anew on the same files. */
	restart(state: KeyringState): Promise<void>;
	/** Stops and continues the daemon: a keychain that does not answer. */
	freeze(): void;
	thaw(): void;
	stop(): Promise<void>;
}

/** Starts one. Fails where a package is missing: a test that is not run proves nothing. */
export async function openKeyringSession(
	state: KeyringState = "unlocked",
): Promise<KeyringSession> {
	const missing = NEEDED.filter((path) => !existsSync(path));
	if (missing.length > 0)
		throw new Error(`${missing.join(", ")} missing; run node .ci/setup.mjs`);
	const home = mkdtempSync(join(tmpdir(), "foredeck-keyring-"));
	for (const name of ["run", "data/keyrings"])
		mkdirSync(join(home, name), { recursive: true, mode: 0o700 });
	const address = `unix:path=${join(home, "run/bus")}`;
	const env = {
		PATH: process.env.PATH ?? "/usr/bin:/bin",
		HOME: home,
		XDG_DATA_HOME: join(home, "data"),
		XDG_CONFIG_HOME: join(home, "config"),
		XDG_CACHE_HOME: join(home, "cache"),
		XDG_RUNTIME_DIR: join(home, "run"),
		DBUS_SESSION_BUS_ADDRESS: address,
	};
	const bus = await startBus(home, address, env);
	let keyring = await startKeyring(state, home, env);
	return {
		env,
		accounts: () =>
			[
				...readFileSync(join(home, LOGIN), "utf8").matchAll(
					/name=account\ntype=string\nvalue=(.*)/g,
				),
			].map(([, account = ""]) => account),
		async restart(next) {
			await end(keyring);
			keyring = await startKeyring(next, home, env);
		},
		freeze: () => void keyring.kill("SIGSTOP"),
		thaw: () => void keyring.kill("SIGCONT"),
		async stop() {
			await end(keyring);
			await end(bus);
			rmSync(home, { recursive: true, force: true });
		},
	};
}

/** A bus without any service file: nothing is started on it but what we start. Its configuration lies in `home`. */
export async function startBus(
	home: string,
	address: string,
	env: NodeJS.ProcessEnv,
): Promise<ChildProcess> {
	const config = join(home, "bus.conf");
	writeFileSync(
		config,
		`<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN" "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>session</type><listen>${address}</listen><auth>EXTERNAL</auth>
<policy context="default"><allow send_destination="*" eavesdrop="true"/><allow eavesdrop="true"/><allow own="*"/></policy></busconfig>`,
	);
	const bus = spawn(
		"/usr/bin/dbus-daemon",
		["--nofork", "--nopidfile", "--print-address", `--config-file=${config}`],
		{ env, stdio: ["ignore", "pipe", "ignore"] },
	);
	await first(createInterface({ input: bus.stdout }), "line", bus);
	return bus;
}

async function startKeyring(
	state: KeyringState,
	home: string,
	env: NodeJS.ProcessEnv,
): Promise<ChildProcess> {
	if (state === "plain")
		writeFileSync(
			join(home, LOGIN),
			"[keyring]\ndisplay-name=Login\nctime=0\nmtime=0\nlock-on-idle=false\nlock-after=false\n",
			{ mode: 0o600 },
		);
	const keyring = spawn(
		"/usr/bin/gnome-keyring-daemon",
		[
			state === "unlocked" ? "--unlock" : "--start",
			"--foreground",
			"--components=secrets",
		],
		{ env, stdio: ["pipe", "ignore", "ignore"] },
	);
	keyring.stdin.end(state === "unlocked" ? PASSWORD : "");
	await untilOwned(env, keyring);
	return keyring;
}

/** Waits until the Secret Service's name is taken on the bus. */
async function untilOwned(
	env: NodeJS.ProcessEnv,
	keyring: ChildProcess,
): Promise<void> {
	const clock = systemClock();
	const deadlineMs = clock.monotonicMs() + PATIENCE_MS;
	while (!(await isOwned(env))) {
		if (keyring.exitCode !== null || clock.monotonicMs() > deadlineMs)
			throw new Error("gnome-keyring did not take its name on the bus");
		await new Promise<void>((resolve) => {
			clock.at(clock.monotonicMs() + LOOK_EVERY_MS, resolve);
		});
	}
}

async function isOwned(env: NodeJS.ProcessEnv): Promise<boolean> {
	const asked = spawn(
		"/usr/bin/dbus-send",
		[
			...["--session", "--print-reply", "--dest=org.freedesktop.DBus"],
			...["/", "org.freedesktop.DBus.NameHasOwner"],
			"string:org.freedesktop.secrets",
		],
		{ env, stdio: ["ignore", "pipe", "ignore"] },
	);
	let said = "";
	asked.stdout.on("data", (chunk) => {
		said += chunk;
	});
	await once(asked, "close");
	return said.includes("boolean true");
}

/** The next event of that name, or an error when the process ended first. */
async function first(
	source: NodeJS.EventEmitter,
	name: string,
	of: ChildProcess,
): Promise<void> {
	const over = new AbortController();
	const ended = once(of, "exit", { signal: over.signal }).then(() => {
		throw new Error("it ended at once");
	});
	try {
		await Promise.race([once(source, name, { signal: over.signal }), ended]);
	} finally {
		over.abort();
		await ended.catch(() => {});
	}
}

/** Ends a process that was started here, also a frozen one. */
export async function end(child: ChildProcess): Promise<void> {
	if (child.exitCode !== null || child.signalCode !== null) return;
	const ended = once(child, "exit");
	// A frozen process takes no other signal before it goes on.
	child.kill("SIGCONT");
	child.kill("SIGTERM");
	await ended;
}
