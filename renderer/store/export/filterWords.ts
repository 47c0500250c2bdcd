// The filter of a screen as a person would type it, with what is chosen by buttons beside the box. Pure.
import type { Address } from "../view.ts";
import { isoTime } from "./listing.ts";

type JobAddress = Extract<Address, { screen: "job" }>;
type ActivityAddress = Extract<Address, { screen: "activity" }>;

const joined = (parts: readonly string[]): string =>
	parts.filter((part) => part !== "").join(" ");

/** State and text of a job's hosts, and the time in which they ended (`ended:FROM/TO`, which is chosen on the timeline). */
export const runFilter = (
	{ q, state, ended }: Pick<JobAddress, "q" | "state" | "ended">,
	utc: boolean,
): string =>
	joined([
		state === null ? "" : `is:${state.replaceAll("_", "-")}`,
		q.trim(),
		ended === undefined
			? ""
			: `ended:${isoTime(ended.from, utc)}/${isoTime(ended.to, utc)}`,
	]);

/** Kind and text of the activity. */
export const activityFilter = ({
	q,
	kind,
}: Pick<ActivityAddress, "q" | "kind">): string =>
	joined([kind === null ? "" : `is:${kind}`, q.trim()]);
