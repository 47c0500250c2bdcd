// The agent's end of a WebSocket without a network: what the demo stream uses of the real thing, and no more.
import type { WebSocket } from "ws";

/** What goes out by it. */
export interface AgentSocketPorts {
	frame(text: string, binary: boolean): void;
	ping(): void;
	pong(): void;
	/** Null: without a close frame. */
	end(close: { readonly code: number; readonly reason: string } | null): void;
}

export interface AgentSocket {
	/** For the stream. */
	readonly socket: WebSocket;
	/** Something came in. */
	emit(event: "ping" | "pong"): void;
	text(text: string): void;
	/** It is over, by whichever side. Twice is once. */
	over(): void;
	/** Closes it as the agent would. */
	close(code: number, reason: string): void;
	readonly isOpen: boolean;
}

type Listener = (...given: unknown[]) => void;

export function openAgentSocket(ports: AgentSocketPorts): AgentSocket {
	const listeners = new Map<string, Listener[]>();
	let isOpen = true;
	const tell = (event: string, ...given: unknown[]): void => {
		for (const listener of listeners.get(event) ?? []) listener(...given);
	};
	const over = (): void => {
		if (!isOpen) return;
		isOpen = false;
		tell("close");
	};
	const end = (close: Parameters<AgentSocketPorts["end"]>[0]): void => {
		if (!isOpen) return;
		ports.end(close);
		over();
	};
	const close = (code: number, reason: string): void => end({ code, reason });
	const socket = {
		on(event: string, listener: Listener) {
			listeners.set(event, [...(listeners.get(event) ?? []), listener]);
		},
		send(data: string | Buffer, options?: { readonly binary?: boolean }) {
			if (isOpen) ports.frame(String(data), options?.binary === true);
		},
		ping() {
			if (isOpen) ports.ping();
		},
		pong() {
			if (isOpen) ports.pong();
		},
		close: (code = 1005, reason = "") => close(code, reason),
		terminate: () => end(null),
	};
	return {
		// The stream uses these members only; a test that meets another one fails by calling what is not there.
		socket: socket as unknown as WebSocket,
		emit(event) {
			if (isOpen) tell(event, Buffer.alloc(0));
		},
		text(text) {
			if (isOpen) tell("message", Buffer.from(text), false);
		},
		over,
		close,
		get isOpen() {
			return isOpen;
		},
	};
}
