// The door of a demo agent without a network: who comes in gets what the agent would say, bent by the switches and by the
// weather that the nemesis makes. It knows no time on the way; that is `path.ts`'s.
import type { Cancel } from "../../../shared/clock.ts";
import type { Failure } from "../../core/transport/transport.ts";
import type { DoorPorts } from "../../demo/door.ts";
import type { RestAnswer } from "../../demo/envelope.ts";
import { bentAnswer, createGate } from "../../demo/httpFace.ts";
import type { Listener } from "../../demo/listener.ts";
import type { AgentSocket } from "./agentSocket.ts";
import type { GatedClock } from "./gatedClock.ts";
import type { Span } from "./path.ts";

/** Broken answers, by what they are. */
export const GARBAGE = {
	html: "<html><body>Bad gateway</body></html>",
	half: '{"success":true,"data":{"jobs":[{"job_id":"',
	empty: "",
	null: "null",
	array: "[1,2,3]",
	deep: `${"[".repeat(5_000)}${"]".repeat(5_000)}`,
	wrong: '{"success":true,"data":{"jobs":[null,7,{"status":"running"}]}}',
} as const;

/** What the nemesis does to one agent's answers. */
export interface Weather {
	/** Refused before any handler sees it. */
	storm: {
		readonly status: 429 | 503;
		readonly retryAfterS: number | null;
		readonly where: "rest" | "upgrade" | "both";
	} | null;
	/** The worker is blocked: answers are ready this much later, or when it is free again. */
	slow: Span | null;
	/** REST bodies are this, or end in the middle with the connection. */
	garbage: keyof typeof GARBAGE | "cut" | null;
	/** The upgrade is impossible: nothing but polling is left. */
	noUpgrade: boolean;
}

export const fairWeather = (): Weather => ({
	storm: null,
	slow: null,
	garbage: null,
	noUpgrade: false,
});

/** Whoever must know that the agent's process closed its connection. */
export interface Guest {
	reset(): void;
}

export interface MemoryDoor extends Listener {
	readonly isOpen: boolean;
	/** Counts the processes there have been: a connection to a former one is dead. */
	readonly life: number;
	/** When the process last came or went (monotonic). */
	readonly changedMs: number;
	/** Runs it in the agent's process: now, or when that goes on. */
	whenRunning(run: () => void): void;
	enter(guest: Guest): void;
	leave(guest: Guest): void;
	/** Why the upgrade fails, or null: it is `accepted`. */
	refusesUpgrade(): Partial<Failure> | null;
	accepted(socket: AgentSocket): void;
	/** Closes every socket, each with this code. */
	closeSockets(code: number, reason: string): void;
	/** Runs when an answer is ready. */
	whenReady(run: () => void): void;
	/** The worker is free again: what waited is ready. */
	unblock(): void;
	/** DELETE of a job that has ended. */
	forget(id: string): void;
	/** What the agent answers; null: the connection ends in the middle of it. */
	request(path: string, signal: AbortSignal): Promise<RestAnswer | null>;
}

const refusedWith = (
	status: number,
	retryAfterS: number | null,
): Partial<Failure> => ({
	http: {
		status,
		contentType: "text/plain",
		retryAfterMs: retryAfterS === null ? null : retryAfterS * 1_000,
		firstBytes: "",
	},
	secureForMs: 10,
	bytesReceived: 100,
});

/** An agent's door, and its process as far as it can stand still. */
export function openMemoryDoor(
	ports: DoorPorts,
	process: GatedClock,
	weather: Weather,
	random: () => number,
): MemoryDoor {
	const { faults, voice, facts } = ports;
	const gate = createGate(ports);
	const guests = new Set<Guest>();
	const sockets = new Set<AgentSocket>();
	const unready = new Map<() => void, Cancel>();
	let isOpen = false;
	let life = 0;
	let changedMs = 0;
	const cut = (): void => {
		for (const guest of [...guests]) guest.reset();
		guests.clear();
	};
	const stormIn = (where: "rest" | "upgrade") =>
		weather.storm !== null && [where, "both"].includes(weather.storm.where)
			? weather.storm
			: null;

	return {
		port: () => 12_443,
		async open() {
			isOpen = true;
			changedMs = process.monotonicMs();
			life++;
		},
		async close() {
			isOpen = false;
			changedMs = process.monotonicMs();
			cut();
		},
		cut,
		reload() {},
		socketCount: () => guests.size,
		get isOpen() {
			return isOpen;
		},
		get changedMs() {
			return changedMs;
		},
		get life() {
			return life;
		},
		whenRunning: process.whenRunning,
		enter: (guest) => void guests.add(guest),
		leave: (guest) => void guests.delete(guest),
		refusesUpgrade() {
			const storm = stormIn("upgrade");
			if (storm !== null) return refusedWith(storm.status, storm.retryAfterS);
			const barred = gate("GET", "/api/v1/ws/jobs", 0);
			if (barred !== null) {
				const seconds = barred.headers["retry-after"];
				return refusedWith(
					barred.status,
					seconds === undefined ? null : Number(seconds),
				);
			}
			if (weather.noUpgrade) return refusedWith(404, null);
			if (!facts.live || faults.get("stub-101"))
				return { accept: "missing", secureForMs: 10, bytesReceived: 200 };
			return null;
		},
		accepted(socket) {
			for (const one of sockets) if (!one.isOpen) sockets.delete(one);
			sockets.add(socket);
			ports.accepted(socket.socket);
		},
		closeSockets(code, reason) {
			for (const socket of sockets) socket.close(code, reason);
			sockets.clear();
		},
		whenReady(run) {
			const { slow } = weather;
			if (slow === null) return run();
			const ready = (): void => {
				unready.get(ready)?.();
				unready.delete(ready);
				run();
			};
			const ms = slow.from + random() * (slow.to - slow.from);
			unready.set(ready, process.at(process.monotonicMs() + ms, ready));
		},
		unblock() {
			for (const ready of [...unready.keys()]) ready();
		},
		forget(id) {
			void ports.answer({
				method: "DELETE",
				path: `/api/v1/jobs/${id}`,
				query: new URLSearchParams(),
				body: "",
				signal: new AbortController().signal,
			});
		},
		async request(path, signal) {
			const storm = stormIn("rest");
			if (storm !== null) {
				const { retryAfterS, status } = storm;
				return {
					status,
					headers: {
						"content-type": "text/plain",
						...(retryAfterS === null
							? {}
							: { "retry-after": String(retryAfterS) }),
					},
					body: "later",
				};
			}
			const [name = "", query = ""] = `/api/v1${path}`.split("?", 2);
			const answer =
				gate("GET", name, 0) ??
				(await ports.answer({
					method: "GET",
					path: name,
					query: new URLSearchParams(query),
					body: "",
					signal,
				}));
			const { garbage } = weather;
			if (garbage === "cut") return null;
			const bent = bentAnswer(answer, name, { faults, voice });
			return garbage === null || bent.body === null
				? bent
				: { ...bent, body: GARBAGE[garbage] };
		},
	};
}
