// What happens next to a connection: pure and total, no clock, no socket, no randomness inside. It looks at a fault's retry
// advice, never at its code. Time is monotonic: a closed lid expires nothing, `woke` is an event of its own.
import type { Fault } from "../../../shared/fault.ts";
import { fault, unreachable } from "../../../shared/fault.ts";
import type { LinkPolicy } from "./policy.ts";
import type { LinkEffect, LinkEvent, LinkState, Trail } from "./state.ts";

export interface LinkEnv {
	/** Monotonic milliseconds. */
	readonly nowMs: number;
	/** Uniform in [0, 1): the only chance there is. */
	readonly random: number;
	readonly policy: LinkPolicy;
	/** How long one poll may take. */
	readonly pollMs: number;
	readonly pollAllowed: boolean;
}

export type Step = readonly [LinkState, readonly LinkEffect[]];

type Of<K extends LinkState["kind"]> = Extract<LinkState, { kind: K }>;
type Active = Exclude<LinkState, { kind: "idle" | "stopped" }>;

const NOTHING: readonly LinkEffect[] = [];
const FRESH: Trail = {
	epoch: 0,
	failures: 0,
	refusals: 0,
	fault: null,
	probeEveryMs: 0,
	quiet: false,
};

/** Next state and what to do, in order. The same state object comes back when nothing changes. */
export function transition(
	state: LinkState,
	event: LinkEvent,
	env: LinkEnv,
): Step {
	if (state.kind === "stopped") return [state, NOTHING];
	if ("epoch" in event && !expects(state, event)) return [state, NOTHING];
	if (event.kind === "stopped")
		return [{ kind: "stopped" }, letGo(state, true)];
	if (event.kind === "unwanted")
		return state.kind === "idle" && state.paused
			? [state, NOTHING]
			: [{ kind: "idle", paused: true }, letGo(state, true)];
	switch (state.kind) {
		case "idle":
			return event.kind === "wanted" ? request(FRESH) : [state, NOTHING];
		case "queued":
			return fromQueued(state, event, env);
		case "dialing":
			return fromDialing(state, event, env);
		case "live":
		case "doubtful":
			return fromOpen(state, event, env);
		case "waiting":
			return fromWaiting(state, event, env);
		case "polling":
			return fromPolling(state, event, env);
		case "blocked":
			return fromBlocked(state, event);
		default:
			return unreachable(state);
	}
}

/** Whether a numbered event belongs to what this state has under way; everything else is an echo of the past. */
function expects(
	state: LinkState,
	event: Extract<LinkEvent, { epoch: number }>,
): boolean {
	const poll = event.kind === "pollAnswered" || event.kind === "pollFailed";
	switch (state.kind) {
		case "dialing":
			return event.epoch === (poll ? state.pollEpoch : state.epoch);
		case "live":
		case "doubtful":
			return !poll && event.epoch === state.epoch;
		case "polling":
			return poll && state.asking && event.epoch === state.epoch;
		default:
			return false;
	}
}

function fromQueued(state: Of<"queued">, event: LinkEvent, env: LinkEnv): Step {
	if (event.kind !== "slotGranted") return [state, NOTHING];
	const epoch = state.epoch + 1;
	return [
		{
			...trailOf(state),
			kind: "dialing",
			epoch,
			phase: "greeting",
			pollEpoch: 0,
			deadline: env.nowMs + env.policy.dialMs,
		},
		[{ kind: "dial", epoch }],
	];
}

