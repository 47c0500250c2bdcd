// The notes of a console as its windows and its shell see them, on a clock of its own.
import { expect, test } from "vitest";
import type { Activity, Job } from "../../../shared/model.ts";
import { jobId } from "../../../shared/model.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import type { NotifyPort } from "./notes.ts";
import { openNotes } from "./notes.ts";

const ID = jobId("j-1");
const SUCCEEDED = {
	id: ID,
	label: "install · curl",
	origin: "observed",
	operation: "install",
	packages: ["curl"],
	status: "succeeded",
	counts: {
		host: 1,
		queued: 0,
		running: 0,
		succeeded: 1,
		failed: 0,
		cancelled: 0,
		timed_out: 0,
		lost: 0,
		unknown: 0,
	},
	startedAt: 0,
	endedAt: 1,
	progressAt: 1,
} as Job;

function stage(port: NotifyPort = {}) {
	const clock = openVirtualClock();
	const jobs = new Map<Job["id"], Job>();
	let tell: (line: Activity) => void = () => {};
	const unread: number[] = [];
	const manners: string[] = [];
	const notes = openNotes({
		clock,
		profile: () => "prod",
		book: { jobs },
		fleet: { size: 1 },
		listen({ activity }) {
			tell = activity;
			return () => {};
		},
		port: {
			present: (effect) =>
				void manners.push(effect.kind === "show" ? effect.manner : effect.kind),
			...port,
		},
		onInbox: (count) => unread.push(count),
	});
	return {
		notes,
		unread,
		manners,
		jobIs(job: Job) {
			jobs.set(job.id, job);
			tell({ kind: "job", jobId: job.id } as Activity);
		},
	};
}

test("a success is not said aloud while a window shows its job, and is again when that window is gone", () => {
	const seen = stage();
	const window = {};
	void seen.notes.handlersOf(window)["view.watch"]({ jobId: ID });
	seen.jobIs(SUCCEEDED);
	expect(seen.manners).toEqual(["inbox"]);

	const left = stage();
	void left.notes.handlersOf(window)["view.watch"]({ jobId: ID });
	left.notes.closed(window);
	left.jobIs(SUCCEEDED);
	expect(left.manners).toEqual(["aloud"]);

	const away = stage();
	const handlers = away.notes.handlersOf(window);
	void handlers["view.watch"]({ jobId: ID });
	void handlers["view.watch"]({ jobId: null });
	away.jobIs(SUCCEEDED);
	expect(away.manners).toEqual(["aloud"]);
});

test("the inbox is read and marked by a window, and the badge follows", async () => {
	const badges: number[] = [];
	const { notes, unread, jobIs } = stage({ badge: (n) => badges.push(n) });
	jobIs({
		...SUCCEEDED,
		status: "failed",
		counts: { ...SUCCEEDED.counts, succeeded: 0, failed: 1 },
	});
	const handlers = notes.handlersOf({});
	expect(await handlers["inbox.read"]({})).toMatchObject({
		ok: true,
		value: { unread: 1, entries: [{ isRead: false }] },
	});
	await handlers["inbox.markRead"]({ keys: null });
	expect(notes.unread).toBe(0);
	expect(unread).toEqual([1, 0]);
	expect(badges).toEqual([0, 1, 0]);
});
