// Between rows of the tables and values of the model. What was read is checked by the model's own schema, so that a file
// somebody edited can neither break the window nor a rule.
import type { SQLInputValue, SQLOutputValue } from "node:sqlite";
import { z } from "zod";
import {
	CHANNELS,
	healthSchema,
	hostRunSchema,
	jobSchema,
} from "../../../shared/model.ts";
import type { KeptHost, KeptJob, KeptRun } from "./kept.ts";

type Row = Readonly<Record<string, SQLOutputValue>>;

const at = z.number().nonnegative();
const keptJobSchema = jobSchema
	.pick({
		id: true,
		label: true,
		origin: true,
		operation: true,
		packages: true,
	})
	.extend({
		parentId: z.string().max(1_000).nullable(),
		firstAt: at.nullable(),
		isTold: z.boolean(),
	});
const keptRunSchema = z.strictObject({
	run: hostRunSchema,
	startAt: at,
	endAt: at,
});
const keptHostSchema = z.strictObject({
	id: hostRunSchema.shape.hostId,
	servername: z.string().max(253),
	heardAt: at.nullable(),
	health: healthSchema,
	version: z.string().max(64).nullable(),
	uptimeSeconds: z.number().nonnegative().nullable(),
	pendingReboot: z.boolean().nullable(),
	os: z.string().max(200).nullable(),
	channel: z.enum(CHANNELS),
	fault: z.string().max(64).nullable(),
	sinceAt: at,
});

export const jobRow = (job: KeptJob, lastAt: number): SQLInputValue[] => [
	job.id,
	job.label,
	job.origin,
	job.operation,
	JSON.stringify(job.packages),
	job.parentId,
	job.firstAt,
	job.isTold ? 1 : 0,
	lastAt,
];

export const runRow = (
	{ run, startAt, endAt }: KeptRun,
	packages: string,
): SQLInputValue[] => [
	run.hostId,
	run.agentJobId,
	run.jobId,
	run.state,
	run.rawStatus,
	run.operation,
	packages,
	run.progress,
	run.message,
	run.error,
	run.errorCode,
	run.exitCode,
	run.createdAt,
	run.completedAt,
	run.seenAt,
	run.changedAt,
	run.progressAt,
	run.runningAt,
	run.overdueAt,
	run.source,
	run.remark,
	startAt,
	endAt,
];

export const hostRow = (host: KeptHost): SQLInputValue[] => [
	host.id,
	host.servername,
	host.heardAt,
	JSON.stringify(host.health),
	host.version,
	host.uptimeSeconds,
	host.pendingReboot === null ? null : Number(host.pendingReboot),
	host.os,
	host.channel,
	host.fault,
	host.sinceAt,
];

/** @returns null when the row is not one of ours. */
export const jobOf = (row: Row): KeptJob | null =>
	checked(keptJobSchema, {
		id: row.id,
		label: row.label,
		origin: row.origin,
		operation: row.operation,
		packages: json(row.packages),
		parentId: row.parent_id,
		firstAt: row.first_at,
		isTold: row.is_told === 1,
	});

/** @returns null when the row is not one of ours. `lists`: texts of packages that were read before, each parsed once. */
export function runOf(row: Row, lists: Map<unknown, unknown>): KeptRun | null {
	if (!lists.has(row.packages)) lists.set(row.packages, json(row.packages));
	return checked(keptRunSchema, {
		run: {
			hostId: row.host_id,
			agentJobId: row.agent_job_id,
			jobId: row.job_id,
			state: row.state,
			rawStatus: row.raw_status,
			operation: row.operation,
			packages: lists.get(row.packages),
			progress: row.progress,
			message: row.message,
			error: row.error,
			errorCode: row.error_code,
			exitCode: row.exit_code,
			createdAt: row.created_at,
			completedAt: row.completed_at,
			seenAt: row.seen_at,
			changedAt: row.changed_at,
			progressAt: row.progress_at,
			runningAt: row.running_at,
			overdueAt: row.overdue_at,
			source: row.source,
			remark: row.remark,
		},
		startAt: row.start_at,
		endAt: row.end_at,
	});
}

/** @returns null when the row is not one of ours. */
export const hostOf = (row: Row): KeptHost | null =>
	checked(keptHostSchema, {
		id: row.id,
		servername: row.servername,
		heardAt: row.heard_at,
		health: json(row.health),
		version: row.version,
		uptimeSeconds: row.uptime_seconds,
		pendingReboot:
			row.pending_reboot === null ? null : row.pending_reboot === 1,
		os: row.os,
		channel: row.channel,
		fault: row.fault,
		sinceAt: row.since_at,
	});

function checked<T>(schema: z.ZodType<T>, value: unknown): T | null {
	const parsed = schema.safeParse(value);
	return parsed.success ? parsed.data : null;
}

function json(text: SQLOutputValue | undefined): unknown {
	if (typeof text !== "string") return undefined;
	try {
		return JSON.parse(text);
	} catch {
		return undefined;
	}
}
