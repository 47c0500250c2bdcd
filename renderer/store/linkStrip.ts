// How a host's channel was over time, as stretches of a strip, with the same said in words. Pure.
import type { Channel, LinkTransition } from "../../shared/model.ts";
import { span } from "./age.ts";

/** What a stretch says: facts come in, come in slowly, do not come, or a person wanted none. */
export type Reach = "up" | "slow" | "down" | "idle";

const REACH: Readonly<Record<Channel, Reach>> = {
	live: "up",
	polling: "slow",
	connecting: "down",
	reconnecting: "down",
	blocked: "down",
	offline: "down",
	paused: "idle",
};

export interface Stretch {
	readonly channel: Channel;
	readonly reach: Reach;
	readonly fromAt: number;
	readonly toAt: number;
	/** Place and width, 0 to 1 of the whole. */
	readonly from: number;
	readonly width: number;
}

export interface Strip {
	readonly fromAt: number;
	readonly stretches: readonly Stretch[];
	/** For who does not see it: `Live for 96 % of the last 2 h 05 m, 3 losses; longest 40 s.` */
	readonly words: string;
}

/**
 * The strip from the first known change until now; null while there was none.
 * @param transitions oldest first. @param now by the core's clock, as the transitions are.
 */
export function stripOf(
	transitions: readonly LinkTransition[],
	now: number,
): Strip | null {
	const first = transitions[0];
	if (first === undefined) return null;
	const wholeMs = Math.max(1, now - first.at);
	const stretches: Stretch[] = [];
	transitions.forEach((change, at) => {
		const toAt = transitions[at + 1]?.at ?? Math.max(now, change.at);
		const fromAt = Math.min(change.at, toAt);
		const former = stretches.at(-1);
		const part = {
			channel: change.to,
			reach: REACH[change.to],
			fromAt,
			toAt,
			from: (fromAt - first.at) / wholeMs,
			width: (toAt - fromAt) / wholeMs,
		};
		// Dialing and waiting in turn are one loss to the eye.
		if (former !== undefined && former.reach === part.reach)
			stretches[stretches.length - 1] = {
				...part,
				fromAt: former.fromAt,
				from: former.from,
				width: former.width + part.width,
			};
		else stretches.push(part);
	});
	return {
		fromAt: first.at,
		stretches,
		words: stripWords(stretches, now - first.at),
	};
}

function stripWords(stretches: readonly Stretch[], wholeMs: number): string {
	const lengthOf = (reach: Reach): number =>
		stretches
			.filter((stretch) => stretch.reach === reach)
			.reduce((sum, { fromAt, toAt }) => sum + toAt - fromAt, 0);
	const share = (ms: number): string =>
		`${wholeMs <= 0 ? 100 : Math.floor((ms / wholeMs) * 100)} %`;
	const losses = stretches.filter(({ reach }) => reach === "down").slice();
	const longest = Math.max(
		0,
		...losses.map(({ fromAt, toAt }) => toAt - fromAt),
	);
	const parts = [
		`Live for ${share(lengthOf("up"))} of the last ${span(wholeMs)}`,
	];
	if (lengthOf("slow") > 0)
		parts.push(`polling for ${share(lengthOf("slow"))}`);
	if (losses.length > 0)
		parts.push(
			`away ${losses.length === 1 ? "once" : `${losses.length} times`}, at longest ${span(longest)}`,
		);
	return `${parts.join(", ")}.`;
}
