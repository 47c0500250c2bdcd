// The life of an update as a pure function: (life, event, surroundings) -> life and effects. Nothing installs without a
// person's wish, and a wish waits until no job is open and no failure is unread. The runner performs the effects.
import type { Fault } from "../../../shared/fault.ts";
import type { Busyness, Release, Verdict } from "./gate.ts";
import { orderOf, whyNotNow } from "./gate.ts";

/** What a person is shown. */
export type UpdateState =
	/** Nothing newer is known. */
	| { readonly kind: "idle" }
	| { readonly kind: "checking" }
	/** Passed the gate; is fetched once the person's "not now" is over. */
	| { readonly kind: "available"; readonly release: Release }
	/** `fraction`: 0 to 1. `wanted`: the person said "install", and it goes on with that when it is fetched. */
	| {
			readonly kind: "downloading";
			readonly release: Release;
			readonly fraction: number;
			readonly wanted: boolean;
	  }
	/** Fetched and whole. `wanted`: as above; it waits for work to end. */
	| {
			readonly kind: "ready";
			readonly release: Release;
			readonly wanted: boolean;
	  }
	| { readonly kind: "installing"; readonly release: Release }
	/** The gate said no; asked again at the next check. */
	| { readonly kind: "refused"; readonly fault: Fault }
	/** Network or disk; asked again at the next check. `release`: which one it was about; null when none was found. */
	| {
			readonly kind: "failed";
			readonly fault: Fault;
			readonly release: Release | null;
	  };

export interface UpdateLife {
	readonly state: UpdateState;
	/** A check is under way; beside `ready` it is not shown. */
	readonly isChecking: boolean;
	/** Wall time, epoch ms; before it nothing is fetched and the notice is not shown. Kept over restarts. */
	readonly postponedUntil: number;
}

export type UpdateEvent =
	| { readonly kind: "check-due" }
	| { readonly kind: "checked"; readonly verdict: Verdict }
	| { readonly kind: "progress"; readonly fraction: number }
	| { readonly kind: "downloaded" }
	| { readonly kind: "download-failed"; readonly fault: Fault }
	| { readonly kind: "install-failed"; readonly fault: Fault }
	/** The installer was ready to end the app, and work had begun meanwhile. */
	| { readonly kind: "install-held" }
	/** The person: Install now. */
	| { readonly kind: "install" }
	/** The person: Not now. */
	| { readonly kind: "postpone" }
	/** Another channel is followed: what the former one offered is no longer offered. */
	| { readonly kind: "channel-changed" }
	/** Jobs, the inbox or the time may have changed. */
	| { readonly kind: "look" };

export type UpdateEffect =
	| { readonly kind: "check" }
	| { readonly kind: "download"; readonly release: Release }
	| { readonly kind: "cancel-download" }
	| { readonly kind: "install"; readonly release: Release }
	| { readonly kind: "keep-postponed"; readonly until: number };

/** What is true at the moment of an event. */
export interface UpdateSurroundings {
	readonly wallMs: number;
	readonly busy: Busyness;
}

/** "Not now" is for a day: a shift is over by then. */
export const POSTPONE_MS = 24 * 3_600_000;

type Step = readonly [life: UpdateLife, effects: readonly UpdateEffect[]];

/** @param postponedUntil what was kept of the last run; wall time, epoch ms. */
export const firstLife = (postponedUntil: number): UpdateLife => ({
	state: { kind: "idle" },
	isChecking: false,
	postponedUntil,
});

/** A wall clock that was set back must not postpone for more than the day that was asked for. */
export const isPostponed = (
	{ postponedUntil }: UpdateLife,
	wallMs: number,
): boolean => wallMs < postponedUntil && postponedUntil - wallMs <= POSTPONE_MS;

/** The next life and what is to be done. An event that does not concern the state changes nothing. */
export function updateTransition(
	life: UpdateLife,
	event: UpdateEvent,
	around: UpdateSurroundings,
): Step {
	const { state } = life;
	switch (event.kind) {
		case "check-due":
			return checkDue(life);
		case "checked":
			return checked({ ...life, isChecking: false }, event.verdict, around);
		case "progress":
			return state.kind === "downloading"
				? [{ ...life, state: { ...state, fraction: event.fraction } }, []]
				: [life, []];
		case "downloaded": {
			if (state.kind !== "downloading") return [life, []];
			const { release, wanted } = state;
			return look(
				{ ...life, state: { kind: "ready", release, wanted } },
				around,
			);
		}
		case "download-failed":
			return state.kind === "downloading"
				? fail(life, state.release, event.fault)
				: [life, []];
		case "install-failed":
			return state.kind === "installing"
				? fail(life, state.release, event.fault)
				: [life, []];
		case "install-held":
			return state.kind === "installing"
				? [
						{
							...life,
							state: { kind: "ready", release: state.release, wanted: true },
						},
						[],
					]
				: [life, []];
		case "channel-changed":
			return channelChanged(life);
		case "install":
			return wanted(life, around);
		case "postpone":
			return postpone(life, around.wallMs);
		case "look":
			return look(life, around);
	}
}

