// A window that is as slow as a test wishes, and the rows that it should end with.
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Delta, FleetFrame, Replica } from "../../shared/delta.ts";
import {
	applyDelta,
	applySnapshot,
	EMPTY_REPLICA,
	EVENTS_IN_FRAME,
	fleetFrameSchema,
	follows,
} from "../../shared/delta.ts";
import type { Fault } from "../../shared/fault.ts";
import type {
	Activity,
	Host,
	HostId,
	HostRun,
	Job,
	JobId,
	RunKey,
} from "../../shared/model.ts";
import { hostId, jobId, runKey } from "../../shared/model.ts";
import { gapLine, hostRow, jobRow, runRow } from "../testkit/modelRows.ts";
import type { VirtualClock } from "../testkit/virtualClock.ts";
import { openVirtualClock, settled } from "../testkit/virtualClock.ts";
import type { Batch } from "./batch.ts";
import { openBatch } from "./batch.ts";

const runKeyOf = (host: string): RunKey =>
	runKey(hostId(host), runRow(host).agentJobId);

/** A core's rows, and a window that takes a frame in when `take` is called; frames taken at once unless `isSlow`. */
function openWindow({ isSlow = true } = {}) {
	const clock: VirtualClock = openVirtualClock();
	const hosts = new Map<HostId, Host>();
	const runs = new Map<RunKey, HostRun>();
	const jobs = new Map<JobId, Job>();
	const activity: Activity[] = [];
	const faults: Fault[] = [];
	const script: { post: (() => Promise<boolean>) | null } = { post: null };
	const frames: { frame: FleetFrame; atMs: number }[] = [];
	const inFlight: { frame: FleetFrame; settle(taken: boolean): void }[] = [];
	let most = 0;
	const startMs = clock.monotonicMs();
	const batch: Batch = openBatch({
		clock,
		rows: {
			epoch: "life-1",
			fleetName: () => "prod",
			host: (id) => hosts.get(id),
			run: (key) => runs.get(key),
			job: (id) => jobs.get(id),
			allHosts: () => [...hosts.values()],
			allRuns: () => [...runs.values()],
			allJobs: () => [...jobs.values()],
			recentActivity: (count) => activity.slice(-count),
		},
		onFault: (why) => faults.push(why),
		post(frame) {
			if (script.post !== null) return script.post();
			frames.push({ frame, atMs: clock.monotonicMs() - startMs });
			if (!isSlow) return Promise.resolve(true);
			return new Promise((settle) => {
				inFlight.push({ frame, settle });
				most = Math.max(most, inFlight.length);
			});
		},
	});
	return {
		clock,
		hosts,
		runs,
		jobs,
		activity,
		faults,
		script,
		batch,
		frames,
		inFlight,
		mostInFlight: () => most,
		last: () => frames.at(-1)?.frame,
		setHost(name: string, version = 0) {
			hosts.set(hostId(name), hostRow(name, version));
			batch.touchHost(hostId(name));
		},
		tell(n: number) {
			activity.push(gapLine(n));
			batch.activity(gapLine(n));
		},
		/** The window answers: it has the frame, or it is gone. */
		async answer(taken = true) {
			inFlight.shift()?.settle(taken);
			await settled();
		},
	};
}

/** What is in use after everything else was collected. */
function heapBytes(): number {
	setFlagsFromString("--expose-gc");
	const collect = runInNewContext("gc") as () => void;
	collect();
	return process.memoryUsage().heapUsed;
}

describe("a new window", () => {
	test("starts with a snapshot at once, with everything in it", async () => {
		const window = openWindow();
		window.hosts.set(hostId("a"), hostRow("a"));
		window.runs.set(runKeyOf("a"), runRow("a"));
		window.jobs.set(jobId("j-1"), jobRow("j-1"));
		for (let n = 0; n < 700; n++) window.activity.push(gapLine(n));
		await window.clock.pass(0);
		expect(window.frames).toHaveLength(1);
		expect(window.last()).toMatchObject({
			kind: "snapshot",
			epoch: "life-1",
			fleet: "prod",
			hosts: [{ id: "a" }],
			runs: [{ hostId: "a" }],
			jobs: [{ id: "j-1" }],
		});
		// The newest lines, oldest first.
		expect(window.last()?.events.map(({ n }) => n)).toEqual(
			Array.from({ length: 500 }, (_, index) => 200 + index),
		);
	});

	test("gets frames that fit the contract", async () => {
		const window = openWindow({ isSlow: false });
		window.setHost("a");
		await window.clock.pass(0);
		window.setHost("a", 1);
		window.batch.touchHost(hostId("gone"));
		window.tell(1);
		await window.clock.pass(1_000);
		expect(window.frames.map(({ frame }) => frame.kind)).toEqual([
			"snapshot",
			"delta",
		]);
		for (const { frame } of window.frames)
			expect(fleetFrameSchema.safeParse(frame).success).toBe(true);
	});
});

