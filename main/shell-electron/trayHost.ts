// Whether anybody shows tray icons here. Windows and macOS always do; on Linux a program of the desktop must, and stock GNOME
// has none: there it is asked on the session's D-Bus, by whichever of the usual tools is installed.
import { execFile } from "node:child_process";

/** For the whole question. A bus that does not answer has no tray that we could hide in. */
export const ASK_WITHIN_MS = 2_000;

const WATCHER = "org.kde.StatusNotifierWatcher";

/** One method call; arguments are strings. */
interface Call {
	readonly to: string;
	readonly path: string;
	readonly method: string;
	readonly strings: readonly string[];
}

/** Asked first, because asking for the property would start a watcher that merely could be there. */
const IS_OWNED: Call = {
	to: "org.freedesktop.DBus",
	path: "/org/freedesktop/DBus",
	method: "org.freedesktop.DBus.NameHasOwner",
	strings: [WATCHER],
};
const HAS_HOST: Call = {
	to: WATCHER,
	path: "/StatusNotifierWatcher",
	method: "org.freedesktop.DBus.Properties.Get",
	strings: [WATCHER, "IsStatusNotifierHostRegistered"],
};

/** Tools that call a method and print the answer, with their arguments: of GLib, of systemd, of D-Bus itself. */
export const BUS_TOOLS: readonly (readonly [
	tool: string,
	args: (call: Call) => string[],
])[] = [
	[
		"gdbus",
		({ to, path, method, strings }) => [
			...["call", "--session", "--dest", to, "--object-path", path],
			...["--method", method, ...strings.map((text) => `'${text}'`)],
		],
	],
	[
		"busctl",
		({ to, path, method, strings }) => {
			const dot = method.lastIndexOf(".");
			return [
				...["--user", "--auto-start=no", "call", to, path],
				...[method.slice(0, dot), method.slice(dot + 1)],
				...["s".repeat(strings.length), ...strings],
			];
		},
	],
	[
		"dbus-send",
		({ to, path, method, strings }) => [
			...["--session", "--print-reply", `--dest=${to}`, path, method],
			...strings.map((text) => `string:${text}`),
		],
	],
];

export interface TrayHostParts {
	readonly platform: NodeJS.Platform;
	/** Names the session's bus, and where programs are. */
	readonly env: Readonly<Record<string, string | undefined>>;
	/** Tools to try, in this order; all unless told. */
	readonly tools?: typeof BUS_TOOLS;
}

/** Asked anew each time: panels come and go. Never throws; in doubt there is none. */
export async function hasTrayHost({
	platform,
	env,
	tools = BUS_TOOLS,
}: TrayHostParts): Promise<boolean> {
	if (platform === "win32" || platform === "darwin") return true;
	const over = AbortSignal.timeout(ASK_WITHIN_MS);
	for (const [tool, args] of tools) {
		const owned = await run(tool, args(IS_OWNED), env, over);
		if (owned === "missing") continue;
		if (owned !== "true") return false;
		return (await run(tool, args(HAS_HOST), env, over)) === "true";
	}
	return false;
}

/** Runs a tool to its end. `missing`: it is not installed. */
function run(
	tool: string,
	args: readonly string[],
	env: TrayHostParts["env"],
	signal: AbortSignal,
): Promise<"true" | "false" | "missing"> {
	return new Promise((resolve) => {
		execFile(
			tool,
			args,
			{ env: { ...env }, signal, maxBuffer: 4_096, killSignal: "SIGKILL" },
			(error, stdout) => {
				if (error !== null && error.code === "ENOENT") resolve("missing");
				else
					resolve(error === null && /\btrue\b/.test(stdout) ? "true" : "false");
			},
		);
	});
}
