// The life of a connection without what is said on it: transport, link machine, heartbeat wheel and dial gate as the product
// composes them, for agents whose extensions are known beforehand. No REST, no job book, no window.
import { systemClock } from "../../shared/clock.ts";
import { ok } from "../../shared/fault.ts";
import type { LinkStatus } from "../../shared/model.ts";
import { hostId } from "../../shared/model.ts";
import { decodeFrame } from "../core/agentApi/decode.ts";
import { openDialGate } from "../core/fleet/dialGate.ts";
import type { HostEntry } from "../core/fleet/target.ts";
import { openWheel } from "../core/fleet/wheel.ts";
import type { Link, LinkPorts } from "../core/link/runner.ts";
import { startLink } from "../core/link/runner.ts";
import type { TlsContexts } from "../core/transport/tlsContext.ts";
import { openTlsContexts } from "../core/transport/tlsContext.ts";
import { openWebSocketTransport } from "../core/transport/webSocket.ts";
import { identityOf } from "./identity.ts";
import type { ConnectOrder } from "./orders.ts";
import { SERVERNAME } from "./orders.ts";
import type { OpenRole } from "./role.ts";
import { openTally, portOf, takesNothing } from "./role.ts";

/** What every link of this role shares. */
function sharedPorts(order: ConnectOrder) {
	const clock = systemClock();
	const contexts = openTlsContexts(identityOf(order.client));
	return {
		contexts,
		clock,
		random: Math.random,
		log: () => {},
		transport: openWebSocketTransport({
			clock,
			contexts,
		}),
		gate: openDialGate({ clock }),
		wheel: openWheel(clock),
		priority: () => 1,
		decode: decodeFrame,
		preflight: () => null,
		relist: async () => ok(undefined),
		pollPlan: () =>
			({ source: "poll", everyMs: 60_000, timeoutMs: 35_000 }) as const,
		extensions: () => [],
		learn: async () => {},
		answerChallenge: () => ok(""),
		subscribeFrame: () => null,
		skewMs: () => null,
		onMessage: () => {},
		onDecodeFault: () => {},
		onGreeted: () => {},
		onLost: () => {},
	} satisfies Omit<LinkPorts, "onStatus"> & { contexts: TlsContexts };
}

const entryOf = (index: number, ports: readonly number[]): HostEntry => ({
	id: hostId(`host-${index}`),
	address: "127.0.0.1",
	port: portOf(ports, index),
	servername: SERVERNAME,
	minTls: "1.2",
	labels: {},
});

export const openLinksOnly: OpenRole = (order) => {
	const shared = sharedPorts(order);
	const links: Link[] = [];
	const tally = openTally();
	const onStatus = ({ channel }: LinkStatus): void => {
		if (channel === "live") tally.add();
	};
	return {
		connect(upTo) {
			for (let index = links.length; index < upTo; index++) {
				const link = startLink(entryOf(index, order.ports), {
					...shared,
					onStatus,
				});
				links.push(link);
				link.send({ kind: "wanted" });
			}
			return tally.reached(upTo);
		},
		reopened(count, forget) {
			if (forget) shared.contexts.replace(identityOf(order.client));
			return tally.reached(tally.value + count);
		},
		taken: takesNothing,
		open: () => links.filter(({ status }) => status.channel === "live").length,
	};
};
