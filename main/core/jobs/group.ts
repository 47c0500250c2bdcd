// Which host runs make one job (03-BEHAVIOUR section 3, Grouping): what Foredeck started, what agents say belongs together,
// and what we observe to match. A place once given is kept. Knows no states and no counts.
import type {
	AgentJobId,
	HostId,
	JobId,
	Origin,
	RunKey,
} from "../../../shared/model.ts";
import { jobId, runKey } from "../../../shared/model.ts";

/** Runs created within this of a group's first run are taken for the same act of a person. */
const WINDOW_MS = 120_000;
const LABEL_CHARS = 300;

/** Operations that mean every package when they name none. */
const WHOLE_HOST: ReadonlySet<string> = new Set(["patchapply", "update"]);

/** A run that has no job yet. */
export interface Arrival {
	readonly hostId: HostId;
	readonly agentJobId: AgentJobId;
	readonly operation: string;
	readonly packages: readonly string[];
	/** Created, by our clock. */
	readonly startAt: number;
	/** Created, by the agent's clock; the same after a restart, so it chooses a group's first run. */
	readonly createdAt: number;
	readonly parentJobId: string | null;
	readonly parentLabel: string | null;
}

/** What is the same for all runs of a job. */
export interface Group {
	readonly id: JobId;
	readonly label: string;
	readonly origin: Origin;
	readonly operation: string;
	readonly packages: readonly string[];
}

/** What a group was made by, so that it can be made again. */
export interface Decision {
	/** What agents call the job; null unless its origin is `parent`. */
	readonly parentId: string | null;
	/** Of an observed job: when its first run was created, by our clock; else null. */
	readonly firstAt: number | null;
}

export interface Groups {
	/** Foredeck started this run as part of that job. */
	claim(
		host: HostId,
		run: AgentJobId,
		job: { readonly id: JobId; readonly label: string },
	): void;
	/** Whether the place is known without observing others. */
	isCertain(arrival: Arrival): boolean;
	/** A place for each, in the given order. Together they find the same groups whatever their order was. */
	place(arrivals: readonly Arrival[]): Group[];
	/** A job of a history, with these hosts in it: its place is as if it had been found here. */
	restore(group: Group, decision: Decision, hosts: Iterable<HostId>): void;
	/** Why the runs of this job belong together. */
	decisionOf(id: JobId): Decision;
	/** The host's run of this job is gone; the host may join it again. */
	leave(id: JobId, host: HostId): void;
	/** The job is gone. */
	drop(id: JobId): void;
}

interface Observed {
	readonly key: string;
	readonly firstAt: number;
	readonly hosts: Set<HostId>;
	group: Group | null;
}

export function openGroups(): Groups {
	const claimed = new Map<RunKey, Pick<Group, "id" | "label">>();
	const groups = new Map<JobId, Group>();
	const parents = new Map<string, Group>();
	/** What `drop` forgets with a job, found without going through all there is. */
	const parentOf = new Map<JobId, string>();
	const claimsOf = new Map<JobId, RunKey[]>();
	const observed = new Map<string, Observed[]>();
	const observedOf = new Map<JobId, Observed>();

	const issue = (group: Group): Group => {
		groups.set(group.id, group);
		return group;
	};

	const certain = (arrival: Arrival): Group | null => {
		const ours = claimed.get(runKey(arrival.hostId, arrival.agentJobId));
		if (ours !== undefined)
			return (
				groups.get(ours.id) ??
				issue({ ...described(arrival), ...ours, origin: "ours" })
			);
		const { parentJobId, parentLabel } = arrival;
		if (parentJobId === null) return null;
		const known = parents.get(parentJobId);
		if (known !== undefined) return known;
		const group = issue({
			...described(arrival),
			id: freeId(groups, ["parent", parentJobId]),
			label: parentLabel ?? labelOf(arrival.operation, arrival.packages),
			origin: "parent",
		});
		parents.set(parentJobId, group);
		parentOf.set(group.id, parentJobId);
		return group;
	};

	const observe = (arrival: Arrival): Observed => {
		const key = keyOf(arrival);
		const known = observed.get(key) ?? [];
		const near = nearest(known, arrival);
		if (near !== null) {
			near.hosts.add(arrival.hostId);
			return near;
		}
		const opened: Observed = {
			key,
			firstAt: arrival.startAt,
			hosts: new Set([arrival.hostId]),
			group: null,
		};
		observed.set(key, [...known, opened]);
		return opened;
	};

	/** Gives the group its id, after the run that was created first. */
	const named = (place: Observed, first: Arrival): Group => {
		const id = freeId(groups, [place.key, first.hostId, first.agentJobId]);
		const group = issue({
			...described(first),
			id,
			label: labelOf(first.operation, first.packages),
			origin: "observed",
		});
		place.group = group;
		observedOf.set(id, place);
		return group;
	};

	return {
		claim(host, run, job) {
			const key = runKey(host, run);
			claimed.set(key, job);
			const claims = claimsOf.get(job.id);
			if (claims === undefined) claimsOf.set(job.id, [key]);
			else claims.push(key);
		},
		isCertain: (arrival) =>
			arrival.parentJobId !== null ||
			claimed.has(runKey(arrival.hostId, arrival.agentJobId)),
		place(arrivals) {
			const places = new Map<Arrival, Group | Observed>();
			const firsts = new Map<Observed, Arrival>();
			for (const arrival of [...arrivals].sort(byStart)) {
				const place = certain(arrival) ?? observe(arrival);
				places.set(arrival, place);
				if (!("hosts" in place) || place.group !== null) continue;
				const first = firsts.get(place);
				if (first === undefined || byCreation(arrival, first) < 0)
					firsts.set(place, arrival);
			}
			for (const [place, first] of firsts) named(place, first);
			return arrivals.map((arrival) => {
				const place = places.get(arrival) as Group | Observed;
				return "hosts" in place ? (place.group as Group) : place;
			});
		},
		restore(group, { parentId, firstAt }, hosts) {
			issue(group);
			if (parentId !== null) {
				parents.set(parentId, group);
				parentOf.set(group.id, parentId);
			}
			if (firstAt === null) return;
			const key = keyOf(group);
			const place = { key, firstAt, hosts: new Set(hosts), group };
			observed.set(key, [...(observed.get(key) ?? []), place]);
			observedOf.set(group.id, place);
		},
		decisionOf: (id) => ({
			parentId: parentOf.get(id) ?? null,
			firstAt: observedOf.get(id)?.firstAt ?? null,
		}),
		leave: (id, host) => void observedOf.get(id)?.hosts.delete(host),
		drop(id) {
			groups.delete(id);
			for (const key of claimsOf.get(id) ?? [])
				if (claimed.get(key)?.id === id) claimed.delete(key);
			claimsOf.delete(id);
			const parent = parentOf.get(id);
			if (parent !== undefined) parents.delete(parent);
			parentOf.delete(id);
			const place = observedOf.get(id);
			if (place === undefined) return;
			observedOf.delete(id);
			const others = (observed.get(place.key) ?? []).filter(
				(other) => other !== place,
			);
			if (others.length === 0) observed.delete(place.key);
			else observed.set(place.key, others);
		},
	};
}

