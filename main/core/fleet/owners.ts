// Whose servername is this? For certificates of one host that are shown at the address of another.
import type { HostId } from "../../../shared/model.ts";
import type { HostEntry } from "./target.ts";

/** Servernames, in lower case, to the one host that has each; null where several share it, so that it names none of them. */
export function ownersOf(
	hosts: Iterable<Pick<HostEntry, "id" | "servername">>,
): ReadonlyMap<string, HostId | null> {
	const owners = new Map<string, HostId | null>();
	for (const { id, servername } of hosts) {
		const name = servername.toLowerCase();
		owners.set(name, owners.has(name) ? null : id);
	}
	return owners;
}
