// `npm run soak`: a whole console on agents in another process, for minutes or hours, with jobs, cuts and restarts. Prints
// trends of memory and handles, delays from the agent to the window, and the comparison with what the agents did. Exit code
// 0: all told once and nothing left behind; 1: not so, or it could not run; 2: wrong usage.
import { parseArgs } from "node:util";
import { soakReport } from "./soakReport.ts";
import { runSoak, type SoakOptions } from "./soakRun.ts";

const USAGE = `usage: npm run soak -- [--minutes N] [--hosts N] [--events-per-second N] [--flap N] [--seed N]
  --minutes            how long; default 10
  --hosts              agents; default 500
  --events-per-second  that agents push in all; default 20
  --flap               links in a hundred that are cut each minute; default 1
  --seed               the same seed gives the same jobs and cuts; default 1`;

const DEFAULTS = {
	minutes: "10",
	hosts: "500",
	"events-per-second": "20",
	flap: "1",
	seed: "1",
} as const;

/** Throws with a sentence for whoever typed it; null: help was asked for. */
function readArguments(given: readonly string[]): SoakOptions | null {
	const { values } = parseArgs({
		args: [...given],
		options: {
			...(Object.fromEntries(
				Object.entries(DEFAULTS).map(([name, value]) => [
					name,
					{ type: "string" as const, default: value },
				]),
			) as Record<keyof typeof DEFAULTS, { type: "string"; default: string }>),
			help: { type: "boolean", default: false },
		},
	});
	if (values.help) return null;
	const number = (name: keyof typeof DEFAULTS, least: number): number => {
		const text = values[name];
		const value = Number(text);
		if (text.trim() === "" || !Number.isFinite(value) || value < least)
			throw new Error(`--${name} takes a number from ${least} on`);
		return value;
	};
	return {
		minutes: number("minutes", 0.05),
		hosts: Math.floor(number("hosts", 1)),
		eventsPerSecond: number("events-per-second", 0.1),
		flapPercent: number("flap", 0),
		seed: Math.floor(number("seed", 0)),
	};
}

async function main(options: SoakOptions): Promise<number> {
	const result = await runSoak(options, (line) =>
		console.error(`soak: ${line}`),
	);
	const { lines, ok } = soakReport(options, result);
	for (const line of lines) console.log(line);
	return ok ? 0 : 1;
}

let options: SoakOptions | null = null;
try {
	options = readArguments(process.argv.slice(2));
	if (options === null) console.log(USAGE);
} catch (error) {
	console.error(`soak: ${error instanceof Error ? error.message : error}`);
	console.error(USAGE);
	process.exitCode = 2;
}
if (options !== null)
	process.exitCode = await main(options).catch((error: unknown) => {
		console.error("soak: it could not be run:", error);
		return 1;
	});