function fromDialing(
	state: Of<"dialing">,
	event: LinkEvent,
	env: LinkEnv,
): Step {
	const effects = letGo(state, false);
	switch (event.kind) {
		case "greeted":
			if (state.phase === "relisting") return [state, NOTHING];
			return state.probeEveryMs > 0
				? relist(state, env)
				: settle(state, env, [{ kind: "releaseSlot" }]);
		case "pollAnswered":
			return settle(state, env, NOTHING);
		case "pollFailed":
			return fail(state, event, env, effects);
		case "dialFailed":
		case "socketClosed":
			// The socket is gone already: only what else is held is let go.
			return fail(
				state,
				event,
				env,
				effects.filter(({ kind }) => kind !== "hangUp"),
			);
		case "deadlinePassed": {
			const late = fault("tcp.timeout", {
				sentence: "the connection was not up in time",
			});
			return fail(
				state,
				{ fault: late, tries: 1, planned: false },
				env,
				effects,
			);
		}
		case "woke":
		case "networkReturned":
			// What was under way went through the old network; nobody failed.
			return spread(trailOf(state), env, effects);
		default:
			return [state, NOTHING];
	}
}

/** A probe that was greeted reads the list once before it counts: poll or socket, and the switch only when healthy. */
function relist(state: Of<"dialing">, env: LinkEnv): Step {
	const pollEpoch = state.epoch + 1;
	return [
		{
			...state,
			phase: "relisting",
			pollEpoch,
			deadline: env.nowMs + env.pollMs,
		},
		[{ kind: "releaseSlot" }, { kind: "poll", epoch: pollEpoch }],
	];
}

function settle(
	state: Of<"dialing">,
	env: LinkEnv,
	effects: readonly LinkEffect[],
): Step {
	return [
		{
			...trailOf(state),
			kind: "live",
			// The socket's number, not the relist's: its callbacks go on with it.
			epoch: state.epoch,
			fault: null,
			quiet: false,
			probeEveryMs: 0,
			greetedAtMs: env.nowMs,
			deadline: env.nowMs + env.policy.quietMs,
		},
		effects,
	];
}

function fromOpen(
	state: Of<"live"> | Of<"doubtful">,
	event: LinkEvent,
	env: LinkEnv,
): Step {
	const { policy, nowMs } = env;
	switch (event.kind) {
		case "frameArrived": {
			const deadline = event.atMs + policy.quietMs;
			if (state.kind === "live" && deadline <= state.deadline)
				return [state, NOTHING];
			return [
				{
					...trailOf(state),
					kind: "live",
					greetedAtMs: state.greetedAtMs,
					deadline,
				},
				NOTHING,
			];
		}
		case "deadlinePassed":
			return state.kind === "live"
				? [doubt(state, nowMs + policy.pongMs, false), [{ kind: "ping" }]]
				: lose(
						state,
						{ fault: fault("live.silent"), tries: 1, planned: false },
						env,
						[{ kind: "hangUp", politely: false }],
					);
		case "woke":
		case "networkReturned":
			return [
				doubt(state, nowMs + policy.wokePongMs, true),
				[{ kind: "ping" }],
			];
		case "socketClosed":
			return lose(state, event, env, NOTHING);
		default:
			return [state, NOTHING];
	}
}

const doubt = (
	state: Of<"live"> | Of<"doubtful">,
	deadline: number,
	woke: boolean,
): LinkState => ({
	...trailOf(state),
	kind: "doubtful",
	greetedAtMs: state.greetedAtMs,
	deadline,
	woke,
});

interface Loss {
	readonly fault: Fault;
	readonly tries: number;
	readonly planned?: boolean;
}

/** A greeted socket ended. Having lived a while it begins the back-off anew; after sleep nobody failed at all. */
function lose(
	state: Of<"live"> | Of<"doubtful">,
	loss: Loss,
	env: LinkEnv,
	effects: readonly LinkEffect[],
): Step {
	const settled = env.nowMs - state.greetedAtMs >= env.policy.settledMs;
	const trail = trailOf(state);
	if (state.kind === "doubtful" && state.woke)
		return spread({ ...trail, fault: loss.fault }, env, effects);
	const known = settled ? { ...trail, failures: 0, refusals: 0 } : trail;
	return fail(known, loss, env, effects);
}

