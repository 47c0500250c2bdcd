// The notifier on a clock of its own, with a console that says what the test says.
import { expect, test } from "vitest";
import { badgeText, INBOX_MOST } from "../../../shared/inbox.ts";
import type { Activity, Channel, Job } from "../../../shared/model.ts";
import { agentJobId, hostId, jobId } from "../../../shared/model.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import { filed } from "./inbox.ts";
import { memoryOf, NO_MEMORY } from "./memory.ts";
import type { Note, NoteEffect } from "./note.ts";
import type { NotifierPorts } from "./notifier.ts";
import { openNotifier } from "./notifier.ts";

const NO_COUNTS = {
	host: 2,
	queued: 0,
	running: 0,
	succeeded: 0,
	failed: 0,
	cancelled: 0,
	timed_out: 0,
	lost: 0,
	unknown: 0,
};

function openStage(memory = NO_MEMORY) {
	const clock = openVirtualClock();
	const jobs = new Map<Job["id"], Job>();
	let listener: Parameters<NotifierPorts["console"]["listen"]>[0] | null = null;
	const effects: NoteEffect[] = [];
	const kept: string[] = [];
	const badges: number[] = [];
	const notifier = openNotifier({
		clock,
		console: {
			book: { jobs },
			fleet: { size: 10 },
			listen(one) {
				listener = one;
				return () => {
					listener = null;
				};
			},
		},
		memory,
		settings: () => ({
			profile: "prod",
			quietHours: [],
			failuresBreakQuiet: false,
			mutedUntil: 0,
		}),
		localTime: () => ({ weekday: 1, minute: 0 }),
		watching: () => null,
		present: (effect) => effects.push(effect),
		onInbox: (_inbox, unread) => badges.push(unread),
		keep: (text) => kept.push(text),
	});
	return {
		clock,
		effects,
		kept,
		badges,
		notifier,
		isListening: () => listener !== null,
		/** The host's run, then its job. */
		tell(
			host: string,
			status: "failed" | "succeeded",
			counts: Partial<Job["counts"]>,
		) {
			const id = jobId("j-1");
			const isOpen = (counts.running ?? 0) > 0;
			jobs.set(id, {
				id,
				label: "install · curl",
				origin: "observed",
				operation: "install",
				packages: ["curl"],
				status: isOpen ? "running" : "failed",
				counts: { ...NO_COUNTS, ...counts },
				startedAt: clock.wallMs() - 44_000,
				endedAt: isOpen ? null : clock.wallMs(),
				progressAt: clock.wallMs(),
			});
			listener?.activity({
				kind: "host",
				jobId: id,
				hostId: hostId(host),
				agentJobId: agentJobId("1"),
				status,
			} as Activity);
			listener?.activity({ kind: "job", jobId: id } as Activity);
		},
		link: (host: string, channel: Channel) =>
			listener?.link(hostId(host), { channel } as never),
	};
}

test("a note of any length is filed so that the next start takes the memory", () => {
	const { notifier, kept, clock } = openStage();
	const long: Note = {
		key: "prod/shell/refused",
		kind: "refused",
		title: "t".repeat(5_000),
		body: "b".repeat(50_000),
		isFailure: false,
		target: { jobId: null, hostId: null },
		at: 0,
	};
	expect(filed([], long)[0]?.note.body).toHaveLength(4_000);
	notifier.file(long);
	notifier.markRead(null);
	// The same words again are no news.
	notifier.file(long);
	expect(notifier.inbox.map(({ isRead }) => isRead)).toEqual([true]);
	clock.advance(1_000);
	expect(memoryOf(kept.at(-1) ?? "")?.inbox).toHaveLength(1);
});

