// The schemas of what agents send, every dialect in one, and the limits of what is taken in. The truth about shapes: the
// fast readers in `reading.ts` are proved equal to these schemas. A field that is missing or of a wrong
// type is null, never a guess; only what names a run and its state is required.
import { z } from "zod";
import { agentJobId } from "../../../shared/model.ts";
import type {
	AgentHealth,
	JobDetail,
	JobSummary,
	RunEvent,
} from "./message.ts";
import { epochMsOf } from "./times.ts";
import { operationOf, runStateOf, versionOf } from "./words.ts";

/** The most that is taken in of each thing; more is cut off or counted, never refused (texts as in `shared/model.ts`). */
export const LIMITS = {
	statusChars: 64,
	operationChars: 64,
	messageChars: 4_000,
	errorChars: 16_000,
	errorCodeChars: 64,
	timeChars: 64,
	labelChars: 300,
	parentChars: 128,
	epochChars: 64,
	packages: 2_000,
	packageChars: 256,
	/** Rows of one list that are read. */
	rows: 2_000,
	/** Of a run's log, its tail: what a person reads at 3 a.m. is the end of it. */
	logLines: 20_000,
	logChars: 1_048_576,
	outputChars: 262_144,
} as const;

/** What an agent job id may look like. It becomes a path segment of a URL and a part of a key, so it holds no slash, no escape and is no dot segment. */
export const AGENT_JOB_ID = /^(?!\.{1,2}$)[\w.:~@+-]{1,128}$/;

/** The text, or its first `max` characters; never ends within a surrogate pair. */
export function bounded(text: string, max: number): string {
	if (text.length <= max) return text;
	const last = text.charCodeAt(max - 1);
	const end = last >= 0xd800 && last <= 0xdbff ? max - 1 : max;
	// A copy: a plain slice would keep the whole text of up to 1 MiB in memory.
	return Buffer.from(text.slice(0, end), "utf16le").toString("utf16le");
}

/** A text that is there and not empty, cut to `max`; else null. */
const textOrNull = (max: number) =>
	z
		.string()
		.min(1)
		.transform((text) => bounded(text, max))
		.nullable()
		.catch(null);
const idOrNull = z.string().regex(AGENT_JOB_ID).nullable().catch(null);
const timeOrNull = z.string().transform(epochMsOf).nullable().catch(null);
const percentOrNull = z
	.number()
	.transform((value) => Math.min(100, Math.max(0, value)))
	.nullable()
	.catch(null);
const seqOrNull = z.int().nonnegative().nullable().catch(null);
const epochOrNull = z
	.string()
	.min(1)
	.max(LIMITS.epochChars)
	.nullable()
	.catch(null);
const statusSchema = z.string().min(1);
const parentFields = {
	parent_job_id: textOrNull(LIMITS.parentChars),
	parent_label: textOrNull(LIMITS.labelChars),
};

/**
 * One pushed change of one run. Aliases: `progress_percent`, `error_message` and `agent_job_id` are the manager's words;
 * where an `agent_job_id` is present, `job_id` is the parent's.
 */
export const runEventSchema = z
	.object({
		job_id: idOrNull,
		agent_job_id: idOrNull,
		status: statusSchema,
		progress: percentOrNull,
		progress_percent: percentOrNull,
		message: textOrNull(LIMITS.messageChars),
		error: textOrNull(LIMITS.errorChars),
		error_message: textOrNull(LIMITS.errorChars),
		error_code: textOrNull(LIMITS.errorCodeChars),
		timestamp: z.string().min(1).nullable().catch(null),
		seq: seqOrNull,
		epoch: epochOrNull,
		...parentFields,
	})
	.transform((fields, context): RunEvent => {
		const own = fields.job_id;
		const id = fields.agent_job_id ?? own;
		if (id === null) {
			context.addIssue({ code: "custom", message: "no agent job id" });
			return z.NEVER;
		}
		return {
			agentJobId: agentJobId(id),
			state: runStateOf(fields.status),
			rawStatus: bounded(fields.status, LIMITS.statusChars),
			progress: fields.progress ?? fields.progress_percent,
			message: fields.message ?? "",
			error: fields.error ?? fields.error_message,
			errorCode: fields.error_code,
			atText:
				fields.timestamp === null
					? null
					: bounded(fields.timestamp, LIMITS.timeChars),
			seq: fields.seq,
			epoch: fields.epoch,
			parentJobId:
				fields.parent_job_id ?? (fields.agent_job_id === null ? null : own),
			parentLabel: fields.parent_label,
		};
	});

