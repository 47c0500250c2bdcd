// One agent played by a table of answers, on a virtual clock: what the reader asks, how often, and what it makes of it.
import { describe, expect, test } from "vitest";
import type { Fault } from "../../../shared/fault.ts";
import { fault } from "../../../shared/fault.ts";
import { agentJobId, hostId, runKey } from "../../../shared/model.ts";
import { openVirtualClock, settled } from "../../testkit/virtualClock.ts";
import type { HttpAnswer } from "../agentApi/rest.ts";
import { RequestFailed } from "../agentApi/rest.ts";
import { openJobBook } from "../jobs/book.ts";
import { failureIn } from "../transport/failure.ts";
import { LIST_LIMIT, openReader } from "./reader.ts";

const HOST = hostId("web-01");
const never = new AbortController().signal;

interface Answered {
	readonly status?: number;
	readonly data?: unknown;
	readonly error?: { readonly code: string; readonly message: string };
	readonly retryAfterMs?: number;
	/** The agent's clock against ours. */
	readonly aheadMs?: number;
	readonly lateMs?: number;
}

const health = (more: object = {}): Answered => ({
	data: { status: "healthy", version: "1.4.0", uptime_seconds: 5_000, ...more },
});
const list = (...jobs: readonly object[]): Answered => ({
	data: { jobs, total: jobs.length },
});
const row = (id: string, status: string, more: object = {}): object => ({
	job_id: id,
	status,
	operation: "patch_apply",
	packages: ["openssl"],
	...more,
});

function openAgent() {
	const clock = openVirtualClock();
	const startMs = clock.monotonicMs();
	const asked: { path: string; atMs: number }[] = [];
	const heard: string[] = [];
	const faults: Fault[] = [];
	const opened = { transports: 0, closed: 0, versions: 0, waiting: 0 };
	/** By path without its query: a standing answer, a list used up in order, or a failure. */
	const answers = new Map<string, Answered | Answered[] | "refused">([
		["/health", health()],
		["/jobs", list()],
		["/system/info", { data: { os: "Debian", os_version: "12" } }],
	]);
	const book = openJobBook({
		wallMs: () => clock.wallMs(),
		onActivity: (line) => {
			if (line.kind === "host") heard.push(`${line.agentJobId} ${line.status}`);
		},
		onTouched: () => {},
	});
	const answerOf = (path: string): Answered | "refused" => {
		const found = answers.get(path.split("?")[0] ?? "");
		if (Array.isArray(found))
			return (found.length > 1 ? found.shift() : found[0]) ?? "refused";
		return (
			found ?? { status: 404, error: { code: "NOT_FOUND", message: "no" } }
		);
	};
	const reader = openReader(
		{
			id: HOST,
			address: "127.0.0.1",
			port: 12443,
			servername: "web-01.fleet.test",
			minTls: "1.2",
			labels: {},
		},
		{
			clock,
			book,
			keepMs: () => 13_000,
			openRest() {
				opened.transports++;
				return {
					async get(path, { signal }): Promise<HttpAnswer> {
						asked.push({ path, atMs: clock.monotonicMs() - startMs });
						const answered = answerOf(path);
						if (answered === "refused")
							throw new RequestFailed(
								failureIn("tcp", {
									causes: [{ code: "ECONNREFUSED", message: "refused" }],
								}),
							);
						opened.waiting++;
						await new Promise<void>((resolve, reject) => {
							const cancel = clock.at(
								clock.monotonicMs() + (answered.lateMs ?? 1),
								resolve,
							);
							signal?.addEventListener("abort", () => {
								cancel();
								reject(new RequestFailed(failureIn("request", {})));
							});
						}).finally(() => opened.waiting--);
						const timestamp = new Date(
							clock.wallMs() + (answered.aheadMs ?? 0),
						).toISOString();
						const { status = 200, data, error } = answered;
						return {
							status,
							contentType: "application/json",
							retryAfterMs: answered.retryAfterMs ?? null,
							body: Buffer.from(
								JSON.stringify(
									error === undefined
										? { success: true, timestamp, data }
										: { success: false, timestamp, error },
								),
							),
						};
					},
					close: () => opened.closed++,
				};
			},
			classify: ({ causes }) =>
				fault("tcp.refused", { sentence: causes[0]?.message ?? "" }),
			onFacts: () => {},
			onHeard: () => {},
			onVersionChanged: () => opened.versions++,
			onListed: () => {},
			onRead: () => {},
			onDecodeFault: (why) => faults.push(why),
		},
	);
	return {
		clock,
		reader,
		book,
		answers,
		asked,
		paths: () => asked.map(({ path }) => path.split("?")[0]),
		heard,
		faults,
		opened,
		/** Relists, and lets it take the time it needs. */
		async relist(source: "poll" | "reconcile" = "reconcile") {
			const done = reader.relist(source, never);
			await clock.pass(1_000);
			return done;
		},
		run: (id: string) => book.runs.get(runKey(HOST, agentJobId(id))),
	};
}

