// Times as people read them: ages, durations, clock times with their offset. Pure; `now` is an argument.

const SECOND_MS = 1_000;
const MINUTE_S = 60;
const HOUR_S = 3_600;
const DAY_S = 86_400;

/** A span in at most two units: `12 s`, `6 m 12 s`, `2 h 05 m`, `3 d 4 h`. Negative spans read as `0 s`. */
export function span(ms: number): string {
	const seconds = Math.max(0, Math.floor(ms / SECOND_MS));
	if (seconds < MINUTE_S) return `${seconds} s`;
	const pad = (value: number): string => String(value).padStart(2, "0");
	if (seconds < HOUR_S)
		return `${Math.floor(seconds / MINUTE_S)} m ${pad(seconds % MINUTE_S)} s`;
	if (seconds < DAY_S)
		return `${Math.floor(seconds / HOUR_S)} h ${pad(Math.floor((seconds % HOUR_S) / MINUTE_S))} m`;
	return `${Math.floor(seconds / DAY_S)} d ${Math.floor((seconds % DAY_S) / HOUR_S)} h`;
}

/** Age of `at` at the time `now`; both epoch milliseconds of one machine. */
export const age = (at: number, now: number): string => span(now - at);

/** Time of day, `03:02:11`; in UTC it ends in `Z`. */
export function timeOfDay(at: number, utc: boolean): string {
	const date = new Date(at);
	const part = (local: number, universal: number): string =>
		String(utc ? universal : local).padStart(2, "0");
	const text = [
		part(date.getHours(), date.getUTCHours()),
		part(date.getMinutes(), date.getUTCMinutes()),
		part(date.getSeconds(), date.getUTCSeconds()),
	].join(":");
	return utc ? `${text}Z` : text;
}

/** Date and time of day with the offset, for a tooltip: `2026-11-21 03:02:11 +01:00`, or `… Z`. */
export function fullTime(at: number, utc: boolean): string {
	const offsetMinutes = utc ? 0 : -new Date(at).getTimezoneOffset();
	const shifted = new Date(at + offsetMinutes * MINUTE_S * SECOND_MS);
	const text = shifted.toISOString().slice(0, 19).replace("T", " ");
	if (utc) return `${text} Z`;
	const sign = offsetMinutes < 0 ? "-" : "+";
	const minutes = Math.abs(offsetMinutes);
	const pad = (value: number): string => String(value).padStart(2, "0");
	return `${text} ${sign}${pad(Math.floor(minutes / 60))}:${pad(minutes % 60)}`;
}

/** When something started, short: the time of day, with the day before it when it was another day. */
export function startedText(at: number, now: number, utc: boolean): string {
	const day = fullTime(at, utc).slice(0, 10);
	const time = timeOfDay(at, utc);
	return day === fullTime(now, utc).slice(0, 10)
		? time
		: `${day.slice(5)} ${time.slice(0, 5)}${utc ? "Z" : ""}`;
}
