// The whole product above a simulated wire: demo agents in memory, each a process that can stand still, and one console on a
// laptop that can sleep. One virtual clock moves all of it.
import type { Cancel } from "../../../shared/clock.ts";
import type { Activity, HostId } from "../../../shared/model.ts";
import { hostId } from "../../../shared/model.ts";
import type { Console } from "../../core/console.ts";
import { openConsole } from "../../core/console.ts";
import { identityFromPem } from "../../core/identity/describe.ts";
import type { Identity } from "../../core/ports.ts";
import type { Agent } from "../../demo/agent.ts";
import { createAgent } from "../../demo/agent.ts";
import type { Authority } from "../../demo/authority.ts";
import { createAuthority } from "../../demo/authority.ts";
import type { Dialect } from "../../demo/dialect.ts";
import type { RestAnswer } from "../../demo/envelope.ts";
import type { Pulse } from "../../demo/pulse.ts";
import { createPulse } from "../../demo/pulse.ts";
import { openMemoryVault } from "../../vault/memory.ts";
import { seededRandom } from "../seededRandom.ts";
import type { VirtualClock } from "../virtualClock.ts";
import { openVirtualClock } from "../virtualClock.ts";
import type { GatedClock } from "./gatedClock.ts";
import { openGatedClock } from "./gatedClock.ts";
import type { Ledger } from "./ledger.ts";
import { openLedger } from "./ledger.ts";
import type { MemoryDoor, Weather } from "./memoryDoor.ts";
import { fairWeather, openMemoryDoor } from "./memoryDoor.ts";
import { openMemoryRest } from "./memoryRest.ts";
import type { Path } from "./path.ts";
import { openPath } from "./path.ts";
import type { Peer } from "./shake.ts";
import type { WireBook } from "./wire.ts";
import { openWireBook, openWireTransport } from "./wire.ts";

const PING_EVERY_MS = 5_000;
/** Few, because each is an instant of the virtual clock. */
const PULSE_SLOTS = 5;
/** Of a hundred agents. The rest are `new`. */
const MIX: readonly (readonly [Dialect, number])[] = [
	["old", 20],
	["stub", 8],
	["extended", 17],
];

/** One simulated host: everything that the nemesis can lay hands on. */
export interface StagedHost {
	readonly id: HostId;
	readonly dialect: Dialect;
	readonly agent: Agent;
	readonly process: GatedClock;
	readonly door: MemoryDoor;
	readonly path: Path;
	readonly weather: Weather;
	/** Events of it may be lost without a trace since its list was last read: new runs show with the next list, ten minutes later. */
	isDeafened: boolean;
	/** When its wall clock was put forward or back (monotonic). */
	readonly clockChangesMs: number[];
}

export interface Stage {
	readonly clock: VirtualClock;
	readonly laptop: GatedClock;
	readonly console: Console;
	readonly hosts: readonly StagedHost[];
	readonly ledger: Ledger;
	readonly book: WireBook;
	/** Uniform in [0, 1), apart from the console's own chance, so that a change in the product moves no step. */
	readonly random: () => number;
	host(id: HostId): StagedHost;
	/** Which certificate the console shows: its own, or one that no agent takes. */
	showIdentity(isRight: boolean): void;
	/** The laptop's wall clock is wrong by this; less than the certificates are backdated. */
	setConsoleClock(wrongMs: number): void;
	/** When it was put forward or back (monotonic). */
	readonly clockChangesMs: readonly number[];
	listen(listener: (line: Activity) => void): Cancel;
	stop(): Promise<void>;
}

export interface StageOptions {
	readonly seed: number;
	readonly agents: number;
	/** A rule of the wire was broken. */
	wrong(sentence: string): void;
	/** An agent has answered. */
	onAnswer?: (id: HostId, path: string, status: number | null) => void;
}

