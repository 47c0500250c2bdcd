// The notifier beside a console: what a shell provides for it, what each window may ask of it, and which job is before the
// person's eyes. A console whose shell provides nothing still has an inbox.
import type { Handlers } from "../../../shared/bridge.ts";
import type { Clock } from "../../../shared/clock.ts";
import type { Answer } from "../../../shared/contract.ts";
import { ok } from "../../../shared/fault.ts";
import { hashOfNote } from "../../../shared/inbox.ts";
import type { JobId } from "../../../shared/model.ts";
import type { LocalTime } from "../../../shared/quietHours.ts";
import type { Expiring } from "../identity/expiry.ts";
import { isExpired } from "./expiryNotes.ts";
import type { NotifyMemory } from "./memory.ts";
import { NO_MEMORY } from "./memory.ts";
import type { NoteEffect } from "./note.ts";
import type { CameBack, Notifier, NotifierPorts } from "./notifier.ts";
import { openNotifier } from "./notifier.ts";
import type { NotifySettings } from "./rules.ts";

/** What a shell provides; each part may be absent. */
export interface NotifyPort {
	/** What was told before the last restart; absent: nothing. */
	readonly memory?: NotifyMemory;
	/** Shows or withdraws outside of the window. Must not throw. */
	present?(effect: NoteEffect): void;
	/** For the badge of an icon: failures that nobody has read, and whether the identity in use has expired. Must not throw. */
	badge?(unread: number, isExpired: boolean): void;
	/** Shows one for trying it out and says what the system answered. Absent: nothing is shown outside of the window here. */
	test?(): Promise<TestedNote>;
	/** Called once at the start: `tell` is to be called when the system turns out to show nothing. */
	whenNotShown?(tell: (why: NotShown) => void): void;
	/** Keeps the memory's text over a restart. Must not throw. */
	keep?(text: string): void;
	/** What the person wants; absent: everything, always. */
	settings?(): Omit<NotifySettings, "profile"> & {
		/** False: nothing is shown outside of the window. */
		readonly desktop?: boolean;
	};
	/** Wall time as the person's wall shows it; needed for quiet hours only. */
	localTime?(at: number): LocalTime;
}

export type TestedNote = Answer<"notify.test">;

/** Why notifications do not come outside of the window, and what to do about it. */
export interface NotShown {
	readonly sentence: string;
	readonly nextStep: string;
}

export type NotesHandlers = Pick<
	Handlers,
	"view.watch" | "inbox.read" | "inbox.markRead" | "notify.test"
>;

export interface NotesPorts {
	readonly clock: Clock;
	/** The fleet's name, in titles and keys; another one once an inventory is imported. */
	readonly profile: () => string;
	readonly book: NotifierPorts["console"]["book"];
	readonly fleet: NotifierPorts["console"]["fleet"];
	readonly listen: NotifierPorts["console"]["listen"];
	readonly port: NotifyPort;
	onInbox(unread: number): void;
}

export interface Notes {
	readonly unread: number;
	/** What dropped together and has not healed. */
	readonly loss: Notifier["loss"];
	/** The handlers of one window, which is named by any object of its own. */
	handlersOf(window: object): NotesHandlers;
	/** That window watches nothing any more. */
	closed(window: object): void;
	/** Jobs of a history are in the book. */
	cameBack(jobs: readonly CameBack[]): void;
	/** The identity in use was looked at; null: there is none. */
	identityLooked(identity: Expiring | null): void;
	/** Where the note leads whose key it is; null: it is no longer kept. */
	placeOf(isIt: (key: string) => boolean): string | null;
	stop(): void;
}

const ALWAYS = { quietHours: [], failuresBreakQuiet: false, mutedUntil: 0 };
const NO_TIME: LocalTime = { weekday: 0, minute: 0 };
const SWITCHED_OFF: TestedNote = {
	outcome: "unavailable",
	sentence:
		"Notifications outside of the window are switched off in the settings.",
};
const NO_OUTSIDE: TestedNote = {
	outcome: "unavailable",
	sentence:
		"This Foredeck shows nothing outside of its window; the inbox has every note.",
};

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
	let hasExpired = false;
	const isWanted = (): boolean => port.settings?.().desktop !== false;
	let testing: Promise<TestedNote> | null = null;
	/** One at a time, whoever asks. */
	const test = async (): Promise<TestedNote> => {
		if (port.test === undefined) return NO_OUTSIDE;
		if (!isWanted()) return SWITCHED_OFF;
		testing ??= port.test().finally(() => {
			testing = null;
		});
		return testing;
	};
	const notifier = openNotifier({
		clock,
		console: { book, fleet, listen },
		memory: port.memory ?? NO_MEMORY,
		settings: () => ({ profile: profile(), ...(port.settings?.() ?? ALWAYS) }),
		localTime: (at) => port.localTime?.(at) ?? NO_TIME,
		watching: () => [...watched.values()].at(-1) ?? null,
		present(effect) {
			// What is on the screen already may be taken off it, whatever is wanted now.
			if (effect.kind === "withdraw" || isWanted()) port.present?.(effect);
		},
		keep: (text) => port.keep?.(text),
		onInbox(_inbox, unread) {
			port.badge?.(unread, hasExpired);
			onInbox(unread);
		},
	});
	port.badge?.(notifier.unread, hasExpired);
	port.whenNotShown?.(({ sentence, nextStep }) =>
		notifier.file({
			key: `${profile()}/shell/refused`,
			kind: "refused",
			title: "Notifications are not shown outside of the window",
			body: `${sentence}\n${nextStep}`,
			isFailure: false,
			target: { jobId: null, hostId: null },
			at: clock.wallMs(),
		}),
	);
	return {
		get unread() {
			return notifier.unread;
		},
		get loss() {
			return notifier.loss;
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
			"notify.test": async () => ok(await test()),
		}),
		closed: (window) => void watched.delete(window),
		cameBack: notifier.cameBack,
		identityLooked(identity) {
			notifier.identityLooked(identity);
			const now = isExpired(identity, clock.wallMs());
			if (now === hasExpired) return;
			hasExpired = now;
			port.badge?.(notifier.unread, hasExpired);
		},
		placeOf(isIt) {
			const found = notifier.inbox.find(({ note }) => isIt(note.key));
			return found === undefined ? null : hashOfNote(found.note);
		},
		stop: notifier.stop,
	};
}
