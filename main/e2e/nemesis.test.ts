// The nemesis on real sockets, for as long as a test may take: `npm run nemesis -- --real` takes longer.
import { expect, test } from "vitest";
import { realNemesis } from "./realNemesis.ts";

test("M1, M2, M7: 48 agents behind bad networks: after every heal what is shown becomes true, nothing is told twice and no end is missing", async () => {
	const report = await realNemesis({
		seed: 1,
		agents: 48,
		forMs: 20_000,
		// Patience of a test, on a machine that may be busy; the command demands the promised 15 s.
		healedMs: 45_000,
	});
	expect(report.heals).toBeGreaterThan(2);
	expect(report.steps).toBeGreaterThan(5);
	expect(report.endsTold).toBeGreaterThan(50);
}, 240_000);
