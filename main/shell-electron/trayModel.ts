// What the tray shows, as a value made of facts: icon, tooltip and menu. Pure and total; knows no Electron. The worst comes
// first everywhere, because a glance is all that a tray gets.
import type { Channel, JobId } from "../../shared/model.ts";
import { asLabel, asTooltip, counted, oneLine } from "./trayText.ts";

/** Named as the files under resources/tray. */
export const TRAY_ICONS = [
	"ok",
	"working",
	"attention",
	"degraded",
	"muted",
] as const;
export type TrayIcon = (typeof TRAY_ICONS)[number];

/** How one profile is. */
export interface TrayProfile {
	/** Words of others: from the fleet file. */
	readonly name: string;
	/** How many hosts are in each. */
	readonly channels: Readonly<Record<Channel, number>>;
	/** Hosts that cannot be reached for longer than a hiccup lasts. */
	readonly lasting: number;
	/** Failures in the inbox that nobody has read. */
	readonly unreadFailures: number;
	/** Our own certificate is over, and no host can be dialed with it. */
	readonly identityExpired: boolean;
}

/** One job that runs. */
export interface TrayJob {
	readonly id: JobId;
	/** Words of others: `patchapply · openssl`. */
	readonly label: string;
	readonly hosts: number;
	/** Hosts that are done with it, in whatever way. */
	readonly ended: number;
	readonly failed: number;
}

export interface TrayFacts {
	readonly platform: NodeJS.Platform;
	readonly profiles: readonly TrayProfile[];
	/** The newest first. */
	readonly jobs: readonly TrayJob[];
	/** Until when nothing is notified, in words of the person's clock ("07:00"); null: not muted. */
	readonly mutedUntil: string | null;
	/** Hosts that "Reconnect now" would try. */
	readonly reconnectable: number;
}

export const MUTES = ["halfHour", "hour", "morning"] as const;
export type Mute = (typeof MUTES)[number];

/** What a click asks for. */
export type TrayAction =
	| { readonly kind: "open" | "unmute" | "reconnect" | "quit" }
	| { readonly kind: "openJobs" | "openInbox" }
	| { readonly kind: "openJob"; readonly jobId: JobId }
	| { readonly kind: "mute"; readonly mute: Mute };

export type TrayItem =
	| { readonly kind: "line" }
	| {
			readonly kind: "item";
			readonly label: string;
			/** Null: it cannot be chosen now. */
			readonly action: TrayAction | null;
	  }
	| {
			readonly kind: "submenu";
			readonly label: string;
			readonly items: readonly TrayItem[];
	  };

export interface TrayModel {
	readonly icon: TrayIcon;
	/** One line. */
	readonly tooltip: string;
	readonly items: readonly TrayItem[];
}

/** More do not fit on a small screen beside the rest of the menu. */
const JOBS_MOST = 8;
const PROFILES_MOST = 8;
const NAME_CHARACTERS = 32;
const LABEL_CHARACTERS = 48;
/** Windows keeps 127. */
export const TOOLTIP_CHARACTERS = 120;
/** As the badge of the inbox. */
const UNREAD_MOST = 99;

/** States without contact, the worst first. */
const LOST = ["blocked", "offline", "reconnecting"] as const;

const LINE: TrayItem = { kind: "line" };
const item = (label: string, action: TrayAction | null): TrayItem => ({
	kind: "item",
	label: asLabel(label),
	action,
});

export function trayModel(facts: TrayFacts): TrayModel {
	const profiles = facts.profiles.toSorted((a, b) => worse(b) - worse(a));
	return {
		icon: iconOf(facts),
		tooltip: tooltipOf(facts, profiles),
		items: [
			...profileItems(profiles),
			LINE,
			...jobItems(facts.jobs),
			...muteItems(facts.mutedUntil),
			item(
				facts.reconnectable > 0
					? `Reconnect now (${counted(facts.reconnectable, "host")})`
					: "Reconnect now",
				facts.reconnectable > 0 ? { kind: "reconnect" } : null,
			),
			LINE,
			item("Open Foredeck", { kind: "open" }),
			item("Quit Foredeck", { kind: "quit" }),
		],
	};
}

/**
 * What somebody must act on is shown whatever else is; that notifications are off comes next, because a person forgets it,
 * and a fleet that always misses a host somewhere would hide it.
 */
function iconOf({ profiles, jobs, mutedUntil }: TrayFacts): TrayIcon {
	if (profiles.some(needsAttention)) return "attention";
	if (mutedUntil !== null) return "muted";
	if (profiles.some(({ lasting }) => lasting > 0)) return "degraded";
	return jobs.length > 0 ? "working" : "ok";
}

