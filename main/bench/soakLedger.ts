// The account of a soak: what agents did with each job, when they said so, and what the window was told. Pure; knows no clock
// and no socket.
import type { RunState } from "../../shared/model.ts";
import type { JobChange } from "../demo/agent.ts";
import { percentile } from "./soakFigures.ts";

/** Something a window was told of a run. Times are epoch milliseconds with fractions. */
export interface Told {
	readonly host: string;
	readonly job: string;
	readonly state: RunState;
	readonly atMs: number;
}

/** Delays of one kind. */
export interface Delays {
	readonly many: number;
	readonly p50: number;
	readonly p95: number;
	readonly p99: number;
	readonly max: number;
}

/** Both sides compared. */
export interface Balance {
	/** Changes that agents made and pushed, or would have pushed had the link been up. */
	readonly changes: number;
	readonly told: number;
	readonly runsEnded: number;
	/** Runs that ended and whose end was never told, was told as another one, or was told more than once. */
	readonly lost: readonly string[];
	readonly wrong: readonly string[];
	readonly twice: readonly string[];
	/** Of hosts whose link nobody broke around that time, those of ends alone, and of the other hosts. */
	readonly calm: Delays;
	readonly calmEnds: Delays;
	readonly disturbed: Delays;
}

/** Delays of a change within this long before or after a link was broken are counted apart. */
const DISTURBED_BEFORE_MS = 2_000;
const DISTURBED_AFTER_MS = 15_000;

const WORDS: Readonly<Record<JobChange["state"], RunState>> = {
	pending: "queued",
	running: "running",
	completed: "succeeded",
	failed: "failed",
	cancelled: "cancelled",
	timed_out: "timed_out",
	lost: "lost",
	dead: "unknown",
};
const ENDS: ReadonlySet<RunState> = new Set<RunState>([
	"succeeded",
	"failed",
	"cancelled",
	"timed_out",
	"lost",
]);

interface Run {
	/** When its agent said so first. */
	readonly said: Map<RunState, number>;
	last: RunState;
	readonly told: RunState[];
}

export interface Ledger {
	/** An agent's job changed. */
	changed(
		host: string,
		job: string,
		state: JobChange["state"],
		atMs: number,
	): void;
	/** A link was broken on purpose. */
	broke(host: string, atMs: number): void;
	told(lines: readonly Told[]): void;
	/** When a job of the host last changed; 0: never. */
	lastChangeMs(host: string): number;
	lastBreakMs(host: string): number;
	/** Whether every end was told. */
	isEven(): boolean;
	balance(): Balance;
}

/** An empty account. */
export function openLedger(): Ledger {
	const runs = new Map<string, Run>();
	const breaks = new Map<string, number[]>();
	const lastChange = new Map<string, number>();
	const delays = {
		calm: [] as number[],
		calmEnds: [] as number[],
		disturbed: [] as number[],
	};
	/** Kept until the end: a break after it may still disturb it. */
	const measured: {
		readonly host: string;
		readonly state: RunState;
		readonly saidMs: number;
		readonly delayMs: number;
	}[] = [];
	let changes = 0;
	let lines = 0;

	const run = (host: string, job: string): Run => {
		const key = `${host}/${job}`;
		const known = runs.get(key);
		if (known !== undefined) return known;
		const made: Run = { said: new Map(), last: "queued", told: [] };
		runs.set(key, made);
		return made;
	};
	const isDisturbed = (host: string, saidMs: number): boolean =>
		(breaks.get(host) ?? []).some(
			(atMs) =>
				saidMs > atMs - DISTURBED_BEFORE_MS &&
				saidMs < atMs + DISTURBED_AFTER_MS,
		);
	const endsTold = ({ told }: Run): RunState[] =>
		told.filter((state) => ENDS.has(state));
	const ended = (): [string, Run][] =>
		[...runs].filter(([, { last }]) => ENDS.has(last));

	return {
		changed(host, job, state, atMs) {
			changes++;
			lastChange.set(host, atMs);
			const one = run(host, job);
			one.last = WORDS[state];
			if (!one.said.has(one.last)) one.said.set(one.last, atMs);
		},
		broke(host, atMs) {
			breaks.set(host, [...(breaks.get(host) ?? []), atMs]);
		},
		told(all) {
			lines += all.length;
			for (const { host, job, state, atMs } of all) {
				const one = run(host, job);
				one.told.push(state);
				const saidMs = one.said.get(state);
				if (saidMs !== undefined)
					measured.push({ host, state, saidMs, delayMs: atMs - saidMs });
			}
		},
		lastChangeMs: (host) => lastChange.get(host) ?? 0,
		lastBreakMs: (host) => breaks.get(host)?.at(-1) ?? 0,
		isEven: () => ended().every(([, one]) => endsTold(one).length > 0),
		balance() {
			for (const { host, state, saidMs, delayMs } of measured.splice(0)) {
				const isCalm = !isDisturbed(host, saidMs);
				delays[isCalm ? "calm" : "disturbed"].push(delayMs);
				if (isCalm && ENDS.has(state)) delays.calmEnds.push(delayMs);
			}
			const all = ended();
			const keysOf = (fits: (one: Run) => boolean): string[] =>
				all.filter(([, one]) => fits(one)).map(([key]) => key);
			return {
				changes,
				told: lines,
				runsEnded: all.length,
				lost: keysOf((one) => endsTold(one).length === 0),
				wrong: keysOf(
					(one) =>
						endsTold(one).length > 0 && endsTold(one).at(-1) !== one.last,
				),
				twice: keysOf((one) => endsTold(one).length > 1),
				calm: delaysOf(delays.calm),
				calmEnds: delaysOf(delays.calmEnds),
				disturbed: delaysOf(delays.disturbed),
			};
		},
	};
}

const delaysOf = (values: readonly number[]): Delays => ({
	many: values.length,
	p50: percentile(values, 0.5),
	p95: percentile(values, 0.95),
	p99: percentile(values, 0.99),
	max: percentile(values, 1),
});
