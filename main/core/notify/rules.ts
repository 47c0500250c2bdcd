// Who is told what, and when (03-BEHAVIOUR section 5): pure and total. State and events are data, so that what was told is
// remembered over a restart and a story can be played in a test. Time is wall time: it is about people.
import type { HostId, Job, JobId } from "../../../shared/model.ts";
import type { FleetLoss } from "./fleetLoss.ts";
import { fleetNote, NO_LOSS, noticeLink, noticeTime } from "./fleetLoss.ts";
import type { Note, NoteEffect, NoteKind } from "./note.ts";
import {
	countsInWords,
	durationInWords,
	failuresIn,
	subjectOf,
	titleOf,
} from "./note.ts";
import type { LocalTime, QuietHours } from "./quietHours.ts";
import { isQuiet } from "./quietHours.ts";

/** More jobs than this that end within ROLLUP_MS make one note. */
const ROLLUP_OVER = 5;
const ROLLUP_MS = 10_000;
/** The same key is shown at most once in this time; what changed meanwhile is shown after it. */
const AGAIN_MS = 30_000;
/** What was told is remembered for longer than any agent's history can bring it back. */
const REMEMBER_MS = 7 * 24 * 3_600_000;
const REMEMBER_MOST = 10_000;

export interface NotifySettings {
	/** The profile's name, in titles and keys. */
	readonly profile: string;
	readonly quietHours: readonly QuietHours[];
	/** Failures are told in quiet hours too. */
	readonly failuresBreakQuiet: boolean;
	/** A person wants to hear nothing until then; 0: they do not. */
	readonly mutedUntil: number;
}

export interface NotifyEnv {
	readonly now: number;
	readonly local: LocalTime;
	readonly settings: NotifySettings;
	/** The job on the screen before the person's eyes; null when the window has no focus. */
	readonly watching: JobId | null;
	/** Hosts of the fleet. */
	readonly hosts: number;
}

export type NotifyEvent =
	/** A job event was told: the job as it is now, how many jobs are open beside it, and its first failed host. */
	| {
			readonly kind: "jobChanged";
			readonly job: Job;
			readonly openJobs: number;
			readonly firstFailed: HostId | null;
	  }
	/** A host's link was lost, or is there again. */
	| {
			readonly kind: "linkChanged";
			readonly host: HostId;
			readonly up: boolean;
	  }
	/** Time passed; to be sent when `nextAt` says so. */
	| { readonly kind: "time" };

/** An end that waits in case others come. */
interface HeldEnd {
	readonly job: Job;
	readonly firstFailed: HostId | null;
}

export interface NotifyState {
	/** When each key was last shown. */
	readonly told: Readonly<Record<string, number>>;
	/** How many failures the summaries that were told had, by their key: a job that hosts join later may get more. */
	readonly failures: Readonly<Record<string, number>>;
	/** Notes that were shown and changed too soon to be shown again. */
	readonly late: Readonly<Record<string, Note>>;
	readonly held: readonly HeldEnd[];
	/** When the held ends are told; 0: none is held. */
	readonly heldUntil: number;
	readonly loss: FleetLoss;
}

export const NOTHING_TOLD: NotifyState = {
	told: {},
	failures: {},
	late: {},
	held: [],
	heldUntil: 0,
	loss: NO_LOSS,
};

export type NotifyStep = readonly [NotifyState, readonly NoteEffect[]];

/** When `time` is due; null when nothing waits. */
export function nextAt({
	told,
	late,
	heldUntil,
	loss,
}: NotifyState): number | null {
	const times = Object.keys(late).map((key) => (told[key] ?? 0) + AGAIN_MS);
	if (heldUntil > 0) times.push(heldUntil);
	if (loss.tellAt > 0) times.push(loss.tellAt);
	return times.length === 0 ? null : Math.min(...times);
}

/** The next state, and what is to be shown or withdrawn, in this order. */
export function notice(
	state: NotifyState,
	event: NotifyEvent,
	env: NotifyEnv,
): NotifyStep {
	if (event.kind === "linkChanged")
		return lossStep(state, noticeLink(state.loss, event, env), env);
	if (event.kind === "time") return timePassed(state, env);
	const { job } = event;
	return job.endedAt === null
		? failing(state, event, env)
		: ended(state, event, env);
}

const keyOf = (env: NotifyEnv, subject: string, kind: NoteKind): string =>
	`${env.settings.profile}/${subject}/${kind}`;

