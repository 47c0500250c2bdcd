// What happens next to a connection: pure and total, no clock, no socket, no randomness inside. It looks at a fault's retry
// advice, never at its code. Time is monotonic: a closed lid expires nothing, `woke` is an event of its own.
import { fault, unreachable } from "../../../shared/fault.ts";
import type { Loss, Of } from "./outcome.ts";
import {
	fail,
	letGo,
	NOTHING,
	request,
	spread,
	stay,
	trailOf,
} from "./outcome.ts";
import { awake, fromPolling } from "./polling.ts";
import type {
	LinkEffect,
	LinkEnv,
	LinkEvent,
	LinkState,
	Step,
	Trail,
} from "./state.ts";

type Open = Of<"live"> | Of<"doubtful">;

const FRESH: Trail = {
	epoch: 0,
	failures: 0,
	refusals: 0,
	fault: null,
	probeEveryMs: 0,
	quiet: false,
	farewell: false,
};

/** Next state and what to do, in order. The same state object comes back when nothing changes. */
export function transition(
	state: LinkState,
	event: LinkEvent,
	env: LinkEnv,
): Step {
	if (state.kind === "stopped") return stay(state);
	if ("epoch" in event && !expects(state, event)) return stay(state);
	if (event.kind === "stopped")
		return [{ kind: "stopped" }, letGo(state, true)];
	if (event.kind === "unwanted") return pause(state);
	switch (state.kind) {
		case "idle":
			return event.kind === "wanted"
				? request({ ...FRESH, epoch: state.epoch })
				: stay(state);
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
			return fromBlocked(state, event, env);
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
			return poll
				? state.phase === "relisting" && event.epoch === state.pollEpoch
				: event.epoch === state.epoch;
		case "live":
		case "doubtful":
			return !poll && event.epoch === state.epoch;
		case "polling":
			return poll && state.asking && event.epoch === state.epoch;
		default:
			return false;
	}
}

function pause(state: Exclude<LinkState, { kind: "stopped" }>): Step {
	if (state.kind === "idle" && state.paused) return stay(state);
	// The count goes on, or an echo of the last dial could be taken for news of the next one.
	const epoch = state.kind === "idle" ? state.epoch : trailOf(state).epoch;
	return [{ kind: "idle", paused: true, epoch }, letGo(state, true)];
}

