// The agents of a soak in a process of their own: they take jobs on at a steady rate, and now and then a link is cut or an
// agent restarts. The account is kept here too, so that the measured process holds nothing for the measurement.
import { systemClock } from "../../shared/clock.ts";
import type { Agent } from "../demo/agent.ts";
import { createAgent } from "../demo/agent.ts";
import type { Outcome } from "../demo/aptOutput.ts";
import { failureOf } from "../demo/aptOutput.ts";
import { createAuthority } from "../demo/authority.ts";
import type { Dialect } from "../demo/dialect.ts";
import { createPulse } from "../demo/pulse.ts";
import { PING_EVERY_MS } from "../demo/stream.ts";
import type { Chance } from "../testkit/fuzz/chance.ts";
import { openChance } from "../testkit/fuzz/chance.ts";
import { answerParent } from "./child.ts";
import type { SoakCalls } from "./soakCalls.ts";
import { openLedger } from "./soakLedger.ts";

/** Pushed for each job: it was created, it runs, it ended. */
const EVENTS_OF_A_JOB = 3;
const MINUTE_MS = 60_000;
const MOST_RUN_MS = 8_000;
/** A restart forgets what has ended. Jobs that changed just before it, or while the link was down, might never be read. */
const RESTART_CALM_MS = 5_000;
const RESTART_AFTER_BREAK_MS = 30_000;
const STARTED_AT_ONCE = 64;

const clock = systemClock();
const ledger = openLedger();
const agents: Agent[] = [];
let chance: Chance = openChance(1);
let mostRunMs = MOST_RUN_MS;
const stops: (() => void)[] = [];

/** As exact as one machine's clock can be across processes. */
const nowMs = (): number => performance.timeOrigin + performance.now();

const dialectOf = (index: number): Dialect =>
	index % 10 === 0 ? "old" : index % 5 === 1 ? "extended" : "new";

function outcome(): Outcome {
	if (chance.happens(0.85)) return { state: "completed" };
	if (chance.happens(0.2)) return { state: "timed_out" };
	return chance.happens(0.3)
		? { state: "cancelled" }
		: failureOf("NETWORK_ERROR", ["openssl"]);
}

function submitOne(): void {
	const agent = chance.pick(agents);
	if (!agent.alive()) return;
	agent.submit({
		operation: chance.pick(["install", "update", "patchapply"]),
		packages: [chance.pick(["openssl", "curl", "systemd", "libc6"])],
		startAfterMs: chance.below(500),
		runMs: 200 + chance.below(mostRunMs),
		outcome: outcome(),
	});
}

function cutOne(): void {
	const agent = chance.pick(agents);
	if (agent.openConnections() === 0) return;
	ledger.broke(agent.id, nowMs());
	agent.cutSockets();
}

function restartOne(): void {
	const atMs = nowMs();
	const calm = agents.filter(
		({ id, openConnections }) =>
			openConnections() > 0 &&
			atMs - ledger.lastChangeMs(id) > RESTART_CALM_MS &&
			atMs - ledger.lastBreakMs(id) > RESTART_AFTER_BREAK_MS,
	);
	if (calm.length === 0) return;
	const agent = chance.pick(calm);
	ledger.broke(agent.id, atMs);
	agent.restart();
}

/** Runs it so often that it happens this many times a minute; at most a hundred times a second. */
function timesAMinute(times: number, run: () => void): void {
	if (!(times > 0)) return;
	const timer = setInterval(run, Math.max(10, MINUTE_MS / times));
	stops.push(() => clearInterval(timer));
}

answerParent({
	async open({ hosts, seed }) {
		chance = openChance(seed);
		const authority = createAuthority({ clock });
		const client = authority.issueClient({ commonName: "soak" });
		const world = {
			clock,
			pulse: createPulse(clock, PING_EVERY_MS),
			authority,
			seed,
			clientSerials: [client.facts.serial],
			speed: 1,
		};
		for (let index = 0; index < hosts; index++) {
			const id = `host-${index}`;
			const agent = createAgent(world, {
				id,
				servername: `${id}.fleet.test`,
				dialect: dialectOf(index),
				port: 0,
				faults: [],
			});
			agent.onJob(({ jobId, state }) =>
				ledger.changed(id, jobId, state, nowMs()),
			);
			agents.push(agent);
		}
		for (let from = 0; from < hosts; from += STARTED_AT_ONCE)
			await Promise.all(
				agents.slice(from, from + STARTED_AT_ONCE).map((one) => one.start()),
			);
		return {
			client: {
				caPem: authority.caPem,
				certPem: client.certPem,
				keyPem: client.keyPem,
			},
			hosts: agents.map((agent) => ({
				id: agent.id,
				address: agent.address,
				port: agent.port(),
				servername: agent.servername,
			})),
		};
	},
	begin({ eventsPerSecond, flapPercent, restartsPerMinute }) {
		// An agent works on one job at a time: on average it is idle half of the time, so that no queue grows.
		const jobsPerSecond = eventsPerSecond / EVENTS_OF_A_JOB;
		mostRunMs = Math.min(MOST_RUN_MS, (agents.length * 1_000) / jobsPerSecond);
		timesAMinute(jobsPerSecond * 60, submitOne);
		timesAMinute((agents.length * flapPercent) / 100, cutOne);
		timesAMinute(restartsPerMinute, restartOne);
	},
	end() {
		for (const stop of stops.splice(0)) stop();
	},
	told: (lines) => ledger.told(lines),
	/** Jobs end by themselves within seconds of the last order. */
	isOver: () =>
		agents.every((agent) =>
			agent
				.truth()
				.every(({ state }) => state !== "pending" && state !== "running"),
		) && ledger.isEven(),
	balance: () => ledger.balance(),
} satisfies SoakCalls);
