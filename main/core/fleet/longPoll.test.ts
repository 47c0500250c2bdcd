// An agent with a numbered log and no socket: each answer that a long-poll can get, and when it is asked again.
import { afterEach, expect, test } from "vitest";
import type { Reply } from "../../testkit/fleetPlay.ts";
import { openPlay } from "../../testkit/fleetPlay.ts";

let play: ReturnType<typeof openPlay> | null = null;
afterEach(() => {
	play?.end();
	play = null;
});

/** Polled by its log; `answer` is what long-polls get, asked for each one. */
async function openPolled(answer: (nth: number) => Reply | null) {
	play = openPlay(["a"]);
	const { agent, clock, channel } = play;
	const state = agent("a");
	state.extensions = ["events.v1", "longpoll.v1"];
	state.socket = "forbids-upgrade";
	let nth = 0;
	state.reply = (path) =>
		path.includes("wait=") && path.startsWith("/events") ? answer(++nth) : null;
	await clock.pass(1_000);
	expect(channel("a")).toBe("polling");
	const polls = () => state.asked.filter(({ path }) => path.includes("wait="));
	return { ...play, state, polls };
}

const page = (events: readonly object[], next: number): string =>
	JSON.stringify({
		success: true,
		data: { events, next, oldest: 1, epoch: "a" },
	});
const event = (seq: number, status: string) => ({
	event: "job_status",
	job_id: "1",
	status,
	seq,
	epoch: "a",
});
const HANG: Reply = { status: 200, afterMs: Number.POSITIVE_INFINITY };

test.each<[string, Reply]>([
	["204", { status: 204, afterMs: 60_000 }],
	["an empty body", { status: 200, afterMs: 60_000 }],
	["null", { status: 200, body: "null", afterMs: 60_000 }],
])(
	"C5: %s after a minute is no event and no fault, and is followed by the next long-poll",
	async (_what, nothing) => {
		const { clock, polls, events, gaps, unreadable, channel, state } =
			await openPolled(() => nothing);
		const first = polls().length;
		await clock.pass(5 * 60_000);
		expect(polls().length - first).toBeGreaterThanOrEqual(4);
		const pauses = polls()
			.slice(1)
			.map(({ atMs }, i) => atMs - (polls()[i]?.atMs ?? 0));
		// The answer takes its minute; the next question follows within about a second.
		for (const ms of pauses) expect(ms).toBeLessThanOrEqual(61_500);
		expect([events, gaps, unreadable, channel("a")]).toEqual([
			[],
			[],
			[],
			"polling",
		]);
		expect(state.asked.every(({ path }) => !path.includes("wait=0"))).toBe(
			true,
		);
	},
);

test("C5: a body that comes after 59 s is taken in", async () => {
	const { clock, agent, run, events } = await openPolled((nth) =>
		nth === 1
			? { status: 200, body: page([event(1, "running")], 1), afterMs: 59_000 }
			: HANG,
	);
	agent("a").jobs.set("1", { status: "running", message: "" });
	await clock.pass(59_500);
	expect(run("a", "1")?.state).toBe("running");
	expect(events).toEqual(["a running"]);
});

test("C5: a 500 is followed by the next poll 5 s later, not sooner and not much later", async () => {
	const { clock, state } = await openPolled((nth) =>
		nth === 1 ? { status: 500, body: "oops" } : HANG,
	);
	const failedMs = state.asked.find(({ path }) => path.includes("wait="))?.atMs;
	if (failedMs === undefined) throw new Error("no long-poll yet");
	await clock.pass(10_000);
	const next = state.asked.find(({ atMs }) => atMs > failedMs);
	expect((next?.atMs ?? 0) - failedMs).toBeGreaterThanOrEqual(5_000);
	expect((next?.atMs ?? 0) - failedMs).toBeLessThanOrEqual(6_500);
});

test("C5: a long-poll that hangs is aborted after 65 s and asked again, and the host stays polled", async () => {
	const aborted: number[] = [];
	const { clock, polls, channel, state } = await openPolled(() => HANG);
	const [first] = polls();
	if (first === undefined) throw new Error("no long-poll yet");
	await clock.pass(64_000);
	expect(polls()).toHaveLength(1);
	await clock.pass(12_000);
	const after = state.asked.filter(({ atMs }) => atMs > first.atMs);
	const askedAfterMs = (after[0]?.atMs ?? 0) - first.atMs;
	expect(askedAfterMs).toBeGreaterThanOrEqual(65_000);
	expect(askedAfterMs).toBeLessThanOrEqual(72_500);
	expect(channel("a")).toBe("polling");
	expect(aborted).toEqual([]);
});

test("C6: an agent that answers 1,000 long-polls at once with nothing is asked once a second at the most, and within its budget", async () => {
	const { clock, polls } = await openPolled(() => ({ status: 204 }));
	await clock.pass(40 * 60_000);
	const at = polls().map(({ atMs }) => atMs);
	expect(at.length).toBeGreaterThanOrEqual(1_000);
	const pauses = at.slice(1).map((ms, i) => ms - (at[i] ?? 0));
	expect(Math.min(...pauses)).toBeGreaterThanOrEqual(1_000);
});
