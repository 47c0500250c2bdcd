// The live streams of one agent: greeting, heartbeat, subscriptions, the challenge, and the delivery of job events to
// each connection with all the ways in which delivery goes wrong. Knows jobs only as events that others composed.
import type { WebSocket } from "ws";
import type { Cancel, Clock } from "../../shared/clock.ts";
import { judgeResponse, newNonce } from "./challenge.ts";
import type { EventLog } from "./eventLog.ts";
import type { FaultSet } from "./faultSet.ts";
import type { Pulse } from "./pulse.ts";
import { seeded } from "./seeded.ts";
import type { Voice } from "./voice.ts";

/** Between the agent's pings: the period the pulse is to have. */
export const PING_EVERY_MS = 5000;
/** A client from which no ping or pong came for longer is dropped at the next beat. */
const SILENCE_MS = 10_000;
const CHALLENGE_MS = 10_000;
/** A swapped event whose partner never comes is sent alone after this. */
const SWAP_HOLD_MS = 300;
const OVERSIZE_BYTES = 1_200_000;

type Event = Readonly<Record<string, unknown>>;

export interface StreamPorts {
	readonly clock: Clock;
	readonly pulse: Pulse;
	readonly faults: FaultSet;
	readonly voice: Voice;
	readonly log: EventLog;
	readonly servername: string;
	readonly caPem: string;
}

export interface Stream {
	/** Takes over an open WebSocket. */
	accepted(socket: WebSocket): void;
	/** A job event, to everybody who listens. */
	push(event: Event): void;
	/** Text as it is, past every switch. */
	pushRaw(text: string): void;
	/** Open connections, and how many there have been. */
	open(): number;
	total(): number;
	/** Resolves when there have been `total` connections or more, and one is open. */
	waitFor(total: number): Promise<void>;
	/** Job events handed to sockets so far, over all connections. */
	sent(): number;
}

interface Connection {
	readonly socket: WebSocket;
	/** Job events seen so far, delivered or not. */
	seen: number;
	heardAt: number;
	/** Set while the challenge is not passed. */
	nonce: Buffer | null;
	/** Events that wait for the end of a pause. */
	blocked: Event[] | null;
	swapped: Event | null;
	cancels: Cancel[];
}

