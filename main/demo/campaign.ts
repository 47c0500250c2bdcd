// What the demo fleet does, job after job: which packages, on which hosts, when each begins and ends, and who fails.
// Pure: follows from the seed, the hosts and the number of the job.
import { failureOf, type Outcome, someFailure } from "./aptOutput.ts";
import type { JobSpec } from "./jobTable.ts";
import { CATALOGUE } from "./packages.ts";
import { memberOf, NETWORK_VICTIM } from "./roster.ts";
import { type Seeded, seeded } from "./seeded.ts";

/** One fleet-wide job to come. */
export interface JobPlan {
	/** From 1. */
	readonly number: number;
	/** In REST spelling. */
	readonly operation: string;
	readonly packages: readonly string[];
	/** `patchapply · openssl, libssl3 +2`. */
	readonly label: string;
	readonly parentId: string;
	/** One run for each host that takes part. */
	readonly runs: ReadonlyMap<string, JobSpec>;
}

export interface CampaignOptions {
	readonly hosts: readonly { readonly id: string }[];
	readonly seed: number;
	/** The mixed fleet has a reboot now and then, and a first job that is always the same story. */
	readonly mixed: boolean;
}

/** A host's own part takes between these, at speed 1. */
const RUN_MS = { from: 3000, to: 9000 } as const;
/** Between two hosts of a lane. */
const GAP_MS = { from: 100, to: 500 } as const;
const FAILED_SHARE = { from: 0.03, to: 0.06 } as const;
/** Smaller jobs may go through without a failure. */
const FEW_HOSTS = 8;
const WAVE_MIN = 6;

/** The jobs of the campaign in turn; call it once for each. */
export function createCampaign(options: CampaignOptions): () => JobPlan {
	const usedSets = new Set<string>();
	let number = 0;
	return () => {
		number++;
		const chance = seeded(options.seed, "job", number);
		const kind = kindOf(number, options.mixed);
		const hosts = participants(kind, options.hosts, chance);
		const packages = packagesOf(kind, number, usedSets, chance);
		const parentId = chance.uuid();
		const label = labelOf(kind.operation, packages);
		const outcomes = outcomesOf(
			{ kind, packages, hosts, number, options },
			chance,
		);
		const runs = new Map<string, JobSpec>();
		for (const { id, startMs, runMs } of timesOf(hosts, chance))
			runs.set(id, {
				operation: kind.operation,
				packages,
				startAfterMs: startMs,
				runMs,
				outcome: outcomes.get(id) ?? { state: "completed" },
				parent: { id: parentId, label },
			});
		return {
			number,
			operation: kind.operation,
			packages,
			label,
			parentId,
			runs,
		};
	};
}

interface Kind {
	readonly operation: "patchapply" | "update" | "reboot";
	readonly whole: boolean;
}

function kindOf(number: number, mixed: boolean): Kind {
	if (mixed && number % 5 === 0) return { operation: "reboot", whole: false };
	if (number % 4 === 0) return { operation: "update", whole: false };
	return { operation: "patchapply", whole: number % 3 !== 0 };
}

function participants(
	kind: Kind,
	hosts: readonly { readonly id: string }[],
	chance: Seeded,
): string[] {
	const ids = chance.shuffled(hosts.map(({ id }) => id));
	if (kind.operation === "reboot")
		return ids.slice(0, Math.max(1, Math.ceil(hosts.length / 12)));
	return kind.whole ? ids : ids.slice(0, Math.ceil(hosts.length * 0.6));
}

/** Never the same set twice: a console that groups what it observes would take two jobs for one. */
function packagesOf(
	kind: Kind,
	number: number,
	used: Set<string>,
	chance: Seeded,
): readonly string[] {
	if (kind.operation === "reboot") return [];
	const names = CATALOGUE.map((each) => each.name);
	for (let tries = 0; ; tries++) {
		// After many jobs the small sets are used up.
		const most = Math.min(names.length, 4 + Math.floor(tries / 20));
		const size =
			kind.operation === "update" && tries < 10 ? 1 : chance.between(1, most);
		const picked =
			number === 1 && tries === 0
				? ["openssl"]
				: chance.shuffled(names).slice(0, size).sort();
		const key = [kind.operation, ...picked].join(" ");
		if (used.has(key)) continue;
		used.add(key);
		return picked;
	}
}

function labelOf(operation: string, packages: readonly string[]): string {
	const [first, second, ...more] = packages;
	if (first === undefined) return operation;
	const rest =
		second === undefined
			? ""
			: `, ${second}${more.length > 0 ? ` +${more.length}` : ""}`;
	return `${operation} · ${first}${rest}`;
}

function outcomesOf(
	job: {
		readonly kind: Kind;
		readonly packages: readonly string[];
		readonly hosts: readonly string[];
		readonly number: number;
		readonly options: CampaignOptions;
	},
	chance: Seeded,
): Map<string, Outcome> {
	const outcomes = new Map<string, Outcome>();
	const { hosts, packages, options } = job;
	if (job.kind.operation === "reboot") return outcomes;
	const share =
		FAILED_SHARE.from + chance.next() * (FAILED_SHARE.to - FAILED_SHARE.from);
	const wanted =
		hosts.length < FEW_HOSTS
			? 0
			: Math.max(1, Math.round(hosts.length * share));
	const victim = memberOf(
		options.hosts,
		NETWORK_VICTIM.role,
		NETWORK_VICTIM.index,
		"first",
	);
	if (options.mixed && job.number === 1 && wanted > 0 && victim !== null)
		outcomes.set(victim, failureOf("NETWORK_ERROR", packages));
	for (const id of chance.shuffled(hosts)) {
		if (outcomes.size >= wanted) break;
		if (!outcomes.has(id)) outcomes.set(id, someFailure(packages, chance));
	}
	return outcomes;
}

/** How long the whole job is to take: 45 s up to 50 hosts, 60 s for 1,000, growing with the logarithm. */
function targetMs(hosts: number): number {
	const growth = Math.log(Math.max(1, hosts / 50)) / Math.log(20);
	return 45_000 + 15_000 * growth;
}

/** A rolling wave: as many hosts at a time as fit the target, the next begins when one ends. */
function timesOf(
	ids: readonly string[],
	chance: Seeded,
): { id: string; startMs: number; runMs: number }[] {
	const mean = (RUN_MS.from + RUN_MS.to) / 2 + GAP_MS.to / 2;
	// The last ones of a wave end one after another, while nothing new begins.
	const fullMs = targetMs(ids.length) - mean / 2;
	const width = Math.max(WAVE_MIN, Math.ceil((ids.length * mean) / fullMs));
	const lanes = Array.from({ length: width }, () => chance.between(400, 2000));
	return ids.map((id) => {
		const runMs = chance.between(RUN_MS.from, RUN_MS.to);
		const lane = lanes.indexOf(Math.min(...lanes));
		const startMs = lanes[lane] ?? 0;
		lanes[lane] = startMs + runMs + chance.between(GAP_MS.from, GAP_MS.to);
		return { id, startMs, runMs };
	});
}
