// An agent's jobs: pending, running, ended, one mutation at a time, a bounded history, and what a restart does to them.
// Tells every change to one listener; knows nothing of HTTP, sockets or of other hosts.
import type { Cancel, Clock } from "../../shared/clock.ts";
import { AGENT_REBOOTED, type Failing, type Outcome } from "./aptOutput.ts";
import { type AgentState, ENDED } from "./dialect.ts";
import type { Seeded } from "./seeded.ts";

/** A job to be run. */
export interface JobSpec {
	/** REST spelling: patchapply, update, install, reboot. */
	readonly operation: string;
	readonly packages: readonly string[];
	/** Milliseconds it stays pending at least, and then runs. */
	readonly startAfterMs: number;
	readonly runMs: number;
	readonly outcome: Outcome;
	readonly parent?: { readonly id: string; readonly label: string };
	/** Reboots the host after success, when a package wants it. */
	readonly rebootAfter?: boolean;
}

/** A job as it stands. Only the table changes it. */
export interface AgentJob {
	readonly id: string;
	readonly spec: JobSpec;
	readonly state: AgentState;
	readonly progress: number;
	readonly message: string;
	/** Epoch milliseconds by the agent's clock. */
	readonly createdAt: number;
	readonly completedAt: number | null;
	/** 0 to 1: how much of the run has happened. */
	readonly fraction: number;
	readonly failing: Failing | null;
}

/** Points of a job's life at which something may be made to happen. `end`: its work is done and nobody has been told. */
export type Moment = "start" | "middle" | "end";

export interface JobTablePorts {
	readonly clock: Clock;
	/** The agent's wall clock, which may be wrong. */
	readonly wallMs: () => number;
	readonly chance: Seeded;
	/** Progress values while running, and whether the message follows the state. */
	readonly runningProgress: readonly number[];
	readonly freshMessages: boolean;
	/** A job came to be or changed: to be pushed. */
	changed(job: AgentJob): void;
	/** A moment of a job is reached. What it does to the table is done before the table goes on. */
	moment(job: AgentJob, moment: Moment): void;
}

export interface JobTable {
	submit(spec: JobSpec): AgentJob;
	get(id: string): AgentJob | undefined;
	/** Newest first. */
	list(): AgentJob[];
	/** Forgets one that has ended. */
	remove(id: string): void;
	/** The process died: nothing moves any more. */
	freeze(): void;
	/** The process is back, with what it kept: nothing, or its open jobs as failed. Nobody is told. */
	restart(keeps: "forgotten" | "AGENT_REBOOTED"): void;
	openCount(): number;
}

/** Ended jobs kept by one agent; real ones keep all until they restart, which a demo that runs for days must not. */
const KEPT = 40;

type Live = { -readonly [Key in keyof AgentJob]: AgentJob[Key] } & {
	due: boolean;
	startedAt: number | null;
};

export function createJobTable(ports: JobTablePorts): JobTable {
	const { clock } = ports;
	let jobs = new Map<string, Live>();
	let timers = new Set<Cancel>();
	const later = (ms: number, run: () => void): void => {
		const cancel = clock.at(clock.monotonicMs() + ms, () => {
			timers.delete(cancel);
			run();
		});
		timers.add(cancel);
	};
	const stillThere = (job: Live): boolean => jobs.get(job.id) === job;
	const word = (fresh: string): string =>
		ports.freshMessages ? fresh : "Job created";

	const startNext = (): void => {
		const all = [...jobs.values()];
		if (all.some((job) => job.state === "running")) return;
		const next = all.find((job) => job.state === "pending" && job.due);
		if (next !== undefined) start(next);
	};
	const start = (job: Live): void => {
		job.state = "running";
		job.startedAt = clock.monotonicMs();
		job.message = word("Job started");
		job.progress = ports.runningProgress[0] ?? 0;
		ports.changed(job);
		ports.moment(job, "start");
		if (!stillThere(job)) return;
		later(job.spec.runMs / 2, () => {
			if (stillThere(job)) ports.moment(job, "middle");
		});
		later(job.spec.runMs, () => end(job));
	};
	const end = (job: Live): void => {
		if (!stillThere(job) || job.state !== "running") return;
		ports.moment(job, "end");
		if (!stillThere(job)) return;
		settle(job, job.spec.outcome);
		ports.changed(job);
		forgetOldest();
		startNext();
	};
	const settle = (job: Live, outcome: Outcome): void => {
		job.fraction = fractionOf(job, clock);
		job.state = outcome.state;
		job.completedAt = ports.wallMs();
		if (outcome.state === "completed") job.progress = 100;
		if (outcome.state === "failed") job.failing = outcome;
		job.message = word(`Job ${outcome.state}`);
	};
	const forgetOldest = (): void => {
		const ended = [...jobs.values()].filter((job) => ENDED.has(job.state));
		for (const job of ended.slice(0, Math.max(0, ended.length - KEPT)))
			jobs.delete(job.id);
	};
	const stopTimers = (): void => {
		for (const cancel of timers) cancel();
		timers = new Set();
	};

	return {
		submit(spec) {
			const job: Live = {
				id: ports.chance.uuid(),
				spec,
				state: "pending",
				progress: 0,
				message: "Job created",
				createdAt: ports.wallMs(),
				completedAt: null,
				fraction: 0,
				failing: null,
				due: false,
				startedAt: null,
			};
			jobs.set(job.id, job);
			ports.changed(job);
			later(spec.startAfterMs, () => {
				job.due = true;
				startNext();
			});
			return job;
		},
		get(id) {
			const job = jobs.get(id);
			if (job?.state === "running") job.fraction = fractionOf(job, clock);
			return job;
		},
		list: () => [...jobs.values()].reverse(),
		remove: (id) => void jobs.delete(id),
		freeze: stopTimers,
		restart(keeps) {
			stopTimers();
			const open = [...jobs.values()].filter((job) => !ENDED.has(job.state));
			jobs = new Map();
			if (keeps === "forgotten") return;
			for (const job of open) {
				settle(job, { state: "failed", ...AGENT_REBOOTED });
				jobs.set(job.id, job);
			}
		},
		openCount: () =>
			[...jobs.values()].filter((job) => !ENDED.has(job.state)).length,
	};
}

function fractionOf(job: Live, clock: Clock): number {
	if (job.startedAt === null) return 0;
	const passed = clock.monotonicMs() - job.startedAt;
	return Math.min(1, passed / Math.max(1, job.spec.runMs));
}
