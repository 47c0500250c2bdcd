// A second opinion, behind a setting: reads each agent's list once more beside the ordinary life of its link and compares
// it with what is shown. The ordinary life should leave nothing to find; what is found is counted, told and mended.
import type { Cancel, Clock } from "../../../shared/clock.ts";
import { every } from "../../../shared/clock.ts";
import type {
	AgentJobId,
	HostId,
	HostRun,
	LinkStatus,
	RunState,
} from "../../../shared/model.ts";
import { isOpen } from "../../../shared/model.ts";
import { decodeJobPage } from "../agentApi/decode.ts";
import type { JobPage, JobSummary } from "../agentApi/message.ts";
import { isPhantom } from "../agentApi/words.ts";
import type { JobBook } from "../jobs/book.ts";
import { LIST_BYTES, LIST_LIMIT } from "./reader.ts";
import type { Reader } from "./readerTypes.ts";
import { until } from "./until.ts";

const TICK_MS = 1_000;
/** Requests that are out at once, whatever the size of the fleet. */
const AT_ONCE_MOST = 32;
/** What an event and the detail that it asks for need at most (hints wait 2 s); only what differs longer is a difference. */
const SECOND_LOOK_MS = 5_000;

/** One run of which the window says something else than its agent. */
export interface Difference {
	readonly agentJobId: AgentJobId;
	/** What is shown; null: nothing. */
	readonly shown: RunState | null;
	/** What the agent's list says; null: a complete list does not have it. */
	readonly listed: RunState | null;
}

/** What was found at one host. */
export interface Finding {
	readonly hostId: HostId;
	readonly differences: readonly Difference[];
	/** Of those, how many an ordinary reading of the list did not mend: that is a mistake in Foredeck. */
	readonly lasting: number;
}

/** What is needed of a member of the fleet. */
export interface ComparedHost {
	readonly entry: { readonly id: HostId };
	readonly link: { readonly status: Pick<LinkStatus, "channel"> };
	readonly reader: Pick<Reader, "get" | "relist">;
	hasListed(): boolean;
}

export interface ConsistencyPorts {
	readonly clock: Clock;
	readonly fleet: {
		readonly size: number;
		members(): Iterator<ComparedHost>;
		member(id: HostId): ComparedHost | undefined;
	};
	readonly book: Pick<JobBook, "runsOfHost" | "isHolding">;
	/** Each host about this often. Five minutes cost one GET of the 200 that an agent's budget allows in that time. */
	readonly everyMs: number;
	/** A host's list was compared, whatever came of it. */
	onChecked(): void;
	onFound(finding: Finding): void;
}

/**
 * How a list differs from what is shown of its host. Ended runs that are not shown are no difference: history is cut by
 * age and number. A run that the agent's list left out is one only when the list is complete and the run is open.
 */
export function differencesOf(
	page: JobPage,
	runs: readonly HostRun[],
): Difference[] {
	const found: Difference[] = [];
	const shown = new Map(runs.map((run) => [run.agentJobId, run]));
	for (const row of page.jobs) {
		const run = shown.get(row.agentJobId);
		shown.delete(row.agentJobId);
		if (!isPhantom(row.packages) && differs(row, run))
			found.push({
				agentJobId: row.agentJobId,
				shown: run?.state ?? null,
				listed: row.state,
			});
	}
	if (page.rows >= LIST_LIMIT || page.broken > 0) return found;
	for (const { agentJobId, state } of shown.values())
		if (isOpen(state)) found.push({ agentJobId, shown: state, listed: null });
	return found;
}

function differs(row: JobSummary, run: HostRun | undefined): boolean {
	if (run === undefined) return isOpen(row.state);
	if (run.state === row.state) return false;
	// A word that we do not know takes nothing back, and a reboot that worked is known by the host's uptime.
	const isDecided =
		row.state === "unknown" ||
		(row.operation === "reboot" && run.state === "succeeded");
	return !isDecided;
}

