// Where a job runs, in words: how many hosts and the labels that all of them share. Pure.
import type { HostId, JobId, RunKey } from "../../shared/model.ts";
import type { Fleet } from "./replica.ts";

export interface Scope {
	readonly hosts: number;
	/** Every host of the fleet is in it. */
	readonly wholeFleet: boolean;
	/** The host, when it is one. */
	readonly only: HostId | null;
	/** Labels of every one of its hosts, as `key=value`, by key. A host that left the fleet is not asked. */
	readonly shared: readonly string[];
}

/** Remembers the scope of each job until its runs or the set of hosts change. */
export function createScope(): (fleet: Fleet, job: JobId) => Scope {
	const known = new WeakMap<
		readonly RunKey[],
		{ readonly hosts: readonly HostId[]; readonly scope: Scope }
	>();
	return (fleet, job) => {
		const keys = fleet.runsOfJob.get(job) ?? NO_RUNS;
		const before = known.get(keys);
		if (before?.hosts === fleet.hostOrder) return before.scope;
		const scope = scopeOf(fleet, keys);
		known.set(keys, { hosts: fleet.hostOrder, scope });
		return scope;
	};
}

const NO_RUNS: readonly RunKey[] = [];

function scopeOf(fleet: Fleet, keys: readonly RunKey[]): Scope {
	const hosts = new Set<HostId>();
	let shared: Map<string, string> | null = null;
	for (const key of keys) {
		const id = fleet.replica.runs.get(key)?.hostId;
		if (id === undefined) continue;
		hosts.add(id);
		const labels = fleet.replica.hosts.get(id)?.labels;
		if (labels === undefined) continue;
		if (shared === null) shared = new Map(Object.entries(labels));
		else
			for (const [name, value] of shared)
				if (!Object.hasOwn(labels, name) || labels[name] !== value)
					shared.delete(name);
	}
	const [first = null] = hosts;
	return {
		hosts: hosts.size,
		wholeFleet: hosts.size > 1 && hosts.size === fleet.hostOrder.length,
		only: hosts.size === 1 ? first : null,
		shared: [...(shared ?? [])]
			.map(([name, value]) => `${name}=${value}`)
			.sort(),
	};
}

/** Labels that are named; the others are counted. */
const NAMED_LABELS = 3;

/** The labels in words: `role=web, env=prod`, at most three and how many more; empty when none is shared. */
export function sharedWords({ shared }: Scope, named = NAMED_LABELS): string {
	const more = shared.length - named;
	return `${shared.slice(0, named).join(", ")}${more > 0 ? ` +${more}` : ""}`;
}
