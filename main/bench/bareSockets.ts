// The bare connection that others are measured against: `tls.connect` with one shared context, idle afterwards.
import { once } from "node:events";
import type { TLSSocket } from "node:tls";
import { connect, createSecureContext } from "node:tls";
import { SERVERNAME } from "./orders.ts";
import type { OpenRole } from "./role.ts";
import { openMany, takesNothing } from "./role.ts";

export const openBareSockets: OpenRole = (order) => {
	const { caPem, certPem, keyPem } = order.client;
	const secureContext = createSecureContext({
		ca: caPem,
		cert: certPem,
		key: keyPem,
		minVersion: "TLSv1.2",
	});
	const sockets: TLSSocket[] = [];
	const openOne = async (_index: number, port: number): Promise<void> => {
		const socket = connect({
			host: "127.0.0.1",
			port,
			secureContext,
			servername: SERVERNAME,
		});
		sockets.push(socket);
		await once(socket, "secureConnect");
	};
	return {
		connect: (upTo) => openMany(order, sockets.length, upTo, openOne),
		taken: takesNothing,
		open: () => sockets.filter((socket) => !socket.destroyed).length,
	};
};