function fromWaiting(
	state: Of<"waiting">,
	event: LinkEvent,
	env: LinkEnv,
): Step {
	switch (event.kind) {
		case "deadlinePassed":
		case "retryAsked":
			return request(trailOf(state));
		case "identityChanged":
			return request({ ...trailOf(state), refusals: 0 });
		case "woke":
		case "networkReturned": {
			// The server's own wish to wait outlives our sleep.
			if (state.fault?.retryAfterMs !== undefined) return [state, NOTHING];
			const deadline = env.nowMs + env.random * env.policy.wokeSpreadMs;
			return deadline < state.deadline
				? [{ ...state, deadline }, NOTHING]
				: [state, NOTHING];
		}
		default:
			return [state, NOTHING];
	}
}

function fromPolling(
	state: Of<"polling">,
	event: LinkEvent,
	env: LinkEnv,
): Step {
	const { nowMs, policy } = env;
	const abort: readonly LinkEffect[] = state.asking
		? [{ kind: "abortPoll" }]
		: NOTHING;
	switch (event.kind) {
		case "pollAnswered":
			return [
				{
					...state,
					asking: false,
					misses: 0,
					refusals: 0,
					deadline: nowMs + jittered(event.everyMs, env),
				},
				NOTHING,
			];
		case "pollFailed":
			return miss(state, event, env, NOTHING);
		case "deadlinePassed":
			if (state.asking) {
				const late = fault("live.silent", {
					sentence: "a request was not answered in time",
				});
				return miss(
					state,
					{ fault: late, tries: 1, everyMs: policy.pollErrorMs },
					env,
					abort,
				);
			}
			return nowMs >= state.probeAtMs
				? request(trailOf(state))
				: ask(state, env);
		case "probeAsked":
		case "retryAsked":
			return request(trailOf(state), abort);
		case "woke":
		case "networkReturned":
			return [
				{
					...state,
					asking: false,
					deadline: nowMs + env.random * policy.wokeSpreadMs,
				},
				abort,
			];
		default:
			return [state, NOTHING];
	}
}

/** A poll failed: one changes nothing, some in a row mean that the host is not to be had this way either. */
function miss(
	state: Of<"polling">,
	loss: Loss & { readonly everyMs: number },
	env: LinkEnv,
	effects: readonly LinkEffect[],
): Step {
	const misses = state.misses + 1;
	if (loss.fault.retry === "never")
		return fail({ ...trailOf(state), probeEveryMs: 0 }, loss, env, effects);
	if (misses >= env.policy.pollMisses)
		return wait(
			{ ...trailOf(state), probeEveryMs: 0, failures: misses - 1 },
			loss.fault,
			env,
			effects,
		);
	const pause = Math.max(
		env.policy.pollErrorMs,
		loss.fault.retryAfterMs ?? 0,
		Math.min(loss.everyMs, env.policy.backoffCapMs),
	);
	return [
		{
			...state,
			asking: false,
			misses,
			deadline: env.nowMs + jittered(pause, env),
		},
		effects,
	];
}

function ask(state: Of<"polling">, env: LinkEnv): Step {
	const epoch = state.epoch + 1;
	return [
		{ ...state, epoch, asking: true, deadline: env.nowMs + env.pollMs },
		[{ kind: "poll", epoch }],
	];
}

function fromBlocked(state: Of<"blocked">, event: LinkEvent): Step {
	switch (event.kind) {
		case "deadlinePassed":
			return request({ ...trailOf(state), quiet: true });
		case "identityChanged":
		case "retryAsked":
			return request({
				...trailOf(state),
				refusals: 0,
				failures: 0,
				quiet: false,
			});
		default:
			return [state, NOTHING];
	}
}

