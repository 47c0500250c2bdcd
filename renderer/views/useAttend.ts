// Tells the core which hosts are on the screen, so that they are dialed first.
import { useCallback } from "react";
import { ASKED_HOSTS } from "../../shared/contract.ts";
import type { HostId } from "../../shared/model.ts";
import { useParts } from "./window.ts";

/** A steady function for `VirtualGrid.onVisible`; `hostOf` must be steady too. */
export function useAttend<Id>(
	hostOf: (id: Id) => HostId,
): (ids: readonly Id[]) => void {
	const { connection } = useParts();
	return useCallback(
		(ids) => {
			const hostIds = ids.slice(0, ASKED_HOSTS).map(hostOf);
			// Advice, not a request: a core that cannot take it is said elsewhere.
			void connection.current()?.ask("view.attend", { hostIds });
		},
		[connection, hostOf],
	);
}
