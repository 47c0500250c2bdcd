// When the loss of links is an alarm: not for one host, nor for many over time, but when more than a fifth of the fleet drops
// at once and stays away for a minute. Pure.
import type { HostId } from "../../../shared/model.ts";
import type { Note } from "./note.ts";

const SHARE = 0.2;
const TOGETHER_MS = 10_000;
const GRACE_MS = 60_000;
/** Healed: at most this share of what dropped is still away. */
const HEALED_SHARE = 0.25;

export interface FleetLoss {
	/** Hosts that are away, and since when. */
	readonly away: Readonly<Record<string, number>>;
	/** Hosts that dropped together; empty when there is no such loss. */
	readonly dropped: readonly string[];
	/** When it is told if it has not healed; 0: nothing to tell. */
	readonly tellAt: number;
	readonly isTold: boolean;
	/** When it happened. */
	readonly at: number;
}

export const NO_LOSS: FleetLoss = {
	away: {},
	dropped: [],
	tellAt: 0,
	isTold: false,
	at: 0,
};

interface Now {
	readonly now: number;
	readonly hosts: number;
}

/** A link went or came. */
export function noticeLink(
	loss: FleetLoss,
	{ host, up }: { readonly host: HostId; readonly up: boolean },
	{ now, hosts }: Now,
): FleetLoss {
	const { [host]: since, ...others } = loss.away;
	if (up === (since === undefined)) return loss;
	const away = up ? others : { ...others, [host]: now };
	const next = { ...loss, away };
	if (up) return healed(next);
	const together = Object.keys(away).filter(
		// Either way round: a wall clock that is set back puts earlier losses ahead.
		(id) => Math.abs(now - (away[id] ?? 0)) <= TOGETHER_MS,
	);
	if (loss.dropped.length > 0)
		return { ...next, dropped: [...new Set([...loss.dropped, ...together])] };
	if (together.length <= hosts * SHARE) return next;
	return { ...next, dropped: together, tellAt: now + GRACE_MS, at: now };
}

/** Time passed: a loss that has not healed within the grace is told. */
export function noticeTime(loss: FleetLoss, { now }: Now): FleetLoss {
	if (loss.tellAt === 0 || !isDue(loss.tellAt, now, GRACE_MS)) return loss;
	return { ...loss, tellAt: 0, isTold: true };
}

/** When it is to be looked at again, wall time; null: nothing waits. */
export function waitsUntil({ tellAt }: FleetLoss, now: number): number | null {
	if (tellAt === 0) return null;
	return isDue(tellAt, now, GRACE_MS) ? now : tellAt;
}

/** Whether a time is over. One farther ahead than anything was ever put off is over too: the wall clock was set back. */
export const isDue = (at: number, now: number, longest: number): boolean =>
	now >= at || at - now > longest;

export const stillAway = ({ away, dropped }: FleetLoss): number =>
	dropped.filter((id) => away[id] !== undefined).length;

const healed = (loss: FleetLoss): FleetLoss =>
	loss.dropped.length > 0 &&
	stillAway(loss) <= loss.dropped.length * HEALED_SHARE
		? { ...NO_LOSS, away: loss.away }
		: loss;

/** The one message for all of them. */
export const fleetNote = (
	key: string,
	loss: FleetLoss,
	{
		now,
		hosts,
		settings,
	}: Now & { readonly settings: { readonly profile: string } },
): Note => ({
	key,
	kind: "fleet",
	title: `${stillAway(loss)} of ${hosts} hosts dropped · ${settings.profile}`,
	body: "All at once, so probably your network. Foredeck reconnects by itself.",
	isFailure: false,
	target: { jobId: null, hostId: null },
	at: now,
});
