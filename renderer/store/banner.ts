// Which one banner stands over the screens: the one that most changes what the rest means. Pure; the words are plain, times
// are left to whoever draws them.
import type { Fault } from "../../shared/fault.ts";
import type { CoreHealth } from "../../shared/model.ts";
import type { ChannelCounts, LastKnown } from "./replica.ts";
import type { CoreLine } from "./sync.ts";
import type { Address } from "./view.ts";

/** A sentence in parts: text, and times (epoch ms) that are drawn as a time of day. */
export type Sentence = readonly (string | { readonly at: number })[];

export type BannerAction =
	| { readonly do: "reload" }
	| { readonly do: "reconnect" }
	| { readonly do: "dismissCrash" }
	| { readonly do: "go"; readonly words: string; readonly to: Address };

export interface Banner {
	/** What it is about; the same banner keeps it while its numbers change. */
	readonly about:
		| "core"
		| "disagreement"
		| "offline"
		| "loss"
		| "fault"
		| "expired"
		| "crash"
		| "lastKnown"
		| "expiry";
	readonly tone: "info" | "warning" | "bad";
	readonly sentence: Sentence;
	/** Parts of it may be the fleet's or a file's text. */
	readonly isForeign?: boolean;
	readonly code: string | null;
	readonly nextStep: string;
	readonly action: BannerAction;
}

/** What the banner is chosen from. Times are the core's, epoch ms. */
export interface Seen {
	readonly line: CoreLine;
	/** Of the newest frame; 0: none came yet. */
	readonly frameAt: number;
	readonly disagreement: Fault | null;
	readonly fault: Pick<Fault, "code" | "sentence" | "nextStep"> | null;
	readonly channels: ChannelCounts;
	readonly lastKnown: LastKnown;
	readonly loss: CoreHealth["loss"];
	/** Null: not known yet. */
	readonly startedAt: number | null;
	readonly crashedAt: number | null;
	readonly expiry: {
		readonly tone: "bad" | "warning";
		readonly sentence: string;
		readonly isUrgent: boolean;
	} | null;
	readonly now: number;
}

/** Links that come back sooner were a hiccup, and hosts are mostly heard of within this: a banner that flashes is noise. */
const PATIENCE_MS = 3_000;
/** A single host that is switched off is the status bar's to say; beyond this share of the fleet it is about all that is shown. */
const SHARE = 0.2;

const hostsWith = (words: string, q: string): BannerAction => ({
	do: "go",
	words,
	to: { screen: "hosts", host: null, q },
});
const goTo = (
	screen: "identities" | "settings",
	words: string,
): BannerAction => ({ do: "go", words, to: { screen } });

/** Null: all is well. */
export function bannerOf(seen: Seen): Banner | null {
	for (const find of BY_PRIORITY) {
		const banner = find(seen);
		if (banner !== null) return banner;
	}
	return null;
}

function lostCore({ line, frameAt }: Seen): Banner | null {
	if (line.kind !== "closed") return null;
	const canWait = line.retryAt !== null;
	return {
		about: "core",
		tone: "bad",
		code: null,
		action: { do: canWait ? "reconnect" : "reload" },
		...(frameAt === 0
			? {
					sentence: ["The window cannot reach its core."],
					nextStep:
						"Check that Foredeck is running, and open the address that it printed: the address carries the permission.",
				}
			: {
					sentence: [
						"The window lost its core: what you see is from ",
						{ at: frameAt },
					],
					nextStep: canWait
						? "It reconnects by itself; nothing below is live until then."
						: "Reload the window.",
				}),
	};
}

function disagreed({ disagreement }: Seen): Banner | null {
	if (disagreement === null) return null;
	const { code, sentence, evidence } = disagreement;
	return {
		about: "disagreement",
		tone: "bad",
		isForeign: true,
		sentence: [
			code === "contract.mismatch"
				? sentence
				: `core and window disagree: ${sentence}`,
		],
		code,
		nextStep: [
			"What you see no longer changes. Reload the window; if it repeats, report it with both versions.",
			...(evidence?.notes ?? []),
		].join(" "),
		action: { do: "reload" },
	};
}

const total = (channels: ChannelCounts): number =>
	Object.values(channels).reduce((sum, count) => sum + count, 0);