describe("the rate of frames", () => {
	test("a lone change is sent at once", async () => {
		const window = openWindow({ isSlow: false });
		await window.clock.pass(5_000);
		window.setHost("a");
		await window.clock.pass(0);
		expect(window.frames.at(-1)?.atMs).toBe(5_000);
	});

	test("changes without end make ten frames a second and no more", async () => {
		const window = openWindow({ isSlow: false });
		for (let ms = 0; ms < 5_000; ms++) {
			window.setHost(`web-${ms % 7}`, ms);
			await window.clock.pass(1);
		}
		expect(window.frames.length).toBeGreaterThanOrEqual(49);
		expect(window.frames.length).toBeLessThanOrEqual(51);
	});

	test("nothing is sent while nothing changes, and nothing waits", async () => {
		const window = openWindow({ isSlow: false });
		await window.clock.pass(60_000);
		expect(window.frames).toHaveLength(1);
		expect(window.clock.timers).toBe(0);
	});
});

describe("a window that is slow", () => {
	test("C20: a window has one frame in flight; what is touched meanwhile merges into the next", async () => {
		const window = openWindow();
		await window.clock.pass(0);
		for (let i = 0; i < 50; i++) {
			window.setHost("a", i);
			await window.clock.pass(100);
		}
		expect(window.frames).toHaveLength(1);
		await window.answer();
		await window.clock.pass(0);
		expect(window.frames).toHaveLength(2);
		expect(window.mostInFlight()).toBe(1);
		expect(window.last()).toMatchObject({
			kind: "delta",
			from: 1,
			seq: 2,
			hosts: [{ id: "a", link: { attempt: 49 } }],
		});
	});

	test("costs memory by the size of the fleet: a million touches of 100 hosts are 100 rows", async () => {
		const window = openWindow();
		for (let i = 0; i < 100; i++)
			window.hosts.set(hostId(`web-${i}`), hostRow(`web-${i}`));
		await window.clock.pass(0);
		const ids = [...window.hosts.keys()];
		const before = heapBytes();
		for (let i = 0; i < 1_000_000; i++)
			window.batch.touchHost(ids[i % 100] as HostId);
		// A million remembered touches would be 8 MB at the least.
		expect(heapBytes() - before).toBeLessThan(1_000_000);
		await window.answer();
		await window.clock.pass(200);
		expect((window.last() as Delta).hosts).toHaveLength(100);
	});

	test("gets the newest activity, and is told how many lines it did not get", async () => {
		const window = openWindow();
		await window.clock.pass(0);
		const told = 3 * EVENTS_IN_FRAME + 17;
		for (let n = 0; n < told; n++) window.tell(n);
		await window.answer();
		await window.clock.pass(200);
		const { events, eventsDropped } = window.last() as Delta;
		expect(events.length).toBeLessThanOrEqual(EVENTS_IN_FRAME);
		expect(events.length + eventsDropped).toBe(told);
		expect(events.at(-1)?.n).toBe(told - 1);
		expect(events[0]?.n).toBe(eventsDropped);
	});

	test("counts as lost after 10 s: nothing is kept for it, and its next contact is a snapshot", async () => {
		const window = openWindow();
		await window.clock.pass(0);
		window.setHost("a", 1);
		await window.clock.pass(10_000);
		window.setHost("a", 2);
		window.tell(1);
		await window.clock.pass(60_000);
		expect(window.frames).toHaveLength(1);
		expect(window.clock.timers).toBe(0);
		await window.answer();
		await window.clock.pass(0);
		expect(window.last()).toMatchObject({
			kind: "snapshot",
			seq: 2,
			hosts: [{ link: { attempt: 2 } }],
			events: [{ n: 1 }],
		});
		await window.answer();
		await window.clock.pass(1_000);
		expect(window.frames).toHaveLength(2);
	});
});

test("rows that are gone are told gone, once", async () => {
	const window = openWindow({ isSlow: false });
	window.setHost("a");
	await window.clock.pass(100);
	window.hosts.clear();
	window.batch.touchHost(hostId("a"));
	window.batch.touchRun(runKeyOf("a"));
	window.batch.touchJob(jobId("j-1"));
	await window.clock.pass(100);
	expect(window.last()).toMatchObject({
		hosts: [],
		hostsGone: ["a"],
		runsGone: ["a/1"],
		jobsGone: ["j-1"],
	});
	await window.clock.pass(1_000);
	expect(window.frames).toHaveLength(2);
});

test("a resync makes the next frame a snapshot, also while one is in flight", async () => {
	const window = openWindow();
	await window.clock.pass(0);
	window.batch.resync();
	await window.clock.pass(1_000);
	expect(window.frames).toHaveLength(1);
	await window.answer();
	await window.clock.pass(0);
	expect(window.last()).toMatchObject({ kind: "snapshot", seq: 2 });
	await window.answer();
	window.batch.resync();
	await window.clock.pass(100);
	expect(window.last()).toMatchObject({ kind: "snapshot", seq: 3 });
	expect(window.batch.framesSent).toBe(3);
});

