// The request connections of one host: a short lane for what is answered soon, and a long one for long-polls, which hold their
// connection for a minute. Each is opened when it is first needed and let go when the host has been idle.
import type { Cancel, Clock } from "../../../shared/clock.ts";
import type { RestTransport } from "../agentApi/rest.ts";

export interface Lanes {
	/** The connection for one request; `giveBack` follows when it is over. */
	take(lane: "short" | "long"): RestTransport;
	giveBack(): void;
	/** Closes both; requests in flight fail, later ones open others. */
	renew(): void;
	/** Closes both for good; requests in flight fail. */
	close(): void;
}

/** @param keepMs how long an idle connection is worth its memory: longer than the time between polls, else not for long. */
export function openLanes(
	clock: Clock,
	openRest: () => RestTransport,
	keepMs: () => number,
): Lanes {
	const open: { short?: RestTransport; long?: RestTransport } = {};
	let requests = 0;
	let cancel: Cancel = () => {};
	let isClosed = false;

	const letGo = (): void => {
		open.short?.close();
		open.long?.close();
		delete open.short;
		delete open.long;
	};
	return {
		take(lane) {
			requests++;
			cancel();
			const rest = open[lane] ?? openRest();
			open[lane] = rest;
			return rest;
		},
		giveBack() {
			requests--;
			if (requests === 0 && !isClosed)
				cancel = clock.at(clock.monotonicMs() + keepMs(), letGo);
		},
		renew: letGo,
		close() {
			isClosed = true;
			cancel();
			letGo();
		},
	};
}
