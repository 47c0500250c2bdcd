// Feeds many broken inputs to targets and holds the promises: nothing is thrown, what is kept is plain and bounded, no shared
// prototype changes. A case can be made again from its seed and its number alone.
import type { Chance } from "./chance.ts";
import { openChance, seedOfCase } from "./chance.ts";
import { monsters } from "./hostile.ts";
import { checkPrototypes, escaped, keptIn } from "./judge.ts";
import { mutated } from "./mutate.ts";
import type { FuzzTarget } from "./target.ts";
import { FREE_CHARS, USUAL_RATIO } from "./target.ts";

/** What was met so far. */
export interface Figures {
	cases: number;
	/** By target and outcome. */
	readonly outcomes: Map<string, Map<string, number>>;
	/** Most characters that one target kept of one input. */
	readonly mostKept: Map<string, number>;
}

/** Nothing was met yet. */
export const noFigures = (): Figures => ({
	cases: 0,
	outcomes: new Map(),
	mostKept: new Map(),
});

/** A promise that was broken, with all that is needed to see it again. */
export class Finding extends Error {
	constructor(target: FuzzTarget, where: string, text: string, error: unknown) {
		super(
			`${target.name}, ${where}: ${error instanceof Error ? error.message : String(error)}\ninput: ${escaped(text)}`,
			{ cause: error },
		);
		this.name = "Finding";
	}
}

async function feedOne(
	target: FuzzTarget,
	text: string,
	chance: Chance,
	figures: Figures,
): Promise<void> {
	const { outcome, kept } = await target.feed(text, chance);
	const { chars } = keptIn(kept);
	const byInput = FREE_CHARS + text.length * (target.mostRatio ?? USUAL_RATIO);
	const most = Math.min(byInput, FREE_CHARS + target.mostChars);
	if (chars > most)
		throw new Error(
			`${chars} characters are kept, and ${most} are allowed, of ${text.length}`,
		);
	checkPrototypes();
	const { outcomes, mostKept } = figures;
	const counts = outcomes.get(target.name) ?? new Map<string, number>();
	outcomes.set(target.name, counts);
	counts.set(outcome, (counts.get(outcome) ?? 0) + 1);
	mostKept.set(target.name, Math.max(chars, mostKept.get(target.name) ?? 0));
	figures.cases++;
}

/** Makes and feeds one case. @throws Finding. */
export async function feedCase(
	target: FuzzTarget,
	seed: number,
	index: number,
	figures: Figures,
): Promise<void> {
	const chance = openChance(seedOfCase(seed, index));
	const text = mutated(target.seeds, chance);
	try {
		await feedOne(target, text, chance, figures);
	} catch (error) {
		throw new Finding(target, `seed ${seed}, case ${index}`, text, error);
	}
}

/** Feeds one text. @throws Finding. */
export async function feedText(
	target: FuzzTarget,
	text: string,
	seed: number,
	figures: Figures,
): Promise<void> {
	try {
		await feedOne(target, text, openChance(seed), figures);
	} catch (error) {
		throw new Finding(target, `seed ${seed}`, text, error);
	}
}

/** Feeds the huge inputs. @throws Finding. */
export async function feedMonsters(
	target: FuzzTarget,
	figures: Figures,
): Promise<void> {
	for (const { name, text } of monsters(target.field, target.list)) {
		const made = text();
		if (made.length > (target.hugest ?? Number.POSITIVE_INFINITY)) continue;
		try {
			await feedOne(target, made, openChance(1), figures);
		} catch (error) {
			throw new Finding(target, name, made, error);
		}
	}
}

/** The figures as lines to read. */
export function figureLines({ cases, outcomes, mostKept }: Figures): string[] {
	const lines = [`${cases} inputs`];
	for (const [name, counts] of outcomes) {
		const told = [...counts].sort(([, a], [, b]) => b - a);
		lines.push(
			`${name}: ${told.map(([outcome, many]) => `${outcome} ${many}`).join(", ")}; at most ${mostKept.get(name) ?? 0} characters kept`,
		);
	}
	return lines;
}
