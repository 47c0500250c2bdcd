// Times on the screen: ages that tick, with the absolute time on hover.
import type { ReactElement } from "react";
import { age, fullTime, span, startedText, timeOfDay } from "../store/age.ts";
import { useNow, useView } from "./window.ts";

/** `12 s`, ticking. */
export function Age(props: {
	readonly at: number;
	readonly ago?: boolean;
}): ReactElement {
	const now = useNow();
	const utc = useView((view) => view.preferences.utc);
	return (
		<time
			dateTime={new Date(props.at).toISOString()}
			title={fullTime(props.at, utc)}
		>
			{age(props.at, now)}
			{props.ago && " ago"}
		</time>
	);
}

/** `03:02:11`; another day is named. */
export function Started(props: { readonly at: number }): ReactElement {
	const now = useNow();
	const utc = useView((view) => view.preferences.utc);
	return (
		<time
			dateTime={new Date(props.at).toISOString()}
			title={fullTime(props.at, utc)}
		>
			{startedText(props.at, now, utc)}
		</time>
	);
}

/** Always the time of day: for lists of one day's events. */
export function TimeOfDay(props: { readonly at: number }): ReactElement {
	const utc = useView((view) => view.preferences.utc);
	return (
		<time
			dateTime={new Date(props.at).toISOString()}
			title={fullTime(props.at, utc)}
		>
			{timeOfDay(props.at, utc)}
		</time>
	);
}

/** How long it took, or has taken so far. */
export function Duration(props: {
	readonly from: number;
	readonly to: number | null;
}): ReactElement {
	const now = useNow();
	return <time>{span((props.to ?? now) - props.from)}</time>;
}

/** Counts down through the whole second: `in 1 s` until the time has come. */
const CEILING_MS = 999;

/** `in 12 s`, or `now` when the time has come. */
export function Until(props: { readonly at: number }): ReactElement {
	const now = useNow();
	return (
		<time>
			{props.at <= now ? "now" : `in ${span(props.at - now + CEILING_MS)}`}
		</time>
	);
}
