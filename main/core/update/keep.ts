// What updates remember over a restart: who this installation is in a staged rollout, until when a person said "not now",
// and the newest release that was announced under our signature, so that an older one cannot be put in its place later. A
// file that is damaged is made anew; the worst is a notice that comes early and another place in the rollout.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { replaceFile } from "../replaceFile.ts";
import { orderOf } from "./gate.ts";
import type { UpdateChannel } from "./manifest.ts";
import { UPDATE_CHANNELS } from "./manifest.ts";
import { parseVersion } from "./version.ts";

const keptSchema = z.strictObject({
	version: z.literal(1),
	installId: z.uuid(),
	postponedUntil: z.number().nonnegative(),
	/** Newest version announced on each channel. */
	highest: z.partialRecord(
		z.enum(UPDATE_CHANNELS),
		z.string().refine((text) => parseVersion(text) !== null),
	),
});
type Kept = z.infer<typeof keptSchema>;

export interface UpdateMemory {
	readonly installId: string;
	/** Wall time, epoch ms. */
	readonly postponedUntil: number;
	keepPostponed(until: number): void;
	/** The newest version that a signed manifest announced on this channel; null: none yet. */
	highest(channel: UpdateChannel): string | null;
	/** Remembers a version of a signed manifest where it is the newest one. */
	keepSeen(channel: UpdateChannel, version: string): void;
}

/** Opens the memory at `path` (0600, written aside and moved); where nothing can be written it lasts for this run. */
export function openUpdateMemory(path: string): UpdateMemory {
	let kept: Kept = readKept(path) ?? {
		version: 1,
		installId: randomUUID(),
		postponedUntil: 0,
		highest: {},
	};
	const keep = (change: Partial<Kept>): void => {
		kept = { ...kept, ...change };
		try {
			replaceFile(path, JSON.stringify(kept));
		} catch {
			// A folder that cannot be written must not keep a release from a person.
		}
	};
	keep({});
	const highest = (channel: UpdateChannel): string | null =>
		kept.highest[channel] ?? null;
	return {
		installId: kept.installId,
		postponedUntil: kept.postponedUntil,
		keepPostponed: (postponedUntil) => keep({ postponedUntil }),
		highest,
		keepSeen(channel, version) {
			const former = highest(channel);
			if (former === null || (orderOf(version, former) ?? 1) > 0)
				keep({ highest: { ...kept.highest, [channel]: version } });
		},
	};
}

function readKept(path: string): Kept | null {
	try {
		return keptSchema.parse(JSON.parse(readFileSync(path, "utf8")));
	} catch {
		return null;
	}
}
