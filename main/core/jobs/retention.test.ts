// What leaves the book by itself, and what must not.
import { describe, expect, test } from "vitest";
import type { HostId } from "../../../shared/model.ts";
import { agentJobId, hostId, jobId, runKey } from "../../../shared/model.ts";
import type { Told } from "../../testkit/bookStory.ts";
import {
	A,
	B,
	DAY_MS,
	detailOf,
	eventOf,
	expectSound,
	opened,
	summary,
	T,
} from "../../testkit/bookStory.ts";
import type { JobSummary } from "../agentApi/message.ts";
import { openGroups } from "./group.ts";
import { FLEET_RUNS_MOST } from "./retention.ts";

const MINUTE_MS = 60_000;

const ended = (id: string, endedAt: number, more: Partial<JobSummary> = {}) =>
	summary(id, "succeeded", {
		createdAt: endedAt - 1_000,
		completedAt: endedAt,
		packages: [`p-${id}`],
		...more,
	});

const ids = (told: Told): string[] => [...told.book.runs.keys()].sort();

describe("a day after its end", () => {
	test("a finished job goes with all its runs, told as gone, without an event", () => {
		const told = opened();
		told.page(A, [summary("1", "running")]);
		told.page(B, [summary("1", "running"), ended("2", T + 5_000)], {
			at: T + 5_000,
		});
		told.push(A, eventOf("1", "succeeded"), T + 1_000);
		told.push(B, eventOf("1", "failed", { error: "boom" }), T + 2_000);
		told.news();
		told.touched.length = 0;
		told.book.sweep(T + 1_999 + DAY_MS);
		expect(told.touched).toEqual([]);
		told.book.sweep(T + 2_000 + DAY_MS);
		expect(ids(told)).toEqual(["b/2"]);
		expect(told.book.jobs.size).toBe(1);
		expect(told.touched).toHaveLength(3);
		expect(told.touched.every((line) => line.endsWith(" gone"))).toBe(true);
		expect(told.news()).toEqual([]);
		expect(told.book.runsOfHost(A)).toEqual([]);
		expectSound(told);
	});

	test("it stays away, also when the agent goes on listing it", () => {
		const told = opened();
		const rows = [ended("1", T, { createdAt: null, completedAt: null })];
		told.page(A, rows);
		told.book.sweep(T + DAY_MS);
		expect(told.book.runs.size).toBe(0);
		told.news();
		told.page(A, rows, { at: T + DAY_MS + 1 });
		expect(told.book.runs.size).toBe(0);
		expect(told.news()).toEqual([]);
	});

	test("open runs and unfinished jobs stay, and a job that ended again counts from there", () => {
		const told = opened();
		told.page(A, [summary("1", "running")]);
		told.page(B, [summary("1", "succeeded"), ended("2", T)]);
		told.book.sweep(T + 2 * DAY_MS);
		expect(ids(told)).toEqual(["a/1", "b/1"]);
		told.push(A, eventOf("1", "succeeded"), T + 3 * DAY_MS);
		told.book.sweep(T + 3 * DAY_MS + MINUTE_MS);
		expect(ids(told)).toEqual(["a/1", "b/1"]);
		told.book.sweep(T + 4 * DAY_MS);
		expect(ids(told)).toEqual([]);
		expectSound(told);
	});

	test("many go in slices", () => {
		const told = opened();
		for (let host = 0; host < 30; host++)
			told.page(
				hostId(`h-${host}`),
				Array.from({ length: 50 }, (_, at) =>
					ended(`${host}-${at}`, T - 50 * MINUTE_MS + at, {
						packages: [`p-${host % 2}-${at}`],
					}),
				),
			);
		for (let host = 30; host < 100; host++)
			told.page(
				hostId(`h-${host}`),
				Array.from({ length: 50 }, (_, at) => ended(`${host}-${at}`, T)),
			);
		expect(told.book.runs.size).toBe(5_000);
		for (let minute = 0; minute < 12; minute++) {
			const before = told.book.runs.size;
			told.book.sweep(T + DAY_MS + minute * MINUTE_MS);
			const went = before - told.book.runs.size;
			if (before > 0) expect(went).toBeGreaterThan(0);
			expect(went).toBeLessThanOrEqual(1_000);
		}
		expect(told.book.runs.size).toBe(0);
		expect(told.book.jobs.size).toBe(0);
	});

	test("a job of very many hosts goes in slices, one after the other, and its counts add up meanwhile", () => {
		const told = opened();
		for (let host = 0; host < 1_500; host++)
			told.page(hostId(`h-${host}`), [summary("1", "succeeded")]);
		told.page(A, [ended("later", T + 1)], { at: T + 1 });
		told.news();
		told.book.sweep(T + DAY_MS + 1);
		expect(told.book.runs.size).toBe(501);
		expect([...told.book.jobs.values()][0]?.counts.host).toBe(500);
		expectSound(told);
		told.book.sweep(T + DAY_MS + 1);
		expect(told.book.runs.size).toBe(0);
		expect(told.news()).toEqual([]);
		expectSound(told);
	});
});

