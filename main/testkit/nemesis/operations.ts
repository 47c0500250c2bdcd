// What the nemesis can do to the fleet, each with its undoing. An operation takes some hosts and a dice; whether the product
// survives it is judged elsewhere.
import type { Cancel } from "../../../shared/clock.ts";
import type { Seeded } from "../../demo/seeded.ts";
import { GARBAGE } from "./memoryDoor.ts";
import type { Stage, StagedHost } from "./stage.ts";

/** One operation: what it does to these hosts, and what undoes it; undoing may be nothing. */
export interface Operation {
	readonly name: string;
	/** How likely it is beside the others. */
	readonly weight: number;
	/** The whole fleet, or a share of it. */
	readonly reach: "some" | "all";
	/** Ends this long before the heal (ms), because the agent's own wish to be left alone outlasts it. */
	readonly settleMs?: number;
	begin(
		stage: Stage,
		hosts: readonly StagedHost[],
		chance: Seeded,
	): Cancel | undefined;
}

const CLOSES: readonly (readonly [code: number, reason: string])[] = [
	[1001, "drain:deploy"],
	[1001, "drain:operator"],
	[1001, ""],
	[1005, ""],
	[1000, ""],
	[1006, ""],
	[1008, ""],
	[1009, ""],
	[1011, "internal"],
	[1012, ""],
	[1013, ""],
];

const each =
	(
		act: (host: StagedHost, chance: Seeded, stage: Stage) => Cancel | undefined,
	) =>
	(stage: Stage, hosts: readonly StagedHost[], chance: Seeded): Cancel => {
		const undo = hosts.map((host) => act(host, chance, stage));
		return () => {
			for (const one of undo) one?.();
		};
	};

const keepsOf = (chance: Seeded) =>
	chance.next() < 0.5 ? ("forgotten" as const) : ("AGENT_REBOOTED" as const);

const kill = each(({ agent }, chance) => {
	agent.kill();
	const keeps = keepsOf(chance);
	return () => void agent.revive(keeps);
});

const freeze = each(({ process }) => {
	process.pause();
	return () => process.resume();
});

const partition = each(({ path }) => path.block());

const cut = each(({ agent }) => {
	agent.cutSockets();
	return undefined;
});

const strand = each((host) => {
	host.path.strand();
	host.isDeafened = true;
	return undefined;
});

const storm = each(({ weather }, chance) => {
	const made = {
		status: chance.pick([429, 503] as const),
		retryAfterS: chance.pick([null, 1, 3, 7]),
		where: chance.pick(["rest", "upgrade", "both"] as const),
	};
	weather.storm = made;
	return () => {
		if (weather.storm === made) weather.storm = null;
	};
});

/** Everything the laptop holds is cut off; when it is back the system says so. */
const offline = (stage: Stage, hosts: readonly StagedHost[]): Cancel => {
	const undo = hosts.map(({ path }) => path.block());
	for (const { path } of hosts) path.isOffline = true;
	return () => {
		for (const { path } of hosts) path.isOffline = false;
		for (const one of undo) one();
		stage.laptop.whenRunning(() => stage.console.networkReturned());
	};
};

const sleep = (stage: Stage, hosts: readonly StagedHost[]): Cancel => {
	if (stage.laptop.isPaused) return () => {};
	const undo = hosts.map(({ path }) => path.block());
	stage.laptop.pause();
	return () => {
		for (const one of undo) one();
		stage.laptop.resume();
		stage.console.woke();
	};
};

/** Switches of the demo agents' streams that lose or disorder what is pushed. */
const events = each((host, chance) => {
	const { agent } = host;
	const kind = chance.pick(["drop", "duplicate", "swap", "deaf"] as const);
	const count = chance.between(1, 5);
	if (kind === "drop") agent.setFault({ kind, events: count });
	else if (kind === "deaf") agent.setFault({ kind, afterEvents: count });
	else if (kind === "duplicate")
		agent.setFault({ kind, times: chance.between(2, 4) });
	else agent.setFault({ kind });
	host.isDeafened ||= kind === "drop" || kind === "deaf";
	return () => agent.clearFault(kind);
});

