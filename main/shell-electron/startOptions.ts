// What the app was started with. The same option names as the command line; what Chromium or the system adds is let pass.
import { parseArgs } from "node:util";
import type { LogLevel } from "../core/ports.ts";
import { LOG_LEVELS } from "../core/ports.ts";

export interface StartOptions {
	/** Start the demo fleet in this process and show it. */
	readonly demo: boolean;
	/** Hosts of the demo fleet, 1 to 10,000. */
	readonly hosts: number;
	readonly seed: number;
	/** Files, as for the command line; undefined when not given. */
	readonly fleet: string | undefined;
	readonly cert: string | undefined;
	readonly key: string | undefined;
	readonly pfx: string | undefined;
	readonly ca: string | undefined;
	/** Folder for everything that is kept; undefined: where the system keeps such things. */
	readonly data: string | undefined;
	readonly logLevel: LogLevel;
}

const whole = (text: string | undefined, otherwise: number): number => {
	const value = Number(text);
	return text !== undefined && Number.isInteger(value) && value > 0
		? value
		: otherwise;
};

/** Reads the arguments after the program and the app's folder. A value that cannot be used is as if it were not given. */
export function readStartOptions(
	args: readonly string[],
	env: Readonly<Record<string, string | undefined>>,
): StartOptions {
	const text = { type: "string" } as const;
	const { values } = parseArgs({
		args: [...args],
		strict: false,
		options: {
			demo: { type: "boolean" },
			hosts: text,
			seed: text,
			fleet: text,
			cert: text,
			key: text,
			pfx: text,
			ca: text,
			data: text,
			"log-level": text,
		},
	});
	const given = (name: string): string | undefined => {
		const value = values[name];
		return typeof value === "string" && value !== "" ? value : undefined;
	};
	const level = given("log-level") ?? env.FOREDECK_LOG;
	return {
		demo: values.demo === true,
		hosts: Math.min(10_000, whole(given("hosts"), 50)),
		seed: whole(given("seed"), 1),
		fleet: given("fleet"),
		cert: given("cert"),
		key: given("key"),
		pfx: given("pfx"),
		ca: given("ca"),
		data: given("data") ?? env.FOREDECK_DATA,
		logLevel: LOG_LEVELS.find((known) => known === level) ?? "warn",
	};
}
