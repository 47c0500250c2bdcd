// What a link remembers from step to step, and every deadline and delay it sets.
import { describe, expect, test } from "vitest";
import { fault } from "../../../shared/fault.ts";
import {
	answered,
	blocked,
	dialFailed,
	dialing,
	doubtful,
	just,
	live,
	NOW,
	person,
	pollAdvice,
	pollFailed,
	polling,
	probing,
	queued,
	relisting,
	socketClosed,
	soon,
	step,
	waiting,
	young,
} from "../../testkit/linkStates.ts";
import { seededRandom } from "../../testkit/seededRandom.ts";
import type { LinkEnv, LinkEvent, LinkState } from "./state.ts";
import { deadlineOf } from "./state.ts";

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

	test.each(["woke", "networkReturned"] as const)(
		"Liveness: a blocked link is tried once, quietly, within seconds when the laptop says %s",
		(kind) => {
			const { next } = step(blocked, just(kind));
			expect(next).toEqual({ ...blocked, deadline: NOW + 2_500 });
			expect(step(next, just("deadlinePassed")).next).toMatchObject({
				kind: "queued",
				quiet: true,
				refusals: 3,
			});
		},
	);

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

	test("the server's wish to wait outlives our sleep, the back-off beyond it does not", () => {
		const asked = { ...soon, retryAfterMs: 30_000 };
		const { next } = step(dialing, dialFailed(asked), { random: 0 });
		if (next.kind !== "waiting") throw new Error(next.kind);
		const backedOff = { ...next, deadline: NOW + 60_000 };
		const woken = step(backedOff, just("woke")).next;
		expect(woken).toMatchObject({ kind: "waiting", deadline: NOW + 30_000 });
		expect(step(woken, just("networkReturned")).told).toBe("stays");
	});

	test("what arrives late after sleep ends the doubt, and the loss that follows it begins the back-off anew", () => {
		const flapping = { ...young, failures: 5 };
		const { next: asked } = step(flapping, just("woke"), { random: 0.5 });
		const heard: LinkEvent = { kind: "frameArrived", epoch: 7, atMs: NOW };
		const { next: alive } = step(asked, heard);
		expect(alive.kind).toBe("live");
		const { next: lost } = step(alive, socketClosed(soon), { random: 0.5 });
		expect(lost).toMatchObject({ kind: "waiting", deadline: NOW + 1_000 });
	});

	test("C14: Retry-After is a lower bound, spread upwards, a day at the most", () => {
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

	test("C4: the socket is tried after 60 s, then half as often each time, every 5 min at last", () => {
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

	test("C7: eight refused dials wait 1, 2, 4, 8, 16, 32, 60, 60 s", () => {
		expect(delays(8, () => 0.5)).toEqual(nominal);
	});

	test("C7: over 1,000 seeds every wait is within a fifth of its nominal, and they are spread", () => {
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

	test("C8: accept, greet, drop after 1 s, ten times: the delay grows; after 6 s it is 1 s again", () => {
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
