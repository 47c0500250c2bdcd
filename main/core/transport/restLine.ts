// The one connection of an agent's REST calls: dials for undici through the fleet's gate, and knows at every moment what
// a failure on it would have to tell. It knows no requests.
import { RequestFailed } from "../agentApi/rest.ts";
import { type Dial, type DialOptions, dialTls, type Secured } from "./dial.ts";
import { causesOf, failureIn } from "./failure.ts";
import { failureOn, type Line, openLine } from "./line.ts";
import type { Cause, Failure, Target } from "./transport.ts";

/** What REST calls of a profile need. */
export interface RestOptions extends DialOptions {
	/**
	 * Asks for a place among the fleet's handshakes: `start` is called when it is granted. What it returns gives the place
	 * back, or withdraws the request. Without it dials start at once.
	 */
	readonly gate?: (start: () => void) => () => void;
}

const noop = (): void => {};

/** The connection as the requests see it. */
export interface RestLine {
	/** The open connection; null while there is none. */
	readonly line: Line | null;
	/** Requests that the open connection has answered: above 0 it is a reused one. */
	answered: number;
	/** A failure at this moment, in the phase the connection is in. */
	failure(
		causes: readonly Cause[],
		timedOut: boolean,
		error?: unknown,
	): Failure;
	/** Whether a new request's time starts now; false: when the gate opens. */
	readonly timeRuns: boolean;
}

/** Makes the connection when undici wants one. */
export interface Connector {
	readonly link: RestLine;
	readonly connect: (
		options: unknown,
		callback: (...told: [null, Secured["socket"]] | [Error, null]) => void,
	) => void;
	/** Ends a dial that is waiting or under way. */
	giveUp(): void;
}

/** Dials for undici, through the gate, and remembers what is known of the connection. */
export function openConnector(
	target: Target,
	options: RestOptions,
	started: () => void,
): Connector {
	const { clock, gate = startAtOnce } = options;
	let line: Line | null = null;
	let dial: Dial | null = null;
	let cancel: ((failure: Failure) => void) | null = null;
	const link: RestLine = {
		get line() {
			return line;
		},
		answered: 0,
		get timeRuns() {
			return options.gate === undefined || line !== null || dial !== null;
		},
		failure(causes, timedOut, error) {
			const all = [...causes, ...causesOf(error)];
			if (line === null)
				return (
					dial?.failure(all, timedOut) ??
					failureIn("dns", { causes: all, timedOut })
				);
			if (all.length === 0) return failureOn(line, "request", { timedOut });
			return failureOn(line, "request", { timedOut, causes: all });
		},
	};
	const took = (secured: Secured): void => {
		const mine = openLine(secured, clock);
		line = mine;
		link.answered = 0;
		secured.socket.once("close", () => {
			if (line === mine) line = null;
		});
	};
	return {
		link,
		connect(_options, callback) {
			let release = noop;
			let over = false;
			const end = (): void => {
				over = true;
				dial = null;
				cancel = null;
				release();
			};
			const fail = (failure: Failure): void => {
				end();
				callback(new RequestFailed(failure), null);
			};
			cancel = (failure) => {
				dial?.abort();
				fail(failure);
			};
			const given = gate(() => {
				if (over) return;
				dial = dialTls(target, options, {
					secured(secured) {
						end();
						took(secured);
						callback(null, secured.socket);
					},
					failed: fail,
				});
				started();
			});
			if (over) given();
			else release = given;
		},
		giveUp: () => cancel?.(link.failure([], false)),
	};
}

const startAtOnce = (start: () => void): (() => void) => {
	start();
	return noop;
};
