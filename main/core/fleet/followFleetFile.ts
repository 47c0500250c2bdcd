// Notices that the fleet file became another: a person edited it, or `foredeck fleet import` wrote it. Looked at by its facts every
// few seconds; watching through the system loses files that are replaced.
import { statSync } from "node:fs";
import type { Cancel, Clock } from "../../../shared/clock.ts";
import { every } from "../../../shared/clock.ts";
import type { Result } from "../../../shared/fault.ts";
import { foredeckPaths } from "../paths.ts";
import type { Inventory } from "./inventory.ts";
import type { FleetChoice } from "./openFleetFile.ts";
import { openFleetFile } from "./openFleetFile.ts";

const LOOK_MS = 2_000;

export interface FollowOptions {
	readonly clock: Clock;
	readonly choice: FleetChoice;
	/** `fleetRevision` from before the file was read for the first time. */
	readonly since: string;
	readonly fileLimit: number | null;
	/** Called with each other content, whether it is sound or not. A file that went away is `null` or a fault, as at the start. */
	readonly changed: (inventory: Result<Inventory | null>) => void;
}

export function followFleetFile(options: FollowOptions): Cancel {
	const { clock, choice, since, fileLimit, changed } = options;
	let seen = since;
	let before = since;
	return every(clock, LOOK_MS, () => {
		const now = fleetRevision(choice);
		// Read once it holds still: half of a file that is being written may be a sound, smaller fleet.
		const isStill = now === before;
		before = now;
		if (now === seen || !isStill) return;
		seen = now;
		changed(openFleetFile(choice, fileLimit));
	});
}

/** Another text for another content of the fleet file. */
export function fleetRevision({
	fleet,
	profile = "default",
	data,
}: FleetChoice): string {
	try {
		const path = fleet ?? foredeckPaths(data).fleetFile(profile);
		// The last changes when the right to read it does.
		const { mtimeMs, size, ino, ctimeMs } = statSync(path);
		return `${mtimeMs} ${size} ${ino} ${ctimeMs}`;
	} catch (error) {
		return String((error as NodeJS.ErrnoException).code);
	}
}
