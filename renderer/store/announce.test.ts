import { expect, test } from "vitest";
import { openVirtualClock } from "../../main/testkit/virtualClock.ts";
import type { Activity, RunState } from "../../shared/model.ts";
import {
	createAnnouncements,
	failureSentence,
	SENTENCE_PAUSE_MS,
} from "./announce.ts";

const event = (n: number, host: string, status: RunState): Activity =>
	({ kind: "host", n, hostId: host, status }) as Activity;

function stage() {
	const clock = openVirtualClock();
	const said: { readonly at: number; readonly sentence: string }[] = [];
	const started = clock.monotonicMs();
	const announcements = createAnnouncements(clock, (sentence) =>
		said.push({ at: clock.monotonicMs() - started, sentence }),
	);
	return { clock, said, announcements };
}

test("what was there before is no news, and the first failure is said at once", () => {
	const { clock, said, announcements } = stage();
	const old = [event(1, "db-01", "failed")];
	announcements.look("core", old);
	announcements.look("core", [...old, event(2, "db-07", "failed")]);
	clock.advance(0);
	expect(said).toEqual([{ at: 0, sentence: "Failed on db-07." }]);
	// Another core tells its whole stream again.
	announcements.look("restarted", [event(9, "db-01", "failed")]);
	clock.advance(60_000);
	expect(said).toHaveLength(1);
	expect(clock.timers).toBe(0);
});

test("ten failures a second for a minute are one sentence per five seconds, and none is left out", () => {
	const { clock, said, announcements } = stage();
	const events: Activity[] = [];
	announcements.look("core", events);
	for (let n = 1; n <= 600; n++) {
		events.push(event(n, `web-${n}`, "failed"));
		announcements.look("core", [...events]);
		clock.advance(100);
	}
	clock.advance(SENTENCE_PAUSE_MS);
	expect(said.length).toBeGreaterThan(10);
	const pauses = said.slice(1).map(({ at }, n) => at - (said[n]?.at ?? 0));
	expect(Math.min(...pauses)).toBeGreaterThanOrEqual(SENTENCE_PAUSE_MS);
	const told = said.reduce((sum, { sentence }) => {
		const more = Number(/and (\d+) more/.exec(sentence)?.[1] ?? 0);
		return sum + more + (sentence.match(/web-/g)?.length ?? 0);
	}, 0);
	expect(told).toBe(600);
	expect(clock.timers).toBe(0);
});

test("success is quiet, and after the end nothing is said", () => {
	const { clock, said, announcements } = stage();
	announcements.look("core", []);
	announcements.look("core", [event(1, "db-01", "succeeded")]);
	clock.advance(60_000);
	announcements.look("core", [event(2, "db-01", "lost")]);
	announcements.stop();
	clock.advance(60_000);
	expect(said).toEqual([]);
});

test("a host is named once, three are named, the others counted, and no control character is spoken", () => {
	expect(failureSentence(["a", "b", "a"])).toBe("Failed on a, b.");
	expect(failureSentence(["a", "b", "c", "d", "e"])).toBe(
		"Failed on a, b, c and 2 more.",
	);
	expect(failureSentence(["db\u202e-07"])).not.toContain("\u202e");
});
