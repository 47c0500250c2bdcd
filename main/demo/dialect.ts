// How agents of different ages differ on the wire (02-AGENT-PROTOCOL), as one table that the rest of the demo asks.
// Holds spellings and versions only; who says what when is decided elsewhere.
import type { Seeded } from "./seeded.ts";

export const DIALECTS = ["new", "old", "stub", "extended"] as const;
/** new: 2.5 with the job scheduler; old: the last JobManager; stub: before the live stream; extended: new with every extension. */
export type Dialect = (typeof DIALECTS)[number];

export const EXTENSIONS = [
	"events.v1",
	"longpoll.v1",
	"challenge.v1",
	"parent.v1",
] as const;
/** What an agent may offer beyond the plain protocol (03-BEHAVIOUR section 6). */
export type Extension = (typeof EXTENSIONS)[number];

/** How an agent writes a moment. `digits`: fraction digits, or one of several by chance. */
export interface TimestampStyle {
	readonly zone: "Z" | "+00:00";
	readonly digits: readonly number[];
}

/** The states of an agent's job in the words of our own table; each dialect has its own spelling on each way. */
export type AgentState =
	| "pending"
	| "running"
	| "completed"
	| "failed"
	| "cancelled"
	| "timed_out";

/** States that end a job. */
export const ENDED: ReadonlySet<AgentState> = new Set<AgentState>([
	"completed",
	"failed",
	"cancelled",
	"timed_out",
]);

/** What is peculiar to a dialect. */
export interface DialectFacts {
	/** As `/health` tells it, with the prefixes and suffixes that real versions carry. */
	readonly version: string;
	readonly minTls: "TLSv1.2" | "TLSv1.3";
	/** Protocols of the listener, in its order of preference; null: no ALPN at all. */
	readonly alpn: readonly string[] | null;
	/** Whether `/ws/jobs` is a real WebSocket. */
	readonly live: boolean;
	readonly errorsInEvents: boolean;
	/** Progress told while running, in order. */
	readonly runningProgress: readonly number[];
	/** Whether `message` follows the job; newer agents keep the first one to the end. */
	readonly freshMessages: boolean;
	readonly timestamps: TimestampStyle;
	/** What a restart does to jobs that were open. */
	readonly afterRestart: "forgotten" | "AGENT_REBOOTED";
	readonly newHealthFields: boolean;
	readonly extensions: readonly Extension[];
}

const NEW: DialectFacts = {
	version: "2.5.5-1",
	minTls: "TLSv1.3",
	alpn: ["h2", "http/1.1"],
	live: true,
	errorsInEvents: true,
	runningProgress: [0],
	freshMessages: false,
	timestamps: { zone: "+00:00", digits: [9, 9, 9, 6, 3] },
	afterRestart: "AGENT_REBOOTED",
	newHealthFields: true,
	extensions: [],
};

const OLD: DialectFacts = {
	...NEW,
	version: "v2.0.1",
	minTls: "TLSv1.2",
	errorsInEvents: false,
	runningProgress: [10],
	freshMessages: true,
	timestamps: { zone: "Z", digits: [0, 1, 3, 6, 7, 9] },
	afterRestart: "forgotten",
	newHealthFields: false,
};

/** Every dialect's facts. */
export const DIALECT_FACTS: Readonly<Record<Dialect, DialectFacts>> = {
	new: NEW,
	old: OLD,
	stub: { ...OLD, version: "1.0.0", alpn: null, live: false },
	extended: { ...NEW, version: "2.5.5", extensions: EXTENSIONS },
};

/** Writes `epochMs` in a style; digits beyond the millisecond are made up. */
export function timestamp(
	epochMs: number,
	style: TimestampStyle,
	chance: Seeded,
): string {
	const whole = new Date(Math.floor(epochMs)).toISOString();
	const digits = chance.pick(style.digits);
	const made = String(chance.between(0, 999_999)).padStart(6, "0");
	const fraction = `${whole.slice(20, 23)}${made}`.slice(0, digits);
	return `${whole.slice(0, 19)}${digits > 0 ? `.${fraction}` : ""}${style.zone}`;
}

/** The word for a state over REST: `timedout` (02-AGENT-PROTOCOL section 1.5). */
export const restWord = (state: AgentState): string =>
	state === "timed_out" ? "timedout" : state;
