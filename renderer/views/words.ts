// How the product's states are said and drawn: one word, one sign and one tone for each, the same on every screen.
import type {
	Channel,
	Counts,
	Health,
	Host,
	HostRun,
	JobState,
	Origin,
	RunState,
	Source,
} from "../../shared/model.ts";
import { unknownWordRemark } from "../../shared/model.ts";
import { visible } from "../../shared/visibleText.ts";
import { span } from "../store/age.ts";
import type { Ground } from "../ui/Badge.tsx";
import type { Shape, Tone } from "../ui/Glyph.tsx";
import type { Segment } from "../ui/SegmentBar.tsx";

export interface Sign {
	readonly words: string;
	readonly shape: Shape;
	readonly tone: Tone;
}

const sign = (words: string, shape: Shape, tone: Tone): Sign => ({
	words,
	shape,
	tone,
});

export const RUN_SIGNS: Record<RunState, Sign> = {
	succeeded: sign("succeeded", "check", "succeeded"),
	failed: sign("failed", "cross", "failed"),
	timed_out: sign("timed out", "clock", "timedOut"),
	lost: sign("lost", "slashed", "lost"),
	cancelled: sign("cancelled", "barred", "cancelled"),
	unknown: sign("unknown", "question", "unknown"),
	running: sign("running", "half", "running"),
	queued: sign("queued", "ring", "queued"),
};

/** The order of bars and count buttons. */
export const COUNT_ORDER: readonly RunState[] = [
	"succeeded",
	"failed",
	"timed_out",
	"lost",
	"cancelled",
	"unknown",
	"running",
	"queued",
];

/** The order of counts in words: what needs a look comes first. */
const WORDS_ORDER: readonly RunState[] = [
	"failed",
	"timed_out",
	"lost",
	"unknown",
	"running",
	"queued",
	"cancelled",
	"succeeded",
];

export const JOB_SIGNS: Record<JobState, Sign> = {
	queued: RUN_SIGNS.queued,
	running: RUN_SIGNS.running,
	succeeded: RUN_SIGNS.succeeded,
	cancelled: RUN_SIGNS.cancelled,
	failed: RUN_SIGNS.failed,
};

export const ORIGIN_WORDS: Record<Origin, { words: string; why: string }> = {
	ours: { words: "started here", why: "Foredeck started this job." },
	parent: {
		words: "told by agents",
		why: "The agents say that these runs belong together.",
	},
	observed: {
		words: "observed",
		why: "Same operation and packages, started within two minutes of each other: Foredeck takes these runs for one job.",
	},
};

export const CHANNEL_SIGNS: Record<Channel, Sign & { ground: Ground }> = {
	live: { ...sign("live", "dot", "succeeded"), ground: "none" },
	polling: { ...sign("polling", "cycle", "warning"), ground: "warning" },
	connecting: { ...sign("connecting", "dashed", "running"), ground: "info" },
	reconnecting: {
		...sign("reconnecting", "dashed", "warning"),
		ground: "warning",
	},
	blocked: { ...sign("blocked", "stop", "failed"), ground: "bad" },
	offline: { ...sign("offline", "slashed", "neutral"), ground: "neutral" },
	paused: { ...sign("paused", "pause", "neutral"), ground: "neutral" },
};

export const CHANNEL_MEANINGS: Record<Channel, string> = {
	live: "The socket is open and the agent is heard from.",
	polling: "The socket is not possible now; Foredeck asks over HTTPS.",
	connecting: "Foredeck is dialing the agent.",
	reconnecting: "The connection was lost; Foredeck tries again.",
	blocked: "Trying again cannot help; somebody must act.",
	offline: "This computer has no network.",
	paused: "Paused by a person.",
};

export const HEALTH_SIGNS: Record<Health["kind"], Sign> = {
	healthy: sign("healthy", "check", "succeeded"),
	degraded: sign("degraded", "dots", "warning"),
	unreachable: sign("unreachable", "cross", "failed"),
	never_seen: sign("never seen", "question", "neutral"),
};

export const SOURCE_WORDS: Record<Source, string> = {
	push: "told by the agent",
	poll: "asked",
	longpoll: "asked, long poll",
	reconcile: "read again",
};

/** Counts above zero in words, what needs a look first: `2 failed · 6 running · 41 succeeded`. */
export const countsInWords = (counts: Counts): string =>
	wordedCounts(counts)
		.map(({ count, words }) => `${count} ${words}`)
		.join(" · ");

export const wordedCounts = (
	counts: Counts,
): readonly { state: RunState; count: number; words: string }[] =>
	WORDS_ORDER.filter((state) => counts[state] > 0).map((state) => ({
		state,
		count: counts[state],
		words: RUN_SIGNS[state].words,
	}));

export const segmentsOf = (counts: Counts): readonly Segment[] =>
	COUNT_ORDER.map((state) => ({
		tone: RUN_SIGNS[state].tone,
		count: counts[state],
	}));

/** Hosts whose run has ended, one way or another. */
export const endedCount = (counts: Counts): number =>
	counts.host - counts.queued - counts.running - counts.unknown;

export const needsALook = (counts: Counts): boolean =>
	counts.failed + counts.timed_out + counts.lost > 0;

/**
 * Agents leave the message of a job's making standing to its end; on a run that has begun it says nothing true.
 * @param message as the agent sent it.
 */
const stale = (message: string, state: RunState): boolean =>
	state !== "queued" && /^job (created|started|queued)$/i.test(message.trim());