function laptopOffline({ channels, lastKnown }: Seen): Banner | null {
	const { offline, paused } = channels;
	if (offline === 0 || offline + paused < total(channels)) return null;
	return {
		about: "offline",
		tone: "warning",
		sentence:
			lastKnown.hosts > 0
				? [
						"This computer has no network: what you see is as of ",
						{ at: lastKnown.asOf },
					]
				: ["This computer has no network: nothing below is live"],
		code: "net.offline",
		nextStep:
			"Check the cable, the Wi-Fi or the VPN. Foredeck connects by itself as soon as there is a network; the history can be searched meanwhile.",
		action: hostsWith(
			offline === 1 ? "Show the host" : `Show ${offline} hosts`,
			"channel:offline",
		),
	};
}

function fleetLoss({ loss, now }: Seen): Banner | null {
	if (loss === undefined || now - loss.at < PATIENCE_MS) return null;
	return {
		about: "loss",
		tone: "warning",
		sentence: [
			`${loss.away} of ${loss.hosts} links dropped at `,
			{ at: loss.at },
			": probably your network",
		],
		code: null,
		nextStep:
			"Foredeck reconnects by itself. What ran there is unknown until its host is heard of again.",
		action: hostsWith("Show who is away", "!channel:live !channel:polling"),
	};
}

function actionOf({ code }: Pick<Fault, "code">): BannerAction {
	if (/^(settings|history)\./.test(code)) return goTo("settings", "Settings");
	if (/^fleet\./.test(code)) return hostsWith("Hosts", "");
	return goTo("identities", "Identities");
}

function faultOf({ fault }: Seen): Banner | null {
	if (fault === null) return null;
	return {
		about: "fault",
		tone: "warning",
		isForeign: true,
		sentence: [fault.sentence],
		code: fault.code,
		nextStep: fault.nextStep,
		action: actionOf(fault),
	};
}
/** Those that change what is seen come before those that only cost convenience. */
const isMinor = ({ fault }: Seen): boolean =>
	/^(settings|history)\./.test(fault?.code ?? "");
const graveFault = (seen: Seen): Banner | null =>
	isMinor(seen) ? null : faultOf(seen);

const expiring =
	(tone: "bad" | "warning") =>
	({ expiry }: Seen): Banner | null => {
		if (expiry === null || !expiry.isUrgent || expiry.tone !== tone)
			return null;
		return {
			about: tone === "bad" ? "expired" : "expiry",
			tone,
			sentence: [expiry.sentence],
			code: tone === "bad" ? "tls.client-expired" : null,
			nextStep: "Import a renewed certificate; new connections use it at once.",
			action: goTo("identities", "Identities"),
		};
	};

function crashed({ crashedAt }: Seen): Banner | null {
	if (crashedAt === null) return null;
	return {
		about: "crash",
		tone: "warning",
		sentence: ["The window crashed and was reloaded at ", { at: crashedAt }],
		code: null,
		nextStep:
			"The links to your hosts went on meanwhile. If it repeats, report what you did.",
		action: { do: "dismissCrash" },
	};
}

function formerState(seen: Seen): Banner | null {
	const { lastKnown, channels, startedAt, now } = seen;
	const { hosts, asOf } = lastKnown;
	if (hosts <= total(channels) * SHARE) return null;
	if (startedAt === null || now - startedAt < PATIENCE_MS) return null;
	return {
		about: "lastKnown",
		tone: "info",
		sentence: [
			`${hosts} of ${total(channels)} hosts are shown as of `,
			{ at: asOf },
			", before Foredeck was closed",
		],
		code: null,
		nextStep:
			"Nothing was heard of them since. Each becomes live as soon as it answers; the history can be searched meanwhile.",
		action: hostsWith(
			hosts === 1 ? "Show the host" : `Show ${hosts} hosts`,
			"is:last-known",
		),
	};
}

const BY_PRIORITY: readonly ((seen: Seen) => Banner | null)[] = [
	lostCore,
	disagreed,
	laptopOffline,
	fleetLoss,
	graveFault,
	expiring("bad"),
	crashed,
	formerState,
	expiring("warning"),
	faultOf,
];
