import { expect, test } from "vitest";
import type { Counts, Job } from "../../shared/model.ts";
import { jobId } from "../../shared/model.ts";
import {
	channelsText,
	countsText,
	durationText,
	jobEndText,
	summaryText,
} from "./summary.ts";

const NONE: Counts = {
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
const job = (
	id: string,
	counts: Partial<Counts>,
	endedAt: number | null = null,
): Job => ({
	id: jobId(id),
	label: `patchapply · ${id}`,
	origin: "observed",
	operation: "patchapply",
	packages: [id],
	status: "running",
	counts: { ...NONE, ...counts },
	startedAt: 1_000,
	endedAt,
	progressAt: 1_000,
});
const channels = {
	live: 0,
	polling: 0,
	connecting: 0,
	reconnecting: 0,
	blocked: 0,
	offline: 0,
	paused: 0,
};

test("counts of nothing are left out, and the whole is said", () => {
	expect(
		countsText({
			...NONE,
			host: 50,
			succeeded: 41,
			failed: 2,
			running: 6,
			lost: 1,
		}),
	).toBe("41 succeeded · 2 failed · 1 lost · 6 running of 50");
	expect(countsText(NONE)).toBe("nothing yet of 0");
});

test("an open job is shown before a newer one that ended", () => {
	const open = job("openssl", { host: 2, running: 2 });
	const over = {
		...job("curl", { host: 2, succeeded: 2 }, 9_000),
		startedAt: 5_000,
	};
	expect(summaryText({ ...channels, live: 2 }, [open, over])).toBe(
		"2 live — patchapply · openssl: 2 running of 2",
	);
	expect(summaryText(channels, [])).toBe("no hosts — no jobs yet");
});

test("a label of the fleet can neither move the cursor nor turn the line around, and is bounded", () => {
	const hostile = {
		...job("curl", { host: 2, running: 2 }),
		label: "a\u001b[2J\n\u202eb",
	};
	const shown = "a\\x1b[2J\\x0a\\u202eb: 2 running of 2";
	expect(summaryText({ ...channels, live: 2 }, [hostile])).toBe(
		`2 live — ${shown}`,
	);
	expect(jobEndText(hostile)).toBe(shown);
	expect(
		jobEndText({ ...hostile, label: "\u0007".repeat(9_000) }).length,
	).toBeLessThan(400);
});

test("durations read like a person says them", () => {
	expect([0, 45_000, 372_000, 7_380_000].map(durationText)).toEqual([
		"0 s",
		"45 s",
		"6 m 12 s",
		"2 h 3 m",
	]);
	expect(jobEndText(job("curl", { host: 2, succeeded: 2 }, 46_000))).toBe(
		"patchapply · curl: 2 succeeded of 2 · 45 s",
	);
	expect(channelsText({ ...channels, live: 47, polling: 2, blocked: 1 })).toBe(
		"47 live · 2 polling · 1 blocked",
	);
});
