// Which history a command uses: its profile's, and none for a fleet that was only named.
import type { FleetChoice } from "../fleet/openFleetFile.ts";
import { foredeckPaths } from "../paths.ts";
import type { Log } from "../ports.ts";
import type { HistoryPort } from "./kept.ts";
import { openHistory } from "./openHistory.ts";

/**
 * Opens the profile's history, as an option of `openConsole`. A fleet file that was named belongs to no profile: what is seen
 * of it is kept only where a profile or a folder was named as well.
 */
export function profileHistory(
	{ fleet, profile, data }: FleetChoice,
	log: Log,
): { readonly history?: HistoryPort } {
	if (fleet !== undefined && profile === undefined && data === undefined)
		return {};
	const path = foredeckPaths(data).history(profile ?? "default");
	return { history: openHistory(path, log) };
}