describe("a relist", () => {
	test("reads health, the list, and once the system", async () => {
		const { paths, relist, reader, asked } = openAgent();
		expect(await relist()).toEqual({ ok: true, value: undefined });
		expect(paths()).toEqual(["/health", "/jobs", "/system/info"]);
		expect(asked[1]?.path).toBe(`/jobs?limit=${LIST_LIMIT}`);
		expect(reader.facts).toMatchObject({
			health: { kind: "healthy" },
			version: "1.4.0",
			os: "Debian 12",
			uptimeSeconds: 5_000,
			extensions: [],
			fault: null,
		});
	});

	test("reads health again after 60 s and the system after 30 min", async () => {
		const { paths, asked, relist, clock } = openAgent();
		for (let second = 0; second < 31 * 60; second += 10) {
			await relist("poll");
			await clock.pass(9_000);
		}
		const count = (path: string) =>
			paths().filter((one) => one === path).length;
		expect(count("/jobs")).toBe(186);
		const read = asked.filter(({ path }) => path === "/health");
		for (const [index, { atMs }] of read.slice(1).entries()) {
			const gapMs = atMs - (read[index]?.atMs ?? 0);
			expect(gapMs).toBeGreaterThanOrEqual(60_000);
			expect(gapMs).toBeLessThanOrEqual(70_010);
		}
		expect(count("/system/info")).toBe(2);
	});

	test("fetches the details that the list calls for, so that an open run has its words", async () => {
		const { answers, relist, run, paths } = openAgent();
		answers.set("/jobs", list(row("1", "running")));
		answers.set("/jobs/1", {
			data: row("1", "running", { message: "Unpacking", progress: 40 }),
		});
		await relist();
		expect(paths()).toContain("/jobs/1");
		expect(run("1")).toMatchObject({
			state: "running",
			message: "Unpacking",
			progress: 40,
		});
	});

	test("M18: one malformed row in a hundred costs one row, and is told", async () => {
		const { answers, relist, book, faults } = openAgent();
		const jobs = Array.from({ length: 100 }, (_, index) =>
			index === 25 ? { status: 7 } : row(String(index), "completed"),
		);
		// The first look takes only 50 old runs; a later one all that are new.
		await relist();
		answers.set("/jobs", list(...jobs));
		await relist();
		expect(book.runs.size).toBe(99);
		expect(faults).toMatchObject([
			{
				code: "ws.bad-frame",
				sentence: "1 of 100 listed jobs cannot be read",
			},
		]);
	});

	test("that fails is a fault of the host's facts until one works", async () => {
		const { answers, relist, reader, run } = openAgent();
		answers.set("/jobs", list(row("1", "completed")));
		await relist();
		answers.set("/jobs", "refused");
		expect(await relist()).toMatchObject({ fault: { code: "tcp.refused" } });
		expect(reader.facts.fault?.code).toBe("tcp.refused");
		// One failed read changes nothing of what is known.
		expect(run("1")?.state).toBe("succeeded");
		expect(reader.facts.health.kind).toBe("healthy");
		answers.set("/jobs", list());
		await relist();
		expect(reader.facts.fault).toBeNull();
	});

	test("that failed over a connection that is gone says nothing about the next one", async () => {
		const { answers, relist, reader } = openAgent();
		answers.set("/jobs", "refused");
		await relist();
		expect(reader.facts.fault).not.toBeNull();
		reader.forget();
		expect(reader.facts.fault).toBeNull();
	});

	test.each([
		[401, "http.401"],
		[403, "http.403"],
		[429, "http.429"],
		[503, "http.503"],
		[500, "http.unexpected"],
	])("that is refused with %i is %s", async (status, code) => {
		const { answers, relist } = openAgent();
		answers.set("/jobs", {
			status,
			error: { code: "NO", message: "not now" },
			retryAfterMs: 7_000,
		});
		expect(await relist()).toMatchObject({
			fault: { code, retryAfterMs: 7_000 },
		});
	});
});

