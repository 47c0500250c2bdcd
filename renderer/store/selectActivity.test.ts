import fc from "fast-check";
import { expect, test } from "vitest";
import type { Activity } from "../../shared/model.ts";
import { agentJobId, hostId, jobId } from "../../shared/model.ts";
import { appended, EMPTY_LOG, LINES_KEPT, lengthOf } from "./eventLog.ts";
import { matches, parseFilter } from "./filter.ts";
import { NOW } from "./fixtures.ts";
import type { ActivitySelection, ShownActivity } from "./selectActivity.ts";
import { createActivitySelection } from "./selectActivity.ts";
import { eventSubject } from "./subject.ts";

const all = parseFilter("");
const logOf = (events: readonly Activity[]) => appended(EMPTY_LOG, "e", events);
const listed = (shown: ShownActivity): number[] =>
	Array.from({ length: shown.length }, (_, at) => shown.at(at)?.n ?? -1);
/** A selection that has always looked all the way back. */
function createSelection(): ActivitySelection["select"] {
	const { select, lookBack } = createActivitySelection();
	return (log, ...rest) => {
		while (select(log, ...rest).isLooking) lookBack(log);
		return select(log, ...rest);
	};
}

const hostEvent = (n: number, host: string): Activity => ({
	kind: "host",
	n,
	receivedAt: NOW,
	jobId: jobId("j-1"),
	hostId: hostId(host),
	agentJobId: agentJobId("a"),
	status: "failed",
	rawStatus: "failed",
	message: "",
	error: null,
	errorCode: null,
	at: null,
	source: "push",
});
const gap: Activity = {
	kind: "gap",
	n: 3,
	receivedAt: NOW,
	hostId: null,
	sentence: "12 events were missed",
};

test("activity is newest first, held at a number, and a gap is told for every kind", () => {
	const log = logOf([
		hostEvent(1, "a"),
		hostEvent(2, "b"),
		gap,
		hostEvent(4, "c"),
	]);
	const select = createSelection();
	const numbers = (...args: Parameters<typeof select>): number[] =>
		listed(select(...args));
	expect(numbers(log, null, all, null)).toEqual([4, 3, 2, 1]);
	expect(numbers(log, null, all, 2)).toEqual([2, 1]);
	expect(select(log, null, all, 2).waiting).toBe(2);
	expect(numbers(log, "job", all, null)).toEqual([3]);
	expect(numbers(log, "host", parseFilter("host:b"), null)).toEqual([2]);
});

test("M5: a run that is overdue is told among what hosts do, and is:overdue finds its line", () => {
	const overdue: Activity = {
		kind: "overdue",
		n: 4,
		receivedAt: NOW,
		jobId: jobId("j-1"),
		hostId: hostId("a"),
		agentJobId: agentJobId("a"),
		sentence: "overdue: still running",
	};
	const log = logOf([hostEvent(2, "a"), gap, overdue]);
	const select = createSelection();
	const numbers = (kind: Activity["kind"] | null, filter: string): number[] =>
		listed(select(log, kind, parseFilter(filter), null));
	expect(numbers("host", "")).toEqual([4, 3, 2]);
	expect(numbers("job", "")).toEqual([3]);
	expect(numbers(null, "is:overdue")).toEqual([4]);
	expect(numbers(null, "host:a still")).toEqual([4]);
	expect(numbers(null, "job:j-1")).toEqual([4, 2]);
});

test("what a window was not told is a line that says how much", () => {
	const log = logOf([hostEvent(1, "a"), hostEvent(1_205, "b")]);
	const shown = createSelection()(log, null, all, null);
	expect(listed(shown)).toEqual([1_205, 2, 1]);
	expect(shown.at(1)).toMatchObject({
		kind: "gap",
		sentence: expect.stringContaining("1,203 events are not listed"),
	});
});

test("a snapshot of the same core continues the log without doubles, another core begins anew", () => {
	const log = logOf([hostEvent(1, "a"), hostEvent(2, "b")]);
	const again = appended(log, "e", [
		hostEvent(1, "a"),
		hostEvent(2, "b"),
		hostEvent(3, "c"),
	]);
	const select = createSelection();
	expect(listed(select(log, null, all, null))).toEqual([2, 1]);
	expect(listed(select(again, null, all, null))).toEqual([3, 2, 1]);
	const other = appended(again, "f", [hostEvent(0, "x")]);
	expect(listed(select(other, null, all, null))).toEqual([0]);
});

