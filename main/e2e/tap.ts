// Listens at the doors of demo agents: everything a console asks of them, and every frame it sends. For proving what was asked
// how often, and what was never sent.
import { systemClock } from "../../shared/clock.ts";
import type { OpenDoor } from "../demo/door.ts";
import { openNetworkDoor } from "../demo/door.ts";
import { openTally, type Tally } from "../testkit/tally.ts";

export interface Asked {
	readonly servername: string;
	readonly method: string;
	/** Below the root, without the query. */
	readonly path: string;
	/** Monotonic. */
	readonly atMs: number;
}

export interface Tap {
	/** For `door` of a world. */
	readonly door: OpenDoor;
	/** Every request, upgrades too, except those that a forced rate limit refused. */
	readonly asked: Tally<Asked>;
	/** Every text frame. */
	readonly sent: Tally<{ readonly servername: string; readonly text: string }>;
}

export function openTap(): Tap {
	const clock = systemClock();
	const asked = openTally<Asked>();
	const sent = openTally<{ servername: string; text: string }>();
	return {
		asked,
		sent,
		door: (ports) =>
			openNetworkDoor({
				...ports,
				limit: {
					...ports.limit,
					refuse(request, address, worker) {
						const { method, path } = request;
						const { servername } = ports;
						asked.add({ servername, method, path, atMs: clock.monotonicMs() });
						return ports.limit.refuse(request, address, worker);
					},
				},
				accepted(socket) {
					socket.on("message", (bytes: Buffer) =>
						sent.add({
							servername: ports.servername,
							text: bytes.toString("utf8"),
						}),
					);
					ports.accepted(socket);
				},
			}),
	};
}
