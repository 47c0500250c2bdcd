// `npm run nemesis`: many seeds in virtual time, or some minutes on real sockets. Exit code 0: every promise held; 1: one was
// broken, and the message says how to see it again; 2: wrong usage.
import { parseArgs } from "node:util";
import { systemClock } from "../../shared/clock.ts";
import type { NemesisReport } from "../testkit/nemesis/simulate.ts";
import { simulate } from "../testkit/nemesis/simulate.ts";
import { realNemesis } from "./realNemesis.ts";

const USAGE = `usage: npm run nemesis -- [--seed N] [--seeds N] [--agents N] [--hours H] [--trace] [--host ID] [--until-step N]
       npm run nemesis -- --real [--seed N] [--agents N] [--minutes M] [--trace]
  --seed        first seed (default: by the clock, and printed)
  --seeds       how many seeds, one after the other (default 10, or 1 with --trace, --host or --until-step)
  --agents      simulated agents (default 200; with --real 60)
  --hours       virtual hours of trouble for each seed (default 1)
  --minutes     minutes of trouble on real sockets (default 1)
  --trace       print each step
  --host        print all that happens to this host, e.g. h-0012
  --until-step  stop after so many steps, without judgement
  --help        this`;

interface Arguments {
	readonly seed: number;
	readonly seeds: number;
	readonly agents: number;
	readonly hours: number;
	readonly minutes: number;
	readonly untilStep: number | undefined;
	readonly host: string | undefined;
	readonly trace: boolean;
	readonly real: boolean;
	readonly help: boolean;
}

const clock = systemClock();

/** Throws with a sentence for whoever typed it. */
function readArguments(given: readonly string[]): Arguments {
	const { values } = parseArgs({
		args: [...given],
		options: {
			seed: { type: "string" },
			seeds: { type: "string" },
			agents: { type: "string" },
			hours: { type: "string" },
			minutes: { type: "string" },
			"until-step": { type: "string" },
			host: { type: "string" },
			trace: { type: "boolean", default: false },
			real: { type: "boolean", default: false },
			help: { type: "boolean", default: false },
		},
	});
	const number = (
		name: "seed" | "seeds" | "agents" | "hours" | "minutes" | "until-step",
		usual: number,
	): number => {
		const value = values[name] === undefined ? usual : Number(values[name]);
		if (Number.isFinite(value) && value >= 0) return value;
		throw new Error(`--${name} must be a number that is not negative`);
	};
	const isOne =
		values.trace ||
		values.host !== undefined ||
		values["until-step"] !== undefined;
	return {
		seed: number("seed", Math.floor(clock.wallMs()) % 1_000_000),
		seeds: number("seeds", isOne ? 1 : 10),
		agents: number("agents", values.real ? 60 : 200),
		hours: number("hours", 1),
		minutes: number("minutes", 1),
		untilStep:
			values["until-step"] === undefined ? undefined : number("until-step", 0),
		host: values.host,
		trace: values.trace || values.host !== undefined,
		real: values.real,
		help: values.help,
	};
}

const print = (line: string): void => {
	process.stdout.write(`${line}\n`);
};

async function runVirtual(given: Arguments): Promise<void> {
	const reports: NemesisReport[] = [];
	for (let at = 0; at < given.seeds; at++) {
		const report = await simulate({
			seed: given.seed + at,
			agents: given.agents,
			hours: given.hours,
			...(given.untilStep === undefined ? {} : { untilStep: given.untilStep }),
			...(given.host === undefined ? {} : { host: given.host }),
			...(given.trace ? { trace: print } : {}),
		});
		reports.push(report);
		print(lineOf(report));
	}
	const sum = (of: (report: NemesisReport) => number): number =>
		reports.reduce((all, report) => all + of(report), 0);
	const operations = new Map<string, number>();
	for (const report of reports)
		for (const [name, count] of Object.entries(report.operations))
			operations.set(name, (operations.get(name) ?? 0) + count);
	print(
		[
			`operations: ${[...operations].map(([name, count]) => `${name} ${count}`).join(", ")}`,
			`not to be judged: ${sum(({ excluded }) => excluded.unknowable)} ends forgotten before anybody could hear of them, ${sum(({ excluded }) => excluded.history)} first seen as history, ${sum(({ excluded }) => excluded.undated)} that no clock could date`,
			`${reports.length} seeds, ${hoursOf(sum(({ virtualMs }) => virtualMs))} virtual hours, ${sum(({ heals }) => heals.hinted + heals.unhinted)} heals, ${sum(({ runs }) => runs)} runs, ${sum(({ endsTold }) => endsTold)} ends told, lost 0, told twice 0`,
		].join("\n"),
	);
}

const hoursOf = (ms: number): string => (ms / 3_600_000).toFixed(1);

/** Only a run that kept every promise has a report, so nothing in it was lost or told twice. */
const lineOf = (report: NemesisReport): string =>
	`seed ${report.seed}: ${report.agents} agents, ${hoursOf(report.virtualMs)} virtual hours, ${report.steps} steps, ${report.heals.hinted}+${report.heals.unhinted} heals, ${report.runs} runs, ${report.endsTold} ends told, ${report.dials} dials (${report.mostDialing} at once), ${report.gets} GETs, trace ${report.hash}`;

async function runReal(given: Arguments): Promise<void> {
	print(`seed ${given.seed}`);
	const report = await realNemesis({
		seed: given.seed,
		agents: given.agents,
		forMs: given.minutes * 60_000,
		healedMs: 15_000,
		...(given.trace ? { trace: print } : {}),
	});
	const slowest = Math.max(...report.truthMs) / 1_000;
	print(
		`${given.agents} agents on real sockets, ${report.steps} steps, ${report.heals} heals, all true again within ${slowest.toFixed(1)} s, ${report.runs} runs, ${report.endsTold} ends told, lost 0, told twice 0`,
	);
}

try {
	const given = readArguments(process.argv.slice(2));
	try {
		await (given.real ? runReal(given) : runVirtual(given));
	} catch (error) {
		print(error instanceof Error ? error.message : String(error));
		process.exitCode = 1;
	}
} catch (error) {
	print(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
	process.exitCode = 2;
}
