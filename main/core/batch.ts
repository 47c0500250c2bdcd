// From touched ids to frames for one window: a snapshot, then one delta per tick, one in flight. While a window is slow,
// touched ids merge, so memory is bounded by the size of the fleet and not by the rate of events.
import type { Cancel, Clock } from "../../shared/clock.ts";
import type { Delta, FleetFrame, Snapshot } from "../../shared/delta.ts";
import { EVENTS_IN_FRAME } from "../../shared/delta.ts";
import type { Fault } from "../../shared/fault.ts";
import { fault } from "../../shared/fault.ts";
import type {
	Activity,
	Host,
	HostId,
	HostRun,
	Job,
	JobId,
	RunKey,
} from "../../shared/model.ts";

/** At most about ten frames a second: faster than a person reads, slow enough that frames carry many rows. */
const FLUSH_EVERY_MS = 100;
/** No acknowledgement for this long: the window counts as lost, nothing is kept for it, and its next contact starts with a snapshot. */
const ACK_MS = 10_000;
/** Activity lines a new window starts with. */
const SNAPSHOT_EVENTS = 500;

/** Where rows are read at the moment a frame is made; undefined: gone. */
export interface Rows {
	readonly epoch: string;
	readonly fleetName: () => string;
	host(id: HostId): Host | undefined;
	run(key: RunKey): HostRun | undefined;
	job(id: JobId): Job | undefined;
	allHosts(): Host[];
	allRuns(): HostRun[];
	allJobs(): Job[];
	/** The newest activity lines, oldest first. */
	recentActivity(most: number): Activity[];
}

export interface BatchPorts {
	readonly clock: Clock;
	readonly rows: Rows;
	/** Sends; resolves true when the window has taken it in. */
	post(frame: FleetFrame): Promise<boolean>;
	/** A frame could not be made or sent, e.g. because it is too large for a text. The batch is closed by then. */
	onFault(why: Fault): void;
}

/** The frames of one window. */
export interface Batch {
	touchHost(id: HostId): void;
	touchRun(key: RunKey): void;
	touchJob(id: JobId): void;
	activity(event: Activity): void;
	/** The next frame is a snapshot. */
	resync(): void;
	close(): void;
	readonly framesSent: number;
}

/** Starts with a snapshot at once. */
export function openBatch({ clock, rows, post, onFault }: BatchPorts): Batch {
	let hosts = new Set<HostId>();
	let runs = new Set<RunKey>();
	let jobs = new Set<JobId>();
	let events: Activity[] = [];
	let eventsDropped = 0;
	let needsSnapshot = true;
	let seq = 0;
	let inFlight = false;
	let lastFlushMs = Number.NEGATIVE_INFINITY;
	let cancelFlush: Cancel | null = null;
	let cancelAck: Cancel | null = null;
	let closed = false;
	let framesSent = 0;

	const forgetTouched = (): void => {
		hosts = new Set();
		runs = new Set();
		jobs = new Set();
		events = [];
		eventsDropped = 0;
	};

	const schedule = (): void => {
		if (closed || inFlight || cancelFlush !== null) return;
		const due = Math.max(clock.monotonicMs(), lastFlushMs + FLUSH_EVERY_MS);
		cancelFlush = clock.at(due, () => {
			cancelFlush = null;
			flush().catch((error: unknown) => {
				close();
				onFault(bugOf(error));
			});
		});
	};

	const flush = async (): Promise<void> => {
		if (closed || inFlight) return;
		const frame = needsSnapshot ? snapshot() : delta();
		if (frame === null) return;
		needsSnapshot = false;
		forgetTouched();
		inFlight = true;
		framesSent++;
		lastFlushMs = clock.monotonicMs();
		cancelAck = clock.at(lastFlushMs + ACK_MS, () => {
			needsSnapshot = true;
			forgetTouched();
		});
		const taken = await post(frame);
		cancelAck();
		inFlight = false;
		if (!taken) close();
		else if (needsSnapshot || hasTouched()) schedule();
	};

	const hasTouched = (): boolean =>
		hosts.size + runs.size + jobs.size + events.length + eventsDropped > 0;

	const snapshot = (): Snapshot => ({
		kind: "snapshot",
		epoch: rows.epoch,
		seq: ++seq,
		at: clock.wallMs(),
		fleet: rows.fleetName(),
		hosts: rows.allHosts(),
		runs: rows.allRuns(),
		jobs: rows.allJobs(),
		events: rows.recentActivity(SNAPSHOT_EVENTS),
	});

	const delta = (): Delta | null => {
		if (!hasTouched()) return null;
		const [hostRows, hostsGone] = split(hosts, (id) => rows.host(id));
		const [runRows, runsGone] = split(runs, (key) => rows.run(key));
		const [jobRows, jobsGone] = split(jobs, (id) => rows.job(id));
		return {
			kind: "delta",
			epoch: rows.epoch,
			from: seq,
			seq: ++seq,
			at: clock.wallMs(),
			hosts: hostRows,
			hostsGone,
			runs: runRows,
			runsGone,
			jobs: jobRows,
			jobsGone,
			events,
			eventsDropped,
		};
	};

	const close = (): void => {
		closed = true;
		cancelFlush?.();
		cancelAck?.();
		forgetTouched();
	};

	/** Once the window needs a snapshot, single touches are of no use to it. */
	const touched = (note: () => void): void => {
		if (closed) return;
		if (!needsSnapshot) note();
		schedule();
	};

	schedule();
	return {
		touchHost: (id) => touched(() => hosts.add(id)),
		touchRun: (key) => touched(() => runs.add(key)),
		touchJob: (id) => touched(() => jobs.add(id)),
		activity: (event) =>
			touched(() => {
				events.push(event);
				if (events.length > EVENTS_IN_FRAME) {
					// Half is dropped at once, so that a flood does not shift the array for each event.
					const extra = Math.ceil(EVENTS_IN_FRAME / 2);
					events = events.slice(extra);
					eventsDropped += extra;
				}
			}),
		resync() {
			needsSnapshot = true;
			forgetTouched();
			schedule();
		},
		close,
		get framesSent() {
			return framesSent;
		},
	};
}

/** What may be told of a thrown error: its kind. Its message may hold anything. */
function bugOf(error: unknown): Fault {
	const kind = error instanceof Error ? error.name : "thrown";
	return fault("internal.bug", { evidence: { causes: [`a frame: ${kind}`] } });
}

function split<K, V>(
	keys: ReadonlySet<K>,
	row: (key: K) => V | undefined,
): [V[], K[]] {
	const present: V[] = [];
	const gone: K[] = [];
	for (const key of keys) {
		const found = row(key);
		if (found === undefined) gone.push(key);
		else present.push(found);
	}
	return [present, gone];
}
