import { describe, expect, test } from "vitest";
import type { Fault } from "../../../shared/fault.ts";
import { fault } from "../../../shared/fault.ts";
import { seededRandom } from "../../testkit/seededRandom.ts";
import { POLICY } from "./policy.ts";
import type { LinkEnv, LinkEvent, LinkState } from "./state.ts";
import { deadlineOf, IDLE } from "./state.ts";
import { transition } from "./transition.ts";

const NOW = 1_000_000;
/** A middling chance: no jitter at all. */
const env = (over: Partial<LinkEnv> = {}): LinkEnv => ({
	nowMs: NOW,
	random: 0.5,
	policy: POLICY,
	pollMs: 35_000,
	pollAllowed: true,
	...over,
});

const soon = fault("tcp.refused");
const pollAdvice = fault("http.404");
const person = fault("http.401");

const trail = {
	epoch: 7,
	failures: 2,
	refusals: 0,
	fault: soon,
	probeEveryMs: 0,
	quiet: false,
	farewell: false,
} as const;
type Of<K extends LinkState["kind"]> = Extract<LinkState, { kind: K }>;
const queued: Of<"queued"> = { ...trail, kind: "queued" };
const dialing: Of<"dialing"> = {
	...trail,
	kind: "dialing",
	deadline: NOW + 42_000,
	phase: "greeting",
	pollEpoch: 0,
};
const probing: Of<"dialing"> = {
	...dialing,
	fault: pollAdvice,
	probeEveryMs: 60_000,
};
const relisting: Of<"dialing"> = {
	...probing,
	phase: "relisting",
	pollEpoch: 8,
};
const live: Of<"live"> = {
	...trail,
	kind: "live",
	fault: null,
	deadline: NOW + 30_000,
	greetedAtMs: NOW - 6_000,
};
const young: Of<"live"> = { ...live, greetedAtMs: NOW - 1_000 };
const doubtful: Of<"doubtful"> = {
	...live,
	kind: "doubtful",
	deadline: NOW + 10_000,
	woke: false,
};
const waiting: Of<"waiting"> = {
	...trail,
	kind: "waiting",
	deadline: NOW + 40_000,
};
const polling: Of<"polling"> = {
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
const resting: Of<"polling"> = {
	...polling,
	asking: false,
	deadline: NOW + 10_000,
};
const blocked: Of<"blocked"> = {
	...trail,
	kind: "blocked",
	fault: person,
	refusals: 3,
	deadline: NOW + 600_000,
};

const dialFailed = (why: Fault, tries = 3, epoch = 7): LinkEvent => ({
	kind: "dialFailed",
	epoch,
	fault: why,
	tries,
});
const socketClosed = (why: Fault, planned = false, epoch = 7): LinkEvent => ({
	kind: "socketClosed",
	epoch,
	fault: why,
	planned,
	tries: 3,
});
const pollFailed = (why: Fault, tries = 3, epoch = 7): LinkEvent => ({
	kind: "pollFailed",
	epoch,
	fault: why,
	tries,
});
const answered = (everyMs = 10_000, epoch = 7): LinkEvent => ({
	kind: "pollAnswered",
	epoch,
	everyMs,
});
const just = (
	kind: Exclude<LinkEvent, { epoch: number }>["kind"],
): LinkEvent => ({ kind });

/** `state --event--> kind [effects]`, the part of a step that the table is about. */
function step(
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

describe("the table", () => {
	const same = "stays";
	const table: readonly (readonly [string, LinkState, LinkEvent, string])[] = [
		["an idle link is not woken", IDLE, just("woke"), same],
		["it is wanted", IDLE, just("wanted"), "queued: requestSlot"],
		[
			"a queued link is granted a slot",
			queued,
			just("slotGranted"),
			"dialing: dial",
		],
		["it is paused", queued, just("unwanted"), "idle: releaseSlot"],
		["its queueing has no end by itself", queued, just("deadlinePassed"), same],
		[
			"a dial is greeted",
			dialing,
			{ kind: "greeted", epoch: 7 },
			"live: releaseSlot",
		],
		[
			"a dial of the past is greeted",
			dialing,
			{ kind: "greeted", epoch: 6 },
			same,
		],
		["a dial fails", dialing, dialFailed(soon), "waiting: releaseSlot"],
		[
			"a dial takes too long",
			dialing,
			just("deadlinePassed"),
			"waiting: releaseSlot, hangUp",
		],
		[
			"the socket is impossible",
			dialing,
			dialFailed(pollAdvice),
			"polling: releaseSlot, poll",
		],
		[
			"a server's certificate is wrong",
			dialing,
			dialFailed(person, 1),
			"blocked: releaseSlot",
		],
		[
			"a refusal may be an accident",
			dialing,
			dialFailed(person),
			"waiting: releaseSlot",
		],
		[
			"a dial is paused",
			dialing,
			just("unwanted"),
			"idle: releaseSlot, hangUp politely",
		],
		[
			"a dial is removed",
			dialing,
			just("stopped"),
			"stopped: releaseSlot, hangUp politely",
		],
		["a dial sleeps", dialing, just("woke"), "waiting: releaseSlot, hangUp"],
		[
			"a dial shows the old certificate",
			dialing,
			just("identityChanged"),
			"queued: releaseSlot, hangUp, requestSlot",
		],
		["a person asks during a dial", dialing, just("retryAsked"), same],
		[
			"a probe is greeted",
			probing,
			{ kind: "greeted", epoch: 7 },
			"dialing: releaseSlot, poll",
		],
		["a probe fails", probing, dialFailed(soon), "polling: releaseSlot, poll"],
		[
			"a probe is refused",
			probing,
			dialFailed(person, 1),
			"polling: releaseSlot, poll",
		],
		[
			"a probe takes too long",
			probing,
			just("deadlinePassed"),
			"polling: releaseSlot, hangUp, poll",
		],
		["a probe sleeps", probing, just("woke"), "polling: releaseSlot, hangUp"],
		["a greeted probe lists well", relisting, answered(0, 8), "live: "],
		[
			"a greeted probe does not list",
			relisting,
			pollFailed(soon, 3, 8),
			"polling: hangUp, poll",
		],
		[
			"a greeted probe lists too slowly",
			relisting,
			just("deadlinePassed"),
			"polling: abortPoll, hangUp, poll",
		],
		[
			"a greeted probe closes",
			relisting,
			dialFailed(soon),
			"polling: abortPoll, poll",
		],
		[
			"a greeted probe is greeted again",
			relisting,
			{ kind: "greeted", epoch: 7 },
			same,
		],
		[
			"a greeted probe is paused",
			relisting,
			just("unwanted"),
			"idle: abortPoll, hangUp politely",
		],
		["a live link is quiet", live, just("deadlinePassed"), "doubtful: ping"],
		["a live link closes", live, socketClosed(soon), "waiting: "],
		[
			"a live link of the past closes",
			live,
			socketClosed(soon, false, 6),
			same,
		],
		[
			"a live link breaks a limit",
			live,
			socketClosed(fault("ws.too-big")),
			"polling: poll",
		],
		["a live link wakes", live, just("woke"), "doubtful: ping"],
		[
			"a live link changes networks",
			live,
			just("networkReturned"),
			"doubtful: ping",
		],
		[
			"a live link keeps its socket when the identity changes",
			live,
			just("identityChanged"),
			same,
		],
		["a person asks of a live link", live, just("retryAsked"), same],
		["a live link is paused", live, just("unwanted"), "idle: hangUp politely"],
		["a poll's echo reaches a live link", live, answered(), same],
		[
			"a doubtful link is heard",
			doubtful,
			{ kind: "frameArrived", epoch: 7, atMs: NOW },
			"live: ",
		],
		[
			"a doubtful link stays silent",
			doubtful,
			just("deadlinePassed"),
			"waiting: hangUp",
		],
		["a doubtful link wakes", doubtful, just("woke"), "doubtful: ping"],
		["a wait is over", waiting, just("deadlinePassed"), "queued: requestSlot"],
		[
			"a person does not want to wait",
			waiting,
			just("retryAsked"),
			"queued: requestSlot",
		],
		[
			"a wait ends with a new identity",
			waiting,
			just("identityChanged"),
			"queued: requestSlot",
		],
		["a wait is paused", waiting, just("unwanted"), "idle: "],
		["a dial's echo reaches a waiting link", waiting, dialFailed(soon), same],
		["a poll is answered", polling, answered(), "polling: "],
		["a poll is answered twice", resting, answered(), same],
		["the next poll is due", resting, just("deadlinePassed"), "polling: poll"],
		[
			"the probe is due",
			{ ...resting, probeAtMs: NOW },
			just("deadlinePassed"),
			"queued: requestSlot",
		],
		[
			"a poll takes too long",
			polling,
			just("deadlinePassed"),
			"polling: abortPoll",
		],
		["one poll fails", polling, pollFailed(soon), "polling: "],
		[
			"the third poll in a row fails",
			{ ...polling, misses: 2 },
			pollFailed(soon),
			"waiting: ",
		],
		[
			"the third poll in a row takes too long",
			{ ...polling, misses: 2 },
			just("deadlinePassed"),
			"waiting: abortPoll",
		],
		[
			"a poll meets a wrong certificate",
			polling,
			pollFailed(person, 1),
			"blocked: ",
		],
		[
			"a probe is asked for during a poll",
			polling,
			just("probeAsked"),
			"queued: abortPoll, requestSlot",
		],
		[
			"a probe is asked for between polls",
			resting,
			just("probeAsked"),
			"queued: requestSlot",
		],
		["a poll sleeps", polling, just("woke"), "polling: abortPoll"],
		["a polling link is paused", polling, just("unwanted"), "idle: abortPoll"],
		[
			"a blocked link is tried again",
			blocked,
			just("deadlinePassed"),
			"queued: requestSlot",
		],
		[
			"a blocked link gets a new identity",
			blocked,
			just("identityChanged"),
			"queued: requestSlot",
		],
		[
			"a blocked link is asked for",
			blocked,
			just("retryAsked"),
			"queued: requestSlot",
		],
		["a blocked link wakes", blocked, just("woke"), same],
		["a blocked link changes networks", blocked, just("networkReturned"), same],
		["a stopped link is wanted", { kind: "stopped" }, just("wanted"), same],
		["an idle link is removed", IDLE, just("stopped"), "stopped: "],
	];
	test.each(table)("%s", (_sentence, state, event, told) => {
		expect(step(state, event).told).toBe(told);
	});
});

describe("what is remembered", () => {
	test("a link counts on when it was paused, so no echo fits the next dial", () => {
		const { next: paused } = step(dialing, just("unwanted"));
		const { next: wanted } = step(paused, just("wanted"));
		const { next: again } = step(wanted, just("slotGranted"));
		expect(again).toMatchObject({ kind: "dialing", epoch: 9 });
		expect(step(again, dialFailed(soon)).told).toBe("stays");
	});

	test("a pause and its end forget the past of the link", () => {
		const { next: paused } = step(blocked, just("unwanted"));
		expect(step(paused, just("wanted")).next).toMatchObject({
			failures: 0,
			refusals: 0,
			fault: null,
		});
	});

	test("a link that lived for 5 s begins its back-off anew", () => {
		const { next } = step({ ...live, failures: 6 }, socketClosed(soon));
		expect(next).toMatchObject({ failures: 1, deadline: NOW + 1_000 });
	});

	test("a flapping host keeps its back-off", () => {
		const { next } = step({ ...young, failures: 6 }, socketClosed(soon));
		expect(next).toMatchObject({ failures: 7, deadline: NOW + 60_000 });
	});

	test("a goodbye before it settled is believed once in a row, not each time", () => {
		const goodbye = socketClosed(fault("agent.draining"), true);
		const { next } = step({ ...young, failures: 6 }, goodbye);
		expect(next).toMatchObject({ failures: 1, deadline: NOW + 1_000 });
		let failures = 1;
		for (const delayMs of [2_000, 4_000, 8_000]) {
			const { next: again } = step(
				{ ...young, failures, farewell: true },
				goodbye,
			);
			expect(again).toMatchObject({ deadline: NOW + delayMs, farewell: true });
			failures++;
		}
	});

	test("a goodbye after it settled is believed every time", () => {
		const { next } = step(
			{ ...live, failures: 6, farewell: true },
			socketClosed(fault("agent.draining"), true),
		);
		expect(next).toMatchObject({ failures: 1, deadline: NOW + 1_000 });
	});

	test("the third refusal in a row blocks, for ten minutes", () => {
		const { next } = step({ ...dialing, refusals: 2 }, dialFailed(person));
		expect(next).toMatchObject({
			kind: "blocked",
			refusals: 3,
			fault: person,
			deadline: NOW + 600_000,
		});
	});

	test("the retry of a blocked link is quiet, and blocks again at once", () => {
		const { next: quiet } = step(blocked, just("deadlinePassed"));
		expect(quiet).toMatchObject({ kind: "queued", quiet: true });
		const { next } = step(
			{ ...dialing, quiet: true, refusals: 3 },
			dialFailed(person),
		);
		expect(next).toMatchObject({ kind: "blocked", quiet: false, refusals: 4 });
	});

	test("a person who asks sees the quiet retry, and its refusal counts from one", () => {
		const { next } = step(
			{ ...queued, quiet: true, refusals: 3 },
			just("retryAsked"),
		);
		expect(next).toMatchObject({ kind: "queued", quiet: false, refusals: 0 });
	});

	test("a quiet retry that sleeps is blocked as before, and tried soon", () => {
		const { next } = step(
			{ ...dialing, quiet: true, refusals: 3 },
			just("woke"),
		);
		expect(next).toMatchObject({
			kind: "blocked",
			quiet: false,
			deadline: NOW + 2_500,
		});
	});

	test("a blocked link that a person retries counts from the beginning", () => {
		expect(step(blocked, just("retryAsked")).next).toMatchObject({
			refusals: 0,
			failures: 0,
			quiet: false,
		});
	});

	test("a greeted link has no fault, and its number is the socket's", () => {
		expect(step(relisting, answered(0, 8)).next).toMatchObject({
			kind: "live",
			fault: null,
			epoch: 7,
			probeEveryMs: 0,
			greetedAtMs: NOW,
			deadline: NOW + 30_000,
		});
	});
});

describe("time", () => {
	test("a frame moves the deadline to 30 s after it", () => {
		const heard: LinkEvent = { kind: "frameArrived", epoch: 7, atMs: NOW + 5 };
		expect(step(live, heard).next).toMatchObject({ deadline: NOW + 30_005 });
	});

	test("a frame older than the deadline knows moves nothing", () => {
		const heard: LinkEvent = { kind: "frameArrived", epoch: 7, atMs: NOW };
		expect(step(live, heard).told).toBe("stays");
	});

	test("a ping has 10 s, after sleep 3 s", () => {
		expect(step(live, just("deadlinePassed")).next).toMatchObject({
			deadline: NOW + 10_000,
			woke: false,
		});
		expect(step(live, just("woke")).next).toMatchObject({
			deadline: NOW + 3_000,
			woke: true,
		});
	});

	test("a socket lost to sleep is nobody's failure, and is redialed within 5 s", () => {
		const slept = { ...doubtful, woke: true, failures: 4, deadline: NOW };
		for (const random of [0, 0.25, 0.999]) {
			const { next } = step(slept, just("deadlinePassed"), { random });
			expect(next).toMatchObject({
				kind: "waiting",
				failures: 0,
				deadline: NOW + random * 5_000,
			});
		}
	});

	test("waiting links come forward after sleep, and never go back", () => {
		expect(step(waiting, just("woke")).next).toMatchObject({
			deadline: NOW + 2_500,
			failures: 2,
		});
		const almost = { ...waiting, deadline: NOW + 100 };
		expect(step(almost, just("networkReturned")).told).toBe("stays");
	});

	test("the server's wish to wait outlives our sleep", () => {
		const asked = { ...waiting, fault: { ...soon, retryAfterMs: 30_000 } };
		expect(step(asked, just("woke")).told).toBe("stays");
	});

	test("Retry-After is a lower bound, spread upwards, a day at the most", () => {
		for (const [retryAfterMs, least, most] of [
			[30_000, 30_000, 35_000],
			[60_000, 60_000, 65_000],
			[500, 3_200, 4_800],
			[1e12, 86_400_000, 86_405_000],
		] as const)
			for (const random of [0, 0.5, 0.999]) {
				const { next } = step(dialing, dialFailed({ ...soon, retryAfterMs }), {
					random,
				});
				const delay = (deadlineOf(next) ?? 0) - NOW;
				expect(delay).toBeGreaterThanOrEqual(least);
				expect(delay).toBeLessThanOrEqual(most);
			}
	});

	test("one failed poll is followed after 5 s, and never sooner than asked", () => {
		for (const random of [0, 0.999]) {
			const { next } = step(polling, pollFailed(soon), { random });
			expect(deadlineOf(next)).toBeGreaterThanOrEqual(NOW + 5_000);
			expect(deadlineOf(next)).toBeLessThanOrEqual(NOW + 6_000);
			const asked = { ...soon, retryAfterMs: 30_000 };
			const { next: later } = step(polling, pollFailed(asked), { random });
			expect(later).toMatchObject({ kind: "polling", misses: 0 });
			expect(deadlineOf(later)).toBeGreaterThanOrEqual(NOW + 30_000);
		}
	});

	test("polls keep their pace, and a pause of a second is never cut by chance", () => {
		const at = (everyMs: number, random: number): number =>
			(deadlineOf(step(polling, answered(everyMs), { random }).next) ?? 0) -
			NOW;
		expect(at(10_000, 0)).toBe(8_000);
		expect(at(10_000, 0.5)).toBe(10_000);
		expect(at(1_000, 0)).toBe(1_000);
		expect(at(0, 0.5)).toBe(0);
	});

	test("the socket is tried after 60 s, then half as often each time, every 5 min at last", () => {
		let state: LinkState = step(dialing, dialFailed(pollAdvice)).next;
		const pauses: number[] = [];
		for (let i = 0; i < 5; i++) {
			if (state.kind !== "polling") throw new Error(state.kind);
			pauses.push(state.probeAtMs - NOW);
			const { next } = step(
				{ ...state, asking: false, probeAtMs: NOW },
				just("deadlinePassed"),
			);
			const { next: dial } = step(next, just("slotGranted"));
			if (dial.kind !== "dialing") throw new Error(dial.kind);
			state = step(dial, dialFailed(pollAdvice, 3, dial.epoch)).next;
		}
		expect(pauses).toEqual([60_000, 120_000, 240_000, 300_000, 300_000]);
	});

	test("the next poll does not push the probe away", () => {
		const soonProbe = { ...polling, probeAtMs: NOW + 3_000 };
		expect(step(soonProbe, answered(60_000)).next).toMatchObject({
			deadline: NOW + 3_000,
		});
	});

	test("a probe that ended by chance does not change why the link is polled", () => {
		const { next } = step(probing, dialFailed(soon));
		expect(next).toMatchObject({ fault: pollAdvice });
		const wrong = fault("ws.accept-wrong");
		expect(step(probing, dialFailed(wrong)).next).toMatchObject({
			fault: wrong,
		});
	});

	test("without leave to poll, advice to poll is waited out", () => {
		expect(
			step(dialing, dialFailed(pollAdvice), { pollAllowed: false }).told,
		).toBe("waiting: releaseSlot");
		expect(
			step(probing, dialFailed(soon), { pollAllowed: false }).next,
		).toMatchObject({ kind: "waiting", probeEveryMs: 0 });
	});
});

/** Delays of `losses` failed dials in a row. */
function delays(losses: number, random: () => number): number[] {
	let state: LinkState = { ...queued, failures: 0 };
	let nowMs = NOW;
	const found: number[] = [];
	for (let i = 0; i < losses; i++) {
		const at = (): Partial<LinkEnv> => ({ nowMs, random: random() });
		state = step(state, just("slotGranted"), at()).next;
		if (state.kind !== "dialing") throw new Error(state.kind);
		state = step(state, dialFailed(soon, 3, state.epoch), at()).next;
		const deadline = deadlineOf(state) ?? 0;
		found.push(deadline - nowMs);
		nowMs = deadline;
		state = step(state, just("deadlinePassed"), at()).next;
	}
	return found;
}

describe("the schedule of 03-BEHAVIOUR section 1 (C7, C8)", () => {
	const nominal = [1, 2, 4, 8, 16, 32, 60, 60].map((s) => s * 1_000);

	test("eight refused dials wait 1, 2, 4, 8, 16, 32, 60, 60 s", () => {
		expect(delays(8, () => 0.5)).toEqual(nominal);
	});

	test("over 1,000 seeds every wait is within a fifth of its nominal, and they are spread", () => {
		const factors: number[] = [];
		for (let seed = 1; seed <= 1_000; seed++) {
			const random = seededRandom(seed);
			for (const [i, delay] of delays(8, random).entries())
				factors.push(delay / (nominal[i] ?? 0));
		}
		const out = factors.filter((factor) => factor < 0.8 || factor > 1.2);
		expect(out).toEqual([]);
		const tenths = new Set(factors.map((f) => Math.floor((f - 0.8) / 0.04)));
		expect(tenths.size).toBe(10);
	});

	test("years of failing do not overflow", () => {
		const long = delays(2_000, () => 0.999);
		expect(Math.max(...long)).toBeLessThanOrEqual(72_000);
	});

	test("accept, greet, drop after 1 s, ten times: the delay grows; after 6 s it is 1 s again", () => {
		let state: LinkState = { ...queued, failures: 0 };
		let nowMs = NOW;
		const lose = (livedMs: number): number => {
			state = step(state, just("slotGranted"), { nowMs }).next;
			if (state.kind !== "dialing") throw new Error(state.kind);
			const { epoch } = state;
			state = step(state, { kind: "greeted", epoch }, { nowMs }).next;
			nowMs += livedMs;
			state = step(state, socketClosed(soon, false, epoch), { nowMs }).next;
			const delay = (deadlineOf(state) ?? 0) - nowMs;
			nowMs += delay;
			state = step(state, just("deadlinePassed"), { nowMs }).next;
			return delay;
		};
		const flapping = Array.from({ length: 10 }, () => lose(1_000) / 1_000);
		expect(flapping).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
		expect(lose(6_000)).toBe(1_000);
	});
});
