// When a person is told of an identity's end: the marks, once each, over restarts, on wake and for another identity.
import { describe, expect, test } from "vitest";
import { someIdentity } from "../../testkit/vaultConformance.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import type { Identity } from "../ports.ts";
import type { ToldMarks } from "./expiry.ts";
import { expiryMark, leftInWords, nextMarkAt, noticeExpiry } from "./expiry.ts";
import { watchExpiry } from "./expiryWatch.ts";

const DAY = 86_400_000;
const END = 1_000 * DAY;

test.each([
	[31, null],
	[30.01, null],
	[30, 30],
	[14.1, 30],
	[14, 14],
	[7, 7],
	[1.5, 7],
	[1, 1],
	[0.01, 1],
	[0, 0],
	[-5, 0],
])("with %d days left the mark is %s", (days, mark) => {
	expect(expiryMark(END, END - days * DAY)).toBe(mark);
});

test.each([
	[6.9, "in 6 days"],
	[2, "in 2 days"],
	[1.9, "in 45 hours"],
	[0.1, "in 2 hours"],
	[0.05, "within two hours"],
])("%d days are said as %s", (days, words) => {
	expect(leftInWords(END, END - days * DAY)).toBe(words);
});

test("each mark is told once per certificate, and what was told survives as data", () => {
	const facts = { fingerprint256: "AA", expiresAt: END };
	let told: ToldMarks = {};
	const keys: string[] = [];
	for (let hour = 40 * 24; hour >= -48; hour--) {
		const [next, news] = noticeExpiry(told, facts, END - (hour * DAY) / 24);
		// As a file would bring it back.
		told = JSON.parse(JSON.stringify(next));
		if (news !== null) keys.push(news.key);
	}
	expect(keys).toEqual([30, 14, 7, 1, 0].map((mark) => `identity/AA/${mark}`));
});

test("who looks after days away is told the nearest mark alone, and a clock set back tells nothing again", () => {
	const facts = { fingerprint256: "AA", expiresAt: END };
	const [told, news] = noticeExpiry({ AA: 30 }, facts, END - 6 * DAY);
	expect(news?.sentence).toBe("your client certificate expires in 6 days");
	expect(noticeExpiry(told, facts, END - 20 * DAY)[1]).toBeNull();
	expect(noticeExpiry({}, facts, END + 1)[1]?.sentence).toBe(
		"your client certificate has expired",
	);
});

test("the next mark is known in advance", () => {
	expect(nextMarkAt(END, END - 40 * DAY)).toBe(END - 30 * DAY);
	expect(nextMarkAt(END, END - 30 * DAY)).toBe(END - 14 * DAY);
	expect(nextMarkAt(END, END)).toBeNull();
});

describe("the watch", () => {
	function watched(days: number) {
		const clock = openVirtualClock();
		const of = (name: string, left: number): Identity => {
			const identity = someIdentity(name, 10);
			const expiresAt = clock.wallMs() + left * DAY;
			const facts = { ...identity.facts, fingerprint256: name, expiresAt };
			return { ...identity, facts };
		};
		const stage: { identity: Identity | null } = { identity: of("AA", days) };
		const told: string[] = [];
		const watch = watchExpiry(
			clock,
			() => stage.identity,
			({ key }) => told.push(key),
		);
		watch.look();
		return { clock, stage, told, watch, of };
	}

	test("tells each mark within its day while the console runs", async () => {
		const { clock, told, watch } = watched(32);
		for (let day = 0; day < 40; day++) await clock.pass(DAY);
		expect(told).toEqual([30, 14, 7, 1, 0].map((n) => `identity/AA/${n}`));
		expect(clock.timers).toBe(0);
		watch.stop();
	});

	test("a mark that passed in a sleep nobody told of is told within six hours", async () => {
		const { clock, told } = watched(29);
		clock.sleep(16 * DAY);
		await clock.pass(DAY / 4);
		expect(told).toEqual(["identity/AA/30", "identity/AA/14"]);
	});

	test("looks on wake, and at another identity when it is used", () => {
		const { clock, stage, told, watch, of } = watched(20);
		expect(told).toEqual(["identity/AA/30"]);
		watch.look();
		stage.identity = of("BB", 0.5);
		watch.look();
		stage.identity = null;
		watch.look();
		expect(told).toEqual(["identity/AA/30", "identity/BB/1"]);
		expect(clock.timers).toBe(0);
	});
});
