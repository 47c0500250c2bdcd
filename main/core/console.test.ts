// The whole core behind a pipe: without hosts, with hosts nobody answers for, and with two real agents on loopback.
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import type { Client, Pipe } from "../../shared/bridge.ts";
import { client, memoryPipe } from "../../shared/bridge.ts";
import { systemClock } from "../../shared/clock.ts";
import type { Frame } from "../../shared/contract.ts";
import { ASK_BYTES } from "../../shared/contract.ts";
import type { FleetFrame, Snapshot } from "../../shared/delta.ts";
import { fault } from "../../shared/fault.ts";
import { agentJobId, hostId } from "../../shared/model.ts";
import {
	createTestAuthority,
	identityOf,
	selfSigned,
} from "../testkit/certificates.ts";
import { openDemoWorld, SHORT_JOB, untilTrue } from "../testkit/demoWorld.ts";
import { openFaultProxy } from "../testkit/faultProxy.ts";
import { openRawPeer } from "../testkit/rawPeer.ts";
import { openTally } from "../testkit/tally.ts";
import { openVirtualClock, settled } from "../testkit/virtualClock.ts";
import type { Console, ConsoleOptions } from "./console.ts";
import { openConsole } from "./console.ts";
import type { HostEntry } from "./fleet/target.ts";
import { identityFromPem } from "./identity/describe.ts";
import { memoryOf, NO_MEMORY } from "./notify/memory.ts";
import type { NoteEffect } from "./notify/note.ts";
import type { Identity, Ports, Vault } from "./ports.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close();
});

const authority = createTestAuthority();
const IDENTITY: Identity = identityOf(
	authority.issue({ commonName: "on-call", purpose: "client" }),
	authority.certPem,
);
/** No command of today asks it anything. */
const vault = {} as Vault;

const entry = (id: string, port: number): HostEntry => ({
	id: hostId(id),
	address: "127.0.0.1",
	port,
	servername: `${id}.fleet.test`,
	minTls: "1.2",
	labels: {},
});

/** A port of 127.0.0.1 at which nobody listens. */
async function deadPort(): Promise<number> {
	const server = createServer();
	await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
	const { port } = server.address() as AddressInfo;
	await new Promise((done) => server.close(done));
	return port;
}

const ports = (clock: Ports["clock"]): Ports => ({
	clock,
	log: () => {},
	random: () => 0.5,
	vault,
});

function openQuiet(
	hosts: readonly HostEntry[] = [],
	more: Partial<ConsoleOptions> = {},
) {
	const clock = openVirtualClock({ wallMs: systemClock().wallMs() });
	const told: string[] = [];
	const console = openConsole(
		{
			version: "1.2.3",
			shell: "node",
			demo: false,
			inventory: { name: "prod", hosts: [...hosts] },
			identity: IDENTITY,
			fault: null,
			...more,
		},
		{
			...ports(clock),
			log: (_level, text, fields) =>
				void told.push(`${text} ${JSON.stringify(fields)}`),
		},
	);
	closing.push(() => console.stop());
	return { clock, console, told };
}

/** A window of that console, with everything it was sent. */
function openWindow(console: Console) {
	const [core, window] = memoryPipe();
	const frames = openTally<FleetFrame>();
	const vitals = openTally<Frame<"health">>();
	const bridge: Client = client(window);
	let isClosed = false;
	bridge.subscribe("fleet", frames.add);
	bridge.subscribe("health", vitals.add);
	bridge.onClose(() => {
		isClosed = true;
	});
	console.attach(core);
	return { bridge, frames, vitals, raw: window, isClosed: () => isClosed };
}

test("reconnecting asks for the identity again and tries every host that is not live", async () => {
	let asked = 0;
	const { clock, console } = openQuiet([entry("a", 1), entry("b", 1)], {
		identity: null,
		onRetry: () => {
			asked += 1;
		},
	});
	await clock.pass(2_000);
	expect(console.fleet.channels().blocked).toBe(2);
	expect(console.reconnect()).toBe(2);
	expect(asked).toBe(1);
});