test("a job that fails and ends: told, filed, kept, and silent after a restart", () => {
	const stage = openStage();
	stage.tell("a", "failed", { failed: 1, running: 1 });
	stage.tell("b", "failed", { failed: 2 });
	expect(
		stage.effects.map((one) => (one.kind === "show" ? one.note.body : one.key)),
	).toEqual([
		"1 of 2 failed: a, still running\ncurl",
		"prod/j-1/failing",
		"2 failed · 44 s\ncurl",
	]);
	expect(stage.notifier.inbox.map(({ note }) => note.key)).toEqual([
		"prod/j-1/ended",
	]);
	expect(stage.notifier.inbox[0]?.note.target).toEqual({
		jobId: "j-1",
		hostId: "a",
	});
	expect(stage.notifier.unread).toBe(1);
	expect(stage.kept).toEqual([]);
	stage.clock.advance(1_000);
	expect(stage.kept).toHaveLength(1);
	stage.notifier.stop();
	expect(stage.isListening()).toBe(false);
	expect(stage.clock.timers).toBe(0);

	const memory = memoryOf(stage.kept.at(-1) ?? "");
	if (memory === null) throw new Error("it was not kept");
	const again = openStage(memory);
	again.clock.advance(60_000);
	again.tell("a", "failed", { failed: 1, running: 1 });
	again.tell("b", "failed", { failed: 2 });
	again.clock.advance(60_000);
	expect(
		again.effects.filter(
			(one) => one.kind === "show" && one.manner === "aloud",
		),
	).toEqual([]);
	expect(again.notifier.unread).toBe(1);
	again.notifier.markRead(["prod/j-1/ended", "unheard of"]);
	expect(again.notifier.unread).toBe(0);
	again.notifier.stop();
});

test("hosts that were up and are not are counted; never seen, paused and blocked ones from the start are not", () => {
	const stage = openStage();
	for (const host of ["a", "b", "c", "d"]) stage.link(host, "connecting");
	for (const host of ["a", "b", "c"]) stage.link(host, "live");
	stage.link("d", "blocked");
	stage.link("c", "paused");
	for (const host of ["a", "b"]) stage.link(host, "reconnecting");
	stage.clock.advance(61_000);
	expect(stage.effects).toEqual([]);
	for (const host of ["a", "b", "c"]) stage.link(host, "polling");
	for (const host of ["a", "b", "c"]) stage.link(host, "reconnecting");
	stage.clock.advance(61_000);
	expect(stage.effects).toHaveLength(1);
	expect(stage.effects[0]).toMatchObject({
		note: { title: "3 of 10 hosts dropped · prod" },
	});
	for (const host of ["a", "b", "c"]) stage.link(host, "live");
	expect(stage.effects.at(-1)).toEqual({
		kind: "withdraw",
		key: "prod/fleet/fleet",
	});
	stage.notifier.stop();
});

const note = (key: string, more: Partial<Note> = {}): Note => ({
	key,
	kind: "ended",
	title: "t",
	body: "b",
	isFailure: true,
	target: { jobId: null, hostId: null },
	at: 1,
	...more,
});

test("the inbox keeps the last 200, each key once, newest first", () => {
	let inbox = filed([], note("first"));
	for (let at = 0; at < INBOX_MOST; at++) inbox = filed(inbox, note(`n-${at}`));
	expect(inbox).toHaveLength(INBOX_MOST);
	expect(inbox[0]?.note.key).toBe(`n-${INBOX_MOST - 1}`);
	expect(inbox.some(({ note: { key } }) => key === "first")).toBe(false);
	inbox = filed(inbox, note("n-5", { body: "again" }));
	expect(inbox).toHaveLength(INBOX_MOST);
	expect(inbox[0]?.note.body).toBe("again");
});

test("a badge is never wider than three characters", () => {
	expect([0, 1, 99, 100, 5_000].map(badgeText)).toEqual([
		"",
		"1",
		"99",
		"99+",
		"99+",
	]);
});

test.each([
	"",
	"{",
	"null",
	"[]",
	'{"version":2,"told":{},"inbox":[]}',
	'{"version":1,"told":{"a":"b"},"inbox":[]}',
	'{"version":1,"told":{},"inbox":[],"more":1}',
])("a memory that is not ours is refused: %s", (text) => {
	expect(memoryOf(text)).toBeNull();
});
