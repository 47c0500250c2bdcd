import { expect, test } from "vitest";
import { createCampaign, type JobPlan } from "./campaign.ts";
import { roster } from "./roster.ts";

const plans = (
	hosts: number,
	count: number,
	{ seed = 1, mixed = false } = {},
): JobPlan[] => {
	const next = createCampaign({
		hosts: roster(hosts, mixed ? undefined : "new"),
		seed,
		mixed,
	});
	return Array.from({ length: count }, next);
};
const failures = (plan: JobPlan) =>
	[...plan.runs].filter(([, run]) => run.outcome.state === "failed");
const endMs = (plan: JobPlan) =>
	Math.max(
		...[...plan.runs.values()].map((run) => run.startAfterMs + run.runMs),
	);

test("the same seed plans the same jobs, another seed others", () => {
	expect(plans(50, 8)).toEqual(plans(50, 8));
	expect(plans(50, 8)).not.toEqual(plans(50, 8, { seed: 2 }));
});

test("the first job is a patch of the whole fleet", () => {
	const [first] = plans(50, 1);
	expect(first?.label).toBe("patchapply · openssl");
	expect(first?.runs.size).toBe(50);
});

test("no two jobs of a fleet have the same operation and packages", () => {
	const keys = plans(50, 300).map(
		({ operation, packages }) => `${operation} ${packages.join(" ")}`,
	);
	expect(new Set(keys).size).toBe(300);
});

test.each([
	[50, 38, 48],
	[200, 42, 58],
	[1000, 52, 66],
])("a job of %i hosts ends after %i to %i seconds", (hosts, from, to) => {
	for (const seed of [1, 2, 3]) {
		const [first] = plans(hosts, 1, { seed });
		if (first === undefined) throw new Error("no plan");
		expect(endMs(first)).toBeGreaterThan(from * 1000);
		expect(endMs(first)).toBeLessThan(to * 1000);
	}
});

test("3 to 6 in a hundred hosts fail, with codes that agents have and words that fit", () => {
	for (const plan of plans(1000, 12)) {
		const share = failures(plan).length / plan.runs.size;
		expect(share).toBeGreaterThanOrEqual(0.029);
		expect(share).toBeLessThanOrEqual(0.061);
		for (const [, { outcome }] of failures(plan)) {
			if (outcome.state !== "failed") continue;
			expect(outcome.errorCode).toMatch(/^[A-Z_]+$/);
			expect(outcome.error).toMatch(/\n\nCaused by:\n/);
		}
	}
});

test("hosts run for 3 to 9 seconds, 6 to 10 of 50 at a time", () => {
	const [plan] = plans(50, 1);
	if (plan === undefined) throw new Error("no plan");
	const runs = [...plan.runs.values()];
	for (const { runMs } of runs) {
		expect(runMs).toBeGreaterThanOrEqual(3000);
		expect(runMs).toBeLessThanOrEqual(9000);
	}
	const at = (ms: number) =>
		runs.filter(
			(run) => run.startAfterMs <= ms && ms < run.startAfterMs + run.runMs,
		).length;
	expect(at(15_000)).toBeGreaterThanOrEqual(6);
	expect(at(15_000)).toBeLessThanOrEqual(10);
});

test("in the mixed fleet db-07 fails the first job for want of a name server, and hosts reboot now and then", () => {
	const [first, ...more] = plans(50, 5, { mixed: true });
	expect(first?.runs.get("db-07")?.outcome).toMatchObject({
		errorCode: "NETWORK_ERROR",
		stderr: expect.stringContaining("mirror.fleet.test"),
	});
	expect(more.at(-1)?.operation).toBe("reboot");
	expect(plans(50, 20).map(({ operation }) => operation)).not.toContain(
		"reboot",
	);
});
