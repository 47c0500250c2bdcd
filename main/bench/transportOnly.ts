// Our transport alone, without link machines: what a connection costs before anything is decided about it. Its deadlines are
// far away, because it also serves as the storm without a gate, which no product deadline would survive.
import { systemClock } from "../../shared/clock.ts";
import { hostId } from "../../shared/model.ts";
import { openTlsContexts } from "../core/transport/tlsContext.ts";
import type { Connection, Target } from "../core/transport/transport.ts";
import { openWebSocketTransport } from "../core/transport/webSocket.ts";
import { identityOf } from "./identity.ts";
import { SERVERNAME } from "./orders.ts";
import type { OpenRole } from "./role.ts";
import { openMany, takesNothing } from "./role.ts";

const PATIENCE_MS = 120_000;

/** The host with this number, as the transport wants it. */
const targetOf = (index: number, port: number): Target => ({
	hostId: hostId(`host-${index}`),
	address: "127.0.0.1",
	port,
	servername: SERVERNAME,
	minTls: "1.2",
});

export const openTransportOnly: OpenRole = (order) => {
	const transport = openWebSocketTransport({
		clock: systemClock(),
		contexts: openTlsContexts(identityOf(order.client)),
		deadlines: { connectMs: PATIENCE_MS, tlsMs: PATIENCE_MS },
		upgradeMs: PATIENCE_MS,
	});
	const connections: Connection[] = [];
	let open = 0;
	const openOne = (index: number, port: number): Promise<void> =>
		new Promise((resolve, reject) => {
			const connection = transport.open(targetOf(index, port), {
				opened() {
					open++;
					resolve();
				},
				frame() {},
				heard() {},
				closed({ phase, causes }) {
					open--;
					reject(
						new Error(`a link ended in ${phase}: ${causes[0]?.message ?? ""}`),
					);
				},
			});
			connections.push(connection);
		});
	return {
		connect: (upTo) => openMany(order, connections.length, upTo, openOne),
		taken: takesNothing,
		open: () => open,
	};
};
