// A console on agents that are nothing but a script: every byte they say is chosen by the test, and every byte they got is
// kept. For what no agent would do, and for proving what was not sent. Real TLS, real sockets, loopback only.
import type { Cancel } from "../../shared/clock.ts";
import { systemClock } from "../../shared/clock.ts";
import type { Activity, LinkStatus } from "../../shared/model.ts";
import { hostId } from "../../shared/model.ts";
import type { Console } from "../core/console.ts";
import { openConsole } from "../core/console.ts";
import type { HostEntry } from "../core/fleet/target.ts";
import type { Identity } from "../core/ports.ts";
import { createTestAuthority, identityOf } from "../testkit/certificates.ts";
import { CONNECTED } from "../testkit/memoryTransport.ts";
import type { RawPeer, RawRequest } from "../testkit/rawPeer.ts";
import {
	frame,
	httpAnswer,
	openRawPeer,
	switching,
} from "../testkit/rawPeer.ts";
import { openMemoryVault } from "../vault/memory.ts";

/** How long a test waits for what must come (ms). */
const PATIENCE_MS = 40_000;
const LOOK_EVERY_MS = 10;

/** What a scripted agent does; what is absent is done as a healthy agent without jobs would. */
export interface Script {
	/** Answers an upgrade; `nth` counts this agent's upgrades from 1. */
	readonly upgrade?: (request: RawRequest, nth: number) => void;
	/** The bytes that answer a GET, by its path below `/api/v1`; null: as a healthy agent would; undefined: nothing at all. */
	readonly get?: (
		path: string,
		request: RawRequest,
	) => string | null | undefined;
}

export interface BareAgent {
	readonly peer: RawPeer;
	/** Requests that were no upgrades: their paths, and when they came (ms, monotonic). */
	readonly asked: readonly { readonly path: string; readonly atMs: number }[];
	/** When upgrades were asked for. */
	readonly upgrades: readonly number[];
}

export interface BareWorld {
	readonly console: Console;
	readonly told: readonly Activity[];
	/** Every status of every link, in order. */
	readonly statuses: readonly (LinkStatus & { readonly host: string })[];
	/** What was logged, as one JSON text per line. */
	readonly logged: readonly string[];
	agent(id: string): BareAgent;
	link(id: string): LinkStatus;
	/** Another console on the same agents with the same identity; stopped with the world. */
	second(): Console;
	/** Another identity of the fleet's authority, with this subject; valid for `toDays` from now. */
	identity(commonName: string, toDays?: number): Identity;
	until(what: string, isTrue: () => boolean): Promise<void>;
	stop(): Promise<void>;
}

const JSON_TYPE = { "Content-Type": "application/json" };
const envelope = (data: unknown): string =>
	JSON.stringify({ success: true, data, error: null });

/** An answer of 200 with this in its envelope. */
export const answerOf = (data: unknown): string =>
	httpAnswer(200, JSON_TYPE, envelope(data));

function healthy(path: string): string {
	if (path === "/health")
		return answerOf({ status: "healthy", version: "2.5.5", uptime_seconds: 9 });
	if (path.startsWith("/jobs?")) return answerOf({ jobs: [], total: 0 });
	if (path === "/system/info")
		return answerOf({ hostname: "bare", os: "Debian", pending_reboot: false });
	return httpAnswer(404, JSON_TYPE, "{}");
}

/** How a masked ping begins. */
const PING = 0x89;

/** Accepts the upgrade, greets, and answers pings as long as it reads. */
export const greets = (request: RawRequest): void => {
	const { socket } = request;
	socket.write(switching(request.head));
	socket.write(frame("text", CONNECTED));
	socket.on("data", (piece: Buffer) => {
		if (piece[0] === PING) socket.write(frame("pong"));
	});
};

