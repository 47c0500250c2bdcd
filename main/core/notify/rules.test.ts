// The notification rules as stories: what happens, and what a person is told of it.
import { describe, expect, test } from "vitest";
import type { Counts, Job } from "../../../shared/model.ts";
import { hostId, jobId } from "../../../shared/model.ts";
import { isQuiet } from "../../../shared/quietHours.ts";
import { memoryOf, memoryText } from "./memory.ts";
import type { NoteEffect } from "./note.ts";
import { countsInWords, durationInWords } from "./note.ts";
import type { NotifyEnv, NotifyEvent, NotifySettings } from "./rules.ts";
import { NOTHING_TOLD, nextAt, notice } from "./rules.ts";

const T = 1_800_000_000_000;
const NO_COUNTS: Counts = {
	host: 0,
	queued: 0,
	running: 0,
	succeeded: 0,
	failed: 0,
	cancelled: 0,
	timed_out: 0,
	lost: 0,
	unknown: 0,
};
const SETTINGS: NotifySettings = {
	profile: "prod",
	quietHours: [],
	failuresBreakQuiet: false,
	mutedUntil: 0,
};

function openStory(settings: Partial<NotifySettings> = {}, hosts = 100) {
	let state = NOTHING_TOLD;
	let now = T;
	let watching: NotifyEnv["watching"] = null;
	let effects: NoteEffect[] = [];
	let all: NotifySettings = { ...SETTINGS, ...settings };
	const env = (): NotifyEnv => ({
		now,
		local: { weekday: 3, minute: 180 },
		settings: all,
		watching,
		hosts,
	});
	const send = (event: NotifyEvent): void => {
		const [next, more] = notice(state, event, env());
		// Remembered as it would be over a restart.
		state = JSON.parse(JSON.stringify(next));
		effects.push(...more);
	};
	/** Time passes as a clock that keeps `nextAt` would let it. */
	const pass = (ms: number): void => {
		const end = now + ms;
		for (
			let due = nextAt(state, now);
			due !== null && due <= end;
			due = nextAt(state, now)
		) {
			now = Math.max(now, due);
			send({ kind: "time" });
		}
		now = end;
	};
	const job = (
		id: string,
		counts: Partial<Counts>,
		more: Partial<Job> = {},
	): Job => {
		const full = { ...NO_COUNTS, ...counts };
		const open = full.running + full.queued + full.unknown > 0;
		return {
			id: jobId(`j-${id}`),
			label: "patchapply · openssl",
			origin: "observed",
			operation: "patchapply",
			packages: ["openssl"],
			status: open ? "running" : full.failed > 0 ? "failed" : "succeeded",
			counts: full,
			startedAt: T - 372_000,
			endedAt: open ? null : T,
			progressAt: T,
			...more,
		};
	};
	return {
		job,
		pass,
		send,
		jobIs(one: Job, openJobs = 0, firstFailed: string | null = null) {
			send({
				kind: "jobChanged",
				job: one,
				openJobs,
				firstFailed: firstFailed === null ? null : hostId(firstFailed),
			});
		},
		link: (host: string, up: boolean) =>
			send({ kind: "linkChanged", host: hostId(host), up }),
		watch(id: string | null) {
			watching = id === null ? null : jobId(`j-${id}`);
		},
		set: (change: Partial<NotifySettings>) => {
			all = { ...all, ...change };
		},
		/** What was told since the last look: `aloud title: first line`, `withdraw kind`. */
		said() {
			const lines = effects.map((one) =>
				one.kind === "withdraw"
					? `withdraw ${one.key}`
					: `${one.manner} ${one.note.title}: ${one.note.body.split("\n")[0]}`,
			);
			effects = [];
			return lines;
		},
		notes: () =>
			effects.flatMap((one) => (one.kind === "show" ? [one.note] : [])),
		state: () => state,
		/** Foredeck ends and starts again. */
		restart() {
			const memory = memoryOf(memoryText({ state, inbox: [] }));
			if (memory === null) throw new Error("the memory is refused");
			({ state } = memory);
		},
		/** The wall clock is set back. */
		setBack(ms: number) {
			now -= ms;
		},
	};
}

