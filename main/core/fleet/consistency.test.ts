// The comparison over played hosts in virtual time: what counts as a difference, how long it must last, what is told.
import { expect, test } from "vitest";
import { failed, fault, ok } from "../../../shared/fault.ts";
import type { Channel, HostRun } from "../../../shared/model.ts";
import { agentJobId, hostId } from "../../../shared/model.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import type { JobPage } from "../agentApi/message.ts";
import type { Finding } from "./consistency.ts";
import { differencesOf, sentenceOf, watchConsistency } from "./consistency.ts";

const MINUTE_MS = 60_000;

const shown = (id: string, state: HostRun["state"]): HostRun =>
	({ agentJobId: agentJobId(id), state }) as HostRun;
const page = (
	jobs: Readonly<Record<string, string>>,
	more: Partial<JobPage> = {},
): JobPage => ({
	jobs: Object.entries(jobs).map(([id, state]) => ({
		agentJobId: agentJobId(id),
		state: state as HostRun["state"],
		rawStatus: state,
		operation: "install",
		packages: id.startsWith("__") ? [id] : ["openssl"],
		createdAt: 1,
		completedAt: null,
		errorCode: null,
		parentJobId: null,
		parentLabel: null,
	})),
	broken: 0,
	rows: Object.keys(jobs).length,
	...more,
});

test.each([
	["the same", { a: "running" }, [shown("a", "running")], {}, []],
	["another state", { a: "failed" }, [shown("a", "running")], {}, ["a"]],
	["an open run that is not shown", { a: "running" }, [], {}, ["a"]],
	["an ended run that is not shown: history", { a: "failed" }, [], {}, []],
	["a phantom of the agent's own", { __a: "running" }, [], {}, []],
	["an open run that is not listed", {}, [shown("a", "running")], {}, ["a"]],
	[
		"a word that we do not know",
		{ a: "unknown" },
		[shown("a", "running")],
		{},
		[],
	],
	["an ended run that is not listed", {}, [shown("a", "lost")], {}, []],
	[
		"a list with its end cut off",
		{},
		[shown("a", "running")],
		{ rows: 200 },
		[],
	],
	[
		"a list that is broken in part",
		{},
		[shown("a", "running")],
		{ broken: 1 },
		[],
	],
])(
	"%s is a difference as it should be",
	(_what, jobs, runs, more, expected) => {
		const found = differencesOf(
			page(jobs as Record<string, string>, more),
			runs,
		);
		expect(found.map(({ agentJobId: id }) => id)).toEqual(expected);
	},
);

/** Hosts with one job each: what the agent says, what is shown, and whether a reading of the list mends it. */
function openPlay(count: number) {
	const clock = openVirtualClock();
	const hosts = Array.from({ length: count }, (_, at) => {
		const host = {
			entry: { id: hostId(`h-${at}`) },
			link: { status: { channel: "live" as Channel } },
			agent: "running",
			shown: "running" as HostRun["state"],
			mends: true,
			lists: 0,
			reads: 0,
			answers: true,
			hasListed: () => true,
			reader: {
				async get() {
					host.lists++;
					if (!host.answers) return failed(fault("tcp.reset"));
					const body = {
						success: true,
						data: {
							jobs: [
								{
									job_id: "j",
									status: host.agent,
									operation: "install",
									packages: [],
								},
							],
						},
					};
					return ok({
						status: 200,
						contentType: "application/json",
						retryAfterMs: null,
						body: Buffer.from(JSON.stringify(body)),
					});
				},
				async relist() {
					host.reads++;
					if (host.mends) host.shown = host.agent as HostRun["state"];
					return ok(undefined);
				},
			},
		};
		return host;
	});
	const found: Finding[] = [];
	let checked = 0;
	const book = {
		isHolding: false,
		runsOfHost: (id: string) =>
			hosts
				.filter(({ entry }) => entry.id === id)
				.map((host) => shown("j", host.shown)),
	};
	const stop = watchConsistency({
		clock,
		fleet: {
			size: count,
			members: () => hosts[Symbol.iterator](),
			member: (id) => hosts.find(({ entry }) => entry.id === id),
		},
		book,
		everyMs: 5 * MINUTE_MS,
		onChecked: () => checked++,
		onFound: (finding) => found.push(finding),
	});
	return { clock, hosts, found, book, stop, checked: () => checked };
}

test("every host is compared about once in five minutes, and nothing is told of a true one", async () => {
	const { clock, hosts, found, checked, stop } = openPlay(20);
	await clock.pass(50 * MINUTE_MS);
	for (const { lists } of hosts) {
		expect(lists).toBeGreaterThanOrEqual(9);
		expect(lists).toBeLessThanOrEqual(10);
	}
	expect(checked()).toBeGreaterThanOrEqual(199);
	expect(found).toEqual([]);
	stop();
	expect(clock.timers).toBe(0);
});

test("a change that is missed is told once and mended", async () => {
	const { clock, hosts, found, stop } = openPlay(3);
	const [, second] = hosts;
	if (second === undefined) throw new Error("no host");
	second.agent = "failed";
	await clock.pass(20 * MINUTE_MS);
	expect(found).toEqual([
		{
			hostId: "h-1",
			differences: [{ agentJobId: "j", shown: "running", listed: "failed" }],
			lasting: 0,
		},
	]);
	expect(second.reads).toBe(1);
	expect(found.map(sentenceOf)).toEqual([
		"1 run was shown otherwise than the agent lists it, and mended",
	]);
	stop();
});

test("what a reading does not mend is told as lasting, once", async () => {
	const { clock, hosts, found, stop } = openPlay(1);
	const [only] = hosts;
	if (only === undefined) throw new Error("no host");
	only.agent = "failed";
	only.mends = false;
	await clock.pass(11 * MINUTE_MS);
	expect(found.map(({ lasting }) => lasting)).toEqual([1]);
	expect(only.lists).toBeGreaterThan(3);
	expect(sentenceOf(found[0] as Finding)).toContain("1 could not be mended");
	stop();
});

test("a change that arrives between the two looks is no difference", async () => {
	const { clock, hosts, found, stop } = openPlay(1);
	const [only] = hosts;
	if (only === undefined) throw new Error("no host");
	only.agent = "failed";
	while (only.lists === 0) await clock.pass(1_000);
	only.shown = "failed";
	await clock.pass(MINUTE_MS);
	expect(only.lists).toBe(2);
	expect([found.length, only.reads]).toEqual([0, 0]);
	stop();
});

test("nothing is asked of a host that is not connected, nor while jobs are being found", async () => {
	const { clock, hosts, book, stop } = openPlay(2);
	const [first] = hosts;
	if (first === undefined) throw new Error("no host");
	first.link.status.channel = "reconnecting";
	await clock.pass(20 * MINUTE_MS);
	expect(first.lists).toBe(0);
	const before = hosts[1]?.lists;
	expect(before).toBeGreaterThan(2);
	book.isHolding = true;
	await clock.pass(20 * MINUTE_MS);
	expect(hosts[1]?.lists).toBe(before);
	stop();
});

test("an agent that does not answer is left for the next time", async () => {
	const { clock, hosts, found, checked, stop } = openPlay(1);
	const [only] = hosts;
	if (only === undefined) throw new Error("no host");
	only.answers = false;
	await clock.pass(16 * MINUTE_MS);
	expect(only.lists).toBe(3);
	expect([checked(), found.length]).toEqual([0, 0]);
	stop();
});
