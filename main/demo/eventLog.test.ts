import { expect, test } from "vitest";
import { handClock } from "../testkit/demoWorld.ts";
import { createEventLog } from "./eventLog.ts";

function log() {
	const clock = handClock();
	let epochs = 0;
	return { clock, log: createEventLog(clock, () => `e${++epochs}`) };
}
const never = new AbortController().signal;

test("events are numbered from 1 and read from any number on", () => {
	const { log: events } = log();
	for (const name of ["a", "b", "c"]) events.append({ name });
	expect(events.since(1, 1)).toEqual({
		events: [{ name: "b", seq: 2, epoch: "e1" }],
		next: 2,
		oldest: 1,
		epoch: "e1",
	});
	expect(events.since(3, 10)).toMatchObject({ events: [], next: 3 });
});

test("beyond 500 the oldest are gone, and `oldest` says so", () => {
	const { log: events } = log();
	for (let count = 0; count < 600; count++) events.append({});
	expect(events.since(0, 1000)).toMatchObject({ oldest: 101, next: 600 });
});

test("waiting ends with the next event, with the time, with a stop, and at once for a reader of another epoch", async () => {
	const { clock, log: events } = log();
	const next = events.wait(0, 60_000, never);
	events.append({});
	expect(await next).toBe(true);
	const late = events.wait(1, 60_000, never);
	clock.advance(60_000);
	expect(await late).toBe(false);
	const gone = new AbortController();
	const stopped = events.wait(1, 60_000, gone.signal);
	gone.abort();
	expect(await stopped).toBe(false);
	const across = events.wait(1, 60_000, never);
	events.renew();
	expect(await across).toBe(true);
	expect(events.since(1, 10)).toMatchObject({
		events: [],
		next: 0,
		epoch: "e2",
	});
	expect(clock.pending()).toBe(0);
});
