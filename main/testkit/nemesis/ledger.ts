// What really happened at the agents, run by run, and what of it the console was told for certain. Written by the simulation,
// read by the checker; the console never sees it.
import type { HostId, RunState } from "../../../shared/model.ts";
import type { JobChange } from "../../demo/agent.ts";
import type { AgentState } from "../../demo/dialect.ts";
import { ENDED } from "../../demo/dialect.ts";

const STATES: Readonly<Record<AgentState, RunState>> = {
	pending: "queued",
	running: "running",
	completed: "succeeded",
	failed: "failed",
	cancelled: "cancelled",
	timed_out: "timed_out",
};

/** An agent's word for a state in ours. */
export const stateOf = (state: AgentState): RunState => STATES[state];

/** One run as it really was. Times are the world's monotonic milliseconds. */
export interface TrueRun {
	readonly host: HostId;
	readonly id: string;
	readonly operation: string;
	/** Made by the agent for its own ends: never to be shown. */
	readonly isPhantom: boolean;
	/** In order; each state once. */
	readonly states: { readonly atMs: number; readonly state: RunState }[];
	/** It ended, and when. */
	end: { readonly atMs: number; readonly state: RunState } | null;
	/** Its agent forgot it while it was open. */
	forgottenAtMs: number | null;
	/** First time that a whole REST answer told the console of it, and of its end. */
	knownAtMs: number | null;
	endKnownAtMs: number | null;
}

export interface Ledger {
	note(host: HostId, change: JobChange): void;
	/** A whole REST answer with this run in this state has reached the console. */
	heard(host: HostId, id: string, state: AgentState): void;
	find(host: HostId, id: string): TrueRun | undefined;
	ofHost(host: HostId): readonly TrueRun[];
	all(): IterableIterator<TrueRun>;
	readonly size: number;
}

export function openLedger(nowMs: () => number): Ledger {
	const runs = new Map<string, TrueRun>();
	const byHost = new Map<HostId, TrueRun[]>();
	const keyOf = (host: HostId, id: string): string => `${host}/${id}`;
	const begin = (host: HostId, { jobId, job }: JobChange): TrueRun => {
		const run: TrueRun = {
			host,
			id: jobId,
			operation: job.spec.operation,
			isPhantom: job.spec.packages.some((name) => name.startsWith("__")),
			states: [],
			end: null,
			forgottenAtMs: null,
			knownAtMs: null,
			endKnownAtMs: null,
		};
		runs.set(keyOf(host, jobId), run);
		const others = byHost.get(host);
		if (others === undefined) byHost.set(host, [run]);
		else others.push(run);
		return run;
	};
	return {
		note(host, change) {
			const run = runs.get(keyOf(host, change.jobId)) ?? begin(host, change);
			const atMs = nowMs();
			if (change.state === "dead") return;
			if (change.state === "lost") {
				run.forgottenAtMs = atMs;
				return;
			}
			const state = stateOf(change.state);
			run.states.push({ atMs, state });
			if (ENDED.has(change.state)) run.end = { atMs, state };
		},
		heard(host, id, state) {
			const run = runs.get(keyOf(host, id));
			if (run === undefined) return;
			run.knownAtMs ??= nowMs();
			if (ENDED.has(state)) run.endKnownAtMs ??= nowMs();
		},
		find: (host, id) => runs.get(keyOf(host, id)),
		ofHost: (host) => byHost.get(host) ?? [],
		all: () => runs.values(),
		get size() {
			return runs.size;
		},
	};
}