describe("the agent's budget", () => {
	test("whatever is wanted, no more than 40 GETs go out in any minute", async () => {
		const { answers, reader, clock, asked } = openAgent();
		answers.set("/jobs", list(row("1", "running")));
		answers.set("/jobs/1", { data: row("1", "running") });
		const stop = new AbortController();
		const ignore = () => {};
		for (let second = 0; second < 300; second++) {
			reader.hint(agentJobId(String(second % 5)));
			if (second % 5 === 0)
				reader.relist("poll", stop.signal).then(ignore, ignore);
			if (second % 3 === 0) reader.output(agentJobId("1")).then(ignore, ignore);
			if (second % 7 === 0)
				reader
					.get("/events?since=0", {
						maxBytes: 1_000,
						signal: stop.signal,
						lane: "long",
					})
					.then(ignore, ignore);
			await clock.pass(1_000);
		}
		const times = asked.map(({ atMs }) => atMs);
		const inMinute = times.map(
			(from) =>
				times.filter((atMs) => atMs >= from && atMs < from + 60_000).length,
		);
		expect(Math.max(...inMinute)).toBeLessThanOrEqual(40);
		// And the budget is used: nothing starves.
		expect(times.length).toBeGreaterThan(140);
		stop.abort();
		reader.close();
		await settled();
		expect(clock.timers).toBe(0);
	});

	test("C14: Retry-After holds back everything, for as long as was asked", async () => {
		const { answers, reader, relist, clock, asked } = openAgent();
		answers.set("/jobs", {
			status: 429,
			error: { code: "RATE_LIMITED", message: "slow down" },
			retryAfterMs: 30_000,
		});
		await relist();
		const before = asked.length;
		reader.hint(agentJobId("1"));
		void reader.output(agentJobId("2"));
		await clock.pass(28_000);
		expect(asked).toHaveLength(before);
		await clock.pass(3_000);
		expect(asked.length).toBeGreaterThan(before);
	});
});

