// `npm run fuzz`: feeds broken inputs to every decoder for as long as asked, and prints what was met. Exit code 0: every
// promise held; 1: one did not, with the input, the seed and the case; 2: wrong usage.
import { parseArgs } from "node:util";
import { AGENT_TARGETS } from "./agentTargets.ts";
import { feedCase, feedMonsters, figureLines, noFigures } from "./campaign.ts";
import { OWN_TARGETS } from "./ownTargets.ts";
import type { FuzzTarget } from "./target.ts";

const USAGE = `usage: npm run fuzz -- [--minutes N] [--seed S] [--only NAME] [--case I]
  --minutes  how long; default 1
  --seed     the same seed makes the same inputs; default: another one each time
  --only     one decoder: NAME as the figures call it
  --case     feed this one case of the seed again, and stop; with --only`;

const TARGETS: readonly FuzzTarget[] = [...AGENT_TARGETS, ...OWN_TARGETS];
/** Cases of one target before the clock is looked at and the next one has its turn. */
const TURN = 200;

interface Arguments {
	readonly minutes: number;
	readonly seed: number;
	readonly targets: readonly FuzzTarget[];
	readonly one: number | null;
}

function numberOf(name: string, text: string, least: number): number {
	const value = Number(text);
	if (text.trim() === "" || !Number.isFinite(value) || value < least)
		throw new Error(`--${name} takes a number from ${least} on`);
	return value;
}

/** Throws with a sentence for whoever typed it; null: help was asked for. */
function readArguments(given: readonly string[]): Arguments | null {
	const { values } = parseArgs({
		args: [...given],
		options: {
			minutes: { type: "string", default: "1" },
			seed: { type: "string" },
			only: { type: "string" },
			case: { type: "string" },
			help: { type: "boolean", default: false },
		},
	});
	if (values.help) return null;
	const targets = TARGETS.filter(
		({ name }) => values.only === undefined || values.only === name,
	);
	if (targets.length === 0)
		throw new Error(
			`there is no decoder ${JSON.stringify(values.only)}; there are ${TARGETS.map(({ name }) => name).join(", ")}`,
		);
	if (values.case !== undefined && (values.only ?? values.seed) === undefined)
		throw new Error("--case takes --only and --seed");
	return {
		minutes: numberOf("minutes", values.minutes, 0),
		seed:
			values.seed === undefined
				? Math.floor(Math.random() * 2 ** 31)
				: numberOf("seed", values.seed, 0),
		targets,
		one: values.case === undefined ? null : numberOf("case", values.case, 0),
	};
}

async function campaign(wanted: Arguments): Promise<number> {
	const { minutes, seed, targets, one } = wanted;
	const figures = noFigures();
	const endAt = performance.now() + minutes * 60_000;
	console.log(`seed ${seed}`);
	try {
		if (one !== null)
			for (const target of targets) await feedCase(target, seed, one, figures);
		else {
			for (const target of targets) await feedMonsters(target, figures);
			for (let from = 0; performance.now() < endAt; from += TURN)
				for (const target of targets)
					for (let index = from; index < from + TURN; index++)
						await feedCase(target, seed, index, figures);
		}
	} catch (error) {
		console.error(`fuzz: ${error instanceof Error ? error.message : error}`);
		if (error instanceof Error && error.cause instanceof Error)
			console.error(error.cause.stack);
		return 1;
	} finally {
		for (const line of figureLines(figures)) console.log(line);
	}
	return 0;
}

try {
	const wanted = readArguments(process.argv.slice(2));
	if (wanted === null) console.log(USAGE);
	else process.exitCode = await campaign(wanted);
} catch (error) {
	console.error(`fuzz: ${error instanceof Error ? error.message : error}`);
	console.error(USAGE);
	process.exitCode = 2;
}
