// Who is in the demo fleet: hosts by role with their labels, and, in the mixed fleet, which of them is peculiar and how.
// Pure: follows from the number of hosts alone.
import type { Dialect } from "./dialect.ts";
import type { AgentFault } from "./faults.ts";

/** One host to be simulated. */
export interface RosterEntry {
	readonly id: string;
	readonly servername: string;
	readonly labels: Readonly<Record<string, string>>;
	readonly dialect: Dialect;
	readonly faults: readonly AgentFault[];
}

/** Parts of a hundred hosts; the first roles are served first when there are few. */
const ROLES: readonly (readonly [role: string, share: number])[] = [
	["web", 32],
	["db", 20],
	["api", 14],
	["worker", 10],
	["cache", 8],
	["queue", 6],
	["ci", 6],
	["lb", 4],
];

/** Peculiar hosts of the mixed fleet: the index within the role, which is lowered when the role has fewer hosts. */
const PECULIAR: readonly {
	readonly role: string;
	readonly index: number;
	readonly dialect?: Dialect;
	readonly faults?: readonly AgentFault[];
}[] = [
	// Answers the upgrade with half a handshake: always polled.
	{ role: "web", index: 12, dialect: "stub" },
	// Restarts in the middle of the first job and no longer knows it.
	{
		role: "db",
		index: 9,
		dialect: "old",
		faults: [{ kind: "restart", forget: true, downSeconds: 2 }],
	},
	// Loses its connections again and again.
	{ role: "api", index: 3, faults: [{ kind: "flapping", everySeconds: 13 }] },
	// Loses its socket while its first job runs.
	{ role: "worker", index: 2, faults: [{ kind: "cut", at: "middle" }] },
	// Old, and well.
	{ role: "ci", index: 2, dialect: "old" },
	{ role: "lb", index: 1, dialect: "old" },
	// Its clock is wrong, enough to be shown and too little to matter.
	{ role: "queue", index: 1, faults: [{ kind: "clock-skew", seconds: 4 }] },
];

/** Host that fails the first job of the mixed fleet for want of a name server. */
export const NETWORK_VICTIM = { role: "db", index: 7 } as const;

const name = (role: string, index: number): string =>
	`${role}-${String(index).padStart(2, "0")}`;

/** How many hosts of each role, in the order of ROLES; they add up to `hosts`. */
function shares(hosts: number): [role: string, count: number][] {
	const total = ROLES.reduce((sum, [, share]) => sum + share, 0);
	const exact = ROLES.map(([role, share]) => ({
		role,
		whole: Math.floor((hosts * share) / total),
		rest: (hosts * share) % total,
	}));
	let left = hosts - exact.reduce((sum, { whole }) => sum + whole, 0);
	const byRest = [...exact].sort((a, b) => b.rest - a.rest);
	for (const entry of byRest) {
		if (left-- <= 0) break;
		entry.whole++;
	}
	return exact.map(({ role, whole }) => [role, whole]);
}

/** The host called so, or the first or last of its role when there are fewer; null when the role has none. */
export function memberOf(
	hosts: readonly { readonly id: string }[],
	role: string,
	index: number,
	otherwise: "first" | "last",
): string | null {
	const wanted = name(role, index);
	const ofRole = hosts.filter(({ id }) => id.startsWith(`${role}-`));
	return ofRole.some(({ id }) => id === wanted)
		? wanted
		: (ofRole.at(otherwise === "first" ? 0 : -1)?.id ?? null);
}

/** The fleet's hosts in order. `dialect` undefined: the believable mix; else all alike and no peculiarities. */
export function roster(
	hosts: number,
	dialect: Dialect | undefined,
): RosterEntry[] {
	const plain = shares(hosts).flatMap(([role, count]) =>
		Array.from({ length: count }, (_, at): RosterEntry => {
			const id = name(role, at + 1);
			return {
				id,
				servername: `${id}.fleet.test`,
				labels: {
					role,
					env: at % 8 === 7 ? "staging" : "prod",
					dc: at % 2 === 0 ? "fra1" : "ams2",
				},
				dialect: dialect ?? "new",
				faults: [],
			};
		}),
	);
	if (dialect !== undefined) return plain;
	const odd = new Map<string, (typeof PECULIAR)[number]>();
	for (const each of PECULIAR) {
		const id = memberOf(plain, each.role, each.index, "last");
		if (id !== null && !odd.has(id)) odd.set(id, each);
	}
	return plain.map((host) => ({
		...host,
		dialect: odd.get(host.id)?.dialect ?? host.dialect,
		faults: odd.get(host.id)?.faults ?? [],
	}));
}
