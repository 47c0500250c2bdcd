// The window's line to its core: the pipe that the preload exposes, or a WebSocket to where the window came from. Opens it
// again after a loss and says so in the store. Knows nothing of what travels on it.
import type { Client, Pipe } from "../shared/bridge.ts";
import { client } from "../shared/bridge.ts";
import type { Clock } from "../shared/clock.ts";
import type { CoreStore } from "./store/sync.ts";
import { follow } from "./store/sync.ts";

/** What the preload exposes as `window.foredeck`. */
export type PreloadPipe = Pick<Pipe, "send" | "onMessage" | "onClose">;

/** First and longest wait before the pipe is opened again. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 5_000;

/** A pipe on its way: `onOpen` is called at most once, before any message. */
interface OpeningPipe {
	readonly pipe: Pipe;
	onOpen(listener: () => void): void;
}

function webSocketPipe(address: string): OpeningPipe {
	const socket = new WebSocket(address);
	return {
		pipe: {
			send: (message) => {
				if (socket.readyState === WebSocket.OPEN) socket.send(message);
			},
			onMessage: (listener) =>
				socket.addEventListener("message", (event) => {
					if (typeof event.data === "string") listener(event.data);
				}),
			onClose: (listener) => socket.addEventListener("close", listener),
			close: () => socket.close(),
		},
		onOpen: (listener) => socket.addEventListener("open", listener),
	};
}

function preloadPipe(exposed: PreloadPipe): OpeningPipe {
	return {
		pipe: {
			send: (message) => exposed.send(message),
			onMessage: (listener) => exposed.onMessage(listener),
			onClose: (listener) => exposed.onClose(listener),
			close: () => {},
		},
		onOpen: (listener) => listener(),
	};
}

/** The pipe's address beside the page: `http` becomes `ws`, `https` becomes `wss`. */
export const pipeAddress = (origin: string): string =>
	`${origin.replace(/^http/, "ws")}/pipe`;

/** Wait before attempt number `attempt` (from 1): 0.5 s doubling to 5 s. */
export const waitMs = (attempt: number): number =>
	Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** (attempt - 1));

/** The current client; null while there is no open pipe. */
export interface Connection {
	current(): Client | null;
	/** Tries now instead of at the end of the wait. */
	retryNow(): void;
}

/** Connects and stays connected for the life of the page. */
export function connect(
	store: CoreStore,
	clock: Clock,
	origin: string,
	exposed: PreloadPipe | undefined,
): Connection {
	let core: Client | null = null;
	let attempt = 0;
	let everOpened = false;
	let closedAt: number | null = null;
	let opening = false;
	let cancelWait = (): void => {};

	const open = (): void => {
		cancelWait();
		opening = true;
		const next =
			exposed === undefined
				? webSocketPipe(pipeAddress(origin))
				: preloadPipe(exposed);
		const fresh = client(next.pipe);
		next.onOpen(() => {
			opening = false;
			core = fresh;
			attempt = 0;
			everOpened = true;
			closedAt = null;
			follow(store, fresh, clock);
		});
		fresh.onClose(lost);
	};
	const lost = (): void => {
		core = null;
		opening = false;
		attempt += 1;
		closedAt ??= clock.wallMs();
		// A preload's pipe belongs to the page: only a reload brings a new one.
		const wait = exposed === undefined ? waitMs(attempt) : null;
		store.setState({
			line: {
				kind: "closed",
				sinceAt: closedAt,
				attempt,
				retryAt: wait === null ? null : clock.wallMs() + wait,
				neverOpened: !everOpened,
			},
		});
		if (wait !== null) cancelWait = clock.at(clock.monotonicMs() + wait, open);
	};
	open();
	return {
		current: () => core,
		retryNow: () => {
			const { line } = store.getState();
			if (!opening && line.kind === "closed" && line.retryAt !== null) open();
		},
	};
}
