// The one vocabulary that every dialect of the agents becomes. Only types: `decode.ts` makes these of bytes, the rest of
// the core speaks nothing else. Where an agent left something out it is null here, never a guess.
import type { AgentJobId, RunState } from "../../../shared/model.ts";

/** What an agent's WebSocket says (02-AGENT-PROTOCOL section 2.3, 03-BEHAVIOUR section 6). */
export type AgentMessage =
	| { readonly kind: "connected"; readonly at: number | null }
	| { readonly kind: "run"; readonly event: RunEvent }
	/** subscribed, unsubscribed. */
	| { readonly kind: "acknowledged"; readonly word: string }
	| { readonly kind: "complained"; readonly message: string }
	| { readonly kind: "challenge"; readonly nonce: string }
	| { readonly kind: "authOk" }
	| { readonly kind: "authFailed"; readonly reason: string }
	/** A well-formed message with a word we do not know: counted, otherwise ignored. */
	| { readonly kind: "unknown"; readonly word: string };

/** One change of one run as it was pushed, or as it stands in an event log (`events.v1`). */
export interface RunEvent {
	readonly agentJobId: AgentJobId;
	readonly state: RunState;
	readonly rawStatus: string;
	readonly progress: number | null;
	readonly message: string;
	readonly error: string | null;
	readonly errorCode: string | null;
	/** Emit time by the agent's clock, as sent, for people; nothing is ordered by it. */
	readonly atText: string | null;
	/** events.v1: position in the agent's log, and the life of that log. */
	readonly seq: number | null;
	readonly epoch: string | null;
	/** parent.v1. */
	readonly parentJobId: string | null;
	readonly parentLabel: string | null;
}

/** A run as `GET /jobs` lists it. */
export interface JobSummary {
	readonly agentJobId: AgentJobId;
	readonly state: RunState;
	readonly rawStatus: string;
	/** Lower case, underscores stripped. */
	readonly operation: string;
	readonly packages: readonly string[];
	readonly createdAt: number | null;
	readonly completedAt: number | null;
	readonly errorCode: string | null;
	readonly parentJobId: string | null;
	readonly parentLabel: string | null;
}

/** A run as `GET /jobs/{id}` tells it. */
export interface JobDetail extends JobSummary {
	readonly progress: number | null;
	readonly message: string;
	readonly error: string | null;
	readonly exitCode: number | null;
	readonly logs: readonly string[];
	readonly stdout: string;
	readonly stderr: string;
	/** Characters left out of logs, stdout and stderr to stay within bounds. */
	readonly leftOut: number;
}

/** `GET /health`, every version. */
export interface AgentHealth {
	readonly degraded: boolean;
	/** Why, in words, from the fields that tell it; empty when healthy or when the agent does not say. */
	readonly reasons: readonly string[];
	/** Of the HOST since its boot, not of the agent. */
	readonly uptimeSeconds: number | null;
	/** Normalised: no `v` prefix, no Debian revision. */
	readonly version: string | null;
	readonly extensions: readonly string[];
}

/** `GET /system/info`. */
export interface SystemFacts {
	readonly hostname: string | null;
	readonly os: string | null;
	readonly pendingReboot: boolean | null;
}

/** A page of an `events.v1` log. */
export interface EventPage {
	readonly events: readonly RunEvent[];
	/** Events that could not be read and were left out. */
	readonly broken: number;
	readonly next: number;
	readonly oldest: number;
	readonly epoch: string;
}

/** A list where a broken row was left out instead of losing the whole (M18). */
export interface JobPage {
	readonly jobs: readonly JobSummary[];
	/** Rows that could not be read. */
	readonly broken: number;
	/** Rows the agent sent, broken ones included: below the limit we asked for, the list is complete. */
	readonly rows: number;
}
