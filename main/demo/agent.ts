// One demo agent: a listener with mutual TLS, REST and a live stream over one table of jobs, on loopback. Composes the
// parts and holds what concerns the process as a whole: dying, coming back, forgetting. Knows no other host.
import type { Cancel } from "../../shared/clock.ts";
import { createHostFacts } from "./bodies.ts";
import { type AgentState, DIALECT_FACTS, type Dialect } from "./dialect.ts";
import { type OpenDoor, openNetworkDoor } from "./door.ts";
import { createEventLog } from "./eventLog.ts";
import { createFaultSet } from "./faultSet.ts";
import type { AgentFault, FaultKind } from "./faults.ts";
import {
	type AgentJob,
	createJobTable,
	type JobSpec,
	type Moment,
} from "./jobTable.ts";
import { createLife, type Keeps, type RestartOptions } from "./life.ts";
import { createRateLimit } from "./rateLimit.ts";
import { answerRest } from "./rest.ts";
import { seeded } from "./seeded.ts";
import { createStream } from "./stream.ts";
import { createTimetable } from "./timetable.ts";
import { createVoice } from "./voice.ts";
import type { AgentWorld } from "./world.ts";

export interface AgentOptions {
	readonly id: string;
	readonly servername: string;
	readonly dialect: Dialect;
	/** 0: any free one. */
	readonly port: number;
	readonly faults: readonly AgentFault[];
}

/** A job came to be or changed; `lost`: it was forgotten while it was open; `dead`: its agent died while it was open. */
export interface JobChange {
	readonly jobId: string;
	readonly state: AgentState | "lost" | "dead";
	readonly job: AgentJob;
}

/** A running agent. All of it may be called at any time. */
export interface Agent {
	readonly id: string;
	readonly servername: string;
	readonly dialect: Dialect;
	/** `127.0.0.1`, or `::1` with the switch `ipv6-only`. */
	readonly address: "127.0.0.1" | "::1";
	port(): number;
	/** Live connections that have been opened so far, and those open now. */
	connections(): number;
	openConnections(): number;
	/** Sockets of any kind that are open. */
	openSockets(): number;
	/** Job events handed to live connections so far. */
	eventsSent(): number;
	/** What the agent itself would say of its jobs, newest first. */
	truth(): readonly AgentJob[];
	job(id: string): AgentJob | undefined;
	/** Takes on a job, as if it had been asked for. Durations are divided by the speed. */
	submit(spec: JobSpec): AgentJob;
	onJob(listener: (change: JobChange) => void): Cancel;
	setFault(fault: AgentFault): void;
	/** Takes one switch back, or all of them. */
	clearFault(kind?: FaultKind): void;
	setVersion(version: string): void;
	/** Ends every socket at once, without a close frame. */
	cutSockets(): void;
	/** Dies like a process: not listening, sockets gone, jobs standing still. */
	kill(): void;
	alive(): boolean;
	/** Comes back on the same port, with what its dialect keeps of its jobs. */
	revive(keeps?: Keeps): Promise<void>;
	/** Dies and comes back. `forget` as in the switch `restart`. */
	restart(options?: RestartOptions): void;
	/** Resolves when a live connection is open and there have been `total` (default 1) of them since the start. */
	waitForConnection(total?: number): Promise<void>;
	/** Sends text to every live connection, past every switch. */
	push(text: string): void;
	start(): Promise<void>;
	/** Resolves when every socket is closed. */
	stop(): Promise<void>;
}