describe("a fleet with too many runs", () => {
	const MOST = 2_000;
	const PER_HOST = 50;
	const HOSTS = MOST / PER_HOST;
	const small = (): Told => opened({ runsMost: MOST });
	/** Each host has runs of its own jobs; later hosts ended later. */
	const fill = (told: Told, hosts: number, from = 0): void => {
		for (let at = from; at < from + hosts; at++)
			told.page(
				hostId(`h-${at}`),
				Array.from({ length: PER_HOST }, (_, run) =>
					ended(`${at}-${run}`, T - 3_600_000 + at * 100 + run),
				),
			);
	};
	const has = (told: Told, host: HostId, id: string): boolean =>
		told.book.runs.has(runKey(host, agentJobId(id)));

	test("keeps as many as it may: the jobs that ended first go, and stay away", () => {
		const told = small();
		told.page(A, [summary("open", "running", { createdAt: T - 9 * DAY_MS })]);
		fill(told, HOSTS);
		expect(FLEET_RUNS_MOST).toBe(100_000);
		expect(told.book.runs.size).toBe(MOST);
		told.touched.length = 0;
		fill(told, 10, HOSTS);
		expect(told.book.runs.size).toBe(MOST);
		expect(told.book.jobs.size).toBe(MOST);
		expect(has(told, A, "open")).toBe(true);
		expect(told.touched).toContain("run h-0/0-1 gone");
		const first = hostId("h-10");
		expect(has(told, first, "10-0")).toBe(false);
		expect(has(told, first, "10-1")).toBe(true);
		fill(told, 1);
		expect(has(told, hostId("h-0"), "0-0")).toBe(false);
		expect(told.news()).toEqual([
			"a/open running",
			"job running 0/1",
			"a/open overdue",
		]);
	});

	test("asks for nothing that it has no room for", () => {
		const told = small();
		fill(told, HOSTS);
		const rows = [
			summary("old", "succeeded", {
				createdAt: T - 5_000_000,
				completedAt: T - 4_900_000,
			}),
		];
		expect(told.page(A, rows)).toEqual([]);
		expect(told.book.runs.size).toBe(MOST);
		expect(has(told, A, "old")).toBe(false);
	});

	test("lets ended runs of stuck jobs go before newer finished ones, and their open runs never", () => {
		const told = small();
		const at = T - 2 * DAY_MS;
		const row = (state: "running" | "succeeded") =>
			summary("1", state, { createdAt: at });
		told.page(A, [row("running")], { at });
		told.page(B, [row("running")], { at });
		told.push(B, eventOf("1", "succeeded"), at);
		told.book.sweep(T);
		expect(ids(told)).toEqual(["a/1", "b/1"]);
		told.news();
		fill(told, HOSTS);
		told.book.sweep(T);
		expect(told.book.runs.size).toBe(MOST);
		expect(has(told, A, "1")).toBe(true);
		expect(has(told, B, "1")).toBe(false);
		expect(told.book.jobs.get(told.run(A, "1").jobId)?.counts).toMatchObject({
			host: 1,
			running: 1,
		});
		expect(told.news()).toEqual([]);
		// The host may have a place in the job again.
		told.push(A, eventOf("1", "succeeded"), T);
		expect(told.run(A, "1").state).toBe("succeeded");
	});
});

test("a job that goes is found without going through all others", () => {
	const groups = openGroups();
	const arrival = (host: string, parent: string) => ({
		hostId: hostId(host),
		agentJobId: agentJobId("1"),
		operation: "patchapply",
		packages: [],
		startAt: T,
		createdAt: T,
		parentJobId: parent,
		parentLabel: null,
	});
	groups.claim(A, agentJobId("1"), { id: jobId("j-ours"), label: "mine" });
	const [ours] = groups.place([arrival("a", "p")]);
	const [parent] = groups.place([arrival("b", "p")]);
	expect(ours?.origin).toBe("ours");
	expect(parent?.origin).toBe("parent");
	groups.drop(jobId("j-ours"));
	const [again] = groups.place([arrival("a", "p")]);
	expect(again).toBe(parent);
	if (parent !== undefined) groups.drop(parent.id);
	const [anew] = groups.place([arrival("b", "p")]);
	expect(anew).toEqual(parent);
	expect(anew).not.toBe(parent);
});

test("a failure whose detail comes after its job is gone does not bring it back as news", () => {
	const told = opened();
	told.page(A, [summary("1", "running")]);
	told.page(A, [summary("1", "failed")], { at: T + 1 });
	told.detail(A, detailOf("1", "failed", { error: "boom" }), { at: T + 2 });
	told.news();
	told.book.sweep(T + 2 + DAY_MS);
	expect(told.book.runs.size).toBe(0);
	told.page(A, [summary("1", "failed")], { at: T + 3 + DAY_MS });
	expect(told.book.runs.size).toBe(0);
	expect(told.news()).toEqual([]);
});