describe("what one detail means", () => {
	test("404 for an open run we knew: it is lost", async () => {
		const { answers, relist, reader, run, clock, heard } = openAgent();
		answers.set("/jobs", list(row("1", "running")));
		answers.set("/jobs/1", { data: row("1", "running") });
		await relist();
		answers.delete("/jobs/1");
		const output = reader.output(agentJobId("1"));
		await clock.pass(100);
		expect(await output).toMatchObject({
			ok: false,
			fault: { evidence: { httpStatus: 404 } },
		});
		expect(run("1")?.state).toBe("lost");
		expect(heard).toEqual(["1 running", "1 lost"]);
	});

	test("any other failure leaves the run as it was", async () => {
		const { answers, relist, reader, run, clock } = openAgent();
		answers.set("/jobs", list(row("1", "running")));
		answers.set("/jobs/1", { data: row("1", "running") });
		await relist();
		for (const answered of [
			"refused" as const,
			{ status: 500, error: { code: "INTERNAL", message: "oops" } },
		]) {
			answers.set("/jobs/1", answered);
			const output = reader.output(agentJobId("1"));
			await clock.pass(100);
			expect((await output).ok).toBe(false);
			expect(run("1")?.state).toBe("running");
		}
	});

	test("more than three hints at once are answered by one list", async () => {
		const { answers, reader, clock, paths } = openAgent();
		answers.set("/jobs", list());
		for (const id of ["1", "2", "3", "4"]) reader.hint(agentJobId(id));
		await clock.pass(2_000);
		expect(paths()).toEqual(["/jobs"]);
		for (const id of ["1", "2"]) reader.hint(agentJobId(id));
		await clock.pass(2_000);
		expect(paths()).toEqual(["/jobs", "/jobs/1", "/jobs/2"]);
	});

	test("the person who looks at a run gets all of it", async () => {
		const { answers, reader, clock } = openAgent();
		answers.set("/jobs/1", {
			data: row("1", "failed", {
				logs: ["one", "two"],
				command_stderr: "E: no",
			}),
		});
		const output = reader.output(agentJobId("1"));
		await clock.pass(100);
		expect(await output).toMatchObject({
			ok: true,
			value: { logs: ["one", "two"], stderr: "E: no" },
		});
	});
});

describe("health", () => {
	test("an uptime that fell is a reboot: open runs failed by it", async () => {
		const { answers, relist, run, clock } = openAgent();
		answers.set("/jobs", list(row("1", "running")));
		answers.set("/jobs/1", { data: row("1", "running") });
		await relist();
		await clock.pass(60_000);
		answers.set("/health", health({ uptime_seconds: 20 }));
		answers.set("/jobs", list());
		answers.delete("/jobs/1");
		await relist();
		expect(run("1")).toMatchObject({ remark: expect.stringMatching(/reboot/) });
	});

	test("an uptime that is a little behind, because the agent was blocked, is no reboot", async () => {
		const { answers, relist, run, clock } = openAgent();
		answers.set("/jobs", list(row("1", "running")));
		answers.set("/jobs/1", { data: row("1", "running") });
		await relist();
		await clock.pass(60_000);
		answers.set("/health", health({ uptime_seconds: 5_035 }));
		await relist();
		expect(run("1")).toMatchObject({ state: "running", remark: null });
	});

	test("Liveness: a laptop that slept is no reboot of the host", async () => {
		const { answers, relist, run, clock } = openAgent();
		answers.set("/jobs", list(row("1", "running")));
		answers.set("/jobs/1", { data: row("1", "running") });
		await relist();
		clock.sleep(8 * 3_600_000);
		await clock.pass(60_000);
		answers.set("/health", health({ uptime_seconds: 5_000 + 8 * 3_600 + 60 }));
		await relist();
		expect(run("1")).toMatchObject({ state: "running", remark: null });
	});

	test("a changed version is told, the first one is not", async () => {
		const { answers, relist, opened, clock } = openAgent();
		await relist();
		expect(opened.versions).toBe(0);
		await clock.pass(60_000);
		answers.set("/health", health({ version: "v1.5.0" }));
		await relist();
		expect(opened.versions).toBe(1);
	});

	test("degraded keeps its date while it lasts, with the reasons of now", async () => {
		const { answers, relist, reader, clock } = openAgent();
		const since = clock.wallMs();
		answers.set("/health", {
			data: { status: "degraded", crl_status: "expired" },
		});
		await relist();
		await clock.pass(60_000);
		answers.set("/health", {
			data: { status: "degraded", cache_status: "failed" },
		});
		await relist();
		const { health: now } = reader.facts;
		expect(now).toMatchObject({
			kind: "degraded",
			reasons: ["package cache failed"],
		});
		expect(now.kind === "degraded" && now.sinceAt - since).toBeLessThan(100);
	});

	test("unreachable is ours to say, and taken back to what the agent last said of itself", async () => {
		const { relist, reader } = openAgent();
		reader.setUnreachable(true);
		expect(reader.facts.health.kind).toBe("unreachable");
		reader.setUnreachable(false);
		// Never asked, so it never said anything: neither healthy nor unreachable.
		expect(reader.facts.health.kind).toBe("never_seen");
		await relist();
		reader.setUnreachable(true);
		reader.setUnreachable(false);
		expect(reader.facts.health.kind).toBe("healthy");
	});

	test("that cannot be read is asked again at the next relist, and the list is not read for nothing", async () => {
		const { answers, relist, paths } = openAgent();
		answers.set("/health", "refused");
		await relist();
		await relist();
		expect(paths()).toEqual(["/health", "/health"]);
	});
});

