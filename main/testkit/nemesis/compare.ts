// Compares what the console shows with what is true: of each run the states that may be shown at this moment, given how old
// a fact may be on each kind of link.
import type { Host, HostRun, RunState } from "../../../shared/model.ts";
import { isOpen } from "../../../shared/model.ts";
import type { TrueRun } from "./ledger.ts";
import type { Scene, SceneHost } from "./scene.ts";
import type { Watch } from "./watch.ts";

/** How old a shown state may be: pushed and read again; or polled, while a run is known to be open. */
const LIVE_LAG_MS = 6_000;
const POLL_LAG_MS = 20_000;
/** How long a polled host may keep a new run to itself. */
const POLL_IDLE_MS = 80_000;
/** A run that ended longer ago than this before it was first seen is history, which is shown and not told. */
const NEWS_MS = 15 * 60_000;

/** What could not be judged, and why. */
export interface Exclusions {
	/** The agent forgot how a run ended before any whole answer told it. */
	unknowable: number;
	/** First seen a quarter of an hour after its end, or later. */
	history: number;
	/** Both clocks were changed between its end and its first sight, so nobody can tell how old it is. */
	undated: number;
}

/** `current`: everything is as it is. `honest`: what is not current says so. */
export type Demand = "current" | "honest";

/** The differences at one host, as sentences. */
export function differencesAt(
	stage: Scene,
	host: SceneHost,
	demand: Demand,
): string[] {
	const row = stage.console.fleet.row(host.id);
	if (row === undefined) return [`${host.id} is not shown`];
	const isCurrent = saysCurrent(stage, row);
	if (demand === "honest" && !isCurrent) return [];
	if (!isCurrent)
		return [
			`${host.id} is ${row.link.channel} (${row.link.fault ?? "no fault"}, heard ${row.heardAt === null ? "never" : `${Math.round((stage.laptop.wallMs() - row.heardAt) / 1000)} s ago`})`,
		];
	const found: string[] = [];
	const isPolled = row.link.channel === "polling";
	const shown = new Map(
		stage.console.book.runsOfHost(host.id).map((run) => [run.agentJobId, run]),
	);
	for (const run of stage.ledger.ofHost(host.id)) {
		const one = shown.get(run.id as HostRun["agentJobId"]);
		shown.delete(run.id as HostRun["agentJobId"]);
		if (one === undefined && demand === "honest") continue;
		if (one?.state === "unknown" && demand === "honest") continue;
		const may = mayShow(stage, host, run, isPolled);
		if (host.isDeafened) may.add("nothing");
		const is = one?.state ?? "nothing";
		if (!may.has(is))
			found.push(
				`${host.id}/${run.id} (${row.link.channel}${row.link.fault === null ? "" : `, ${row.link.fault}`}): shown ${is}, may be ${[...may].join(" or ")}`,
			);
	}
	for (const id of shown.keys())
		found.push(`${host.id}/${id} is shown and there never was such a run`);
	return found;
}

/** The row claims to be current: connected, heard from lately, and its jobs can be read. */
function saysCurrent(stage: Scene, row: Host): boolean {
	if (row.link.channel !== "live" && row.link.channel !== "polling")
		return false;
	if (row.heardAt === null) return false;
	// A live row with a fault says that its jobs cannot be read.
	if (row.link.channel === "live" && row.link.fault !== null) return false;
	return stage.laptop.wallMs() - row.heardAt <= row.staleAfterMs;
}

/** The states that a run may be shown in now; `nothing`: no row. */
function mayShow(
	{ clock }: Scene,
	{ agent }: SceneHost,
	run: TrueRun,
	isPolled: boolean,
): Set<RunState | "nothing"> {
	if (run.isPhantom) return new Set(["nothing"]);
	const now = clock.monotonicMs();
	const may = new Set<RunState | "nothing">();
	const lagMs = isPolled ? POLL_LAG_MS : LIVE_LAG_MS;
	const since = now - lagMs;
	const isHeld = agent.job(run.id) !== undefined;
	if (isHeld || run.forgottenAtMs === null || run.forgottenAtMs > since)
		addStates(may, run, since);
	const bornMs = run.states[0]?.atMs ?? now;
	if (bornMs > now - (isPolled ? POLL_IDLE_MS : LIVE_LAG_MS))
		may.add("nothing");
	if (isHeld) return may;
	if (run.end === null || run.endKnownAtMs === null) {
		may.add("lost");
		// Never shown, or shown no more for want of news.
		may.add("nothing");
	}
	if (run.operation === "reboot") may.add("succeeded").add("failed");
	return may;
}

/** The state at `since` and all that came after it. */
function addStates(
	may: Set<RunState | "nothing">,
	{ states }: TrueRun,
	since: number,
): void {
	for (const [at, { state }] of states.entries()) {
		const next = states[at + 1];
		if (next === undefined || next.atMs > since) may.add(state);
	}
}

/** When all is quiet: whether every end was told, once, and nothing else is missing. */
export function unsettledRuns(
	stage: Scene,
	watch: Watch,
): { readonly wrong: string[]; readonly excluded: Exclusions } {
	const wrong: string[] = [];
	const excluded: Exclusions = { unknowable: 0, history: 0, undated: 0 };
	for (const run of stage.ledger.all()) {
		if (run.isPhantom) continue;
		const ends = watch
			.toldOf(run.host, run.id)
			.filter((state) => !isOpen(state));
		const host = stage.host(run.host);
		const { agent } = host;
		const isHeld = agent.job(run.id) !== undefined;
		if (!isHeld && (run.end === null || run.endKnownAtMs === null)) {
			if (run.end !== null) excluded.unknowable++;
			if (ends.length > 1 && !isMended(ends, run))
				wrong.push(`${run.host}/${run.id}: told ${ends.join(", ")}`);
			continue;
		}
		const real = ends.filter((state) => state !== "lost");
		if (real.length === 1 || isMended(ends, run)) continue;
		if (real.length === 0 && isHistory(run)) excluded.history++;
		else if (
			real.length === 0 &&
			[host, stage].every((clock) => wasChanged(clock.clockChangesMs, run))
		)
			excluded.undated++;
		else
			wrong.push(
				`${run.host}/${run.id}: ended ${run.end?.state ?? "never"}, told ${ends.join(", ") || "nothing"}`,
			);
	}
	return { wrong, excluded };
}

/** Lost and found again, or a reboot that first looked like a failure. */
const isMended = (ends: readonly RunState[], run: TrueRun): boolean =>
	ends.length === 2 &&
	(ends[0] === "lost" || run.operation === "reboot") &&
	ends[1] !== ends[0];

const isHistory = ({ end, knownAtMs }: TrueRun): boolean =>
	end !== null && knownAtMs !== null && knownAtMs - end.atMs > NEWS_MS - 5_000;

/** A clock was changed between the last list that could have told of the run and the first that did. */
const wasChanged = (
	changesMs: readonly number[],
	{ states, knownAtMs }: TrueRun,
): boolean => {
	const fromMs = (states[0]?.atMs ?? 0) - NEWS_MS;
	return changesMs.some((ms) => ms >= fromMs && ms <= (knownAtMs ?? 0));
};