describe("one job", () => {
	test("the first failure is told at once, later ones only change it, and the summary replaces it", () => {
		const story = openStory();
		const { job } = story;
		story.jobIs(job("1", { host: 50, running: 50 }), 1);
		expect(story.said()).toEqual([]);
		story.jobIs(job("1", { host: 50, running: 49, failed: 1 }), 1, "db-07");
		expect(story.notes()[0]).toMatchObject({
			key: "prod/j-1/failing",
			isFailure: true,
			target: { jobId: "j-1", hostId: "db-07" },
		});
		expect(story.said()).toEqual([
			"aloud patch apply · prod: 1 of 50 failed: db-07, still running",
		]);
		story.pass(1_000);
		story.jobIs(job("1", { host: 50, running: 48, failed: 2 }), 1, "db-07");
		story.jobIs(job("1", { host: 50, running: 47, failed: 3 }), 1, "db-07");
		expect(story.said()).toEqual([]);
		story.pass(60_000);
		expect(story.said()).toEqual([
			"update patch apply · prod: 3 of 50 failed · first db-07, still running",
		]);
		story.jobIs(job("1", { host: 50, succeeded: 47, failed: 3 }), 0, "db-07");
		expect(story.said()).toEqual([
			"withdraw prod/j-1/failing",
			"aloud patch apply · prod: 47 ok, 3 failed · 6 m 12 s",
		]);
		story.pass(3_600_000);
		expect(story.said()).toEqual([]);
		expect(nextAt(story.state(), T)).toBeNull();
	});

	test("a host that joins the job after its summary and fails is told in a new summary; one that succeeds is not", () => {
		const { job, jobIs, said, pass } = openStory();
		jobIs(job("1", { host: 1, succeeded: 1 }));
		expect(said()).toHaveLength(1);
		jobIs(job("1", { host: 2, succeeded: 2 }));
		pass(60_000);
		expect(said()).toEqual([]);
		jobIs(job("1", { host: 3, succeeded: 2, failed: 1 }), 0, "db-1");
		expect(said()).toEqual([
			"aloud patch apply · prod: 2 ok, 1 failed · 6 m 12 s",
		]);
		jobIs(job("1", { host: 3, succeeded: 2, failed: 1 }), 0, "db-1");
		pass(60_000);
		expect(said()).toEqual([]);
	});

	test("a replay after a reconnect or a restart tells nothing again", () => {
		const story = openStory();
		const { job } = story;
		const failing = job("1", { host: 2, running: 1, failed: 1 });
		const over = job("1", { host: 2, succeeded: 1, failed: 1 });
		story.jobIs(failing, 1, "a");
		story.jobIs(over, 0, "a");
		story.said();
		story.pass(24 * 3_600_000);
		story.jobIs(failing, 1, "a");
		story.jobIs(over, 0, "a");
		story.pass(60_000);
		expect(story.said().filter((line) => line.startsWith("aloud"))).toEqual([]);
	});

	test("what is no new failure does not make the note of the first one new again", () => {
		const story = openStory();
		const { job } = story;
		story.jobIs(job("1", { host: 4, running: 3, failed: 1 }), 0, "a");
		expect(story.said()).toHaveLength(1);
		story.pass(60_000);
		// The link is lost and comes back, or Foredeck does.
		story.jobIs(job("1", { host: 4, unknown: 3, failed: 1 }), 0, "a");
		story.jobIs(job("1", { host: 4, running: 3, failed: 1 }), 0, "a");
		story.jobIs(job("1", { host: 4, running: 2, failed: 1, succeeded: 1 }));
		story.pass(60_000);
		expect(story.said()).toEqual([]);
		story.jobIs(job("1", { host: 4, running: 2, failed: 2 }), 0, "a");
		expect(story.said()).toEqual([
			"update patch apply · prod: 2 of 4 failed · first a, still running",
		]);
	});

	test("nothing is told of a job of which every run was cancelled", () => {
		const story = openStory();
		story.jobIs(
			story.job("1", { host: 3, cancelled: 3 }, { status: "cancelled" }),
		);
		story.pass(60_000);
		expect(story.said()).toEqual([]);
	});

	test("a success that is being watched is no news, a failure is", () => {
		const story = openStory();
		const { job } = story;
		story.watch("1");
		story.jobIs(job("1", { host: 1, succeeded: 1 }));
		expect(story.said()).toEqual(["inbox patch apply · prod: 1 ok · 6 m 12 s"]);
		story.watch("2");
		story.jobIs(job("2", { host: 1, failed: 1 }), 0, "a");
		expect(story.said()).toEqual([
			"aloud patch apply · prod: 1 failed · 6 m 12 s",
		]);
	});

	test("lost and timed-out hosts are failures too, and every host is in the words", () => {
		const counts = {
			...NO_COUNTS,
			host: 10,
			succeeded: 4,
			failed: 1,
			timed_out: 2,
			lost: 3,
		};
		expect(countsInWords(counts)).toBe("4 ok, 1 failed, 2 timed out, 3 lost");
		const story = openStory();
		story.jobIs(story.job("1", { host: 2, running: 1, lost: 1 }), 1, "a");
		expect(story.said()[0]).toContain("1 of 2 failed: a");
	});
});

