// A small fleet and a console on it, over real sockets and real mTLS on loopback, for tests: agents that can be broken,
// proxies in front of them, what the console told, and a way to wait for it.
import type { Cancel } from "../../shared/clock.ts";
import { systemClock } from "../../shared/clock.ts";
import type {
	Activity,
	Host,
	HostId,
	HostRun,
	Job,
	LinkStatus,
	RunState,
} from "../../shared/model.ts";
import { agentJobId, hostId, runKey } from "../../shared/model.ts";
import type { Console, ConsoleOptions } from "../core/console.ts";
import { openConsole } from "../core/console.ts";
import type { HostEntry } from "../core/fleet/target.ts";
import { identityFromPem } from "../core/identity/describe.ts";
import type { Identity } from "../core/ports.ts";
import type { Agent } from "../demo/agent.ts";
import { createAgent } from "../demo/agent.ts";
import type { Outcome } from "../demo/aptOutput.ts";
import type { Authority } from "../demo/authority.ts";
import { createAuthority } from "../demo/authority.ts";
import type { Dialect } from "../demo/dialect.ts";
import type { OpenDoor } from "../demo/door.ts";
import type { AgentFault } from "../demo/faults.ts";
import type { AgentJob, JobSpec } from "../demo/jobTable.ts";
import { createPulse } from "../demo/pulse.ts";
import type { FaultProxy } from "../testkit/faultProxy.ts";
import { openFaultProxy } from "../testkit/faultProxy.ts";
import { openMemoryVault } from "../vault/memory.ts";

const PING_EVERY_MS = 5_000;
/** How long a test waits for what must come; beyond it the test fails and says what it saw. */
const PATIENCE_MS = 40_000;
const LOOK_EVERY_MS = 20;

export interface HostWish {
	readonly id: string;
	readonly dialect?: Dialect;
	readonly faults?: readonly AgentFault[];
	/** Dial through a fault proxy. */
	readonly proxied?: boolean;
	/** Dial another name than the certificate's. */
	readonly servername?: string;
	/** Dial another place than the agent's. */
	readonly dial?: { readonly address?: string; readonly port?: number };
}

export interface WorldOptions {
	readonly hosts: readonly HostWish[];
	/** What the console shows to agents; the fleet's own client unless said. */
	readonly identity?: (authority: Authority) => Identity | null;
	/** Agents' jobs run this many times faster. */
	readonly speed?: number;
	/** How clients come to the agents; over the network unless said. */
	readonly door?: OpenDoor;
	/** How the console resolves names; as the system does when absent. */
	readonly lookup?: ConsoleOptions["lookup"];
	/** Which hosts the console reaches through a proxy; none when absent. */
	readonly proxies?: ConsoleOptions["proxies"];
	/** The console's setting; off when absent. */
	readonly compareEveryMs?: number;
	/** How the console tells a person; absent: in its inbox only. */
	readonly notify?: ConsoleOptions["notify"];
	/** Who updates the console; nobody when absent. */
	readonly updates?: ConsoleOptions["updates"];
	/** What the person set; the defaults when absent. */
	readonly settings?: ConsoleOptions["settings"];
	/** Runs before the console starts, so that jobs can be there already. */
	readonly before?: (agents: ReadonlyMap<string, Agent>) => void;
}

export interface World {
	readonly console: Console;
	/** The fleet as the console has it, for another console on it. */
	readonly entries: readonly HostEntry[];
	readonly identity: Identity | null;
	readonly authority: Authority;
	/** Everything told so far, in order. */
	readonly told: readonly Activity[];
	/** Every line of the console's log, as JSON. */
	readonly logged: readonly string[];
	readonly links: readonly {
		readonly host: HostId;
		readonly status: LinkStatus;
	}[];
	agent(id: string): Agent;
	proxy(id: string): FaultProxy;
	host(id: string): Host;
	link(id: string): LinkStatus;
	run(id: string, job: AgentJob): HostRun | undefined;
	jobs(): Job[];
	/** Takes a job on at each of these hosts at the same time. */
	submit(ids: readonly string[], job?: Partial<JobSpec>): Map<string, AgentJob>;
	/** Resolves when it is true; rejects with `what` and the state of the fleet when it does not come. */
	until(what: string, isTrue: () => boolean): Promise<void>;
	untilChannel(
		id: string,
		channel: LinkStatus["channel"],
		fault?: LinkStatus["fault"],
	): Promise<void>;
	untilState(id: string, job: AgentJob, state: RunState): Promise<void>;
	/** How often each state of this run was told. */
	tellings(id: string, job: AgentJob): RunState[];
	stop(): Promise<void>;
}

/** A client identity of any certificate and key. */
export const identityOf = (
	certPem: string,
	keyPem: string,
	caPem: string,
): Identity =>
	identityFromPem({ certPem, keyPem, caPem }, "memory, for a test");

export const SUCCEEDS: Outcome = { state: "completed" };
export const FAILS: Outcome = {
	state: "failed",
	errorCode: "NETWORK_ERROR",
	exitCode: 100,
	error: "apt-get failed (exit 100): could not resolve mirror.fleet.test",
	stderr: "E: could not resolve mirror.fleet.test",
};

