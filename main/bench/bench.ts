// `npm run bench`: measures what docs/performance.md promises, each thing beside its baseline in the same run, and prints one
// table. Exit code 0: all holds; 1: a target is missed, or the bench could not run; 2: wrong usage.
import { parseArgs } from "node:util";
import { fileLimit } from "../core/fileLimit.ts";
import { measureConnect, measureStorm } from "./connectCost.ts";
import { measureFlood, measurePace } from "./eventCost.ts";
import type { Figure } from "./figures.ts";
import { holds } from "./figures.ts";
import { measureIdle } from "./memoryCost.ts";
import { machine, writePage } from "./page.ts";
import { measureReconnect } from "./reconnectCost.ts";
import type { Setting } from "./stage.ts";
import { markdownTable, textTable } from "./table.ts";
import { measureStart, measureWindow } from "./windowCost.ts";

const USAGE = `usage: npm run bench -- [--only P1,P4] [--quick] [--write] [--profiles DIR]
  --only       measure only these of P1, P2, P3, P4, P5, P6, P11, P12
  --quick      smaller and faster, for development; gives no verdict that counts
  --write      put the table into docs/performance.md (a full run only)
  --profiles   subjects leave CPU profiles in this folder`;

const MEASURES: Readonly<
	Record<string, (setting: Setting) => Promise<Figure[]>>
> = {
	P1: measureFlood,
	P2: measurePace,
	P3: measureIdle,
	P4: measureConnect,
	P5: measureReconnect,
	P6: measureStorm,
	P11: measureWindow,
	P12: measureStart,
};

const PAGE = new URL("../../docs/performance.md", import.meta.url);
const MOST_LINKS = 10_000;
/** Of the largest measure: every link, request connections that overlap with them while the fleet connects, and the rest. */
const filesFor = (links: number): number => Math.ceil(links * 1.5) + 300;

interface Arguments {
	readonly ids: readonly string[];
	readonly quick: boolean;
	readonly write: boolean;
	readonly profiles: string | null;
}

/** Throws with a sentence for whoever typed it. */
function readArguments(given: readonly string[]): Arguments {
	const { values } = parseArgs({
		args: [...given],
		options: {
			only: { type: "string" },
			quick: { type: "boolean", default: false },
			write: { type: "boolean", default: false },
			profiles: { type: "string" },
		},
	});
	const all = Object.keys(MEASURES);
	const ids = values.only?.split(",").map((id) => id.trim()) ?? all;
	const unknown = ids.find((id) => !all.includes(id));
	if (unknown !== undefined)
		throw new Error(
			`there is no measure ${JSON.stringify(unknown)}; there are ${all.join(", ")}`,
		);
	const { quick, write, profiles = null } = values;
	if (write && (quick || ids.length < all.length || profiles !== null))
		throw new Error(
			"--write takes a full run: no --quick, --only or --profiles",
		);
	return { ids, quick, write, profiles };
}

/** What this process and its children may have open decides how many links are measured. */
function linksThatFit(tell: (sentence: string) => void): number {
	const limit = fileLimit();
	const needed = filesFor(MOST_LINKS);
	if (limit === null || limit >= needed) return MOST_LINKS;
	const links = Math.max(100, Math.floor((limit - 300) / 1.5));
	tell(
		`${MOST_LINKS} links need ${needed} open files, and a process may open ${limit} (ulimit -n): measuring ${links} links`,
	);
	return links;
}

async function run(wanted: Arguments): Promise<number> {
	const tell = (sentence: string): void => console.error(`bench: ${sentence}`);
	const setting: Setting = {
		quick: wanted.quick,
		rounds: wanted.quick ? 1 : 3,
		mostLinks: linksThatFit(tell),
		profiles: wanted.profiles,
	};
	if (wanted.quick) tell("--quick: too small for a verdict that counts");
	const figures: Figure[] = [];
	for (const id of wanted.ids) {
		const startedAt = performance.now();
		figures.push(...((await MEASURES[id]?.(setting)) ?? []));
		tell(`${id} took ${Math.round((performance.now() - startedAt) / 1_000)} s`);
	}
	const where = machine(new Date());
	console.log(`${textTable(figures, !wanted.quick)}\n\n${where}`);
	if (wanted.write)
		writePage(PAGE, `\n${where}\n\n${markdownTable(figures)}\n`);
	return wanted.quick || figures.every(holds) ? 0 : 1;
}

let wanted: Arguments | null = null;
try {
	wanted = readArguments(process.argv.slice(2));
} catch (error) {
	console.error(`bench: ${error instanceof Error ? error.message : error}`);
	console.error(USAGE);
	process.exitCode = 2;
}
if (wanted !== null)
	process.exitCode = await run(wanted).catch((error: unknown) => {
		console.error("bench: it could not be measured:", error);
		return 1;
	});