/** The first failure at once; later ones change the note. */
function failing(
	state: NotifyState,
	{ job, firstFailed }: { job: Job; firstFailed: HostId | null },
	env: NotifyEnv,
): NotifyStep {
	// Once the summary is told, a replay of how it came to it is none.
	const isOver = state.told[keyOf(env, job.id, "ended")] !== undefined;
	if (failuresIn(job.counts) === 0 || isOver) return [state, []];
	return show(state, failingNote(job, firstFailed, env), env, false);
}

function failingNote(job: Job, host: HostId | null, env: NotifyEnv): Note {
	const failures = failuresIn(job.counts);
	const where =
		host === null ? "" : failures > 1 ? ` · first ${host}` : `: ${host}`;
	return {
		key: keyOf(env, job.id, "failing"),
		kind: "failing",
		title: titleOf(job, env.settings.profile),
		body: withSubject(
			`${failures} of ${job.counts.host} failed${where}, still running`,
			job,
		),
		isFailure: true,
		target: { jobId: job.id, hostId: host },
		at: env.now,
	};
}

/** The summary: at once when no other job can end soon, else after it is known whether it is one of many. */
function ended(
	state: NotifyState,
	event: { job: Job; openJobs: number; firstFailed: HostId | null },
	env: NotifyEnv,
): NotifyStep {
	const { job, firstFailed, openJobs } = event;
	const key = keyOf(env, job.id, "ended");
	// A person who cancels knows; what was told before a restart was told.
	if (job.status === "cancelled" || !isWorse(state, key, job))
		return [state, []];
	const held = [
		...state.held.filter((one) => one.job.id !== job.id),
		{ job, firstFailed },
	];
	const heldUntil = state.heldUntil || env.now + ROLLUP_MS;
	const waiting = { ...state, held, heldUntil };
	return openJobs === 0 && held.length === 1
		? tellHeld(waiting, env)
		: [waiting, []];
}

/** Whether its summary was not told yet, or has more failures by now: a host joined the job after it had ended. */
const isWorse = (state: NotifyState, key: string, job: Job): boolean =>
	state.told[key] === undefined ||
	failuresIn(job.counts) > (state.failures[key] ?? Number.POSITIVE_INFINITY);

/** The state that knows the failures of this summary. */
const summedUp = (state: NotifyState, key: string, job: Job): NotifyState => ({
	...state,
	failures: {
		...Object.fromEntries(
			Object.entries(state.failures).filter(([of]) => of in state.told),
		),
		[key]: failuresIn(job.counts),
	},
});

/** Each held end by itself, or all in one. */
function tellHeld(state: NotifyState, env: NotifyEnv): NotifyStep {
	const { held } = state;
	const free = { ...state, held: [], heldUntil: 0 };
	if (held.length <= ROLLUP_OVER)
		return chain(free, held, (at, one) => tellEnd(at, one, env));
	const [quietly, withdrawn] = chain(free, held, (at, { job }) => {
		const key = keyOf(env, job.id, "ended");
		const summed = summedUp({ ...at, told: told(at, key, env) }, key, job);
		return forgetFailing(summed, job.id, env);
	});
	const [shown, effects] = show(quietly, rollup(held, env), env, false);
	return [shown, [...withdrawn, ...effects]];
}

function tellEnd(
	state: NotifyState,
	{ job, firstFailed }: HeldEnd,
	env: NotifyEnv,
): NotifyStep {
	const [free, withdrawn] = forgetFailing(state, job.id, env);
	const note = endNote(job, firstFailed, env);
	const [shown, effects] = show(free, note, env, isWatched(note, env));
	return [summedUp(shown, note.key, job), [...withdrawn, ...effects]];
}

function endNote(job: Job, host: HostId | null, env: NotifyEnv): Note {
	const isFailure = failuresIn(job.counts) > 0;
	const lastedMs = (job.endedAt ?? env.now) - job.startedAt;
	return {
		key: keyOf(env, job.id, "ended"),
		kind: "ended",
		title: titleOf(job, env.settings.profile),
		body: withSubject(
			`${countsInWords(job.counts)} · ${durationInWords(lastedMs)}`,
			job,
		),
		isFailure,
		target: { jobId: job.id, hostId: isFailure ? host : null },
		at: env.now,
	};
}

