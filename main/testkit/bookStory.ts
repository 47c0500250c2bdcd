// A job book that agents tell their stories to, and everything that must hold of it at any moment.
import { expect } from "vitest";
import type { HostId, HostRun, JobId, RunState } from "../../shared/model.ts";
import {
	agentJobId,
	hostId,
	hostRunSchema,
	jobSchema,
	runKey,
} from "../../shared/model.ts";
import type {
	JobDetail,
	JobSummary,
	RunEvent,
} from "../core/agentApi/message.ts";
import type { JobBook, JobBookPorts } from "../core/jobs/book.ts";
import { openJobBook } from "../core/jobs/book.ts";
import { countRuns, jobStatus } from "../core/jobs/counts.ts";
import type { Happening } from "../core/jobs/jobTable.ts";

/** When stories begin, by our clock, epoch ms. */
export const T = 1_800_000_000_000;
export const DAY_MS = 86_400_000;
export const A = hostId("a");
export const B = hostId("b");
export const C = hostId("c");

/** A row of an agent's list. */
export const summary = (
	id: string,
	state: RunState,
	more: Partial<JobSummary> = {},
): JobSummary => ({
	agentJobId: agentJobId(id),
	state,
	rawStatus: state,
	operation: "patchapply",
	packages: ["openssl"],
	createdAt: T,
	completedAt: null,
	errorCode: null,
	parentJobId: null,
	parentLabel: null,
	...more,
});
/** One run in full. */
export const detailOf = (
	id: string,
	state: RunState,
	more: Partial<JobDetail> = {},
): JobDetail => ({
	...summary(id, state),
	progress: null,
	message: "",
	error: null,
	exitCode: null,
	logs: [],
	stdout: "",
	stderr: "",
	leftOut: 0,
	...more,
});
/** A pushed event. */
export const eventOf = (
	id: string,
	state: RunState,
	more: Partial<RunEvent> = {},
): RunEvent => ({
	agentJobId: agentJobId(id),
	state,
	rawStatus: state,
	progress: null,
	message: "",
	error: null,
	errorCode: null,
	atText: null,
	seq: null,
	epoch: null,
	parentJobId: null,
	parentLabel: null,
	...more,
});

/** A book, and what it told. */
export interface Told {
	readonly book: JobBook;
	readonly activity: Happening[];
	readonly touched: string[];
	/** What was told since the last look, in short: `a/1 running`, `job running 1/2`. */
	news(): string[];
	page(
		host: HostId,
		rows: readonly JobSummary[],
		more?: { at?: number; complete?: boolean; skewMs?: number | null },
	): string[];
	push(host: HostId, event: RunEvent, at?: number): "applied" | "held";
	detail(
		host: HostId,
		detail: JobDetail,
		more?: { at?: number; skewMs?: number },
	): void;
	run(host: HostId, id: string): HostRun;
}

/** An empty book. */
export function opened(limits: Pick<JobBookPorts, "runsMost"> = {}): Told {
	const activity: Happening[] = [];
	const touched: string[] = [];
	let seen = 0;
	const book = openJobBook({
		...limits,
		wallMs: () => T,
		onActivity: (event) => activity.push(event),
		onTouched: (kind, key, gone) =>
			touched.push(`${kind} ${key}${gone ? " gone" : ""}`),
	});
	return {
		book,
		activity,
		touched,
		news() {
			const fresh = activity.slice(seen);
			seen = activity.length;
			return fresh.map((event) =>
				event.kind === "job"
					? `job ${event.status} ${event.counts.succeeded}/${event.counts.host}`
					: `${event.hostId}/${event.agentJobId} ${event.kind === "host" ? event.status : event.kind}`,
			);
		},
		page: (host, rows, { at = T, complete = true, skewMs = 0 } = {}) =>
			book.applyPage(
				host,
				{ jobs: rows, broken: 0, rows: rows.length },
				{ source: "reconcile", receivedAt: at, skewMs, complete },
			).detail,
		push: (host, event, at = T) => book.applyEvent(host, event, "push", at),
		detail: (host, detail, { at = T, skewMs = 0 } = {}) =>
			book.applyDetail(host, detail, {
				source: "reconcile",
				receivedAt: at,
				skewMs,
			}),
		run(host, id) {
			const run = book.runs.get(runKey(host, agentJobId(id)));
			if (run === undefined) throw new Error(`no run ${host}/${id}`);
			return run;
		},
	};
}

/** Everything that must hold at any moment. */
export function expectSound({ book }: Told): void {
	const members = new Map<JobId, HostRun[]>();
	for (const [key, run] of book.runs) {
		expect(key).toBe(runKey(run.hostId, run.agentJobId));
		expect(hostRunSchema.safeParse(run).error).toBeUndefined();
		members.set(run.jobId, [...(members.get(run.jobId) ?? []), run]);
	}
	expect([...book.jobs.keys()].sort()).toEqual([...members.keys()].sort());
	for (const [id, job] of book.jobs) {
		expect(jobSchema.safeParse(job).error).toBeUndefined();
		expect(job.counts).toEqual(countRuns(members.get(id) ?? []));
		expect(job.status).toBe(jobStatus(job.counts));
		expect(new Set(book.runsOfJob(id))).toEqual(new Set(members.get(id)));
		expect(job.endedAt === null).toBe(
			job.status === "queued" || job.status === "running",
		);
	}
	for (const host of [A, B, C]) {
		const open = book
			.runsOfHost(host)
			.filter(({ state }) => ["queued", "running", "unknown"].includes(state));
		expect(book.openRuns(host)).toBeGreaterThanOrEqual(open.length);
	}
}
