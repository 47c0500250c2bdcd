// What is kept of one host's runs, and how much of it: pure rules about history, room and times. A fleet of 10,000 hosts
// with 200 old runs each would be two million rows that nobody looks at.
import type { AgentJobId, HostId, HostRun } from "../../../shared/model.ts";
import { isOpen } from "../../../shared/model.ts";
import type { JobSummary } from "../agentApi/message.ts";
import type { RunFact } from "./fact.ts";
import type { Held } from "./held.ts";
import { openHeld } from "./held.ts";
import type { Row, Span } from "./jobTable.ts";

/** Runs kept per host; beyond it the oldest ended ones go, and without any a new run is refused. */
export const RUNS_MOST = 200;
/** Ended runs that a first look takes in per host. */
const HISTORY_MOST = 50;
/** Greatest age of ended runs: older ones are not taken in, and finished jobs that ended longer ago go. */
export const HISTORY_MS = 24 * 60 * 60_000;
/** A run that ended longer ago than this before we first saw it is history: a row, but no event. */
export const NEWS_MS = 15 * 60_000;

/** A run that waits for its job to be observed: what it is, and what was told of it meanwhile. */
export interface Waiting {
	readonly row: JobSummary;
	readonly facts: RunFact[];
	readonly isNews: boolean;
}

/** A failure that a list told and that waits for its reason. */
export interface Untold {
	readonly row: JobSummary;
	readonly fact: RunFact;
}

/** One host's part of the book. */
export interface Shelf {
	readonly id: HostId;
	readonly rows: Map<AgentJobId, Row>;
	readonly waiting: Map<AgentJobId, Waiting>;
	readonly held: Held;
	/** Failures that wait for their reason, of known and of new runs; at most until the next list. */
	readonly untold: Map<AgentJobId, Untold>;
	/** Failed runs whose reason was asked for and did not come, and how often it was asked for again. */
	readonly unexplained: Map<AgentJobId, number>;
	/** Runs of a history of which the agent has told nothing since: another run may have got the name. */
	readonly unconfirmed: Set<AgentJobId>;
	/** The agent's clock minus ours; 0 while it is not known. */
	skewMs: number;
	isListed: boolean;
	/** When the last list came, by our clock, and the newest run of all lists, by the agent's; 0: none. */
	listedAt: number;
	newestAt: number;
	/** Its lists hold ended runs that are not kept. */
	leavesOut: boolean;
	/** By the agent's clock: ended runs created until then were left out or dropped, and stay out; 0: none was. */
	horizonAt: number;
	/** When the host's last reboot was noticed; 0: never. */
	rebootedAt: number;
	/** The link is gone and nothing was told since. */
	isCut: boolean;
	/** Open runs; null: to be counted again. */
	open: number | null;
}

export const openShelf = (id: HostId): Shelf => ({
	id,
	rows: new Map(),
	waiting: new Map(),
	held: openHeld(),
	untold: new Map(),
	unexplained: new Map(),
	unconfirmed: new Set(),
	skewMs: 0,
	isListed: false,
	listedAt: 0,
	newestAt: 0,
	leavesOut: false,
	horizonAt: 0,
	rebootedAt: 0,
	isCut: false,
	open: null,
});

/** Forgets what was noted of a run that leaves. */
export function forgetRun(shelf: Shelf, id: AgentJobId): void {
	shelf.rows.delete(id);
	shelf.untold.delete(id);
	shelf.unexplained.delete(id);
	shelf.unconfirmed.delete(id);
	shelf.open = null;
}

/** Runs that are queued, running or unknown; those that wait for their job or, being new, for the reason of their failure included. */
export function openRunsOf(shelf: Shelf): number {
	if (shelf.open !== null) return shelf.open;
	let open = 0;
	for (const { run } of shelf.rows.values()) if (isOpen(run.state)) open++;
	for (const { facts } of shelf.waiting.values())
		if (facts.every(({ state }) => isOpen(state))) open++;
	for (const id of shelf.untold.keys()) if (!shelf.rows.has(id)) open++;
	shelf.open = open;
	return open;
}

/**
 * Which rows of a list that are not known yet are taken in, oldest first: all open ones, those that events were held of,
 * and ended ones of the last 24 hours; of these a first look takes the newest 50. What is left out stays out.
 */
