// Moments to come as people name them: `07:00`, `tomorrow 07:00`, `Saturday 22:00`. Pure; `now` is an argument.

export const WEEKDAYS = [
	"Sunday",
	"Monday",
	"Tuesday",
	"Wednesday",
	"Thursday",
	"Friday",
	"Saturday",
] as const;

const DAY_MS = 86_400_000;
const MINUTE_MS = 60_000;

/** A moment within a week, to the minute and without its date when it is today; in UTC it ends in `Z`. */
export function untilText(at: number, now: number, utc: boolean): string {
	const time = new Date(at);
	// A file may say more than a calendar has.
	if (Number.isNaN(time.getTime())) return "further notice";
	const pad = (value: number): string => String(value).padStart(2, "0");
	const clock = utc
		? `${pad(time.getUTCHours())}:${pad(time.getUTCMinutes())}Z`
		: `${pad(time.getHours())}:${pad(time.getMinutes())}`;
	const daysAway = dayNumber(at, utc) - dayNumber(now, utc);
	if (daysAway <= 0) return clock;
	if (daysAway === 1) return `tomorrow ${clock}`;
	if (daysAway >= 7) return `${daysAway} days from now, ${clock}`;
	const weekday = utc ? time.getUTCDay() : time.getDay();
	return `${WEEKDAYS[weekday]} ${clock}`;
}

/** Days since 1970 as the wall counts them. */
function dayNumber(at: number, utc: boolean): number {
	const offsetMinutes = utc ? 0 : new Date(at).getTimezoneOffset();
	return Math.floor((at - offsetMinutes * MINUTE_MS) / DAY_MS);
}

/** The next 07:00 on this computer's wall, with its summer time: when a person who mutes for the night wants to hear again. */
export function nextMorning(now: number): number {
	const time = new Date(now);
	const at = (day: number): number =>
		new Date(time.getFullYear(), time.getMonth(), day, 7).getTime();
	const today = at(time.getDate());
	return today > now ? today : at(time.getDate() + 1);
}
