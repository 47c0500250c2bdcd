// The live one-line summary of a console in a terminal, and the final words about a job. Pure.
import type { Activity, Channel, Counts, Job } from "../../shared/model.ts";
import { CHANNELS } from "../../shared/model.ts";
import { printable } from "../core/transport/failure.ts";

/** Longest label that is printed, in characters. */
const LABEL_CHARACTERS = 300;

/** Labels are the fleet's text: nothing in one may move the cursor, begin a line or turn the direction of writing. */
const labelText = ({ label }: Job): string =>
	printable(label, LABEL_CHARACTERS);

const COUNT_WORDS = [
	["succeeded", "succeeded"],
	["failed", "failed"],
	["timed_out", "timed out"],
	["lost", "lost"],
	["cancelled", "cancelled"],
	["unknown", "unknown"],
	["running", "running"],
	["queued", "queued"],
] as const satisfies readonly (readonly [keyof Counts, string])[];

/** `41 succeeded · 2 failed · 6 running of 50`; counts of nothing are left out. */
export function countsText(counts: Counts): string {
	const parts = COUNT_WORDS.filter(([name]) => counts[name] > 0).map(
		([name, word]) => `${counts[name]} ${word}`,
	);
	return `${parts.join(" · ") || "nothing yet"} of ${counts.host}`;
}

/** `47 live · 2 polling · 1 blocked`. */
export function channelsText(
	channels: Readonly<Record<Channel, number>>,
): string {
	const parts = CHANNELS.filter((channel) => channels[channel] > 0).map(
		(channel) => `${channels[channel]} ${channel}`,
	);
	return parts.join(" · ") || "no hosts";
}

/** The line that is redrawn: links, then the newest open job or else the newest one. */
export function summaryText(
	channels: Readonly<Record<Channel, number>>,
	jobs: Iterable<Job>,
): string {
	let shown: Job | null = null;
	for (const job of jobs) {
		if (
			shown === null ||
			rank(job) > rank(shown) ||
			(rank(job) === rank(shown) && job.startedAt >= shown.startedAt)
		)
			shown = job;
	}
	const links = channelsText(channels);
	return shown === null
		? `${links} — no jobs yet`
		: `${links} — ${labelText(shown)}: ${countsText(shown.counts)}`;
}

const rank = (job: Job): number => (job.endedAt === null ? 1 : 0);

/** `6 m 12 s`, `45 s`, `2 h 3 m`. */
export function durationText(ms: number): string {
	const seconds = Math.max(0, Math.round(ms / 1_000));
	if (seconds < 60) return `${seconds} s`;
	if (seconds < 3_600) return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
	return `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} m`;
}

/** `web-01: overdue: still running 75 min after it began; …`. */
export const overdueText = (
	event: Extract<Activity, { kind: "overdue" }>,
): string => printable(`${event.hostId}: ${event.sentence}`, LABEL_CHARACTERS);

/** `patchapply · openssl: 48 succeeded · 2 failed of 50 · 45 s`. */
export function jobEndText(job: Job): string {
	const took =
		job.endedAt === null
			? ""
			: ` · ${durationText(job.endedAt - job.startedAt)}`;
	return `${labelText(job)}: ${countsText(job.counts)}${took}`;
}
