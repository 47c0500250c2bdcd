// How an agent answers `GET /api/v1/ws/jobs` with an Upgrade header: with a WebSocket, or with one of the ways in which
// old agents, proxies and closed doors do not (02-AGENT-PROTOCOL Q1, 03-BEHAVIOUR section 4).
import type { IncomingMessage } from "node:http";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { type WebSocket, WebSocketServer } from "ws";
import type { RestAnswer } from "./envelope.ts";
import type { FaultSet } from "./faultSet.ts";
import { partsOf } from "./httpFace.ts";
import { seeded } from "./seeded.ts";
import type { Voice } from "./voice.ts";

/** Frames from clients beyond this end the connection, as in the real agent. */
const MAX_INBOUND_BYTES = 64 * 1024;

/** One for the whole process: it holds no state per agent. */
const webSockets = new WebSocketServer({
	noServer: true,
	// The stream answers pings itself, or does not.
	autoPong: false,
	clientTracking: false,
	perMessageDeflate: false,
	maxPayload: MAX_INBOUND_BYTES,
	handleProtocols: () => false,
});

export interface UpgradePorts {
	readonly faults: FaultSet;
	readonly voice: Voice;
	gate(method: string, path: string, socket: object): RestAnswer | null;
	accepted(socket: WebSocket): void;
}

/** Answers one upgrade request. */
export function answerUpgrade(
	ports: UpgradePorts,
	request: IncomingMessage,
	socket: Duplex,
	head: Buffer,
): void {
	socket.on("error", () => socket.destroy());
	const { path } = partsOf(request.url);
	const barred = ports.gate("GET", path, socket);
	if (barred !== null) return plainly(socket, barred);
	if (path !== "/api/v1/ws/jobs")
		return plainly(socket, {
			status: path.startsWith("/api/v1/") ? 405 : 404,
			headers: {},
			body: null,
		});
	const forced = ports.faults.get("upgrade-status");
	if (forced) {
		const retry =
			forced.retryAfterSeconds === undefined
				? {}
				: { "retry-after": String(forced.retryAfterSeconds) };
		return plainly(socket, {
			status: forced.status,
			headers: { "content-type": "text/plain", ...retry },
			body: STATUS_CODES[forced.status] ?? "Refused",
		});
	}
	if (!ports.voice.facts.live || ports.faults.get("stub-101"))
		return stubAnswer(socket, ports.voice);
	if (ports.faults.get("wrong-accept")) return wrongAccept(socket);
	webSockets.handleUpgrade(request, socket, head, ports.accepted);
}

function plainly(socket: Duplex, { status, headers, body }: RestAnswer): void {
	const bytes = Buffer.from(body ?? "", "utf8");
	const lines = Object.entries({
		...headers,
		"content-length": String(bytes.length),
		connection: "close",
	}).map(([name, value]) => `${name}: ${value}\r\n`);
	socket.end(
		`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? "Unknown"}\r\n${lines.join("")}\r\n${bytes.toString("utf8")}`,
	);
}

/** The old stub: it says 101, proves nothing, and sends JSON where frames belong. */
function stubAnswer(socket: Duplex, voice: Voice): void {
	const body = JSON.stringify({
		...voice.plainEvent("connected", "connected", "WebSocket stub"),
		ws_id: seeded(voice.wallMs(), "ws").uuid(),
		polling_alternative: "/api/v1/jobs",
	});
	socket.write(
		`HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\ncontent-type: application/json\r\n\r\n${body}`,
	);
	socket.resume();
}

/** The key's digest of somebody else's request. */
function wrongAccept(socket: Duplex): void {
	socket.write(
		"HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\nsec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
	);
	socket.resume();
}