describe("a window", () => {
	test("is told who answers, and never of a key", async () => {
		const { console } = openQuiet();
		const { bridge } = openWindow(console);
		const session = await bridge.ask("session.read", {});
		expect(session).toMatchObject({
			ok: true,
			value: {
				version: "1.2.3",
				shell: "node",
				fleet: "prod",
				demo: false,
				identity: { subject: "CN=on-call", home: "memory, for a test" },
				fault: null,
			},
		});
		expect(JSON.stringify(session)).not.toMatch(/PRIVATE|BEGIN/);
	});

	test("of a console without fleet and identity is told why, and has an empty model", async () => {
		const { console, clock } = openQuiet([], {
			inventory: null,
			identity: null,
			fault: fault("identity.absent"),
		});
		const { bridge, frames } = openWindow(console);
		expect(await bridge.ask("session.read", {})).toMatchObject({
			value: { fleet: "", identity: null, fault: { code: "identity.absent" } },
		});
		await clock.pass(0);
		expect(frames.all).toMatchObject([
			{ kind: "snapshot", hosts: [], runs: [], jobs: [], events: [] },
		]);
	});

	test("gets a snapshot first, and another when it lost track", async () => {
		const { console, clock } = openQuiet([entry("a", await deadPort())]);
		const { bridge, frames } = openWindow(console);
		await clock.pass(0);
		expect(frames.all).toMatchObject([
			{ kind: "snapshot", hosts: [{ id: "a" }] },
		]);
		await bridge.ask("fleet.resync", {});
		await clock.pass(200);
		expect(frames.all.at(-1)?.kind).toBe("snapshot");
		expect(frames.all.at(-1)?.epoch).toBe(frames.all[0]?.epoch);
	});

	test("gets the vital signs once a second, and no queue of them while it does not listen", async () => {
		const { console, clock } = openQuiet();
		const { vitals } = openWindow(console);
		const [deaf, other] = memoryPipe();
		const unheard: string[] = [];
		other.onMessage((message) => unheard.push(message));
		console.attach(deaf);
		await clock.pass(10_000);
		expect(vitals.all).toHaveLength(10);
		expect(vitals.all[0]).toMatchObject({ dialing: 0, queued: 0 });
		expect(unheard.filter((one) => one.includes('"health"'))).toHaveLength(1);
	});

	test("whose pipe sends no vital signs any more is closed", async () => {
		const { console, clock } = openQuiet();
		const [core, window] = memoryPipe();
		let isClosed = false;
		client(window).onClose(() => {
			isClosed = true;
		});
		console.attach({
			...core,
			send(message) {
				if (message.includes('"name":"health"')) throw new Error("gone");
				core.send(message);
			},
		});
		await clock.pass(1_500);
		expect(isClosed).toBe(true);
	});

	test("whose frames cannot be sent is closed, and that is counted; the others go on", async () => {
		const { console, clock } = openQuiet();
		const [core, window] = memoryPipe();
		let isClosed = false;
		client(window).onClose(() => {
			isClosed = true;
		});
		console.attach({
			...core,
			send() {
				throw new RangeError("Invalid string length");
			},
		});
		const other = openWindow(console);
		await clock.pass(100);
		expect(isClosed).toBe(true);
		expect(console.figures.refused.get("internal.bug")).toBe(1);
		expect(other.frames.all).toHaveLength(1);
	});

	test("is one of several: each has frames of its own, and one that closed is forgotten", async () => {
		const { console, clock } = openQuiet();
		const one = openWindow(console);
		const two = openWindow(console);
		await clock.pass(0);
		expect([one.frames.all.length, two.frames.all.length]).toEqual([1, 1]);
		one.bridge.close();
		await settled();
		await two.bridge.ask("fleet.resync", {});
		await clock.pass(1_000);
		expect([one.frames.all.length, two.frames.all.length]).toEqual([1, 2]);
		// Frames of windows that are gone still count.
		expect(console.figures.framesSent()).toBe(3);
	});
});

