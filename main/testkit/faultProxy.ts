// A TCP proxy on 127.0.0.1 that stands between console and agent and breaks the connection in every way a network can.
// It forwards bytes and knows nothing of TLS or HTTP. Toxics act on open connections at once, and on new ones.
import {
	type AddressInfo,
	connect,
	createServer,
	type Server,
	type Socket,
} from "node:net";
import type { Cancel, Clock } from "../../shared/clock.ts";
import { openTally, type Tally } from "./tally.ts";

/** Which way bytes flow: `up` from the console to the agent, `down` back. */
export type Direction = "up" | "down";

/** What is wrong with the network. Several can be on at once; all off is a good network. */
export interface Toxics {
	/** Each piece is delivered this much later; order stays. */
	latencyMs?: number;
	/** Nothing is forwarded either way, sockets stay open, an end is not passed on: a half-open link. */
	blackHole?: boolean;
	/** Nothing more is forwarded in that direction after so many bytes of a connection; it stays open. */
	stallAfterBytes?: { readonly direction: Direction; readonly bytes: number };
	/** Both sides are cut with FIN after so many bytes of a connection in that direction. */
	cutAfterBytes?: { readonly direction: Direction; readonly bytes: number };
	/** As cutAfterBytes, with RST. */
	resetAfterBytes?: { readonly direction: Direction; readonly bytes: number };
	/** Pieces of at most so many bytes, each `everyMs` after the last. */
	slice?: { readonly bytes: number; readonly everyMs: number };
	/** New connections are reset as soon as they are accepted. */
	refuse?: boolean;
	/** Reads nothing from that side, so that its send buffers fill up. */
	pauseReading?: "console" | "agent";
}

/** One connection through the proxy. */
export interface ProxiedConnection {
	/** From 1. */
	readonly number: number;
	/** Bytes read from each side so far. */
	readonly bytes: Readonly<Record<Direction, number>>;
	readonly open: boolean;
	/** The next bytes read from that side, whether they are passed on or not. */
	waitForBytes(direction: Direction): Promise<void>;
	/** FIN to both sides. */
	cut(): void;
	/** RST to both sides. */
	reset(): void;
}

export interface FaultProxy {
	readonly port: number;
	/** All connections there ever were. */
	readonly connections: Tally<ProxiedConnection>;
	/** Connections that ended. */
	readonly ended: Tally<ProxiedConnection>;
	/** Replaces all toxics. `{}` heals: what a stall or a black hole held back is delivered then. */
	set(toxics: Toxics): void;
	/** FIN on every open connection. */
	cutAll(): void;
	/** RST on every open connection. */
	resetAll(): void;
	/** The next connection after those there are. */
	waitForConnection(): Promise<ProxiedConnection>;
	/** Stops accepting at all: dials get ECONNREFUSED until `accept()`. Open connections stay. */
	stopAccepting(): Promise<void>;
	accept(): Promise<void>;
	/** Ends everything. */
	close(): Promise<void>;
}

interface Pair extends ProxiedConnection {
	/** Looks again at what is held back; for a change of toxics. */
	review(): void;
}

/** Opens a proxy to a port on 127.0.0.1. */
export async function openFaultProxy(
	agentPort: number,
	clock: Clock,
): Promise<FaultProxy> {
	let toxics: Toxics = {};
	const pairs = new Set<Pair>();
	const connections = openTally<ProxiedConnection>();
	const ended = openTally<ProxiedConnection>();
	const serve = (console: Socket): void => {
		if (toxics.refuse === true) {
			console.on("error", () => {});
			console.resetAndDestroy();
			return;
		}
		const pair = join(
			console,
			connect({ port: agentPort, host: "127.0.0.1", allowHalfOpen: true }),
			connections.all.length + 1,
			clock,
			() => toxics,
			() => {
				pairs.delete(pair);
				ended.add(pair);
			},
		);
		pairs.add(pair);
		connections.add(pair);
	};
	let server = await listen(0, serve);
	const { port } = server.address() as AddressInfo;
	const stopAccepting = (): Promise<void> =>
		new Promise((stopped) => {
			// Its callback waits for open connections too; refusing starts with the call.
			server.close();
			setImmediate(stopped);
		});
	return {
		port,
		connections,
		ended,
		set(next) {
			toxics = next;
			for (const pair of pairs) pair.review();
		},
		cutAll() {
			for (const pair of pairs) pair.cut();
		},
		resetAll() {
			for (const pair of pairs) pair.reset();
		},
		waitForConnection: () => connections.waitFor(connections.all.length + 1),
		stopAccepting,
		async accept() {
			if (!server.listening) server = await listen(port, serve);
		},
		async close() {
			for (const pair of pairs) pair.reset();
			await stopAccepting();
		},
	};
}

