// Every agent of a measured fleet in one lean process: mTLS, WebSocket upgrade, scripted events, canned REST answers. It
// spends as little as it can, so that on two cores the other one is the subject's alone.
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer, type Server } from "node:https";
import type { AddressInfo } from "node:net";
import type { Duplex } from "node:stream";
import type { TLSSocket } from "node:tls";
import { WebSocketServer } from "ws";
import { answerParent } from "./child.ts";
import type { Credentials, GeneratorCalls } from "./orders.ts";
import type { Script } from "./script.ts";
import { makeScript } from "./script.ts";

/** A listening socket queues at most 4,096 new connections on a common Linux; 10,000 may come at once. */
const LISTENERS = 4;
const BACKLOG = 4_096;
/** As agents do (02-AGENT-PROTOCOL section 1.1). */
const KEEP_ALIVE_MS = 15_000;
const PACE_EVERY_MS = 1;

/** A link as the generator sees it. `at`: the next frame of the first part, when paced. */
interface Peer {
	readonly socket: Duplex;
	at: number;
}

const webSockets = new WebSocketServer({
	noServer: true,
	clientTracking: false,
	perMessageDeflate: false,
});
const peers = new Set<Peer>();
const sockets = new Set<TLSSocket>();
let script: Script;
let endedParts = 0;
let connections = 0;
let requests = 0;
let handshakes = 0;
let resumed = 0;
let sent = 0;
let stopPace: (() => void) | null = null;

function answerRequest(
	request: IncomingMessage,
	response: ServerResponse,
): void {
	requests++;
	const body = script.body(request.url ?? "", endedParts);
	if (body === null) response.writeHead(405).end();
	else
		response.writeHead(200, { "content-type": "application/json" }).end(body);
}

function answerUpgrade(
	request: IncomingMessage,
	socket: Duplex,
	head: Buffer,
): void {
	socket.on("error", () => socket.destroy());
	webSockets.handleUpgrade(request, socket, head, (ws) => {
		const peer: Peer = { socket, at: 0 };
		peers.add(peer);
		ws.on("error", () => ws.terminate());
		ws.on("close", () => peers.delete(peer));
		socket.write(script.connected);
	});
}

async function listenOnce(server: Credentials): Promise<number> {
	const listener: Server = createServer(
		{
			key: server.keyPem,
			cert: server.certPem,
			ca: server.caPem,
			requestCert: true,
			rejectUnauthorized: true,
			minVersion: "TLSv1.3",
			ALPNProtocols: ["http/1.1"],
			keepAliveTimeout: KEEP_ALIVE_MS,
			headersTimeout: 0,
			requestTimeout: 0,
		},
		answerRequest,
	);
	listener.on("upgrade", answerUpgrade);
	listener.on("connection", (socket) => {
		connections++;
		socket.on("close", () => connections--);
	});
	listener.on("secureConnection", (socket) => {
		sockets.add(socket);
		socket.on("close", () => sockets.delete(socket));
		handshakes++;
		if (socket.isSessionReused()) resumed++;
	});
	listener.listen(0, "127.0.0.1", BACKLOG);
	await once(listener, "listening");
	return (listener.address() as AddressInfo).port;
}

/** Sends the records to one link, each once the last one is with the system: writes of one turn would share a record. */
async function sendAll(
	{ socket }: Peer,
	records: readonly Buffer[],
): Promise<void> {
	for (const record of records)
		await new Promise((resolve) => socket.write(record, resolve));
}

function pace(frames: readonly Buffer[], eventsPerSecond: number): void {
	const turn = [...peers];
	for (const [index, peer] of turn.entries())
		peer.at = Math.floor((index / turn.length) * script.eventsPerRun);
	const startedAt = performance.now();
	let done = 0;
	const timer = setInterval(() => {
		const due =
			((performance.now() - startedAt) / 1_000) * eventsPerSecond - done;
		// At most one frame a link and turn: two writes in one turn would share a record.
		for (let left = Math.min(due, turn.length); left >= 1; left--) {
			const peer = turn[done++ % turn.length];
			const frame = frames[peer?.at ?? 0];
			if (peer === undefined || frame === undefined) continue;
			peer.socket.write(frame);
			peer.at++;
			sent++;
		}
	}, PACE_EVERY_MS);
	stopPace = () => clearInterval(timer);
}

/** Sends the last frame of each link's run that was begun and has not ended. */
function endRuns(frames: readonly Buffer[], perRun: number): number {
	let runsEnded = 0;
	for (const peer of peers) {
		const begun = Math.ceil(peer.at / perRun);
		if (peer.at % perRun !== 0) {
			const last = frames[begun * perRun - 1];
			if (last !== undefined) peer.socket.write(last);
		}
		runsEnded += begun;
	}
	return runsEnded;
}

const partAt = (index: number) => {
	const part = script.parts[index];
	if (part === undefined) throw new Error(`the script has no part ${index}`);
	return part;
};

answerParent({
	async listen(question) {
		script = makeScript(question.script);
		const ports: number[] = [];
		for (let index = 0; index < LISTENERS; index++)
			ports.push(await listenOnce(question.server));
		return { ports };
	},
	async flood({ part }) {
		const { records, frames } = partAt(part);
		await Promise.all([...peers].map((peer) => sendAll(peer, records)));
		sent += frames.length * peers.size;
		endedParts = part + 1;
		return { sent };
	},
	pace({ eventsPerSecond }) {
		pace(partAt(0).frames, eventsPerSecond);
	},
	hush() {
		stopPace?.();
		return { runsEnded: endRuns(partAt(0).frames, script.eventsPerRun) };
	},
	cut() {
		for (const socket of sockets) socket.destroy();
	},
	count() {
		const { user, system } = process.cpuUsage();
		return {
			sent,
			requests,
			connections,
			webSockets: peers.size,
			handshakes,
			resumed,
			cpuMicros: user + system,
		};
	},
} satisfies GeneratorCalls);
