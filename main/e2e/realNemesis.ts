// The nemesis on real sockets: demo agents behind fault proxies, real mTLS, the console as it ships, for minutes instead of
// hours. Time is the machine's, so a run is not repeated to the letter; its steps are.
import type { Cancel } from "../../shared/clock.ts";
import { systemClock } from "../../shared/clock.ts";
import type { HostId } from "../../shared/model.ts";
import { hostId } from "../../shared/model.ts";
import type { Agent } from "../demo/agent.ts";
import type { Dialect } from "../demo/dialect.ts";
import type { AgentFault } from "../demo/faults.ts";
import { type Seeded, seeded } from "../demo/seeded.ts";
import type { FaultProxy, Toxics } from "../testkit/faultProxy.ts";
import { differencesAt, unsettledRuns } from "../testkit/nemesis/compare.ts";
import { openLedger } from "../testkit/nemesis/ledger.ts";
import type { Scene, SceneHost } from "../testkit/nemesis/scene.ts";
import { openWatch } from "../testkit/nemesis/watch.ts";
import { openWorkload } from "../testkit/nemesis/workload.ts";
import type { World } from "./world.ts";
import { openWorld } from "./world.ts";

/** Jobs come and go this many times faster than in the virtual runs. */
const SPEED = 12;
const EPISODE_MS = { from: 2_000, to: 12_000 };
const LOOK_EVERY_MS = 50;
const DIALECTS: readonly Dialect[] = [
	"new",
	"new",
	"new",
	"old",
	"extended",
	"extended",
	"stub",
];
const TOXICS: readonly Toxics[] = [
	{ blackHole: true },
	{ latencyMs: 300 },
	{ refuse: true },
	{ pauseReading: "console" },
	{ pauseReading: "agent" },
	{ slice: { bytes: 40, everyMs: 5 } },
	{ cutAfterBytes: { direction: "down", bytes: 3_000 } },
	{ resetAfterBytes: { direction: "up", bytes: 2_000 } },
	{ stallAfterBytes: { direction: "down", bytes: 2_500 } },
];
const FAULTS: readonly AgentFault[] = [
	{ kind: "drop", events: 2 },
	{ kind: "duplicate", times: 3 },
	{ kind: "swap" },
	{ kind: "deaf", afterEvents: 1 },
	{ kind: "close", code: 1001, reason: "drain:deploy", afterEvents: 2 },
	{ kind: "close", code: 1012, afterEvents: 1 },
	{ kind: "truncated-json", path: "/jobs" },
	{ kind: "success-false", path: "/health" },
	{ kind: "empty-405", path: "/jobs" },
	{ kind: "rate-limit", retryAfterSeconds: 1 },
	{ kind: "upgrade-status", status: 503, retryAfterSeconds: 1 },
	{ kind: "frame", what: "bad-json" },
	{ kind: "no-ping" },
	{ kind: "clock-skew", seconds: 5_000 },
];

export interface RealNemesisOptions {
	readonly seed: number;
	readonly agents: number;
	/** How long trouble is made, in all. */
	readonly forMs: number;
	/** How soon after each heal all must be true. */
	readonly healedMs: number;
	readonly trace?: (line: string) => void;
}

export interface RealNemesisReport {
	readonly steps: number;
	readonly heals: number;
	readonly runs: number;
	readonly endsTold: number;
	/** From the heal to the moment when all was true, each time. */
	readonly truthMs: readonly number[];
}

interface RealHost extends SceneHost {
	readonly proxy: FaultProxy;
	isDeafened: boolean;
}

