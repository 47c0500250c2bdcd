// What a loss leads to: back-off, polling or blocked, as the fault advises; and the small moves that `transition.ts` is
// made of. Pure, like it. It looks at a fault's advice and wish to wait, never at its code.
import type { Fault } from "../../../shared/fault.ts";
import type { LinkEffect, LinkEnv, LinkState, Step, Trail } from "./state.ts";

/** One kind of state. */
export type Of<K extends LinkState["kind"]> = Extract<LinkState, { kind: K }>;

/** No effects. */
export const NOTHING: readonly LinkEffect[] = [];

/** Why something ended, and how often that must be met in a row before it blocks. */
export interface Loss {
	readonly fault: Fault;
	readonly tries: number;
}

/** The state stays, nothing is done. */
export const stay = (state: LinkState): Step => [state, NOTHING];

/** What the next state remembers of this one. */
export const trailOf = (
	state: Trail & { readonly pollEpoch?: number },
): Trail => ({
	epoch: Math.max(state.epoch, state.pollEpoch ?? 0),
	failures: state.failures,
	refusals: state.refusals,
	fault: state.fault,
	probeEveryMs: state.probeEveryMs,
	quiet: state.quiet,
	farewell: state.farewell,
});

/** Asks for a slot of the dial gate, after `effects`. */
export const request = (
	trail: Trail,
	effects: readonly LinkEffect[] = NOTHING,
): Step => [
	{ ...trail, kind: "queued" },
	[...effects, { kind: "requestSlot" }],
];

/** Everything a state holds, given back. */
export function letGo(state: LinkState, politely: boolean): LinkEffect[] {
	switch (state.kind) {
		case "queued":
			return [{ kind: "releaseSlot" }];
		case "dialing":
			return [
				{ kind: state.phase === "greeting" ? "releaseSlot" : "abortPoll" },
				{ kind: "hangUp", politely },
			];
		case "live":
		case "doubtful":
			return [{ kind: "hangUp", politely }];
		case "polling":
			return state.asking ? [{ kind: "abortPoll" }] : [];
		default:
			return [];
	}
}

/** Follows the fault's advice: block, poll, or wait. */
export function fail(
	trail: Trail,
	loss: Loss,
	env: LinkEnv,
	effects: readonly LinkEffect[],
): Step {
	const why = loss.fault;
	const probed = trail.probeEveryMs > 0;
	// A probe that fails goes back to polling, whatever the reason: the polls work, and they will say if they no longer do.
	if (env.pollAllowed && (probed || why.retry === "poll"))
		return poll(trail, why, env, effects);
	if (why.retry !== "never") return wait(trail, why, env, effects);
	const refusals = trail.refusals + 1;
	if (refusals < loss.tries)
		return wait({ ...trail, refusals }, why, env, effects);
	return [
		{
			...trail,
			kind: "blocked",
			fault: why,
			refusals,
			quiet: false,
			probeEveryMs: 0,
			deadline: env.nowMs + jittered(env.policy.blockedRetryMs, env),
		},
		effects,
	];
}

/** Back-off: doubling to the cap, spread, never sooner than the server asked. Counts one more failure. */
export function wait(
	trail: Trail,
	why: Fault,
	env: LinkEnv,
	effects: readonly LinkEffect[],
): Step {
	const { backoffFirstMs, backoffCapMs } = env.policy;
	// After years of failing the power is Infinity, and the cap holds.
	const nominal = Math.min(backoffCapMs, backoffFirstMs * 2 ** trail.failures);
	const askedMs = askedToWait(why, env);
	return [
		{
			...trail,
			kind: "waiting",
			fault: why,
			quiet: false,
			probeEveryMs: 0,
			failures: trail.failures + 1,
			deadline: env.nowMs + Math.max(jittered(nominal, env), askedMs),
			...(askedMs > 0 ? { askedUntilMs: env.nowMs + askedMs } : {}),
		},
		effects,
	];
}

/** Redials after sleep: soon, spread, and nobody's failure. */
export const spread = (
	trail: Trail,
	env: LinkEnv,
	effects: readonly LinkEffect[],
): Step => [
	{
		...trail,
		kind: "waiting",
		deadline: env.nowMs + env.random * env.policy.wokeSpreadMs,
	},
	effects,
];

/** Down to polling, or back to it after a probe: asks at once, and tries the socket again later than the last time. */
function poll(
	trail: Trail,
	why: Fault,
	env: LinkEnv,
	effects: readonly LinkEffect[],
): Step {
	const { probeFirstMs, probeCapMs } = env.policy;
	const probed = trail.probeEveryMs > 0;
	const probeEveryMs = probed
		? Math.min(probeCapMs, trail.probeEveryMs * 2)
		: probeFirstMs;
	const epoch = trail.epoch + 1;
	return [
		{
			...trail,
			kind: "polling",
			epoch,
			// Why the socket is impossible says more than how one probe happened to end.
			fault: probed && why.retry === "soon" ? trail.fault : why,
			probeEveryMs,
			probeAtMs: env.nowMs + probeEveryMs,
			asking: true,
			misses: 0,
			quiet: false,
			deadline: env.nowMs + env.pollMs,
		},
		[...effects, { kind: "poll", epoch }],
	];
}

/** The peer's wish to wait, a little spread upwards so that a fleet that was told the same number does not come in step. */
export function askedToWait(
	{ retryAfterMs = 0 }: Fault,
	{ random, policy }: LinkEnv,
): number {
	const asked = Math.min(retryAfterMs, policy.retryAfterCapMs);
	return asked + random * Math.min(asked * policy.jitter, policy.wokeSpreadMs);
}

/** `ms` times a random factor around 1. */
export const jittered = (ms: number, { random, policy }: LinkEnv): number =>
	ms * (1 - policy.jitter + 2 * policy.jitter * random);
