// One soak: opens the agents' process and a console with a window, samples the console's process while the load runs, lets
// everything come to rest, and asks for the balance.
import { readdirSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { memoryPipe } from "../../shared/bridge.ts";
import { systemClock } from "../../shared/clock.ts";
import { CONTRACT_VERSION } from "../../shared/contract.ts";
import type { Activity } from "../../shared/model.ts";
import { hostId } from "../../shared/model.ts";
import type { Console } from "../core/console.ts";
import { openConsole } from "../core/console.ts";
import { openMemoryVault } from "../vault/memory.ts";
import type { Remote } from "./child.ts";
import { startChild } from "./child.ts";
import { identityOf } from "./identity.ts";
import type { SoakCalls } from "./soakCalls.ts";
import type { Sample } from "./soakFigures.ts";
import type { Balance, Told } from "./soakLedger.ts";

export interface SoakOptions {
	readonly minutes: number;
	readonly hosts: number;
	readonly eventsPerSecond: number;
	/** Links in a hundred that are cut in a minute. */
	readonly flapPercent: number;
	readonly seed: number;
}

export interface SoakResult {
	/** Without the warm-up. */
	readonly samples: readonly Sample[];
	/** Handles at rest, before the load and after it. */
	readonly handlesBefore: number;
	readonly handlesAfter: number;
	readonly balance: Balance;
	/** Lines that were dropped because a frame was full. */
	readonly dropped: number;
	/** Lists that were compared with what is shown, and those that differed, by outcome. */
	readonly comparisons: Readonly<Record<string, number>>;
}

const MINUTE_MS = 60_000;
const SAMPLE_MS = 10_000;
/** Short runs take at least this many samples. */
const LEAST_SAMPLES = 6;
/** Of a run, before memory and handles are looked at; at most two minutes. */
const WARM_UP_SHARE = 0.2;
const WARM_UP_MOST_MS = 120_000;
const COMPARE_EVERY_MS = 60_000;
const RESTARTS_A_MINUTE = 1;
const LOOP_RESOLUTION_MS = 5;
const NS_PER_MS = 1e6;
/** How long a fleet may take to connect, and to come to rest: polling hosts are asked every ten seconds. */
const PATIENCE_MS = 120_000;
const LOOK_EVERY_MS = 100;

const pause = (ms: number): Promise<void> =>
	new Promise((resolve) => setTimeout(resolve, ms));

async function until(
	what: string,
	isTrue: () => boolean | Promise<boolean>,
): Promise<boolean> {
	const endAt = performance.now() + PATIENCE_MS;
	while (!(await isTrue())) {
		if (performance.now() > endAt) {
			console.error(`soak: waited in vain until ${what}`);
			return false;
		}
		await pause(LOOK_EVERY_MS);
	}
	return true;
}

/** A window that acknowledges each frame at once and keeps what it is told of runs until it is taken. */
function attachWindow(core: Console) {
	const [mine, theirs] = memoryPipe();
	let lines: Told[] = [];
	let dropped = 0;
	mine.onMessage((message) => {
		const { id, name, body } = JSON.parse(message) as {
			readonly id: number;
			readonly name: string;
			readonly body: {
				readonly kind: string;
				readonly events?: readonly Activity[];
				readonly eventsDropped?: number;
			};
		};
		mine.send(JSON.stringify({ v: CONTRACT_VERSION, kind: "ack", id }));
		if (name !== "fleet") return;
		dropped += body.eventsDropped ?? 0;
		const atMs = performance.timeOrigin + performance.now();
		for (const event of body.events ?? [])
			if (event.kind === "host")
				lines.push({
					host: event.hostId,
					job: event.agentJobId,
					state: event.status,
					atMs,
				});
	});
	core.attach(theirs);
	return {
		take(): readonly Told[] {
			const taken = lines;
			lines = [];
			return taken;
		},
		dropped: () => dropped,
	};
}

const handles = (): readonly string[] => process.getActiveResourcesInfo();
const CONNECTIONS = /TCP|TLS|Pipe/;
/** What a leak would leave behind: sockets. Timers come and go with requests. */
const connections = (): number =>
	handles().filter((name) => CONNECTIONS.test(name)).length;

function openFiles(): number | null {
	try {
		return readdirSync("/proc/self/fd").length;
	} catch {
		return null;
	}
}

async function collect(): Promise<void> {
	const { gc } = globalThis as { gc?: () => void };
	if (gc === undefined) throw new Error("started without --expose-gc");
	gc();
	// Finalizers of the first round free what the second collects.
	await pause(0);
	gc();
}

/** Looks at this process. The collection itself is left out of the event loop's lateness. */
async function sample(
	startedMs: number,
	core: Console,
	loop: ReturnType<typeof monitorEventLoopDelay>,
): Promise<Sample> {
	const late = (ns: number): number =>
		Math.max(0, ns / NS_PER_MS - LOOP_RESOLUTION_MS);
	const loopP99Ms = late(loop.percentile(99));
	const loopMaxMs = late(loop.max);
	loop.disable();
	await collect();
	const { rss, heapUsed } = process.memoryUsage();
	const all = handles();
	loop.reset();
	loop.enable();
	return {
		atMs: performance.now() - startedMs,
		rssBytes: rss,
		heapBytes: heapUsed,
		handles: all.length,
		timers: all.filter((name) => name === "Timeout").length,
		files: openFiles(),
		runs: core.book.runs.size,
		loopP99Ms,
		loopMaxMs,
	};
}

/** Runs it. @throws Error when the fleet does not connect. */
export async function runSoak(
	options: SoakOptions,
	tell: (line: string) => void,
): Promise<SoakResult> {
	const agents = startChild<SoakCalls>("soakAgents.ts");
	try {
		return await soakOn(agents, options, tell);
	} finally {
		await agents.stop();
	}
}

async function soakOn(
	agents: Remote<SoakCalls>,
	options: SoakOptions,
	tell: (line: string) => void,
): Promise<SoakResult> {
	const { hosts, seed } = options;
	const fleet = await agents.call("open", { hosts, seed });
	// Node opens these when they are first written to, and where they are pipes they look like connections.
	void [process.stdout, process.stderr];
	const ownPipes = connections();
	const core = openConsole(
		{
			version: "0.0.0",
			shell: "node",
			demo: false,
			inventory: {
				name: "soak",
				hosts: fleet.hosts.map(({ id, ...where }) => ({
					...where,
					id: hostId(id),
					minTls: "1.2",
					labels: { role: "soak" },
				})),
			},
			identity: identityOf(fleet.client),
			fault: null,
			compareEveryMs: COMPARE_EVERY_MS,
		},
		{
			clock: systemClock(),
			log: () => {},
			random: Math.random,
			vault: openMemoryVault(),
		},
	);
	try {
		return await soakWith(core, agents, options, tell, ownPipes);
	} finally {
		await core.stop();
	}
}

async function soakWith(
	core: Console,
	agents: Remote<SoakCalls>,
	options: SoakOptions,
	tell: (line: string) => void,
	/** Connections of this process that are no links. */
	ownPipes: number,
): Promise<SoakResult> {
	const { hosts, minutes, eventsPerSecond, flapPercent } = options;
	const window = attachWindow(core);
	const allLive = (): boolean => core.fleet.channels().live === hosts;
	if (!(await until("every link is live", allLive)))
		throw new Error("the fleet did not connect");
	// Request connections beside a live socket close after two seconds.
	const atRest = (): boolean => connections() <= hosts + ownPipes;
	await until("only links are open", atRest);
	const handlesBefore = connections();
	tell(`${hosts} links are live; the load begins`);

	const startedMs = performance.now();
	const forMs = minutes * MINUTE_MS;
	await agents.call("begin", {
		eventsPerSecond,
		flapPercent,
		restartsPerMinute: RESTARTS_A_MINUTE,
	});
	const samples = await sampleFor(
		forMs,
		startedMs,
		core,
		async () => {
			await agents.call("told", window.take());
		},
		tell,
	);
	await agents.call("end", null);
	tell("the load is over; waiting until everything has come to rest");
	await until("every job has ended and every end was told", async () => {
		await agents.call("told", window.take());
		return agents.call("isOver", null);
	});
	await until("every link is live again", allLive);
	await until("only links are open again", atRest);
	// What is told a second time would come within the next comparison of lists or after it.
	await pause(Math.min(2_000, forMs));
	await agents.call("told", window.take());
	return {
		samples,
		handlesBefore,
		handlesAfter: connections(),
		balance: await agents.call("balance", null),
		dropped: window.dropped(),
		comparisons: countsOf(core),
	};
}

const countsOf = (core: Console): Readonly<Record<string, number>> =>
	Object.fromEntries(core.figures.comparisons);

async function sampleFor(
	forMs: number,
	startedMs: number,
	core: Console,
	each: () => Promise<void>,
	tell: (line: string) => void,
): Promise<readonly Sample[]> {
	const everyMs = Math.min(SAMPLE_MS, forMs / LEAST_SAMPLES);
	const warmUpMs = Math.min(WARM_UP_MOST_MS, forMs * WARM_UP_SHARE);
	const samples: Sample[] = [];
	const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
	loop.enable();
	for (let dueMs = everyMs; dueMs <= forMs + 1; dueMs += everyMs) {
		await pause(Math.max(0, startedMs + dueMs - performance.now()));
		await each();
		const one = await sample(startedMs, core, loop);
		if (one.atMs >= warmUpMs) samples.push(one);
		tell(
			`${(one.atMs / 1_000).toFixed(0)} s: ${(one.rssBytes / 1_048_576).toFixed(1)} MB resident, heap ${(one.heapBytes / 1_048_576).toFixed(1)} MB, ${one.handles} handles (${one.timers} timers), ${one.files ?? "?"} files, ${one.runs} runs, loop p99 ${one.loopP99Ms.toFixed(1)} ms`,
		);
	}
	loop.disable();
	return samples;
}