/** A broken file never stays on the shelf: the next check finds the release again and fetches it anew. */
const fail = (life: UpdateLife, release: Release, fault: Fault): Step => [
	{ ...life, state: { kind: "failed", fault, release } },
	[],
];

/** A check that is under way asked for the former channel; the next answer is of the new one. */
function channelChanged(life: UpdateLife): Step {
	const { kind } = life.state;
	if (kind === "installing") return [life, []];
	return [
		{ ...life, isChecking: true, state: { kind: "checking" } },
		kind === "downloading"
			? [{ kind: "cancel-download" }, { kind: "check" }]
			: [{ kind: "check" }],
	];
}

function checkDue(life: UpdateLife): Step {
	const { kind } = life.state;
	// What is being fetched or installed is finished first; the next check comes.
	if (life.isChecking || kind === "downloading" || kind === "installing")
		return [life, []];
	const isShown = kind === "ready" || kind === "available";
	return [
		{
			...life,
			isChecking: true,
			state: isShown ? life.state : { kind: "checking" },
		},
		[{ kind: "check" }],
	];
}

function checked(
	life: UpdateLife,
	verdict: Verdict,
	around: UpdateSurroundings,
): Step {
	const { state } = life;
	if (state.kind === "ready") return checkedBesideReady(life, verdict, around);
	if (state.kind !== "checking" && state.kind !== "available")
		return [life, []];
	if (!verdict.ok) {
		const { fault } = verdict;
		return fault.code === "update.refused"
			? [{ ...life, state: { kind: "refused", fault } }, []]
			: [{ ...life, state: { kind: "failed", fault, release: null } }, []];
	}
	if (verdict.value === null) return [{ ...life, state: { kind: "idle" } }, []];
	const isStale =
		state.kind === "available" && !isNewer(verdict.value, state.release);
	return found(life, isStale ? state.release : verdict.value, around);
}

/** What was fetched and checked stays: a feed that breaks afterwards cannot take it away, only a newer release replaces it. */
function checkedBesideReady(
	life: UpdateLife,
	verdict: Verdict,
	around: UpdateSurroundings,
): Step {
	const { state } = life;
	return state.kind === "ready" &&
		verdict.ok &&
		verdict.value !== null &&
		isNewer(verdict.value, state.release)
		? // The wish was for the newest there is, and it is this one now.
			found(life, verdict.value, around, state.wanted)
		: [life, []];
}

/** An older manifest stays validly signed: whoever can replay one must not take a newer release's place with it. */
const isNewer = (release: Release, shown: Release): boolean =>
	(orderOf(release.version, shown.version) ?? 0) > 0;

function found(
	life: UpdateLife,
	release: Release,
	{ wallMs }: UpdateSurroundings,
	wanted = false,
): Step {
	return isPostponed(life, wallMs)
		? [{ ...life, state: { kind: "available", release } }, []]
		: [
				{
					...life,
					state: { kind: "downloading", release, fraction: 0, wanted },
				},
				[{ kind: "download", release }],
			];
}

function wanted(life: UpdateLife, around: UpdateSurroundings): Step {
	const { state } = life;
	// The wish overrides "not now", which the same person said.
	const freed = { ...life, postponedUntil: 0 };
	const kept = { kind: "keep-postponed", until: 0 } as const;
	if (state.kind === "available") {
		const [next, effects] = found(freed, state.release, around, true);
		return [next, [kept, ...effects]];
	}
	if (state.kind === "downloading")
		return [{ ...freed, state: { ...state, wanted: true } }, [kept]];
	if (state.kind !== "ready") return [life, []];
	const [next, effects] = look(
		{ ...freed, state: { ...state, wanted: true } },
		around,
	);
	return [next, [kept, ...effects]];
}

function postpone(life: UpdateLife, wallMs: number): Step {
	const { state } = life;
	const until = wallMs + POSTPONE_MS;
	const kept = { kind: "keep-postponed", until } as const;
	const later = { ...life, postponedUntil: until };
	switch (state.kind) {
		case "ready":
			return [{ ...later, state: { ...state, wanted: false } }, [kept]];
		case "downloading":
			return [
				{ ...later, state: { kind: "available", release: state.release } },
				[kept, { kind: "cancel-download" }],
			];
		case "available":
			return [later, [kept]];
		default:
			return [life, []];
	}
}

function look(life: UpdateLife, around: UpdateSurroundings): Step {
	const { state } = life;
	if (state.kind === "available" && !isPostponed(life, around.wallMs))
		return found(life, state.release, around);
	if (state.kind === "ready" && state.wanted && whyNotNow(around.busy) === null)
		return [
			{ ...life, state: { kind: "installing", release: state.release } },
			[{ kind: "install", release: state.release }],
		];
	return [life, []];
}
