// Quiet hours in words, and what the wall shows. Pure; `now` is an argument.
import type { LocalTime, QuietHours } from "../../shared/quietHours.ts";
import { isQuiet, nextChange } from "../../shared/quietHours.ts";
import { WEEKDAYS } from "../../shared/until.ts";

/** What the wall shows in a zone of the IANA; null, or one that this browser does not know: in the browser's own. */
export function localTimeOf(at: number, zone: string | null): LocalTime {
	const parts = partsIn(at, zone ?? undefined) ?? partsIn(at, undefined);
	const part = (type: Intl.DateTimeFormatPartTypes): string =>
		parts?.find((one) => one.type === type)?.value ?? "";
	return {
		weekday: (WEEKDAYS as readonly string[]).indexOf(part("weekday")),
		minute: Number(part("hour")) * 60 + Number(part("minute")),
	};
}

function partsIn(at: number, timeZone: string | undefined) {
	try {
		return new Intl.DateTimeFormat("en", {
			timeZone,
			weekday: "long",
			hour: "2-digit",
			minute: "2-digit",
			hourCycle: "h23",
		}).formatToParts(at);
	} catch {
		return null;
	}
}

/** What quiet hours mean now, as a sentence. */
export function quietSentence(
	spans: readonly QuietHours[],
	now: LocalTime,
): string {
	if (spans.length === 0) return "None: you are told at any hour.";
	const change = nextChange(spans, now);
	const isNow = isQuiet(spans, now);
	if (change === null) return "Quiet at every hour of the week.";
	const time = clockText(change.minute);
	const { daysAway, weekday } = change;
	if (isNow)
		return `Quiet now, until ${daysAway === 0 ? "" : `${dayWord(daysAway, weekday)} at `}${time}.`;
	return `Next: ${dayWord(daysAway, weekday)} at ${time}.`;
}

function dayWord(daysAway: number, weekday: number): string {
	if (daysAway === 0) return "today";
	if (daysAway === 1) return "tomorrow";
	const name = WEEKDAYS[weekday] ?? "";
	return daysAway >= 7 ? `${name} in a week` : name;
}

const clockText = (minute: number): string =>
	`${String(Math.floor(minute / 60)).padStart(2, "0")}:${String(minute % 60).padStart(2, "0")}`;

/** `22:00` of what a person types: `22:00`, `2200`, `9:05`, `7`. Null: not a time of day. */
export function typedTime(text: string): string | null {
	const found = /^(\d{1,2})(?:[:.]?(\d{2}))?$/.exec(text.trim());
	const [, hours, minutes = "0"] = found ?? [];
	if (hours === undefined) return null;
	return Number(hours) < 24 && Number(minutes) < 60
		? clockText(Number(hours) * 60 + Number(minutes))
		: null;
}
