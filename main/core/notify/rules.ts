// Who is told what, and when (03-BEHAVIOUR section 5): pure and total. State and events are data, so that what was told is
// remembered over a restart and a story can be played in a test. Time is wall time: it is about people.
import type { HostId, Job, JobId } from "../../../shared/model.ts";
import type { LocalTime, QuietHours } from "../../../shared/quietHours.ts";
import { isQuiet } from "../../../shared/quietHours.ts";
import type { Expiring } from "../identity/expiry.ts";
import type { ExpiryTold } from "./expiryNotes.ts";
import { expiryNote, expiryStep, NO_EXPIRY } from "./expiryNotes.ts";
import type { FleetLoss } from "./fleetLoss.ts";
import {
	fleetNote,
	isDue,
	NO_LOSS,
	noticeLink,
	noticeTime,
	waitsUntil,
} from "./fleetLoss.ts";
import { endNote, failingNote, rollup } from "./jobNotes.ts";
import type { HeldEnd, Note, NoteEffect } from "./note.ts";
import { failuresIn, keyOf } from "./note.ts";

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
	/** The identity in use was looked at; null: there is none, or none can be read now. */
	| { readonly kind: "identity"; readonly identity: Expiring | null }
	/** Time passed; to be sent when `nextAt` says so. */
	| { readonly kind: "time" };

export interface NotifyState {
	/** When each key was last shown. */
	readonly told: Readonly<Record<string, number>>;
	/** How many failures the notes of jobs that were told had, by their key: a job that hosts join later may get more. */
	readonly failures: Readonly<Record<string, number>>;
	/** Notes that were shown and changed too soon to be shown again. */
	readonly late: Readonly<Record<string, Note>>;
	/** Told keys under which no failure was heard: it was no failure, or it went to the inbox alone. The next failure is new. */
	readonly unheard: Readonly<Record<string, true>>;
	readonly held: readonly HeldEnd[];
	/** When the held ends are told; 0: none is held. */
	readonly heldUntil: number;
	readonly loss: FleetLoss;
	readonly expiry: ExpiryTold;
}

export const NOTHING_TOLD: NotifyState = {
	told: {},
	failures: {},
	late: {},
	unheard: {},
	held: [],
	heldUntil: 0,
	loss: NO_LOSS,
	expiry: NO_EXPIRY,
};

export type NotifyStep = readonly [NotifyState, readonly NoteEffect[]];

/** When `time` is due, in wall time as `now` is; null when nothing waits. What a clock set back left far ahead is due now. */
export function nextAt(
	{ told, late, heldUntil, loss }: NotifyState,
	now: number,
): number | null {
	const times = Object.keys(late).map((key) =>
		isDue((told[key] ?? 0) + AGAIN_MS, now, AGAIN_MS)
			? now
			: (told[key] ?? 0) + AGAIN_MS,
	);
	if (heldUntil > 0)
		times.push(isDue(heldUntil, now, ROLLUP_MS) ? now : heldUntil);
	const lossAt = waitsUntil(loss, now);
	if (lossAt !== null) times.push(lossAt);
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
	if (event.kind === "identity") return identityLooked(state, event, env);
	if (event.kind === "time") return timePassed(state, env);
	const { job } = event;
	return job.endedAt === null
		? failing(state, event, env)
		: ended(state, event, env);
}

/** The first failure at once; later ones change the note. */
function failing(
	state: NotifyState,
	{ job, firstFailed }: { job: Job; firstFailed: HostId | null },
	env: NotifyEnv,
): NotifyStep {
	// Once the summary is told, a replay of how it came to it is none.
	const isOver = state.told[keyOf(env, job.id, "ended")] !== undefined;
	const failures = failuresIn(job.counts);
	if (failures === 0 || isOver) return [state, []];
	const note = failingNote(job, firstFailed, env);
	// Hosts that go on, or that are heard again after a restart, make a note that was read no news.
	const isSaid = state.told[note.key] !== undefined;
	if (isSaid && state.failures[note.key] === failures) return [state, []];
	const [shown, effects] = show(state, note, env, false);
	return [summedUp(shown, note.key, job), effects];
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
		// Nothing lies on the screen under its own key, so what happens to it later is new there.
		const unheard = { ...at.unheard, [key]: true as const };
		const summed = summedUp(
			{ ...at, told: told(at, key, env), unheard },
			key,
			job,
		);
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
		state.heldUntil > 0 && isDue(state.heldUntil, env.now, ROLLUP_MS)
			? tellHeld(state, env)
			: ([state, []] as NotifyStep);
	for (const [key, note] of Object.entries(next.late)) {
		if (!isDue((next.told[key] ?? 0) + AGAIN_MS, env.now, AGAIN_MS)) continue;
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
	const { [key]: _told, ...rest } = next.told;
	const free = { ...next, told: rest };
	// A loss of a former run that never healed before its eyes must not make this one an update of it.
	return loss.isTold
		? show(free, fleetNote(key, loss, env), env, false)
		: [free, [{ kind: "withdraw", key }]];
}

/** The mark of expiry that was reached, once; the note of the mark before, or of a certificate that was renewed, goes. */
function identityLooked(
	state: NotifyState,
	{ identity }: { readonly identity: Expiring | null },
	env: NotifyEnv,
): NotifyStep {
	const { next, news, withdraw } = expiryStep(
		state.expiry,
		identity,
		keyOf(env, "identity", "expiry"),
		env.now,
	);
	if (next === state.expiry) return [state, []];
	const gone: NoteEffect[] =
		withdraw === null ? [] : [{ kind: "withdraw", key: withdraw }];
	const known = { ...state, expiry: next };
	if (news === null || next.shown === null) return [known, gone];
	const note = expiryNote(next.shown.key, news, env);
	const [shown, effects] = show(known, note, env, false);
	return [shown, [...gone, ...effects]];
}

/** Shows a note unless its key was shown too recently; then it waits, and the newest of its kind is shown later. */
function show(
	state: NotifyState,
	note: Note,
	env: NotifyEnv,
	onlyInbox: boolean,
): NotifyStep {
	const shownAt = state.told[note.key];
	if (shownAt !== undefined && !isDue(shownAt + AGAIN_MS, env.now, AGAIN_MS))
		return [{ ...state, late: { ...state.late, [note.key]: note } }, []];
	const { settings } = env;
	const isMuted = env.now < settings.mutedUntil;
	const isLeftAlone =
		isQuiet(settings.quietHours, env.local) &&
		!(note.isFailure && settings.failuresBreakQuiet);
	const isSilent = onlyInbox || isMuted || isLeftAlone;
	// An update is lost where nothing is on the screen; a failure that nobody heard of under this key must not be.
	const isNew =
		shownAt === undefined || (note.isFailure && note.key in state.unheard);
	const shown = { ...state, told: told(state, note.key, env) };
	return [
		{
			...shown,
			unheard: unheardAfter(shown, note.key, isSilent || !note.isFailure),
		},
		[
			{
				kind: "show",
				note,
				manner: isSilent ? "inbox" : isNew ? "aloud" : "update",
			},
		],
	];
}

/** With or without this key; those whose keys are forgotten go with them. */
function unheardAfter(
	state: NotifyState,
	key: string,
	isUnheard: boolean,
): NotifyState["unheard"] {
	const kept = Object.keys(state.unheard).filter(
		(one) => one !== key && one in state.told,
	);
	return Object.fromEntries(
		(isUnheard ? [...kept, key] : kept).map((one) => [one, true as const]),
	);
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
