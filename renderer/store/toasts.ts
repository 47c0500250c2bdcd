// Which failures are new to a person who has the window before them: what came into the inbox since the last look. Pure.
import type { Inbox, InboxEntry } from "./sync.ts";

export type Note = InboxEntry["note"];

/** More at once are only counted by the rail. */
const TOASTS_MOST = 3;

export interface Toasts {
	/** When each note of the inbox was last told (epoch ms), by key; null before the inbox was read for the first time. */
	readonly known: ReadonlyMap<string, number> | null;
	/** On the screen, newest first. */
	readonly shown: readonly Note[];
}

export const NO_TOASTS: Toasts = { known: null, shown: [] };

/** What is on the screen after the inbox was read. `isLooking`: the window has the focus; else the desktop tells it. */
export function nextToasts(
	{ known, shown }: Toasts,
	inbox: Inbox,
	isLooking: boolean,
): Toasts {
	const now = new Map(inbox.entries.map(({ note }) => [note.key, note.at]));
	const unread = inbox.entries.filter(
		({ note, isRead }) => note.isFailure && !isRead,
	);
	const isShown = (note: Note): boolean =>
		shown.some(({ key }) => key === note.key);
	// What lay there when the window came is no news.
	const isNew = (note: Note): boolean =>
		isLooking && known !== null && known.get(note.key) !== note.at;
	return {
		known: now,
		shown: unread
			.map(({ note }) => note)
			.filter((note) => isShown(note) || isNew(note))
			.slice(0, TOASTS_MOST),
	};
}

/** A person has seen it, or has had the time to. It stays unread in the inbox. */
export const withoutToast = (toasts: Toasts, key: string): Toasts => ({
	...toasts,
	shown: toasts.shown.filter((note) => note.key !== key),
});

/** The inbox shows what they told. */
export const withoutToasts = (toasts: Toasts): Toasts =>
	toasts.shown.length === 0 ? toasts : { ...toasts, shown: [] };
