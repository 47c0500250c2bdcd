// The window's fleet: the replica of shared/delta.ts with what the screens look up by. Each step costs as much as the
// delta is long, never as much as the fleet is large, except when hosts or jobs come or go. Knows no screen and no pipe.
import type { Delta, Replica, Snapshot } from "../../shared/delta.ts";
import {
	applyDelta,
	applySnapshot,
	EMPTY_REPLICA,
} from "../../shared/delta.ts";
import type {
	Channel,
	Host,
	HostId,
	HostRun,
	Job,
	JobId,
	RunKey,
} from "../../shared/model.ts";
import { CHANNELS, runKey } from "../../shared/model.ts";
import type { EventLog } from "./eventLog.ts";
import { appended, EMPTY_LOG } from "./eventLog.ts";
import { naturalKey } from "./natural.ts";
import { changedRows } from "./rows.ts";

/** How many hosts are in each channel; adds up to the number of hosts. */
export type ChannelCounts = Readonly<Record<Channel, number>>;

/** Hosts that nobody heard of since Foredeck started, and the newest time of what is known of them (epoch ms). */
export interface LastKnown {
	readonly hosts: number;
	readonly asOf: number;
}
const ALL_HEARD: LastKnown = { hosts: 0, asOf: 0 };

/** What a step changed: whoever has seen the step before needs to look at these only. */
export interface Step {
	/** No two fleets have the same. */
	readonly id: number;
	/** The step of the fleet before; null for a snapshot, which follows on nothing. */
	readonly follows: number | null;
	/** Changed, come or gone; some may be named twice. */
	readonly hosts: readonly HostId[];
	readonly runs: readonly {
		readonly key: RunKey;
		readonly hostId: HostId;
	}[];
}

/** The replica and its indexes. Never edited by a screen. */
export interface Fleet {
	/** Its maps are edited in place and look new when they changed (rows.ts): a former fleet shows the rows of the newest. */
	readonly replica: Replica;
	/** What made this fleet of the one before. */
	readonly step: Step;
	/** Hosts by name, numbers by value (web-2 before web-10). The same reference until a host comes or goes. */
	readonly hostOrder: readonly HostId[];
	/** Newest start first. The same reference until a job comes or goes, so that a row keeps its place. */
	readonly jobOrder: readonly JobId[];
	/** Runs by job and by host. The maps are edited in place, each list is replaced when it changes: compare lists, not maps. */
	readonly runsOfJob: ReadonlyMap<JobId, readonly RunKey[]>;
	readonly runsOfHost: ReadonlyMap<HostId, readonly RunKey[]>;
	readonly channels: ChannelCounts;
	/** The same reference until one of them is heard of. */
	readonly lastKnown: LastKnown;
	/** What happened, further back than the replica keeps it. */
	readonly log: EventLog;
	/** When the newest fact of all reached the core; null before the first. Epoch milliseconds. */
	readonly newestAt: number | null;
}

let steps = 0;
const nextStep = (): number => ++steps;

const noChannels = (): Record<Channel, number> =>
	Object.fromEntries(CHANNELS.map((channel) => [channel, 0])) as Record<
		Channel,
		number
	>;

/** What the window knows before the first snapshot. */
export const EMPTY_FLEET: Fleet = {
	replica: EMPTY_REPLICA,
	step: { id: 0, follows: null, hosts: [], runs: [] },
	hostOrder: [],
	jobOrder: [],
	runsOfJob: new Map(),
	runsOfHost: new Map(),
	channels: noChannels(),
	lastKnown: ALL_HEARD,
	log: EMPTY_LOG,
	newestAt: null,
};

