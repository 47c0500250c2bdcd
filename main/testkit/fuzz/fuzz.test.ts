// Hostile input for everything that reads what people, files and windows give; and that the judge of all this notices what it
// is there for.
import { afterAll, describe, expect, test } from "vitest";
import { faultsOf } from "../../demo/faults.ts";
import {
	Finding,
	feedCase,
	feedMonsters,
	feedText,
	figureLines,
	noFigures,
} from "./campaign.ts";
import { openChance, seedOfCase } from "./chance.ts";
import { FRAMES } from "./corpus.ts";
import { checkPrototypes, escaped, keptIn } from "./judge.ts";
import { mutated } from "./mutate.ts";
import { OWN_TARGETS } from "./ownTargets.ts";
import type { FuzzTarget } from "./target.ts";

const SEED = 20_261_121;
const CASES: Readonly<Record<string, number>> = {
	"identity files": 400,
	"command lines": 300,
	"fleet files": 2_500,
};
const USUAL_CASES = 5_000;

const figures = noFigures();
afterAll(() => console.info(figureLines(figures).join("\n")));

describe.each(OWN_TARGETS)("$name", (target) => {
	const cases = CASES[target.name] ?? USUAL_CASES;
	test(`${cases} mutated inputs yield a value or a named fault, bounded`, async () => {
		for (let index = 0; index < cases; index++)
			await feedCase(target, SEED, index, figures);
		expect(figures.outcomes.get(target.name)?.size).toBeGreaterThan(1);
	});

	test("huge, deep and repeated input ends, and little of it is kept", () =>
		feedMonsters(target, figures));
});

describe("fleet files", () => {
	const fleets = OWN_TARGETS.find(({ name }) => name === "fleet files");
	const nine = (word: string): string => Array(9).fill(word).join();
	const bomb = Array.from({ length: 12 }, (_, at) =>
		at === 0
			? `a0: &a0 [${nine("x")}]`
			: `a${at}: &a${at} [${nine(`*a${at - 1}`)}]`,
	).join("\n");
	test.each([
		["a bomb of aliases", bomb],
		["an alias of nothing", "hosts: *nothing"],
		["an alias of itself", "hosts: &a [*a]"],
		["100,000 nested block lists", `${"- ".repeat(100_000)}a`],
		["a key of a megabyte", `{"${"k".repeat(1_000_000)}": 1}`],
	])("fleet.invalid is said of %s", async (_what, text) => {
		if (fleets === undefined) throw new Error("no such target");
		const before = figures.outcomes.get(fleets.name)?.get("fleet.invalid") ?? 0;
		await feedText(fleets, text, 1, figures);
		expect(figures.outcomes.get(fleets.name)?.get("fleet.invalid")).toBe(
			before + 1,
		);
	});
});

test("a pattern of many stars is compared with a host in no time, and still means what it says", () => {
	const plan = (pattern: string) => ({
		version: 1 as const,
		hosts: { [pattern]: [{ kind: "cut" as const, afterEvents: 1 }] },
	});
	const fits = (pattern: string, host: string): boolean =>
		faultsOf(plan(pattern), host).length === 1;
	expect(fits("*a".repeat(100), `${"a".repeat(250)}b`)).toBe(false);
	expect(fits("*a".repeat(100), "a".repeat(100))).toBe(true);
	const all: [string, string, boolean][] = [
		["web-*", "web-01", true],
		["*", "", true],
		["web-01", "web-01", true],
		["web-01", "web-011", false],
		["*-01", "web-01", true],
		["w*b*1", "web-01", true],
		["aa*aa", "aaa", false],
		["a.c", "abc", false],
		["*b*", "abc", true],
	];
	for (const [pattern, host, isFit] of all)
		expect([pattern, host, fits(pattern, host)]).toEqual([
			pattern,
			host,
			isFit,
		]);
});

describe("the judge", () => {
	const target = (feed: FuzzTarget["feed"]): FuzzTarget => ({
		name: "a double",
		seeds: FRAMES,
		field: "x",
		list: "x",
		mostChars: 10,
		feed,
	});
	const found = (feed: FuzzTarget["feed"]): Promise<string> =>
		feedCase(target(feed), 7, 3, noFigures()).then(
			() => "nothing",
			(error) => (error instanceof Finding ? error.message : "no Finding"),
		);

	test("a throw is found, with its seed, its case and the input", async () => {
		const said = await found(() => {
			throw new Error("broken");
		});
		expect(said).toContain("seed 7, case 3: broken\ninput: ");
	});

	test("a decoder that keeps too much is found", async () => {
		expect(
			await found(() => ({ outcome: "value", kept: "x".repeat(5_000) })),
		).toContain("5000 characters are kept");
	});

	test("a polluted prototype is found", async () => {
		const pollute = (): never | { outcome: string; kept: null } => {
			Object.defineProperty(Object.prototype, "polluted", {
				value: true,
				configurable: true,
			});
			return { outcome: "value", kept: null };
		};
		const said = await found(pollute);
		Reflect.deleteProperty(Object.prototype, "polluted");
		expect(said).toContain("a shared prototype was changed");
		expect(checkPrototypes).not.toThrow();
	});

	test("a field __proto__, a number that is none, and an object of a class are found in a result", () => {
		expect(() => keptIn(JSON.parse('{"a":{"__proto__":1}}'))).toThrow();
		expect(() => keptIn({ a: [Number.POSITIVE_INFINITY] })).toThrow();
		expect(() => keptIn({ a: new Map() })).toThrow();
		expect(keptIn({ ab: ["cde"], f: 1 })).toEqual({ chars: 6, nodes: 4 });
	});

	test("the same seed and case make the same input, and other ones others", () => {
		const made = (index: number): string =>
			mutated(FRAMES, openChance(seedOfCase(7, index)));
		const all = Array.from({ length: 1_000 }, (_, index) => made(index));
		expect(all.map((_, index) => made(index))).toEqual(all);
		expect(new Set(all).size).toBeGreaterThan(850);
	});

	test("an input is shown without a character that a terminal acts on", () => {
		expect(escaped("\u001b[2J\u202e\ud800")).toMatch(/^[\x20-\x7e]+$/);
	});
});
