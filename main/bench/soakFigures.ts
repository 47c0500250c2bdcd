// The arithmetic of a soak: a trend with its uncertainty, percentiles, and what a run of that length can say. Pure.

/** One look at the process that is measured. */
export interface Sample {
	/** Since the load began. */
	readonly atMs: number;
	readonly rssBytes: number;
	/** After a collection. */
	readonly heapBytes: number;
	/** Everything that keeps an event loop alive, timers included. */
	readonly handles: number;
	readonly timers: number;
	/** Open file descriptors; null where the system does not tell. */
	readonly files: number | null;
	/** Runs in the book: history that is kept on purpose. */
	readonly runs: number;
	/** Lateness of the event loop since the last sample. */
	readonly loopP99Ms: number;
	readonly loopMaxMs: number;
}

/** A straight line through points, by least squares. */
export interface Trend {
	/** Of y for each unit of x. */
	readonly slope: number;
	/** Half the width of the interval that holds the true slope with 95 %; infinite of fewer than three points. */
	readonly plusMinus: number;
}

/** Quantiles 0.975 of Student's t by degrees of freedom, and for 30 and more. */
const T_975 = [
	12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201,
	2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086, 2.08, 2.074,
	2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045,
] as const;
const T_MANY = 2.042;

const mean = (values: readonly number[]): number =>
	values.reduce((sum, value) => sum + value, 0) / values.length;

/** The trend of points `[x, y]`; slope 0 of points that all stand at the same x. */
export function trendOf(points: readonly (readonly [number, number])[]): Trend {
	const middleX = mean(points.map(([x]) => x));
	const middleY = mean(points.map(([, y]) => y));
	let square = 0;
	let product = 0;
	for (const [x, y] of points) {
		square += (x - middleX) ** 2;
		product += (x - middleX) * (y - middleY);
	}
	if (!(square > 0)) return { slope: 0, plusMinus: Number.POSITIVE_INFINITY };
	const slope = product / square;
	const freedom = points.length - 2;
	if (freedom < 1) return { slope, plusMinus: Number.POSITIVE_INFINITY };
	const rest = points.reduce(
		(sum, [x, y]) => sum + (y - middleY - slope * (x - middleX)) ** 2,
		0,
	);
	const error = Math.sqrt(rest / freedom / square);
	return { slope, plusMinus: (T_975[freedom - 1] ?? T_MANY) * error };
}

/** The smallest value that this share (0 to 1) of all values does not exceed; NaN of none. */
export function percentile(values: readonly number[], share: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	const index = Math.ceil(share * sorted.length) - 1;
	return sorted[Math.max(0, index)] ?? Number.NaN;
}

const MB = 1_048_576;
const HOUR_MS = 3_600_000;
/** What docs/performance.md promises of eight hours. */
const MOST_MB_AN_HOUR = 1;
const PROMISED_HOURS = 8;
/** Connections of requests come and go; a leak goes on. */
const MOST_HANDLES_MORE = 5;

/** Megabytes an hour. */
export const memoryTrend = (
	samples: readonly Sample[],
	of: "rssBytes" | "heapBytes",
): Trend =>
	trendOf(samples.map((sample) => [sample.atMs / HOUR_MS, sample[of] / MB]));

/** Handles an hour. */
export const handleTrend = (samples: readonly Sample[]): Trend =>
	trendOf(samples.map(({ atMs, handles }) => [atMs / HOUR_MS, handles]));

/** Heap bytes for each run that is kept: what the history costs, and a leak for each run would. */
export const bytesPerRun = (samples: readonly Sample[]): Trend =>
	trendOf(samples.map(({ runs, heapBytes }) => [runs, heapBytes]));

/** What may be said of memory after so long; short runs show trends that long ones do not. */
export function memoryVerdict(samples: readonly Sample[]): string {
	const { slope, plusMinus } = memoryTrend(samples, "heapBytes");
	const hours = (samples.at(-1)?.atMs ?? 0) / HOUR_MS;
	if (hours >= PROMISED_HOURS)
		return slope + plusMinus <= MOST_MB_AN_HOUR
			? `holds: the heap grows by at most ${MOST_MB_AN_HOUR} MB/h`
			: `falls short: the target is ${MOST_MB_AN_HOUR} MB/h`;
	const runs = (samples.at(-1)?.runs ?? 0) - (samples[0]?.runs ?? 0);
	return `no verdict: the target of ${MOST_MB_AN_HOUR} MB/h is for ${PROMISED_HOURS} h; until runs are a day old or 100,000, history grows by itself, here by ${runs} runs`;
}

/** Whether handles were left behind: at rest before the load, and at rest after it. */
export const handlesGrew = (before: number, after: number): boolean =>
	after > before + MOST_HANDLES_MORE;
