// What is told of a client certificate that expires: each mark of `identity/expiry.ts` once per certificate, for as long as the
// memory is kept, because a mark lies weeks before the next one. Pure.
import type { Expiring, ExpiryNews, ToldMarks } from "../identity/expiry.ts";
import { noticeExpiry } from "../identity/expiry.ts";
import type { Note, NoteEnv } from "./note.ts";

/** Certificates that are remembered; the oldest are forgotten first. */
const REMEMBER_MOST = 50;

export interface ExpiryTold {
	/** The last mark that was told of each certificate, by fingerprint. */
	readonly marks: ToldMarks;
	/** The note that may be on the screen. */
	readonly shown: {
		readonly key: string;
		readonly fingerprint256: string;
	} | null;
}

export const NO_EXPIRY: ExpiryTold = { marks: {}, shown: null };

/** What a look at the identity in use came to. */
export interface ExpiryStep {
	readonly next: ExpiryTold;
	/** The mark that is to be told under `next.shown`; null: none. */
	readonly news: ExpiryNews | null;
	/** The note that is no longer true. */
	readonly withdraw: string | null;
}

/** @param key begins the key of the note; each mark of each certificate has its own. */
export function expiryStep(
	told: ExpiryTold,
	identity: Expiring | null,
	key: string,
	wallMs: number,
): ExpiryStep {
	const { shown } = told;
	const nothing = { next: told, news: null, withdraw: null };
	// One that cannot be read now, because the keychain is locked perhaps, is not renewed by that.
	if (identity === null) return nothing;
	const { fingerprint256 } = identity;
	const [marks, news] = noticeExpiry(told.marks, identity, wallMs);
	if (news !== null)
		return {
			next: {
				marks: newest(marks),
				shown: { key: `${key}/${fingerprint256}/${news.mark}`, fingerprint256 },
			},
			news,
			withdraw: shown?.key ?? null,
		};
	if (shown === null || shown.fingerprint256 === fingerprint256) return nothing;
	return { next: { ...told, shown: null }, news: null, withdraw: shown.key };
}

/** Whether no agent takes it any more. */
export const isExpired = (identity: Expiring | null, wallMs: number): boolean =>
	identity !== null && identity.expiresAt <= wallMs;

/** The note of a mark. Only one that has expired is a failure: before that there is nothing wrong yet. */
export const expiryNote = (
	key: string,
	{ mark, sentence }: ExpiryNews,
	env: NoteEnv,
): Note => ({
	key,
	kind: "expiry",
	title: `${sentence.replace(/^your c/, "C")} · ${env.settings.profile}`,
	body:
		mark === 0
			? "No agent takes it any more. Import a renewed certificate under Identities."
			: "Import a renewed certificate under Identities before that; no link is lost by it.",
	isFailure: mark === 0,
	target: { jobId: null, hostId: null },
	at: env.now,
});

const newest = (marks: ToldMarks): ToldMarks =>
	Object.fromEntries(Object.entries(marks).slice(-REMEMBER_MOST));