const described = ({ operation, packages }: Arrival) => ({
	operation,
	packages: [...new Set(packages)],
});

const keyOf = ({
	operation,
	packages,
}: Pick<Arrival, "operation" | "packages">): string =>
	[operation, ...[...new Set(packages)].sort()].join("\0");

/** The group in whose window the run lies and that has no run of this host, nearest first; null when there is none. */
function nearest(
	known: readonly Observed[],
	{ hostId, startAt }: Arrival,
): Observed | null {
	let best: Observed | null = null;
	let bestMs = WINDOW_MS;
	for (const place of known) {
		const ms = Math.abs(startAt - place.firstAt);
		if (ms > bestMs || place.hosts.has(hostId)) continue;
		if (best !== null && ms === bestMs) continue;
		best = place;
		bestMs = ms;
	}
	return best;
}

const byText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const byName = (a: Arrival, b: Arrival): number =>
	byText(a.hostId, b.hostId) || byText(a.agentJobId, b.agentJobId);
const byStart = (a: Arrival, b: Arrival): number =>
	a.startAt - b.startAt || byName(a, b);
const byCreation = (a: Arrival, b: Arrival): number =>
	a.createdAt - b.createdAt || byName(a, b);

/** `patchapply · openssl, curl +1`; `patchapply · all packages`; `reboot`. */
export function labelOf(
	operation: string,
	packages: readonly string[],
): string {
	const [first, second] = packages;
	if (first === undefined)
		return WHOLE_HOST.has(operation)
			? `${operation} · all packages`
			: operation || "unnamed operation";
	const rest = packages.length > 2 ? ` +${packages.length - 2}` : "";
	const named = second === undefined ? first : `${first}, ${second}`;
	return `${operation} · ${named}`.slice(0, LABEL_CHARS - rest.length) + rest;
}

/** An id made of these words that no other job has. */
function freeId(
	taken: ReadonlyMap<JobId, unknown>,
	words: readonly string[],
): JobId {
	let id = jobId(`j-${hash48(words.join("\0"))}`);
	for (let again = 1; taken.has(id); again++)
		id = jobId(`j-${hash48([...words, again].join("\0"))}`);
	return id;
}

/** 48 bits as 12 hex digits: two rounds of multiply-and-xor in parallel (the cyrb53 construction). Spreads; hides nothing. */
function hash48(text: string): string {
	let high = 0xdeadbeef;
	let low = 0x41c6ce57;
	for (let at = 0; at < text.length; at++) {
		const code = text.charCodeAt(at);
		high = Math.imul(high ^ code, 2654435761);
		low = Math.imul(low ^ code, 1597334677);
	}
	const mixedHigh =
		Math.imul(high ^ (high >>> 16), 2246822507) ^
		Math.imul(low ^ (low >>> 13), 3266489909);
	const mixedLow =
		Math.imul(low ^ (low >>> 16), 2246822507) ^
		Math.imul(mixedHigh ^ (mixedHigh >>> 13), 3266489909);
	const hex = (part: number, digits: number): string =>
		(part >>> 0).toString(16).padStart(8, "0").slice(-digits);
	return hex(mixedHigh, 4) + hex(mixedLow, 8);
}