describe("what nobody heard of", () => {
	test("a failure after a summary that was a success is told aloud, though it had to wait", () => {
		const { job, jobIs, said, pass } = openStory();
		jobIs(job("1", { host: 1, succeeded: 1 }));
		pass(5_000);
		jobIs(job("1", { host: 2, succeeded: 1, failed: 1 }), 0, "a");
		expect(said()).toHaveLength(1);
		pass(30_000);
		expect(said()).toEqual([
			"aloud patch apply · prod: 1 ok, 1 failed · 6 m 12 s",
		]);
	});

	test("a failure after a first one that was muted is told aloud, over a restart, and the next one changes it", () => {
		const story = openStory({ mutedUntil: T + 60_000 });
		const { job } = story;
		story.jobIs(job("1", { host: 9, running: 8, failed: 1 }), 1, "a");
		expect(story.said()[0]).toMatch(/^inbox /);
		story.pass(60_000);
		story.restart();
		story.jobIs(job("1", { host: 9, running: 7, failed: 2 }), 1, "a");
		expect(story.said()[0]).toMatch(/^aloud .*2 of 9 failed/);
		story.pass(60_000);
		story.jobIs(job("1", { host: 9, running: 6, failed: 3 }), 1, "a");
		expect(story.said()[0]).toMatch(/^update .*3 of 9 failed/);
	});

	test("a failure of a job that was one of many in a note is told aloud", () => {
		const story = openStory();
		const { job } = story;
		for (let at = 0; at < 6; at++)
			story.jobIs(job(String(at), { host: 1, failed: 1 }), 6 - at, "a");
		story.pass(60_000);
		expect(story.said()).toHaveLength(1);
		story.jobIs(job("3", { host: 2, failed: 2 }), 0, "a");
		expect(story.said()[0]).toMatch(/^aloud .*2 failed/);
	});

	test("an end that had to wait is told after a restart", () => {
		const story = openStory();
		const { job } = story;
		story.jobIs(job("1", { host: 1, succeeded: 1 }));
		story.pass(5_000);
		story.jobIs(job("1", { host: 2, succeeded: 1, failed: 1 }), 0, "a");
		story.said();
		story.restart();
		story.pass(60_000);
		expect(story.said()).toEqual([
			"aloud patch apply · prod: 1 ok, 1 failed · 6 m 12 s",
		]);
		story.pass(60_000);
		expect(story.said()).toEqual([]);
	});
});

