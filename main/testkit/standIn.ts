// A TCP server on 127.0.0.1 that stands where an agent should: it does to each connection what a test says, until it is
// mended; from then on it passes connections on to the agent.
import type { AddressInfo, Socket } from "node:net";
import { connect, createServer } from "node:net";

export interface StandIn {
	readonly port: number;
	/** Connections so far, before and after it was mended. */
	dials(): number;
	/** From now on connections go to this port on 127.0.0.1. */
	mend(agentPort: number): void;
	close(): Promise<void>;
}

/** Opens one on a free port, or on the port given. */
export async function openStandIn(
	serve: (socket: Socket) => void,
	port = 0,
): Promise<StandIn> {
	const open = new Set<Socket>();
	const keep = (socket: Socket): Socket => {
		open.add(socket);
		socket.on("error", () => socket.destroy());
		return socket.once("close", () => open.delete(socket));
	};
	let act = serve;
	let dials = 0;
	const server = createServer({ noDelay: true }, (socket) => {
		dials++;
		act(keep(socket));
	});
	await new Promise<void>((listening, failed) => {
		server.once("error", failed);
		server.listen(port, "127.0.0.1", listening);
	});
	return {
		port: (server.address() as AddressInfo).port,
		dials: () => dials,
		mend(agentPort) {
			act = (socket) => {
				const agent = keep(connect({ host: "127.0.0.1", port: agentPort }));
				socket.pipe(agent).pipe(socket);
				socket.once("close", () => agent.destroy());
				agent.once("close", () => socket.destroy());
			};
		},
		close() {
			for (const socket of open) socket.destroy();
			return new Promise((closed) => server.close(() => closed()));
		},
	};
}
