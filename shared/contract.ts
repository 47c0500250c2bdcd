// Everything that may cross between window and core, as one value: commands (question and answer) and feeds (frames).
// Types are inferred from it; adding a command is one entry here and one handler in `main/core/commands.ts`.
// There is no type here that could hold key material, and there shall be none.
import { z } from "zod";
import { fleetFrameSchema } from "./delta.ts";
import { diagnosisStepSchema, LAYERS } from "./diagnosis.ts";
import { FAULT_CODES } from "./fault.ts";
import { importOfferSchema } from "./fleetImport.ts";
import { historyCommands } from "./historyLookup.ts";
import { inboxSchema, markedSchema } from "./inbox.ts";
import {
	coreHealthSchema,
	hostRunSchema,
	ids,
	linkTransitionSchema,
} from "./model.ts";
import { settingsPatchSchema, settingsSchema } from "./settings.ts";
import { updateSchema } from "./update.ts";

/** Raised when a window of the former version could misread this one. */
export const CONTRACT_VERSION = 1;

/** A message above this size (UTF-8) is refused before it is parsed: window to core, and core to window (a snapshot of 10,000 hosts fits). */
export const ASK_BYTES = 64 * 1024;
/** An answer above this size is not sent; `contract.too-big` is answered instead. Frames alone may be larger: each is one whole moment. */
export const ANSWER_BYTES = 1024 * 1024;
export const FRAME_BYTES = 64 * 1024 * 1024;

/** The most that is saved as one export, UTF-8. */
export const EXPORT_BYTES = 64 * 1024 * 1024;
/** Endings of exported files. */
export const EXPORT_KINDS = ["csv", "json", "jsonl", "xml"] as const;

const nothing = z.strictObject({});
/** Most hosts of one question: that many ids of full length stay below ASK_BYTES. */
export const ASKED_HOSTS = 250;
const hostIds = z.array(ids.host).max(ASKED_HOSTS);

export const evidenceSchema = z.strictObject({
	causes: z.array(z.string()).optional(),
	timingsMs: z.record(z.string(), z.number()).optional(),
	certificate: z
		.strictObject({
			subject: z.string(),
			issuer: z.string(),
			names: z.array(z.string()),
			validFrom: z.string(),
			validTo: z.string(),
			fingerprint256: z.string(),
		})
		.optional(),
	httpStatus: z.number().optional(),
	firstBytes: z.string().optional(),
	closeCode: z.number().optional(),
	closeReason: z.string().optional(),
	notes: z.array(z.string()).optional(),
});

/** A Fault as it crosses. */
export const faultSchema = z.strictObject({
	code: z.enum(FAULT_CODES),
	sentence: z.string().max(4000),
	nextStep: z.string().max(4000),
	retry: z.enum(["soon", "poll", "never"]),
	retryAfterMs: z.number().optional(),
	evidence: evidenceSchema.optional(),
});

/** What may be shown of an identity; never key material. */
export const identitySchema = z.strictObject({
	subject: z.string(),
	issuer: z.string(),
	names: z.array(z.string()),
	keyKind: z.string(),
	fingerprint256: z.string(),
	validFrom: z.number(),
	expiresAt: z.number(),
	home: z.string(),
	/** What agents may not like about it, one sentence each. */
	notes: z.array(z.string()),
});

