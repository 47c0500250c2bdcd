// The link machine against a world that does everything at any time: two million random events, echoes of the past
// included, and from where they led the way back to `live` (01-HOUSE section 5).
import { describe, expect, test } from "vitest";
import { fault } from "../../../shared/fault.ts";
import { seededRandom } from "../../testkit/seededRandom.ts";
import { POLICY } from "./policy.ts";
import type { LinkEffect, LinkEnv, LinkEvent, LinkState } from "./state.ts";
import { deadlineOf, IDLE } from "./state.ts";
import { transition } from "./transition.ts";

const EVENTS = 2_000_000;
/** The longest way back: the pause of a blocked link with its jitter, a probe, its relist, and slack for the gate. */
const LIVE_WITHIN_MS = 13 * 60_000;
const POLL_MS = 35_000;

const FAULTS = [
	fault("tcp.refused"),
	fault("http.503", { retryAfterMs: 60_000 }),
	fault("http.404"),
	fault("http.401"),
	fault("agent.draining"),
	fault("tls.unknown-ca"),
].map((one) => Object.freeze(one));

const BARE = [
	"wanted",
	"unwanted",
	"slotGranted",
	"deadlinePassed",
	"deadlinePassed",
	"deadlinePassed",
	"identityChanged",
	"networkReturned",
	"woke",
	"retryAsked",
	"probeAsked",
	"wanted",
	"slotGranted",
	"slotGranted",
] as const;
const NUMBERED = [
	"greeted",
	"greeted",
	"frameArrived",
	"frameArrived",
	"socketClosed",
	"dialFailed",
	"pollAnswered",
	"pollAnswered",
	"pollFailed",
] as const;

const TIMED: ReadonlySet<LinkState["kind"]> = new Set([
	"dialing",
	"live",
	"doubtful",
	"waiting",
	"polling",
	"blocked",
]);

/** What the effects made of the world so far. */
interface World {
	socket: number | null;
	poll: number | null;
	slot: boolean;
	/** Every number ever given. */
	last: number;
}

function perform(world: World, effect: LinkEffect, state: LinkState): void {
	const claim = (true_: boolean, sentence: string): void => {
		if (!true_) throw new Error(`${sentence}: ${JSON.stringify(state)}`);
	};
	switch (effect.kind) {
		case "requestSlot":
			claim(!world.slot, "asks for a second slot");
			world.slot = true;
			return;
		case "releaseSlot":
			claim(world.slot, "releases a slot it does not hold");
			world.slot = false;
			return;
		case "dial":
			claim(world.socket === null, "dials beside an open socket");
			claim(world.poll === null, "dials beside a poll");
			claim(effect.epoch > world.last, "uses a number again");
			world.socket = world.last = effect.epoch;
			return;
		case "hangUp":
			claim(world.socket !== null, "hangs up nothing");
			world.socket = null;
			return;
		case "ping":
			claim(world.socket !== null, "pings nobody");
			return;
		case "poll":
			claim(world.poll === null, "polls twice at once");
			claim(
				world.socket === null || state.kind === "dialing",
				"polls beside a socket",
			);
			world.poll = effect.epoch;
			world.last = Math.max(world.last, effect.epoch);
			return;
		case "abortPoll":
			claim(world.poll !== null, "aborts nothing");
			world.poll = null;
	}
}

/** What must hold in every state, or a sentence. */
function broken(state: LinkState, world: World, nowMs: number): string | null {
	const greeting = state.kind === "dialing" && state.phase === "greeting";
	const relisting = state.kind === "dialing" && state.phase === "relisting";
	const open = state.kind === "live" || state.kind === "doubtful";
	const asking = state.kind === "polling" && state.asking;
	if (world.slot !== (state.kind === "queued" || greeting))
		return "a slot is held exactly while queued or greeting";
	if ((world.socket !== null) !== (greeting || relisting || open))
		return "a socket exists exactly while dialing or open";
	if ((world.poll !== null) !== (asking || relisting))
		return "a poll is under way exactly while asking";
	const deadline = deadlineOf(state);
	if ((deadline !== null) !== TIMED.has(state.kind))
		return "a deadline exists exactly in the timed states";
	if (deadline !== null && !(deadline <= nowMs + 90_000 * 10))
		return "a deadline is a number, and not years away";
	if ("probeEveryMs" in state && state.probeEveryMs > 0)
		if (
			!(
				greeting ||
				relisting ||
				state.kind === "queued" ||
				state.kind === "polling"
			)
		)
			return "only polling links and their probes have a probe interval";
	return null;
}

