// What a trace of Chromium says of a page's main thread: CPU time of script for each frame, and the longest tasks. CPU time
// and not wall time, because on a machine that does other things as well a task also waits for a processor. Pure.

/** One event of a trace (the Trace Event Format), as far as it is read. Times in microseconds. */
export interface TraceEvent {
	readonly name: string;
	readonly ph: string;
	readonly pid: number;
	readonly tid: number;
	readonly ts: number;
	readonly dur?: number;
	/** CPU time of the thread. */
	readonly tdur?: number;
}

/** What of a trace is asked for. */
export const TRACE_CATEGORIES = [
	"devtools.timeline",
	"disabled-by-default-devtools.timeline",
	"v8",
];

const TASK = "RunTask";
/** Ends the main thread's part of a frame. */
const FRAME = "Commit";
/** Whatever runs script, or is caused by it alone. */
const SCRIPT = new Set([
	"FunctionCall",
	"v8.callFunction",
	"v8.run",
	"EvaluateScript",
	"TimerFire",
	"FireAnimationFrame",
	"FireIdleCallback",
	"RunMicrotasks",
	"EventDispatch",
	"MinorGC",
	"MajorGC",
	"V8.GCScavenger",
	"V8.GCFinalizeMC",
]);

export interface MainThread {
	/** Milliseconds of script in each frame that had any. */
	readonly scriptMs: readonly number[];
	/** CPU time of each task, longest first, and how long the same task took by the clock. */
	readonly tasks: readonly {
		readonly cpuMs: number;
		readonly wallMs: number;
	}[];
	/** CPU time of all tasks. */
	readonly busyMs: number;
}

/** Reads the thread with the most script of all. Throws when the trace has no page in it. */
export function readTrace(events: readonly TraceEvent[]): MainThread {
	const threads = new Map<string, TraceEvent[]>();
	for (const event of events) {
		if (event.ph !== "X") continue;
		const key = `${event.pid} ${event.tid}`;
		const own = threads.get(key) ?? [];
		own.push(event);
		threads.set(key, own);
	}
	const busiest = [...threads.values()]
		.map((own) => ({ own, script: sum(own.filter(isScript).map(cpuOf)) }))
		.sort((a, b) => b.script - a.script)[0]?.own;
	if (busiest === undefined) throw new Error("the trace shows no page");
	return readThread(busiest.sort((a, b) => a.ts - b.ts));
}

const isScript = ({ name }: TraceEvent): boolean => SCRIPT.has(name);
const cpuOf = ({ tdur, dur }: TraceEvent): number => (tdur ?? dur ?? 0) / 1_000;
const sum = (values: readonly number[]): number =>
	values.reduce((total, value) => total + value, 0);

/** A frame is over when it was handed on; where nothing is to be drawn, after the time of one. */
const FRAME_MICROS = 16_700;

function readThread(events: readonly TraceEvent[]): MainThread {
	const scriptMs: number[] = [];
	let since = 0;
	let begunAt = Number.NEGATIVE_INFINITY;
	let scriptUntil = 0;
	const end = (): void => {
		if (since > 0) scriptMs.push(since);
		since = 0;
		begunAt = Number.NEGATIVE_INFINITY;
	};
	for (const event of events) {
		if (event.name === FRAME) end();
		// What runs within script is counted with it.
		if (!isScript(event) || event.ts < scriptUntil) continue;
		if (event.ts > begunAt + FRAME_MICROS) {
			end();
			begunAt = event.ts;
		}
		since += cpuOf(event);
		scriptUntil = event.ts + (event.dur ?? 0);
	}
	end();
	const tasks = events
		.filter(({ name }) => name === TASK)
		.map((event) => ({ cpuMs: cpuOf(event), wallMs: (event.dur ?? 0) / 1_000 }))
		.sort((a, b) => b.cpuMs - a.cpuMs);
	return { scriptMs, tasks, busyMs: sum(tasks.map(({ cpuMs }) => cpuMs)) };
}

/** The value that the given part of all does not exceed; NaN of none. @param part 0 to 1. */
export function percentile(values: readonly number[], part: number): number {
	const sorted = [...values].sort((a, b) => a - b);
	return sorted[Math.ceil(part * sorted.length) - 1] ?? Number.NaN;
}
