// What of an address is a list that can be kept and shared as a view, and which kept views belong to it.
import type { SavedView } from "./savedViews.ts";
import type { Address } from "./view.ts";
import { hashOf, parseAddress } from "./view.ts";

/** The place without what is chosen in it: a view is a list, not one of its rows. */
export function listOf(address: Address): Address {
	return "host" in address ? { ...address, host: null } : address;
}

export const hashOfList = (address: Address): string => hashOf(listOf(address));

/** Whether there is anything to keep: a screen as it comes has its name in the rail already. */
export const isWorthSaving = (address: Address): boolean =>
	hashOfList(address).includes("?");

/** The views of the same screen (in a job: of this job), in the order they were saved. */
export function viewsOf(
	views: readonly SavedView[],
	address: Address,
): readonly SavedView[] {
	return views.filter((view) => {
		const there = parseAddress(view.hash);
		return (
			there.screen === address.screen &&
			(there.screen !== "job" ||
				address.screen !== "job" ||
				there.jobId === address.jobId)
		);
	});
}
