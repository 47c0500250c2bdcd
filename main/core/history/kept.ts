// What is kept of a fleet over restarts, as plain values: jobs with the decision that made them, host runs, and what was
// known of each host. Counts are not among it: they are counted from the runs, here as everywhere.
import type { Fault } from "../../../shared/fault.ts";
import type {
	Channel,
	Health,
	HostId,
	HostRun,
	JobId,
	Origin,
} from "../../../shared/model.ts";
import type { Archive } from "./archive.ts";

/** A job: why its runs belong together, and what it is called. Its state and counts follow from its runs. */
export interface KeptJob {
	readonly id: JobId;
	readonly label: string;
	readonly origin: Origin;
	readonly operation: string;
	readonly packages: readonly string[];
	/** What agents call it; null unless its origin is `parent`. */
	readonly parentId: string | null;
	/** Of an observed job: when its first run was created, by our clock, epoch ms; else null. */
	readonly firstAt: number | null;
	/** Something was told of it as an event, so what follows is told too. */
	readonly isTold: boolean;
}

/** A host run, and when it began and ended by our clock (epoch ms; `endAt` 0 while it is open). */
export interface KeptRun {
	readonly run: HostRun;
	readonly startAt: number;
	readonly endAt: number;
}

/** What was known last of a host. */
export interface KeptHost {
	readonly id: HostId;
	/** Another name is another machine: what is kept is not about it. */
	readonly servername: string;
	/** Last sign of life; null: never. */
	readonly heardAt: number | null;
	readonly health: Health;
	readonly version: string | null;
	readonly uptimeSeconds: number | null;
	readonly pendingReboot: boolean | null;
	readonly os: string | null;
	readonly channel: Channel;
	readonly fault: string | null;
	/** Since when it had this channel. */
	readonly sinceAt: number;
}

/** A job with its runs. */
export interface KeptWhole {
	readonly job: KeptJob;
	readonly runs: readonly KeptRun[];
}

/** What is written at once. The job of each run is among the jobs. */
export interface HistoryRows {
	readonly jobs: readonly KeptJob[];
	readonly runs: readonly KeptRun[];
	readonly hosts: readonly KeptHost[];
}

/** What is read at the start. */
export interface Kept {
	/** Those that changed last come first. */
	readonly jobs: readonly KeptWhole[];
	readonly hosts: readonly KeptHost[];
}

/** How much is kept. */
export interface Retention {
	readonly days: number;
	readonly jobsMost: number;
}

/** Until a person says otherwise. */
export const RETENTION: Retention = { days: 90, jobsMost: 10_000 };

/** How a write went: all of it is kept, another process is writing just now, or a fault that ends it. */
export type Written = "kept" | "busy" | Fault;

/** Where a console keeps its history. Every member answers at once and none throws. */
export interface HistoryPort {
	/** Why nothing is kept, or something was set aside; null: all is well. `history.broken`, `history.newer`, `history.refused`. */
	readonly why: Fault | null;
	/** Jobs that changed since then (epoch ms) or are open, with so many runs at the most; what cannot be read is nothing. */
	load(since: number, runsMost: number): Kept;
	/**
	 * All of it or nothing. What is known better already stays: an ended run is not made open again. Waits so long for
	 * another process that writes (ms); not at all unless said.
	 */
	write(rows: HistoryRows, patienceMs?: number): Written;
	/** Takes one slice of what is older or more than wanted out, or brings the index up to date. True: there is more to do. */
	prune(now: number, retention: Retention): boolean;
	/** What is asked of the file; absent, or null while the file cannot be used: nothing can be looked up. */
	readonly archive?: Archive | null;
	close(): void;
}