export const OPERATIONS: readonly Operation[] = [
	{ name: "partition", weight: 6, reach: "some", begin: partition },
	{ name: "freeze", weight: 5, reach: "some", begin: freeze },
	{ name: "kill", weight: 5, reach: "some", begin: kill },
	{
		name: "restart",
		weight: 5,
		reach: "some",
		begin: each(({ agent }, chance) => {
			agent.restart({
				forget: chance.next() < 0.5,
				downMs: chance.between(1, 50) * 100,
			});
			return undefined;
		}),
	},
	{ name: "events", weight: 8, reach: "some", begin: events },
	{
		name: "delay",
		weight: 4,
		reach: "some",
		begin: each(({ path }, chance) => {
			path.setDelay({ from: 100, to: chance.between(2, 40) * 100 });
			return () => path.setDelay(null);
		}),
	},
	{
		name: "close",
		weight: 5,
		reach: "some",
		begin: each(({ door }, chance) => {
			const [code, reason] = chance.pick(CLOSES);
			door.closeSockets(code, reason);
			return undefined;
		}),
	},
	{ name: "cut", weight: 4, reach: "some", begin: cut },
	{ name: "strand", weight: 3, reach: "some", begin: strand },
	{ name: "storm", weight: 5, reach: "some", settleMs: 10_000, begin: storm },
	{
		name: "replaced",
		weight: 2,
		reach: "some",
		settleMs: 75_000,
		begin: each(({ door, path }) => {
			// Behind a blockade it would arrive with the heal, and its minute begin then.
			if (!path.isBlocked) door.closeSockets(1000, "replaced");
			return undefined;
		}),
	},
	{
		name: "slow",
		weight: 4,
		reach: "some",
		begin: each(({ weather, door }, chance) => {
			weather.slow = { from: 500, to: chance.between(1, 40) * 1_000 };
			return () => {
				weather.slow = null;
				door.unblock();
			};
		}),
	},
	{
		name: "garbage",
		weight: 4,
		reach: "some",
		begin: each(({ weather }, chance) => {
			weather.garbage = chance.pick([
				...(Object.keys(GARBAGE) as (keyof typeof GARBAGE)[]),
				"cut" as const,
			]);
			return () => {
				weather.garbage = null;
			};
		}),
	},
	{
		name: "refusals",
		weight: 3,
		reach: "some",
		begin: each(({ agent }, chance) => {
			const kind = chance.pick(["success-false", "empty-405"] as const);
			const path = chance.pick(["", "/jobs", "/health", "/events"]);
			agent.setFault({ kind, ...(path === "" ? {} : { path }) });
			return () => agent.clearFault(kind);
		}),
	},
	{
		name: "frames",
		weight: 3,
		reach: "some",
		begin: each(({ agent }, chance) => {
			const what = chance.pick(["oversize", "binary", "bad-json"] as const);
			agent.setFault({ kind: "frame", what });
			return () => agent.clearFault("frame");
		}),
	},
	{
		name: "no upgrade",
		weight: 3,
		reach: "some",
		begin: each(({ weather, door }) => {
			weather.noUpgrade = true;
			door.closeSockets(1011, "");
			return () => {
				weather.noUpgrade = false;
			};
		}),
	},
	{
		name: "agent clock",
		weight: 3,
		reach: "some",
		begin: each((host, chance, { clock }) => {
			const { agent } = host;
			const changed = (): void =>
				void host.clockChangesMs.push(clock.monotonicMs());
			agent.setFault({
				kind: "clock-skew",
				seconds: chance.between(-7_200, 7_200),
			});
			changed();
			if (chance.next() < 0.3) return undefined;
			return () => {
				agent.clearFault("clock-skew");
				changed();
			};
		}),
	},
	{
		name: "console clock",
		weight: 2,
		reach: "all",
		begin(stage, _hosts, chance) {
			stage.setConsoleClock(chance.between(-50, 50) * 60_000);
			return undefined;
		},
	},
	{
		name: "phantoms",
		weight: 4,
		reach: "some",
		begin: each(({ agent, process }, chance) => {
			if (!agent.alive() || process.isPaused) return undefined;
			for (let left = chance.between(1, 4); left > 0; left--)
				agent.submit({
					operation: "install",
					packages: ["__health_refresh__"],
					startAfterMs: chance.between(0, 2_000),
					runMs: chance.between(10, 3_000),
					outcome: { state: "completed" },
				});
			return undefined;
		}),
	},
	{
		name: "deletes",
		weight: 3,
		reach: "some",
		begin: each(({ agent, process, door }, chance) => {
			if (!agent.alive() || process.isPaused) return undefined;
			for (const { id, completedAt } of agent.truth())
				if (completedAt !== null && chance.next() < 0.5) door.forget(id);
			return undefined;
		}),
	},
	{
		name: "version",
		weight: 1,
		reach: "some",
		begin: each(({ agent }, chance) => {
			agent.setVersion(`2.6.${chance.between(0, 99)}`);
			return undefined;
		}),
	},
	{ name: "offline", weight: 2, reach: "all", begin: offline },
	{ name: "sleep", weight: 2, reach: "all", begin: sleep },
	{
		name: "roam",
		weight: 2,
		reach: "all",
		begin(stage, hosts) {
			for (const { path } of hosts) path.strand();
			stage.laptop.whenRunning(() => stage.console.networkReturned());
			return undefined;
		},
	},
	{
		name: "identity",
		weight: 1,
		reach: "all",
		begin(stage, hosts, chance) {
			stage.showIdentity(false);
			const some = hosts.filter(() => chance.next() < 0.3);
			for (const { agent } of some) agent.cutSockets();
			return () => stage.showIdentity(true);
		},
	},
	{ name: "all cut", weight: 1, reach: "all", begin: cut },
	{ name: "all partitioned", weight: 2, reach: "all", begin: partition },
	{ name: "all killed", weight: 1, reach: "all", begin: kill },
	{ name: "all frozen", weight: 1, reach: "all", begin: freeze },
];
