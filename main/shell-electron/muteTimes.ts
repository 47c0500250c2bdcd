// Until when a person mutes from the tray, and that time in words of their clock.
import type { Mute } from "./trayModel.ts";

const MINUTE_MS = 60_000;
/** When a person is taken to be up. */
const MORNING_HOUR = 7;

/** Epoch ms. `morning`: the next 7 o'clock of this computer's zone, with its summer time. */
export function muteUntil(mute: Mute, nowMs: number): number {
	if (mute === "halfHour") return nowMs + 30 * MINUTE_MS;
	if (mute === "hour") return nowMs + 60 * MINUTE_MS;
	const morning = new Date(nowMs);
	morning.setHours(MORNING_HOUR, 0, 0, 0);
	if (morning.getTime() <= nowMs) morning.setDate(morning.getDate() + 1);
	return morning.getTime();
}

/** `07:00`, and with its day when it is a day or more away: `Thu 8 Jan 07:00`. Null: that time is over. */
export function untilInWords(untilMs: number, nowMs: number): string | null {
	if (untilMs <= nowMs) return null;
	const until = new Date(untilMs);
	if (Number.isNaN(until.getTime())) return "further notice";
	const time = until.toLocaleTimeString("en-GB", {
		hour: "2-digit",
		minute: "2-digit",
	});
	// Within a day there is one such time only.
	if (untilMs - nowMs < 24 * 60 * MINUTE_MS) return time;
	return `${until.toLocaleDateString("en-GB", { weekday: "short", day: "numeric", month: "short" })} ${time}`;
}
