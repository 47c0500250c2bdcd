// What the notifier remembers over a restart, as text: which keys were told, what waits, and the inbox. A text that is
// broken or of another shape is refused, so that the worst a damaged file can do is to tell something twice.
import { z } from "zod";
import {
	INBOX_MOST,
	inboxEntrySchema,
	noteSchema,
} from "../../../shared/inbox.ts";
import { EXPIRY_MARKS } from "../identity/expiry.ts";
import { NO_LOSS } from "./fleetLoss.ts";
import type { Inbox } from "./inbox.ts";
import { clamped } from "./inbox.ts";
import type { NotifyState } from "./rules.ts";
import { NOTHING_TOLD } from "./rules.ts";

const memorySchema = z.strictObject({
	version: z.literal(1),
	told: z.record(z.string().max(1_000), z.number()),
	failures: z.record(z.string().max(1_000), z.int()).default({}),
	unheard: z.record(z.string().max(1_000), z.literal(true)).default({}),
	/** Ends that wait because their key was shown too recently: their agents would bring no news of them. */
	late: z.record(z.string().max(1_000), noteSchema).default({}),
	/** The last mark of expiry that was told of each certificate; unlike keys it is not forgotten after days. */
	marks: z.record(z.string().max(200), z.literal(EXPIRY_MARKS)).default({}),
	inbox: z.array(inboxEntrySchema).max(INBOX_MOST),
});

export interface NotifyMemory {
	readonly state: NotifyState;
	readonly inbox: Inbox;
}

export const NO_MEMORY: NotifyMemory = { state: NOTHING_TOLD, inbox: [] };

/** Only what must not be told again: ends that waited are told anew by the agents' lists, links come up by themselves. */
export const memoryText = ({ state, inbox }: NotifyMemory): string =>
	JSON.stringify({
		version: 1,
		told: state.told,
		failures: state.failures,
		unheard: state.unheard,
		late: Object.fromEntries(
			Object.entries(state.late)
				.filter(([, { kind }]) => kind === "ended")
				.map(([key, note]) => [key, clamped(note)]),
		),
		marks: state.expiry.marks,
		inbox,
	});

/** @returns null when the text is not one of ours. */
export function memoryOf(text: string): NotifyMemory | null {
	let json: unknown;
	try {
		json = JSON.parse(text);
	} catch {
		return null;
	}
	const parsed = memorySchema.safeParse(json);
	if (!parsed.success) return null;
	const { told, failures, unheard, late, marks, inbox } = parsed.data;
	return {
		state: {
			...NOTHING_TOLD,
			told,
			failures,
			unheard,
			late,
			expiry: { marks, shown: null },
			loss: NO_LOSS,
		},
		inbox,
	};
}