describe("a command", () => {
	test("about a host that is not in the fleet says so", async () => {
		const { console } = openQuiet();
		const { bridge } = openWindow(console);
		const nobody = hostId("nobody");
		expect(await bridge.ask("host.history", { hostId: nobody })).toMatchObject({
			fault: {
				code: "host.unknown",
				sentence: 'there is no host "nobody" in this fleet',
			},
		});
		expect(
			await bridge.ask("run.output", {
				hostId: nobody,
				agentJobId: agentJobId("1"),
			}),
		).toMatchObject({ fault: { code: "host.unknown" } });
		const hostIds = [nobody];
		expect(await bridge.ask("link.retry", { hostIds })).toMatchObject({
			value: { tried: 0 },
		});
		expect(
			await bridge.ask("link.pause", { hostIds, paused: true }),
		).toMatchObject({ value: { changed: 0 } });
		expect(await bridge.ask("view.attend", { hostIds })).toMatchObject({
			ok: true,
		});
	});

	test("about a run that nobody told of says so, and asks no agent", async () => {
		const { console } = openQuiet([entry("a", await deadPort())]);
		const { bridge } = openWindow(console);
		const question = { hostId: hostId("a"), agentJobId: agentJobId("1") };
		expect(await bridge.ask("run.output", question)).toMatchObject({
			fault: { code: "run.unknown" },
		});
	});

	test("to pause hangs up and stays away; to go on dials; the history tells both", async () => {
		const { console, clock } = openQuiet([entry("a", await deadPort())]);
		const { bridge } = openWindow(console);
		const hostIds = [hostId("a")];
		const channel = () => console.fleet.row(hostId("a"))?.link.channel;
		await clock.pass(10);
		await untilTrue(() => channel() === "reconnecting");
		expect(
			await bridge.ask("link.pause", { hostIds, paused: true }),
		).toMatchObject({ value: { changed: 1 } });
		expect(channel()).toBe("paused");
		await clock.pass(3_600_000);
		expect(channel()).toBe("paused");
		await bridge.ask("link.pause", { hostIds, paused: false });
		await clock.pass(10);
		await untilTrue(() => channel() === "reconnecting");
		expect(await bridge.ask("link.retry", { hostIds })).toMatchObject({
			value: { tried: 1 },
		});
		const history = await bridge.ask("host.history", { hostId: hostId("a") });
		expect(history).toMatchObject({
			value: { fault: { code: "tcp.refused" } },
		});
		const tos = history.ok ? history.value.transitions.map(({ to }) => to) : [];
		expect(tos).toEqual(
			expect.arrayContaining(["reconnecting", "paused", "connecting"]),
		);
	});

	test("window.too-fast: a page that runs away is held back, also over a pipe that it opens anew, and a person gets through soon after", async () => {
		const { console, clock, told } = openQuiet();
		const codes: string[] = [];
		const storm = async (): Promise<void> => {
			const { bridge } = openWindow(console);
			for (let at = 0; at < 40; at++) {
				const answer = await bridge.ask("host.diagnose", {
					hostId: hostId("nobody"),
				});
				if (!answer.ok) codes.push(answer.fault.code);
			}
		};
		await storm();
		await storm();
		const passed = codes.filter((code) => code === "host.unknown");
		expect(passed).toHaveLength(6);
		expect(console.figures.refused.get("window.too-fast")).toBe(74);
		// All are counted, but a page must not fill the disk with the log.
		const lines = told.filter((line) => line.includes("window.too-fast"));
		expect(lines).toHaveLength(10);
		await clock.pass(10_000);
		await storm();
		expect(codes.filter((code) => code === "host.unknown")).toHaveLength(7);
	});

	test("that does not fit the contract is refused with a fault, and counted; the pipe lives on", async () => {
		const { console } = openQuiet();
		const { bridge } = openWindow(console);
		const refused = await bridge.ask("host.history", {
			hostId: 7,
		} as never);
		expect(refused).toMatchObject({ fault: { code: "contract.mismatch" } });
		const unknown = await bridge.ask("agents.kill" as never, {} as never);
		expect(unknown).toMatchObject({ fault: { code: "contract.unknown" } });
		const [core, raw]: [Pipe, Pipe] = memoryPipe();
		console.attach(core);
		raw.send("{");
		raw.send('{"v":99,"kind":"ask","id":1,"name":"session.read","body":{}}');
		raw.send("x".repeat(ASK_BYTES + 1));
		await settled();
		expect(Object.fromEntries(console.figures.refused)).toEqual({
			"contract.mismatch": 3,
			"contract.unknown": 1,
			"contract.too-big": 1,
		});
		expect((await bridge.ask("session.read", {})).ok).toBe(true);
	});
});

