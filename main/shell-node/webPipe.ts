// A pipe to a window in a browser, over one WebSocket. The upgrade was checked before (cookie, Host, Origin).
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { WebSocketServer } from "ws";
import type { Pipe } from "../../shared/bridge.ts";
import { ASK_BYTES } from "../../shared/contract.ts";

export interface WebPipes {
	accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
	close(): void;
}

/** @param onPipe receives each new window's pipe. */
export function openWebPipes(onPipe: (pipe: Pipe) => void): WebPipes {
	const server = new WebSocketServer({
		noServer: true,
		// Loopback or a LAN: compressing costs more than it saves.
		perMessageDeflate: false,
		maxPayload: ASK_BYTES,
	});
	server.on("connection", (socket) => {
		socket.on("error", () => socket.terminate());
		onPipe({
			send(message) {
				if (socket.readyState === socket.OPEN) socket.send(message);
			},
			onMessage(listener) {
				socket.on("message", (bytes, binary) => {
					if (binary) socket.close(1003);
					else listener(bytes.toString());
				});
			},
			onClose(listener) {
				socket.once("close", listener);
			},
			close: () => socket.close(1001),
		});
	});
	return {
		accept: (request, socket, head) =>
			server.handleUpgrade(request, socket, head, (ws) =>
				server.emit("connection", ws, request),
			),
		close() {
			for (const socket of server.clients) socket.terminate();
			server.close();
		},
	};
}
