// The life of a connection without what is said on it: transport, link machine, heartbeat wheel and dial gate as the product
// composes them, for agents whose extensions are known beforehand. No REST, no job book, no window.
import { systemClock } from "../../shared/clock.ts";
import { ok } from "../../shared/fault.ts";
import { hostId } from "../../shared/model.ts";
import { decodeFrame } from "../core/agentApi/decode.ts";
import { openDialGate } from "../core/fleet/dialGate.ts";
import { openWheel } from "../core/fleet/wheel.ts";
import type { Link, LinkPorts } from "../core/link/runner.ts";
import { startLink } from "../core/link/runner.ts";
import { openTlsContexts } from "../core/transport/tlsContext.ts";
import { openWebSocketTransport } from "../core/transport/webSocket.ts";
import { identityOf } from "./identity.ts";
import type { ConnectOrder } from "./orders.ts";
import { SERVERNAME } from "./orders.ts";
import type { OpenRole } from "./role.ts";
import { portOf, takesNothing } from "./role.ts";

/** What every link of this role shares. */
function sharedPorts(order: ConnectOrder) {
	const clock = systemClock();
	return {
		clock,
		random: Math.random,
		log: () => {},
		transport: openWebSocketTransport({
			clock,
			contexts: openTlsContexts(identityOf(order.client)),
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
	} satisfies Omit<LinkPorts, "onStatus">;
}

export const openLinksOnly: OpenRole = async (order) => {
	const shared = sharedPorts(order);
	const links: Link[] = [];
	const isLive = ({ status }: Link): boolean => status.channel === "live";
	await new Promise<void>((resolve) => {
		let open = 0;
		for (let index = 0; index < order.links; index++) {
			const link = startLink(
				{
					id: hostId(`host-${index}`),
					address: "127.0.0.1",
					port: portOf(order.ports, index),
					servername: SERVERNAME,
					minTls: "1.2",
					labels: {},
				},
				{
					...shared,
					onStatus(status) {
						if (status.channel === "live" && ++open === order.links) resolve();
					},
				},
			);
			links.push(link);
			link.send({ kind: "wanted" });
		}
	});
	return { taken: takesNothing, open: () => links.filter(isLive).length };
};
