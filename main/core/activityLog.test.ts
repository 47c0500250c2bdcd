import { expect, test } from "vitest";
import type { Activity } from "../../shared/model.ts";
import { openActivityLog } from "./activityLog.ts";

const line = {
	kind: "gap",
	receivedAt: 0,
	hostId: null,
	sentence: "",
} as const;

test("lines are numbered in their order, and told before `tell` returns", () => {
	const log = openActivityLog();
	const heard: Activity[] = [];
	const stop = log.listen((one) => heard.push(one));
	log.tell(line);
	log.tell(line);
	expect(heard.map(({ n }) => n)).toEqual([0, 1]);
	stop();
	log.tell(line);
	expect(heard).toHaveLength(2);
	expect(log.recent(2).map(({ n }) => n)).toEqual([1, 2]);
});

test("C27: a flood of lines is bounded: the newest 5,000 are there, and never more than 6,000 are kept", () => {
	const log = openActivityLog();
	for (let n = 0; n < 20_000; n++) log.tell(line);
	const all = log.recent(1_000_000);
	expect(all.length).toBeGreaterThanOrEqual(5_000);
	expect(all.length).toBeLessThan(6_000);
	expect(all.at(-1)?.n).toBe(19_999);
	expect(all.map(({ n }) => n)).toEqual(
		all.map((_, index) => 20_000 - all.length + index),
	);
});

test("none are asked for, none are given", () => {
	const log = openActivityLog();
	log.tell(line);
	expect(log.recent(0)).toEqual([]);
});
