// What a person may be told when the window is not before their eyes: the nouns of the notification rules, as data that
// survives a restart. Only types and the words of a note; `rules.ts` decides what is told when.
import type { NOTE_KINDS } from "../../../shared/inbox.ts";
import type {
	Counts,
	HostId,
	Job,
	JobId,
	RunState,
} from "../../../shared/model.ts";

export type NoteKind = (typeof NOTE_KINDS)[number];

/** Where a click leads. */
export interface NoteTarget {
	readonly jobId: JobId | null;
	/** The first failed host; its output at the error is what is opened. */
	readonly hostId: HostId | null;
}

/** One notification. The same key again replaces what is shown under it. */
export interface Note {
	/** `profile/job/kind`; stable over restarts. */
	readonly key: string;
	readonly kind: NoteKind;
	readonly title: string;
	readonly body: string;
	/** Counts in the unread badge, and may break quiet hours where the profile says so. */
	readonly isFailure: boolean;
	readonly target: NoteTarget;
	/** Wall time, epoch ms. */
	readonly at: number;
}

/** `aloud`: as something new. `update`: in place of what is on the screen under its key, without a sound. `inbox`: there only. */
export type Manner = "aloud" | "update" | "inbox";

/** What a shell does with a note. */
export type NoteEffect =
	| { readonly kind: "show"; readonly note: Note; readonly manner: Manner }
	/** Takes it off the screen; it stays in the inbox. */
	| { readonly kind: "withdraw"; readonly key: string };

/** An end that waits in case others come. */
export interface HeldEnd {
	readonly job: Job;
	readonly firstFailed: HostId | null;
}

/** What a note is made of beside its subject. */
export interface NoteEnv {
	/** Wall time, epoch ms. */
	readonly now: number;
	/** The profile's name, in titles and keys. */
	readonly settings: { readonly profile: string };
}

export const keyOf = (
	{ settings }: NoteEnv,
	subject: string,
	kind: NoteKind,
): string => `${settings.profile}/${subject}/${kind}`;

/** States in the order in which a summary names them, with the word for each. */
const WORDS: readonly (readonly [RunState, string])[] = [
	["succeeded", "ok"],
	["failed", "failed"],
	["timed_out", "timed out"],
	["lost", "lost"],
	["cancelled", "cancelled"],
	["unknown", "unknown"],
	["running", "running"],
	["queued", "queued"],
];

const OPERATIONS: Readonly<Record<string, string>> = {
	patchapply: "patch apply",
	selfupdate: "self-update",
};

/** Hosts of a job that did not do what was asked. */
export const failuresIn = ({ failed, timed_out, lost }: Counts): number =>
	failed + timed_out + lost;

/** `48 ok, 2 failed`; only what is not zero, and the counts add up to the job's hosts. */
export const countsInWords = (counts: Counts): string =>
	WORDS.filter(([state]) => counts[state] > 0)
		.map(([state, word]) => `${counts[state]} ${word}`)
		.join(", ") || "no hosts";

/** `6 m 12 s`, `1 h 4 m`, `44 s`. */
export function durationInWords(ms: number): string {
	const seconds = Math.max(0, Math.round(ms / 1_000));
	const [h, m, s] = [
		Math.floor(seconds / 3_600),
		Math.floor((seconds % 3_600) / 60),
		seconds % 60,
	];
	if (h > 0) return `${h} h ${m} m`;
	return m > 0 ? `${m} m ${s} s` : `${s} s`;
}

/** `patch apply · prod`. */
export const titleOf = ({ operation }: Job, profile: string): string =>
	`${OPERATIONS[operation] ?? (operation || "job")} · ${profile}`;

/** What the job is about, when its label says more than its operation. */
export const subjectOf = ({ operation, label }: Job): string =>
	label.startsWith(`${operation} · `)
		? label.slice(operation.length + 3)
		: label === operation
			? ""
			: label;
