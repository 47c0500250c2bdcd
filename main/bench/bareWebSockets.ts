// The baseline (b) of events: a `ws` client that parses what arrives and does nothing with it.
import { once } from "node:events";
import { createSecureContext } from "node:tls";
import WebSocket from "ws";
import { SERVERNAME } from "./orders.ts";
import type { OpenRole } from "./role.ts";
import { openMany, openTally } from "./role.ts";

export const openBareWebSockets: OpenRole = (order) => {
	const { caPem, certPem, keyPem } = order.client;
	const options = {
		perMessageDeflate: false,
		servername: SERVERNAME,
		secureContext: createSecureContext({
			ca: caPem,
			cert: certPem,
			key: keyPem,
			minVersion: "TLSv1.2",
		}),
	};
	const tally = openTally();
	const sockets: WebSocket[] = [];
	const openOne = async (_index: number, port: number): Promise<void> => {
		const socket = new WebSocket(
			`wss://127.0.0.1:${port}/api/v1/ws/jobs`,
			options,
		);
		sockets.push(socket);
		socket.on("message", (bytes: Buffer) => {
			const message = JSON.parse(bytes.toString()) as { event: string };
			if (message.event === "job_status") tally.add();
		});
		await once(socket, "open");
	};
	return {
		connect: (upTo) => openMany(order, sockets.length, upTo, openOne),
		taken: ({ events }) => tally.reached(events),
		open: () =>
			sockets.filter(({ readyState }) => readyState === WebSocket.OPEN).length,
	};
};