export async function openWorld(options: WorldOptions): Promise<World> {
	const clock = systemClock();
	const authority = createAuthority({ clock });
	const pulse = createPulse(clock, PING_EVERY_MS);
	const client = authority.issueClient({ commonName: "on-call" });
	const agents = new Map<string, Agent>();
	const proxies = new Map<string, FaultProxy>();
	const entries: HostEntry[] = [];
	for (const wish of options.hosts) {
		const servername = `${wish.id}.fleet.test`;
		const agent = createAgent(
			{
				clock,
				pulse,
				authority,
				seed: 1,
				clientSerials: [client.facts.serial],
				speed: options.speed ?? 1,
			},
			{
				id: wish.id,
				servername,
				dialect: wish.dialect ?? "new",
				port: 0,
				faults: wish.faults ?? [],
			},
			options.door,
		);
		await agent.start();
		agents.set(wish.id, agent);
		let port = agent.port();
		if (wish.proxied === true) {
			const proxy = await openFaultProxy(port, clock);
			proxies.set(wish.id, proxy);
			port = proxy.port;
		}
		entries.push({
			id: hostId(wish.id),
			address: agent.address,
			port,
			...wish.dial,
			servername: wish.servername ?? servername,
			minTls: "1.2",
			labels: { role: wish.id.replace(/-\d+$/, "") },
		});
	}
	options.before?.(agents);

	const identity =
		options.identity === undefined
			? identityOf(client.certPem, client.keyPem, authority.caPem)
			: options.identity(authority);
	const told: Activity[] = [];
	const logged: string[] = [];
	const links: { host: HostId; status: LinkStatus }[] = [];
	const console = openConsole(
		{
			version: "0.0.0-test",
			shell: "node",
			demo: false,
			inventory: { name: "test", hosts: entries },
			identity,
			fault: null,
			...(options.lookup === undefined ? {} : { lookup: options.lookup }),
			proxies: options.proxies ?? null,
			...(options.notify === undefined ? {} : { notify: options.notify }),
			...(options.settings === undefined ? {} : { settings: options.settings }),
			...(options.updates === undefined ? {} : { updates: options.updates }),
			...(options.compareEveryMs === undefined
				? {}
				: { compareEveryMs: options.compareEveryMs }),
		},
		{
			clock,
			log: (level, message, more) =>
				logged.push(JSON.stringify({ level, message, ...more })),
			random: Math.random,
			vault: openMemoryVault(),
		},
	);
	console.listen({
		link: (host, status) => links.push({ host, status }),
		activity: (event) => told.push(event),
	});

	const agent = (id: string): Agent => got(agents.get(id), id);
	const link = (id: string): LinkStatus =>
		got(console.fleet.member(hostId(id)), id).link.status;
	const run = (id: string, job: AgentJob): HostRun | undefined =>
		console.book.runs.get(runKey(hostId(id), agentJobId(job.id)));
	const state = (): string =>
		JSON.stringify(
			{
				// A console that was stopped has none.
				links: Object.fromEntries(
					entries.map(({ id }) => [id, console.fleet.member(id)?.link.status]),
				),
				runs: [...console.book.runs.values()].map((row) => [
					row.hostId,
					row.agentJobId,
					row.state,
				]),
				jobs: [...console.book.jobs.values()].map((job) => [
					job.label,
					job.status,
					job.counts,
				]),
			},
			null,
			1,
		);
	const until = (what: string, isTrue: () => boolean): Promise<void> =>
		new Promise((resolve, reject) => {
			const deadlineMs = clock.monotonicMs() + PATIENCE_MS;
			let cancel: Cancel = () => {};
			const look = (): void => {
				if (isTrue()) resolve();
				else if (clock.monotonicMs() > deadlineMs)
					reject(new Error(`waited in vain until ${what}; ${state()}`));
				else cancel = clock.at(clock.monotonicMs() + LOOK_EVERY_MS, look);
			};
			look();
			void cancel;
		});

	return {
		console,
		entries,
		identity,
		authority,
		told,
		logged,
		links,
		agent,
		proxy: (id) => got(proxies.get(id), id),
		host: (id) => got(console.fleet.row(hostId(id)), id),
		link,
		run,
		jobs: () => [...console.book.jobs.values()],
		submit(ids, job = {}) {
			return new Map(
				ids.map((id) => [
					id,
					agent(id).submit({
						operation: "patchapply",
						packages: ["openssl"],
						startAfterMs: 0,
						runMs: 300,
						outcome: SUCCEEDS,
						...job,
					}),
				]),
			);
		},
		until,
		untilChannel: (id, channel, fault) =>
			until(
				`${id} is ${channel}${fault === undefined ? "" : ` with ${fault}`}`,
				() =>
					link(id).channel === channel &&
					(fault === undefined || link(id).fault === fault),
			),
		untilState: (id, job, wanted) =>
			until(
				`${job.id} on ${id} is ${wanted}`,
				() => run(id, job)?.state === wanted,
			),
		tellings: (id, job) =>
			told.flatMap((event) =>
				event.kind === "host" &&
				event.hostId === id &&
				event.agentJobId === job.id
					? [event.status]
					: [],
			),
		async stop() {
			await console.stop();
			await Promise.all([...agents.values()].map((each) => each.stop()));
			pulse.stop();
			for (const proxy of proxies.values()) await proxy.close();
		},
	};
}

function got<T>(value: T | undefined, name: string): T {
	if (value === undefined) throw new Error(`there is no ${name} here`);
	return value;
}
