// The two ways to an agent, its socket and its REST door, on the same contexts, names and proxies.
import type { Clock } from "../../../shared/clock.ts";
import type { RestTransport } from "../agentApi/rest.ts";
import type { DialOptions } from "./dial.ts";
import { openRest } from "./rest.ts";
import type { TlsContexts } from "./tlsContext.ts";
import type { Target, Transport } from "./transport.ts";
import { openWebSocketTransport } from "./webSocket.ts";

/** How agents are reached: over the network, unless a simulation brings its own. */
export interface Wire {
	readonly transport: Transport;
	openRest(
		target: Target,
		gate: (start: () => void) => () => void,
	): RestTransport;
}

export function overNetwork(
	contexts: TlsContexts,
	clock: Clock,
	{ lookup, proxies }: Pick<DialOptions, "lookup" | "proxies">,
): Wire {
	const dialing: DialOptions = { contexts, clock, lookup, proxies };
	return {
		transport: openWebSocketTransport(dialing),
		openRest: (target, gate) => openRest(target, { ...dialing, gate }),
	};
}
