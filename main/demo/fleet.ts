// The demo fleet: N agents on loopback under one throw-away authority, working through one fleet-wide job after another.
// Keeps the account of what really happened, so that whoever watches can be compared with it.
import type { Cancel, Clock } from "../../shared/clock.ts";
import { FaultError, fault } from "../../shared/fault.ts";
import { createAccount, type JobTruth } from "./account.ts";
import { type Agent, createAgent } from "./agent.ts";
import { createAuthority } from "./authority.ts";
import type { Dialect } from "./dialect.ts";
import { type FaultPlan, faultsOf } from "./faults.ts";
import { createPulse } from "./pulse.ts";
import { type RosterEntry, roster } from "./roster.ts";
import { PING_EVERY_MS } from "./stream.ts";
import type { AgentWorld } from "./world.ts";

export interface DemoFleetOptions {
	/** 1 to 10,000. */
	readonly hosts: number;
	/** The same seed: the same hosts, packages, outcomes and ids. */
	readonly seed: number;
	/** 0: any free port for each agent; N: consecutive ports from N. */
	readonly port: number;
	/** Undefined: the believable mix. Else all hosts alike, and no misbehaviour but that of `faults`. */
	readonly dialect?: Dialect | undefined;
	readonly faults?: FaultPlan | undefined;
	/** Jobs run this many times faster; default 1. Heartbeats and faults keep their own time. */
	readonly speed?: number | undefined;
	/** False: no jobs but those that are submitted. Default true. */
	readonly jobs?: boolean;
	readonly clock: Clock;
}

/** The fleet file of 04-INTERFACES section 2. */
export interface FleetFile {
	readonly version: 1;
	readonly name: string;
	readonly defaults: { readonly port: number; readonly minTls: "1.2" };
	readonly hosts: readonly {
		readonly id: string;
		readonly address: string;
		readonly port: number;
		readonly servername: string;
		readonly labels: Readonly<Record<string, string>>;
	}[];
}

export interface DemoFleet {
	readonly fleetFile: FleetFile;
	/** A client that every agent accepts. PEM; the key is PKCS#8. */
	readonly identity: {
		readonly certPem: string;
		readonly keyPem: string;
		readonly caPem: string;
	};
	readonly agents: readonly Agent[];
	/** @throws RangeError when there is no such host. */
	agent(id: string): Agent;
	/** Every job so far, oldest first. */
	truth(): readonly JobTruth[];
	onJobEnded(listener: (job: JobTruth) => void): Cancel;
	/** Resolves with the next job that ends, or at once with the last of `count` jobs when so many have ended. */
	jobEnded(count?: number): Promise<JobTruth>;
	/** Everything closed and no timer left when it resolves. */
	stop(): Promise<void>;
}

/** How many listeners are opened at a time. */
const STARTED_AT_ONCE = 64;

/**
 * Starts the agents and, with them, the first job: its runs are queued on every host when this resolves.
 * @throws FaultError `port.in-use` when a port is taken, `input.invalid` when a number cannot be.
 */
export async function startDemoFleet(
	options: DemoFleetOptions,
): Promise<DemoFleet> {
	const { clock, seed, hosts } = options;
	if (options.port > 0 && options.port + hosts - 1 > 65_535)
		throw new FaultError(
			fault("input.invalid", {
				sentence: `${hosts} ports from ${options.port} on go beyond 65535`,
			}),
		);
	const authority = createAuthority({ clock });
	const client = authority.issueClient({ commonName: "demo-console" });
	const world: AgentWorld = {
		clock,
		pulse: createPulse(clock, PING_EVERY_MS),
		authority,
		seed,
		clientSerials: [client.facts.serial],
		speed: options.speed ?? 1,
	};
	const entries = roster(hosts, options.dialect);
	const agents = entries.map((entry, index) =>
		createAgent(world, {
			...entry,
			port: options.port === 0 ? 0 : options.port + index,
			faults: [
				...entry.faults,
				...(options.faults ? faultsOf(options.faults, entry.id) : []),
			],
		}),
	);
	await startAll(agents, world);
	const account = createAccount({
		agents,
		clock,
		seed,
		speed: world.speed,
		mixed: options.dialect === undefined,
	});
	if (options.jobs !== false) account.begin();
	return {
		fleetFile: fleetFileOf(entries, agents),
		identity: {
			certPem: client.certPem,
			keyPem: client.keyPem,
			caPem: authority.caPem,
		},
		agents,
		agent(id) {
			const found = agents.find((agent) => agent.id === id);
			if (found === undefined) throw new RangeError(`no host ${id}`);
			return found;
		},
		truth: account.truth,
		onJobEnded: account.onJobEnded,
		jobEnded: account.jobEnded,
		async stop() {
			account.stop();
			await stopAll(agents, world);
		},
	};
}

async function stopAll(
	agents: readonly Agent[],
	world: AgentWorld,
): Promise<void> {
	world.pulse.stop();
	await Promise.all(agents.map((agent) => agent.stop()));
}

async function startAll(
	agents: readonly Agent[],
	world: AgentWorld,
): Promise<void> {
	try {
		for (let from = 0; from < agents.length; from += STARTED_AT_ONCE) {
			const some = agents.slice(from, from + STARTED_AT_ONCE);
			await Promise.all(some.map((agent) => agent.start()));
		}
	} catch (error) {
		await stopAll(agents, world);
		throw startFault(error);
	}
}

function startFault(error: unknown): unknown {
	const { code, port } = error as { code?: string; port?: number };
	if (code === "EADDRINUSE")
		return new FaultError(
			fault("port.in-use", { sentence: `port ${port} is in use` }),
		);
	if (code === "EMFILE" || code === "ENFILE")
		return new FaultError(fault("limits.files"));
	if (code === "EACCES")
		return new FaultError(
			fault("input.invalid", {
				sentence: `this user may not listen on port ${port}`,
			}),
		);
	return error;
}

function fleetFileOf(
	entries: readonly RosterEntry[],
	agents: readonly Agent[],
): FleetFile {
	return {
		version: 1,
		name: "demo",
		defaults: { port: 12_443, minTls: "1.2" },
		hosts: agents.map((agent, index) => ({
			id: agent.id,
			address: agent.address,
			port: agent.port(),
			servername: agent.servername,
			labels: entries[index]?.labels ?? {},
		})),
	};
}
