// When a person is told that an identity is about to expire: 30, 14, 7 and 1 day before, and when it has. Pure; each mark is
// told once per certificate, also over restarts, for whoever keeps what `noticeExpiry` returns.
import type { IdentityFacts } from "../ports.ts";

const DAY_MS = 86_400_000;
/** Days before the end, soonest first; 0: it has expired. */
export const EXPIRY_MARKS = [0, 1, 7, 14, 30] as const;
export type ExpiryMark = (typeof EXPIRY_MARKS)[number];

/** What can expire. */
export type Expiring = Pick<IdentityFacts, "fingerprint256" | "expiresAt">;

/** The mark that was told of each certificate, by fingerprint: the last one. */
export type ToldMarks = Readonly<Record<string, ExpiryMark>>;

/** One thing to tell. `key` is the same for the same certificate and mark, always. */
export interface ExpiryNews {
	readonly key: string;
	readonly mark: ExpiryMark;
	readonly sentence: string;
}

/** The nearest mark that has been reached; null: more than 30 days are left. */
export const expiryMark = (
	expiresAt: number,
	wallMs: number,
): ExpiryMark | null =>
	EXPIRY_MARKS.find((days) => expiresAt - wallMs <= days * DAY_MS) ?? null;

/** `in 6 days`, `in 20 hours`, `today` when an hour or less is left; whole units that are still full. */
export function leftInWords(expiresAt: number, wallMs: number): string {
	const hours = Math.floor((expiresAt - wallMs) / 3_600_000);
	const days = Math.floor(hours / 24);
	if (days > 1) return `in ${days} days`;
	return hours > 1 ? `in ${hours} hours` : "within two hours";
}

/** Marks that were skipped, because nobody looked for days, are not told after it. */
export function noticeExpiry(
	told: ToldMarks,
	{ fingerprint256, expiresAt }: Expiring,
	wallMs: number,
): readonly [ToldMarks, ExpiryNews | null] {
	const mark = expiryMark(expiresAt, wallMs);
	const last = told[fingerprint256];
	if (mark === null || (last !== undefined && last <= mark))
		return [told, null];
	return [
		{ ...told, [fingerprint256]: mark },
		{
			key: `identity/${fingerprint256}/${mark}`,
			mark,
			sentence:
				mark === 0
					? "your client certificate has expired"
					: `your client certificate expires ${leftInWords(expiresAt, wallMs)}`,
		},
	];
}

/** When the next mark is reached, wall time; null: all have been. */
export function nextMarkAt(expiresAt: number, wallMs: number): number | null {
	const times = EXPIRY_MARKS.map((days) => expiresAt - days * DAY_MS);
	const ahead = times.filter((at) => at > wallMs);
	return ahead.length === 0 ? null : Math.min(...ahead);
}
