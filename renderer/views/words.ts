// How the product's states are said and drawn: one word, one sign and one tone for each, the same on every screen.
import type {
	Channel,
	Counts,
	Health,
	HostRun,
	JobState,
	Origin,
	RunState,
	Source,
} from "../../shared/model.ts";
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

/** One line about a run: the root of its error, else our remark, else what the agent says. */
export const runLine = (run: HostRun): string =>
	run.error === null
		? (run.remark ?? saying(run.message, run.state))
		: rootCause(run.error);

export const hostsText = (count: number): string =>
	count === 1 ? "1 host" : `${count} hosts`;