/** Runs it; rejects with every promise that was broken. */
export async function realNemesis(
	options: RealNemesisOptions,
): Promise<RealNemesisReport> {
	const clock = systemClock();
	const wrongs: string[] = [];
	const ledger = openLedger(() => clock.monotonicMs());
	const ids = Array.from({ length: options.agents }, (_, at) => `n-${at}`);
	const world = await openWorld({
		hosts: ids.map((id, at) => ({
			id,
			proxied: true,
			dialect: DIALECTS[at % DIALECTS.length] ?? "new",
		})),
		speed: SPEED,
		before(agents) {
			for (const [id, agent] of agents)
				agent.onJob((change) => ledger.note(hostId(id), change));
		},
	});
	const hosts = new Map(
		ids.map((id): [HostId, RealHost] => [hostId(id), hostOf(world, id)]),
	);
	const scene: Scene = {
		clock,
		laptop: clock,
		console: world.console,
		ledger,
		clockChangesMs: [],
		host: (id) => hosts.get(id) as RealHost,
		listen: (activity) => world.console.listen({ activity }),
	};
	const watch = openWatch(scene, (sentence) => wrongs.push(sentence));
	const all = [...hosts.values()];
	const chance = seeded(options.seed, "real nemesis");
	const pass = (ms: number): Promise<void> =>
		new Promise((done) => clock.at(clock.monotonicMs() + ms, done));
	const truthMs: number[] = [];
	let steps = 0;

	const differences = (): string[] =>
		all.flatMap((host) => differencesAt(scene, host, "current"));
	const judge = async (wrongNow = differences): Promise<void> => {
		const healedAtMs = clock.monotonicMs();
		for (;;) {
			const found = wrongNow();
			const tookMs = clock.monotonicMs() - healedAtMs;
			if (found.length === 0) return void truthMs.push(tookMs);
			if (tookMs > options.healedMs) return void wrongs.push(...found);
			await pass(LOOK_EVERY_MS);
		}
	};
	const episode = async (): Promise<void> => {
		const undo: Cancel[] = [];
		const untilMs =
			clock.monotonicMs() + chance.between(EPISODE_MS.from, EPISODE_MS.to);
		while (clock.monotonicMs() < untilMs) {
			const share = chance.pick([0.05, 0.2, 0.5]);
			const some = all.filter(() => chance.next() < share);
			const [name, act] = chance.pick(OPERATIONS);
			steps++;
			options.trace?.(`${name} on ${some.length}`);
			for (const host of some) undo.push(act(host, chance));
			await pass(chance.between(100, 2_000));
		}
		options.trace?.("heal");
		for (const one of undo) one();
		await Promise.all(all.map(mend));
		world.console.networkReturned();
		await judge();
		for (const host of all) host.isDeafened = false;
	};
	const stopWork = openWorkload({ clock, hosts: all }, options.seed, SPEED);
	try {
		await judge();
		const untilMs = clock.monotonicMs() + options.forMs;
		while (clock.monotonicMs() < untilMs && wrongs.length === 0)
			await episode();
		stopWork();
		if (wrongs.length === 0) {
			await world.until("no agent has work", () => all.every(isDone));
			world.console.networkReturned();
			await judge();
			await judge(() => unsettledRuns(scene, watch).wrong);
		}
	} finally {
		stopWork();
		for (const { proxy } of all) proxy.set({});
		await world.stop();
	}
	if (wrongs.length > 0)
		throw new Error(
			[
				`the nemesis broke a promise on real sockets with seed ${options.seed}`,
				...wrongs.slice(0, 12).map((each) => `  ${each}`),
				`again: npm run nemesis -- --real --seed ${options.seed} --agents ${options.agents} --minutes ${Math.ceil(options.forMs / 60_000)} --trace`,
			].join("\n"),
		);
	return {
		steps,
		heals: truthMs.length,
		runs: ledger.size,
		endsTold: watch.ends,
		truthMs,
	};
}

const hostOf = (world: World, id: string): RealHost => ({
	id: hostId(id),
	agent: world.agent(id),
	proxy: world.proxy(id),
	isDeafened: false,
	clockChangesMs: [],
});

const isDone = ({ agent }: RealHost): boolean =>
	agent.alive() &&
	agent.truth().every(({ completedAt }) => completedAt !== null);

/** Whatever was done to it is undone. */
async function mend({ agent, proxy }: RealHost): Promise<void> {
	agent.clearFault();
	proxy.set({});
	await proxy.accept();
	if (!agent.alive()) await agent.revive();
}

type Act = (host: RealHost, chance: Seeded) => Cancel;

const nothing = (): void => {};

const revive = (agent: Agent, chance: Seeded): Cancel => {
	const keeps = chance.next() < 0.5 ? "forgotten" : "AGENT_REBOOTED";
	return () => void agent.revive(keeps);
};

/** What can be done to one host. */
const OPERATIONS: readonly (readonly [name: string, act: Act])[] = [
	[
		"toxics",
		({ proxy }, chance) => {
			proxy.set(chance.pick(TOXICS));
			return nothing;
		},
	],
	[
		"clear air",
		({ proxy }) => {
			proxy.set({});
			return nothing;
		},
	],
	[
		"cut",
		({ proxy }, chance) => {
			if (chance.next() < 0.5) proxy.cutAll();
			else proxy.resetAll();
			return nothing;
		},
	],
	[
		"kill",
		({ agent }, chance) => {
			agent.kill();
			return revive(agent, chance);
		},
	],
	[
		"restart",
		({ agent }, chance) => {
			agent.restart({
				forget: chance.next() < 0.5,
				downMs: chance.between(50, 1_500),
			});
			return nothing;
		},
	],
	[
		"fault",
		(host, chance) => {
			const fault = chance.pick(FAULTS);
			host.agent.setFault(fault);
			host.isDeafened ||= fault.kind === "drop" || fault.kind === "deaf";
			return nothing;
		},
	],
	[
		"phantom",
		({ agent }) => {
			if (agent.alive())
				agent.submit({
					operation: "install",
					packages: ["__health_refresh__"],
					startAfterMs: 0,
					runMs: 600,
					outcome: { state: "completed" },
				});
			return nothing;
		},
	],
];
