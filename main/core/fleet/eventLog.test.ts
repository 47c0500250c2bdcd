// An agent with a numbered log, played by an array: what it keeps, what it pushes, what it answers.
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Fault } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";
import type { Source } from "../../../shared/model.ts";
import { agentJobId } from "../../../shared/model.ts";
import { settled } from "../../testkit/virtualClock.ts";
import type { RunEvent } from "../agentApi/message.ts";
import type { HttpAnswer } from "../agentApi/rest.ts";
import { openEventLog } from "./eventLog.ts";
import type { GetOptions } from "./readerTypes.ts";

const event = (seq: number, epoch = "a"): RunEvent => ({
	agentJobId: agentJobId(`run-${seq}`),
	state: "running",
	rawStatus: "running",
	progress: null,
	message: "",
	error: null,
	errorCode: null,
	atText: null,
	seq,
	epoch,
	parentJobId: null,
	parentLabel: null,
});

const answer = (body: string, status = 200): HttpAnswer => ({
	status,
	contentType: "application/json",
	retryAfterMs: null,
	body: Buffer.from(body),
});

interface Page {
	events: object[];
	next: number;
	oldest: number;
	epoch: string;
}

const pageAnswer = (page: Page): HttpAnswer =>
	answer(JSON.stringify({ success: true, data: page }));

/** An agent whose log has `last` events, of which the oldest are gone. */
function openAgent() {
	const agent = {
		last: 0,
		oldest: 1,
		epoch: "a",
		/** Answers instead of the log, first come first. */
		script: [] as (HttpAnswer | Fault)[],
		broken: new Set<number>(),
		asked: [] as { path: string; options: GetOptions }[],
		applied: [] as string[],
		sources: [] as Source[],
		gaps: [] as string[],
		faults: [] as Fault[],
		relists: [] as Source[],
	};
	const row = (seq: number): object =>
		agent.broken.has(seq)
			? { nonsense: true }
			: {
					event: "job_status",
					job_id: `run-${seq}`,
					status: "running",
					seq,
					epoch: agent.epoch,
				};
	const log = openEventLog({
		async get(path, options) {
			agent.asked.push({ path, options });
			if (options.signal.aborted) return failed(fault("pipe.closed"));
			const scripted = agent.script.shift();
			if (scripted !== undefined)
				return "code" in scripted ? failed(scripted) : ok(scripted);
			const query = new URLSearchParams(path.split("?")[1]);
			const since = Number(query.get("since"));
			const limit = Number(query.get("limit") ?? 1_000);
			const from = Math.max(since + 1, agent.oldest);
			const length = Math.max(0, Math.min(limit, agent.last - from + 1));
			const events = Array.from({ length }, (_, index) => row(from + index));
			const next = length === 0 ? agent.last : from + length - 1;
			const { oldest, epoch } = agent;
			return ok(pageAnswer({ events, next, oldest, epoch }));
		},
		apply(told, source) {
			agent.applied.push(`${told.epoch}${told.seq}`);
			agent.sources.push(source);
		},
		async relist(source) {
			agent.relists.push(source);
			return ok(undefined);
		},
		onGap: (sentence) => agent.gaps.push(sentence),
		onRestarted: (sentence) => agent.gaps.push(sentence),
		onDecodeFault: (why) => agent.faults.push(why),
	});
	const live = new AbortController();
	const push = (seq: number): void => {
		agent.last = Math.max(agent.last, seq);
		log.take(event(seq, agent.epoch), "push", live.signal);
	};
	return { agent, log, live, push };
}

const upTo = (last: number, epoch = "a"): string[] =>
	Array.from({ length: last }, (_, index) => `${epoch}${index + 1}`);

