// RFC 3339 date-times as agents write them: 0 to 9 fraction digits, `Z` or an offset. Made for the path that every event
// takes, so it reads characters and builds no Date. It does not judge clocks: a time is what the agent says it is.

const DAYS_BEFORE_MONTH = [
	0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334,
] as const;
const DAYS_IN_MONTH = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] as const;
const DAY_MS = 86_400_000;
const DASH = 45;
const PLUS = 43;
const COLON = 58;
const DOT = 46;

/**
 * Milliseconds since 1970-01-01 UTC of an RFC 3339 date-time (section 5.6), digits beyond the millisecond kept as a
 * fraction; null for anything else, and for times before 1970, which no agent can mean. A leap second is the second after.
 */
export function epochMsOf(text: string): number | null {
	const length = text.length;
	if (length < 20 || length > 35) return null;
	const year = pair(text, 0) * 100 + pair(text, 2);
	const month = pair(text, 5);
	const day = pair(text, 8);
	const hour = pair(text, 11);
	const minute = pair(text, 14);
	const second = pair(text, 17);
	// A pair that is not two digits is NaN, which fails every comparison below.
	if (
		text.charCodeAt(4) !== DASH ||
		text.charCodeAt(7) !== DASH ||
		!isSeparator(text.charCodeAt(10)) ||
		text.charCodeAt(13) !== COLON ||
		text.charCodeAt(16) !== COLON ||
		!(year >= 1970 && month >= 1 && month <= 12 && day >= 1) ||
		!(day <= daysIn(year, month) && hour <= 23 && minute <= 59 && second <= 60)
	)
		return null;
	let at = 19;
	let fractionMs = 0;
	if (text.charCodeAt(at) === DOT) {
		let scale = 100;
		for (at = 20; at < length; at++) {
			const digit = text.charCodeAt(at) - 48;
			if (digit < 0 || digit > 9) break;
			fractionMs += digit * scale;
			scale /= 10;
		}
		if (at === 20 || at > 29) return null;
	}
	const offset = offsetMinutes(text, at);
	if (offset === null) return null;
	const ms =
		days(year, month, day) * DAY_MS +
		(hour * 60 + minute - offset) * 60_000 +
		second * 1000 +
		fractionMs;
	return ms >= 0 ? ms : null;
}

/** The number that the two digits at this place make, or NaN. */
function pair(text: string, at: number): number {
	const tens = text.charCodeAt(at) - 48;
	const ones = text.charCodeAt(at + 1) - 48;
	return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9
		? tens * 10 + ones
		: Number.NaN;
}

/** `T`, `t`, or the space that RFC 3339 section 5.6 allows for readability. */
const isSeparator = (code: number): boolean =>
	code === 84 || code === 116 || code === 32;

const isLeap = (year: number): boolean =>
	year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);

const daysIn = (year: number, month: number): number =>
	month === 2 && isLeap(year) ? 29 : (DAYS_IN_MONTH[month - 1] ?? 0);

/** Days from 1970-01-01 to this one of the proleptic Gregorian calendar. */
function days(year: number, month: number, day: number): number {
	const past = year - 1;
	const leapDays =
		Math.floor(past / 4) -
		Math.floor(past / 100) +
		Math.floor(past / 400) -
		477;
	const thisYear =
		(DAYS_BEFORE_MONTH[month - 1] ?? 0) +
		(month > 2 && isLeap(year) ? 1 : 0) +
		day -
		1;
	return (year - 1970) * 365 + leapDays + thisYear;
}

/** The offset from UTC that ends the text at this place, or null when it is not exactly that. */
function offsetMinutes(text: string, at: number): number | null {
	const sign = text.charCodeAt(at);
	if (sign === 90 || sign === 122) return text.length === at + 1 ? 0 : null;
	if (sign !== PLUS && sign !== DASH) return null;
	if (text.length !== at + 6 || text.charCodeAt(at + 3) !== COLON) return null;
	const hours = pair(text, at + 1);
	const minutes = pair(text, at + 4);
	if (!(hours <= 23 && minutes <= 59)) return null;
	return (sign === PLUS ? 1 : -1) * (hours * 60 + minutes);
}