/** The fleet of a snapshot; of the former one only what happened remains, while it is the same core that tells it. */
export function fleetOf(frame: Snapshot, former: Fleet = EMPTY_FLEET): Fleet {
	const replica = applySnapshot(frame);
	const channels = noChannels();
	for (const host of frame.hosts) channels[host.link.channel] += 1;
	const runsOfJob = new Map<JobId, RunKey[]>();
	const runsOfHost = new Map<HostId, RunKey[]>();
	for (const run of frame.runs) {
		const key = runKey(run.hostId, run.agentJobId);
		push(runsOfJob, run.jobId, key);
		push(runsOfHost, run.hostId, key);
	}
	return {
		replica,
		step: { id: nextStep(), follows: null, hosts: [], runs: [] },
		hostOrder: hostsInOrder(replica.hosts),
		jobOrder: jobsInOrder(replica.jobs),
		runsOfJob,
		runsOfHost,
		channels,
		lastKnown: unheardOf(ALL_HEARD, new Map(), [], frame.hosts),
		log: appended(former.log, frame.epoch, frame.events),
		newestAt: newest(null, frame.hosts, frame.events.at(-1)?.receivedAt),
	};
}

/** The next fleet, in the place of the former one. The caller has checked that the delta follows. */
export function nextFleet(fleet: Fleet, frame: Delta): Fleet {
	const before = fleet.replica;
	const runsOfJob = fleet.runsOfJob as Map<JobId, readonly RunKey[]>;
	const runsOfHost = fleet.runsOfHost as Map<HostId, readonly RunKey[]>;
	reindex(
		runsOfJob,
		before.runs,
		frame.runs,
		frame.runsGone,
		(run) => run.jobId,
	);
	reindex(
		runsOfHost,
		before.runs,
		frame.runs,
		frame.runsGone,
		(run) => run.hostId,
	);
	const hostSetChanged =
		frame.hostsGone.length > 0 ||
		frame.hosts.some((host) => !before.hosts.has(host.id));
	const jobSetChanged =
		frame.jobsGone.length > 0 ||
		frame.jobs.some((job) => !before.jobs.has(job.id));
	const channels = recounted(fleet.channels, before.hosts, frame);
	const lastKnown = unheardOf(
		fleet.lastKnown,
		before.hosts,
		frame.hostsGone,
		frame.hosts,
	);
	const step = stepAfter(fleet, frame);
	// From here on `before` shows the new rows.
	const replica = changedReplica(before, frame);
	return {
		replica,
		step,
		hostOrder: hostSetChanged ? hostsInOrder(replica.hosts) : fleet.hostOrder,
		jobOrder: jobSetChanged ? jobsInOrder(replica.jobs) : fleet.jobOrder,
		runsOfJob,
		runsOfHost,
		channels,
		lastKnown,
		log: appended(fleet.log, replica.epoch, frame.events),
		newestAt: newest(
			fleet.newestAt,
			frame.hosts,
			frame.events.at(-1)?.receivedAt,
		),
	};
}

function stepAfter({ step, replica }: Fleet, frame: Delta): Step {
	const runs = frame.runs.map((run) => ({
		key: keyOfRun(run),
		hostId: run.hostId,
	}));
	for (const key of frame.runsGone) {
		const run = replica.runs.get(key);
		if (run !== undefined) runs.push({ key, hostId: run.hostId });
	}
	return {
		id: nextStep(),
		follows: step.id,
		hosts: [...frame.hostsGone, ...frame.hosts.map(idOf)],
		runs,
	};
}

const idOf = <Id>({ id }: { readonly id: Id }): Id => id;
const keyOfRun = ({ hostId, agentJobId }: HostRun): RunKey =>
	runKey(hostId, agentJobId);
const NO_ROWS = {
	hosts: [],
	hostsGone: [],
	runs: [],
	runsGone: [],
	jobs: [],
	jobsGone: [],
};

/** As `applyDelta`, but with rows that are edited in place. */
const changedReplica = (before: Replica, frame: Delta): Replica => ({
	...applyDelta(before, { ...frame, ...NO_ROWS }),
	hosts: changedRows(before.hosts, frame.hosts, frame.hostsGone, idOf),
	runs: changedRows(before.runs, frame.runs, frame.runsGone, keyOfRun),
	jobs: changedRows(before.jobs, frame.jobs, frame.jobsGone, idOf),
});