test("an earlier log is not changed by what is added to it, twice", () => {
	const log = logOf([hostEvent(1, "a")]);
	const one = appended(log, "e", [hostEvent(2, "b")]);
	const other = appended(log, "e", [hostEvent(2, "c")]);
	expect(lengthOf(log)).toBe(1);
	expect(one.lines[1]).toMatchObject({ hostId: "b" });
	expect(other.lines[1]).toMatchObject({ hostId: "c" });
});

test("nothing new keeps the reference, and a line is judged once", () => {
	let reads = 0;
	const watched = hostEvent(1, "a");
	Object.defineProperty(watched, "message", {
		get: () => {
			reads += 1;
			return "";
		},
	});
	const select = createSelection();
	const filter = parseFilter("failed");
	let log = logOf([watched]);
	const before = select(log, null, filter, null);
	expect(select(log, null, filter, null)).toBe(before);
	for (let n = 2; n < 50; n++) {
		log = appended(log, "e", [hostEvent(n, "b")]);
		select(log, null, filter, null);
	}
	expect(reads).toBe(1);
});

test("a log keeps the newest lines and no more, and what is shown follows", () => {
	let log = EMPTY_LOG;
	const select = createSelection();
	const filter = parseFilter("host:b");
	for (let n = 0; n < LINES_KEPT + 60_000; n += 1_000) {
		log = appended(
			log,
			"e",
			Array.from({ length: 1_000 }, (_, at) =>
				hostEvent(n + at, at % 2 ? "b" : "a"),
			),
		);
		select(log, null, filter, null);
	}
	expect(lengthOf(log)).toBe(LINES_KEPT);
	expect(log.lines.length).toBeLessThan(LINES_KEPT + 20_001);
	const shown = select(log, null, filter, null);
	expect(shown.length).toBe(LINES_KEPT / 2);
	expect(shown.at(shown.length - 1)?.n).toBe(60_001);
});

test("a new filter is answered by the newest at once, and by older ones at the far end", () => {
	const events = Array.from({ length: 10_000 }, (_, n) =>
		hostEvent(n, n % 2 ? "b" : "a"),
	);
	const log = logOf(events);
	const { select, lookBack } = createActivitySelection();
	const filter = parseFilter("host:b");
	const soon = select(log, null, filter, null);
	expect([soon.length, soon.isLooking]).toEqual([2_000, true]);
	expect(soon.at(0)?.n).toBe(9_999);
	lookBack(log);
	const later = select(log, null, filter, null);
	expect([later.length, later.isLooking]).toEqual([4_000, true]);
	// What came meanwhile is at the near end.
	const next = appended(log, "e", [hostEvent(10_000, "b")]);
	expect(select(next, null, filter, null).at(0)?.n).toBe(10_000);
	lookBack(next);
	const whole = select(next, null, filter, null);
	expect(whole.isLooking).toBe(false);
	expect(listed(whole)).toEqual([
		10_000,
		...events
			.filter(({ n }) => n % 2 === 1)
			.map(({ n }) => n)
			.reverse(),
	]);
	// Held at a line far back, of which only older ones are shown.
	const held = select(next, null, filter, 1_001);
	expect([held.at(0)?.n, held.length, held.waiting]).toEqual([
		1_001, 501, 4_500,
	]);
	const other = select(next, null, parseFilter("host:a"), 9);
	expect(other.length).toBe(0);
});

test("adding in portions shows what judging all at once would", () => {
	const portions = fc.array(
		fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 5 }),
	);
	fc.assert(
		fc.property(
			portions,
			fc.constantFrom("", "host:a", "!host:b"),
			(hosts, q) => {
				const select = createSelection();
				const filter = parseFilter(q);
				let log = EMPTY_LOG;
				let n = 0;
				const events: Activity[] = [];
				for (const portion of hosts) {
					const fresh = portion.map((host) => hostEvent(n++, host));
					events.push(...fresh);
					log = appended(log, "e", fresh);
					const expected = events
						.filter((event) => matches(filter, eventSubject(event)))
						.map((event) => event.n)
						.reverse();
					expect(listed(select(log, null, filter, null))).toEqual(expected);
				}
			},
		),
	);
});
