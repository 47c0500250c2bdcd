// The nouns of the product, as schemas from which their types are inferred: what the core holds, what crosses to the
// window and what the window shows are the same shapes. Names ending in `At` are wall time, epoch milliseconds.
import { z } from "zod";
import { FAULT_CODES } from "./fault.ts";

/** Names a host: the `id` of the fleet file; unique in a fleet. */
export type HostId = string & { readonly __brand: "HostId" };
/** Names a job across hosts, derived or given by Foredeck; begins with `j-`. */
export type JobId = string & { readonly __brand: "JobId" };
/** What an agent calls one of its jobs: unique on that host only. */
export type AgentJobId = string & { readonly __brand: "AgentJobId" };
/** Names a host run in maps: `hostId/agentJobId`. Agent job ids hold no slash. */
export type RunKey = string & { readonly __brand: "RunKey" };

export const hostId = (text: string): HostId => text as HostId;
export const jobId = (text: string): JobId => text as JobId;
export const agentJobId = (text: string): AgentJobId => text as AgentJobId;
export const runKey = (host: HostId, run: AgentJobId): RunKey =>
	`${host}/${run}` as RunKey;

const text = (max: number) => z.string().max(max);
const hostIdSchema = text(253) as unknown as z.ZodType<HostId>;
const jobIdSchema = text(128) as unknown as z.ZodType<JobId>;
const agentJobIdSchema = text(128) as unknown as z.ZodType<AgentJobId>;
const runKeySchema = text(400) as unknown as z.ZodType<RunKey>;
const epochMs = z.number().nonnegative();
const count = z.int().nonnegative();

export const ids = {
	host: hostIdSchema,
	job: jobIdSchema,
	agentJob: agentJobIdSchema,
	run: runKeySchema,
};

/** How we are connected to an agent, as a person sees it (03-BEHAVIOUR section 2). Ours, never the host's own state. */
export const CHANNELS = [
	"live",
	"polling",
	"connecting",
	"reconnecting",
	"blocked",
	"offline",
	"paused",
] as const;
export type Channel = (typeof CHANNELS)[number];

/** State of one host run. `lost`: the agent no longer knows it. `unknown`: link lost while open, or a word we do not know. */
export const RUN_STATES = [
	"queued",
	"running",
	"succeeded",
	"failed",
	"cancelled",
	"timed_out",
	"lost",
	"unknown",
] as const;
export type RunState = (typeof RUN_STATES)[number];

/** States that may still change by themselves. A job runs while one of its runs is in one of these. */
export const OPEN_STATES: ReadonlySet<RunState> = new Set<RunState>([
	"queued",
	"running",
	"unknown",
]);
export const isOpen = (state: RunState): boolean => OPEN_STATES.has(state);

/** What is said beside a state that we have no word for: the agent's own. */
export const unknownWordRemark = (rawStatus: string): string =>
	`agent says “${rawStatus}”`;

export const JOB_STATES = [
	"queued",
	"running",
	"succeeded",
	"cancelled",
	"failed",
] as const;
export type JobState = (typeof JOB_STATES)[number];

/** By which way a fact reached us. */
export const SOURCES = ["push", "poll", "longpoll", "reconcile"] as const;
export type Source = (typeof SOURCES)[number];

export const linkStatusSchema = z.strictObject({
	channel: z.enum(CHANNELS),
	fault: z.enum(FAULT_CODES).nullable(),
	/** Why the channel is not `live`; null when it is. */
	sentence: text(1000).nullable(),
	nextStep: text(1000).nullable(),
	/** Attempts since the link was last settled; 0 when all is well. */
	attempt: count,
	/** When the channel last changed. */
	sinceAt: epochMs,
	/** When the next attempt is due; null when none is planned. */
	retryAt: epochMs.nullable(),
});
export type LinkStatus = z.infer<typeof linkStatusSchema>;

/** The host's own state, from the agent's health; never mixed with the channel. */
export const healthSchema = z.discriminatedUnion("kind", [
	z.strictObject({ kind: z.literal("never_seen") }),
	z.strictObject({ kind: z.literal("healthy"), sinceAt: epochMs }),
	z.strictObject({
		kind: z.literal("degraded"),
		sinceAt: epochMs,
		reasons: z.array(text(200)).max(20),
	}),
	z.strictObject({ kind: z.literal("unreachable"), sinceAt: epochMs }),
]);
export type Health = z.infer<typeof healthSchema>;

export const hostSchema = z.strictObject({
	id: hostIdSchema,
	address: text(253),
	port: z.int().min(1).max(65535),
	servername: text(253),
	labels: z.record(text(128), text(256)),
	link: linkStatusSchema,
	health: healthSchema,
	agentVersion: text(64).nullable(),
	extensions: z.array(text(64)).max(32),
	uptimeSeconds: z.number().nonnegative().nullable(),
	pendingReboot: z.boolean().nullable(),
	os: text(200).nullable(),
	/** Agent's clock minus ours, milliseconds; null while no answer told it. Shown from 2 s, warned from 30 s. */
	skewMs: z.number().nullable(),
	/** Last confirmed fact about this host (any frame, ping or answer), at a grain of some seconds; null: never. */
	heardAt: epochMs.nullable(),
	/** Nothing was heard of it since Foredeck started: what its row and its runs say is the last known state, as of `heardAt`. */
	lastKnown: z.literal(true).optional(),
	/** The host counts as stale when `heardAt` is older than this: 2 x the expected interval + 20 s. */
	staleAfterMs: z.number().positive(),
	/** Runs of this host that are queued, running or unknown. */
	openRuns: count,
});
export type Host = z.infer<typeof hostSchema>;