describe("an identity", () => {
	test("that is absent blocks every link, in words; one that is given lets them dial", async () => {
		const { console, clock } = openQuiet([entry("a", await deadPort())], {
			identity: null,
		});
		const link = () => console.fleet.row(hostId("a"))?.link;
		await clock.pass(5_000);
		expect(link()).toMatchObject({
			channel: "blocked",
			fault: "identity.absent",
		});
		console.setIdentity(IDENTITY);
		await clock.pass(100);
		await untilTrue(() => link()?.fault === "tcp.refused");
		const { bridge } = openWindow(console);
		expect(await bridge.ask("session.read", {})).toMatchObject({
			value: { identity: { subject: "CN=on-call" } },
		});
	});

	test("C16: an identity that has expired is told before any agent sees it", async () => {
		const expired = identityOf(
			authority.issue({ purpose: "client", fromDays: -30, toDays: -1 }),
			authority.certPem,
		);
		const { console, clock } = openQuiet([entry("a", await deadPort())], {
			identity: expired,
		});
		await clock.pass(5_000);
		expect(console.fleet.row(hostId("a"))?.link).toMatchObject({
			channel: "blocked",
			fault: "tls.client-expired",
		});
	});
});

test("a run of a finished job is gone a day after its end", async () => {
	const { console, clock } = openQuiet();
	console.book.holdGroups(false);
	const at = clock.wallMs();
	const row = {
		agentJobId: agentJobId("1"),
		state: "succeeded",
		rawStatus: "completed",
		operation: "update",
		packages: [],
		createdAt: at,
		completedAt: at,
		errorCode: null,
		parentJobId: null,
		parentLabel: null,
	} as const;
	console.book.applyPage(
		hostId("a"),
		{ jobs: [row], broken: 0, rows: 1 },
		{ source: "poll", receivedAt: at, skewMs: 0, complete: true },
	);
	await clock.pass(60_000);
	expect(console.book.runs.size).toBe(1);
	clock.sleep(24 * 60 * 60_000);
	await clock.pass(60_000);
	expect(console.book.runs.size).toBe(0);
	expect(console.book.jobs.size).toBe(0);
});

describe("stopping", () => {
	test("C30: stopping leaves no timer, whatever was under way, and closes every window", async () => {
		const mute = await openRawPeer({ identity: selfSigned(), muteTcp: true });
		closing.push(mute.close);
		const { console, clock } = openQuiet([
			entry("refuses", await deadPort()),
			entry("mute", mute.port),
		]);
		const window = openWindow(console);
		await clock.pass(100);
		await mute.connections.waitFor();
		await console.stop();
		await settled();
		expect(clock.timers).toBe(0);
		expect(window.isClosed()).toBe(true);
		await mute.closed.waitFor();
	});

	test("twice is once, and a window that comes afterwards is closed at once", async () => {
		const { console, clock } = openQuiet();
		await console.stop();
		await console.stop();
		const late = openWindow(console);
		await settled();
		await clock.pass(1_000);
		expect(late.isClosed()).toBe(true);
		expect(late.frames.all).toEqual([]);
		expect(clock.timers).toBe(0);
	});
});

