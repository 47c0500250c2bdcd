// What a window sees while everything changes under it, over the bridge and through its batch: never a mix of two moments.
import fc from "fast-check";
import { afterEach, expect, test } from "vitest";
import type { Client } from "../../shared/bridge.ts";
import { client, memoryPipe } from "../../shared/bridge.ts";
import type {
	Delta,
	FleetFrame,
	Replica,
	Snapshot,
} from "../../shared/delta.ts";
import {
	applyDelta,
	applySnapshot,
	EMPTY_REPLICA,
	follows,
} from "../../shared/delta.ts";
import type {
	Activity,
	HostRun,
	JobId,
	RunKey,
	RunState,
} from "../../shared/model.ts";
import { agentJobId } from "../../shared/model.ts";
import {
	A,
	B,
	C,
	detailOf,
	eventOf,
	summary,
	T,
} from "../testkit/bookStory.ts";
import { openVirtualClock } from "../testkit/virtualClock.ts";
import { openActivityLog } from "./activityLog.ts";
import type { JobBook } from "./jobs/book.ts";
import { openJobBook } from "./jobs/book.ts";
import { countRuns, jobStatus } from "./jobs/counts.ts";
import type { Windows } from "./windows.ts";
import { openWindows } from "./windows.ts";

const closing: (() => void)[] = [];
afterEach(() => {
	for (const close of closing.splice(0)) close();
});

/** A job book behind windows, as `console.ts` puts them together. */
function openCore() {
	const clock = openVirtualClock({ wallMs: T });
	const log = openActivityLog();
	const book: JobBook = openJobBook({
		wallMs: () => clock.wallMs(),
		onActivity: log.tell,
		onTouched(kind, key) {
			if (kind === "run") windows.touchRun(key as RunKey);
			else windows.touchJob(key as JobId);
		},
	});
	const windows: Windows = openWindows({
		clock,
		rows: {
			epoch: "e",
			fleetName: () => "prod",
			host: () => undefined,
			run: (key) => book.runs.get(key),
			job: (id) => book.jobs.get(id),
			allHosts: () => [],
			allRuns: () => [...book.runs.values()],
			allJobs: () => [...book.jobs.values()],
			recentActivity: log.recent,
		},
		handlers: (batch) =>
			({
				async "fleet.resync"() {
					batch.resync();
					return { ok: true, value: {} };
				},
			}) as never,
		onRefused(why) {
			throw new Error(`${why.code}: ${why.sentence}`);
		},
	});
	log.listen((line: Activity) => windows.activity(line));
	closing.push(windows.close);
	return { clock, book, windows };
}

/** A window that follows the frames, and looks at its replica after each. */
function openWindow(windows: Windows, look: (replica: Replica) => void) {
	const [core, end] = memoryPipe();
	const bridge: Client = client(end);
	let replica = EMPTY_REPLICA;
	let frames = 0;
	bridge.subscribe("fleet", (frame: FleetFrame) => {
		if (frame.kind === "delta") expect(follows(replica, frame)).toBe(true);
		replica =
			frame.kind === "snapshot"
				? applySnapshot(frame as Snapshot)
				: applyDelta(replica, frame as Delta);
		frames++;
		look(replica);
	});
	windows.attach(core);
	return {
		bridge,
		replica: () => replica,
		frames: () => frames,
	};
}

/** Every job the window shows is the fold of the runs it shows, and no run is without its job. */
function expectOneMoment({ runs, jobs }: Replica): void {
	const members = new Map<JobId, HostRun[]>();
	for (const run of runs.values()) {
		const known = members.get(run.jobId);
		if (known === undefined) members.set(run.jobId, [run]);
		else known.push(run);
	}
	expect(new Set(members.keys())).toEqual(new Set(jobs.keys()));
	for (const [id, job] of jobs) {
		const counts = countRuns(members.get(id) ?? []);
		expect(job.counts).toEqual(counts);
		expect(job.status).toBe(jobStatus(counts));
	}
}

const states = fc.constantFrom<RunState>(
	"queued",
	"running",
	"succeeded",
	"failed",
	"cancelled",
	"unknown",
);
const acts = fc.oneof(
	{
		weight: 8,
		arbitrary: fc.record({
			kind: fc.constantFrom(
				"push" as const,
				"list" as const,
				"detail" as const,
			),
			host: fc.constantFrom(A, B, C),
			id: fc.constantFrom("1", "2", "3"),
			state: states,
		}),
	},
	{
		weight: 2,
		arbitrary: fc.record({
			kind: fc.constantFrom("linkLost" as const, "removed" as const),
			host: fc.constantFrom(A, B, C),
		}),
	},
	{
		weight: 4,
		arbitrary: fc.record({
			kind: fc.constant("wait" as const),
			ms: fc.constantFrom(0, 1, 99, 100, 250),
		}),
	},
	fc.record({ kind: fc.constant("resync" as const) }),
	fc.record({ kind: fc.constant("sweep" as const) }),
);
type Act = typeof acts extends fc.Arbitrary<infer T> ? T : never;

function perform(book: JobBook, act: Act, at: number): void {
	const reception = { source: "reconcile", receivedAt: at, skewMs: 0 } as const;
	switch (act.kind) {
		case "push":
			book.applyEvent(act.host, eventOf(act.id, act.state), "push", at);
			return;
		case "list": {
			const page = { jobs: [summary(act.id, act.state)], broken: 0, rows: 1 };
			book.applyPage(act.host, page, { ...reception, complete: false });
			return;
		}
		case "detail":
			return book.applyDetail(act.host, detailOf(act.id, act.state), reception);
		case "linkLost":
			book.applyNotFound(act.host, agentJobId("3"), at);
			return book.linkLost(act.host, at);
		case "removed":
			return book.removeHost(act.host);
		case "sweep":
			return book.sweep(at + 3 * 86_400_000);
		default:
			return;
	}
}

test("M19: whatever changes while frames are made and travel, every picture a window has is of one moment: its counts are the fold of the runs it shows", async () => {
	await fc.assert(
		fc.asyncProperty(
			fc.array(acts, { minLength: 20, maxLength: 60, size: "max" }),
			async (list: readonly Act[]) => {
				const { clock, book, windows } = openCore();
				const first = openWindow(windows, expectOneMoment);
				await clock.pass(1);
				let later: ReturnType<typeof openWindow> | null = null;
				for (const [at, act] of list.entries()) {
					if (act.kind === "wait") await clock.pass(act.ms);
					else if (act.kind === "resync")
						void first.bridge.ask("fleet.resync", {});
					else perform(book, act, T + at);
					if (at === 20) later = openWindow(windows, expectOneMoment);
				}
				await clock.pass(1_000);
				for (const window of [first, later]) {
					if (window === null) continue;
					expect(window.frames()).toBeGreaterThan(0);
					expect(window.replica().runs).toEqual(book.runs);
					expect(window.replica().jobs).toEqual(book.jobs);
				}
				windows.close();
			},
		),
		{ numRuns: 150 },
	);
});
