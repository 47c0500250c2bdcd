// Hands out the demo fleet's jobs one after another and writes down what became of them on every host. Sees agents only
// through what they tell of their jobs; opens nothing.
import type { Cancel, Clock } from "../../shared/clock.ts";
import type { RunState } from "../../shared/model.ts";
import type { Agent, JobChange } from "./agent.ts";
import { createCampaign, type JobPlan } from "./campaign.ts";

/** What one host did in a job, in Foredeck's words. */
export interface HostTruth {
	readonly agentJobId: string;
	/** `lost`: the agent forgot it. `unknown`: the agent died with it and has not come back. */
	readonly state: RunState;
	readonly errorCode: string | null;
	/** A reboot that worked: the agent calls it failed, AGENT_REBOOTED, or has forgotten it. */
	readonly rebooted: boolean;
}

/** What a fleet-wide job did. */
export interface JobTruth {
	readonly number: number;
	readonly operation: string;
	readonly packages: readonly string[];
	readonly label: string;
	readonly parentId: string;
	readonly ended: boolean;
	readonly hosts: ReadonlyMap<string, HostTruth>;
}

export interface Account {
	/** Starts the first job now; the others follow by themselves. */
	begin(): void;
	stop(): void;
	/** Every job so far, oldest first. */
	truth(): readonly JobTruth[];
	onJobEnded(listener: (job: JobTruth) => void): Cancel;
	/** Resolves with the next job that ends, or at once when `count` jobs have ended, with the last of them. */
	jobEnded(count?: number): Promise<JobTruth>;
}

export interface AccountPorts {
	readonly agents: readonly Agent[];
	readonly clock: Clock;
	readonly seed: number;
	readonly speed: number;
	readonly mixed: boolean;
}

/** Between the end of a job and the next one, at speed 1. */
const PAUSE_MS = 20_000;
/** A job whose last hosts are dead ends after this without them, at speed 1. */
const GRACE_MS = 30_000;
/** Jobs whose truth is kept. */
const JOBS_KEPT = 100;

const WORDS: Readonly<Record<JobChange["state"], RunState>> = {
	pending: "queued",
	running: "running",
	completed: "succeeded",
	failed: "failed",
	cancelled: "cancelled",
	timed_out: "timed_out",
	lost: "lost",
	dead: "unknown",
};

interface Entry {
	readonly plan: JobPlan;
	readonly hosts: Map<string, HostTruth>;
	ended: boolean;
	/** Runs while only dead hosts are missing. */
	grace: Cancel | null;
}

export function createAccount(ports: AccountPorts): Account {
	const { agents, clock, speed } = ports;
	const nextPlan = createCampaign({
		hosts: agents,
		seed: ports.seed,
		mixed: ports.mixed,
	});
	const entries: Entry[] = [];
	const listeners = new Set<(job: JobTruth) => void>();
	let endedCount = 0;
	let pause: Cancel | undefined;
	const later = (ms: number, run: () => void): Cancel =>
		clock.at(clock.monotonicMs() + ms / speed, run);

	const begin = (): void => {
		const plan = nextPlan();
		const entry: Entry = { plan, hosts: new Map(), ended: false, grace: null };
		entries.push(entry);
		if (entries.length > JOBS_KEPT) entries.shift();
		for (const agent of agents) {
			const spec = plan.runs.get(agent.id);
			// A host that is down takes no part.
			if (spec === undefined || !agent.alive()) continue;
			entry.hosts.set(agent.id, {
				agentJobId: agent.submit(spec).id,
				state: "queued",
				errorCode: null,
				rebooted: false,
			});
		}
		maybeEnd(entry);
	};
	const noted = (host: string, { jobId, state, job }: JobChange): void => {
		const entry = entries.findLast(
			({ hosts }) => hosts.get(host)?.agentJobId === jobId,
		);
		const before = entry?.hosts.get(host);
		if (entry === undefined || before === undefined) return;
		// What has ended stays as it ended: an agent that forgets its history later changes nothing.
		if (!isOpen(before.state)) return;
		const ended = state === "lost" || state === "failed";
		entry.hosts.set(host, {
			agentJobId: jobId,
			state: WORDS[state],
			errorCode: state === "failed" ? (job.failing?.errorCode ?? null) : null,
			rebooted: job.spec.operation === "reboot" && ended,
		});
		maybeEnd(entry);
	};
	const maybeEnd = (entry: Entry): void => {
		if (entry.ended) return;
		entry.grace?.();
		entry.grace = null;
		const open = [...entry.hosts.values()].filter(({ state }) => isOpen(state));
		if (open.length === 0) end(entry);
		else if (open.every(({ state }) => state === "unknown"))
			entry.grace = later(GRACE_MS, () => end(entry));
	};
	const end = (entry: Entry): void => {
		entry.ended = true;
		endedCount++;
		pause = later(PAUSE_MS, begin);
		const told = truthOf(entry);
		for (const listener of [...listeners]) listener(told);
	};
	const onJobEnded = (listener: (job: JobTruth) => void): Cancel => {
		listeners.add(listener);
		return () => void listeners.delete(listener);
	};
	const cancels = agents.map((agent) =>
		agent.onJob((change) => noted(agent.id, change)),
	);
	return {
		begin,
		stop() {
			pause?.();
			for (const entry of entries) entry.grace?.();
			for (const cancel of cancels) cancel();
		},
		truth: () => entries.map(truthOf),
		onJobEnded,
		jobEnded: (count = endedCount + 1) =>
			new Promise((resolve) => {
				const last = entries.filter(({ ended }) => ended).at(-1);
				if (endedCount >= count && last !== undefined)
					return resolve(truthOf(last));
				const cancel = onJobEnded((job) => {
					if (endedCount < count) return;
					cancel();
					resolve(job);
				});
			}),
	};
}

function truthOf({ plan, hosts, ended }: Entry): JobTruth {
	return {
		number: plan.number,
		operation: plan.operation,
		packages: plan.packages,
		label: plan.label,
		parentId: plan.parentId,
		ended,
		hosts: new Map(hosts),
	};
}

const isOpen = (state: RunState): boolean =>
	state === "queued" || state === "running" || state === "unknown";
