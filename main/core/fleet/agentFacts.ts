// What is known of an agent beside its runs, as its health, its system information and its answers told it.
import type { Fault } from "../../../shared/fault.ts";
import type { Health } from "../../../shared/model.ts";
import type { AgentHealth } from "../agentApi/message.ts";
import type { KeptHost } from "../history/kept.ts";

/** Everything null is not known yet, unless said otherwise. */
export interface AgentFacts {
	readonly health: Health;
	readonly version: string | null;
	/** Null: not known yet. */
	readonly extensions: readonly string[] | null;
	readonly uptimeSeconds: number | null;
	readonly pendingReboot: boolean | null;
	readonly os: string | null;
	readonly skewMs: number | null;
	/** Why the last relist failed; null after one that worked. */
	readonly fault: Fault | null;
}

/** Of an agent that was never heard of. */
export const NOTHING_KNOWN: AgentFacts = {
	health: { kind: "never_seen" },
	version: null,
	extensions: null,
	uptimeSeconds: null,
	pendingReboot: null,
	os: null,
	skewMs: null,
	fault: null,
};

/**
 * What was known when Foredeck ran last, to be shown with its age. Not what decides how the agent is spoken to, and no skew:
 * both are the agent's to tell anew.
 */
export const factsOf = (kept: KeptHost | null): AgentFacts =>
	kept === null
		? NOTHING_KNOWN
		: {
				...NOTHING_KNOWN,
				health: kept.health,
				version: kept.version,
				uptimeSeconds: kept.uptimeSeconds,
				pendingReboot: kept.pendingReboot,
				os: kept.os,
			};

/** The host's own state as it was told at `now`, dated from when it became so. */
export function healthAfter(
	before: Health,
	told: AgentHealth,
	now: number,
): Health {
	const kind = told.degraded ? "degraded" : "healthy";
	const sinceAt = before.kind === kind ? before.sinceAt : now;
	return kind === "degraded"
		? { kind, sinceAt, reasons: [...told.reasons] }
		: { kind, sinceAt };
}