export const contract = {
	commands: {
		/** Who answers: for the title, the about box and the profile band. */
		"session.read": {
			question: nothing,
			answer: z.strictObject({
				version: z.string(),
				shell: z.enum(["electron", "node"]),
				/** Empty: no fleet yet. */
				fleet: z.string(),
				/** This shell can show a file dialog for an inventory. */
				canImportFleet: z.boolean(),
				demo: z.boolean(),
				/** Subject and expiry of the identity in use; null when there is none. Never key material. */
				identity: z
					.strictObject({
						subject: z.string(),
						expiresAt: z.number(),
						fingerprint256: z.string(),
						home: z.string(),
					})
					.nullable(),
				startedAt: z.number(),
				/** In which the core's quiet hours are, e.g. `Europe/Berlin`; a window may be in another one. */
				timeZone: z.string(),
				/** This shell saves an export where a person says; without it the browser downloads it. */
				canSaveFiles: z.boolean(),
				/** A broken fleet file or a missing identity is told here, so that the window can say what to do. */
				fault: faultSchema.nullable(),
			}),
		},
		/** The identity in use and those of the vault. May wait for the keychain, which may ask a person for its password. */
		"identity.list": {
			question: nothing,
			answer: z.strictObject({
				inUse: identitySchema.nullable(),
				stored: z.array(
					z.strictObject({
						profile: z.string(),
						identity: identitySchema.nullable(),
						/** Why it cannot be read; null when it can. */
						fault: faultSchema.nullable(),
					}),
				),
				/** Where they are kept, in one sentence; null when that could not be asked. */
				vault: z
					.strictObject({
						kind: z.enum(["keychain", "unprotected", "session"]),
						sentence: z.string(),
					})
					.nullable(),
				fault: faultSchema.nullable(),
				/** This shell can show a file dialog; without one the command line imports. */
				canImport: z.boolean(),
				canRemove: z.boolean(),
			}),
		},
		/** Shows a file dialog of the system's and stores what is chosen there: a window never names a path. Null: nothing was chosen. */
		"identity.import": {
			question: nothing,
			answer: z.strictObject({ imported: identitySchema.nullable() }),
		},
		/** What a person must confirm before a removal; the nonce is for this profile, once, for a minute. */
		"identity.offerRemoval": {
			question: z.strictObject({ profile: z.string().max(64) }),
			answer: z.strictObject({ nonce: z.string(), sentence: z.string() }),
		},
		"identity.remove": {
			question: z.strictObject({
				profile: z.string().max(64),
				nonce: z.string().max(64),
			}),
			answer: nothing,
		},
		/** Shows a file dialog of the system's for an inventory, and says what would become of its lines. Null: nothing was chosen. */
		"fleet.offerImport": {
			question: nothing,
			answer: z.strictObject({ offer: importOfferSchema.nullable() }),
		},
		/** Does what was offered last, within ten minutes and once. */
		"fleet.import": {
			question: z.strictObject({ nonce: z.string().max(64) }),
			answer: nothing,
		},
		/** The window lost track: the next frame of the `fleet` feed is a snapshot. */
		"fleet.resync": { question: nothing, answer: nothing },
		/** Try these hosts now, blocked ones included. */
		"link.retry": {
			question: z.strictObject({ hostIds }),
			answer: z.strictObject({ tried: z.int() }),
		},
		/** Hang up and stay away, or come back. */
		"link.pause": {
			question: z.strictObject({ hostIds, paused: z.boolean() }),
			answer: z.strictObject({ changed: z.int() }),
		},
		/** These hosts are on the screen: they are dialed first. Replaces the former list. */
		"view.attend": {
			question: z.strictObject({ hostIds }),
			answer: nothing,
		},
		/** Which job is before the person's eyes: a success there is no news. Null: none, or the window has no focus. */
		"view.watch": {
			question: z.strictObject({ jobId: ids.job.nullable() }),
			answer: nothing,
		},
		/** The notes that are kept, newest first. */
		"inbox.read": { question: nothing, answer: inboxSchema },
		"inbox.markRead": {
			question: z.strictObject({ keys: markedSchema }),
			answer: nothing,
		},
		/** Shows a notification outside of the window for trying it out, and says what the system answered. Takes some seconds at most. */
		"notify.test": {
			question: nothing,
			answer: z.strictObject({
				/** `unavailable`: nobody was there to show it, or nobody answered. */
				outcome: z.enum(["shown", "refused", "unavailable"]),
				/** What happened, and where it was not shown what to do. */
				sentence: z.string().max(2_000),
			}),
		},
		...historyCommands,
		/** The last channel changes of a host with the fault in full, oldest first. */
		"host.history": {
			question: z.strictObject({ hostId: ids.host }),
			answer: z.strictObject({
				transitions: z.array(linkTransitionSchema).max(50),
				fault: faultSchema.nullable(),
			}),
		},
		/** Looks at one host layer by layer, beside its link; takes up to a minute. A second question meanwhile gets the same answer. */
		"host.diagnose": {
			question: z.strictObject({ hostId: ids.host }),
			answer: z.strictObject({
				/** One for each layer, in their order. */
				steps: z.array(diagnosisStepSchema).max(LAYERS.length),
				/** The first fault met; null: healthy, or stopped before one was met. */
				fault: faultSchema.nullable(),
				/** The time was over before every layer was looked at. */
				stopped: z.boolean(),
			}),
		},
		/** Shows a file dialog of the system's for an export: a window names no path. Null: nothing was chosen. A new one replaces the former. */
		"export.begin": {
			question: z.strictObject({
				/** The name without its ending. */
				stem: z
					.string()
					.regex(/^foredeck(-[a-z0-9]+)+$/)
					.max(100),
				kind: z.enum(EXPORT_KINDS),
			}),
			answer: z.strictObject({ nonce: z.string().nullable() }),
		},
		/** The next piece of its text; EXPORT_BYTES in all. */
		"export.append": {
			question: z.strictObject({
				nonce: z.string().max(64),
				text: z.string().max(ASK_BYTES),
			}),
			answer: nothing,
		},
		/** Writes the file as a whole; answers its name without its folder. */
		"export.end": {
			question: z.strictObject({ nonce: z.string().max(64) }),
			answer: z.strictObject({ name: z.string() }),
		},
		/** Looks at the file again first, which another Foredeck may have written. */
		"settings.read": { question: nothing, answer: settingsSchema },
		/** In use at once; `settings.unwritable` says that it will not outlive this run. The answer has all settings. */
		"settings.change": {
			question: z.strictObject({ patch: settingsPatchSchema }),
			answer: settingsSchema,
		},
		/** What is known of updates; the feed `update` says when it changes. */
		"update.read": { question: nothing, answer: updateSchema },
		/** Look for an update now and not at the next round; while one is fetched, ready or installed this changes nothing. */
		"update.check": { question: nothing, answer: nothing },
		/** Install as soon as no job is open and no failure unread; Foredeck restarts then. */
		"update.install": { question: nothing, answer: nothing },
		/** Not now: nothing is fetched, installed or shown for a day. */
		"update.postpone": { question: nothing, answer: nothing },
		/** Asks the agent for one run in full. */
		"run.output": {
			question: z.strictObject({ hostId: ids.host, agentJobId: ids.agentJob }),
			answer: z.strictObject({
				run: hostRunSchema,
				/** Log lines, oldest first, then the failed command's stdout and stderr. */
				logs: z.array(z.string()),
				stdout: z.string(),
				stderr: z.string(),
				/** How many characters were left out to keep the answer small. */
				leftOut: z.int().nonnegative(),
			}),
		},
	},
	feeds: {
		fleet: fleetFrameSchema,
		health: coreHealthSchema,
		/** The inbox changed, or the window is new: it reads what it shows by `inbox.read`. */
		inbox: z.strictObject({ unread: z.int().nonnegative() }),
		/** Whole, at the start and at every change. */
		update: updateSchema,
		/** Whole, at the start and at every change. */
		settings: settingsSchema,
	},
} as const;

export type Contract = typeof contract;
export type CommandName = keyof Contract["commands"];
export type FeedName = keyof Contract["feeds"];
export type Question<N extends CommandName> = z.infer<
	Contract["commands"][N]["question"]
>;
export type Answer<N extends CommandName> = z.infer<
	Contract["commands"][N]["answer"]
>;
export type Frame<N extends FeedName> = z.infer<Contract["feeds"][N]>;
