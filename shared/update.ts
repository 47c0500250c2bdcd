// An update of Foredeck as a window is told of it.
import { z } from "zod";

export const updateSchema = z.strictObject({
	/** `managed`: somebody else updates this Foredeck; `why` says who, and no notice is shown. */
	kind: z.enum([
		"managed",
		"idle",
		"checking",
		"available",
		"downloading",
		"ready",
		"installing",
		"refused",
		"failed",
	]),
	/** Of the release this is about; null when it is about none. */
	version: z.string().nullable(),
	/** ISO 8601, UTC. */
	releasedAt: z.string().nullable(),
	/** What is new, as text from the signed manifest. */
	notes: z.string(),
	/** 0 to 1 while it is fetched. */
	fraction: z.number().nullable(),
	/** A person said "install now", and it waits. */
	wanted: z.boolean(),
	/** What an installation would have to wait for now. */
	waitsFor: z.string().nullable(),
	/** "Not now" was said less than a day ago. */
	isPostponed: z.boolean(),
	/** Why Foredeck does not update itself, one sentence; null when it does, or when nobody said. */
	why: z.string().nullable(),
	fault: z
		.strictObject({
			code: z.string(),
			sentence: z.string(),
			nextStep: z.string(),
		})
		.nullable(),
});

/** What a window shows of updates. */
export type UpdateTold = z.infer<typeof updateSchema>;