export function createStream(ports: StreamPorts): Stream {
	const { clock, faults, voice } = ports;
	const connections = new Set<Connection>();
	let total = 0;
	let sent = 0;
	const waiting = new Set<{ total: number; resolve: () => void }>();

	const later = (to: Connection, ms: number, run: () => void): void => {
		to.cancels.push(clock.at(clock.monotonicMs() + ms, run));
	};
	const say = (to: Connection, event: Event): void =>
		to.socket.send(JSON.stringify(event));

	const deliver = (to: Connection, event: Event): void => {
		if (to.nonce !== null) return;
		if (to.blocked !== null) {
			to.blocked.push(event);
			return;
		}
		const number = to.seen++;
		if (number >= (faults.get("deaf")?.afterEvents ?? Number.POSITIVE_INFINITY))
			return;
		const drop = faults.get("drop");
		const from = drop?.afterEvents ?? 0;
		if (drop && number >= from && number < from + drop.events) return;
		if (faults.get("swap")) return swap(to, event);
		transmit(to, event);
	};
	const swap = (to: Connection, event: Event): void => {
		const held = to.swapped;
		if (held !== null) {
			to.swapped = null;
			transmit(to, event);
			transmit(to, held);
			return;
		}
		to.swapped = event;
		later(to, SWAP_HOLD_MS, () => {
			if (to.swapped !== event) return;
			to.swapped = null;
			transmit(to, event);
		});
	};
	const transmit = (to: Connection, event: Event): void => {
		const duplicate = faults.get("duplicate");
		const times = duplicate ? (duplicate.times ?? 2) : 1;
		for (let time = 0; time < times; time++) say(to, event);
		sent++;
		sendHostileFrame(to);
		maybeClose(to);
	};
	const sendHostileFrame = (to: Connection): void => {
		switch (faults.get("frame")?.what) {
			case "oversize":
				say(
					to,
					voice.plainEvent("job_status", "running", "x".repeat(OVERSIZE_BYTES)),
				);
				break;
			case "binary":
				to.socket.send(Buffer.from([0, 1, 2, 3]), { binary: true });
				break;
			case "bad-json":
				to.socket.send('{"event":"job_status","job_id":');
				break;
			case undefined:
		}
	};
	const maybeClose = (to: Connection): void => {
		const close = faults.get("close");
		if (close && to.seen >= (close.afterEvents ?? 0))
			to.socket.close(close.code, close.reason ?? "");
	};

	const beat = (to: Connection): void => {
		if (faults.get("no-ping") || to.blocked !== null) return;
		if (clock.monotonicMs() - to.heardAt > SILENCE_MS) to.socket.terminate();
		else to.socket.ping();
	};
	const pause = (to: Connection, ms: number): void => {
		to.blocked = [];
		later(to, ms, () => {
			const held = to.blocked ?? [];
			to.blocked = null;
			to.heardAt = clock.monotonicMs();
			for (const event of held) deliver(to, event);
		});
	};

	const greet = (to: Connection): void => {
		const id = seeded(total, ports.servername, "ws").uuid();
		say(
			to,
			voice.plainEvent("connected", "connected", `WebSocket connected: ${id}`),
		);
		to.cancels.push(ports.pulse.join(() => beat(to)));
		const stall = faults.get("ping-pause");
		if (stall)
			later(to, (stall.afterSeconds ?? 5) * 1000, () =>
				pause(to, (stall.seconds ?? 20) * 1000),
			);
		if (voice.offers("challenge.v1")) challenge(to);
		sendHostileFrame(to);
		maybeClose(to);
	};
	const challenge = (to: Connection): void => {
		const how = faults.get("challenge")?.how;
		const nonce = how === "short-nonce" ? Buffer.from("short") : newNonce();
		to.nonce = nonce;
		if (how === "never") return;
		const event = {
			event: "auth_challenge",
			nonce: nonce.toString("base64"),
		};
		say(to, event);
		if (how === "twice") say(to, event);
		later(to, CHALLENGE_MS, () => {
			if (to.nonce !== null) refuse(to, "timeout");
		});
	};
	const refuse = (to: Connection, reason: string): void => {
		say(to, { event: "auth_failed", reason });
		to.socket.close(1008, "auth_failed");
	};
	const judge = (to: Connection, nonce: Buffer, message: Event): void => {
		const how = faults.get("challenge")?.how;
		if (how === "silent") return;
		if (message.action !== "auth_response")
			return refuse(to, "authenticate first");
		const reason =
			how === "refuse"
				? "this identity is not welcome"
				: judgeResponse(message, {
						servername: ports.servername,
						nonce,
						caPem: ports.caPem,
						nowMs: clock.wallMs(),
					});
		if (reason !== null) return refuse(to, reason);
		to.nonce = null;
		say(to, { event: "auth_ok" });
	};

	const received = (to: Connection, text: string): void => {
		let message: unknown;
		try {
			message = JSON.parse(text);
		} catch (error) {
			return complain(to, error instanceof Error ? error.message : "not JSON");
		}
		if (typeof message !== "object" || message === null)
			return complain(to, "expected an object");
		const fields = message as Event;
		if (to.nonce !== null) return judge(to, to.nonce, fields);
		const job = typeof fields.job_id === "string" ? fields.job_id : null;
		if (fields.action === "subscribe") {
			say(to, acknowledged("subscribed", job ?? "all"));
			replay(to, fields);
		} else if (fields.action === "unsubscribe" && job !== null)
			say(to, acknowledged("unsubscribed", job));
		else complain(to, "unknown variant or missing field");
	};
	const acknowledged = (word: string, job: string): Event =>
		voice.plainEvent(word, word, `${word} ${job}`, job);
	const complain = (to: Connection, why: string): void =>
		say(
			to,
			voice.plainEvent("error", "invalid_message", `Invalid message: ${why}`),
		);
	/** events.v1: what happened since the client's last number; all that is kept when it speaks of another epoch. */
	const replay = (to: Connection, { since, epoch }: Event): void => {
		if (typeof since !== "number" || !voice.offers("events.v1")) return;
		const from = epoch === ports.log.epoch() ? since : 0;
		for (const event of ports.log.since(from, 1000).events) deliver(to, event);
	};

	/** Listens and speaks; without this a connection is open and dead. */
	const attend = (to: Connection): void => {
		const { socket } = to;
		socket.on("ping", (content) => {
			to.heardAt = clock.monotonicMs();
			if (to.blocked === null) socket.pong(content);
		});
		socket.on("pong", () => {
			to.heardAt = clock.monotonicMs();
		});
		socket.on("message", (raw, binary) => {
			if (!binary) received(to, raw.toString());
		});
		greet(to);
	};
	const gone = (which: Connection): void => {
		connections.delete(which);
		for (const cancel of which.cancels) cancel();
	};
	const tellWaiting = (): void => {
		for (const each of [...waiting]) {
			if (total < each.total || connections.size === 0) continue;
			waiting.delete(each);
			each.resolve();
		}
	};
	return {
		accepted(socket) {
			const connection: Connection = {
				socket,
				seen: 0,
				heardAt: clock.monotonicMs(),
				nonce: null,
				blocked: null,
				swapped: null,
				cancels: [],
			};
			connections.add(connection);
			total++;
			socket.on("error", () => socket.terminate());
			socket.on("close", () => gone(connection));
			if (faults.get("mute")?.after !== "101") attend(connection);
			tellWaiting();
		},
		push(event) {
			const whole = voice.offers("events.v1") ? ports.log.append(event) : event;
			for (const connection of connections) deliver(connection, whole);
		},
		pushRaw(text) {
			for (const { socket } of connections) socket.send(text);
		},
		open: () => connections.size,
		total: () => total,
		waitFor: (wanted) =>
			new Promise((resolve) => {
				waiting.add({ total: wanted, resolve });
				tellWaiting();
			}),
		sent: () => sent,
	};
}
