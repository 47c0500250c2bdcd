// The one place where runs and jobs are kept. Takes what agents told, lets the pure functions decide, and says what
// happened. Knows no links and no requests: what is worth asking an agent is answered to the caller.
import type {
	AgentJobId,
	HostId,
	HostRun,
	Job,
	JobId,
	RunKey,
	Source,
} from "../../../shared/model.ts";
import { isOpen } from "../../../shared/model.ts";
import type {
	JobDetail,
	JobPage,
	JobSummary,
	RunEvent,
} from "../agentApi/message.ts";
import { isPhantom } from "../agentApi/words.ts";
import { openConclusions } from "./conclusions.ts";
import type { Reception } from "./facts.ts";
import { factOfDetail, factOfEvent, factOfSummary } from "./facts.ts";
import { openGroups } from "./group.ts";
import { openIntake } from "./intake.ts";
import type { Happening } from "./jobTable.ts";
import { openJobTable } from "./jobTable.ts";
import type { BookFigures } from "./runTable.ts";
import { openRunTable } from "./runTable.ts";
import type { Shelf } from "./shelf.ts";
import { isNews, openRunsOf, openShelf, worthTaking } from "./shelf.ts";

export interface JobBookPorts {
	wallMs(): number;
	/** Host events and the job event each caused, at once and in order. */
	onActivity(event: Happening): void;
	/** A row is new, replaced or gone; read it from `runs` or `jobs`. */
	onTouched(kind: "run" | "job", key: RunKey | JobId, gone: boolean): void;
}

export interface JobBook {
	/** A pushed or logged event. `held`: the run is not known; fetch its detail. */
	applyEvent(
		host: HostId,
		event: RunEvent,
		source: Source,
		receivedAt: number,
	): "applied" | "held";
	/** A list. `complete`: the agent had no more runs than these. Answers the runs whose detail is worth fetching. */
	applyPage(
		host: HostId,
		page: JobPage,
		reception: Reception & { readonly complete: boolean },
	): { readonly detail: AgentJobId[] };
	applyDetail(host: HostId, detail: JobDetail, reception: Reception): void;
	/** The agent answered 404: an unknown run was a phantom, an open one is lost, an ended one keeps its end. */
	applyNotFound(host: HostId, run: AgentJobId, receivedAt: number): void;
	/** We do not know what the host's open runs do any more. The next page or event undoes it. */
	linkLost(host: HostId, receivedAt: number): void;
	/** The host's uptime fell. */
	hostRebooted(host: HostId, receivedAt: number): void;
	removeHost(host: HostId): void;
	/** Foredeck started this run itself, as part of that job. Told before anything else about the run. */
	claim(
		host: HostId,
		run: AgentJobId,
		job: { readonly id: JobId; readonly label: string },
	): void;
	/** While true, runs whose job must be observed wait; on release they are grouped together, so that ids do not depend on who answered first. */
	holdGroups(on: boolean): void;
	readonly runs: ReadonlyMap<RunKey, HostRun>;
	readonly jobs: ReadonlyMap<JobId, Job>;
	runsOfJob(id: JobId): readonly HostRun[];
	runsOfHost(host: HostId): readonly HostRun[];
	/** Runs of the host that are queued, running or unknown, those that wait for their job included. */
	openRuns(host: HostId): number;
	/** Runs that only events told of. */
	held(host: HostId): AgentJobId[];
	readonly figures: Readonly<BookFigures>;
}

