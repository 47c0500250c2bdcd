// Looks at every line that the console tells, at the moment it tells it: is it true, is it new, do the counts add up.
import type { Activity, HostId, RunState } from "../../../shared/model.ts";
import { isOpen } from "../../../shared/model.ts";
import { countRuns, sameCounts } from "../../core/jobs/counts.ts";
import type { TrueRun } from "./ledger.ts";
import type { Scene } from "./scene.ts";

type HostLine = Extract<Activity, { kind: "host" }>;
type JobLine = Extract<Activity, { kind: "job" }>;

export interface Watch {
	/** The states told of one run, in the order of telling. */
	toldOf(host: HostId, id: string): readonly RunState[];
	readonly lines: number;
	/** Ends that were told. */
	readonly ends: number;
}

/** @param wrong is told of every broken promise, at once. */
export function openWatch(
	stage: Scene,
	wrong: (sentence: string, host: HostId | null) => void,
): Watch {
	const told = new Map<string, RunState[]>();
	let lines = 0;
	let ends = 0;

	const hostLine = (line: HostLine): void => {
		const { hostId, agentJobId, status } = line;
		const key = `${hostId}/${agentJobId}`;
		const say = (what: string): void =>
			wrong(`${key}: ${what} (${line.source})`, hostId);
		const run = stage.ledger.find(hostId, agentJobId);
		const states = told.get(key) ?? [];
		const before = states.at(-1);
		told.set(key, states);
		states.push(status);
		if (run === undefined) return say(`${status} is told of no run at all`);
		if (run.isPhantom) return say(`${status} is told of a phantom`);
		if (before === status) return say(`${status} is told twice in a row`);
		if (before !== undefined && !isOpen(before) && !mayFollow(run, before))
			say(`${status} is told after ${before}`);
		if (isOpen(status)) return;
		ends++;
		const lie = lieOf(stage, run, status);
		if (lie !== null) say(lie);
	};
	const jobLine = ({ jobId, counts, status }: JobLine): void => {
		const { host, ...states } = counts;
		const sum = Object.values(states).reduce((all, one) => all + one, 0);
		if (sum !== host)
			wrong(`${jobId}: ${sum} counted of ${host} (${status})`, null);
		const folded = countRuns(stage.console.book.runsOfJob(jobId));
		if (!sameCounts(counts, folded))
			wrong(
				`${jobId}: told ${JSON.stringify(counts)}, but its runs are ${JSON.stringify(folded)}`,
				null,
			);
	};
	stage.listen((line) => {
		lines++;
		if (line.kind === "host") hostLine(line);
		if (line.kind === "job") jobLine(line);
	});
	return {
		toldOf: (host, id) => told.get(`${host}/${id}`) ?? [],
		get lines() {
			return lines;
		},
		get ends() {
			return ends;
		},
	};
}

/** A run that was lost may be found; one that a reboot interrupted may turn out to have been that reboot. */
const mayFollow = (run: TrueRun, before: RunState): boolean =>
	before === "lost" || (run.operation === "reboot" && before === "failed");

/** Why an end cannot be true now; null when it can. */
function lieOf(stage: Scene, run: TrueRun, status: RunState): string | null {
	if (status === "lost")
		return stage.host(run.host).agent.job(run.id) === undefined
			? null
			: "lost is told of a run that its agent has";
	if (run.end?.state === status) return null;
	if (run.operation === "reboot" && status === "succeeded") return null;
	return `${status} is told, but the truth is ${run.end?.state ?? run.states.at(-1)?.state ?? "nothing"}`;
}