describe("a pipe that closed", () => {
	test("gets nothing more, and nothing waits", async () => {
		const window = openWindow();
		await window.clock.pass(0);
		window.setHost("a");
		await window.answer(false);
		window.setHost("a");
		window.batch.resync();
		await window.clock.pass(60_000);
		expect(window.frames).toHaveLength(1);
		expect(window.clock.timers).toBe(0);
	});

	test("may be closed before its first frame, and twice", async () => {
		const window = openWindow();
		window.batch.close();
		window.batch.close();
		await window.clock.pass(1_000);
		expect(window.frames).toHaveLength(0);
		expect(window.clock.timers).toBe(0);
	});
});

describe("a frame that cannot be sent", () => {
	test.each<[string, () => Promise<boolean>]>([
		[
			"because it is too large for a text",
			() => {
				throw new RangeError("Invalid string length");
			},
		],
		["later", () => Promise.reject(new RangeError("secret"))],
	])(
		"%s closes the batch and is told, without a word of the error",
		async (_, post) => {
			const window = openWindow();
			window.script.post = post;
			await window.clock.pass(0);
			window.setHost("a");
			window.batch.resync();
			await window.clock.pass(60_000);
			expect(window.faults).toMatchObject([
				{
					code: "internal.bug",
					evidence: { causes: ["a frame: RangeError"] },
				},
			]);
			expect(window.frames).toHaveLength(0);
			expect(window.clock.timers).toBe(0);
		},
	);

	test("because a row cannot be read is told as well", async () => {
		const window = openWindow();
		window.hosts.values = () => {
			throw new TypeError("broken");
		};
		await window.clock.pass(0);
		expect(window.faults).toMatchObject([{ code: "internal.bug" }]);
	});
});

const NAMES = ["a", "b", "c", "d", "e"] as const;
const name = fc.constantFrom(...NAMES);
const step = fc.oneof(
	fc.record({
		kind: fc.constant("set" as const),
		row: fc.constantFrom("host" as const, "run" as const, "job" as const),
		name,
	}),
	fc.record({
		kind: fc.constant("remove" as const),
		row: fc.constantFrom("host" as const, "run" as const, "job" as const),
		name,
	}),
	fc.record({ kind: fc.constant("tell" as const) }),
	fc.record({
		kind: fc.constant("wait" as const),
		ms: fc.constantFrom(0, 1, 50, 100, 4_000, 10_000),
	}),
	fc.record({ kind: fc.constant("take" as const) }),
	fc.record({ kind: fc.constant("resync" as const) }),
);

test("C20, C25: after any touches, delays, acknowledgements and resyncs the window has exactly the rows of the core", async () => {
	await fc.assert(
		fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
			const window = openWindow();
			const { batch, clock, hosts, runs, jobs, inFlight } = window;
			let replica: Replica = EMPTY_REPLICA;
			let version = 0;
			let told = 0;
			const take = async (): Promise<void> => {
				const frame = inFlight[0]?.frame;
				if (frame === undefined) return;
				// Our batch never makes a window lose track.
				if (frame.kind === "delta") expect(follows(replica, frame)).toBe(true);
				replica =
					frame.kind === "snapshot"
						? applySnapshot(frame)
						: applyDelta(replica, frame);
				await window.answer();
			};
			const touch = (row: "host" | "run" | "job", id: string): void => {
				if (row === "host") batch.touchHost(hostId(id));
				else if (row === "run") batch.touchRun(runKeyOf(id));
				else batch.touchJob(jobId(id));
			};
			for (const act of steps) {
				if (act.kind === "set") {
					if (act.row === "host")
						hosts.set(hostId(act.name), hostRow(act.name, ++version));
					else if (act.row === "run")
						runs.set(runKeyOf(act.name), runRow(act.name, ++version));
					else jobs.set(jobId(act.name), jobRow(act.name, ++version));
					touch(act.row, act.name);
				} else if (act.kind === "remove") {
					if (act.row === "host") hosts.delete(hostId(act.name));
					else if (act.row === "run") runs.delete(runKeyOf(act.name));
					else jobs.delete(jobId(act.name));
					touch(act.row, act.name);
				} else if (act.kind === "tell") window.tell(told++);
				else if (act.kind === "wait") await clock.pass(act.ms);
				else if (act.kind === "take") await take();
				else batch.resync();
			}
			for (let i = 0; i < 4; i++) {
				await clock.pass(200);
				await take();
			}
			expect(inFlight).toHaveLength(0);
			expect(sorted(replica.hosts)).toEqual(sorted(hosts));
			expect(sorted(replica.runs)).toEqual(sorted(runs));
			expect(sorted(replica.jobs)).toEqual(sorted(jobs));
			expect(replica.events.map(({ n }) => n)).toEqual(
				Array.from({ length: told }, (_, n) => n),
			);
			expect(window.mostInFlight()).toBeLessThanOrEqual(1);
			batch.close();
			expect(clock.timers).toBe(0);
		}),
		{ numRuns: 300 },
	);
});

const sorted = <K extends string, V>(rows: ReadonlyMap<K, V>): [K, V][] =>
	[...rows].sort(([a], [b]) => (a < b ? -1 : 1));
