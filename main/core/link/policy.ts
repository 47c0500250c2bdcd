// Every number of a link's life with its reason (03-BEHAVIOUR section 1). Milliseconds.
import type { FaultCode } from "../../../shared/fault.ts";

/** The numbers that steer a link; tests may choose others. */
export interface LinkPolicy {
	/** First wait after a loss; doubles. */
	readonly backoffFirstMs: number;
	/** No wait is longer: a host that is back must be seen within about a minute. */
	readonly backoffCapMs: number;
	/** Waits are spread by this share both ways, so that a fleet does not come back in step. */
	readonly jitter: number;
	/** Only a link that lived this long proves that the trouble is over; a flapping one keeps backing off. */
	readonly settledMs: number;
	/** Agents ping every 5 s; a quiet link of this age is asked. */
	readonly quietMs: number;
	/** A ping unanswered for this long is a dead link: half-open within 45 s in all. */
	readonly pongMs: number;
	/** After sleep or a change of networks a link is asked at once and must answer sooner. */
	readonly wokePongMs: number;
	/** Redials after sleep are spread over this, so that the VPN is not hit by all at once. */
	readonly wokeSpreadMs: number;
	/** Backstop of a whole dial: 10 s each for DNS and TCP, a proxy, TLS, upgrade, challenge, 1 s for the greeting, and slack. */
	readonly dialMs: number;
	/** An agent that says nothing after the opening, or whose health we do not know by then, counts as greeted. */
	readonly greetingMs: number;
	/** From the opening to `auth_ok`, for agents with a challenge. */
	readonly authMs: number;
	/** First wait before the socket is tried again while polling; doubles to the cap. */
	readonly probeFirstMs: number;
	readonly probeCapMs: number;
	/** An agent that answers polls with errors is not asked sooner than this; nor much later, because three misses are news. */
	readonly pollErrorMs: number;
	/** Chance may not bring two polls closer than this when the plan keeps them at least that far apart. */
	readonly pollFloorMs: number;
	/** Failed polls in a row before the host counts as lost. One failed poll changes nothing. */
	readonly pollMisses: number;
	/** The longest wish to wait that is honoured: a peer must not be able to switch a link off for good. */
	readonly retryAfterCapMs: number;
	/** Another console has our session: no ping-pong between the two. */
	readonly replacedWaitMs: number;
	/** A blocked link is tried once more this often, quietly: the other side may have been mended. */
	readonly blockedRetryMs: number;
	/** Unreadable frames on one connection before it is given up. */
	readonly badFrames: number;
}

/** The decided numbers. */
export const POLICY: LinkPolicy = {
	backoffFirstMs: 1_000,
	backoffCapMs: 60_000,
	jitter: 0.2,
	settledMs: 5_000,
	quietMs: 30_000,
	pongMs: 10_000,
	wokePongMs: 3_000,
	wokeSpreadMs: 5_000,
	dialMs: 52_000,
	greetingMs: 1_000,
	authMs: 10_000,
	probeFirstMs: 60_000,
	probeCapMs: 300_000,
	pollErrorMs: 5_000,
	pollFloorMs: 1_000,
	pollMisses: 3,
	retryAfterCapMs: 86_400_000,
	replacedWaitMs: 60_000,
	blockedRetryMs: 600_000,
	badFrames: 5,
};

/** Faults where one sight is proof: asking again tells nothing new, and hammering looks like an attack. */
const PROOF: ReadonlySet<FaultCode> = new Set<FaultCode>([
	"tls.server-expired",
	"tls.server-not-yet-valid",
	"tls.name-mismatch",
	"tls.unknown-ca",
	"tls.self-signed",
	"tls.server-revoked",
	"tls.revocation-unknown",
	"tls.server-invalid",
	"tls.client-expired",
	"identity.absent",
	"host.mismatch",
	"vault.locked",
	"vault.missing",
	"vault.damaged",
	"vault.refused",
]);

/**
 * How often in a row a fault that needs a person is met before the link is blocked: at most three dials in all. An agent may
 * refuse once by accident; a refusal right after TLS was told as a reset the first time, so it has one try less.
 */
export function triesBeforeBlocked(code: FaultCode): number {
	if (PROOF.has(code)) return 1;
	return code === "tls.client-rejected" ? 2 : 3;
}