function push<K>(lists: Map<K, RunKey[]>, id: K, key: RunKey): void {
	const list = lists.get(id);
	if (list === undefined) lists.set(id, [key]);
	else list.push(key);
}

/** Moves changed runs between the lists of `index`; a run that stays where it was costs one comparison. */
function reindex<K>(
	index: Map<K, readonly RunKey[]>,
	before: ReadonlyMap<RunKey, HostRun>,
	changed: readonly HostRun[],
	gone: readonly RunKey[],
	ownerOf: (run: HostRun) => K,
): void {
	const added = new Map<K, RunKey[]>();
	const removed = new Map<K, Set<RunKey>>();
	const remove = (owner: K, key: RunKey): void => {
		const keys = removed.get(owner) ?? new Set();
		keys.add(key);
		removed.set(owner, keys);
	};
	const present = (key: RunKey): HostRun | undefined => before.get(key);
	const goneSet = new Set(gone);
	for (const key of goneSet) {
		const run = present(key);
		if (run !== undefined) remove(ownerOf(run), key);
	}
	for (const run of changed) {
		const key = runKey(run.hostId, run.agentJobId);
		const former = present(key);
		const owner = ownerOf(run);
		if (former !== undefined && !goneSet.has(key)) {
			if (ownerOf(former) === owner) continue;
			remove(ownerOf(former), key);
		}
		push(added, owner, key);
	}
	for (const [owner, keys] of removed) {
		const left = (index.get(owner) ?? []).filter((key) => !keys.has(key));
		if (left.length === 0) index.delete(owner);
		else index.set(owner, left);
	}
	for (const [owner, keys] of added)
		index.set(owner, [...(index.get(owner) ?? []), ...keys]);
}

function recounted(
	channels: ChannelCounts,
	before: ReadonlyMap<HostId, Host>,
	frame: Delta,
): ChannelCounts {
	const next = { ...channels };
	let changed = false;
	const count = (host: Host | undefined, by: 1 | -1): void => {
		if (host === undefined) return;
		next[host.link.channel] += by;
		changed = true;
	};
	const gone = new Set(frame.hostsGone);
	for (const id of gone) count(before.get(id), -1);
	for (const host of frame.hosts) {
		const former = gone.has(host.id) ? undefined : before.get(host.id);
		if (former?.link.channel === host.link.channel) continue;
		count(former, -1);
		count(host, 1);
	}
	return changed ? next : channels;
}

/** Counts hosts whose last known state is shown; costs as much as the frame is long. */
function unheardOf(
	known: LastKnown,
	before: ReadonlyMap<HostId, Host>,
	gone: readonly HostId[],
	changed: readonly Host[],
): LastKnown {
	let { hosts, asOf } = known;
	const names = new Set(gone);
	for (const id of names) if (before.get(id)?.lastKnown) hosts--;
	for (const host of changed) {
		if (!names.has(host.id) && before.get(host.id)?.lastKnown) hosts--;
		if (host.lastKnown !== true) continue;
		hosts++;
		asOf = Math.max(asOf, host.heardAt ?? 0);
	}
	return hosts === known.hosts && asOf === known.asOf ? known : { hosts, asOf };
}

function newest(
	known: number | null,
	hosts: readonly Host[],
	eventAt: number | undefined,
): number | null {
	let at = Math.max(known ?? 0, eventAt ?? 0);
	for (const host of hosts) at = Math.max(at, host.heardAt ?? 0);
	return at === 0 ? null : at;
}

function hostsInOrder(hosts: ReadonlyMap<HostId, Host>): readonly HostId[] {
	return [...hosts.keys()]
		.map((id) => ({ id, key: naturalKey(id) }))
		.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
		.map(({ id }) => id);
}

function jobsInOrder(jobs: ReadonlyMap<JobId, Job>): readonly JobId[] {
	return [...jobs.values()]
		.sort((a, b) => b.startedAt - a.startedAt || (a.id < b.id ? -1 : 1))
		.map((job) => job.id);
}
