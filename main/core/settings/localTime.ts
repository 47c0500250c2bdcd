// A moment as the wall of this computer shows it, for the shells to hand to the rules of quiet hours; and by which zone.
import type { LocalTime } from "../../../shared/quietHours.ts";

/** `at`: epoch ms. In the zone of the process, with its summer time. */
export function localTime(at: number): LocalTime {
	const date = new Date(at);
	return {
		weekday: date.getDay(),
		minute: date.getHours() * 60 + date.getMinutes(),
	};
}

/** The zone of `localTime`, as the IANA names it. */
export const localZone = (): string =>
	Intl.DateTimeFormat().resolvedOptions().timeZone;