/** @param openDoor how clients come in; the network unless said. */
export function createAgent(
	world: AgentWorld,
	options: AgentOptions,
	openDoor: OpenDoor = openNetworkDoor,
): Agent {
	const { clock, speed } = world;
	const { id, servername, dialect } = options;
	const faults = createFaultSet(options.faults);
	const voice = createVoice(dialect, faults, clock);
	const host = createHostFacts(id, world.seed, clock);
	const epochs = seeded(world.seed, id, "epoch");
	const log = createEventLog(clock, () => epochs.uuid());
	const listeners = new Set<(change: JobChange) => void>();
	const tell = (job: AgentJob, told: JobChange["state"]): void => {
		for (const listener of listeners)
			listener({ jobId: job.id, state: told, job });
	};
	const stream = createStream({
		clock,
		pulse: world.pulse,
		faults,
		voice,
		log,
		servername,
		caPem: world.authority.caPem,
	});
	const jobs = createJobTable({
		clock,
		wallMs: voice.wallMs,
		chance: seeded(world.seed, id, "jobs"),
		runningProgress: voice.facts.runningProgress,
		freshMessages: voice.facts.freshMessages,
		changed(job) {
			stream.push(voice.jobEvent(job));
			tell(job, job.state);
			if (job.state === "completed") completed(job);
		},
		moment: (job, moment) => onMoment(job, moment),
	});
	const completed = (job: AgentJob): void => {
		const { operation, packages, rebootAfter } = job.spec;
		if (packages.some((name) => name.startsWith("__"))) jobs.remove(job.id);
		else if (operation !== "reboot") host.upgrade(packages);
		if (rebootAfter && host.pendingReboot())
			submit({
				operation: "reboot",
				packages: [],
				startAfterMs: 0,
				runMs: 1000,
				outcome: { state: "completed" },
			});
	};
	const submit = (spec: JobSpec): AgentJob =>
		jobs.submit({
			...spec,
			startAfterMs: spec.startAfterMs / speed,
			runMs: spec.runMs / speed,
			outcome: faults.get("timed-out") ? { state: "timed_out" } : spec.outcome,
		});

	const address = faults.get("ipv6-only") ? "::1" : "127.0.0.1";
	const listener = openDoor({
		world,
		servername,
		address,
		port: options.port,
		facts: DIALECT_FACTS[dialect],
		faults,
		voice,
		limit: createRateLimit(clock, Math.max(1, speed)),
		answer: (request) =>
			answerRest({ voice, faults, jobs, host, log, submit }, request),
		accepted: stream.accepted,
	});

	const life = createLife({
		clock,
		listener,
		jobs,
		log,
		keepsByItself: voice.facts.afterRestart,
		rebooted: host.rebooted,
		tell,
	});
	const { kill, restart } = life;
	const timetable = createTimetable(faults, life.later, {
		cut: listener.cut,
		kill,
		revive: () => restart({ downMs: 0 }),
		restart,
		phantom: () =>
			submit({
				operation: "install",
				packages: ["__health_refresh__"],
				startAfterMs: 0,
				runMs: 300,
				outcome: { state: "completed" },
			}),
	});
	const onMoment = (job: AgentJob, moment: Moment): void => {
		if (job.spec.operation === "reboot" && moment === "end")
			restart({ downMs: 3000 / speed, reboot: true });
		else if (!job.spec.packages.some((name) => name.startsWith("__")))
			timetable.moment(moment);
	};
	return {
		id,
		servername,
		dialect,
		address,
		port: listener.port,
		connections: stream.total,
		openConnections: stream.open,
		openSockets: listener.socketCount,
		eventsSent: stream.sent,
		truth: jobs.list,
		job: jobs.get,
		submit,
		onJob(listener) {
			listeners.add(listener);
			return () => void listeners.delete(listener);
		},
		setFault(fault) {
			faults.set(fault);
			listener.reload();
			timetable.plan(fault);
		},
		clearFault(kind) {
			faults.clear(kind);
			listener.reload();
		},
		setVersion: voice.setVersion,
		cutSockets: listener.cut,
		kill,
		alive: life.alive,
		revive: life.revive,
		restart,
		waitForConnection: (total = 1) => stream.waitFor(total),
		push: stream.pushRaw,
		async start() {
			await life.start();
			for (const fault of options.faults) timetable.plan(fault);
		},
		stop: life.stop,
	};
}
