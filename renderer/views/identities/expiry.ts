// What a person reads about the end of an identity, and how loudly. Pure.
import { span } from "../../store/age.ts";

const DAY_MS = 86_400_000;
/** Warned from here on; 05-UI section 2. */
const WARNED_DAYS = 30;
/** From here on over every screen: soon enough to be a nuisance before it is an outage. */
const BANNER_DAYS = 14;

export interface ExpiryWords {
	readonly tone: "bad" | "warning";
	readonly sentence: string;
	/** Said over every screen, not only on the one of identities. */
	readonly isUrgent: boolean;
}

/** Whole days from two on, else hours and minutes. */
const left = (ms: number): string =>
	ms >= 2 * DAY_MS ? `${Math.floor(ms / DAY_MS)} days` : span(ms);

/** Null: more than 30 days are left. */
export function expiryWords(
	expiresAt: number,
	now: number,
): ExpiryWords | null {
	const ms = expiresAt - now;
	if (ms <= 0)
		return {
			tone: "bad",
			sentence: `identity expired ${left(-ms)} ago`,
			isUrgent: true,
		};
	if (ms > WARNED_DAYS * DAY_MS) return null;
	return {
		tone: "warning",
		sentence: `identity expires in ${left(ms)}`,
		isUrgent: ms <= BANNER_DAYS * DAY_MS,
	};
}