function fromQueued(state: Of<"queued">, event: LinkEvent, env: LinkEnv): Step {
	if (event.kind === "identityChanged" || event.kind === "retryAsked")
		return renewed(state);
	if (event.kind !== "slotGranted") return stay(state);
	// Two on, because the dial before may have used the next number for its relist while its socket kept its own.
	const epoch = state.epoch + 2;
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

/** A person cares, or what was refused has changed: earlier refusals no longer count, and the dial is shown. */
const renewed = (state: Of<"queued"> | Of<"dialing">): Step =>
	state.quiet || state.refusals > 0
		? [{ ...state, quiet: false, refusals: 0 }, NOTHING]
		: stay(state);

function fromDialing(
	state: Of<"dialing">,
	event: LinkEvent,
	env: LinkEnv,
): Step {
	switch (event.kind) {
		case "greeted":
			if (state.phase === "relisting") return stay(state);
			return state.probeEveryMs > 0
				? relist(state, env)
				: settle(state, env, [{ kind: "releaseSlot" }]);
		case "pollAnswered":
			return settle(state, env, NOTHING);
		case "pollFailed":
			return fail(trailOf(state), event, env, letGoBut("abortPoll", state));
		case "dialFailed":
		case "socketClosed":
			return fail(trailOf(state), event, env, letGoBut("hangUp", state));
		case "deadlinePassed":
			return fail(trailOf(state), LATE, env, letGo(state, false));
		case "retryAsked":
			return renewed(state);
		case "identityChanged":
			// The old certificate is being shown: its refusal would say nothing about the new one.
			return request(
				{ ...trailOf(state), refusals: 0, quiet: false },
				letGo(state, false),
			);
		case "woke":
		case "networkReturned":
			return [interrupted(state, env), letGo(state, false)];
		default:
			return stay(state);
	}
}

/** What is over already needs no end: only the rest is let go. */
const letGoBut = (
	over: LinkEffect["kind"],
	state: Of<"dialing">,
): readonly LinkEffect[] =>
	letGo(state, false).filter(({ kind }) => kind !== over);

const LATE: Loss = {
	fault: fault("tcp.timeout", {
		sentence: "the connection was not up in time",
	}),
	tries: 1,
};

/** What was under way went through the old network and nobody failed: soon again, from where it began. */
function interrupted(state: Of<"dialing">, env: LinkEnv): LinkState {
	if (state.probeEveryMs > 0) return awake(state, env);
	const [again] = spread(trailOf(state), env, NOTHING);
	return state.quiet && again.kind === "waiting"
		? { ...again, kind: "blocked", quiet: false }
		: again;
}

/** A probe that was greeted reads the list once before it counts: the switch is made only when that is healthy. */
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

function fromOpen(state: Open, event: LinkEvent, env: LinkEnv): Step {
	const { policy, nowMs } = env;
	switch (event.kind) {
		case "frameArrived":
			return heard(state, event.atMs + policy.quietMs);
		case "deadlinePassed":
			return state.kind === "live"
				? doubt(state, nowMs + policy.pongMs, false)
				: lose(state, SILENT, env, letGo(state, false));
		case "woke":
		case "networkReturned":
			return doubt(state, nowMs + policy.wokePongMs, true);
		case "socketClosed":
		case "dialFailed":
			return lose(state, event, env, NOTHING);
		default:
			return stay(state);
	}
}

const SILENT: Loss = { fault: fault("live.silent"), tries: 1 };

function heard(state: Open, deadline: number): Step {
	if (state.kind === "live" && deadline <= state.deadline) return stay(state);
	const { greetedAtMs } = state;
	return [{ ...trailOf(state), kind: "live", greetedAtMs, deadline }, NOTHING];
}

function doubt(state: Open, deadline: number, woke: boolean): Step {
	const { greetedAtMs } = state;
	// What was on its way before the sleep may still arrive and end the doubt too early: failures from before do not count then either.
	const trail = woke ? { ...trailOf(state), failures: 0 } : trailOf(state);
	return [
		{ ...trail, kind: "doubtful", greetedAtMs, deadline, woke },
		[{ kind: "ping" }],
	];
}

/** A greeted socket ended. Having lived a while it begins the back-off anew; after sleep nobody failed at all. */
function lose(
	state: Open,
	loss: Loss & { readonly planned?: boolean },
	env: LinkEnv,
	effects: readonly LinkEffect[],
): Step {
	const settled = env.nowMs - state.greetedAtMs >= env.policy.settledMs;
	const trail: Trail = settled
		? { ...trailOf(state), failures: 0, refusals: 0, farewell: false }
		: trailOf(state);
	if (state.kind === "doubtful" && state.woke)
		return spread({ ...trail, fault: loss.fault }, env, effects);
	const farewell = loss.planned === true;
	// An agent that says goodbye each time we come is not being deployed: only the first goodbye in a row is believed.
	const failures = farewell && !trail.farewell ? 0 : trail.failures;
	return fail({ ...trail, failures, farewell }, loss, env, effects);
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
			// The server's own wish to wait outlives our sleep; our back-off on top of it does not.
			const deadline = Math.max(
				env.nowMs + env.random * env.policy.wokeSpreadMs,
				state.askedUntilMs ?? 0,
			);
			return deadline < state.deadline
				? [{ ...state, deadline }, NOTHING]
				: stay(state);
		}
		default:
			return stay(state);
	}
}

function fromBlocked(
	state: Of<"blocked">,
	event: LinkEvent,
	env: LinkEnv,
): Step {
	switch (event.kind) {
		case "deadlinePassed":
			return request({ ...trailOf(state), quiet: true });
		case "identityChanged":
		case "retryAsked":
			return request({ ...trailOf(state), refusals: 0, failures: 0 });
		// Through another network the refusal may have come from something in between; one quiet dial each tells.
		case "woke":
		case "networkReturned": {
			const deadline = env.nowMs + env.random * env.policy.wokeSpreadMs;
			return deadline < state.deadline
				? [{ ...state, deadline }, NOTHING]
				: stay(state);
		}
		default:
			return stay(state);
	}
}
