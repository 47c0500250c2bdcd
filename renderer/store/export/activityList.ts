// The activity on the screen as a listing, newest first. Pure.
import type { Activity } from "../../../shared/model.ts";
import type { EventLog } from "../eventLog.ts";
import type { Filter } from "../filter.ts";
import { SEVERITY } from "../select.ts";
import { createActivitySelection } from "../selectActivity.ts";
import { toldBy } from "./fleetLists.ts";
import type { Listing, ListingFacts, Value } from "./listing.ts";
import { isoTime } from "./listing.ts";

const COLUMNS = [
	"kind",
	"received_at",
	"at",
	"host_id",
	"job_id",
	"agent_job_id",
	"status",
	"message",
	"error",
	"error_code",
	"label",
	"host_count",
	"failed_count",
	"timed_out_count",
	"lost_count",
	"unknown_count",
	"running_count",
	"queued_count",
	"cancelled_count",
	"succeeded_count",
	"source",
] as const;

/** Every line that the screen's kind and filter let through, those too that it has not looked through yet; newest first. */
export function shownLines(
	log: EventLog,
	kind: Activity["kind"] | null,
	filter: Filter,
	upTo: number | null,
): readonly Activity[] {
	const { select, lookBack } = createActivitySelection();
	let shown = select(log, kind, filter, upTo);
	while (shown.isLooking) {
		lookBack(log);
		shown = select(log, kind, filter, upTo);
	}
	return Array.from({ length: shown.length }, (_, at) => shown.at(at)).filter(
		(line) => line !== undefined,
	);
}

/** @param countsInWords as the screen says them. */
export function activityListing(
	lines: readonly Activity[],
	facts: ListingFacts,
	countsInWords: (counts: JobLine["counts"]) => string,
): Listing {
	return {
		...toldBy(facts),
		what: "activity",
		title: "Activity",
		columns: COLUMNS,
		rows: lines.map((line) => rowOf(line, facts.utc)),
		brief: {
			heads: ["Time", "Host or job", "State", "What"],
			cells: (at) => briefOf(lines[at], facts.utc, countsInWords),
			// A stream tells what happened in its order: what failed is not torn out of it.
			rank: () => SEVERITY.length,
		},
	};
}

type JobLine = Extract<Activity, { kind: "job" }>;

function rowOf(line: Activity, utc: boolean): readonly Value[] {
	const told: Record<string, Value> = {
		kind: line.kind,
		received_at: isoTime(line.receivedAt, utc),
		source: "source" in line ? line.source : null,
		...factsOf(line),
	};
	return COLUMNS.map((name) => told[name] ?? null);
}

function factsOf(line: Activity): Record<string, Value> {
	if (line.kind === "gap")
		return {
			host_id: line.hostId,
			message: line.sentence,
			error_code: line.fault ?? null,
		};
	if (line.kind === "job") {
		const counts = Object.entries(line.counts).map(
			([state, count]): [string, Value] => [`${state}_count`, count],
		);
		return {
			job_id: line.jobId,
			status: line.status,
			label: line.label,
			...Object.fromEntries(counts),
		};
	}
	const of = {
		host_id: line.hostId,
		job_id: line.jobId,
		agent_job_id: line.agentJobId,
	};
	return line.kind === "overdue"
		? { ...of, message: line.sentence }
		: {
				...of,
				at: line.at,
				status: line.status,
				message: line.message,
				error: line.error,
				error_code: line.errorCode,
			};
}

function briefOf(
	line: Activity | undefined,
	utc: boolean,
	countsInWords: (counts: JobLine["counts"]) => string,
): readonly string[] {
	if (line === undefined) return [];
	const time = isoTime(line.receivedAt, utc).slice(11, 19);
	switch (line.kind) {
		case "gap":
			return [time, line.hostId ?? "", "gap", line.sentence];
		case "overdue":
			return [time, line.hostId, "overdue", line.sentence];
		case "job":
			return [
				time,
				line.label,
				line.status,
				`${countsInWords(line.counts)} of ${line.counts.host}`,
			];
		case "host":
			return [
				time,
				line.hostId,
				line.status.replace("_", " "),
				line.error ?? line.message,
			];
	}
}
