// One link of each kind at one moment, the events that may befall it, and one step of the machine in words: what the tests
// of `core/link` are told in.
import type { Fault } from "../../shared/fault.ts";
import { fault } from "../../shared/fault.ts";
import { POLICY } from "../core/link/policy.ts";
import type { LinkEnv, LinkEvent, LinkState } from "../core/link/state.ts";
import { transition } from "../core/link/transition.ts";

/** The moment at which all of them stand (monotonic ms). */
export const NOW = 1_000_000;
/** A middling chance: no jitter at all. */
const env = (over: Partial<LinkEnv> = {}): LinkEnv => ({
	nowMs: NOW,
	random: 0.5,
	policy: POLICY,
	pollMs: 35_000,
	pollAllowed: true,
	...over,
});

/** One fault of each advice. */
export const soon = fault("tcp.refused");
export const pollAdvice = fault("http.404");
export const person = fault("http.401");

const trail = {
	epoch: 7,
	failures: 2,
	refusals: 0,
	fault: soon,
	probeEveryMs: 0,
	quiet: false,
	farewell: false,
} as const;
/** One kind of state. */
type Of<K extends LinkState["kind"]> = Extract<LinkState, { kind: K }>;
export const queued: Of<"queued"> = { ...trail, kind: "queued" };
export const dialing: Of<"dialing"> = {
	...trail,
	kind: "dialing",
	deadline: NOW + 52_000,
	phase: "greeting",
	pollEpoch: 0,
};
export const probing: Of<"dialing"> = {
	...dialing,
	fault: pollAdvice,
	probeEveryMs: 60_000,
};
export const relisting: Of<"dialing"> = {
	...probing,
	phase: "relisting",
	pollEpoch: 8,
};
export const live: Of<"live"> = {
	...trail,
	kind: "live",
	fault: null,
	deadline: NOW + 30_000,
	greetedAtMs: NOW - 6_000,
};
export const young: Of<"live"> = { ...live, greetedAtMs: NOW - 1_000 };
export const doubtful: Of<"doubtful"> = {
	...live,
	kind: "doubtful",
	deadline: NOW + 10_000,
	woke: false,
};
export const waiting: Of<"waiting"> = {
	...trail,
	kind: "waiting",
	deadline: NOW + 40_000,
};
export const polling: Of<"polling"> = {
	...trail,
	kind: "polling",
	failures: 0,
	fault: pollAdvice,
	probeEveryMs: 60_000,
	probeAtMs: NOW + 60_000,
	deadline: NOW + 35_000,
	asking: true,
	misses: 0,
};
export const resting: Of<"polling"> = {
	...polling,
	asking: false,
	deadline: NOW + 10_000,
};
export const blocked: Of<"blocked"> = {
	...trail,
	kind: "blocked",
	fault: person,
	refusals: 3,
	deadline: NOW + 600_000,
};

export const dialFailed = (why: Fault, tries = 3, epoch = 7): LinkEvent => ({
	kind: "dialFailed",
	epoch,
	fault: why,
	tries,
});
export const socketClosed = (
	why: Fault,
	planned = false,
	epoch = 7,
): LinkEvent => ({
	kind: "socketClosed",
	epoch,
	fault: why,
	planned,
	tries: 3,
});
export const pollFailed = (why: Fault, tries = 3, epoch = 7): LinkEvent => ({
	kind: "pollFailed",
	epoch,
	fault: why,
	tries,
});
export const answered = (everyMs = 10_000, epoch = 7): LinkEvent => ({
	kind: "pollAnswered",
	epoch,
	everyMs,
});
export const just = (
	kind: Exclude<LinkEvent, { epoch: number }>["kind"],
): LinkEvent => ({ kind });

/** `state --event--> kind [effects]`, the part of a step that the table is about. */
export function step(
	state: LinkState,
	event: LinkEvent,
	over: Partial<LinkEnv> = {},
): { readonly next: LinkState; readonly told: string } {
	const [next, effects] = transition(state, event, env(over));
	const did = effects
		.map((effect) =>
			effect.kind === "hangUp" && effect.politely
				? "hangUp politely"
				: effect.kind,
		)
		.join(", ");
	return { next, told: next === state ? "stays" : `${next.kind}: ${did}` };
}