describe("pushed events", () => {
	test("C21: a gap is noticed and filled from the log, in order and once each", async () => {
		const { agent, push } = openAgent();
		for (const seq of [1, 2, 3]) push(seq);
		push(7);
		push(8);
		await settled();
		expect(agent.applied).toEqual(upTo(8));
		expect(agent.asked.map(({ path }) => path)).toEqual([
			"/events?since=3&limit=1000",
		]);
		expect(agent.relists).toEqual([]);
		expect(agent.gaps).toEqual([]);
	});

	test("a gap of more than one page is read page by page", async () => {
		const { agent, push } = openAgent();
		push(1);
		push(2_500);
		await settled();
		expect(agent.applied).toEqual(upTo(2_500));
		expect(agent.asked).toHaveLength(3);
		expect(agent.gaps).toEqual([]);
	});

	test("C22: duplicates are ignored", async () => {
		const { agent, push } = openAgent();
		for (const seq of [1, 2, 2, 1, 3]) push(seq);
		await settled();
		expect(agent.applied).toEqual(upTo(3));
		expect(agent.asked).toEqual([]);
	});

	test("C21: a log that has wrapped is a gap: it is told, and the jobs are read again", async () => {
		const { agent, log, push } = openAgent();
		push(1);
		agent.oldest = 500;
		push(900);
		await settled();
		expect(agent.gaps).toEqual([
			"498 events are no longer in the agent’s log; its jobs were read again",
		]);
		expect(agent.relists).toEqual(["reconcile"]);
		expect(log.cursor).toEqual({ epoch: "a", seq: 900 });
		push(901);
		expect(agent.applied.at(-1)).toBe("a901");
	});

	test("an agent that lost its memory is read again, and followed from there", async () => {
		const { agent, log, push } = openAgent();
		for (const seq of [1, 2, 3]) push(seq);
		agent.epoch = "b";
		agent.last = 0;
		push(1);
		await settled();
		expect(agent.gaps).toEqual([
			"the agent restarted and began a new event log; its jobs were read again",
		]);
		expect(agent.relists).toEqual(["reconcile"]);
		expect(log.cursor).toEqual({ epoch: "b", seq: 1 });
		push(2);
		expect(agent.applied.at(-1)).toBe("b2");
	});

	test("a log that cannot be read, or does not tell what is missing, is a gap too", async () => {
		for (const scripted of [fault("http.503"), answer("null")]) {
			const { agent, log, push } = openAgent();
			push(1);
			agent.script.push(scripted);
			push(5);
			await settled();
			expect(agent.gaps).toHaveLength(1);
			expect(agent.relists).toEqual(["reconcile"]);
			expect(agent.applied).toEqual(["a1", "a5"]);
			expect(log.cursor).toEqual({ epoch: "a", seq: 5 });
		}
	});

	test("one unreadable event costs that event: it is told, the rest is applied, the jobs are read again", async () => {
		const { agent, log, push } = openAgent();
		push(1);
		agent.broken.add(3);
		push(5);
		await settled();
		expect(agent.applied).toEqual(["a1", "a2", "a4", "a5"]);
		expect(agent.faults).toMatchObject([
			{ code: "ws.bad-frame", sentence: "1 logged events cannot be read" },
		]);
		expect(agent.relists).toEqual(["reconcile"]);
		expect(log.cursor?.seq).toBe(5);
	});

	test("a link that is lost while a gap is filled leaves the cursor where it was, so that the next link resumes there", async () => {
		const { agent, log, live, push } = openAgent();
		push(1);
		push(5);
		live.abort();
		await settled();
		expect(log.cursor).toEqual({ epoch: "a", seq: 1 });
		expect(agent.relists).toEqual([]);
		const next = new AbortController();
		log.take(event(5), "push", next.signal);
		await settled();
		expect(agent.applied).toEqual(upTo(5));
	});

	test("a flood during the filling of a gap is bounded, and nothing of it is lost", async () => {
		const { agent, push } = openAgent();
		push(1);
		for (let seq = 3; seq <= 9_000; seq++) push(seq);
		for (let page = 0; page < 10; page++) await settled();
		expect(agent.applied).toHaveLength(9_000);
		expect(agent.applied).toEqual(upTo(9_000));
		expect(agent.gaps).toEqual([]);
	});

	test("an event without a number is applied as it comes", () => {
		const { agent, log, live } = openAgent();
		const bare = { ...event(1), seq: null, epoch: null };
		log.take(bare, "push", live.signal);
		expect(agent.applied).toEqual(["nullnull"]);
		expect(log.cursor).toBeNull();
	});
});

describe("resuming", () => {
	test("there is nothing to resume from before the first event", () => {
		expect(openAgent().log.subscribeFrame()).toBeNull();
	});

	test("the frame names the last event taken in and its epoch", () => {
		const { log, push } = openAgent();
		push(41);
		expect(JSON.parse(log.subscribeFrame() ?? "")).toEqual({
			action: "subscribe",
			since: 41,
			epoch: "a",
		});
	});
});

