// How clients come to an agent: over the network, with mutual TLS, HTTP and WebSockets. It joins the parts that know sockets
// and hands on what concerns the agent; a simulation without sockets brings a door of its own.
import type { WebSocket } from "ws";
import type { DialectFacts } from "./dialect.ts";
import type { RestAnswer } from "./envelope.ts";
import type { FaultSet } from "./faultSet.ts";
import { createHttpFace } from "./httpFace.ts";
import { createListener, type Listener } from "./listener.ts";
import { createPlates } from "./plates.ts";
import type { RateLimit } from "./rateLimit.ts";
import type { RestRequest } from "./rest.ts";
import { answerUpgrade } from "./upgrade.ts";
import type { Voice } from "./voice.ts";
import type { AgentWorld } from "./world.ts";

/** What a door needs of the agent behind it. */
export interface DoorPorts {
	readonly world: AgentWorld;
	readonly servername: string;
	readonly address: "127.0.0.1" | "::1";
	/** 0: any free one, kept from then on. */
	readonly port: number;
	readonly facts: DialectFacts;
	readonly faults: FaultSet;
	readonly voice: Voice;
	readonly limit: RateLimit;
	answer(request: RestRequest): Promise<RestAnswer>;
	/** A WebSocket is open. */
	accepted(socket: WebSocket): void;
}

export type OpenDoor = (ports: DoorPorts) => Listener;

/** A door on loopback. */
export const openNetworkDoor: OpenDoor = ({
	world,
	servername,
	address,
	port,
	facts,
	faults,
	voice,
	limit,
	answer,
	accepted,
}) => {
	const face = createHttpFace({
		clock: world.clock,
		faults,
		limit,
		voice,
		answer,
		upgrade: (request, socket, head) =>
			answerUpgrade(
				{ faults, voice, gate: face.gate, accepted },
				request,
				socket,
				head,
			),
	});
	const plates = createPlates(world, servername, facts, faults);
	const listener = createListener({
		address,
		port,
		plate: plates.current,
		admit() {
			const how = faults.get("whitelist")?.how;
			if (how === "reset") return "reset";
			return how === "hang" || faults.get("mute")?.after === "tcp"
				? "hang"
				: "serve";
		},
		serve(socket) {
			if (faults.get("mute")?.after === "tls") socket.resume();
			else face.serve(socket);
		},
	});
	return {
		...listener,
		reload() {
			plates.refresh();
			listener.reload();
		},
	};
};
