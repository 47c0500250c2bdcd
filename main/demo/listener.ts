// One agent's door: a TCP listener, the mutual TLS behind it, and every socket that came through. Opens, closes and cuts;
// knows nothing of HTTP. Certificates and protocols may be changed while it is open.
import { createServer, type Server, type Socket } from "node:net";
import {
	createServer as createTlsServer,
	type TLSSocket,
	type Server as TlsServer,
} from "node:tls";

/** What the TLS side shows and demands. PEM throughout. */
export interface DoorPlate {
	readonly certPem: string;
	readonly keyPem: string;
	/** Whoever issues the clients' certificates. */
	readonly caPem: string;
	readonly crlPem?: string;
	readonly minTls: "TLSv1.2" | "TLSv1.3";
	/** In order of preference; null: no ALPN. */
	readonly alpn: readonly string[] | null;
}

export interface ListenerPorts {
	readonly address: "127.0.0.1" | "::1";
	/** 0: any free one, kept from then on. */
	readonly port: number;
	plate(): DoorPlate;
	/** What to do with a new TCP connection: let it shake hands, keep it and say nothing, or reset it. */
	admit(): "serve" | "hang" | "reset";
	/** A client that proved itself. */
	serve(socket: TLSSocket): void;
}

export interface Listener {
	port(): number;
	/** Rejects with the system's error, such as EADDRINUSE. */
	open(): Promise<void>;
	/** Like the death of a process: no longer listening, every socket gone at once without a goodbye. Resolves when all is closed. */
	close(): Promise<void>;
	/** Every socket gone at once; still listening. */
	cut(): void;
	/** The plate has changed: new connections get the new one. */
	reload(): void;
	socketCount(): number;
}

export function createListener(ports: ListenerPorts): Listener {
	let port = ports.port;
	let tcp: Server | undefined;
	let tls: TlsServer | undefined;
	const raw = new Set<Socket>();
	const secured = new Set<TLSSocket>();

	const tlsServer = (): TlsServer => {
		tls ??= newTlsServer(ports.plate(), (socket) => {
			secured.add(socket);
			socket.on("close", () => secured.delete(socket));
			ports.serve(socket);
		});
		return tls;
	};
	const accept = (socket: Socket): void => {
		raw.add(socket);
		socket.on("close", () => raw.delete(socket));
		socket.on("error", ignore);
		socket.setNoDelay(true);
		const verdict = ports.admit();
		if (verdict === "serve") tlsServer().emit("connection", socket);
		else if (verdict === "reset") socket.resetAndDestroy();
		else socket.resume();
	};
	const cut = (): void => {
		for (const socket of secured) socket.destroy();
		for (const socket of raw) socket.destroy();
	};
	return {
		port: () => port,
		open: () =>
			new Promise((resolve, reject) => {
				const server = createServer(accept);
				tcp = server;
				server.once("error", reject);
				server.listen({ host: ports.address, port }, () => {
					server.off("error", reject);
					server.on("error", ignore);
					const bound = server.address();
					if (bound !== null && typeof bound === "object") port = bound.port;
					resolve();
				});
			}),
		close() {
			const closing = tcp;
			tcp = undefined;
			// With the process die the keys of its session tickets.
			tls = undefined;
			return new Promise((resolve) => {
				if (closing === undefined) return resolve();
				closing.close(() => resolve());
				cut();
			});
		},
		cut,
		reload() {
			tls = undefined;
		},
		socketCount: () => raw.size,
	};
}

function newTlsServer(
	plate: DoorPlate,
	serve: (socket: TLSSocket) => void,
): TlsServer {
	const server = createTlsServer({
		cert: plate.certPem,
		key: plate.keyPem,
		ca: plate.caPem,
		...(plate.crlPem === undefined ? {} : { crl: plate.crlPem }),
		minVersion: plate.minTls,
		requestCert: true,
		rejectUnauthorized: true,
		...(plate.alpn === null ? {} : { ALPNProtocols: [...plate.alpn] }),
	});
	server.on("secureConnection", (socket) => {
		socket.on("error", ignore);
		serve(socket);
	});
	server.on("tlsClientError", ignore);
	return server;
}

/** A peer that breaks off is the peer's business; the socket is closed by whoever reported it. */
function ignore(): void {}
