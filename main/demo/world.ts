// What the agents of one process share, made once by the fleet.
import type { Clock } from "../../shared/clock.ts";
import type { Authority } from "./authority.ts";
import type { Pulse } from "./pulse.ts";

/** What the agents of one process share. */
export interface AgentWorld {
	readonly clock: Clock;
	/** With the period PING_EVERY_MS. */
	readonly pulse: Pulse;
	readonly authority: Authority;
	readonly seed: number;
	/** Serials of client certificates that the switch `client-refused: revoked` revokes. */
	readonly clientSerials: readonly string[];
	/** Jobs run this many times faster, and the rate limit is as many times more generous. */
	readonly speed: number;
}