describe("a wall clock that is set back by a day", () => {
	const DAY = 24 * 3_600_000;

	test("holds no summary", () => {
		const story = openStory();
		story.jobIs(story.job("1", { host: 1, succeeded: 1 }), 3);
		story.setBack(DAY);
		story.pass(60_000);
		expect(story.said()).toHaveLength(1);
	});

	test("holds no change of what was shown", () => {
		const story = openStory();
		const { job } = story;
		story.jobIs(job("1", { host: 9, running: 8, failed: 1 }), 1, "a");
		story.jobIs(job("1", { host: 9, running: 7, failed: 2 }), 1, "a");
		story.setBack(DAY);
		story.pass(60_000);
		expect(story.said()).toHaveLength(2);
		story.setBack(DAY);
		story.jobIs(job("1", { host: 9, running: 6, failed: 3 }), 1, "a");
		expect(story.said()).toHaveLength(1);
	});

	test("holds no alarm of the fleet, and makes no old loss a part of a new one", () => {
		const story = openStory();
		for (let at = 0; at < 40; at++) story.link(`h-${at}`, false);
		story.setBack(DAY);
		story.pass(60_000);
		expect(story.said()).toHaveLength(1);
		const other = openStory();
		for (let at = 0; at < 20; at++) other.link(`h-${at}`, false);
		other.setBack(DAY);
		other.link("h-20", false);
		other.pass(120_000);
		expect(other.said()).toEqual([]);
	});
});

describe("many jobs", () => {
	const endMany = (count: number, openAfter: number) => {
		const story = openStory();
		for (let at = 0; at < count; at++) {
			const failed = at === 2 ? 1 : 0;
			story.jobIs(
				story.job(
					String(at),
					{ host: 1, failed, succeeded: 1 - failed },
					{ label: `job ${at}` },
				),
				count - at - 1 + openAfter,
				failed > 0 ? "web-1" : null,
			);
			story.pass(500);
		}
		story.pass(15_000);
		return story;
	};

	test("up to five that end together are told one by one", () => {
		const lines = endMany(5, 1).said();
		expect(lines).toHaveLength(5);
		expect(lines.every((line) => line.startsWith("aloud patch apply"))).toBe(
			true,
		);
	});

	test("more than five make one note that leads to the first failure", () => {
		const story = endMany(8, 0);
		const [note] = story.notes();
		expect(note?.target).toEqual({ jobId: "j-2", hostId: "web-1" });
		expect(story.said()).toEqual([
			"aloud 8 jobs ended · prod: 7 ok, 1 with failures",
		]);
		story.jobIs(story.job("3", { host: 1, succeeded: 1 }));
		expect(story.said()).toEqual([]);
	});

	test("one that ends alone is told at once", () => {
		const story = openStory();
		story.jobIs(story.job("1", { host: 1, succeeded: 1 }), 0);
		expect(story.said()).toHaveLength(1);
		story.jobIs(story.job("2", { host: 1, succeeded: 1 }), 3);
		expect(story.said()).toHaveLength(0);
		story.pass(10_000);
		expect(story.said()).toHaveLength(1);
	});
});

