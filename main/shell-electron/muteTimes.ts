// Until when a person mutes from the tray.
import { nextMorning } from "../../shared/until.ts";
import type { Mute } from "./trayModel.ts";

const MINUTE_MS = 60_000;

/** Epoch ms. `morning`: the next 7 o'clock of this computer's zone, with its summer time. */
export function muteUntil(mute: Mute, nowMs: number): number {
	if (mute === "halfHour") return nowMs + 30 * MINUTE_MS;
	if (mute === "hour") return nowMs + 60 * MINUTE_MS;
	return nextMorning(nowMs);
}
