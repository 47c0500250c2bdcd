// The rows of all runs. Puts what `reduce.ts` decided in its places and says the host event that follows, then lets the
// job say its own. Knows no agents: what a fact means was decided before.
import type {
	HostId,
	HostRun,
	JobId,
	RunKey,
	Source,
} from "../../../shared/model.ts";
import { runKey } from "../../../shared/model.ts";
import type { RunFact } from "./fact.ts";
import type { Group } from "./group.ts";
import type { Happening, JobEntry, JobTable, Row } from "./jobTable.ts";
import { overdueSentence } from "./overdue.ts";
import type { Reduced } from "./reduce.ts";
import { reduceRun } from "./reduce.ts";
import type { Shelf } from "./shelf.ts";
import { forgetRun, raiseHorizon, spanOfRun } from "./shelf.ts";

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
	/** Runs of a history, all of this group, which is no event. */
	restore(
		group: Group,
		runs: readonly (Pick<Row, "run" | "span"> & { readonly shelf: Shelf })[],
		isTold: boolean,
	): void;
	/** Takes a row out. `telling` null: for want of room, which is no event. */
	drop(shelf: Shelf, row: Row, telling: Telling | null): void;
	/** Takes so many ended runs of a job out, which is no event; they stay out. @returns how many. */
	dropEnded(
		entry: JobEntry,
		most: number,
		shelfOf: (host: HostId) => Shelf | undefined,
	): number;
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

	/** Tells that a run has become overdue; `before`: the run as it was, undefined when it is new. */
	const tellOverdue = (
		before: HostRun | undefined,
		run: HostRun,
		receivedAt: number,
	): void => {
		if (run.overdueAt === null || (before?.overdueAt ?? null) !== null) return;
		ports.onActivity({
			kind: "overdue",
			receivedAt,
			jobId: run.jobId,
			hostId: run.hostId,
			agentJobId: run.agentJobId,
			sentence: overdueSentence(run),
		});
	};

	const count = ({ change, ignored }: Reduced): void => {
		if (ignored === "late") figures.late++;
		else if (ignored === "terminal") figures.ignoredTerminal++;
		else if (change === "none") figures.duplicate++;
	};

	/** Adds the facts that follow and change no state: what is told of a change is told with what explains it. */
	const explained = (reduced: Reduced, following: RunFact[]): Reduced => {
		let whole = reduced;
		for (let fact = following[0]; fact !== undefined; fact = following[0]) {
			const more = reduceRun(whole.run, fact, whole.run.jobId);
			if (more.change === "state") break;
			following.shift();
			count(more);
			const { change } = whole.change === "none" ? more : whole;
			whole = { run: more.run, change };
		}
		return whole;
	};

	const put: RunTable["put"] = (shelf, row, reduced, telling) => {
		const { run, change } = reduced;
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
			tellOverdue(before, run, telling.receivedAt);
			return;
		}
		tellOverdue(before, run, telling.receivedAt);
		const isSameSpan =
			run.createdAt === before.createdAt &&
			run.completedAt === before.completedAt;
		table.retime(row, isSameSpan ? row.span : spanOfRun(run, shelf.skewMs));
	};

	const take: RunTable["take"] = (shelf, row, fact) => {
		const reduced = reduceRun(row.run, fact, row.run.jobId);
		count(reduced);
		put(shelf, row, reduced, fact);
	};

	return {
		runs,
		put,
		take,
		admit(shelf, group, facts, isNews) {
			const [first, ...more] = facts;
			if (first === undefined) return;
			const { run } = explained(reduceRun(undefined, first, group.id), more);
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
			tellOverdue(undefined, run, first.receivedAt);
			for (let fact = more.shift(); fact !== undefined; fact = more.shift()) {
				const reduced = reduceRun(row.run, fact, row.run.jobId);
				count(reduced);
				put(shelf, row, explained(reduced, more), fact);
			}
		},
		restore(group, kept, isTold) {
			const entry = table.entry(group);
			for (const { shelf, run, span } of kept) {
				const key = runKey(run.hostId, run.agentJobId);
				shelf.rows.set(run.agentJobId, table.join(entry, { key, run, span }));
				shelf.open = null;
				runs.set(key, run);
				ports.onTouched("run", key, false);
			}
			table.settle(entry, isTold);
		},
		drop(shelf, row, telling) {
			forgetRun(shelf, row.run.agentJobId);
			runs.delete(row.key);
			ports.onTouched("run", row.key, true);
			ports.onLeft(row.run.jobId, shelf);
			table.leave(row, telling);
		},
		dropEnded(entry, most, shelfOf) {
			const gone = table.dropEnded(entry, most);
			for (const { key, run } of gone) {
				runs.delete(key);
				ports.onTouched("run", key, true);
				const shelf = shelfOf(run.hostId);
				if (shelf === undefined) continue;
				raiseHorizon(shelf, run.createdAt);
				forgetRun(shelf, run.agentJobId);
				ports.onLeft(entry.group.id, shelf);
			}
			return gone.length;
		},
	};
}