/** What the agent says of a run beside its state; empty when that is nothing, or no longer true. */
export const saying = (message: string, state: RunState): string =>
	stale(message, state) ? "" : message;

/** The root of a cause chain: what a person looks for, where one line must do. */
export function rootCause(error: string): string {
	const lines = error
		.split("\n")
		.map((line) => line.trim())
		.filter((line) => line !== "" && !/^caused by:?$/i.test(line));
	return lines.at(-1) ?? error;
}

/** One line about a run: the root of its error, else our remark, else what its error code means, else what the agent says. */
export function runLine(run: HostRun): string {
	if (run.error !== null) return rootCause(run.error);
	const meant = run.errorCode === null ? null : ERROR_LABELS.get(run.errorCode);
	const told = run.remark ?? meant ?? saying(run.message, run.state);
	// The one bad state that nobody told: without words it would look as if there were nothing to know.
	return told === "" && run.state === "lost" ? LOST : told;
}

const LOST = "the agent no longer knows this run";

/** The state in words; the agent's own word where we do not know it, and progress where it says something. */
export function stateWords(run: HostRun): string {
	const { words } = RUN_SIGNS[run.state];
	if (
		run.state === "unknown" &&
		run.remark === unknownWordRemark(run.rawStatus)
	)
		return `${words} (${visible(run.rawStatus)})`;
	if (run.state === "running" && run.progress !== null && run.progress > 0)
		return `${words} ${Math.round(run.progress)} %`;
	return words;
}

/** What agents' error codes mean (02-AGENT-PROTOCOL section 1.7). A code that is not here is shown as it is. */
const ERROR_LABELS: ReadonlyMap<string, string> = new Map([
	["PKG_MANAGER_ERROR", "the package manager failed"],
	["COMMAND_NOT_FOUND", "a command is missing on the host"],
	["CACHE_REFRESH_ERROR", "the package lists could not be refreshed"],
	["NETWORK_ERROR", "the host could not reach its repositories"],
	["GPG_ERROR", "a signature could not be verified"],
	["PKG_NOT_FOUND", "a package does not exist there"],
	["DEPENDENCY_CONFLICT", "packages conflict with each other"],
	["PERMISSION_DENIED", "the agent lacked a permission"],
	["REBOOT_ERROR", "the reboot failed"],
	["TIMEOUT", "the agent gave up waiting"],
	["UNKNOWN_ERROR", "the agent does not know why"],
	["AGENT_REBOOTED", "the agent restarted in the middle"],
]);

/** An error code with what it means; one that we do not know, as the agent wrote it. */
export function errorCodeWords(code: string): string {
	const label = ERROR_LABELS.get(code);
	return label === undefined ? visible(code) : `${code}: ${label}`;
}

/** Said where an agent leaves something out: neither well nor never. */
export const NOT_REPORTED = "not reported";

/** Whether the host waits for a reboot; null: its agent does not say. */
export const rebootWords = (pending: boolean | null): string =>
	pending === null ? NOT_REPORTED : pending ? "pending" : "not needed";

/** The same under a column's head: what is well is quiet. */
export const rebootShort = (pending: boolean | null): string =>
	pending === false ? "no" : rebootWords(pending);

const DAY_S = 86_400;
/** How long the host is up; null: its agent does not say. */
export function uptimeWords(seconds: number | null): string {
	if (seconds === null) return NOT_REPORTED;
	return seconds < DAY_S
		? `${Math.floor(seconds / 3_600)} h ${Math.floor((seconds % 3_600) / 60)} m`
		: `${Math.floor(seconds / DAY_S)} d ${Math.floor((seconds % DAY_S) / 3_600)} h`;
}

/** Shown from 2 s, warned from 30 s: 03-BEHAVIOUR section 3. */
const SKEW_SHOWN_MS = 2_000;
const SKEW_WARNED_MS = 30_000;

/** How far the host's clock is off; null when it is right or not known. */
export function skewWords(skewMs: number | null): string | null {
	if (skewMs === null || Math.abs(skewMs) < SKEW_SHOWN_MS) return null;
	const seconds = Math.round(Math.abs(skewMs) / 1_000);
	const way = skewMs > 0 ? "ahead of" : "behind";
	const warning =
		Math.abs(skewMs) >= SKEW_WARNED_MS ? ": check the host’s time source" : "";
	return `${seconds} s ${way} ours${warning}`;
}

/** The same for a narrow column: `+12 s`, `in step`. */
export function skewShort(skewMs: number | null): string {
	if (skewMs === null) return NOT_REPORTED;
	if (Math.abs(skewMs) < SKEW_SHOWN_MS) return "in step";
	return `${skewMs > 0 ? "+" : "−"}${span(Math.abs(skewMs))}`;
}

/** Whether the host’s clock is so far off that it misleads. */
export const isSkewed = (skewMs: number | null): boolean =>
	skewMs !== null && Math.abs(skewMs) >= SKEW_WARNED_MS;

/** Why a host is not live and healthy, the channel's reason first, a clock that is far off last; empty when all is well. */
export function whyNot(host: Host): string {
	const reasons: string[] = [];
	if (host.link.sentence !== null) reasons.push(host.link.sentence);
	if (host.health.kind === "degraded") reasons.push(...host.health.reasons);
	if (host.skewMs !== null && Math.abs(host.skewMs) >= SKEW_WARNED_MS)
		reasons.push(`its clock is ${skewWords(host.skewMs)}`);
	return visible(reasons.join("; "));
}

export const hostsText = (count: number): string =>
	count === 1 ? "1 host" : `${count} hosts`;
