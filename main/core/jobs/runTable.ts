// The rows of all runs. Puts what `reduce.ts` decided in its places and says the host event that follows, then lets the
// job say its own. Knows no agents: what a fact means was decided before.
import type { HostRun, JobId, RunKey, Source } from "../../../shared/model.ts";
import { runKey } from "../../../shared/model.ts";
import type { RunFact } from "./fact.ts";
import type { Group } from "./group.ts";
import type { Happening, JobTable, Row } from "./jobTable.ts";
import type { Reduced } from "./reduce.ts";
import { reduceRun } from "./reduce.ts";
import type { Shelf } from "./shelf.ts";
import { spanOfRun } from "./shelf.ts";

/** What was heard and not taken in, since the start. */
export interface BookFigures {
	/** Facts of a lower rank than what was known. */
	late: number;
	/** Facts that told nothing new. */
	duplicate: number;
	/** Hidden jobs of agents. */
	phantom: number;
	/** A different end than the known one, told by push. */
	ignoredTerminal: number;
	/** New runs left out because the host has too many unfinished ones. */
	refused: number;
}

/** How a change became known, for the events that tell it. */
export interface Telling {
	readonly source: Source;
	readonly receivedAt: number;
	/** By the agent's clock, as text; null when it told none. */
	readonly atText: string | null;
	/** What to say instead of the run's own message: the change is our conclusion. */
	readonly sentence?: string;
}

export interface RunTablePorts {
	readonly table: JobTable;
	readonly figures: BookFigures;
	onActivity(event: Happening): void;
	onTouched(kind: "run", key: RunKey, gone: boolean): void;
	/** The host has no run in this job any more. */
	onLeft(job: JobId, shelf: Shelf): void;
}

export interface RunTable {
	readonly runs: ReadonlyMap<RunKey, HostRun>;
	/** Puts a reduction of this row in place. */
	put(shelf: Shelf, row: Row, reduced: Reduced, telling: Telling): void;
	/** Reduces a fact about a known run and puts it in place. */
	take(shelf: Shelf, row: Row, fact: RunFact): void;
	/** A new run of this group. Unless it is news, neither it nor a job of such runs alone is told as an event. */
	admit(
		shelf: Shelf,
		group: Group,
		facts: readonly RunFact[],
		isNews: boolean,
	): void;
	/** Takes a row out. `telling` null: for want of room, which is no event. */
	drop(shelf: Shelf, row: Row, telling: Telling | null): void;
}

export function openRunTable(ports: RunTablePorts): RunTable {
	const { table, figures } = ports;
	const runs = new Map<RunKey, HostRun>();

	const tell = (run: HostRun, telling: Telling): void =>
		ports.onActivity({
			kind: "host",
			receivedAt: telling.receivedAt,
			jobId: run.jobId,
			hostId: run.hostId,
			agentJobId: run.agentJobId,
			status: run.state,
			rawStatus: run.rawStatus,
			message: telling.sentence ?? run.message,
			error: run.error,
			errorCode: run.errorCode,
			at: telling.atText,
			source: telling.source,
		});

	const put: RunTable["put"] = (shelf, row, reduced, telling) => {
		const { run, change, ignored } = reduced;
		if (ignored === "late") figures.late++;
		else if (ignored === "terminal") figures.ignoredTerminal++;
		else if (change === "none") figures.duplicate++;
		if (change === "none") return;
		const before = row.run;
		row.run = run;
		runs.set(row.key, run);
		ports.onTouched("run", row.key, false);
		if (change === "state") {
			shelf.open = null;
			row.job.isTold = true;
			tell(run, telling);
			table.recount(row, spanOfRun(run, shelf.skewMs), telling);
			return;
		}
		const isSameSpan =
			run.createdAt === before.createdAt &&
			run.completedAt === before.completedAt;
		table.retime(row, isSameSpan ? row.span : spanOfRun(run, shelf.skewMs));
	};

	const take: RunTable["take"] = (shelf, row, fact) =>
		put(shelf, row, reduceRun(row.run, fact, row.run.jobId), fact);

	return {
		runs,
		put,
		take,
		admit(shelf, group, facts, isNews) {
			const [first, ...more] = facts;
			if (first === undefined) return;
			const { run } = reduceRun(undefined, first, group.id);
			const key = runKey(run.hostId, run.agentJobId);
			const span = spanOfRun(run, shelf.skewMs);
			const row = table.join(table.entry(group), { key, run, span });
			shelf.rows.set(run.agentJobId, row);
			shelf.open = null;
			runs.set(key, run);
			ports.onTouched("run", key, false);
			if (isNews) {
				row.job.isTold = true;
				tell(run, first);
			}
			table.recount(row, span, first);
			for (const fact of more) take(shelf, row, fact);
		},
		drop(shelf, row, telling) {
			shelf.rows.delete(row.run.agentJobId);
			shelf.open = null;
			runs.delete(row.key);
			ports.onTouched("run", row.key, true);
			ports.onLeft(row.run.jobId, shelf);
			table.leave(row, telling);
		},
	};
}