/** Follows the fault's advice: block, poll, or wait. */
function fail(
	from: Trail & { readonly kind?: string },
	loss: Loss,
	env: LinkEnv,
	effects: readonly LinkEffect[],
): Step {
	const trail = trailOf(from);
	const why = loss.fault;
	if (why.retry === "never") {
		const refusals = trail.refusals + 1;
		if (refusals >= loss.tries)
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
		return wait({ ...trail, refusals }, why, env, effects);
	}
	// A probe that fails goes back to polling, whatever the reason: the polls work.
	if (env.pollAllowed && (why.retry === "poll" || trail.probeEveryMs > 0))
		return poll(trail, why, env, effects);
	if (loss.planned === true)
		return wait({ ...trail, failures: 0 }, why, env, effects);
	return wait(trail, why, env, effects);
}

/** Back-off: 1 s doubling to the cap, spread, never sooner than the server asked. Counts one more failure. */
function wait(
	trail: Trail,
	why: Fault,
	env: LinkEnv,
	effects: readonly LinkEffect[],
): Step {
	const { backoffFirstMs, backoffCapMs } = env.policy;
	// The exponent is bounded so that years of failing do not overflow.
	const nominal = Math.min(
		backoffCapMs,
		backoffFirstMs * 2 ** Math.min(trail.failures, 30),
	);
	const delay = Math.max(jittered(nominal, env), why.retryAfterMs ?? 0);
	return [
		{
			...trail,
			kind: "waiting",
			fault: why,
			quiet: false,
			failures: trail.failures + 1,
			deadline: env.nowMs + delay,
		},
		effects,
	];
}

/** Redials after sleep: soon, spread, and not counted. */
function spread(
	trail: Trail,
	env: LinkEnv,
	effects: readonly LinkEffect[],
): Step {
	return [
		{
			...trail,
			kind: "waiting",
			deadline: env.nowMs + env.random * env.policy.wokeSpreadMs,
		},
		effects,
	];
}

function poll(
	trail: Trail,
	why: Fault,
	env: LinkEnv,
	effects: readonly LinkEffect[],
): Step {
	const { probeFirstMs, probeCapMs } = env.policy;
	const probeEveryMs =
		trail.probeEveryMs === 0
			? probeFirstMs
			: Math.min(probeCapMs, trail.probeEveryMs * 2);
	const epoch = trail.epoch + 2;
	return [
		{
			...trail,
			kind: "polling",
			epoch,
			fault:
				trail.probeEveryMs > 0 && why.retry !== "poll" && trail.fault !== null
					? trail.fault
					: why,
			probeEveryMs,
			probeAtMs: env.nowMs + probeEveryMs,
			asking: true,
			misses: 0,
			failures: 0,
			quiet: false,
			deadline: env.nowMs + env.pollMs,
		},
		[...effects, { kind: "poll", epoch }],
	];
}

const request = (
	trail: Trail,
	effects: readonly LinkEffect[] = NOTHING,
): Step => [
	{ ...trail, kind: "queued" },
	[...effects, { kind: "requestSlot" }],
];

/** Everything a state holds, given back. */
function letGo(state: LinkState, politely: boolean): LinkEffect[] {
	switch (state.kind) {
		case "queued":
			return [{ kind: "releaseSlot" }];
		case "dialing":
			return state.phase === "greeting"
				? [{ kind: "releaseSlot" }, { kind: "hangUp", politely }]
				: [{ kind: "abortPoll" }, { kind: "hangUp", politely }];
		case "live":
		case "doubtful":
			return [{ kind: "hangUp", politely }];
		case "polling":
			return state.asking ? [{ kind: "abortPoll" }] : [];
		default:
			return [];
	}
}

const trailOf = (state: Trail | Active): Trail => ({
	epoch:
		"pollEpoch" in state ? Math.max(state.epoch, state.pollEpoch) : state.epoch,
	failures: state.failures,
	refusals: state.refusals,
	fault: state.fault,
	probeEveryMs: state.probeEveryMs,
	quiet: state.quiet,
});

const jittered = (ms: number, { random, policy }: LinkEnv): number =>
	ms * (1 - policy.jitter + 2 * policy.jitter * random);
