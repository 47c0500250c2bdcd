// Between the book and a history of it: what a run and its job must be kept as so that they come back as the same, and their
// coming back. Nothing that comes back is an event; it was told before.
import type { HostId, RunKey } from "../../../shared/model.ts";
import type { JobSummary } from "../agentApi/message.ts";
import type { KeptJob, KeptRun, KeptWhole } from "../history/kept.ts";
import type { Groups } from "./group.ts";
import { markLinkLost } from "./reduce.ts";
import type { RunTable } from "./runTable.ts";
import type { Shelf } from "./shelf.ts";
import { RUNS_MOST } from "./shelf.ts";

/** Agents write the same time with more or fewer digits, depending on their version. */
const SAME_TIME_MS = 1_000;

export interface KeepingPorts {
	readonly groups: Groups;
	readonly rows: RunTable;
	shelfOf(host: HostId): Shelf;
}

export interface Keeping {
	restore(jobs: readonly KeptWhole[]): void;
	toKeep(key: RunKey): { job: KeptJob; run: KeptRun } | undefined;
	/** The agent told of this run: one of a history that was created at another time is another run, and makes room for it. */
	confirm(shelf: Shelf, row: JobSummary): void;
}

export function openKeeping({ groups, rows, shelfOf }: KeepingPorts): Keeping {
	const restoreJob = ({ job, runs }: KeptWhole): void => {
		const fitting = runs.filter(
			({ run }) => shelfOf(run.hostId).rows.size < RUNS_MOST,
		);
		if (fitting.length === 0) return;
		const { isTold, parentId, firstAt, ...group } = job;
		const hosts = fitting.map(({ run }) => run.hostId);
		groups.restore(group, { parentId, firstAt }, hosts);
		for (const { run } of fitting)
			if (job.origin === "ours") groups.claim(run.hostId, run.agentJobId, job);
		rows.restore(
			group,
			fitting.map(({ run, startAt, endAt }) => {
				const shelf = shelfOf(run.hostId);
				shelf.unconfirmed.add(run.agentJobId);
				// Nobody watched it since: that its state is not known any more holds from its last change on.
				const { run: now } = markLinkLost(run, run.changedAt);
				return { shelf, run: now, span: { startAt, endAt } };
			}),
			isTold,
		);
	};

	return {
		restore(jobs) {
			for (const whole of jobs) restoreJob(whole);
		},
		toKeep(key) {
			const run = rows.runs.get(key);
			if (run === undefined) return undefined;
			const row = shelfOf(run.hostId).rows.get(run.agentJobId);
			if (row === undefined) return undefined;
			const { group, isTold } = row.job;
			return {
				job: { ...group, ...groups.decisionOf(group.id), isTold },
				run: { run, ...row.span },
			};
		},
		confirm(shelf, { agentJobId, createdAt }) {
			if (!shelf.unconfirmed.delete(agentJobId)) return;
			const row = shelf.rows.get(agentJobId);
			const known = row?.run.createdAt ?? null;
			if (row === undefined || known === null || createdAt === null) return;
			if (Math.abs(known - createdAt) > SAME_TIME_MS)
				rows.drop(shelf, row, null);
		},
	};
}
