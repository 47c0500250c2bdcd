// The life of one agent's process: up, dead, back with or without its memory, stopped for good. Owns every timer that
// must not outlive it; knows jobs only as a table that freezes and restarts.
import type { Cancel, Clock } from "../../shared/clock.ts";
import { type AgentState, ENDED } from "./dialect.ts";
import type { EventLog } from "./eventLog.ts";
import type { AgentJob, JobTable } from "./jobTable.ts";
import type { Listener } from "./listener.ts";

/** What a restart leaves of the jobs that were open. */
export type Keeps = "forgotten" | "AGENT_REBOOTED";

export interface RestartOptions {
	/** True: open jobs are gone. False: they come back as failed. Absent: as the dialect does. */
	readonly forget?: boolean;
	/** Default 1000. */
	readonly downMs?: number;
	/** The whole host restarts: its uptime begins again. */
	readonly reboot?: boolean;
}

export interface LifePorts {
	readonly clock: Clock;
	readonly listener: Listener;
	readonly jobs: JobTable;
	readonly log: EventLog;
	readonly keepsByItself: Keeps;
	rebooted(): void;
	/** An open job's fate: its agent died, it was forgotten, or it has the state it came back with. */
	tell(job: AgentJob, fate: AgentState | "lost" | "dead"): void;
}

export interface Life {
	start(): Promise<void>;
	kill(): void;
	alive(): boolean;
	revive(keeps?: Keeps): Promise<void>;
	restart(options?: RestartOptions): void;
	/** Resolves when every socket is closed. */
	stop(): Promise<void>;
	/** Runs something in so many milliseconds, dead or alive, unless stopped by then. */
	later(ms: number, run: () => void): void;
}

/** A port that was ours a moment ago may be held by somebody's outgoing connection for as long as that lives. */
const PORT_RETRY_MS = 100;
const PORT_TRIES = 50;

export function createLife(ports: LifePorts): Life {
	const { clock, listener, jobs } = ports;
	const timers = new Set<Cancel>();
	let state: "new" | "up" | "down" | "stopped" = "new";

	const later = (ms: number, run: () => void): void => {
		const cancel = clock.at(clock.monotonicMs() + ms, () => {
			timers.delete(cancel);
			run();
		});
		timers.add(cancel);
	};
	const openJobs = (): AgentJob[] =>
		jobs.list().filter((job) => !ENDED.has(job.state));
	const kill = (): void => {
		if (state !== "up") return;
		state = "down";
		jobs.freeze();
		void listener.close();
		for (const job of openJobs()) ports.tell(job, "dead");
	};
	const reopen = async (tries: number): Promise<void> => {
		try {
			await listener.open();
		} catch (error) {
			if (tries <= 1) throw error;
			await new Promise<void>((resolve) => later(PORT_RETRY_MS, resolve));
			if (state === "down") await reopen(tries - 1);
		}
	};
	let isReviving = false;
	const revive = async (keeps = ports.keepsByItself): Promise<void> => {
		// Twice at once would restart the jobs twice, and the second close the door that the first has opened.
		if (state !== "down" || isReviving) return;
		isReviving = true;
		try {
			await comeBack(keeps);
		} finally {
			isReviving = false;
		}
	};
	const comeBack = async (keeps: Keeps): Promise<void> => {
		const open = openJobs();
		jobs.restart(keeps);
		ports.log.renew();
		for (const job of open)
			ports.tell(job, keeps === "forgotten" ? "lost" : job.state);
		await reopen(PORT_TRIES);
		if (state === "down") state = "up";
		else await listener.close();
	};
	return {
		async start() {
			await listener.open();
			state = "up";
		},
		kill,
		alive: () => state === "up",
		revive,
		restart({ forget, downMs = 1000, reboot = false } = {}) {
			kill();
			if (reboot) ports.rebooted();
			const keeps = forget ? "forgotten" : "AGENT_REBOOTED";
			later(downMs, () => {
				revive(forget === undefined ? undefined : keeps).catch(() => {
					// The port is taken for good: the agent stays dead, and that is how its host then looks.
				});
			});
		},
		async stop() {
			state = "stopped";
			for (const cancel of timers) cancel();
			jobs.freeze();
			await listener.close();
		},
		later,
	};
}
