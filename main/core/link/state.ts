// The life of one connection as data: states are adjectives or nouns, events are past tense, effects are imperatives.
// `transition.ts` is the only place that says which follows which.
import type { Fault } from "../../../shared/fault.ts";

/** What every wanted state remembers of how it came here. */
export interface Trail {
	/** Number of the last dial or poll; callbacks of any other number are echoes of the past. */
	readonly epoch: number;
	/** Losses in a row since the link was last settled: the back-off's exponent, and the attempt a person sees. */
	readonly failures: number;
	/** Refusals in a row that only a person can mend. */
	readonly refusals: number;
	/** The last fault; null when all is well. */
	readonly fault: Fault | null;
	/** Above 0 while the socket is impossible: the wait before it is tried again. A dial with it is a probe. */
	readonly probeEveryMs: number;
	/** The retry of a blocked link: nothing is shown of it unless it works. */
	readonly quiet: boolean;
}

export type LinkState =
	/** Known, not wanted. `paused`: a person said so. Nothing happens until `wanted`. */
	| { readonly kind: "idle"; readonly paused: boolean }
	/** Wants a slot of the dial gate, which grants or withdraws every request; so this state alone has no deadline. */
	| (Trail & { readonly kind: "queued" })
	/** TCP, TLS and greeting under way; or, as a probe, greeted and reading the list once before it counts as live. */
	| (Trail & {
			readonly kind: "dialing";
			readonly deadline: number;
			readonly phase: "greeting" | "relisting";
			/** Number of the probe's relist; 0: none. */
			readonly pollEpoch: number;
	  })
	/** Greeted, frames arrive. Deadline: too quiet, ping. */
	| (Trail & {
			readonly kind: "live";
			readonly deadline: number;
			readonly greetedAtMs: number;
	  })
	/** Quiet, or asked after sleep; a ping is out. Deadline: give this socket up. */
	| (Trail & {
			readonly kind: "doubtful";
			readonly deadline: number;
			readonly greetedAtMs: number;
			/** Because of sleep or a change of networks: a loss is nobody's failure. */
			readonly woke: boolean;
	  })
	/** Failed. Deadline: try again. */
	| (Trail & { readonly kind: "waiting"; readonly deadline: number })
	/** The socket is impossible for now; asks over HTTPS. Deadline: next poll, or this poll takes too long. */
	| (Trail & {
			readonly kind: "polling";
			readonly deadline: number;
			readonly asking: boolean;
			readonly probeAtMs: number;
			readonly misses: number;
	  })
	/** Retrying cannot help; a person must act. Deadline: the quiet retry. */
	| (Trail & { readonly kind: "blocked"; readonly deadline: number })
	/** Removed. Final: nothing ever happens again. */
	| { readonly kind: "stopped" };

export type LinkEvent =
	| { readonly kind: "wanted" }
	| { readonly kind: "unwanted" }
	| { readonly kind: "stopped" }
	| { readonly kind: "slotGranted" }
	/** The agent greeted us, and answered the challenge well if it has one. */
	| { readonly kind: "greeted"; readonly epoch: number }
	/** Anything was heard; `atMs` is when (monotonic). */
	| {
			readonly kind: "frameArrived";
			readonly epoch: number;
			readonly atMs: number;
	  }
	/** A socket that had been greeted ended. `planned`: by a polite goodbye that promises a return. */
	| {
			readonly kind: "socketClosed";
			readonly epoch: number;
			readonly fault: Fault;
			readonly planned: boolean;
			/** Times this fault must be met in a row before it blocks. */
			readonly tries: number;
	  }
	/** A dial ended before it was greeted. */
	| {
			readonly kind: "dialFailed";
			readonly epoch: number;
			readonly fault: Fault;
			readonly planned: boolean;
			readonly tries: number;
	  }
	| {
			readonly kind: "pollAnswered";
			readonly epoch: number;
			/** When the next one is due. */
			readonly everyMs: number;
	  }
	| {
			readonly kind: "pollFailed";
			readonly epoch: number;
			readonly everyMs: number;
			readonly fault: Fault;
			readonly tries: number;
	  }
	| { readonly kind: "deadlinePassed" }
	| { readonly kind: "identityChanged" }
	| { readonly kind: "networkReturned" }
	| { readonly kind: "woke" }
	/** A person asked to try now. */
	| { readonly kind: "retryAsked" }
	/** Something suggests that the socket may be possible now, e.g. another version of the agent. */
	| { readonly kind: "probeAsked" };

export type LinkEffect =
	| { readonly kind: "requestSlot" }
	| { readonly kind: "releaseSlot" }
	| { readonly kind: "dial"; readonly epoch: number }
	/** Ends the socket and forgets it. `politely`: with a close frame. */
	| { readonly kind: "hangUp"; readonly politely: boolean }
	| { readonly kind: "ping" }
	| { readonly kind: "poll"; readonly epoch: number }
	| { readonly kind: "abortPoll" };

export const IDLE: LinkState = { kind: "idle", paused: false };

/** The state's deadline (monotonic ms); null where nothing is timed. */
export const deadlineOf = (state: LinkState): number | null =>
	"deadline" in state ? state.deadline : null;
