// What was told, kept for who was not looking: the last 200 notes, newest first, and how many failures nobody has read. Pure.
import { INBOX_MOST, NOTE_LIMITS } from "../../../shared/inbox.ts";
import type { Note } from "./note.ts";

export interface InboxEntry {
	readonly note: Note;
	readonly isRead: boolean;
}

/** Newest first. */
export type Inbox = readonly InboxEntry[];

/** The note with no more text than is kept: one that is too long would make the whole memory be refused at the next start. */
export const clamped = (note: Note): Note => ({
	...note,
	title: cut(note.title, NOTE_LIMITS.title),
	body: cut(note.body, NOTE_LIMITS.body),
});

const cut = (text: string, most: number): string =>
	text.length <= most ? text : `${text.slice(0, most - 1)}…`;

/** The note on top, unread, in place of what it replaces: its own key, and a job's first failure when the job has ended. */
export function filed(inbox: Inbox, note: Note): Inbox {
	const { jobId } = note.target;
	const isReplaced = ({ note: old }: InboxEntry): boolean =>
		old.key === note.key ||
		(note.kind === "ended" &&
			old.kind === "failing" &&
			old.target.jobId === jobId);
	const others = inbox.filter((entry) => !isReplaced(entry));
	return [{ note: clamped(note), isRead: false }, ...others].slice(
		0,
		INBOX_MOST,
	);
}

/** With these keys read; all of them when none is named. */
export const read = (inbox: Inbox, keys: ReadonlySet<string> | null): Inbox =>
	inbox.map((entry) =>
		keys === null || keys.has(entry.note.key)
			? { ...entry, isRead: true }
			: entry,
	);

/** For the badge: failures alone. */
export const unreadFailures = (inbox: Inbox): number =>
	inbox.filter(({ note, isRead }) => note.isFailure && !isRead).length;
