// What a soak found, as lines to read, and whether it passed. Pure.
import { shown } from "./figures.ts";
import type { Trend } from "./soakFigures.ts";
import {
	bytesPerRun,
	handlesGrew,
	handleTrend,
	memoryTrend,
	memoryVerdict,
	percentile,
} from "./soakFigures.ts";
import type { Delays } from "./soakLedger.ts";
import type { SoakOptions, SoakResult } from "./soakRun.ts";

/** Wrong runs that are named; the rest is counted. */
const NAMED = 5;

const trend = ({ slope, plusMinus }: Trend, unit: string): string =>
	Number.isFinite(plusMinus)
		? `${slope.toFixed(2)} ± ${plusMinus.toFixed(2)} ${unit} (95 %)`
		: `${slope.toFixed(2)} ${unit} (too few samples for an interval)`;

const delays = (what: string, { many, p50, p95, p99, max }: Delays): string =>
	many === 0
		? `${what}: none`
		: `${what}: p50 ${shown(p50)} ms, p95 ${shown(p95)} ms, p99 ${shown(p99)} ms, max ${shown(max)} ms (${many} events)`;

const named = (keys: readonly string[]): string =>
	keys.length === 0
		? "0"
		: `${keys.length} (${keys.slice(0, NAMED).join(", ")}${keys.length > NAMED ? ", …" : ""})`;

/** The report. Not ok: an end was lost, wrong or told twice, a line was dropped, or handles were left behind. */
export function soakReport(
	options: SoakOptions,
	result: SoakResult,
): { readonly lines: readonly string[]; readonly ok: boolean } {
	const { samples, balance, handlesBefore, handlesAfter, dropped } = result;
	const grew = handlesGrew(handlesBefore, handlesAfter);
	const differs =
		balance.lost.length +
			balance.wrong.length +
			balance.twice.length +
			dropped >
		0;
	const loop = samples.map(({ loopP99Ms }) => loopP99Ms);
	const longest = samples.map(({ loopMaxMs }) => loopMaxMs);
	const compared = Object.entries(result.comparisons)
		.map(([what, many]) => `${what} ${many}`)
		.join(", ");
	const lines = [
		`${options.minutes} min, ${options.hosts} hosts, ${options.eventsPerSecond} events/s wanted, ${options.flapPercent} % of the links cut a minute, seed ${options.seed}; ${samples.length} samples after the warm-up`,
		`resident memory: ${trend(memoryTrend(samples, "rssBytes"), "MB/h")}`,
		`heap after collection: ${trend(memoryTrend(samples, "heapBytes"), "MB/h")}, ${trend(bytesPerRun(samples), "bytes a kept run")}`,
		`memory: ${memoryVerdict(samples)}`,
		`handles: ${trend(handleTrend(samples), "an hour")}; connections at rest ${handlesBefore} before, ${handlesAfter} after: ${grew ? "THEY GREW" : "none left behind"}`,
		`event loop late: p99 ${shown(percentile(loop, 0.5))} ms (median of the samples), worst ${shown(percentile(longest, 1))} ms`,
		delays("agent to window, link untouched", balance.calm),
		delays("of these, ends of runs", balance.calmEnds),
		delays("agent to window, link cut or agent restarted", balance.disturbed),
		`agents' changes ${balance.changes}, host events told ${balance.told}, dropped ${dropped}; lists compared: ${compared || "none"}`,
		`runs ended ${balance.runsEnded}: lost ${named(balance.lost)}, told as another end ${named(balance.wrong)}, told twice ${named(balance.twice)}`,
		grew || differs ? "soak: failed" : "soak: passed",
	];
	return { lines, ok: !grew && !differs };
}