const packagesSchema = z
	.array(z.unknown())
	.transform((list) => {
		const names: string[] = [];
		for (const name of list) {
			if (names.length === LIMITS.packages) break;
			if (typeof name === "string" && name !== "")
				names.push(bounded(name, LIMITS.packageChars));
		}
		return names;
	})
	.catch([]);

const summaryFields = {
	job_id: idOrNull,
	id: idOrNull,
	agent_job_id: idOrNull,
	operation: z.string().catch(""),
	status: statusSchema,
	packages: packagesSchema,
	created_at: timeOrNull,
	completed_at: timeOrNull,
	error_code: textOrNull(LIMITS.errorCodeChars),
	...parentFields,
};
const summaryObject = z.object(summaryFields);

function summaryOf(
	fields: z.output<typeof summaryObject>,
	context: z.RefinementCtx,
): JobSummary {
	const id = fields.agent_job_id ?? fields.job_id ?? fields.id;
	if (id === null)
		context.addIssue({ code: "custom", message: "no agent job id" });
	return {
		agentJobId: agentJobId(id ?? ""),
		state: runStateOf(fields.status),
		rawStatus: bounded(fields.status, LIMITS.statusChars),
		operation: bounded(operationOf(fields.operation), LIMITS.operationChars),
		packages: fields.packages,
		createdAt: fields.created_at,
		completedAt: fields.completed_at,
		errorCode: fields.error_code,
		parentJobId: fields.parent_job_id,
		parentLabel: fields.parent_label,
	};
}

/** One row of `GET /jobs`. */
export const jobSummarySchema = summaryObject.transform(summaryOf);

/** `GET /jobs/{id}`. `logs` are strings, or objects of which `message` counts; all long texts keep their tail. */
export const jobDetailSchema = z
	.object({
		...summaryFields,
		progress: percentOrNull,
		progress_percent: percentOrNull,
		message: textOrNull(LIMITS.messageChars),
		error: textOrNull(LIMITS.errorChars),
		error_message: textOrNull(LIMITS.errorChars),
		exit_code: z.int().nullable().catch(null),
		logs: z.array(z.unknown()).catch([]),
		command_stdout: z.string().catch(""),
		command_stderr: z.string().catch(""),
	})
	.transform((fields, context): JobDetail => {
		const logs = logTail(fields.logs);
		const stdout = textTail(fields.command_stdout, LIMITS.outputChars);
		const stderr = textTail(fields.command_stderr, LIMITS.outputChars);
		return {
			...summaryOf(fields, context),
			progress: fields.progress ?? fields.progress_percent,
			message: fields.message ?? "",
			error: fields.error ?? fields.error_message,
			exitCode: fields.exit_code,
			logs: logs.lines,
			stdout,
			stderr,
			leftOut:
				logs.leftOut +
				(fields.command_stdout.length - stdout.length) +
				(fields.command_stderr.length - stderr.length),
		};
	});

function textTail(text: string, max: number): string {
	return text.length <= max
		? text
		: Buffer.from(text.slice(-max), "utf16le").toString("utf16le");
}

