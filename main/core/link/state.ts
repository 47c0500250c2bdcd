// The life of one connection as data: states are adjectives or nouns, events are past tense, effects are imperatives.
// `transition.ts` is the only place that says which follows which.
import type { Fault } from "../../../shared/fault.ts";
import type { LinkPolicy } from "./policy.ts";

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
	/** The last loss was a polite goodbye. A second one before the link settled is no longer taken for one. */
	readonly farewell: boolean;
}

export type LinkState =
	/** Known, not wanted. `paused`: a person said so. Nothing happens until `wanted`; the count of dials goes on then. */
	| {
			readonly kind: "idle";
			readonly paused: boolean;
			readonly epoch: number;
	  }
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
	| (Trail & {
			readonly kind: "waiting";
			readonly deadline: number;
			/** Until then the server wants to be left alone; absent: it did not say so. */
			readonly askedUntilMs?: number;
	  })
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
	/** This host is to be connected. */
	| { readonly kind: "wanted" }
	/** A person paused it. */
	| { readonly kind: "unwanted" }
	/** The host left the fleet, or Foredeck ends. */
	| { readonly kind: "stopped" }
	/** The dial gate lets us dial. */
	| { readonly kind: "slotGranted" }
	/** The agent greeted us, and answered the challenge well if it has one. */
	| { readonly kind: "greeted"; readonly epoch: number }
	/** Anything was heard; `atMs` is when (monotonic). */
	| {
			readonly kind: "frameArrived";
			readonly epoch: number;
			readonly atMs: number;
	  }
	/** A socket that had been greeted ended. `planned`: by a polite goodbye that promises a return, so the back-off begins anew. */
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
			readonly tries: number;
	  }
	/** A poll, or the relist of a probe, brought the list. */
	| {
			readonly kind: "pollAnswered";
			readonly epoch: number;
			/** From this answer to the next question; 0: at once. */
			readonly everyMs: number;
	  }
	/** A poll, or the relist of a probe, brought a fault instead. */
	| {
			readonly kind: "pollFailed";
			readonly epoch: number;
			readonly fault: Fault;
			readonly tries: number;
	  }
	/** The deadline of the state has passed, whatever it means there. */
	| { readonly kind: "deadlinePassed" }
	/** New dials use another certificate: what was refused may be accepted now. */
	| { readonly kind: "identityChanged" }
	/** There is a network again, or another one: sockets through the old one may be dead without a word. */
	| { readonly kind: "networkReturned" }
	/** The computer slept. */
	| { readonly kind: "woke" }
	/** A person asked to try now. */
	| { readonly kind: "retryAsked" }
	/** Something suggests that the socket may be possible now, e.g. another version of the agent. */
	| { readonly kind: "probeAsked" };

export type LinkEffect =
	/** Ask the dial gate; it answers with `slotGranted` some time. */
	| { readonly kind: "requestSlot" }
	/** Give the slot back, or withdraw the request. */
	| { readonly kind: "releaseSlot" }
	/** Open a connection; all its events carry this number. */
	| { readonly kind: "dial"; readonly epoch: number }
	/** Ends the socket and forgets it. `politely`: with a close frame. */
	| { readonly kind: "hangUp"; readonly politely: boolean }
	/** Ask the peer for a sign of life. */
	| { readonly kind: "ping" }
	/** Read the list over HTTPS; its answer carries this number. */
	| { readonly kind: "poll"; readonly epoch: number }
	/** Forget the poll under way. */
	| { readonly kind: "abortPoll" };

/** All that a transition may look at beside state and event. */
export interface LinkEnv {
	/** Monotonic milliseconds. */
	readonly nowMs: number;
	/** Uniform in [0, 1): the only chance there is. */
	readonly random: number;
	readonly policy: LinkPolicy;
	/** How long one poll may take. */
	readonly pollMs: number;
	/** False: never ask over HTTPS; a fault that advises it is waited out. */
	readonly pollAllowed: boolean;
}

/** The next state, and what to do, in this order. */
export type Step = readonly [LinkState, readonly LinkEffect[]];

/** Where every link begins: known, and nobody said yet that it is wanted. */
export const IDLE: LinkState = { kind: "idle", paused: false, epoch: 0 };

/** The state's deadline (monotonic ms); null where nothing is timed. */
export const deadlineOf = (state: LinkState): number | null =>
	"deadline" in state ? state.deadline : null;
