// What a window may ask of the history, which works without any network: words, older jobs than are held, one job with its
// runs, and to forget it all. Part of the contract (contract.ts).
import { z } from "zod";
import { hostRunSchema, ids, jobSchema, RUN_STATES } from "./model.ts";

/** Most that is found for some words, in all pages. */
export const FOUND_MOST = 200;
/** Most of one page. */
export const FOUND_AT_ONCE = 50;
export const JOBS_AT_ONCE = 50;

/** Longest text of a finding; the whole one stands in its job. */
export const FOUND_TEXT = 400;

/** A run in which the words were found, with what is said of it cut short. */
export const foundSchema = z.strictObject({
	jobId: ids.job,
	label: z.string().max(300),
	hostId: ids.host,
	agentJobId: ids.agentJob,
	/** As it was kept: a run that was open then may have ended since. */
	state: z.enum(RUN_STATES),
	error: z.string().max(FOUND_TEXT).nullable(),
	errorCode: z.string().max(64).nullable(),
	message: z.string().max(FOUND_TEXT),
	/** When its state changed last. */
	changedAt: z.number().nonnegative(),
});
export type Found = z.infer<typeof foundSchema>;

/** Where a page of older jobs goes on. */
export const jobPageSchema = z.strictObject({
	at: z.number().nonnegative(),
	id: ids.job,
});
export type JobPage = z.infer<typeof jobPageSchema>;

const row = z.int().nonnegative();

export const historyCommands = {
	/** Runs whose job, host, error or message has words that begin with all of these, the newest first. `history.refused` where none is kept. */
	"history.search": {
		question: z.strictObject({
			words: z.string().max(200),
			/** To go on: `next` of the page before; null: from the newest. */
			before: row.nullable(),
		}),
		answer: z.strictObject({
			found: z.array(foundSchema).max(FOUND_AT_ONCE),
			next: row.nullable(),
		}),
	},
	/** Jobs that are kept, the one that changed last first. */
	"history.jobs": {
		question: z.strictObject({
			before: jobPageSchema.nullable(),
			limit: z.int().min(1).max(JOBS_AT_ONCE),
		}),
		answer: z.strictObject({
			jobs: z.array(jobSchema).max(JOBS_AT_ONCE),
			next: jobPageSchema.nullable(),
		}),
	},
	/** One job that is kept with a page of its runs; job null: it is not there. */
	"history.job": {
		question: z.strictObject({
			id: ids.job,
			/** To go on: `next` of the page before; 0: from the first run. */
			after: row,
		}),
		answer: z.strictObject({
			job: jobSchema.nullable(),
			runs: z.array(hostRunSchema).max(1_000),
			next: row.nullable(),
		}),
	},
	/** What a person must confirm before all is forgotten; the nonce is for once, for a minute. */
	"history.offerForget": {
		question: z.strictObject({}),
		answer: z.strictObject({ nonce: z.string(), sentence: z.string() }),
	},
	"history.forget": {
		question: z.strictObject({ nonce: z.string().max(64) }),
		answer: z.strictObject({}),
	},
} as const;
