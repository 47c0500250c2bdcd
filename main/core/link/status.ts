// What a person is told of a link's state: the channel, why, what to do, and when it goes on. Pure.
import type { Fault, FaultCode } from "../../../shared/fault.ts";
import type { Channel, LinkStatus } from "../../../shared/model.ts";
import type { LinkState } from "./state.ts";

/** The channel of a state (03-BEHAVIOUR section 2). */
export function channelOf(state: LinkState): Channel {
	switch (state.kind) {
		case "idle":
			return state.paused ? "paused" : "connecting";
		case "stopped":
			return "paused";
		case "live":
		case "doubtful":
			return "live";
		case "polling":
			return "polling";
		case "blocked":
			return "blocked";
		case "waiting":
			return state.fault?.code === "net.offline" ? "offline" : "reconnecting";
		case "queued":
		case "dialing":
			// The quiet retry of a blocked link and the probe of a polled one are shown as what they were, until they work.
			if (state.quiet) return "blocked";
			if (state.probeEveryMs > 0) return "polling";
			return state.fault === null ? "connecting" : "reconnecting";
	}
}

/** The status to publish; the same object when nothing a person could see has changed. `sinceAt` and `retryAt` are wall time. */
export function statusOf(
	state: LinkState,
	before: LinkStatus,
	wallMs: number,
	monotonicMs: number,
): LinkStatus {
	const channel = channelOf(state);
	const why = channel === "live" || !("fault" in state) ? null : state.fault;
	const next: LinkStatus = {
		channel,
		fault: why?.code ?? null,
		sentence: why === null ? null : sentence(channel, why),
		nextStep: why?.nextStep ?? null,
		attempt: attemptOf(state, channel),
		sinceAt: channel === before.channel ? before.sinceAt : wallMs,
		retryAt:
			state.kind === "waiting"
				? Math.round(wallMs + Math.max(0, state.deadline - monotonicMs))
				: null,
	};
	const same =
		next.channel === before.channel &&
		next.fault === before.fault &&
		next.sentence === before.sentence &&
		next.attempt === before.attempt &&
		next.retryAt === before.retryAt;
	return same ? before : next;
}

function sentence(channel: Channel, why: Fault): string {
	if (channel === "polling") return `polling: ${why.sentence}`;
	// The server asked for it: this is no alarm.
	return channel === "reconnecting" && NOT_READY.has(why.code)
		? `waiting for server: ${why.sentence}`
		: why.sentence;
}

/** Answers of an agent that is there and wants to be left alone for a while. */
const NOT_READY: ReadonlySet<FaultCode> = new Set<FaultCode>([
	"http.429",
	"http.503",
]);

function attemptOf(state: LinkState, channel: Channel): number {
	if (!("failures" in state) || channel === "live") return 0;
	// Until a poll is answered the losses before it count on; a probe is no attempt of its own.
	if (channel === "polling") return state.failures;
	return channel === "blocked"
		? state.refusals
		: Math.max(state.failures, state.refusals);
}