function listen(
	port: number,
	serve: (socket: Socket) => void,
): Promise<Server> {
	const server = createServer({ noDelay: true, allowHalfOpen: true }, serve);
	return new Promise((listening, failed) => {
		server.once("error", failed);
		server.listen(port, "127.0.0.1", () => listening(server));
	});
}

/** Joins two sockets; everything between them goes through `carry`. */
function join(
	console: Socket,
	agent: Socket,
	number: number,
	clock: Clock,
	toxics: () => Toxics,
	over: () => void,
): Pair {
	const bytes = { up: 0, down: 0 };
	let open = true;
	const leave = (end: (socket: Socket) => void): void => {
		if (!open) return;
		open = false;
		up.stop();
		down.stop();
		end(console);
		end(agent);
		over();
	};
	const cut = (): void =>
		leave((socket) => {
			socket.resume();
			socket.end();
			socket.destroySoon();
		});
	const reset = (): void => leave((socket) => socket.resetAndDestroy());
	const pieces = { up: openTally<number>(), down: openTally<number>() };
	const read = (direction: Direction, size: number): void => {
		bytes[direction] += size;
		pieces[direction].add(size);
	};
	const hooks = { read, clock, toxics, cut, reset };
	const up = carry(console, agent, "up", hooks);
	const down = carry(agent, console, "down", hooks);
	for (const socket of [console, agent]) {
		socket.setNoDelay(true);
		socket.on("error", () => {
			if (toxics().blackHole !== true) reset();
		});
		socket.once("close", () => {
			if (console.destroyed && agent.destroyed) leave(() => {});
		});
	}
	const review = (): void => {
		const { pauseReading } = toxics();
		if (pauseReading === "console") console.pause();
		else console.resume();
		if (pauseReading === "agent") agent.pause();
		else agent.resume();
		up.flush();
		down.flush();
	};
	review();
	return {
		number,
		bytes,
		get open() {
			return open;
		},
		async waitForBytes(direction) {
			await pieces[direction].waitFor(pieces[direction].all.length + 1);
		},
		cut,
		reset,
		review,
	};
}

interface Hooks {
	read(direction: Direction, size: number): void;
	readonly clock: Clock;
	readonly toxics: () => Toxics;
	cut(): void;
	reset(): void;
}

interface Carrier {
	flush(): void;
	stop(): void;
}

/** A piece on its way; null is the end of the stream. */
interface Piece {
	readonly bytes: Buffer | null;
	readonly dueMs: number;
}

/** One direction: a queue that the toxics may hold, delay, slice or cut. */
function carry(
	from: Socket,
	to: Socket,
	direction: Direction,
	{ read, clock, toxics, cut, reset }: Hooks,
): Carrier {
	const queue: Piece[] = [];
	let cancel: Cancel = () => {};
	let stopped = false;
	let sent = 0;
	/** Bytes that may still pass before a limit bites; Infinity without one. */
	const left = (limit: Toxics["cutAfterBytes"]): number =>
		limit?.direction === direction
			? Math.max(0, limit.bytes - sent)
			: Number.POSITIVE_INFINITY;
	const flush = (): void => {
		cancel();
		while (!stopped) {
			const now = toxics();
			const piece = queue[0];
			if (now.blackHole === true || piece === undefined) return;
			if (left(now.resetAfterBytes) === 0) return reset();
			if (left(now.cutAfterBytes) === 0) return cut();
			if (left(now.stallAfterBytes) === 0) return;
			const nowMs = clock.monotonicMs();
			if (piece.dueMs > nowMs) {
				cancel = clock.at(piece.dueMs, flush);
				return;
			}
			queue.shift();
			if (piece.bytes === null) {
				to.end();
				continue;
			}
			const most = Math.min(
				left(now.resetAfterBytes),
				left(now.cutAfterBytes),
				left(now.stallAfterBytes),
				now.slice?.bytes ?? Number.POSITIVE_INFINITY,
			);
			const part = piece.bytes.subarray(0, most);
			sent += part.length;
			to.write(part);
			if (part.length < piece.bytes.length)
				queue.unshift({
					bytes: piece.bytes.subarray(part.length),
					dueMs: nowMs + (now.slice?.everyMs ?? 0),
				});
		}
	};
	const add = (piece: Buffer | null): void => {
		queue.push({
			bytes: piece,
			dueMs: clock.monotonicMs() + (toxics().latencyMs ?? 0),
		});
		flush();
	};
	from.on("data", (piece: Buffer) => {
		read(direction, piece.length);
		add(piece);
	});
	from.once("end", () => add(null));
	return {
		flush,
		stop() {
			stopped = true;
			cancel();
			queue.length = 0;
		},
	};
}
