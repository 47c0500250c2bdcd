// The notes of the inbox as they cross to a window and are kept over a restart: what a person was told, or would have been.
import { z } from "zod";
import { ids } from "./model.ts";

/** More are forgotten, the oldest first. */
export const INBOX_MOST = 200;

/**
 * `failing`: a job's first failure. `ended`: a job's summary. `rollup`: many summaries in one. `fleet`: much of the fleet dropped.
 * `expiry`: the client certificate expires, or has. `refused`: the system shows no notifications.
 */
export const NOTE_KINDS = [
	"failing",
	"ended",
	"rollup",
	"fleet",
	"expiry",
	"refused",
] as const;

/** Characters of a note's texts. */
export const NOTE_LIMITS = { title: 1_000, body: 4_000 } as const;

const keySchema = z.string().max(1_000);

export const noteSchema = z.strictObject({
	/** `profile/job/kind`; the same key again replaces what is shown under it. */
	key: keySchema,
	kind: z.enum(NOTE_KINDS),
	title: z.string().max(NOTE_LIMITS.title),
	body: z.string().max(NOTE_LIMITS.body),
	isFailure: z.boolean(),
	/** Where a click leads: the job, and its first failed host. */
	target: z.strictObject({
		jobId: ids.job.nullable(),
		hostId: ids.host.nullable(),
	}),
	/** Wall time, epoch ms. */
	at: z.number(),
});

export const inboxEntrySchema = z.strictObject({
	note: noteSchema,
	isRead: z.boolean(),
});

/** Newest first, with the number of failures that nobody has read. */
export const inboxSchema = z.strictObject({
	entries: z.array(inboxEntrySchema).max(INBOX_MOST),
	unread: z.int().nonnegative(),
});

/** Notes to mark as read, by key; null: all of them. So many that a question stays small. */
export const markedSchema = z.array(keySchema).max(20).nullable();

/** Where a click on a note leads, as the hash of the window's address: the job at its first failed host, where there is one. */
export function hashOfNote({
	kind,
	target: { jobId, hostId },
}: Pick<z.infer<typeof noteSchema>, "kind"> & {
	readonly target: {
		readonly jobId: string | null;
		readonly hostId: string | null;
	};
}): string {
	if (kind === "expiry") return "#/identities";
	if (kind === "refused") return "#/settings";
	if (jobId === null) return "#/hosts";
	const host = hostId === null ? "" : `?host=${encodeURIComponent(hostId)}`;
	return `#/jobs/${encodeURIComponent(jobId)}${host}`;
}

/** `3`, `99+`; empty for none. */
export const badgeText = (unread: number): string =>
	unread === 0 ? "" : unread > 99 ? "99+" : String(unread);
