// `watch` on a small real fleet, whose account says what really happened.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import type { Activity } from "../../shared/model.ts";
import { agentJobId, hostId, jobId } from "../../shared/model.ts";
import type { Console } from "../core/console.ts";
import type { JobTruth } from "../demo/account.ts";
import type { DemoFleet } from "../demo/fleet.ts";
import { startDemoFleet } from "../demo/fleet.ts";
import { SHORT_JOB } from "../testkit/demoWorld.ts";
import type { Terminal } from "../testkit/terminal.ts";
import { openTerminal } from "../testkit/terminal.ts";
import { openDemoConsole } from "./demoCommands.ts";
import { watch } from "./watch.ts";

const HOSTS = 5;
const clock = systemClock();
let fleet: DemoFleet;
let console: Console;
let terminal: Terminal;

/** Agents of one dialect without misbehaviour, and a console on them. */
async function open(jobs: boolean, isTty = false): Promise<void> {
	fleet = await startDemoFleet({
		hosts: HOSTS,
		seed: 7,
		port: 0,
		dialect: "new",
		speed: 100,
		jobs,
		clock,
	});
	terminal = openTerminal({ isTty });
	console = openDemoConsole(fleet, {
		io: terminal,
		clock,
		log: () => {},
		random: Math.random,
		version: "1.2.3",
	});
}
beforeEach(() => {
	console = undefined as never;
});
afterEach(async () => {
	await console?.stop();
	await fleet?.stop();
});

const start = (options: Partial<Parameters<typeof watch>[1]> = {}) =>
	watch(
		console,
		{ json: true, untilIdle: false, timeoutS: null, ...options },
		terminal,
		clock,
	);

interface Line {
	readonly kind: string;
	readonly event_type?: string;
	readonly host_id?: string;
	readonly job_id: string;
	readonly status: string;
	readonly channel?: string;
	readonly [count: string]: unknown;
}
const lines = (): Line[] =>
	terminal.lines.all.map((line) => JSON.parse(line) as Line);

describe("--json", () => {
	test("tells every end of a fleet-wide job once, and its last job event has the final counts", async () => {
		await open(true);
		const ended = start();
		const truth: JobTruth = await fleet.jobEnded();
		const isEndOfAll = (line: Line): boolean =>
			line.event_type === "job" &&
			line.host_count === HOSTS &&
			line.status !== "running" &&
			line.status !== "queued";
		await terminal.lines.waitUntil((line) => isEndOfAll(JSON.parse(line)));
		terminal.interrupt();
		expect(await ended).toBe(130);
		const told = lines();
		const id = told.find(isEndOfAll)?.job_id;
		const job = told.findLast(
			({ event_type, job_id }) => event_type === "job" && job_id === id,
		);
		const states = [...truth.hosts.values()].map(({ state }) => state);
		for (const state of ["succeeded", "failed", "cancelled", "timed_out"])
			expect([state, job?.[`${state}_count`]]).toEqual([
				state,
				states.filter((one) => one === state).length,
			]);
		for (const [host, { state }] of truth.hosts) {
			const ends = told.filter(
				({ event_type, host_id, job_id, status }) =>
					event_type === "host" &&
					host_id === host &&
					job_id === id &&
					status !== "queued" &&
					status !== "running",
			);
			expect(ends.map(({ status }) => status)).toEqual([state]);
		}
	});

	test("begins with the state of every link, and tells each change", async () => {
		await open(false);
		const ended = start({ untilIdle: true });
		expect(await ended).toBe(0);
		const links = lines().filter(({ kind }) => kind === "link");
		for (const { id } of fleet.agents) {
			const channels = links
				.filter(({ host_id }) => host_id === id)
				.map(({ channel }) => channel);
			expect(channels[0]).toBe("connecting");
			expect(channels.at(-1)).toBe("live");
		}
	});
});

describe("--until-idle", () => {
	test("waits for the runs that are open, and is 0 when all succeeded", async () => {
		await open(false);
		for (const agent of fleet.agents)
			agent.submit({ ...SHORT_JOB, runMs: 50_000 });
		expect(await start({ untilIdle: true })).toBe(0);
		const ends = lines().filter(
			({ event_type, status }) =>
				event_type === "host" && status === "succeeded",
		);
		expect(ends).toHaveLength(HOSTS);
	});

	test("is 3 when one run failed", async () => {
		await open(false);
		for (const [index, agent] of fleet.agents.entries())
			agent.submit({
				...SHORT_JOB,
				outcome:
					index > 0
						? { state: "completed" }
						: {
								state: "failed",
								errorCode: "NETWORK_ERROR",
								exitCode: 100,
								error: "apt-get failed (exit 100)",
								stderr: "E: no",
							},
			});
		expect(await start({ untilIdle: true })).toBe(3);
	});

	test("does not call a fleet idle of which a host is being redialed", async () => {
		await open(false);
		fleet.agents[0]?.kill();
		expect(await start({ untilIdle: true, timeoutS: 1 })).toBe(4);
		expect(terminal.errors.all).toEqual([
			"foredeck: the time of 1 s is over and the fleet is not idle",
		]);
	});
});

describe("the summary", () => {
	test("without a terminal is lines, one for each job that ended, and a last one", async () => {
		await open(false);
		for (const agent of fleet.agents) agent.submit(SHORT_JOB);
		const ended = start({ json: false });
		await terminal.lines.waitUntil((line) => line.startsWith("ended: "));
		terminal.interrupt();
		await ended;
		const out = terminal.lines.all;
		expect(out.filter((line) => line.startsWith("ended: "))).toEqual([
			expect.stringMatching(
				/^ended: patchapply · openssl: 5 succeeded of 5 · \d+ s$/,
			),
		]);
		expect(out.at(-1)).toBe("5 live — patchapply · openssl: 5 succeeded of 5");
		expect(terminal.drawn.all).toEqual([]);
	});

	test("in a terminal redraws one line", async () => {
		await open(false, true);
		const ended = start({ json: false });
		await terminal.drawn.waitUntil((line) => line === "5 live — no jobs yet");
		terminal.interrupt();
		expect(await ended).toBe(130);
		// What is left on the screen is one line.
		expect(terminal.lines.all).toEqual(["5 live — no jobs yet"]);
	});
});

test("M5: a run that is overdue has a line of its own in the summary, and a line of JSON", async () => {
	await open(false);
	const overdue: Activity = {
		kind: "overdue",
		n: 1,
		receivedAt: clock.wallMs(),
		jobId: jobId("j-1"),
		hostId: hostId("web-01"),
		agentJobId: agentJobId("a-1"),
		sentence: "overdue: still running 75 min after it began\u001b[2J",
	};
	for (const json of [false, true]) {
		terminal = openTerminal();
		let tell: ((event: Activity) => void) | undefined;
		const told: Console = {
			...console,
			listen(listener) {
				tell = listener.activity;
				return () => {
					tell = undefined;
				};
			},
		};
		const ended = watch(
			told,
			{ json, untilIdle: false, timeoutS: null },
			terminal,
			clock,
		);
		tell?.(overdue);
		terminal.interrupt();
		await ended;
		expect(tell).toBeUndefined();
		const line = terminal.lines.all.find((each) => each.includes("overdue"));
		expect(line).toMatch(
			json
				? /^\{"kind":"overdue","job_id":"j-1","host_id":"web-01"/
				: /^web-01: overdue: still running 75 min after it began\\x1b/,
		);
	}
});

test("a watch that was interrupted before it began ends at once", async () => {
	await open(false);
	terminal.interrupt();
	expect(await start()).toBe(130);
});