const needsAttention = (one: TrayProfile): boolean =>
	one.unreadFailures > 0 || one.identityExpired;

/** For the order of profiles: the higher the worse. */
const worse = (one: TrayProfile): number =>
	needsAttention(one) ? 2 : one.lasting > 0 ? 1 : 0;

/** `identity expired, 2 failures unread, 3 of 50 hosts blocked`. */
function stateInWords({
	channels,
	unreadFailures,
	identityExpired,
}: TrayProfile): string {
	return [
		...(identityExpired ? ["identity expired"] : []),
		...(unreadFailures > 0 ? [unreadInWords(unreadFailures)] : []),
		linksInWords(channels),
	].join(", ");
}

const unreadInWords = (unread: number): string =>
	unread > UNREAD_MOST
		? `${UNREAD_MOST}+ failures unread`
		: `${counted(unread, "failure")} unread`;

function linksInWords(channels: TrayProfile["channels"]): string {
	const all = Object.values(channels).reduce((sum, one) => sum + one, 0);
	if (all === 0) return "no hosts yet";
	const [worst, ...others] = LOST.filter((channel) => channels[channel] > 0);
	if (worst !== undefined)
		return [
			`${channels[worst]} of ${counted(all, "host")} ${worst}`,
			...others.map((channel) => `${channels[channel]} ${channel}`),
		].join(", ");
	if (channels.connecting > 0)
		return `connecting to ${channels.connecting} of ${counted(all, "host")}`;
	const reached = channels.live + channels.polling;
	const paused = `${channels.paused} paused`;
	if (reached === 0) return `${counted(all, "host")} paused`;
	return `${counted(reached, "host")} connected${channels.paused > 0 ? `, ${paused}` : ""}`;
}

const nameOf = ({ name }: TrayProfile): string =>
	oneLine(name, NAME_CHARACTERS);

/** `prod: 50 hosts connected`; a fleet without a name, or no fleet, is Foredeck's own. */
const inWords = (one: TrayProfile): string =>
	`${nameOf(one) || "Foredeck"}: ${stateInWords(one)}`;

function tooltipOf(
	{ platform, jobs, mutedUntil }: TrayFacts,
	profiles: readonly TrayProfile[],
): string {
	const parts = [
		...(profiles.length === 0 ? ["Foredeck"] : profiles.map(inWords)),
		...(jobs.length > 0 ? [`${counted(jobs.length, "job")} running`] : []),
		...(mutedUntil === null ? [] : [`muted until ${mutedUntil}`]),
	];
	return asTooltip(oneLine(parts.join(" · "), TOOLTIP_CHARACTERS), platform);
}

/** The worst state of each profile. A click goes to what has to be read, else to the hosts. */
function profileItems(profiles: readonly TrayProfile[]): TrayItem[] {
	const more = profiles.length - PROFILES_MOST;
	return [
		...profiles
			.slice(0, PROFILES_MOST)
			.map((one) =>
				item(
					inWords(one),
					one.unreadFailures > 0 ? { kind: "openInbox" } : { kind: "open" },
				),
			),
		...(more > 0
			? [item(`and ${counted(more, "more profile")}`, { kind: "open" })]
			: []),
	];
}

/** Each job that runs as one line that opens it; nothing at all when none runs. */
function jobItems(jobs: readonly TrayJob[]): TrayItem[] {
	if (jobs.length === 0) return [];
	const more = jobs.length - JOBS_MOST;
	return [
		...jobs
			.slice(0, JOBS_MOST)
			.map((job) => item(jobInWords(job), { kind: "openJob", jobId: job.id })),
		...(more > 0 ? [item(`and ${more} more`, { kind: "openJobs" })] : []),
		LINE,
	];
}

/** `patchapply · openssl  41/50, 2 failed`. */
function jobInWords({ label, ended, hosts, failed }: TrayJob): string {
	const failures = failed > 0 ? `, ${failed} failed` : "";
	return `${oneLine(label, LABEL_CHARACTERS) || "job"}  ${ended}/${hosts}${failures}`;
}

function muteItems(mutedUntil: string | null): TrayItem[] {
	if (mutedUntil !== null)
		return [item(`Unmute (muted until ${mutedUntil})`, { kind: "unmute" })];
	const mute = (label: string, one: Mute): TrayItem =>
		item(label, { kind: "mute", mute: one });
	return [
		{
			kind: "submenu",
			label: "Mute notifications",
			items: [
				mute("30 minutes", "halfHour"),
				mute("1 hour", "hour"),
				mute("Until morning", "morning"),
			],
		},
	];
}
