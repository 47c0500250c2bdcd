// The Transport over real sockets: one mTLS WebSocket per agent, through its stages dial, upgrade, live. It owns frame
// limits, the bounded send buffer and a polite goodbye, and reports raw facts. It knows no dialect and no retry.
import type WebSocket from "ws";
import type { Cancel } from "../../../shared/clock.ts";
import { type DialOptions, dialTls } from "./dial.ts";
import { failureOn, type Line, openLine } from "./line.ts";
import type {
	Connection,
	ConnectionListener,
	Failure,
	Target,
	Transport,
} from "./transport.ts";
import { GOODBYE_MS, upgrade } from "./upgrade.ts";

/** What the WebSocket transport of a profile needs. */
export interface WebSocketOptions extends DialOptions {
	/** From the request to a verified 101; 10 s when absent (03-BEHAVIOUR section 1). */
	readonly upgradeMs?: number;
}

const UPGRADE_MS = 10_000;
/** Unsent bytes a connection may hold, and for how long: beyond it the peer does not read, and memory must not grow for it. */
const BACKLOG_BYTES = 1024 * 1024;
const BACKLOG_MS = 5_000;
/** As in `ws.OPEN`, without holding the class. */
const OPEN = 1;

const noop = (): void => {};

/** Transport over `ws` and our own TLS sockets. */
export function openWebSocketTransport(options: WebSocketOptions): Transport {
	return {
		open(target, listener) {
			const connection: Connection = { ...OVER };
			dialStage(target, options, listener, (stage) => {
				Object.assign(connection, stage);
			});
			return connection;
		},
	};
}

/** Makes the connection do what the next stage does (its methods are replaced, so they are called through the object), and lets everything of the last one go: 10,000 idle links count bytes. */
type Enter = (stage: Connection) => void;

const OVER: Connection = { send: noop, ping: noop, hangUp: noop };

/** Before it is open nothing can be sent, and a hang-up is told like an end without a close frame. */
function opening(
	abort: () => Failure,
	listener: ConnectionListener,
	enter: Enter,
): Connection {
	return {
		send: noop,
		ping: noop,
		hangUp() {
			const failure = abort();
			enter(OVER);
			queueMicrotask(() =>
				listener.closed({ ...failure, close: { code: 1006, reason: "" } }),
			);
		},
	};
}

function dialStage(
	target: Target,
	options: WebSocketOptions,
	listener: ConnectionListener,
	enter: Enter,
): void {
	const dial = dialTls(target, options, {
		secured: (secured) =>
			upgradeStage(
				target,
				openLine(secured, options.clock),
				options.upgradeMs ?? UPGRADE_MS,
				listener,
				enter,
			),
		failed(failure) {
			enter(OVER);
			listener.closed(failure);
		},
	});
	const abort = (): Failure => {
		const failure = dial.failure([]);
		dial.abort();
		return failure;
	};
	enter(opening(abort, listener, enter));
}

function upgradeStage(
	target: Target,
	line: Line,
	forMs: number,
	listener: ConnectionListener,
	enter: Enter,
): void {
	const sinceMs = line.clock.monotonicMs();
	const asked = upgrade(target, line, forMs, {
		opened(ws) {
			enter(liveStage(ws, line, listener, enter));
			listener.opened({
				...line.secured.timingsMs,
				upgrade: line.clock.monotonicMs() - sinceMs,
			});
		},
		failed(failure) {
			enter(OVER);
			listener.closed(failure);
		},
	});
	const abort = (): Failure => {
		const failure = failureOn(line, "upgrade", {});
		asked.abort();
		return failure;
	};
	enter(opening(abort, listener, enter));
}

/** A frame or a message above our limit, and a length that no program can count. */
const TOO_LONG: ReadonlySet<string> = new Set([
	"WS_ERR_UNSUPPORTED_MESSAGE_LENGTH",
	"WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH",
]);

/** Close codes that we send for what ws found wrong with a frame (RFC 6455 section 7.4.1). */
function closeCodeOf(error: unknown): number | null {
	const code =
		error instanceof Error && "code" in error ? String(error.code) : "";
	if (TOO_LONG.has(code)) return 1009;
	if (code === "WS_ERR_INVALID_UTF8") return 1007;
	return code.startsWith("WS_ERR_") ? 1002 : null;
}

function liveStage(
	ws: WebSocket,
	line: Line,
	listener: ConnectionListener,
	enter: Enter,
): Connection {
	ws.on("message", (bytes: Buffer, binary: boolean) =>
		listener.frame(binary ? "" : bytes.toString("utf8"), binary),
	);
	ws.on("ping", (bytes: Buffer) => {
		listener.heard();
		if (ws.readyState !== OPEN) return;
		// A peer that pings and never reads would fill our memory with answers.
		if (ws.bufferedAmount <= BACKLOG_BYTES) ws.pong(bytes);
		mindBacklog();
	});
	ws.on("pong", () => listener.heard());
	let broken: unknown = null;
	ws.on("error", (error: unknown) => {
		broken ??= error;
	});
	let cancel: Cancel = noop;
	ws.on("close", (code: number, reason: Buffer) => {
		cancel();
		enter(OVER);
		const close = {
			code: closeCodeOf(broken) ?? code,
			reason: reason.toString("utf8"),
		};
		listener.closed(failureOn(line, "live", { close }, broken));
	});
	/** At most one deadline: of a goodbye, or of a backlog; a goodbye is the shorter one and replaces it. */
	const arm = (forMs: number, run: () => void): void => {
		cancel();
		cancel = line.clock.at(line.clock.monotonicMs() + forMs, run);
	};
	let watching = false;
	/** After a send: a peer that has not read for 5 s then is destroyed (C24). */
	const mindBacklog = (): void => {
		if (watching || ws.bufferedAmount <= BACKLOG_BYTES) return;
		watching = true;
		arm(BACKLOG_MS, () => {
			watching = false;
			if (ws.bufferedAmount <= BACKLOG_BYTES) return;
			broken ??= new Error(`the peer did not read for ${BACKLOG_MS} ms`);
			ws.terminate();
		});
	};
	return {
		send(text) {
			if (ws.readyState !== OPEN) return;
			ws.send(text);
			mindBacklog();
		},
		ping() {
			if (ws.readyState === OPEN) ws.ping();
		},
		hangUp(politely) {
			if (!politely || ws.readyState !== OPEN) return ws.terminate();
			arm(GOODBYE_MS, () => ws.terminate());
			ws.close(1000);
		},
	};
}
