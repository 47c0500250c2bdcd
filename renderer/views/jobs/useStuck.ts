// How many hosts of a job show no progress for long, counted anew every few seconds and never for a job where nothing runs.
import { useMemo, useSyncExternalStore } from "react";
import type { JobId } from "../../../shared/model.ts";
import { createStuckCount } from "../../store/quiet.ts";
import { useParts } from "../window.ts";

export function useStuck(job: JobId): number {
	const { core, ticker } = useParts();
	const count = useMemo(createStuckCount, []);
	return useSyncExternalStore(ticker.subscribe, () => {
		const { fleet, coreAheadMs } = core.getState();
		return count(fleet, job, ticker.read() + coreAheadMs);
	});
}