export async function openStage({
	seed,
	agents,
	wrong,
	onAnswer = () => {},
}: StageOptions): Promise<Stage> {
	const random = seededRandom(seed);
	const wires = seededRandom(seed + 1);
	const clock = openVirtualClock();
	const laptop = openGatedClock(clock, true);
	const ledger = openLedger(() => clock.monotonicMs());
	// The budget is kept in the laptop's time, which stands still while it sleeps.
	const book = openWireBook(laptop, wrong);
	const authority = createAuthority({ clock });
	const pulse = createPulse(clock, PING_EVERY_MS, PULSE_SLOTS);
	const right = identityBy(authority);
	const wrongOne = identityBy(
		createAuthority({ clock, commonName: "Some other authority" }),
	);
	let isWelcome = true;
	const clockChangesMs: number[] = [];

	const hosts: StagedHost[] = [];
	for (let at = 0; at < agents; at++) {
		const made = stagedHost({ at, seed, clock, authority, pulse, wires });
		hosts.push(made);
		await made.agent.start();
	}
	const byId = new Map(hosts.map((host) => [host.id, host]));
	const host = (id: HostId): StagedHost => {
		const found = byId.get(id);
		if (found === undefined) throw new RangeError(`no host ${id}`);
		return found;
	};
	for (const { id, agent } of hosts)
		agent.onJob((change) => ledger.note(id, change));
	const doorOf = (id: HostId): MemoryDoor => host(id).door;
	const peerOf = (id: HostId): Peer => ({
		path: host(id).path,
		door: doorOf(id),
		isWelcome: () => isWelcome,
	});

	const console = openConsole(
		{
			version: "0.0.0-nemesis",
			shell: "node",
			demo: false,
			inventory: {
				name: "nemesis",
				hosts: hosts.map(({ id }) => ({
					id,
					address: "127.0.0.1",
					port: 12_443,
					servername: `${id}.fleet.test`,
					minTls: "1.2",
					labels: {},
				})),
			},
			identity: right,
			fault: null,
		},
		{
			clock: laptop,
			log: () => {},
			random: seededRandom(seed + 2),
			vault: openMemoryVault(),
		},
		() => ({
			transport: openWireTransport(laptop, book, peerOf),
			openRest: ({ hostId: id }, gate) => {
				const { agent } = host(id);
				return openMemoryRest({
					id,
					peer: peerOf(id),
					console: laptop,
					book,
					whenReady: (run) => doorOf(id).whenReady(run),
					gate,
					witness(path, answer) {
						onAnswer(id, path, answer?.status ?? null);
						return witness(ledger, id, agent, path, answer);
					},
				});
			},
		}),
	);
	return {
		clock,
		laptop,
		console,
		hosts,
		ledger,
		book,
		random,
		host,
		showIdentity(isRight) {
			laptop.whenRunning(() => {
				isWelcome = isRight;
				console.setIdentity(isRight ? right : wrongOne);
			});
		},
		setConsoleClock(wrongMs) {
			laptop.setWrong(wrongMs);
			clockChangesMs.push(clock.monotonicMs());
		},
		clockChangesMs,
		listen: (activity) => console.listen({ activity }),
		async stop() {
			await console.stop();
			for (const each of hosts) {
				each.process.resume();
				await each.agent.stop();
			}
			pulse.stop();
		},
	};
}

function stagedHost(given: {
	readonly at: number;
	readonly seed: number;
	readonly clock: VirtualClock;
	readonly authority: Authority;
	readonly pulse: Pulse;
	readonly wires: () => number;
}): StagedHost {
	const { at, seed, clock, authority, pulse } = given;
	const id = hostId(`h-${String(at).padStart(4, "0")}`);
	const dialect = dialectOf(at);
	const process = openGatedClock(clock, false);
	const weather = fairWeather();
	const made: { door?: MemoryDoor } = {};
	const agent = createAgent(
		{
			clock: process,
			// One pulse beats all agents; one that stands still does not beat.
			pulse: {
				join: (beat) => pulse.join(() => !process.isPaused && beat()),
				stop() {},
			},
			authority,
			seed,
			clientSerials: [],
			speed: 1,
		},
		{
			id,
			servername: `${id}.fleet.test`,
			dialect,
			port: 0,
			faults: [],
		},
		(ports) => {
			made.door = openMemoryDoor(ports, process, weather, given.wires);
			return made.door;
		},
	);
	if (made.door === undefined) throw new Error("an agent has no door");
	return {
		id,
		dialect,
		agent,
		process,
		door: made.door,
		path: openPath(clock, given.wires),
		weather,
		isDeafened: false,
		clockChangesMs: [],
	};
}

/** Spread evenly, so that a small fleet has each kind too. */
function dialectOf(at: number): Dialect {
	let place = (at * 37) % 100;
	for (const [dialect, share] of MIX) {
		if (place < share) return dialect;
		place -= share;
	}
	return "new";
}

function identityBy(authority: Authority): Identity {
	const { certPem, keyPem } = authority.issueClient({ commonName: "on-call" });
	return identityFromPem(
		{ certPem, keyPem, caPem: authority.caPem },
		"memory, for a simulation",
	);
}

const LIST = /^\/jobs\?/;
const DETAIL = /^\/jobs\/([^/?]+)$/;

/** Notes which runs an answer tells of when it is made, and tells the ledger when the console has it. */
function witness(
	ledger: Ledger,
	host: HostId,
	agent: Agent,
	path: string,
	answer: RestAnswer | null,
): () => void {
	if (answer?.status !== 200 || !isWhole(answer.body)) return () => {};
	const one = DETAIL.exec(path)?.[1];
	const told = LIST.test(path)
		? agent.truth()
		: one === undefined
			? []
			: [agent.job(one)].filter((job) => job !== undefined);
	const states = told.map(({ id, state }) => ({ id, state }));
	return () => {
		for (const { id, state } of states) ledger.heard(host, id, state);
	};
}

/** Whether it is an answer of the agent's, and not what the weather made of it. */
const isWhole = (body: string | null): boolean =>
	body?.startsWith('{"success":true,"request_id"') === true;
