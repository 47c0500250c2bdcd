// What the tray is made of, read from the console once a second: one pass over the links and one over the jobs.
import type { Channel } from "../../shared/model.ts";
import { CHANNELS } from "../../shared/model.ts";
import { untilText } from "../../shared/until.ts";
import type { Console } from "../core/console.ts";
import { isLost } from "../core/fleet/fleet.ts";
import { failuresIn } from "../core/notify/note.ts";
import type { TrayFacts, TrayJob, TrayProfile } from "./trayModel.ts";

/** A link that comes back within this is no news, as for notifications (03-BEHAVIOUR section 5). */
export const HICCUP_MS = 60_000;

/** As much of the console as is read. */
export type TrayConsole = Pick<
	Console,
	| "fleetName"
	| "fleet"
	| "book"
	| "unreadFailures"
	| "identityExpiresAt"
	| "settings"
>;

/** @param nowMs wall time, epoch ms. */
export function trayFacts(
	console: TrayConsole,
	platform: NodeJS.Platform,
	nowMs: number,
): TrayFacts {
	const profile = profileOf(console, nowMs);
	const { mutedUntil } = console.settings.current.notifications;
	return {
		platform,
		profiles: [profile],
		jobs: runningJobs(console),
		mutedUntil: mutedUntil > nowMs ? untilText(mutedUntil, nowMs, false) : null,
		reconnectable: CHANNELS.filter(isLost).reduce(
			(sum, channel) => sum + profile.channels[channel],
			0,
		),
	};
}

function profileOf(
	{ fleetName, fleet, unreadFailures, identityExpiresAt }: TrayConsole,
	nowMs: number,
): TrayProfile {
	const channels = Object.fromEntries(
		CHANNELS.map((channel) => [channel, 0]),
	) as Record<Channel, number>;
	let lasting = 0;
	for (const { link } of fleet.members()) {
		const { channel, sinceAt } = link.status;
		channels[channel] += 1;
		if (
			channel === "blocked" ||
			channel === "offline" ||
			(channel === "reconnecting" && nowMs - sinceAt > HICCUP_MS)
		)
			lasting += 1;
	}
	return {
		name: fleetName,
		channels,
		lasting,
		unreadFailures,
		identityExpired: identityExpiresAt !== null && identityExpiresAt <= nowMs,
	};
}

function runningJobs({ book }: TrayConsole): TrayJob[] {
	const jobs = [];
	for (const job of book.jobs.values())
		if (job.endedAt === null) jobs.push(job);
	return jobs
		.sort((a, b) => b.startedAt - a.startedAt)
		.map(({ id, label, operation, counts }) => ({
			id,
			label: label || operation,
			hosts: counts.host,
			ended: counts.host - counts.queued - counts.running - counts.unknown,
			failed: failuresIn(counts),
		}));
}