describe("what belongs together", () => {
	/** Two agents with a job each, behind proxies, so that a test says who answers first. */
	async function openPair() {
		const clock = systemClock();
		const demo = openDemoWorld(clock);
		closing.push(demo.stop);
		const entries: HostEntry[] = [];
		const proxies = [];
		let identity: Identity | null = null;
		for (const id of ["a", "b"]) {
			const agent = await demo.agent({ id });
			agent.submit({ ...SHORT_JOB, startAfterMs: 60_000 });
			const proxy = await openFaultProxy(agent.port(), clock);
			closing.push(proxy.close);
			proxies.push(proxy);
			entries.push(entry(id, proxy.port));
			const { certPem = "", keyPem = "", caPem } = demo.target(agent);
			identity = identityFromPem({ certPem, keyPem, caPem }, "memory");
		}
		const open = (hosts: readonly HostEntry[]): Console => {
			const console = openConsole(
				{
					version: "1.2.3",
					shell: "node",
					demo: false,
					inventory: { name: "pair", hosts: [...hosts] },
					identity,
					fault: null,
				},
				ports(clock),
			);
			closing.push(() => console.stop());
			return console;
		};
		return { clock, entries, proxies, open };
	}

	test("has the same ids whichever host answers first", async () => {
		const { entries, proxies, open } = await openPair();
		const found: { id: string; hosts: number }[][] = [];
		for (const slow of [0, 1]) {
			for (const [index, proxy] of proxies.entries())
				proxy.set(index === slow ? { latencyMs: 40 } : {});
			const console = open(entries);
			const snapshot = openTally<Snapshot>();
			const { bridge } = openWindow(console);
			await untilTrue(
				() => [...console.book.jobs.values()][0]?.counts.host === 2,
			);
			bridge.subscribe("fleet", (frame) => {
				if (frame.kind === "snapshot") snapshot.add(frame);
			});
			await bridge.ask("fleet.resync", {});
			const { jobs } = await snapshot.waitFor();
			found.push(jobs.map(({ id, counts }) => ({ id, hosts: counts.host })));
			await console.stop();
		}
		expect(found[0]).toHaveLength(1);
		expect(found[1]).toEqual(found[0]);
	});

	test("is shown after 2 s at the latest, however long one host takes", async () => {
		const { clock, entries, open } = await openPair();
		const mute = await openRawPeer({ identity: selfSigned(), muteTcp: true });
		closing.push(mute.close);
		const startedMs = clock.monotonicMs();
		const console = open([...entries, entry("mute", mute.port)]);
		await untilTrue(() => console.book.openRuns(hostId("a")) === 1);
		expect(console.book.jobs.size).toBe(0);
		await untilTrue(() => console.book.jobs.size > 0);
		const tookMs = clock.monotonicMs() - startedMs;
		expect(tookMs).toBeGreaterThanOrEqual(1_900);
		expect(tookMs).toBeLessThan(4_000);
	});
});

test("an identity that has expired is told once, marks the badge, and is told over when a renewed one is used", async () => {
	const effects: string[] = [];
	const badges: boolean[] = [];
	const kept: string[] = [];
	const notify = {
		present: (effect: NoteEffect) =>
			void effects.push(
				effect.kind === "show"
					? `${effect.manner} ${effect.note.title}`
					: effect.kind,
			),
		badge: (_unread: number, hasExpired: boolean) =>
			void badges.push(hasExpired),
		keep: (text: string) => void kept.push(text),
	};
	const expired: Identity = {
		...IDENTITY,
		facts: { ...IDENTITY.facts, fingerprint256: "AA", expiresAt: 1 },
	};
	const { clock, console } = openQuiet([], { identity: expired, notify });
	await clock.pass(1_000);
	console.woke();
	expect(effects).toEqual(["aloud Client certificate has expired · prod"]);
	expect(badges.at(-1)).toBe(true);
	console.setIdentity({
		...IDENTITY,
		facts: { ...IDENTITY.facts, expiresAt: clock.wallMs() + 400 * 86_400_000 },
	});
	expect(effects.slice(1)).toEqual(["withdraw"]);
	expect(badges.at(-1)).toBe(false);
	await console.stop();
	effects.length = 0;
	const memory = memoryOf(kept.at(-1) ?? "");
	expect(memory).not.toBeNull();
	const again = openQuiet([], {
		identity: expired,
		notify: { ...notify, memory: memory ?? NO_MEMORY },
	});
	await again.clock.pass(1_000);
	expect(effects).toEqual([]);
	expect(badges.at(-1)).toBe(true);
});