export function worthTaking(
	shelf: Shelf,
	unknown: readonly JobSummary[],
	receivedAt: number,
): JobSummary[] {
	const held = new Set(shelf.held.ids());
	const taken = unknown.filter(
		(row) => isOpen(row.state) || held.has(row.agentJobId),
	);
	const over = unknown.filter(
		(row) => !isOpen(row.state) && !held.has(row.agentJobId),
	);
	const ended = over
		.filter((row) => isRecent(shelf, row, receivedAt))
		.sort((a, b) => createdOf(b) - createdOf(a));
	shelf.leavesOut ||= ended.length < over.length;
	const most = shelf.isListed
		? RUNS_MOST
		: Math.max(0, HISTORY_MOST - taken.length);
	const newestLeftOut = ended[most];
	if (newestLeftOut !== undefined) raiseHorizon(shelf, newestLeftOut.createdAt);
	return [...taken, ...ended.slice(0, most)].sort(
		(a, b) => createdOf(a) - createdOf(b),
	);
}

const createdOf = (row: JobSummary): number => row.createdAt ?? 0;

function isRecent(shelf: Shelf, row: JobSummary, receivedAt: number): boolean {
	const { createdAt } = row;
	if (createdAt === null) return shelf.horizonAt === 0;
	return (
		createdAt > shelf.horizonAt &&
		receivedAt - (createdAt - shelf.skewMs) <= HISTORY_MS
	);
}

/** Ended runs created until then are not taken in again. */
export function raiseHorizon(shelf: Shelf, createdAt: number | null): void {
	shelf.leavesOut = true;
	shelf.horizonAt = Math.max(shelf.horizonAt, createdAt ?? 1);
}

/** The run to drop for a new one: the oldest ended one, of a finished job if there is any; null when all are open. */
export function oldestToDrop(shelf: Shelf): Row | null {
	let best: Row | null = null;
	let bestIsOver = false;
	for (const row of shelf.rows.values()) {
		if (isOpen(row.run.state)) continue;
		const isOver = row.job.job.endedAt !== null;
		if (best !== null) {
			if (bestIsOver && !isOver) continue;
			if (bestIsOver === isOver && row.span.startAt >= best.span.startAt)
				continue;
		}
		best = row;
		bestIsOver = isOver;
	}
	return best;
}

/** A list is taken in: what is newer than it and shows up soon has happened since, whatever becomes of the clocks. */
export function noteListed(
	shelf: Shelf,
	rows: readonly JobSummary[],
	receivedAt: number,
): void {
	shelf.isListed = true;
	shelf.listedAt = receivedAt;
	for (const row of rows)
		shelf.newestAt = Math.max(shelf.newestAt, createdOf(row));
}

/** Whether a run seen for the first time is told as an event: it is open, or it ended within 15 minutes. */
export function isNews(
	shelf: Shelf,
	row: JobSummary,
	receivedAt: number,
): boolean {
	if (isOpen(row.state)) return true;
	const endedAt = row.completedAt ?? row.createdAt;
	if (endedAt === null || receivedAt - (endedAt - shelf.skewMs) <= NEWS_MS)
		return true;
	// A clock that was put right makes it look old; but it was not there a while ago.
	const isLately = Math.abs(receivedAt - shelf.listedAt) <= NEWS_MS;
	return isLately && (!shelf.leavesOut || createdOf(row) > shelf.newestAt);
}

/** When a run began and ended by our clock. An agent's time, corrected by its skew, is never later than when we were told. */
export function spanOfRun(run: HostRun, skewMs: number): Span {
	const startAt = ours(run.createdAt, skewMs, run.seenAt);
	if (isOpen(run.state)) return { startAt, endAt: 0 };
	return {
		startAt,
		endAt: Math.max(startAt, ours(run.completedAt, skewMs, run.changedAt)),
	};
}

/** The agent's time by our clock; `toldAt` bounds it, and stands in for one that is missing. */
export const ours = (
	at: number | null,
	skewMs: number,
	toldAt: number,
): number =>
	at === null ? toldAt : Math.max(0, Math.min(at - skewMs, toldAt));