function logTail(rows: readonly unknown[]): {
	lines: string[];
	leftOut: number;
} {
	const lines: string[] = [];
	let room: number = LIMITS.logChars;
	let leftOut = 0;
	for (let at = rows.length - 1; at >= 0; at--) {
		const line = logLine(rows[at]);
		const kept = lines.length < LIMITS.logLines && room > 0;
		const tail = kept ? textTail(line, room) : "";
		if (kept) lines.push(tail);
		room -= tail.length;
		leftOut += line.length - tail.length;
	}
	return { lines: lines.reverse(), leftOut };
}

function logLine(row: unknown): string {
	if (typeof row === "string") return row;
	if (typeof row !== "object" || row === null) return "";
	const { message } = row as { readonly message?: unknown };
	return typeof message === "string" ? message : "";
}

const word = z.string().min(1).nullable().catch(null);

/** `GET /health` of every version; only `status` has been there always. */
export const healthSchema = z.object({
	status: z.string().min(1),
	uptime_seconds: z.number().nonnegative().nullable().catch(null),
	version: textOrNull(64),
	cache_status: word,
	crl_status: word,
	gpg_key_status: word,
	repo_config_synced: z.boolean().nullable().catch(null),
	extensions: z.array(z.unknown()).catch([]),
});

/** Health in our words. A reason is told only for what the agent calls degraded. */
export function healthOf(fields: z.output<typeof healthSchema>): AgentHealth {
	const degraded = !HEALTHY_WORDS.has(fields.status.toLowerCase());
	return {
		degraded,
		reasons: degraded ? reasonsOf(fields) : [],
		uptimeSeconds: fields.uptime_seconds,
		version: fields.version === null ? null : versionOf(fields.version),
		extensions: fields.extensions
			.filter((name) => typeof name === "string")
			.filter((name) => name !== "" && name.length <= 64)
			.slice(0, 32),
	};
}

const HEALTHY_WORDS: ReadonlySet<string> = new Set(["healthy", "ok", "up"]);

/** Which words of which field make an agent call itself degraded (02-AGENT-PROTOCOL section 1.5, HealthData). */
function reasonsOf(fields: z.output<typeof healthSchema>): string[] {
	const { status, cache_status, crl_status, gpg_key_status } = fields;
	const reasons: string[] = [];
	const tell = (what: string, value: string | null, bad: RegExp): void => {
		if (value !== null && bad.test(value))
			reasons.push(`${what} ${bounded(value, 64)}`);
	};
	tell("agent says", status, /^(?!degraded$)/i);
	tell("revocation list", crl_status, /^(invalid|expired|missing|degraded)$/i);
	tell("repository key", gpg_key_status, /^(missing|expired|revoked)$/i);
	tell("package cache", cache_status, /^failed$/i);
	if (fields.repo_config_synced === false)
		reasons.push("repository configuration not synced");
	return reasons;
}

/** `GET /system/info`. */
export const systemSchema = z.object({
	hostname: textOrNull(253),
	os: textOrNull(120),
	os_version: textOrNull(70),
	pending_reboot: z.boolean().nullable().catch(null),
});

/** A page of `GET /events` (extension events.v1). */
export const eventPageSchema = z.object({
	events: z.array(z.unknown()).max(LIMITS.rows),
	next: z.int().nonnegative(),
	oldest: z.int().nonnegative().nullable().catch(null),
	epoch: z.string().min(1).max(LIMITS.epochChars),
});

/** The envelope of every body that an agent's handlers make, and the manager's error shape. */
export const envelopeSchema = z.object({
	success: z.boolean().optional().catch(undefined),
	timestamp: timeOrNull,
	data: z.unknown().optional(),
	error: z
		.object({
			code: textOrNull(64),
			message: textOrNull(LIMITS.messageChars),
			retryable: z.boolean().catch(false),
		})
		.or(
			z.string().transform((message) => ({
				code: null,
				message: bounded(message, LIMITS.messageChars),
				retryable: false,
			})),
		)
		.nullable()
		.catch(null),
});
