// The jobs and which runs they have. Derives each job from its rows whenever a state or its membership changes, and says
// the job event when a count or the status did. Knows no agents and no facts.
import type {
	Activity,
	Counts,
	HostRun,
	Job,
	JobId,
	RunKey,
	Source,
} from "../../../shared/model.ts";
import { isOpen } from "../../../shared/model.ts";
import { countCodes, jobStatus, sameCounts, stateCode } from "./counts.ts";
import type { Group } from "./group.ts";

type WithoutNumber<T> = T extends unknown ? Omit<T, "n"> : never;

/** A line of the activity list that has no number yet; whoever keeps the list counts. */
export type Happening = WithoutNumber<
	Extract<Activity, { readonly kind: "host" | "job" | "overdue" }>
>;

/** One run in its places. `run` is replaced, never edited. */
export interface Row {
	readonly key: RunKey;
	run: HostRun;
	readonly job: JobEntry;
	/** Place in the job's rows. */
	at: number;
	/** Began and ended by our clock; 0 while it is open. */
	span: Span;
}

/** When something began and ended, by our clock, epoch ms. */
export interface Span {
	readonly startAt: number;
	readonly endAt: number;
}

export interface JobEntry {
	readonly group: Group;
	readonly rows: Row[];
	/** The state of each row as a number, so that recounting 10,000 rows stays cheap. */
	codes: Uint8Array<ArrayBuffer>;
	/** First start and last end of the rows. */
	span: Span;
	/** Something was told of this job, so everything that follows is told too. */
	isTold: boolean;
	/** Where `retention.ts` keeps it. */
	ageing: "none" | "queued" | "stuck";
	job: Job;
}

export interface JobTablePorts {
	onActivity(event: Happening): void;
	onTouched(kind: "job", id: JobId, gone: boolean): void;
	/** The job was derived anew. */
	onDerived(entry: JobEntry): void;
	/** The job has no rows left. */
	onEmpty(entry: JobEntry): void;
}

/** How a change became known, for the event that tells it. */
export interface Telling {
	readonly source: Source;
	readonly receivedAt: number;
}

/** A job's `progressAt` follows its runs at this grain, so that mere progress does not make a job row of every event. */
const PROGRESS_GRAIN_MS = 5_000;

const NO_RUNS: Counts = countCodes(new Uint8Array(0), 0);

export interface JobTable {
	readonly jobs: ReadonlyMap<JobId, Job>;
	entry(group: Group): JobEntry;
	/** Adds a run; the job event is left to `recount`. */
	join(entry: JobEntry, row: Pick<Row, "key" | "run" | "span">): Row;
	/** The row's state changed, or it just joined. Says the job event unless the job is history that nobody was told of. */
	recount(row: Row, span: Span, telling: Telling): void;
	/** The row's times or progress changed, its state did not. */
	retime(row: Row, span: Span): void;
	/** The job of a history has all its runs. Says no event. */
	settle(entry: JobEntry, isTold: boolean): void;
	/** Takes a run out. `telling` null: it leaves a finished job for want of room, which is no event. */
	leave(row: Row, telling: Telling | null): void;
	/** Takes so many ended runs of a job out at once, which is no event. @returns them. */
	dropEnded(entry: JobEntry, most: number): readonly Row[];
	runsOf(id: JobId): readonly HostRun[];
}

