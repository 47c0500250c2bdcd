// Work for the agents that never ends by itself: fleet-wide jobs and small ones, short and long, good and bad, now and then a
// reboot. What becomes of it is the agents' own doing.

import type { Cancel, Clock } from "../../../shared/clock.ts";
import type { Outcome } from "../../demo/aptOutput.ts";
import { someFailure } from "../../demo/aptOutput.ts";
import type { JobSpec } from "../../demo/jobTable.ts";
import { CATALOGUE } from "../../demo/packages.ts";
import { type Seeded, seeded } from "../../demo/seeded.ts";
import type { StagedHost } from "./stage.ts";

/** Between two jobs, by seconds. */
const EVERY_S = { from: 20, to: 70 };
const START_S = { from: 0, to: 20 };
/** Most runs are short; some outlast a back-off or a reconcile. */
const SHORT_S = { from: 1, to: 40 };
const LONG_S = { from: 60, to: 200 };

/** A host that can be given work; one whose process stands still cannot. */
type Worker = Pick<StagedHost, "agent"> & {
	readonly process?: StagedHost["process"];
};

const canWork = ({ agent, process }: Worker): boolean =>
	agent.alive() && process?.isPaused !== true;

/** Begins to give out work, until the returned function is called. */
export function openWorkload(
	{
		clock,
		hosts,
	}: { readonly clock: Clock; readonly hosts: readonly Worker[] },
	seed: number,
	/** Everything happens this many times faster. */
	speed = 1,
): Cancel {
	const chance = seeded(seed, "workload");
	let cancel: Cancel = () => {};
	const next = (): void => {
		cancel = clock.at(
			clock.monotonicMs() +
				(chance.between(EVERY_S.from, EVERY_S.to) * 1_000) / speed,
			() => {
				giveOut();
				next();
			},
		);
	};
	const giveOut = (): void => {
		const share = chance.pick([0.02, 0.1, 0.2, 0.3, 0.6, 1]);
		const isReboot = chance.next() < 0.06;
		const packages = packagesOf(chance);
		const parent =
			chance.next() < 0.5
				? { id: chance.uuid(), label: `act ${chance.between(1, 999)}` }
				: null;
		for (const host of hosts) {
			if (chance.next() >= (isReboot ? 0.02 : share) || !canWork(host))
				continue;
			host.agent.submit(
				isReboot
					? REBOOT
					: { ...specOf(packages, chance), ...(parent ? { parent } : {}) },
			);
		}
	};
	next();
	return () => cancel();
}

const REBOOT: JobSpec = {
	operation: "reboot",
	packages: [],
	startAfterMs: 0,
	runMs: 2_000,
	outcome: { state: "completed" },
};

function specOf(packages: readonly string[], chance: Seeded): JobSpec {
	const { from, to } = chance.next() < 0.9 ? SHORT_S : LONG_S;
	return {
		operation: "patchapply",
		packages,
		startAfterMs: chance.between(START_S.from, START_S.to) * 1_000,
		runMs: chance.between(from, to) * 1_000,
		outcome: outcomeOf(packages, chance),
	};
}

function outcomeOf(packages: readonly string[], chance: Seeded): Outcome {
	const dice = chance.next();
	if (dice < 0.76) return { state: "completed" };
	if (dice < 0.9) return someFailure(packages, chance);
	return { state: dice < 0.95 ? "timed_out" : "cancelled" };
}

function packagesOf(chance: Seeded): string[] {
	const names = CATALOGUE.map(({ name }) => name);
	return chance.shuffled(names).slice(0, chance.between(1, 4));
}
