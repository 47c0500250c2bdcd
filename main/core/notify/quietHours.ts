// Whether a person is to be left alone now: quiet hours by weekday and local time. Pure.

/** A span of local time. One that ends at or before its begin lasts into the next day. */
export interface QuietHours {
	/** Days on which it begins: 0 Sunday … 6 Saturday. */
	readonly days: readonly number[];
	/** Minutes after local midnight, 0 to 1439. */
	readonly fromMinute: number;
	readonly toMinute: number;
}

/** A moment as the person's wall shows it. */
export interface LocalTime {
	/** 0 Sunday … 6 Saturday. */
	readonly weekday: number;
	readonly minute: number;
}

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
