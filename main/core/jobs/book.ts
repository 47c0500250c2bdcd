// The one place where runs and jobs are kept. Takes what agents told, lets the pure functions decide, and says what
// happened. Knows no links and no requests: what is worth asking an agent is answered to the caller.
import type {
	AgentJobId,
	HostId,
	HostRun,
	Job,
	JobId,
	RunKey,
	RunState,
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
import type { KeptJob, KeptRun, KeptWhole } from "../history/kept.ts";
import { openConclusions } from "./conclusions.ts";
import type { Reception } from "./facts.ts";
import { factOfDetail, factOfEvent, factOfSummary } from "./facts.ts";
import { openFailures } from "./failures.ts";
import { openGroups } from "./group.ts";
import { openIntake } from "./intake.ts";
import type { Happening } from "./jobTable.ts";
import { openJobTable } from "./jobTable.ts";
import { openKeeping } from "./keeping.ts";
import { FLEET_RUNS_MOST, openRetention } from "./retention.ts";
import type { BookFigures } from "./runTable.ts";
import { openRunTable } from "./runTable.ts";
import type { Shelf } from "./shelf.ts";
import {
	isNews,
	noteListed,
	openRunsOf,
	openShelf,
	worthTaking,
} from "./shelf.ts";

export interface JobBookPorts {
	wallMs(): number;
	/** Run rows kept of the whole fleet; 100,000 unless told otherwise. */
	readonly runsMost?: number;
	/** Host events and the job event each caused, at once and in order. */
	onActivity(event: Happening): void;
	/** A row is new, replaced or gone; read it from `runs` or `jobs`. */
	onTouched(kind: "run" | "job", key: RunKey | JobId, gone: boolean): void;
}

export interface JobBook {
	/** A pushed or logged event. `held`: the run is not known, or was lost; fetch its detail. */
	applyEvent(
		host: HostId,
		event: RunEvent,
		source: Source,
		receivedAt: number,
	): "applied" | "held";
	/**
	 * A list. `complete`: the agent had no more runs than these. Answers the runs whose detail is worth fetching, most urgent
	 * first: failures that are news are told when their detail has come, or by the next list, link loss or event.
	 */
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
	/** Puts jobs of a history into an empty book, oldest first. Their open runs are `unknown` until their agents speak. */
	restore(jobs: readonly KeptWhole[]): void;
	/** A run and its job as they are worth keeping; undefined: it is gone. */
	toKeep(key: RunKey): { job: KeptJob; run: KeptRun } | undefined;
	/** While true, runs whose job must be observed wait; on release they are grouped together, so that ids do not depend on who answered first. */
	holdGroups(on: boolean): void;
	readonly runs: ReadonlyMap<RunKey, HostRun>;
	readonly jobs: ReadonlyMap<JobId, Job>;
	runsOfJob(id: JobId): readonly HostRun[];
	runsOfHost(host: HostId): readonly HostRun[];
	/** Runs of the host that are queued, running or unknown; those that wait for their job, or for the reason of their failure, included. */
	openRuns(host: HostId): number;
	/** Runs that only events told of. */
	held(host: HostId): AgentJobId[];
	/** Drops a slice of what is too old or too much: finished jobs a day after their end, and those that ended first while the fleet has too many runs. To be called every few seconds; `now` by our clock, epoch ms. */
	sweep(now: number): void;
	/** Between `holdGroups(true)` and the release. */
	readonly isHolding: boolean;
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
	const table = openJobTable({
		...ports,
		onDerived: (entry) => retention.note(entry),
		onEmpty(entry) {
			groups.drop(entry.group.id);
			retention.forget(entry);
		},
	});
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
	const failures = openFailures(intake);
	const retention = openRetention({
		runs: () => rows.runs.size,
		runsMost: ports.runsMost ?? FLEET_RUNS_MOST,
		dropEnded: (entry, most) =>
			rows.dropEnded(entry, most, (host) => shelves.get(host)),
	});

	const shelfOf = (host: HostId): Shelf => {
		const known = shelves.get(host);
		if (known !== undefined) return known;
		const opened = openShelf(host);
		shelves.set(host, opened);
		return opened;
	};

	const keeping = openKeeping({ groups, rows, shelfOf });

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

	/** The ends that a list told come before what is concluded of the host's open runs. */
	const linkLost = (shelf: Shelf, receivedAt: number): void => {
		failures.tellAll(shelf, receivedAt);
		conclusions.linkLost(shelf, receivedAt);
	};

	return {
		runs: rows.runs,
		jobs: table.jobs,
		figures,
		claim: groups.claim,
		restore: keeping.restore,
		toKeep: keeping.toKeep,
		applyEvent(host, event, source, receivedAt) {
			const shelf = hear(host, null);
			const id = event.agentJobId;
			const isAwaited = shelf.untold.has(id);
			if (isAwaited && isOpen(event.state)) {
				figures.late++;
				return "applied";
			}
			// Only the same end may come first, because it may bring the reason.
			if (event.state !== "failed") failures.tell(shelf, id, receivedAt);
			const before = stateIn(shelf, id);
			const isTaken =
				intake.take(shelf, factOfEvent(host, event, source, receivedAt)) ||
				!shelf.held.keep(event, source, receivedAt);
			failures.tell(shelf, id, receivedAt);
			if (event.state === "failed" && before !== "failed")
				failures.noteUnexplained(shelf, id);
			// The agent may have found the run again, or this is an echo of before it was lost: its detail tells.
			const isDoubtful = before === "lost" && isOpen(event.state);
			return (isTaken || isAwaited) && !isDoubtful ? "applied" : "held";
		},
		applyPage(host, page, { complete, ...reception }) {
			const { receivedAt } = reception;
			const shelf = hear(host, reception.skewMs);
			for (const row of page.jobs) keeping.confirm(shelf, row);
			failures.tellAll(shelf, receivedAt);
			const wanting = new Set<AgentJobId>(absentOf(shelf, page, complete));
			const unknown: JobSummary[] = [];
			// Agents list the newest first; what happened is told in its order.
			for (const row of page.jobs.toReversed()) {
				if (isHidden(shelf, row)) continue;
				const id = row.agentJobId;
				const fact = factOfSummary(host, row, reception);
				if (failures.await(shelf, row, fact)) continue;
				const before = stateIn(shelf, id);
				if (!intake.take(shelf, fact)) {
					unknown.push(row);
					continue;
				}
				const isNewly = before !== "failed";
				if (isNewly) failures.noteUnexplained(shelf, id);
				const asks = isNewly
					? shelf.unexplained.has(id)
					: failures.askAgain(shelf, id);
				if (asks) wanting.add(id);
			}
			for (const row of worthTaking(shelf, unknown, receivedAt)) {
				const id = row.agentJobId;
				const fact = factOfSummary(host, row, reception);
				if (failures.awaitNew(shelf, row, fact)) continue;
				intake.introduce(shelf, row, fact);
				if (isNews(shelf, row, receivedAt)) failures.noteUnexplained(shelf, id);
				if (isOpen(row.state) || shelf.unexplained.has(id)) wanting.add(id);
			}
			noteListed(shelf, page.jobs, receivedAt);
			retention.makeRoom(receivedAt);
			const kept = [...wanting].filter(
				(id) => stateIn(shelf, id) !== undefined,
			);
			const held = complete ? heldWithout(shelf, page) : [];
			return {
				detail: [...new Set([...shelf.untold.keys(), ...kept, ...held])],
			};
		},
		applyDetail(host, detail, reception) {
			const shelf = hear(host, reception.skewMs);
			const id = detail.agentJobId;
			keeping.confirm(shelf, detail);
			shelf.unexplained.delete(id);
			if (isHidden(shelf, detail)) {
				shelf.untold.delete(id);
				shelf.open = null;
				return;
			}
			const fact = factOfDetail(host, detail, reception);
			if (!failures.explain(shelf, detail, fact))
				intake.introduce(shelf, detail, fact);
			retention.makeRoom(reception.receivedAt);
		},
		applyNotFound(host, run, receivedAt) {
			const shelf = shelves.get(host);
			if (shelf === undefined) return;
			failures.tell(shelf, run, receivedAt);
			shelf.unexplained.delete(run);
			const row = shelf.rows.get(run);
			if (row !== undefined) conclusions.notFound(shelf, row, receivedAt);
			else if (!intake.forget(shelf, run) && shelf.held.take(run).length > 0)
				figures.phantom++;
		},
		linkLost(host, receivedAt) {
			const shelf = shelves.get(host);
			if (shelf !== undefined) linkLost(shelf, receivedAt);
		},
		hostRebooted(host, receivedAt) {
			const shelf = shelfOf(host);
			failures.tellAll(shelf, receivedAt);
			conclusions.hostRebooted(shelf, receivedAt);
		},
		removeHost(host) {
			const shelf = shelves.get(host);
			if (shelf === undefined) return;
			const receivedAt = ports.wallMs();
			failures.tellAll(shelf, receivedAt);
			shelves.delete(host);
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
				if (shelf.isCut) linkLost(shelf, now);
		},
		runsOfJob: table.runsOf,
		runsOfHost: (host) =>
			[...(shelves.get(host)?.rows.values() ?? [])].map(({ run }) => run),
		openRuns(host) {
			const shelf = shelves.get(host);
			return shelf === undefined ? 0 : openRunsOf(shelf);
		},
		held: (host) => shelves.get(host)?.held.ids() ?? [],
		sweep: retention.sweep,
		get isHolding() {
			return intake.isHolding;
		},
	};
}

/** What was told last of a run that is kept or waits for its job; undefined of any other. */
const stateIn = (shelf: Shelf, id: AgentJobId): RunState | undefined =>
	shelf.rows.get(id)?.run.state ?? shelf.waiting.get(id)?.facts.at(-1)?.state;

/** Runs that only events told of and that a complete list does not have: probably phantoms, which a 404 will release. */
function heldWithout(shelf: Shelf, page: JobPage): AgentJobId[] {
	const ids = shelf.held.ids();
	if (ids.length === 0) return ids;
	const listed = new Set(page.jobs.map(({ agentJobId }) => agentJobId));
	return ids.filter((id) => !listed.has(id));
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