export function openJobBook(ports: JobBookPorts): JobBook {
	const shelves = new Map<HostId, Shelf>();
	const figures: BookFigures = {
		late: 0,
		duplicate: 0,
		phantom: 0,
		ignoredTerminal: 0,
		refused: 0,
	};
	const groups = openGroups();
	const table = openJobTable({ ...ports, onEmpty: groups.drop });
	const rows = openRunTable({
		...ports,
		table,
		figures,
		onLeft: (job, shelf) => groups.leave(job, shelf.id),
	});
	const conclusions = openConclusions(rows);
	const intake = openIntake({
		groups,
		rows,
		figures,
		truth: conclusions.truth,
	});

	const shelfOf = (host: HostId): Shelf => {
		const known = shelves.get(host);
		if (known !== undefined) return known;
		const opened = openShelf(host);
		shelves.set(host, opened);
		return opened;
	};

	/** The agent spoke: whatever the link did, it is back. */
	const hear = (host: HostId, skewMs: number | null): Shelf => {
		const shelf = shelfOf(host);
		shelf.isCut = false;
		if (skewMs !== null) shelf.skewMs = skewMs;
		return shelf;
	};

	/** Whether an agent made this run for its own ends; it is forgotten then. */
	const isHidden = (shelf: Shelf, row: JobSummary): boolean => {
		if (!isPhantom(row.packages)) return false;
		if (shelf.held.banish(row.agentJobId)) figures.phantom++;
		return true;
	};

	return {
		runs: rows.runs,
		jobs: table.jobs,
		figures,
		claim: groups.claim,
		applyEvent(host, event, source, receivedAt) {
			const shelf = hear(host, null);
			if (intake.take(shelf, factOfEvent(host, event, source, receivedAt)))
				return "applied";
			return shelf.held.keep(event, source, receivedAt) ? "held" : "applied";
		},
		applyPage(host, page, { complete, ...reception }) {
			const { receivedAt } = reception;
			const shelf = hear(host, reception.skewMs);
			const wanting = new Set<AgentJobId>(absentOf(shelf, page, complete));
			const unknown: JobSummary[] = [];
			for (const row of page.jobs) {
				if (isHidden(shelf, row)) continue;
				const before = shelf.rows.get(row.agentJobId)?.run.state;
				if (!intake.take(shelf, factOfSummary(host, row, reception)))
					unknown.push(row);
				else if (before !== "failed" && lacksError(shelf, row))
					wanting.add(row.agentJobId);
			}
			for (const row of worthTaking(shelf, unknown, receivedAt)) {
				intake.introduce(shelf, row, factOfSummary(host, row, reception));
				const isNewFailure =
					isNews(shelf, row, receivedAt) && lacksError(shelf, row);
				if (isOpen(row.state) || isNewFailure) wanting.add(row.agentJobId);
			}
			shelf.isListed = true;
			return { detail: [...wanting] };
		},
		applyDetail(host, detail, reception) {
			const shelf = hear(host, reception.skewMs);
			if (isHidden(shelf, detail)) return;
			intake.introduce(shelf, detail, factOfDetail(host, detail, reception));
		},
		applyNotFound(host, run, receivedAt) {
			const shelf = shelves.get(host);
			if (shelf === undefined) return;
			const row = shelf.rows.get(run);
			if (row !== undefined) conclusions.notFound(shelf, row, receivedAt);
			else if (!intake.forget(shelf, run) && shelf.held.take(run).length > 0)
				figures.phantom++;
		},
		linkLost(host, receivedAt) {
			const shelf = shelves.get(host);
			if (shelf !== undefined) conclusions.linkLost(shelf, receivedAt);
		},
		hostRebooted: (host, receivedAt) =>
			conclusions.hostRebooted(shelfOf(host), receivedAt),
		removeHost(host) {
			const shelf = shelves.get(host);
			if (shelf === undefined) return;
			shelves.delete(host);
			const receivedAt = ports.wallMs();
			for (const row of [...shelf.rows.values()]) {
				const { source } = row.run;
				rows.drop(shelf, row, { source, receivedAt, atText: null });
			}
		},
		holdGroups(on) {
			if (on) return intake.hold();
			if (!intake.release(shelves.values())) return;
			const now = ports.wallMs();
			for (const shelf of shelves.values())
				if (shelf.isCut) conclusions.linkLost(shelf, now);
		},
		runsOfJob: table.runsOf,
		runsOfHost: (host) =>
			[...(shelves.get(host)?.rows.values() ?? [])].map(({ run }) => run),
		openRuns(host) {
			const shelf = shelves.get(host);
			return shelf === undefined ? 0 : openRunsOf(shelf);
		},
		held: (host) => shelves.get(host)?.held.ids() ?? [],
	};
}

/** Open runs that the list does not have: probably lost. Of an incomplete list, only those of which nothing is known. */
function absentOf(
	shelf: Shelf,
	page: JobPage,
	complete: boolean,
): AgentJobId[] {
	const absent: AgentJobId[] = [];
	if (openRunsOf(shelf) === 0) return absent;
	const listed = new Set(page.jobs.map(({ agentJobId }) => agentJobId));
	for (const [id, { run }] of shelf.rows) {
		if (!isOpen(run.state) || listed.has(id)) continue;
		if (complete || run.state === "unknown") absent.push(id);
	}
	return absent;
}

function lacksError(shelf: Shelf, { agentJobId }: JobSummary): boolean {
	const run = shelf.rows.get(agentJobId)?.run;
	return run?.state === "failed" && run.error === null;
}
