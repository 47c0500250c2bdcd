// When a person is to be left alone: quiet hours by weekday and local time. Pure; what the local time is, is an argument.

export interface QuietHours {
	/** Days on which it begins: 0 Sunday … 6 Saturday. */
	readonly days: readonly number[];
	/** Minutes after local midnight, 0 to 1439. One that ends at or before its begin lasts into the next day. */
	readonly fromMinute: number;
	readonly toMinute: number;
}

/** A moment as the person's wall shows it. */
export interface LocalTime {
	/** 0 Sunday … 6 Saturday. */
	readonly weekday: number;
	readonly minute: number;
}

const DAY_MINUTES = 24 * 60;
const WEEK_MINUTES = 7 * DAY_MINUTES;

/** Whether `now` lies in one of the spans; the begin belongs to a span, the end does not. */
export const isQuiet = (
	spans: readonly QuietHours[],
	{ weekday, minute }: LocalTime,
): boolean =>
	spans.some(({ days, fromMinute, toMinute }) => {
		if (fromMinute < toMinute)
			return (
				days.includes(weekday) && minute >= fromMinute && minute < toMinute
			);
		const yesterday = (weekday + 6) % 7;
		return (
			(days.includes(weekday) && minute >= fromMinute) ||
			(days.includes(yesterday) && minute < toMinute)
		);
	});

/** When it becomes quiet next, or ceases to be; null when neither ever happens. Within a week, as `LocalTime` is. */
export function nextChange(
	spans: readonly QuietHours[],
	now: LocalTime,
): (LocalTime & { readonly daysAway: number }) | null {
	const start = now.weekday * DAY_MINUTES + now.minute;
	const edges = spans.flatMap(({ days, fromMinute, toMinute }) =>
		days.flatMap((day) => {
			const lastsMinutes =
				(toMinute - fromMinute + DAY_MINUTES) % DAY_MINUTES || DAY_MINUTES;
			const from = day * DAY_MINUTES + fromMinute;
			return [from, from + lastsMinutes];
		}),
	);
	const ahead = edges
		.map((edge) => (edge - start + 2 * WEEK_MINUTES) % WEEK_MINUTES)
		.map((away) => away || WEEK_MINUTES)
		.sort((a, b) => a - b);
	const isQuietNow = isQuiet(spans, now);
	const away = ahead.find(
		(minutes) => isQuiet(spans, timeAt(start + minutes)) !== isQuietNow,
	);
	if (away === undefined) return null;
	return {
		...timeAt(start + away),
		daysAway: Math.floor((now.minute + away) / DAY_MINUTES),
	};
}

const timeAt = (minutes: number): LocalTime => ({
	weekday: Math.floor(minutes / DAY_MINUTES) % 7,
	minute: minutes % DAY_MINUTES,
});
