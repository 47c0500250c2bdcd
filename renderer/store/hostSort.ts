// The order of hosts by a column. An order is made once and kept: rows do not move by themselves when a value changes, so
// that what is under the pointer stays there. Pure.
import type { CHANNELS, Host, HostId } from "../../shared/model.ts";
import type { Fleet } from "./replica.ts";

export const SORT_COLUMNS = [
	"host",
	"channel",
	"health",
	"heard",
	"runs",
	"reboot",
	"agent",
	"clock",
] as const;
export type SortColumn = (typeof SORT_COLUMNS)[number];

export interface HostSort {
	readonly by: SortColumn;
	/** What needs a look first comes first; turned: last. */
	readonly turned: boolean;
}

/** `heard`, or `-heard` when turned; anything else is null. */
export function parseSort(text: string | null): HostSort | null {
	const by = SORT_COLUMNS.find((column) => column === text?.replace(/^-/, ""));
	return by === undefined
		? null
		: { by, turned: text?.startsWith("-") === true };
}

export const sortText = (sort: HostSort): string =>
	`${sort.turned ? "-" : ""}${sort.by}`;

const ORDER_WORDS: Record<SortColumn, readonly [string, string]> = {
	host: ["by name", "by name, last first"],
	channel: ["by channel, worst first", "by channel, best first"],
	health: ["by health, worst first", "by health, best first"],
	heard: ["longest silence first", "heard from last first"],
	runs: ["most open runs first", "fewest open runs first"],
	reboot: ["pending reboots first", "pending reboots last"],
	agent: ["oldest agent first", "newest agent first"],
	clock: ["clocks furthest off first", "clocks furthest off last"],
};

/** The order in words: `longest silence first`. */
export const orderWords = ({ by, turned }: HostSort): string =>
	ORDER_WORDS[by][turned ? 1 : 0];

/** What pressing a column's head makes of the order: this column, then turned, then the names again. */
export function nextSort(
	sort: HostSort | null,
	by: SortColumn,
): HostSort | null {
	if (sort?.by !== by)
		return by === "host" ? { by, turned: true } : { by, turned: false };
	return sort.turned ? null : { by, turned: true };
}

/** What `aria-sort` says of a column. Names, oldest fact, least of a number count as ascending. */
export function ariaSort(
	sort: HostSort | null,
	by: SortColumn,
): "ascending" | "descending" | "none" {
	if (sort === null) return by === "host" ? "ascending" : "none";
	if (sort.by !== by) return "none";
	const startsHigh = by === "runs" || by === "clock" || by === "reboot";
	return sort.turned === startsHigh ? "ascending" : "descending";
}

/** Channels and healths by how much they need a look. */
const CHANNEL_RANK: ReadonlyMap<string, number> = new Map(
	(
		[
			"blocked",
			"offline",
			"reconnecting",
			"connecting",
			"polling",
			"paused",
			"live",
		] as const satisfies readonly (typeof CHANNELS)[number][]
	).map((channel, at) => [channel, at]),
);
const HEALTH_RANK = { unreachable: 0, degraded: 1, never_seen: 2, healthy: 3 };

/** Smaller comes first. Text is compared by its own order, numbers by size. */
function keyOfHost(host: Host, by: SortColumn): number | string {
	switch (by) {
		case "host":
			return 0;
		case "channel":
			return CHANNEL_RANK.get(host.link.channel) ?? 0;
		case "health":
			return HEALTH_RANK[host.health.kind];
		case "heard":
			return host.heardAt ?? 0;
		case "runs":
			return -host.openRuns;
		case "reboot":
			return host.pendingReboot === true
				? 0
				: host.pendingReboot === null
					? 1
					: 2;
		case "agent":
			return versionKey(host.agentVersion);
		case "clock":
			return -Math.abs(host.skewMs ?? 0);
	}
}

/** Numbers by value: 1.9 before 1.10; hosts that told none come first. */
const versionKey = (version: string | null): string =>
	(version ?? "").replace(/\d+/g, (number) => number.padStart(8, "0"));

/** The hosts of `order` (which is by name) in the order asked for; those alike stay by name. */
export function sortHosts(
	hosts: ReadonlyMap<HostId, Host>,
	order: readonly HostId[],
	sort: HostSort | null,
): readonly HostId[] {
	if (sort === null) return order;
	const rows: { id: HostId; key: number | string; at: number }[] = [];
	for (let at = 0; at < order.length; at++) {
		const id = order[at] as HostId;
		const host = hosts.get(id);
		if (host !== undefined)
			rows.push({ id, key: keyOfHost(host, sort.by), at });
	}
	const way = sort.turned ? -1 : 1;
	rows.sort((a, b) =>
		a.key === b.key
			? sort.by === "host"
				? way * (a.at - b.at)
				: a.at - b.at
			: (a.key < b.key ? -1 : 1) * way,
	);
	return rows.map(({ id }) => id);
}

/** Whether the hosts are still in the order that was asked for, as they are now. */
export function isInOrder(
	hosts: ReadonlyMap<HostId, Host>,
	ids: readonly HostId[],
	sort: HostSort | null,
): boolean {
	if (sort === null || sort.by === "host") return true;
	let former: number | string | undefined;
	for (const id of ids) {
		const host = hosts.get(id);
		if (host === undefined) continue;
		const key = keyOfHost(host, sort.by);
		if (former !== undefined && key !== former && key < former !== sort.turned)
			return false;
		former = key;
	}
	return true;
}

/**
 * The order, kept until another column is asked for, hosts come or go, or `turn` changes: a person asked for the order anew.
 */
export function createHostOrder(): (
	fleet: Fleet,
	sort: HostSort | null,
	turn: number,
) => readonly HostId[] {
	let kept: readonly HostId[] = [];
	let keptFor: string | undefined;
	let keptOf: readonly HostId[] | undefined;
	return (fleet, sort, turn) => {
		const asked = `${sort === null ? "" : sortText(sort)} ${turn}`;
		if (keptFor !== asked || keptOf !== fleet.hostOrder) {
			kept = sortHosts(fleet.replica.hosts, fleet.hostOrder, sort);
			keptFor = asked;
			keptOf = fleet.hostOrder;
		}
		return kept;
	};
}
