// Performs what `state.ts` decides: asks the shell's updater, arms the next check, and looks now and then whether a wish to
// install may be fulfilled. Decides nothing.
import type { Cancel, Clock } from "../../../shared/clock.ts";
import { every } from "../../../shared/clock.ts";
import type { Result } from "../../../shared/fault.ts";
import type { Log } from "../ports.ts";
import type { Busyness, Release, Verdict } from "./gate.ts";
import { updateFailed, whyNotNow } from "./gate.ts";
import type { UpdateEffect, UpdateEvent, UpdateState } from "./state.ts";
import { firstLife, isPostponed, updateTransition } from "./state.ts";

/** What a shell provides. Each answer is a Result; none of them throws for what can happen. */
export interface Updater {
	/** Fetches the manifest and puts it to the gate. */
	check(): Promise<Verdict>;
	/** Fetches the release's file, whole and checked. `onProgress`: 0 to 1. A second call while one runs is not made. */
	download(
		release: Release,
		onProgress: (fraction: number) => void,
	): Promise<Result<void>>;
	cancelDownload(): void;
	/** Checks the file once more and leaves for the installer; a value means that the app is about to end. */
	install(release: Release): Promise<Result<void>>;
}

export interface UpdatePorts {
	readonly clock: Clock;
	readonly log: Log;
	/** Uniform in [0, 1). */
	readonly random: () => number;
	readonly updater: Updater;
	readonly busy: () => Busyness;
	/** What was kept by the last run; wall time, epoch ms. */
	readonly postponedUntil: number;
	readonly keepPostponed: (until: number) => void;
	/** Something that is shown changed. */
	readonly onChange: () => void;
}

/** An update as a window shows it. */
export interface UpdateView {
	readonly state: UpdateState;
	/** "Not now" was said, and its day is not over: no notice. */
	readonly isPostponed: boolean;
	/** What an installation would have to wait for now; null: nothing. */
	readonly waitsFor: string | null;
}

export interface Updates {
	view(): UpdateView;
	install(): void;
	postpone(): void;
	stop(): void;
}

/** The first check comes when the storm of first connections is over, and a fleet of consoles does not come at once. */
const FIRST_CHECK_MS = 60_000;
const CHECK_EVERY_MS = 6 * 3_600_000;
/** Each wait is this share shorter or longer at most. */
const JITTER = 0.2;
/** A job that ended is noticed within this; nobody waits for an update by the second. */
const LOOK_EVERY_MS = 5_000;

/** Checks soon after the start and about every six hours, until stopped. */
export function runUpdates(ports: UpdatePorts): Updates {
	const { clock, log, updater } = ports;
	let life = firstLife(ports.postponedUntil);
	let isOver = false;
	let cancelCheck: Cancel = () => {};
	const around = () => ({ wallMs: clock.wallMs(), busy: ports.busy() });

	const tell = (event: UpdateEvent): void => {
		if (isOver) return;
		const before = life;
		const [next, effects] = updateTransition(life, event, around());
		life = next;
		for (const effect of effects) perform(effect);
		if (life !== before) ports.onChange();
	};
	const armCheck = (afterMs: number): void => {
		const spread = 1 + JITTER * (2 * ports.random() - 1);
		cancelCheck = clock.at(clock.monotonicMs() + afterMs * spread, () => {
			armCheck(CHECK_EVERY_MS);
			tell({ kind: "check-due" });
		});
	};
	const perform = (effect: UpdateEffect): void => {
		switch (effect.kind) {
			case "check":
				void check();
				break;
			case "download":
				void download(effect.release);
				break;
			case "cancel-download":
				updater.cancelDownload();
				break;
			case "install":
				void install(effect.release);
				break;
			case "keep-postponed":
				ports.keepPostponed(effect.until);
		}
	};
	const check = async (): Promise<void> => {
		const verdict = await settledResult(updater.check());
		if (!verdict.ok)
			log("warn", "no update was taken", { ...named(verdict.fault) });
		tell({ kind: "checked", verdict });
	};
	// A download that was cancelled may report after the next one has begun; it must not speak for it.
	let downloads = 0;
	const download = async (release: Release): Promise<void> => {
		const mine = ++downloads;
		const result = await settledResult(
			updater.download(release, (fraction) => {
				if (mine === downloads) tell({ kind: "progress", fraction });
			}),
		);
		if (mine !== downloads) return;
		if (result.ok) return tell({ kind: "downloaded" });
		log("warn", "an update could not be fetched", { ...named(result.fault) });
		tell({ kind: "download-failed", fault: result.fault });
	};
	const install = async (release: Release): Promise<void> => {
		const result = await settledResult(updater.install(release));
		if (result.ok) return;
		log("error", "an update could not be installed", {
			...named(result.fault),
		});
		tell({ kind: "install-failed", fault: result.fault });
	};
	armCheck(FIRST_CHECK_MS);
	const stopLooking = every(clock, LOOK_EVERY_MS, () => tell({ kind: "look" }));

	return {
		view: () => ({
			state: life.state,
			isPostponed: isPostponed(life, clock.wallMs()),
			waitsFor: whyNotNow(ports.busy()),
		}),
		install: () => tell({ kind: "install" }),
		postpone: () => tell({ kind: "postpone" }),
		stop() {
			isOver = true;
			cancelCheck();
			stopLooking();
			updater.cancelDownload();
		},
	};
}

const named = ({ code, sentence }: { code: string; sentence: string }) => ({
	code,
	sentence,
});

/** A promise that breaks is a failed update and never an unhandled one. */
async function settledResult<T>(asked: Promise<Result<T>>): Promise<Result<T>> {
	try {
		return await asked;
	} catch (error) {
		return { ok: false, fault: updateFailed(String(error).slice(0, 300)) };
	}
}
