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

export interface LanesPorts {
	readonly clock: Clock;
	openRest(): RestTransport;
	/** How long an idle connection is worth its memory: longer than the time between polls, else not for long. */
	keepMs(): number;
}

export const openLanes = (ports: LanesPorts): Lanes => new HostLanes(ports);

const noop = (): void => {};

class HostLanes implements Lanes {
	readonly #ports: LanesPorts;
	#short: RestTransport | null = null;
	#long: RestTransport | null = null;
	#requests = 0;
	#cancel: Cancel = noop;
	#isClosed = false;

	constructor(ports: LanesPorts) {
		this.#ports = ports;
	}

	take(lane: "short" | "long"): RestTransport {
		this.#requests++;
		this.#cancel();
		const open = lane === "short" ? this.#short : this.#long;
		if (open !== null) return open;
		const opened = this.#ports.openRest();
		if (lane === "short") this.#short = opened;
		else this.#long = opened;
		return opened;
	}

	giveBack(): void {
		this.#requests--;
		if (this.#requests > 0 || this.#isClosed) return;
		const { clock } = this.#ports;
		this.#cancel = clock.at(clock.monotonicMs() + this.#ports.keepMs(), () =>
			this.renew(),
		);
	}

	renew(): void {
		// The timer that called this is over: an idle host holds nothing of it.
		this.#cancel();
		this.#cancel = noop;
		this.#short?.close();
		this.#long?.close();
		this.#short = null;
		this.#long = null;
	}

	close(): void {
		this.#isClosed = true;
		this.renew();
	}
}
