// How a run comes into the book: what was held of it is replayed, a job is found for it, room is made. While groups are
// held back, runs whose job must be observed wait here, so that who answered first does not decide what a job is called.
import type { AgentJobId } from "../../../shared/model.ts";
import type { JobSummary } from "../agentApi/message.ts";
import type { RunFact } from "./fact.ts";
import { factOfEvent } from "./facts.ts";
import type { Arrival, Groups } from "./group.ts";
import type { Row } from "./jobTable.ts";
import type { BookFigures, RunTable } from "./runTable.ts";
import type { Shelf } from "./shelf.ts";
import {
	isNews,
	oldestToDrop,
	ours,
	RUNS_MOST,
	raiseHorizon,
} from "./shelf.ts";

/** What is kept of one run that waits for its job. */
const WAITING_FACTS = 20;

export interface IntakePorts {
	readonly groups: Groups;
	readonly rows: RunTable;
	readonly figures: BookFigures;
	/** Takes an authoritative fact about a known run. */
	truth(shelf: Shelf, row: Row, fact: RunFact): void;
}

export interface Intake {
	/** A fact about a run that is known or waits; false when it is neither. */
	take(shelf: Shelf, fact: RunFact): boolean;
	/**
	 * A fact that says what its run is. If the run is new, events that were held of it come first, as they happened, and it
	 * is told as news when it is: by its age, or because `wasNews`.
	 */
	introduce(
		shelf: Shelf,
		row: JobSummary,
		fact: RunFact,
		wasNews?: boolean,
	): void;
	/** Drops a run that waits; false when none does. */
	forget(shelf: Shelf, id: AgentJobId): boolean;
	/** From now on runs wait. */
	hold(): void;
	readonly isHolding: boolean;
	/** Finds the jobs of all that wait together. False when nothing was held. */
	release(shelves: Iterable<Shelf>): boolean;
}

export function openIntake(ports: IntakePorts): Intake {
	const { groups, rows, figures } = ports;
	let isHolding = false;

	const makeRoom = (shelf: Shelf): boolean => {
		if (shelf.rows.size + shelf.waiting.size < RUNS_MOST) return true;
		const oldest = oldestToDrop(shelf);
		if (oldest === null) {
			figures.refused++;
			return false;
		}
		raiseHorizon(shelf, oldest.run.createdAt);
		rows.drop(shelf, oldest, null);
		return true;
	};

	const take: Intake["take"] = (shelf, fact) => {
		const row = shelf.rows.get(fact.agentJobId);
		if (row !== undefined) {
			if (fact.authoritative) ports.truth(shelf, row, fact);
			else rows.take(shelf, row, fact);
			return true;
		}
		const waiting = shelf.waiting.get(fact.agentJobId);
		if (waiting === undefined) return false;
		// The first fact says what the run is, so it stays.
		if (waiting.facts.length === WAITING_FACTS) waiting.facts.splice(1, 1);
		waiting.facts.push(fact);
		shelf.open = null;
		return true;
	};

	return {
		take,
		introduce(shelf, row, fact, wasNews = false) {
			// A list may name a run twice; the second time it is known.
			if (take(shelf, fact)) return;
			const held = shelf.held.take(row.agentJobId);
			if (!makeRoom(shelf)) return;
			const facts = [
				...held.map(({ event, source, receivedAt }) =>
					factOfEvent(shelf.id, event, source, receivedAt),
				),
				fact,
			];
			const first = facts[0] ?? fact;
			const { operation, packages, createdAt } = row;
			const news =
				wasNews || held.length > 0 || isNews(shelf, row, fact.receivedAt);
			const arrival = arrivalOf(shelf, row, first.receivedAt);
			const { startAt } = fact;
			facts[0] = {
				...first,
				operation,
				packages,
				createdAt,
				...(startAt === undefined ? {} : { startAt }),
			};
			if (isHolding && !groups.isCertain(arrival)) {
				shelf.waiting.set(row.agentJobId, { row, facts, isNews: news });
				shelf.open = null;
				return;
			}
			const [group] = groups.place([arrival]);
			if (group !== undefined) rows.admit(shelf, group, facts, news);
		},
		forget(shelf, id) {
			shelf.open = null;
			return shelf.waiting.delete(id);
		},
		hold() {
			isHolding = true;
		},
		get isHolding() {
			return isHolding;
		},
		release(shelves) {
			if (!isHolding) return false;
			isHolding = false;
			const all = [...shelves].flatMap((shelf) =>
				[...shelf.waiting.values()].map((waiting) => ({
					shelf,
					waiting,
					arrival: arrivalOf(
						shelf,
						waiting.row,
						waiting.facts[0]?.receivedAt ?? 0,
					),
				})),
			);
			all.sort((a, b) => a.arrival.startAt - b.arrival.startAt);
			const places = groups.place(all.map(({ arrival }) => arrival));
			for (const [at, { shelf, waiting }] of all.entries()) {
				shelf.waiting.delete(waiting.row.agentJobId);
				const group = places[at];
				if (group !== undefined)
					rows.admit(shelf, group, waiting.facts, waiting.isNews);
			}
			return true;
		},
	};
}

function arrivalOf(shelf: Shelf, row: JobSummary, toldAt: number): Arrival {
	return {
		hostId: shelf.id,
		agentJobId: row.agentJobId,
		operation: row.operation,
		packages: row.packages,
		startAt: ours(row.createdAt, shelf.skewMs, toldAt),
		createdAt: row.createdAt ?? toldAt,
		parentJobId: row.parentJobId,
		parentLabel: row.parentLabel,
	};
}
