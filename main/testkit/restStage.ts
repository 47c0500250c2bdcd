// REST on a TLS stage, for tests: a peer that answers, requests to it, and the failure of a request that must fail.
import { systemClock } from "../../shared/clock.ts";
import { RequestFailed, type RestTransport } from "../core/agentApi/rest.ts";
import { openRest } from "../core/transport/rest.ts";
import type { RestOptions } from "../core/transport/restLine.ts";
import type { Failure } from "../core/transport/transport.ts";
import { httpAnswer, type RawPeer, type RawPeerWish } from "./rawPeer.ts";
import { openTlsStage } from "./tlsStage.ts";

const clock = systemClock();
/** Time and room that no test of a good answer needs. */
export const PLENTY = { timeoutMs: 3_000, maxBytes: 1_000_000 };

/** Opens it; `close` of its stage belongs into `afterEach`. */
export function openRestStage() {
	const stage = openTlsStage();
	const peerWith = (wish: Partial<RawPeerWish> = {}): Promise<RawPeer> =>
		stage.peer({
			request: ({ socket }) =>
				socket.write(
					httpAnswer(200, { "Content-Type": "application/json" }, "{}"),
				),
			...wish,
		});

	function restTo(
		port: number,
		options: Partial<RestOptions> = {},
	): RestTransport {
		const rest = openRest(stage.target(port), {
			contexts: stage.contexts,
			clock,
			...options,
		});
		stage.later(rest.close);
		return rest;
	}
	return { stage, peerWith, restTo };
}

/** The facts of a request that did not get an answer; fails the test when it got one. */
export async function failureOf(answer: Promise<unknown>): Promise<Failure> {
	try {
		await answer;
	} catch (error) {
		if (error instanceof RequestFailed) return error.failure;
		throw error;
	}
	throw new Error("the request was expected to fail");
}
