import { describe, expect, test } from "vitest";
import { fault } from "../../../shared/fault.ts";
import type { RunKey } from "../../../shared/model.ts";
import { hostId } from "../../../shared/model.ts";
import { keptHost, keptJob, keptRun } from "../../testkit/historyRows.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import type { HistoryPort, HistoryRows, Written } from "./kept.ts";
import { openRecorder } from "./recorder.ts";

/** A recorder of runs that are always there, and what it wrote. */
function stage(takesMs: (rows: number) => number = () => 0) {
	const clock = openVirtualClock();
	const writes: HistoryRows[] = [];
	const faults: string[] = [];
	let next: Written = "kept";
	let slow = 0;
	let pruned = 0;
	let toPrune = 0;
	const gone = new Set<string>();
	const history: HistoryPort = {
		why: null,
		load: () => ({ jobs: [], hosts: [] }),
		write(rows) {
			slow += takesMs(rows.runs.length + rows.hosts.length);
			if (next === "kept") writes.push(rows);
			return next;
		},
		prune() {
			pruned++;
			return toPrune-- > 0;
		},
		close() {},
	};
	const recorder = openRecorder({
		// A write holds the loop, so time passes in it.
		clock: { ...clock, monotonicMs: () => clock.monotonicMs() + slow },
		history,
		book: {
			toKeep: (key) =>
				gone.has(key)
					? undefined
					: { job: keptJob("j-1"), run: keptRun("j-1", key, "running") },
		},
		host: (id) => keptHost(id),
		hosts: () => [hostId("web-01")],
		onFault: ({ code }) => faults.push(code),
	});
	const touch = (...keys: string[]): void => {
		for (const key of keys) recorder.touchRun(key as RunKey);
	};
	/** Touched as a book does it: first the row, then its event. */
	const tell = (...keys: string[]): void => {
		for (const key of keys) {
			touch(key);
			recorder.told(key as RunKey);
		}
	};
	return {
		clock,
		recorder,
		tell,
		writes,
		faults,
		gone,
		touch,
		pruned: () => pruned,
		leaveToPrune: (slices: number) => {
			toPrune = slices;
		},
		answer: (written: Written) => {
			next = written;
		},
		sizes: () => writes.map(({ runs }) => runs.length),
		hostsWritten: () =>
			writes.flatMap(({ hosts }) => hosts.map(({ id }) => id)),
	};
}
const many = (count: number): string[] =>
	Array.from({ length: count }, (_, at) => `run-${at}`);

describe("what was told", () => {
	test("is written 250 ms later, each run once, with its job", () => {
		const { tell, clock, writes, sizes } = stage();
		tell("a", "b", "a");
		clock.advance(200);
		tell("a");
		expect(writes).toEqual([]);
		clock.advance(50);
		expect(sizes()).toEqual([2]);
		expect(writes[0]?.jobs).toEqual([keptJob("j-1")]);
		clock.advance(100_000);
		expect(sizes()).toEqual([2]);
	});

	test("goes in batches of 250 that let others have their turn", () => {
		const { tell, clock, sizes } = stage();
		tell(...many(600));
		clock.advance(250);
		expect(sizes()).toEqual([250]);
		clock.advance(50);
		expect(sizes()).toEqual([250, 250]);
		clock.advance(50);
		expect(sizes()).toEqual([250, 250, 100]);
	});

	test("goes in smaller batches while the disk is slow", () => {
		const { tell, clock, recorder, sizes } = stage((rows) => rows / 10);
		tell(...many(1_000));
		clock.advance(10_000);
		expect(sizes().slice(0, 4)).toEqual([250, 125, 62, 62]);
		expect(recorder.figures.worstMs).toBe(25);
	});

	test("is nothing of a run that is gone meanwhile", () => {
		const { tell, clock, gone, writes } = stage();
		tell("a");
		gone.add("a");
		clock.advance(1_000);
		expect(writes).toEqual([]);
	});
});

test("mere progress is written within 5 s, and not with what was told before", () => {
	const { clock, tell, touch, sizes } = stage();
	touch("a");
	clock.advance(1_000);
	touch("a");
	tell("b");
	clock.advance(3_900);
	expect(sizes()).toEqual([1]);
	clock.advance(100);
	expect(sizes()).toEqual([1, 1]);
	touch("a");
	tell("a");
	clock.advance(250);
	expect(sizes()).toEqual([1, 1, 1]);
	clock.advance(6_000);
	expect(sizes()).toEqual([1, 1, 1]);
});

test("hosts are written two and ten seconds after the start and then every minute, those that were touched", () => {
	const { clock, recorder, hostsWritten } = stage();
	recorder.touchHost(hostId("web-07"));
	recorder.touchHost(hostId("web-07"));
	clock.advance(1_900);
	expect(hostsWritten()).toEqual([]);
	clock.advance(100);
	expect(hostsWritten()).toEqual(["web-07"]);
	recorder.touchHost(hostId("web-07"));
	clock.advance(8_000);
	expect(hostsWritten()).toEqual(["web-07", "web-07"]);
	recorder.touchHost(hostId("web-08"));
	clock.advance(59_900);
	expect(hostsWritten()).toEqual(["web-07", "web-07"]);
	clock.advance(100);
	expect(hostsWritten()).toEqual(["web-07", "web-07", "web-08"]);
});

describe("while nothing can be written", () => {
	test("another process is waited for a tenth of a second, again and again", () => {
		const { tell, clock, sizes, answer, faults } = stage();
		answer("busy");
		tell("a");
		clock.advance(1_000);
		answer("kept");
		clock.advance(100);
		expect(sizes()).toEqual([1]);
		expect(faults).toEqual([]);
	});

	test("a fault is told once, what is touched is kept in mind, and written when it can be", () => {
		const { tell, clock, sizes, answer, faults } = stage();
		answer(fault("history.refused"));
		tell("a");
		clock.advance(60_000);
		tell("b");
		clock.advance(60_000);
		expect(faults).toEqual(["history.refused"]);
		answer("kept");
		clock.advance(30_000);
		expect(sizes()).toEqual([2]);
		answer(fault("history.refused"));
		tell("a");
		clock.advance(250);
		expect(faults).toHaveLength(2);
	});
});

describe("at the end", () => {
	test("everything is written, and nothing after it", () => {
		const { tell, clock, recorder, touch, sizes, hostsWritten } = stage();
		touch(...many(400));
		recorder.stop();
		expect(sizes()).toEqual([250, 150]);
		expect(hostsWritten()).toEqual(["web-01"]);
		tell("late");
		clock.advance(1_000_000);
		expect(sizes()).toEqual([250, 150]);
		expect(clock.timers).toBe(0);
	});

	test.each(["busy", fault("history.refused")] as const)(
		"a history that cannot be written does not hold it up (%j)",
		(written) => {
			const { recorder, touch, answer, writes } = stage();
			answer(written);
			touch("a");
			recorder.stop();
			expect(writes).toEqual([]);
		},
	);
});

test("old jobs are taken out every minute, slice by slice", () => {
	const { clock, pruned, leaveToPrune } = stage();
	clock.advance(59_000);
	expect(pruned()).toBe(0);
	leaveToPrune(2);
	clock.advance(2_000);
	expect(pruned()).toBe(3);
	clock.advance(60_000);
	expect(pruned()).toBe(4);
});