/** Opens one agent for each script, and a console on all of them. */
export async function openBareWorld(
	scripts: Readonly<Record<string, Script>>,
	options: {
		/** Days from now at which the console's certificate ends; in the future unless said. */
		readonly identityEndsInDays?: number;
	} = {},
): Promise<BareWorld> {
	const clock = systemClock();
	const authority = createTestAuthority();
	const identity = (commonName: string, toDays = 30): Identity =>
		identityOf(
			authority.issue({ commonName, purpose: "client", fromDays: -60, toDays }),
			authority.certPem,
		);
	const first = identity("on-call", options.identityEndsInDays);
	const agents = new Map<string, BareAgent>();
	const entries: HostEntry[] = [];
	for (const [id, script] of Object.entries(scripts)) {
		const servername = `${id}.fleet.test`;
		const asked: { path: string; atMs: number }[] = [];
		const upgrades: number[] = [];
		const peer = await openRawPeer({
			identity: authority.issue({ names: [servername], ips: ["127.0.0.1"] }),
			clientCa: authority.certPem,
			request(request) {
				const [, target = ""] = request.head.split(" ");
				const atMs = clock.monotonicMs();
				if (/^upgrade:/im.test(request.head)) {
					upgrades.push(atMs);
					return (script.upgrade ?? greets)(request, upgrades.length);
				}
				const path = target.replace(/^\/api\/v1/, "");
				asked.push({ path, atMs });
				const bytes =
					script.get === undefined ? null : script.get(path, request);
				if (bytes !== undefined) request.socket.write(bytes ?? healthy(path));
			},
		});
		agents.set(id, { peer, asked, upgrades });
		entries.push({
			id: hostId(id),
			address: "127.0.0.1",
			port: peer.port,
			servername,
			minTls: "1.2",
			labels: {},
		});
	}
	const told: Activity[] = [];
	const statuses: (LinkStatus & { readonly host: string })[] = [];
	const logged: string[] = [];
	const consoles: Console[] = [];
	const open = (): Console => {
		const opened = openConsole(
			{
				version: "0.0.0-test",
				shell: "node",
				demo: false,
				inventory: { name: "bare", hosts: entries },
				identity: first,
				fault: null,
			},
			{
				clock,
				log: (level, message, more) =>
					logged.push(JSON.stringify({ level, message, ...more })),
				random: Math.random,
				vault: openMemoryVault(),
			},
		);
		consoles.push(opened);
		return opened;
	};
	const console = open();
	console.listen({
		link: (host, status) => statuses.push({ ...status, host }),
		activity: (line) => told.push(line),
	});
	const agent = (id: string): BareAgent => {
		const found = agents.get(id);
		if (found === undefined) throw new Error(`there is no ${id} here`);
		return found;
	};
	const link = (id: string): LinkStatus => {
		const member = console.fleet.member(hostId(id));
		if (member === undefined) throw new Error(`there is no ${id} here`);
		return member.link.status;
	};
	return {
		console,
		told,
		statuses,
		logged,
		agent,
		link,
		second: open,
		identity,
		until: (what, isTrue) =>
			new Promise((resolve, reject) => {
				const deadlineMs = clock.monotonicMs() + PATIENCE_MS;
				let cancel: Cancel = () => {};
				const look = (): void => {
					if (isTrue()) return resolve();
					if (clock.monotonicMs() > deadlineMs)
						return reject(
							new Error(
								`waited in vain until ${what}; ${JSON.stringify(entries.map(({ id }) => [id, link(id)]))}`,
							),
						);
					cancel = clock.at(clock.monotonicMs() + LOOK_EVERY_MS, look);
				};
				look();
				void cancel;
			}),
		async stop() {
			await Promise.all(consoles.map((one) => one.stop()));
			await Promise.all([...agents.values()].map(({ peer }) => peer.close()));
		},
	};
}

/** Greets, and does `then` when the console has read the list: the link is live. */
export function onceListed(then: (request: RawRequest) => void): Script {
	let stream: RawRequest | null = null;
	return {
		upgrade(request, nth) {
			if (nth === 1) stream = request;
			greets(request);
		},
		get(path) {
			if (stream !== null && path.startsWith("/jobs?")) {
				const request = stream;
				stream = null;
				setImmediate(() => then(request));
			}
			return null;
		},
	};
}

/** Opens agents with these scripts for a story, and stops everything after it. */
export async function withAgents(
	scripts: Readonly<Record<string, Script>>,
	story: (world: BareWorld) => Promise<void>,
): Promise<void> {
	const world = await openBareWorld(scripts);
	try {
		await story(world);
	} finally {
		await world.stop();
	}
}