/** Starts to compare, host after host, until the returned function is called. */
export function watchConsistency(ports: ConsistencyPorts): Cancel {
	const { clock, fleet, book, everyMs } = ports;
	const ending = new AbortController();
	const busy = new Set<HostId>();
	/** What was told of a host last, so that what lasts is told once. */
	const told = new Map<HostId, string>();
	let turn = fleet.members();

	/** One after the other, and from the first again after the last; null when there is none. */
	const nextMember = (): ComparedHost | null => {
		for (let rounds = 0; rounds < 2; rounds++) {
			const next = turn.next();
			if (next.done !== true) return next.value;
			turn = fleet.members();
		}
		return null;
	};
	/** Hosts that are due; a small fleet has a fraction of one a tick. */
	let due = 0;
	const tick = (): void => {
		due = Math.min(due + (fleet.size * TICK_MS) / everyMs, fleet.size);
		for (; due >= 1 && busy.size < AT_ONCE_MOST; due--) {
			const member = nextMember();
			if (member === null) return;
			const { id } = member.entry;
			if (busy.has(id) || !canCompare(member)) continue;
			busy.add(id);
			void compare(member).finally(() => busy.delete(id));
		}
	};
	/** Only where what is shown claims to be current. */
	const canCompare = (member: ComparedHost): boolean =>
		!book.isHolding &&
		member.hasListed() &&
		/^(live|polling)$/.test(member.link.status.channel);

	const look = async (member: ComparedHost): Promise<Difference[] | null> => {
		const answer = await member.reader.get(`/jobs?limit=${LIST_LIMIT}`, {
			maxBytes: LIST_BYTES,
			signal: ending.signal,
		});
		const page = answer.ok ? decodeJobPage(answer.value) : null;
		if (page?.kind !== "ok" || !isStill(member)) return null;
		return differencesOf(page.value, book.runsOfHost(member.entry.id));
	};
	const isStill = (member: ComparedHost): boolean =>
		!ending.signal.aborted &&
		fleet.member(member.entry.id) === member &&
		canCompare(member);

	const compare = async (member: ComparedHost): Promise<void> => {
		const first = await look(member);
		if (first !== null) ports.onChecked();
		if (first === null) return;
		if (first.length === 0) return void told.delete(member.entry.id);
		await until(clock, clock.monotonicMs() + SECOND_LOOK_MS, ending.signal);
		const second = await look(member);
		const both = second?.filter((one) =>
			first.some((other) => same(one, other)),
		);
		if (both === undefined || both.length === 0) return;
		const read = await member.reader.relist("reconcile", ending.signal);
		if (!read.ok || !isStill(member)) return;
		const hostId = member.entry.id;
		const after = new Map(
			book.runsOfHost(hostId).map((run) => [run.agentJobId, run.state]),
		);
		const lasting = both.filter(
			({ agentJobId, shown }) => (after.get(agentJobId) ?? null) === shown,
		).length;
		const finding = { hostId, differences: both, lasting };
		const words = JSON.stringify(finding);
		if (lasting > 0 && told.get(hostId) === words) return;
		told.set(hostId, words);
		ports.onFound(finding);
	};

	const stop = every(clock, TICK_MS, tick);
	return () => {
		stop();
		ending.abort();
	};
}

const same = (one: Difference, other: Difference): boolean =>
	one.agentJobId === other.agentJobId &&
	one.shown === other.shown &&
	one.listed === other.listed;

/** What was found, in a sentence for the activity of the host. */
export function sentenceOf({ differences, lasting }: Finding): string {
	const one = differences.length === 1;
	const what = `${differences.length} ${one ? "run was" : "runs were"} shown otherwise than the agent lists ${one ? "it" : "them"}`;
	return lasting === 0
		? `${what}, and mended`
		: `${what}; ${lasting} could not be mended`;
}
