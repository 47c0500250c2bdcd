// The identity of a profile, from the vault: read once, and read again while the vault could not be asked or when somebody
// imported another, so that links that are blocked for it resume by themselves.
import type { Clock } from "../../../shared/clock.ts";
import { every } from "../../../shared/clock.ts";
import type { Fault, Result } from "../../../shared/fault.ts";
import { failed } from "../../../shared/fault.ts";
import type { Identity, VaultChoice } from "../ports.ts";

/** Opens the vault of this computer, anew each time: what was missing may be there now. */
export type OpenVault = () => Promise<VaultChoice>;

/** The profile that is meant when none is named. */
export const DEFAULT_PROFILE = "default";

/**
 * Reads a profile's identity.
 * @returns `vault.missing`, `vault.locked`, `vault.damaged`, `vault.refused`, `identity.absent`, `profile.invalid`.
 */
export async function profileIdentity(
	open: OpenVault,
	profile: string = DEFAULT_PROFILE,
): Promise<Result<Identity>> {
	const { vault, why } = await open();
	const identity = await vault.get(profile);
	const nothingKept =
		why !== null && !identity.ok && identity.fault.code === "identity.absent";
	return nothingKept ? failed(why) : identity;
}

/** First wait before the vault is asked again; doubles. */
const AGAIN_MS = 30_000;
/** No wait is longer. Asking may open the system's password window, which must not come every half minute for ever. */
const AGAIN_CAP_MS = 600_000;
/** How often the mark of a change is looked at: one small file, and nobody is asked for a password. */
const LOOK_MS = 5_000;

export interface IdentityWatch {
	/** Asks now: a person wants to connect. Nothing when an answer is awaited. */
	ask(): void;
	stop(): void;
}

export interface IdentityWatchOptions {
	readonly clock: Clock;
	/** What is in use so far, or why nothing is. */
	readonly first: Result<Identity>;
	readonly read: () => Promise<Result<Identity>>;
	/** Another text whenever somebody imported or removed one (changeMark.ts); absent: that is not looked for. */
	readonly revision?: () => string;
	/** Called with every other identity, and with null and the reason when it was removed; not after `stop`. */
	readonly found: (identity: Identity | null, why: Fault | null) => void;
}

/** Whether asking again may change the answer without anybody importing anything. */
const isOfVault = (result: Result<Identity>): boolean =>
	!result.ok && result.fault.code.startsWith("vault.");

/**
 * Follows a profile's identity. While it is the vault that stands in the way it is asked after 30 s, then ever less often; it
 * is asked at once when told to, and when another process of ours has changed what is in it.
 */
export function watchIdentity({
	clock,
	first,
	read,
	revision = () => "",
	found,
}: IdentityWatchOptions): IdentityWatch {
	let isOver = false;
	let isAsking = false;
	let waitMs = AGAIN_MS;
	let inUse = first.ok ? first.value : null;
	let seen = revision();
	let cancelAgain = (): void => {};
	const again = (): void => {
		cancelAgain = clock.at(clock.monotonicMs() + waitMs, () => void ask());
		waitMs = Math.min(2 * waitMs, AGAIN_CAP_MS);
	};
	const take = (answer: Result<Identity>): void => {
		const isGone = !answer.ok && answer.fault.code === "identity.absent";
		if (isOfVault(answer)) again();
		// Files that cannot be read may be in the middle of being replaced: what is in use stays.
		if (!answer.ok && !(isGone && inUse !== null)) return;
		const next = answer.ok ? answer.value : null;
		if (JSON.stringify(next) === JSON.stringify(inUse)) return;
		inUse = next;
		waitMs = AGAIN_MS;
		found(next, answer.ok ? null : answer.fault);
	};
	const ask = async (): Promise<void> => {
		if (isOver || isAsking) return;
		cancelAgain();
		isAsking = true;
		const answer = await read();
		isAsking = false;
		if (!isOver) take(answer);
	};
	const stopLooking =
		revision() === ""
			? () => {}
			: every(clock, LOOK_MS, () => {
					const now = revision();
					if (now === seen || isAsking) return;
					seen = now;
					void ask();
				});
	if (isOfVault(first)) again();
	return {
		ask: () => void ask(),
		stop() {
			isOver = true;
			cancelAgain();
			stopLooking();
		},
	};
}
