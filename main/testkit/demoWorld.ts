// Demo agents alone, without a fleet and without jobs of their own, for tests: on the machine's clock, or on one that a
// test moves by hand while the sockets are real.
import { type Clock, systemClock } from "../../shared/clock.ts";
import { type Agent, type AgentOptions, createAgent } from "../demo/agent.ts";
import { createAuthority } from "../demo/authority.ts";
import type { JobSpec } from "../demo/jobTable.ts";
import { createPulse } from "../demo/pulse.ts";
import { PING_EVERY_MS } from "../demo/stream.ts";
import type { AgentWorld } from "../demo/world.ts";
import type { ClientTarget } from "./agentClient.ts";

/** A clock that stands still until it is told to go on. */
export interface HandClock extends Clock {
	/** Moves on and runs what is due, in order. */
	advance(ms: number): void;
	/** Deadlines that wait. */
	pending(): number;
}

export function handClock(): HandClock {
	let now = 1_000;
	// Near the real time, because certificates are judged by it.
	const startedAt = systemClock().wallMs();
	const timers = new Set<{ deadline: number; run: () => void }>();
	return {
		monotonicMs: () => now,
		wallMs: () => startedAt + now,
		at(deadline, run) {
			const timer = { deadline, run };
			timers.add(timer);
			return () => void timers.delete(timer);
		},
		advance(ms) {
			const end = now + ms;
			for (;;) {
				const [next] = [...timers]
					.filter(({ deadline }) => deadline <= end)
					.sort((a, b) => a.deadline - b.deadline);
				if (next === undefined) break;
				timers.delete(next);
				now = Math.max(now, next.deadline);
				next.run();
			}
			now = end;
		},
		pending: () => timers.size,
	};
}

/** Lets the sockets of this process do their work until something is so. For what no message tells. */
export async function untilTrue(isTrue: () => boolean): Promise<void> {
	while (!isTrue()) await turn();
}

/** One turn of the event loop. */
export const turn = (): Promise<void> =>
	new Promise((resolve) => setImmediate(resolve));

export interface DemoWorld {
	readonly world: AgentWorld;
	/** Starts an agent; `web-01`, dialect new, unless said. */
	agent(options?: Partial<AgentOptions>): Promise<Agent>;
	/** How to reach an agent with the right identity. */
	target(agent: Agent): ClientTarget;
	stop(): Promise<void>;
}

/** `speed` as in the fleet; default 1. */
export function openDemoWorld(
	clock: Clock = systemClock(),
	speed = 1,
): DemoWorld {
	const authority = createAuthority({ clock: systemClock() });
	const client = authority.issueClient({ commonName: "test-console" });
	const world: AgentWorld = {
		clock,
		pulse: createPulse(clock, PING_EVERY_MS),
		authority,
		seed: 1,
		clientSerials: [client.facts.serial],
		speed,
	};
	const agents: Agent[] = [];
	return {
		world,
		async agent(options = {}) {
			const id = options.id ?? "web-01";
			const agent = createAgent(world, {
				id,
				servername: `${id}.fleet.test`,
				dialect: "new",
				port: 0,
				faults: [],
				...options,
			});
			await agent.start();
			agents.push(agent);
			return agent;
		},
		target: (agent) => ({
			address: agent.address,
			port: agent.port(),
			servername: agent.servername,
			certPem: client.certPem,
			keyPem: client.keyPem,
			caPem: authority.caPem,
		}),
		async stop() {
			world.pulse.stop();
			await Promise.all(agents.map((agent) => agent.stop()));
		},
	};
}

/** A job that begins at once and takes 100 ms. */
export const SHORT_JOB: JobSpec = {
	operation: "patchapply",
	packages: ["openssl"],
	startAfterMs: 0,
	runMs: 100,
	outcome: { state: "completed" },
};
