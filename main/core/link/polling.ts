// The life of a link while the socket is impossible: one question over HTTPS at a time, a probe of the socket now and then,
// and what follows when the polls fail as well. Pure, a part of `transition.ts`.
import { fault } from "../../../shared/fault.ts";
import type { Loss, Of } from "./outcome.ts";
import {
	askedToWait,
	fail,
	jittered,
	letGo,
	NOTHING,
	request,
	stay,
	trailOf,
	wait,
} from "./outcome.ts";
import type {
	LinkEffect,
	LinkEnv,
	LinkEvent,
	LinkState,
	Step,
} from "./state.ts";

type Polling = Of<"polling">;

/** What follows an event in `polling`. */
export function fromPolling(
	state: Polling,
	event: LinkEvent,
	env: LinkEnv,
): Step {
	switch (event.kind) {
		case "pollAnswered":
			return [
				rest(
					{ ...state, misses: 0, refusals: 0, failures: 0 },
					everyMs(event, env),
					env,
				),
				NOTHING,
			];
		case "pollFailed":
			return miss(state, event, env, NOTHING);
		case "deadlinePassed":
			if (state.asking) return miss(state, LATE, env, letGo(state, false));
			return env.nowMs >= state.probeAtMs
				? request(trailOf(state))
				: ask(state, env);
		case "probeAsked":
		case "retryAsked":
			return request(trailOf(state), letGo(state, false));
		case "identityChanged":
			return state.refusals === 0
				? stay(state)
				: [{ ...state, refusals: 0 }, NOTHING];
		case "woke":
		case "networkReturned":
			return [awake(state, env), letGo(state, false)];
		default:
			return stay(state);
	}
}

/** Polling again soon, spread, after sleep: for a poll or a probe that went through the old network. */
export const awake = (
	state: Polling | Of<"dialing">,
	env: LinkEnv,
): LinkState => ({
	...trailOf(state),
	kind: "polling",
	asking: false,
	misses: state.kind === "polling" ? state.misses : 0,
	probeAtMs:
		state.kind === "polling" ? state.probeAtMs : env.nowMs + state.probeEveryMs,
	deadline: env.nowMs + env.random * env.policy.wokeSpreadMs,
});

const LATE: Loss = {
	fault: fault("live.silent", {
		sentence: "a request was not answered in time",
	}),
	tries: 1,
};

/** Chance may not undo a pause that was meant to keep a too quick agent from being hammered. */
const everyMs = (
	{ everyMs: plannedMs }: Extract<LinkEvent, { kind: "pollAnswered" }>,
	env: LinkEnv,
): number =>
	Math.max(
		jittered(plannedMs, env),
		Math.min(plannedMs, env.policy.pollFloorMs),
	);

/** Nothing until the next poll or the next probe, whichever is first. */
const rest = (state: Polling, forMs: number, env: LinkEnv): LinkState => ({
	...state,
	asking: false,
	deadline: Math.min(env.nowMs + forMs, Math.max(env.nowMs, state.probeAtMs)),
});

function ask(state: Polling, env: LinkEnv): Step {
	const epoch = state.epoch + 1;
	return [
		{ ...state, epoch, asking: true, deadline: env.nowMs + env.pollMs },
		[{ kind: "poll", epoch }],
	];
}

/** A poll failed: one changes nothing, some in a row mean that the host is not to be had this way either. */
function miss(
	state: Polling,
	loss: Loss,
	env: LinkEnv,
	effects: readonly LinkEffect[],
): Step {
	const { policy, nowMs } = env;
	const trail = { ...trailOf(state), probeEveryMs: 0 };
	const why = loss.fault;
	if (why.retry === "never") return fail(trail, loss, env, effects);
	// Who asks us to wait is there: no miss, and no probe before the time is over either.
	if (why.retryAfterMs !== undefined)
		return [
			{
				...state,
				asking: false,
				deadline: nowMs + Math.max(policy.pollErrorMs, askedToWait(why, env)),
			},
			effects,
		];
	const misses = state.misses + 1;
	if (misses >= policy.pollMisses) {
		const [next, done] = wait(
			// Polls that failed before count on, until one is answered.
			{ ...trail, failures: Math.max(misses - 1, trail.failures) },
			why,
			env,
			effects,
		);
		// The dial ends in a poll again: no sooner than after any other error.
		const soonest = nowMs + policy.pollErrorMs;
		return "deadline" in next && next.deadline < soonest
			? [{ ...next, deadline: soonest }, done]
			: [next, done];
	}
	const pauseMs = policy.pollErrorMs * (1 + policy.jitter * env.random);
	return [rest({ ...state, misses }, pauseMs, env), effects];
}
