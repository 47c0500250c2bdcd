// Many connections: adds, removes and starts hosts, says which are in which state, passes on what concerns them all
// (sleep, network, identity), and stops cleanly. One registry; nobody else holds links.
import { every } from "../../../shared/clock.ts";
import type {
	Channel,
	Host,
	HostEvent,
	HostId,
	LinkStatus,
} from "../../../shared/model.ts";
import { CHANNELS } from "../../../shared/model.ts";
import { diffHosts } from "./inventory.ts";
import { openMember } from "./member.ts";
import type { Member, MemberPorts } from "./memberTypes.ts";
import { ownersOf } from "./owners.ts";
import type { HostEntry } from "./target.ts";

/** How often the rows' age is brought up to date for the window, when something was heard since. */
const HEARD_EVERY_MS = 10_000;
/** A slice of the fleet a tick, so that 10,000 rows do not change at once. */
const HEARD_SLICES = 20;

export interface FleetPorts
	extends Omit<MemberPorts, "isAttended" | "ownerOf"> {
	onRemoved(id: HostId): void;
}

export interface Fleet {
	/** Makes the fleet these hosts: new ones start, gone ones stop, changed ones start anew. */
	apply(hosts: readonly HostEntry[]): void;
	member(id: HostId): Member | undefined;
	members(): IterableIterator<Member>;
	/** The only host that has this servername; null: none, or several. */
	ownerOf(servername: string): HostId | null;
	/** A change of one of the fleet's runs was told. */
	runTold(event: HostEvent): void;
	row(id: HostId): Host | undefined;
	rows(): Host[];
	readonly size: number;
	channels(): Record<Channel, number>;
	/** These hosts are on a screen and go first. */
	attend(ids: readonly HostId[]): void;
	retry(ids: readonly HostId[]): number;
	/** As `retry`, for every host that is neither live nor paused. */
	retryLost(): number;
	pause(ids: readonly HostId[], paused: boolean): number;
	woke(): void;
	networkReturned(): void;
	identityChanged(): void;
	/** Closes every socket and timer; resolves within a second. */
	stop(): void;
}

export function openFleet(ports: FleetPorts): Fleet {
	const { clock } = ports;
	const members = new Map<HostId, Member>();
	const paused = new Set<HostId>();
	const told = new Map<HostId, number | null>();
	let attended: ReadonlySet<HostId> = new Set();
	let slice = 0;
	let stopped = false;

	/** Made when a name is first in doubt: healthy fleets need none. */
	let owners: ReadonlyMap<string, HostId | null> | null = null;
	const ownerOf = (servername: string): HostId | null => {
		owners ??= ownersOf([...members.values()].map(({ entry }) => entry));
		return owners.get(servername) ?? null;
	};
	const memberPorts: MemberPorts = {
		...ports,
		isAttended: (id) => attended.has(id),
		ownerOf,
	};
	const start = (entry: HostEntry): void => {
		const member = openMember(entry, memberPorts);
		members.set(entry.id, member);
		member.link.send({ kind: paused.has(entry.id) ? "unwanted" : "wanted" });
		ports.onTouched(entry.id);
	};
	const remove = (id: HostId): void => {
		members.get(id)?.stop();
		members.delete(id);
		told.delete(id);
		ports.onRemoved(id);
	};

	/** Tells rows whose age moved, one slice of the fleet at a time. */
	const sweep = (): void => {
		let index = 0;
		for (const [id, member] of members) {
			if (index++ % HEARD_SLICES !== slice) continue;
			const heardAt = member.heardAt();
			const before = told.get(id) ?? null;
			if (heardAt === null || heardAt - (before ?? 0) < HEARD_EVERY_MS / 2)
				continue;
			told.set(id, heardAt);
			ports.onTouched(id);
		}
		slice = (slice + 1) % HEARD_SLICES;
	};
	const cancel = every(clock, HEARD_EVERY_MS / HEARD_SLICES, sweep);

	const each = (
		ids: readonly HostId[],
		act: (member: Member) => void,
	): number => {
		let done = 0;
		for (const id of ids) {
			const member = members.get(id);
			if (member === undefined) continue;
			act(member);
			done++;
		}
		return done;
	};

	const retry = (ids: readonly HostId[]): number =>
		each(ids, ({ link }) => link.send({ kind: "retryAsked" }));

	return {
		apply(hosts) {
			owners = null;
			const entries = [...members.values()].map(({ entry }) => entry);
			const diff = diffHosts(entries, hosts);
			for (const id of diff.removed) remove(id);
			for (const entry of diff.changed) {
				remove(entry.id);
				start(entry);
			}
			for (const entry of diff.relabelled)
				members.get(entry.id)?.relabel(entry.labels);
			for (const entry of diff.added) start(entry);
		},
		member: (id) => members.get(id),
		ownerOf,
		runTold: (event) => members.get(event.hostId)?.runTold(event),
		members: () => members.values(),
		row: (id) => members.get(id)?.row(),
		rows: () => [...members.values()].map((member) => member.row()),
		get size() {
			return members.size;
		},
		channels() {
			const counts = Object.fromEntries(
				CHANNELS.map((channel) => [channel, 0]),
			) as Record<Channel, number>;
			for (const { link } of members.values()) counts[link.status.channel]++;
			return counts;
		},
		attend(ids) {
			attended = new Set(ids);
		},
		retry,
		retryLost: () =>
			retry(
				[...members.values()]
					.filter(({ link }) => isLost(link.status.channel))
					.map(({ entry }) => entry.id),
			),
		pause: (ids, on) =>
			each(ids, ({ entry, link }) => {
				if (on) paused.add(entry.id);
				else paused.delete(entry.id);
				link.send({ kind: on ? "unwanted" : "wanted" });
			}),
		woke: () => renew("woke"),
		networkReturned: () => renew("networkReturned"),
		identityChanged() {
			for (const { link } of members.values())
				link.send({ kind: "identityChanged" });
		},
		stop() {
			if (stopped) return;
			stopped = true;
			cancel();
			for (const member of members.values()) member.stop();
			members.clear();
		},
	};

	function renew(kind: "woke" | "networkReturned"): void {
		for (const member of members.values()) {
			// The link first: it forgets the poll that its connection fails with.
			member.link.send({ kind });
			member.renew();
		}
	}
}

/** Whether trying again could bring more than there is. */
export const isLost = (channel: Channel): boolean =>
	channel !== "live" && channel !== "paused";

/** A link has settled when waiting longer would tell nothing new by itself. */
export const isSettled = (status: LinkStatus): boolean =>
	status.channel === "live" ||
	status.channel === "polling" ||
	status.channel === "blocked" ||
	status.channel === "paused";
