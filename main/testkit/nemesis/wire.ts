// Transport and REST over agents in memory, with what a wire can tell of the console: how many sockets a host has, how many
// handshakes are under way, how often an agent is asked.
import type { Cancel, Clock } from "../../../shared/clock.ts";
import type { HostId } from "../../../shared/model.ts";
import { HANDSHAKES_AT_ONCE } from "../../core/fleet/dialGate.ts";
import { failureIn } from "../../core/transport/failure.ts";
import type {
	Connection,
	ConnectionListener,
	Failure,
	Transport,
} from "../../core/transport/transport.ts";
import { MAX_FRAME_BYTES } from "../../core/transport/transport.ts";
import { openAgentSocket } from "./agentSocket.ts";
import type { Joint, Peer } from "./shake.ts";
import { shake } from "./shake.ts";

/** GETs that one agent may be asked in any minute (03-BEHAVIOUR section 1). */
const GETS_A_MINUTE = 40;
const MINUTE_MS = 60_000;
/** The real transport's own deadline for the answer to the upgrade. */
const UPGRADE_MS = 10_000;

/** What the wire saw; `wrong` is told at once. */
export interface WireBook {
	dialBegan(): void;
	dialOver(): void;
	asked(id: HostId): void;
	socketBegan(id: HostId): void;
	socketOver(id: HostId): void;
	readonly held: number;
	readonly mostDialing: number;
	readonly dials: number;
	readonly gets: number;
	socketsOf(id: HostId): number;
}

export function openWireBook(
	clock: Clock,
	wrong: (sentence: string) => void,
): WireBook {
	const sockets = new Map<HostId, number>();
	const asked = new Map<HostId, number[]>();
	let dialing = 0;
	let mostDialing = 0;
	let dials = 0;
	let held = 0;
	let gets = 0;
	return {
		dialBegan() {
			dials++;
			mostDialing = Math.max(mostDialing, ++dialing);
			if (dialing > HANDSHAKES_AT_ONCE)
				wrong(`${dialing} handshakes are under way at once`);
		},
		dialOver() {
			dialing--;
		},
		asked(id) {
			gets++;
			const times = asked.get(id) ?? [];
			asked.set(id, times);
			const now = clock.monotonicMs();
			times.push(now);
			while ((times[0] ?? now) <= now - MINUTE_MS) times.shift();
			if (times.length > GETS_A_MINUTE)
				wrong(`${id} was asked ${times.length} times within a minute`);
		},
		socketBegan(id) {
			held++;
			const count = (sockets.get(id) ?? 0) + 1;
			sockets.set(id, count);
			if (count > 1) wrong(`${id} has ${count} sockets at once`);
		},
		socketOver(id) {
			held--;
			sockets.set(id, (sockets.get(id) ?? 1) - 1);
		},
		get held() {
			return held;
		},
		get mostDialing() {
			return mostDialing;
		},
		get dials() {
			return dials;
		},
		get gets() {
			return gets;
		},
		socketsOf: (id) => sockets.get(id) ?? 0,
	};
}

/** Sockets to these agents. `console` is the laptop's own time. */
export function openWireTransport(
	console: Clock,
	book: WireBook,
	peerOf: (id: HostId) => Peer,
): Transport {
	return {
		open: ({ hostId }, listener) =>
			openSocket(hostId, peerOf(hostId), console, book, listener),
	};
}

function openSocket(
	id: HostId,
	peer: Peer,
	console: Clock,
	book: WireBook,
	listener: ConnectionListener,
): Connection {
	let joint: Joint | null = null;
	let agent: ReturnType<typeof openAgentSocket> | null = null;
	let stage: "dialing" | "open" | "over" = "dialing";
	let isShaking = true;
	let cancelUpgrade: Cancel = () => {};
	book.dialBegan();
	book.socketBegan(id);

	const handshakeOver = (): void => {
		if (!isShaking) return;
		isShaking = false;
		book.dialOver();
	};
	const leave = (): boolean => {
		if (stage === "over") return false;
		stage = "over";
		handshakeOver();
		cancelUpgrade();
		book.socketOver(id);
		joint?.end();
		return true;
	};
	const closed = (failure: Failure): void => {
		if (!leave()) return;
		agent?.over();
		listener.closed(failure);
	};
	const lost = (): void =>
		closed(
			failureIn(stage === "open" ? "live" : "upgrade", {
				close: { code: 1006, reason: "" },
				bytesReceived: 1,
			}),
		);

	const accept = ({ up, down }: Joint): void => {
		const { door, path } = peer;
		const heard = (): void => listener.heard();
		const socket = openAgentSocket({
			frame(text, binary) {
				down.send(() => {
					if (stage !== "open") return;
					if (text.length > MAX_FRAME_BYTES)
						closed(
							failureIn("live", {
								close: { code: 1009, reason: "" },
								bytesReceived: 1,
							}),
						);
					else listener.frame(binary ? "" : text, binary);
				});
			},
			ping() {
				// By far the most frequent thing: without a detour while nothing is in its way.
				if (path.flows && down.isIdle && up.isIdle) {
					heard();
					socket.emit("pong");
					return;
				}
				down.send(() => {
					heard();
					up.send(() => door.whenRunning(() => socket.emit("pong")));
				});
			},
			pong: () => down.send(heard),
			end(close) {
				down.send(
					close === null
						? lost
						: () => closed(failureIn("live", { close, bytesReceived: 1 })),
				);
			},
		});
		agent = socket;
		down.send(() => {
			cancelUpgrade();
			handshakeOver();
			stage = "open";
			listener.opened({ tcp: 1, tls: 1, upgrade: 1 });
		});
		door.accepted(socket);
	};
	const upgrade = (to: Joint): void => {
		joint = to;
		cancelUpgrade = console.at(console.monotonicMs() + UPGRADE_MS, () =>
			closed(failureIn("upgrade", { timedOut: true, secureForMs: UPGRADE_MS })),
		);
		to.up.send(() =>
			peer.door.whenRunning(() => {
				if (!to.isAlive) return;
				const refusal = peer.door.refusesUpgrade();
				if (refusal === null) accept(to);
				else to.down.send(() => closed(failureIn("upgrade", refusal)));
			}),
		);
	};
	const giveUp = shake(peer, console, {
		over() {},
		up: upgrade,
		failed: closed,
		reset() {
			agent?.over();
			lost();
		},
	});
	return {
		send(text) {
			if (stage !== "open") return;
			joint?.up.send(() => peer.door.whenRunning(() => agent?.text(text)));
		},
		ping() {
			if (stage !== "open") return;
			joint?.up.send(() => peer.door.whenRunning(() => agent?.emit("ping")));
		},
		hangUp(politely) {
			const code = politely ? 1000 : 1006;
			const phase = stage === "open" ? "live" : "upgrade";
			const told = failureIn(phase, { close: { code, reason: "" } });
			const before = joint;
			const ended = agent;
			if (stage === "over") return;
			giveUp();
			leave();
			// The other end learns of it when the network lets it.
			if (before !== null && ended !== null) {
				const farewell = peer.path.openWay();
				farewell.send(() => peer.door.whenRunning(() => ended.over()));
			}
			console.at(console.monotonicMs(), () => listener.closed(told));
		},
	};
}