describe("long-poll", () => {
	test("C5: 204, an empty body and `null` are all nothing", async () => {
		const { agent, log, live } = openAgent();
		agent.script.push(answer("", 204), answer(""), answer("null"));
		for (let i = 0; i < 3; i++)
			expect(await log.poll(live.signal)).toEqual(ok({ events: 0 }));
		expect(agent.applied).toEqual([]);
	});

	test("C5: a long-poll waits a minute on a lane of its own, with 5 s for the way", async () => {
		const { agent, log, live } = openAgent();
		await log.poll(live.signal);
		expect(agent.asked[0]).toMatchObject({
			path: "/events?since=0&wait=60",
			options: { timeoutMs: 65_000, lane: "long" },
		});
	});

	test("each page goes on where the last one ended", async () => {
		const { agent, log, live } = openAgent();
		agent.last = 3;
		expect(await log.poll(live.signal)).toEqual(ok({ events: 3 }));
		agent.last = 5;
		expect(await log.poll(live.signal)).toEqual(ok({ events: 2 }));
		expect(agent.applied).toEqual(upTo(5));
		expect(new Set(agent.sources)).toEqual(new Set(["longpoll"]));
		expect(agent.asked[1]?.path).toBe("/events?since=3&wait=60");
	});

	test("an unreadable event does not make it ask for the same page for ever", async () => {
		const { agent, log, live } = openAgent();
		await log.poll(live.signal);
		agent.broken.add(2).add(3);
		agent.last = 3;
		await log.poll(live.signal);
		expect(agent.applied).toEqual(["a1"]);
		expect(agent.faults).toHaveLength(1);
		await log.poll(live.signal);
		expect(agent.asked.at(-1)?.path).toBe("/events?since=3&wait=60");
	});

	test("an unreadable event at the very beginning is told as well, though no number shows that it is missing", async () => {
		const { agent, log, live } = openAgent();
		agent.broken.add(1);
		agent.last = 3;
		await log.poll(live.signal);
		expect(agent.applied).toEqual(["a2", "a3"]);
		expect(agent.faults).toMatchObject([
			{ code: "ws.bad-frame", sentence: "1 logged events cannot be read" },
		]);
		expect(agent.relists).toEqual(["longpoll"]);
		expect(agent.gaps).toEqual([]);
	});

	test("events that are not in the page are a gap, not unreadable", async () => {
		const { agent, log, live } = openAgent();
		agent.last = 1;
		await log.poll(live.signal);
		const events = [2, 5].map((seq) => ({
			event: "job_status",
			job_id: `run-${seq}`,
			status: "running",
			seq,
			epoch: "a",
		}));
		agent.script.push(pageAnswer({ events, next: 5, oldest: 1, epoch: "a" }));
		await log.poll(live.signal);
		expect(agent.applied).toEqual(["a1", "a2", "a5"]);
		expect(agent.faults).toEqual([]);
		expect(agent.gaps).toEqual([
			"2 events are missing in the agent’s log; its jobs were read again",
		]);
		expect(agent.relists).toEqual(["longpoll"]);
	});

	test("an agent that lost its memory and one whose log wrapped are read again, and it is told", async () => {
		const { agent, log, live } = openAgent();
		agent.last = 3;
		await log.poll(live.signal);
		agent.epoch = "b";
		agent.last = 1;
		await log.poll(live.signal);
		agent.last = 700;
		agent.oldest = 201;
		await log.poll(live.signal);
		expect(agent.gaps).toEqual([
			expect.stringMatching(/^the agent restarted/),
			expect.stringMatching(/^199 events are no longer/),
		]);
		expect(agent.relists).toEqual(["longpoll", "longpoll"]);
		expect(log.cursor).toEqual({ epoch: "b", seq: 700 });
	});

	test("a refusal and a body that is no page are faults", async () => {
		const { agent, log, live } = openAgent();
		agent.script.push(fault("http.503"), answer("<html>"));
		expect(await log.poll(live.signal)).toMatchObject({
			fault: { code: "http.503" },
		});
		expect(await log.poll(live.signal)).toMatchObject({
			fault: { code: "http.unexpected" },
		});
	});
});

test("C22: whatever is dropped, doubled or swapped on the way, every event of the log is applied once and in order", async () => {
	const arrivals = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 60 });
	await fc.assert(
		fc.asyncProperty(arrivals, async (pushed) => {
			const { agent, log, live, push } = openAgent();
			push(1);
			for (const [index, seq] of pushed.entries()) {
				push(seq);
				if (index % 7 === 0) await settled();
			}
			await settled();
			// What was lost at the very end is noticed by the next event.
			log.take(event(++agent.last), "push", live.signal);
			await settled();
			expect(agent.applied).toEqual(upTo(agent.last));
			expect(agent.gaps).toEqual([]);
		}),
	);
});
