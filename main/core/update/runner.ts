// Performs what `state.ts` decides: asks the shell's updater, arms the next check, and looks now and then whether a wish to
// install may be fulfilled. Decides nothing.
import type { Cancel, Clock } from "../../../shared/clock.ts";
import { every } from "../../../shared/clock.ts";
import type { Fault, Result } from "../../../shared/fault.ts";
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
	/**
	 * Checks the file once more and leaves for the installer; a value means that the app is about to end. `onFailed` is told
	 * when the system's installer fails after that (on macOS it unpacks and checks the file first). `mayLeave` is asked right
	 * before the app is ended, which may be minutes later; after a no the wish waits, and this is called again.
	 */
	install(
		release: Release,
		onFailed: (why: Fault) => void,
		mayLeave: () => boolean,
	): Promise<Result<void>>;
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
	/** Looks now; the regular round goes on. */
	check(): void;
	/** Another channel is followed from now on. */
	channelChanged(): void;
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
/** An installer that was started ends this app within this, or it never will. Unpacking on a slow disk takes minutes. */
const INSTALL_WITHIN_MS = 10 * 60_000;

/** Checks soon after the start and about every six hours, until stopped. */
export function runUpdates(ports: UpdatePorts): Updates {
	const { clock, log, updater } = ports;
	let life = firstLife(ports.postponedUntil);
	let isOver = false;
	let cancelCheck: Cancel = () => {};
	const around = () => ({ wallMs: clock.wallMs(), busy: ports.busy() });

	const view = (): UpdateView => ({
		state: life.state,
		isPostponed: isPostponed(life, clock.wallMs()),
		waitsFor: whyNotNow(ports.busy()),
	});
	let shown = view();
	const tell = (event: UpdateEvent): void => {
		if (isOver) return;
		const [next, effects] = updateTransition(life, event, around());
		life = next;
		for (const effect of effects) perform(effect);
		// An effect may have told something by itself, so what is compared is what was said last.
		const now = view();
		if (isSame(now, shown)) return;
		shown = now;
		ports.onChange();
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
	// A check of the former channel may answer after the channel was changed; only the last one speaks.
	let checks = 0;
	const check = async (): Promise<void> => {
		const mine = ++checks;
		const verdict = await settledResult(updater.check());
		if (mine !== checks) return;
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
	let cancelPatience: Cancel = () => {};
	const install = async (release: Release): Promise<void> => {
		const fail = (why: Fault): void => {
			cancelPatience();
			if (isOver || life.state.kind !== "installing") return;
			log("error", "an update could not be installed", { ...named(why) });
			tell({ kind: "install-failed", fault: why });
		};
		const mayLeave = (): boolean => {
			if (isOver || life.state.kind !== "installing") return false;
			if (whyNotNow(ports.busy()) === null) return true;
			cancelPatience();
			tell({ kind: "install-held" });
			return false;
		};
		cancelPatience = clock.at(clock.monotonicMs() + INSTALL_WITHIN_MS, () =>
			fail(updateFailed("the installer was started and did not go on")),
		);
		const result = await settledResult(
			updater.install(release, fail, mayLeave),
		);
		if (!result.ok) fail(result.fault);
	};
	armCheck(FIRST_CHECK_MS);
	const stopLooking = every(clock, LOOK_EVERY_MS, () => tell({ kind: "look" }));

	return {
		view,
		check: () => tell({ kind: "check-due" }),
		channelChanged: () => tell({ kind: "channel-changed" }),
		install: () => tell({ kind: "install" }),
		postpone: () => tell({ kind: "postpone" }),
		stop() {
			isOver = true;
			cancelCheck();
			cancelPatience();
			stopLooking();
			updater.cancelDownload();
		},
	};
}

const isSame = (a: UpdateView, b: UpdateView): boolean =>
	a.state === b.state &&
	a.isPostponed === b.isPostponed &&
	a.waitsFor === b.waitsFor;

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
