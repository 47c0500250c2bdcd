import fc from "fast-check";
import { expect, test } from "vitest";
import type { CommandName } from "./contract.ts";
import { contract } from "./contract.ts";
import { openPaces, paceOf } from "./pace.ts";

const COMMANDS = Object.keys(contract.commands) as CommandName[];
const MINUTE_MS = 60_000;

/** How often a page that never rests gets its way with a command in the first minute, asked every `stepMs`. */
function takenInAMinute(name: CommandName, stepMs: number): number {
	let now = 0;
	let taken = 0;
	const takeOne = openPaces(() => now);
	for (; now <= MINUTE_MS; now += stepMs)
		if (takeOne(name, paceOf(name)) === 0) taken++;
	return taken;
}

test.each<[CommandName, number]>([
	["host.diagnose", 12],
	["identity.import", 12],
	["identity.remove", 12],
	["run.output", 120],
	["fleet.resync", 70],
	["view.attend", 1_240],
	["session.read", 630],
])(
	"a page that asks %s without end is let through %i times in its first minute",
	(name, most) => {
		expect(takenInAMinute(name, 10)).toBe(most);
	},
);

test.each(COMMANDS)(
	"a person who asks %s now and then is never held back",
	(name) => {
		const { burst, everyMs } = paceOf(name);
		expect(burst).toBeGreaterThanOrEqual(6);
		expect(takenInAMinute(name, everyMs)).toBe(1 + MINUTE_MS / everyMs);
	},
);

test("each name has its own bucket, and what is refused takes nothing from it", () => {
	let now = 1_000;
	const takeOne = openPaces(() => now);
	const pace = { burst: 2, everyMs: 100 };
	expect([takeOne("a", pace), takeOne("a", pace)]).toEqual([0, 0]);
	expect(takeOne("a", pace)).toBe(100);
	expect(takeOne("a", pace)).toBe(100);
	expect(takeOne("b", pace)).toBe(0);
	now += 99;
	expect(takeOne("a", pace)).toBe(1);
	now += 1;
	expect(takeOne("a", pace)).toBe(0);
	expect(takeOne("a", pace)).toBe(100);
	// A long rest fills it to the brim, and no further.
	now += 1_000_000;
	expect([1, 2, 3].map(() => takeOne("a", pace))).toEqual([0, 0, 100]);
});

test("in no span of time more is let through than the burst and what came in since, and who waits as told gets through", () => {
	fc.assert(
		fc.property(
			fc.integer({ min: 1, max: 8 }),
			fc.integer({ min: 1, max: 500 }),
			fc.array(fc.integer({ min: 0, max: 300 }), { maxLength: 200 }),
			(burst, everyMs, pauses) => {
				let now = 0;
				const taken: number[] = [];
				const takeOne = openPaces(() => now);
				for (const pause of pauses) {
					now += pause;
					const wait = takeOne("x", { burst, everyMs });
					if (wait === 0) taken.push(now);
				}
				for (const [first, from] of taken.entries())
					for (const [at, to] of taken.entries())
						if (at >= first)
							expect(at - first + 1).toBeLessThanOrEqual(
								burst + Math.floor((to - from) / everyMs),
							);
				const wait = takeOne("x", { burst, everyMs });
				now += wait;
				if (wait > 0) expect(takeOne("x", { burst, everyMs })).toBe(0);
			},
		),
	);
});
