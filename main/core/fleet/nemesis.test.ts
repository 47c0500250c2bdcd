// The nemesis in virtual time: seeded fleets through hours of trouble, judged after every heal and at the end. What it does
// and what it demands stands in `main/testkit/nemesis/`; `npm run nemesis` runs more of it.
import { describe, expect, test } from "vitest";
import type { NemesisReport } from "../../testkit/nemesis/simulate.ts";
import { simulate } from "../../testkit/nemesis/simulate.ts";

const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
/** A busy machine takes several times as long. */
const PATIENCE_MS = 240_000;

const sayOf = ({ seed, agents, virtualMs, runs, endsTold }: NemesisReport) =>
	`seed ${seed}: ${agents} agents, ${(virtualMs / 3_600_000).toFixed(1)} virtual hours, ${runs} runs, ${endsTold} ends told, lost 0, told twice 0`;

describe("the nemesis", () => {
	test.each(SEEDS)(
		"M1, M2, M7: after every heal of seed %i what is shown is true, nothing is told twice and no end is missing",
		async (seed) => {
			const report = await simulate({ seed, agents: 40, hours: 0.4 });
			console.log(sayOf(report));
			expect(report.heals.hinted + report.heals.unhinted).toBeGreaterThan(1);
			expect(report.endsTold).toBeGreaterThan(150);
			expect(report.excluded.unknowable).toBeLessThan(report.runs / 5);
		},
		PATIENCE_MS,
	);

	test(
		"C33: 2,000 agents through half an hour, never more than 32 handshakes at once",
		async () => {
			const report = await simulate({ seed: 7, agents: 2_000, hours: 0.05 });
			console.log(sayOf(report));
			expect(report.mostDialing).toBe(32);
			expect(report.endsTold).toBeGreaterThan(1_000);
		},
		PATIENCE_MS,
	);

	test(
		"the same seed is the same story, another seed another one",
		async () => {
			const hashOf = async (seed: number): Promise<string> =>
				(await simulate({ seed, agents: 20, hours: 0.2 })).hash;
			const first = await hashOf(9);
			expect(await hashOf(9)).toBe(first);
			expect(await hashOf(10)).not.toBe(first);
		},
		PATIENCE_MS,
	);
});