test("the agent's clock is compared with ours at the middle of the way", async () => {
	const { answers, relist, reader } = openAgent();
	answers.set("/health", { ...health(), aheadMs: 600_000, lateMs: 400 });
	for (const path of ["/jobs", "/system/info"])
		answers.set(path, { ...list(), aheadMs: 600_000 });
	await relist();
	// The answer was stamped when it arrived, 200 ms after the middle.
	expect(reader.facts.skewMs).toBe(600_200);
});

describe("closing", () => {
	test("while requests wait for the budget leaves no timer and asks nothing more", async () => {
		const { answers, reader, clock, asked, opened } = openAgent();
		answers.set("/jobs", { ...list(), retryAfterMs: 20_000 });
		void reader.relist("poll", never);
		await clock.pass(100);
		const waiting = [
			reader.relist("poll", never),
			reader.output(agentJobId("1")),
		];
		reader.hint(agentJobId("2"));
		await clock.pass(5_000);
		const before = asked.length;
		reader.close();
		for (const result of await Promise.all(waiting))
			expect(result).toMatchObject({ fault: { code: "pipe.closed" } });
		reader.hint(agentJobId("3"));
		await clock.pass(7_200_000);
		expect(asked).toHaveLength(before);
		expect(clock.timers).toBe(0);
		expect(opened.closed).toBe(opened.transports);
	});

	test("a wait that outlasts everybody's patience is told at once, with how long it is", async () => {
		const { answers, reader, clock } = openAgent();
		answers.set("/jobs", { ...list(), retryAfterMs: 300_000 });
		void reader.relist("poll", never);
		await clock.pass(1_000);
		const told = await reader.output(agentJobId("1"));
		expect(told).toMatchObject({ ok: false, fault: { code: "http.429" } });
		const waitMs = told.ok ? 0 : (told.fault.retryAfterMs ?? 0);
		expect(Math.round(waitMs / 1_000)).toBe(299);
		reader.close();
	});

	test("while an answer is on its way drops it", async () => {
		const { answers, reader, clock, opened } = openAgent();
		answers.set("/health", { ...health(), lateMs: 60_000 });
		const relist = reader.relist("poll", never);
		await clock.pass(1_000);
		expect(opened.waiting).toBe(1);
		reader.close();
		expect((await relist).ok).toBe(false);
		expect(opened.waiting).toBe(0);
		expect(clock.timers).toBe(0);
	});
});

test("one connection serves all short questions, and long-polls have one of their own", async () => {
	const { relist, reader, clock, opened } = openAgent();
	await relist();
	await relist();
	expect(opened.transports).toBe(1);
	void reader.get("/events?since=0&wait=60", {
		maxBytes: 1_000,
		signal: never,
		lane: "long",
	});
	await clock.pass(100);
	expect(opened.transports).toBe(2);
});