export const hostRunSchema = z.strictObject({
	hostId: hostIdSchema,
	agentJobId: agentJobIdSchema,
	jobId: jobIdSchema,
	state: z.enum(RUN_STATES),
	/** The agent's own word for the state, as it was sent. */
	rawStatus: text(64),
	/** Operation in the agents' spelling without underscores: install, update, remove, patchapply, reboot, selfupdate, rollback. */
	operation: text(64),
	packages: z.array(text(256)).max(2000),
	/** 0 to 100, or null; agents often send only 0 and 100, so it never decides a state. */
	progress: z.number().min(0).max(100).nullable(),
	message: text(4000),
	error: text(16_000).nullable(),
	errorCode: text(64).nullable(),
	exitCode: z.int().nullable(),
	/** By the agent's clock: for order within that host only. */
	createdAt: epochMs.nullable(),
	completedAt: epochMs.nullable(),
	/** By our clock: when we first saw the run, when its state last changed, and when it last showed any progress. */
	seenAt: epochMs,
	changedAt: epochMs,
	progressAt: epochMs,
	/** By our clock: when it began to run; of a run first seen running, when it was created. Null: it has not begun. */
	runningAt: epochMs.nullable(),
	/** By our clock: when its agent still called it running after the longest time that an operation may take; null: never. */
	overdueAt: epochMs.nullable(),
	source: z.enum(SOURCES),
	/** A word beside the state, e.g. "rebooted, agent back" or "link lost while running"; null when there is none. */
	remark: text(400).nullable(),
});
export type HostRun = z.infer<typeof hostRunSchema>;

/** Whether a run runs for longer than it may. Of one that has ended, or whose link is lost, that is not said. */
export const isOverdue = (run: Pick<HostRun, "state" | "overdueAt">): boolean =>
	run.state === "running" && run.overdueAt !== null;

/** The nine counts of a job. The eight by state always add up to `host`. */
export const countsSchema = z.strictObject({
	host: count,
	queued: count,
	running: count,
	succeeded: count,
	failed: count,
	cancelled: count,
	timed_out: count,
	lost: count,
	unknown: count,
});
export type Counts = z.infer<typeof countsSchema>;

/** How we know that runs belong together: we started them, agents named a parent, or we saw that they match. */
export const ORIGINS = ["ours", "parent", "observed"] as const;
export type Origin = (typeof ORIGINS)[number];

export const jobSchema = z.strictObject({
	id: jobIdSchema,
	label: text(300),
	origin: z.enum(ORIGINS),
	operation: text(64),
	packages: z.array(text(256)).max(2000),
	status: z.enum(JOB_STATES),
	counts: countsSchema,
	/** By our clock (agents' times are corrected by their skew): start of the first run, end of the last; null while open. */
	startedAt: epochMs,
	endedAt: epochMs.nullable(),
	progressAt: epochMs,
});
export type Job = z.infer<typeof jobSchema>;

const eventBase = {
	/** Counts up by one for each event of this core's life; the order of the activity list. */
	n: count,
	receivedAt: epochMs,
};
/** One line of the activity list: a host run's state changed, a job's own state or counts changed, a host run is overdue, or we know that we missed something. */
export const activitySchema = z.discriminatedUnion("kind", [
	z.strictObject({
		kind: z.literal("host"),
		...eventBase,
		jobId: jobIdSchema,
		hostId: hostIdSchema,
		agentJobId: agentJobIdSchema,
		status: z.enum(RUN_STATES),
		rawStatus: text(64),
		message: text(4000),
		error: text(16_000).nullable(),
		errorCode: text(64).nullable(),
		/** By the agent's clock, as ISO 8601; null when it told none. */
		at: text(64).nullable(),
		source: z.enum(SOURCES),
	}),
	z.strictObject({
		kind: z.literal("job"),
		...eventBase,
		jobId: jobIdSchema,
		status: z.enum(JOB_STATES),
		origin: z.enum(ORIGINS),
		label: text(300),
		counts: countsSchema,
		source: z.enum(SOURCES),
	}),
	z.strictObject({
		/** Told once in a run's life, without a change of its state. */
		kind: z.literal("overdue"),
		...eventBase,
		jobId: jobIdSchema,
		hostId: hostIdSchema,
		agentJobId: agentJobIdSchema,
		sentence: text(400),
	}),
	z.strictObject({
		kind: z.literal("gap"),
		...eventBase,
		hostId: hostIdSchema.nullable(),
		/** Why we missed something, where that has a name: the agent restarted. */
		fault: z.enum(FAULT_CODES).optional(),
		sentence: text(400),
	}),
]);
export type Activity = z.infer<typeof activitySchema>;
export type HostEvent = Extract<Activity, { kind: "host" }>;
export type JobEvent = Extract<Activity, { kind: "job" }>;

/** One past change of a host's channel, for the host panel. */
export const linkTransitionSchema = z.strictObject({
	at: epochMs,
	from: z.enum(CHANNELS),
	to: z.enum(CHANNELS),
	fault: z.enum(FAULT_CODES).nullable(),
	sentence: text(1000).nullable(),
});
export type LinkTransition = z.infer<typeof linkTransitionSchema>;

/** A core's vital signs, about once a second. */
export const coreHealthSchema = z.strictObject({
	at: epochMs,
	loopLagMs: z.number().nonnegative(),
	eventsPerSecond: z.number().nonnegative(),
	/** Handshakes in flight and waiting at the dial gate. */
	dialing: count,
	queued: count,
	/** Links that dropped together and have not healed, so probably the network: how many are still away, when they dropped, and of how many hosts. */
	loss: z.strictObject({ at: epochMs, away: count, hosts: count }).optional(),
});
export type CoreHealth = z.infer<typeof coreHealthSchema>;