function walk(
	seed: number,
	events: number,
	visit: (state: LinkState, nowMs: number) => void,
): Readonly<Record<string, number>> {
	const random = seededRandom(seed);
	const pick = <T>(from: readonly T[]): T =>
		from[Math.floor(random() * from.length)] as T;
	const visits: Record<string, number> = {};
	let world: World = { socket: null, poll: null, slot: false, last: 0 };
	let state: LinkState = Object.freeze(IDLE);
	let nowMs = 5_000;
	const env = { random: 0, policy: POLICY, pollMs: POLL_MS };

	/** A numbered event: of what is under way, or an echo of anything before. */
	const numbered = (): LinkEvent => {
		const kind = pick(NUMBERED);
		const poll = kind === "pollAnswered" || kind === "pollFailed";
		const now = poll ? world.poll : world.socket;
		const echo = random() < 0.3 || now === null;
		const epoch = echo ? world.last - Math.floor(random() * 4) : now;
		const planned = random() < 0.3;
		// What ends by itself is over before it is told.
		if (epoch === world.socket && /Closed|Failed/.test(kind) && !poll)
			world.socket = null;
		if (poll && epoch === world.poll) world.poll = null;
		const why = { epoch, fault: pick(FAULTS), tries: pick([1, 3]) };
		if (kind === "socketClosed") return { ...why, kind, planned };
		if (kind === "dialFailed" || kind === "pollFailed") return { ...why, kind };
		if (kind === "pollAnswered")
			return { kind, epoch, everyMs: pick([0, 1_000, 60_000]) };
		if (kind === "frameArrived")
			return { kind, epoch, atMs: nowMs - Math.floor(random() * 30_000) };
		return { kind, epoch };
	};

	for (let n = 0; n < events; n++) {
		nowMs += random() < 0.5 ? random() * 10 : random() * 20_000;
		env.random = random();
		const event: LinkEvent =
			n % 5_000 === 4_999
				? { kind: "stopped" }
				: random() < 0.6
					? numbered()
					: { kind: pick(BARE) };
		const full: LinkEnv = { ...env, nowMs, pollAllowed: n % 40_000 < 35_000 };
		const [next, effects] = transition(state, event, full);
		const fail = (sentence: string): never => {
			throw new Error(
				`seed ${seed}, event ${n} ${JSON.stringify(event)}: ${sentence}: ${JSON.stringify(state)} -> ${JSON.stringify(next)}`,
			);
		};
		try {
			for (const effect of effects) perform(world, effect, next);
		} catch (error) {
			fail(String(error));
		}
		if (next === state && effects.length > 0) fail("acts without a change");
		const sentence = broken(next, world, nowMs);
		if (sentence !== null) fail(sentence);
		visits[next.kind] = (visits[next.kind] ?? 0) + 1;
		// A frozen object throws when the next step tries to change it.
		state = Object.freeze(next);
		visit(state, nowMs);
		if (state.kind === "stopped") {
			// Another link takes its place.
			state = IDLE;
			world = { socket: null, poll: null, slot: false, last: 0 };
		}
	}
	return visits;
}

/** How long a wanted link takes to be live when everything answers well from now on; null: it never is. */
function timeToLive(from: LinkState, startMs: number): number | null {
	let state = from;
	let nowMs = startMs;
	for (let steps = 0; steps < 200; steps++) {
		const event = healthyAnswer(state, nowMs);
		if (event === null) return nowMs - startMs;
		const deadline = deadlineOf(state);
		nowMs =
			event.kind === "deadlinePassed" && deadline !== null
				? Math.max(nowMs, deadline)
				: nowMs + 500;
		[state] = transition(state, event, {
			nowMs,
			random: 0.999,
			policy: POLICY,
			pollMs: POLL_MS,
			pollAllowed: true,
		});
	}
	return null;
}

function healthyAnswer(state: LinkState, nowMs: number): LinkEvent | null {
	switch (state.kind) {
		case "idle":
			return { kind: "wanted" };
		case "queued":
			return { kind: "slotGranted" };
		case "dialing":
			return state.phase === "greeting"
				? { kind: "greeted", epoch: state.epoch }
				: { kind: "pollAnswered", epoch: state.pollEpoch, everyMs: 60_000 };
		case "polling":
			return state.asking
				? { kind: "pollAnswered", epoch: state.epoch, everyMs: 60_000 }
				: { kind: "deadlinePassed" };
		case "doubtful":
			return { kind: "frameArrived", epoch: state.epoch, atMs: nowMs };
		case "waiting":
		case "blocked":
			return { kind: "deadlinePassed" };
		default:
			return null;
	}
}

describe("whatever happens, in whatever order", () => {
	test("two million events break no promise, and a wanted link is live within 13 minutes of healing", () => {
		let longestMs = 0;
		let asked = 0;
		let n = 0;
		const visits = walk(20_260_105, EVENTS, (state, nowMs) => {
			if (n++ % 100 !== 0 || state.kind === "stopped") return;
			const tookMs = timeToLive(state, nowMs);
			if (tookMs === null)
				throw new Error(`never live again: ${JSON.stringify(state)}`);
			asked++;
			longestMs = Math.max(longestMs, tookMs);
		});
		expect(longestMs).toBeLessThanOrEqual(LIVE_WITHIN_MS);
		expect(asked).toBeGreaterThan(15_000);
		// The walk went everywhere.
		for (const kind of [...TIMED, "queued", "idle", "stopped"])
			expect(visits[kind] ?? 0, kind).toBeGreaterThanOrEqual(400);
	});

	test("other seeds break no promise either", () => {
		for (let seed = 1; seed <= 20; seed++) walk(seed, 10_000, () => {});
	});
});
