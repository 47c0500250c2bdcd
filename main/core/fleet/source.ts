// Which hosts the console has, and why it may not have others: the fleet file may become another while Foredeck runs. A file that
// is not sound, or that went away, takes no host off the screen.
import type { Fault, Result } from "../../../shared/fault.ts";
import { fault } from "../../../shared/fault.ts";
import type { Inventory } from "./inventory.ts";

export interface FleetSource {
	readonly inventory: Inventory | null;
	/** Why what is shown may not be what the file says; null when it is. */
	readonly fault: Fault | null;
	/** Empty: there is no fleet yet. */
	readonly name: string;
	/** Takes what was read. Answers whether there are hosts to be applied. */
	take(next: Result<Inventory | null>): boolean;
}

export function openFleetSource(
	first: Pick<FleetSource, "inventory" | "fault">,
): FleetSource {
	let { inventory, fault: why } = first;
	return {
		get inventory() {
			return inventory;
		},
		get fault() {
			return why;
		},
		get name() {
			return inventory?.name ?? "";
		},
		take(next) {
			if (!next.ok) {
				why = inventory === null ? next.fault : stale(next.fault);
				return false;
			}
			if (next.value === null) {
				why = inventory === null ? null : GONE;
				return false;
			}
			why = null;
			inventory = next.value;
			return true;
		},
	};
}

const stale = (why: Fault): Fault => ({
	...why,
	sentence: `${why.sentence}; the hosts are those of the file before`,
	nextStep: "Mend the places named; the file is read again when it changes.",
});

const GONE = fault("fleet.unreadable", {
	sentence: "the fleet file is gone; its hosts stay until Foredeck ends",
	nextStep: "Put it back, or import an inventory.",
});