export function openJobTable(ports: JobTablePorts): JobTable {
	const jobs = new Map<JobId, Job>();
	const entries = new Map<JobId, JobEntry>();

	const put = (entry: JobEntry, job: Job): void => {
		entry.job = job;
		jobs.set(job.id, job);
		ports.onTouched("job", job.id, false);
	};

	const derive = (entry: JobEntry, progressAt: number): boolean => {
		const counts = countCodes(entry.codes, entry.rows.length);
		const status = jobStatus(counts);
		const before = entry.job;
		const same = before.status === status && sameCounts(before.counts, counts);
		const isOver = status !== "queued" && status !== "running";
		put(entry, {
			...before,
			status,
			counts: same ? before.counts : counts,
			startedAt: entry.span.startAt,
			endedAt: isOver ? entry.span.endAt : null,
			progressAt: Math.max(before.progressAt, progressAt),
		});
		ports.onDerived(entry);
		return !same;
	};

	const tell = (entry: JobEntry, { source, receivedAt }: Telling): void => {
		const { job, group } = entry;
		ports.onActivity({
			kind: "job",
			receivedAt,
			jobId: job.id,
			status: job.status,
			origin: group.origin,
			label: group.label,
			counts: job.counts,
			source,
		});
	};

	const remove = (entry: JobEntry): void => {
		const { id } = entry.group;
		entries.delete(id);
		jobs.delete(id);
		ports.onEmpty(entry);
		ports.onTouched("job", id, true);
	};

	return {
		jobs,
		entry(group) {
			const known = entries.get(group.id);
			if (known !== undefined) return known;
			const opened: JobEntry = {
				group,
				rows: [],
				codes: new Uint8Array(8),
				span: NO_SPAN,
				isTold: false,
				ageing: "none",
				job: {
					id: group.id,
					label: group.label,
					origin: group.origin,
					operation: group.operation,
					packages: [...group.packages],
					status: "queued",
					counts: NO_RUNS,
					startedAt: 0,
					endedAt: null,
					progressAt: 0,
				},
			};
			entries.set(group.id, opened);
			return opened;
		},
		join(entry, given) {
			const row: Row = { ...given, job: entry, at: entry.rows.length };
			entry.rows.push(row);
			if (entry.rows.length > entry.codes.length) {
				const wider = new Uint8Array(entry.codes.length * 2);
				wider.set(entry.codes);
				entry.codes = wider;
			}
			entry.codes[row.at] = stateCode(row.run.state);
			entry.span = widened(entry.span, row.span);
			return row;
		},
		recount(row, span, telling) {
			const entry = row.job;
			entry.codes[row.at] = stateCode(row.run.state);
			respan(row, span);
			const changed = derive(entry, row.run.progressAt);
			if (changed && entry.isTold) tell(entry, telling);
		},
		retime(row, span) {
			const entry = row.job;
			const { progressAt } = row.run;
			if (respan(row, span)) derive(entry, progressAt);
			else if (progressAt - entry.job.progressAt >= PROGRESS_GRAIN_MS)
				put(entry, { ...entry.job, progressAt });
		},
		settle(entry, isTold) {
			entry.isTold = isTold;
			derive(
				entry,
				entry.rows.reduce((at, { run }) => Math.max(at, run.progressAt), 0),
			);
		},
		leave(row, telling) {
			const entry = row.job;
			const last = entry.rows.pop();
			if (last !== undefined && last !== row) {
				last.at = row.at;
				entry.rows[row.at] = last;
				entry.codes[row.at] = stateCode(last.run.state);
			}
			if (entry.rows.length > 0) {
				if (bounds(row, entry.span)) entry.span = spanOf(entry.rows);
				const changed = derive(entry, 0);
				if (changed && entry.isTold && telling !== null) tell(entry, telling);
				return;
			}
			remove(entry);
		},
		dropEnded(entry, most) {
			const gone: Row[] = [];
			let kept = 0;
			for (const row of entry.rows) {
				if (gone.length < most && !isOpen(row.run.state)) {
					gone.push(row);
					continue;
				}
				row.at = kept++;
				entry.rows[row.at] = row;
				entry.codes[row.at] = stateCode(row.run.state);
			}
			if (gone.length === 0) return gone;
			entry.rows.length = kept;
			entry.span = spanOf(entry.rows);
			if (kept === 0) remove(entry);
			else derive(entry, 0);
			return gone;
		},
		runsOf: (id) => entries.get(id)?.rows.map(({ run }) => run) ?? [],
	};
}

const NO_SPAN: Span = { startAt: Number.POSITIVE_INFINITY, endAt: 0 };

const widened = (a: Span, b: Span): Span =>
	b.startAt >= a.startAt && b.endAt <= a.endAt
		? a
		: {
				startAt: Math.min(a.startAt, b.startAt),
				endAt: Math.max(a.endAt, b.endAt),
			};

const spanOf = (rows: readonly Row[]): Span =>
	rows.reduce((span, row) => widened(span, row.span), NO_SPAN);

const bounds = ({ span }: Row, of: Span): boolean =>
	span.startAt === of.startAt || span.endAt === of.endAt;

/** Gives the row its times; true when they changed. The job's are read anew only when this row was what bounded them. */
function respan(row: Row, span: Span): boolean {
	const before = row.span;
	if (before.startAt === span.startAt && before.endAt === span.endAt)
		return false;
	row.span = span;
	const { job } = row;
	const shrinks =
		(before.startAt === job.span.startAt && span.startAt > before.startAt) ||
		(before.endAt === job.span.endAt && span.endAt < before.endAt);
	job.span = shrinks ? spanOf(job.rows) : widened(job.span, span);
	return true;
}