function rollup(held: readonly HeldEnd[], env: NotifyEnv): Note {
	const bad = held.filter(({ job }) => failuresIn(job.counts) > 0);
	const first = bad[0];
	const names = (bad.length > 0 ? bad : held)
		.slice(0, 3)
		.map(({ job }) => job.label);
	const good = held.length - bad.length;
	return {
		key: keyOf(env, String(env.now), "rollup"),
		kind: "rollup",
		title: `${held.length} jobs ended · ${env.settings.profile}`,
		body: `${[
			...(good > 0 ? [`${good} ok`] : []),
			...(bad.length > 0 ? [`${bad.length} with failures`] : []),
		].join(", ")}\n${names.join("; ")}`,
		isFailure: bad.length > 0,
		target: {
			jobId: first?.job.id ?? null,
			hostId: first?.firstFailed ?? null,
		},
		at: env.now,
	};
}

/** The summary says it all: the note of the first failure goes, and no update of it comes. */
function forgetFailing(
	state: NotifyState,
	job: JobId,
	env: NotifyEnv,
): NotifyStep {
	const key = keyOf(env, job, "failing");
	const { [key]: _late, ...late } = state.late;
	return state.told[key] === undefined
		? [{ ...state, late }, []]
		: [{ ...state, late }, [{ kind: "withdraw", key }]];
}

function timePassed(state: NotifyState, env: NotifyEnv): NotifyStep {
	let [next, effects] =
		state.heldUntil > 0 && env.now >= state.heldUntil
			? tellHeld(state, env)
			: ([state, []] as NotifyStep);
	for (const [key, note] of Object.entries(next.late)) {
		if (env.now < (next.told[key] ?? 0) + AGAIN_MS) continue;
		const { [key]: _late, ...late } = next.late;
		const [shown, more] = show(
			{ ...next, late },
			{ ...note, at: env.now },
			env,
			false,
		);
		next = shown;
		effects = [...effects, ...more];
	}
	const [done, more] = lossStep(next, noticeTime(next.loss, env), env);
	return [done, [...effects, ...more]];
}

/** Carries a change of the fleet's losses over: told once, withdrawn when it has healed. */
function lossStep(
	state: NotifyState,
	loss: FleetLoss,
	env: NotifyEnv,
): NotifyStep {
	const before = state.loss;
	const next = { ...state, loss };
	const key = keyOf(env, "fleet", "fleet");
	if (before.isTold === loss.isTold) return [next, []];
	if (loss.isTold) return show(next, fleetNote(key, loss, env), env, false);
	const { [key]: _told, ...rest } = next.told;
	return [{ ...next, told: rest }, [{ kind: "withdraw", key }]];
}

/** Shows a note unless its key was shown too recently; then it waits, and the newest of its kind is shown later. */
function show(
	state: NotifyState,
	note: Note,
	env: NotifyEnv,
	onlyInbox: boolean,
): NotifyStep {
	const shownAt = state.told[note.key];
	if (shownAt !== undefined && env.now - shownAt < AGAIN_MS)
		return [{ ...state, late: { ...state.late, [note.key]: note } }, []];
	const { settings } = env;
	const isMuted = env.now < settings.mutedUntil;
	const isLeftAlone =
		isQuiet(settings.quietHours, env.local) &&
		!(note.isFailure && settings.failuresBreakQuiet);
	return [
		{ ...state, told: told(state, note.key, env) },
		[
			{
				kind: "show",
				note,
				manner:
					onlyInbox || isMuted || isLeftAlone
						? "inbox"
						: shownAt === undefined
							? "aloud"
							: "update",
			},
		],
	];
}

/** A success is no news to who is looking at it. */
const isWatched = (
	{ isFailure, target }: Note,
	{ watching }: NotifyEnv,
): boolean => !isFailure && watching !== null && target.jobId === watching;

/** The keys with one more; old ones are forgotten, and beyond the most the oldest. */
function told(
	state: NotifyState,
	key: string,
	{ now }: NotifyEnv,
): Record<string, number> {
	const kept = Object.entries(state.told).filter(
		([, at]) => now - at < REMEMBER_MS,
	);
	kept.sort(([, a], [, b]) => b - a);
	return {
		...Object.fromEntries(kept.slice(0, REMEMBER_MOST - 1)),
		[key]: now,
	};
}

function withSubject(words: string, job: Job): string {
	const subject = subjectOf(job);
	return subject === "" ? words : `${words}\n${subject}`;
}

/** One step after the other, with all their effects. */
function chain<T>(
	state: NotifyState,
	items: readonly T[],
	step: (state: NotifyState, item: T) => NotifyStep,
): NotifyStep {
	let next = state;
	const effects: NoteEffect[] = [];
	for (const item of items) {
		const [after, more] = step(next, item);
		next = after;
		effects.push(...more);
	}
	return [next, effects];
}