describe("links", () => {
	const drop = (
		story: ReturnType<typeof openStory>,
		from: number,
		to: number,
	) => {
		for (let at = from; at < to; at++) story.link(`h-${at}`, false);
	};

	test("a fifth of the fleet or less is no alarm, nor is more of it one after the other", () => {
		const story = openStory();
		drop(story, 0, 20);
		story.pass(300_000);
		for (let at = 20; at < 80; at++) {
			story.link(`h-${at}`, false);
			story.pass(1_000);
		}
		story.pass(300_000);
		expect(story.said()).toEqual([]);
	});

	test("more than a fifth at once is one message after a minute, withdrawn when it heals", () => {
		const story = openStory();
		drop(story, 0, 15);
		story.pass(9_000);
		drop(story, 15, 40);
		story.pass(59_999);
		expect(story.said()).toEqual([]);
		story.pass(1);
		expect(story.said()).toEqual([
			"aloud 40 of 100 hosts dropped · prod: All at once, so probably your network. Foredeck reconnects by itself.",
		]);
		for (let at = 0; at < 29; at++) story.link(`h-${at}`, true);
		expect(story.said()).toEqual([]);
		story.link("h-29", true);
		expect(story.said()).toEqual(["withdraw prod/fleet/fleet"]);
		story.pass(60_000);
		drop(story, 0, 30);
		story.pass(60_000);
		expect(story.said()).toHaveLength(1);
	});

	test("a loss after a restart is told aloud again, though the one before it was never seen to heal", () => {
		const story = openStory();
		drop(story, 0, 40);
		story.pass(60_000);
		expect(story.said()[0]).toMatch(/^aloud 40 of 100/);
		story.restart();
		story.pass(3_600_000);
		drop(story, 0, 30);
		story.pass(60_000);
		expect(story.said()[0]).toMatch(/^aloud 30 of 100/);
	});

	test("what heals within the minute is never told", () => {
		const story = openStory();
		drop(story, 0, 90);
		story.pass(30_000);
		for (let at = 0; at < 90; at++) story.link(`h-${at}`, true);
		story.pass(300_000);
		expect(story.said()).toEqual([]);
	});
});

describe("peace and quiet", () => {
	const night = [
		{ days: [1, 2, 3, 4, 5], fromMinute: 22 * 60, toMinute: 7 * 60 },
	];
	const story = (settings: Partial<NotifySettings>) => {
		const told = openStory(settings);
		told.jobIs(told.job("1", { host: 1, failed: 1 }), 0, "a");
		told.jobIs(told.job("2", { host: 1, succeeded: 1 }), 0);
		return told.said().map((line) => line.split(" ")[0]);
	};

	test("quiet hours send to the inbox, and a profile may let failures through", () => {
		expect(story({ quietHours: night })).toEqual(["inbox", "inbox"]);
		expect(story({ quietHours: night, failuresBreakQuiet: true })).toEqual([
			"aloud",
			"inbox",
		]);
	});

	test("muted is muted, failures too, until the time is over", () => {
		expect(story({ mutedUntil: T + 1, failuresBreakQuiet: true })).toEqual([
			"inbox",
			"inbox",
		]);
		expect(story({ mutedUntil: T })).toEqual(["aloud", "aloud"]);
	});

	test.each([
		[3, 22 * 60 - 1, false],
		[3, 22 * 60, true],
		[3, 23 * 60, true],
		[3, 6 * 60 + 59, true],
		[3, 7 * 60, false],
		// Sunday's night does not begin, so Monday morning is not part of it; Friday's lasts into Saturday.
		[1, 6 * 60, false],
		[6, 6 * 60, true],
		[6, 22 * 60, false],
		[0, 6 * 60, false],
	])("weekday %i minute %i is quiet: %s", (weekday, minute, expected) => {
		expect(isQuiet(night, { weekday, minute })).toBe(expected);
	});

	test("a span within one day", () => {
		const noon = [{ days: [3], fromMinute: 720, toMinute: 780 }];
		expect(
			[719, 720, 779, 780].map((minute) =>
				isQuiet(noon, { weekday: 3, minute }),
			),
		).toEqual([false, true, true, false]);
		expect(isQuiet(noon, { weekday: 4, minute: 720 })).toBe(false);
	});
});

test("durations are as people say them", () => {
	expect([0, 44_000, 372_000, 3_840_000, -5].map(durationInWords)).toEqual([
		"0 s",
		"44 s",
		"6 m 12 s",
		"1 h 4 m",
		"0 s",
	]);
});
