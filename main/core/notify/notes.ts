// The notifier beside a console: what a shell provides for it, what each window may ask of it, and which job is before the
// person's eyes. A console whose shell provides nothing still has an inbox.
import type { Handlers } from "../../../shared/bridge.ts";
import type { Clock } from "../../../shared/clock.ts";
import type { Answer } from "../../../shared/contract.ts";
import { ok } from "../../../shared/fault.ts";
import type { JobId } from "../../../shared/model.ts";
import type { NotifyMemory } from "./memory.ts";
import { NO_MEMORY } from "./memory.ts";
import type { NoteEffect } from "./note.ts";
import type { NotifierPorts } from "./notifier.ts";
import { openNotifier } from "./notifier.ts";
import type { LocalTime } from "./quietHours.ts";
import type { NotifySettings } from "./rules.ts";

/** What a shell provides; each part may be absent. */
export interface NotifyPort {
	/** What was told before the last restart; absent: nothing. */
	readonly memory?: NotifyMemory;
	/** Shows or withdraws outside of the window. Must not throw. */
	present?(effect: NoteEffect): void;
	/** Failures that nobody has read, for the badge of an icon. Must not throw. */
	badge?(unread: number): void;
	/** Keeps the memory's text over a restart. Must not throw. */
	keep?(text: string): void;
	/** What the person wants; absent: everything, always. */
	settings?(): Omit<NotifySettings, "profile">;
	/** Wall time as the person's wall shows it; needed for quiet hours only. */
	localTime?(at: number): LocalTime;
}

export type NotesHandlers = Pick<
	Handlers,
	"view.watch" | "inbox.read" | "inbox.markRead"
>;

export interface NotesPorts {
	readonly clock: Clock;
	/** The profile's name, in titles and keys. */
	readonly profile: string;
	readonly book: NotifierPorts["console"]["book"];
	readonly fleet: NotifierPorts["console"]["fleet"];
	readonly listen: NotifierPorts["console"]["listen"];
	readonly port: NotifyPort;
	onInbox(unread: number): void;
}

export interface Notes {
	readonly unread: number;
	/** The handlers of one window, which is named by any object of its own. */
	handlersOf(window: object): NotesHandlers;
	/** That window watches nothing any more. */
	closed(window: object): void;
	stop(): void;
}

const ALWAYS = { quietHours: [], failuresBreakQuiet: false, mutedUntil: 0 };
const NO_TIME: LocalTime = { weekday: 0, minute: 0 };

export function openNotes({
	clock,
	profile,
	book,
	fleet,
	listen,
	port,
	onInbox,
}: NotesPorts): Notes {
	/** By window, the one that said so last at the end. */
	const watched = new Map<object, JobId>();
	const notifier = openNotifier({
		clock,
		console: { book, fleet, listen },
		memory: port.memory ?? NO_MEMORY,
		settings: () => ({ profile, ...(port.settings?.() ?? ALWAYS) }),
		localTime: (at) => port.localTime?.(at) ?? NO_TIME,
		watching: () => [...watched.values()].at(-1) ?? null,
		present: (effect) => port.present?.(effect),
		keep: (text) => port.keep?.(text),
		onInbox(_inbox, unread) {
			port.badge?.(unread);
			onInbox(unread);
		},
	});
	port.badge?.(notifier.unread);
	return {
		get unread() {
			return notifier.unread;
		},
		handlersOf: (window) => ({
			"view.watch": ({ jobId }) => {
				watched.delete(window);
				if (jobId !== null) watched.set(window, jobId);
				return ok({});
			},
			"inbox.read": () =>
				ok({
					// The same values, as the contract's mutable shape.
					entries: structuredClone(
						notifier.inbox,
					) as Answer<"inbox.read">["entries"],
					unread: notifier.unread,
				}),
			"inbox.markRead": ({ keys }) => {
				notifier.markRead(keys);
				return ok({});
			},
		}),
		closed: (window) => void watched.delete(window),
		stop: notifier.stop,
	};
}
