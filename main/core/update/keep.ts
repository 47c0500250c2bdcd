// What updates remember over a restart: who this installation is in a staged rollout, and until when a person said "not
// now". A file that is damaged is made anew; the worst is a notice that comes early and another place in the rollout.
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { replaceFile } from "../replaceFile.ts";

const keptSchema = z.strictObject({
	version: z.literal(1),
	installId: z.uuid(),
	postponedUntil: z.number().nonnegative(),
});

export interface UpdateMemory {
	readonly installId: string;
	/** Wall time, epoch ms. */
	readonly postponedUntil: number;
	keepPostponed(until: number): void;
}

/** Opens the memory at `path` (0600, written aside and moved); where nothing can be written it lasts for this run. */
export function openUpdateMemory(path: string): UpdateMemory {
	const kept = readKept(path);
	const installId = kept?.installId ?? randomUUID();
	const postponedUntil = kept?.postponedUntil ?? 0;
	const keep = (until: number): void => {
		try {
			replaceFile(
				path,
				JSON.stringify({ version: 1, installId, postponedUntil: until }),
			);
		} catch {
			// A folder that cannot be written must not keep a release from a person.
		}
	};
	if (kept === null) keep(0);
	return { installId, postponedUntil, keepPostponed: keep };
}

function readKept(path: string): z.infer<typeof keptSchema> | null {
	try {
		return keptSchema.parse(JSON.parse(readFileSync(path, "utf8")));
	} catch {
		return null;
	}
}
