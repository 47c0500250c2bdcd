// Thousands of links on one clock, one wheel and one gate through what happens to a whole fleet: a start, a closed lid, a
// network that goes away, every agent restarted at once. Virtual time, no sockets.
import { afterEach, describe, expect, test } from "vitest";
import { fault, ok } from "../../../shared/fault.ts";
import type { Channel } from "../../../shared/model.ts";
import { hostId } from "../../../shared/model.ts";
import type { Fate } from "../../testkit/memoryTransport.ts";
import { openMemoryTransport } from "../../testkit/memoryTransport.ts";
import { seededRandom } from "../../testkit/seededRandom.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import { decodeFrame } from "../agentApi/decode.ts";
import type { Link, LinkRequest } from "../link/runner.ts";
import { startLink } from "../link/runner.ts";
import { HANDSHAKES_AT_ONCE, openDialGate } from "./dialGate.ts";
import { openWheel } from "./wheel.ts";

const HOSTS = 2_500;
const SEED = 20_260_105;

type Network = "up" | "gone" | "refusing" | "hanging";

/** A fleet whose network the test switches. A handshake takes 5 to 50 ms. */
function openFleet(hosts = HOSTS) {
	const random = seededRandom(SEED);
	const clock = openVirtualClock();
	let network: Network = "up";
	const dialsAt: number[] = [];
	const fates: Readonly<Record<Network, () => Fate>> = {
		up: () => ({
			kind: "opens",
			afterMs: 5 + random() * 45,
			pongs: () => network === "up",
		}),
		gone: () => ({
			kind: "fails",
			phase: "tcp",
			facts: { causes: [{ code: "ENETUNREACH", message: "unreachable" }] },
		}),
		refusing: () => ({
			kind: "fails",
			phase: "tcp",
			facts: { causes: [{ code: "ECONNREFUSED", message: "refused" }] },
		}),
		hanging: () => ({
			kind: "fails",
			afterMs: 10_000,
			phase: "tcp",
			facts: { timedOut: true },
		}),
	};
	const transport = openMemoryTransport(clock, () => {
		dialsAt.push(clock.monotonicMs());
		return fates[network]();
	});
	const gate = openDialGate({ clock });
	const wheel = openWheel(clock);
	const attended = new Set<string>();
	const greeted: string[] = [];
	const links: Link[] = Array.from({ length: hosts }, (_, i) => {
		const id = hostId(`host-${i}`);
		return startLink(
			{
				id,
				address: "192.0.2.1",
				port: 12443,
				servername: id,
				minTls: "1.2",
				labels: {},
			},
			{
				clock,
				random,
				log: () => {},
				transport,
				gate,
				wheel,
				priority: () => (attended.has(id) ? 0 : 1),
				decode: decodeFrame,
				preflight: () => null,
				relist: () => Promise.resolve(ok(undefined)),
				pollPlan: () => ({
					source: "poll",
					everyMs: 60_000,
					timeoutMs: 35_000,
				}),
				extensions: () => [],
				learn: () => Promise.resolve(),
				answerChallenge: () => ({ ok: false, fault: fault("identity.absent") }),
				subscribeFrame: () => null,
				skewMs: () => null,
				onMessage: () => {},
				onDecodeFault: () => {},
				onStatus: () => {},
				onGreeted: () => void greeted.push(id),
				onLost: () => {},
			},
		);
	});
	const count = (channel: Channel): number =>
		links.filter(({ status }) => status.channel === channel).length;
	return {
		clock,
		transport,
		gate,
		wheel,
		links,
		count,
		attended,
		all: (kind: LinkRequest) => {
			for (const link of links) link.send({ kind });
		},
		set(next: Network) {
			network = next;
		},
		/** Those greeted since it was last asked, in order. */
		greeted: () => greeted.splice(0),
		/** When dials began since it was last asked, in ms after `sinceMs`. */
		dials: (sinceMs: number) => dialsAt.splice(0).map((at) => at - sinceMs),
		/** Lets time pass until `done`, in steps of 100 ms; how long it took. */
		until(done: () => boolean, mostMs: number): number {
			for (let ms = 0; ms <= mostMs; ms += 100) {
				if (done()) return ms;
				clock.advance(100);
			}
			throw new Error(`not within ${mostMs} ms (seed ${SEED})`);
		},
	};
}

let fleet: ReturnType<typeof openFleet> | null = null;
afterEach(() => {
	if (fleet === null) return;
	fleet.all("stopped");
	fleet.clock.advance(1_000);
	expect(fleet.transport.held).toBe(0);
	expect(fleet.clock.timers).toBe(0);
	expect([fleet.gate.inFlight, fleet.gate.waiting]).toEqual([0, 0]);
	expect(fleet.wheel.size).toBe(0);
	fleet = null;
});

/** All live. */
function openLiveFleet(hosts?: number): ReturnType<typeof openFleet> {
	fleet = openFleet(hosts);
	const { all, until, count, links } = fleet;
	all("wanted");
	until(() => count("live") === links.length, 60_000);
	return fleet;
}

describe(`${HOSTS} links`, () => {
	test("C33: links start with at most 32 handshakes at once, the hosts on the screen first", () => {
		fleet = openFleet();
		const { all, clock, attended, links, greeted } = fleet;
		all("wanted");
		for (const link of links.slice(-40)) attended.add(link.hostId);
		clock.advance(1_000);
		const first = greeted().slice(0, 120);
		const early = first.filter((id) => attended.has(id));
		expect(early).toHaveLength(40);
		fleet.until(() => fleet?.count("live") === links.length, 60_000);
		expect(fleet.transport.mostDialing).toBeLessThanOrEqual(32);
	});

	test("cost one timer while they are live and quiet, and each is pinged twice a minute at most", () => {
		const { clock, transport, count } = openLiveFleet();
		expect(clock.timers).toBe(1);
		clock.advance(10 * 60_000);
		expect(count("live")).toBe(HOSTS);
		const pings = transport.all().map((socket) => socket.pings);
		expect(Math.max(...pings)).toBeLessThanOrEqual(20);
		expect(Math.min(...pings)).toBeGreaterThanOrEqual(18);
	});

	test("Liveness: links survive a lid closed for eight hours: all asked at once, the dead redialed over 5 s, no failure counted", () => {
		const { clock, transport, set, all, count, links, dials, until } =
			openLiveFleet();
		clock.advance(20_000);
		set("gone");
		clock.sleep(8 * 3_600_000);
		// The sockets are dead, and the network is there again when the lid opens.
		const dead = new Set(transport.all());
		const wokeMs = clock.monotonicMs();
		dials(0);
		all("woke");
		clock.advance(2_900);
		set("up");
		expect(count("live")).toBe(HOSTS);
		expect(dials(0)).toEqual([]);
		const tookMs = until(
			() => transport.held === 0 || clock.monotonicMs() - wokeMs > 3_200,
			1_000,
		);
		expect(tookMs).toBeLessThanOrEqual(400);
		for (const { status } of links)
			expect([status.channel, status.attempt]).toEqual(["reconnecting", 0]);
		expect([...dead].every(({ hungUp }) => hungUp === "abruptly")).toBe(true);
		until(() => count("live") === HOSTS, 15_000);
		const at = dials(wokeMs + 3_000);
		expect(at).toHaveLength(HOSTS);
		// Spread: each second of the five has its share, and none has a third of all.
		for (let second = 0; second < 5; second++) {
			const share = at.filter((ms) => Math.floor(ms / 1_000) === second).length;
			expect(share).toBeGreaterThan(HOSTS / 10);
			expect(share).toBeLessThan(HOSTS / 3);
		}
	});

	test("Liveness: links that wake with their sockets alive keep them all", () => {
		const { clock, all, count, dials, links } = openLiveFleet();
		dials(0);
		clock.sleep(60_000);
		all("woke");
		expect(links.every(({ kind }) => kind === "doubtful")).toBe(true);
		clock.advance(5_000);
		expect(links.every(({ kind }) => kind === "live")).toBe(true);
		expect([count("live"), dials(0)]).toEqual([HOSTS, []]);
	});

	test("Liveness: links are offline while there is no network, and live within 15 s of its return", () => {
		const { clock, transport, set, all, count, until } = openLiveFleet();
		clock.advance(10_000);
		set("gone");
		for (const socket of transport.all())
			socket.fail({ causes: [{ code: "ENETDOWN", message: "down" }] });
		expect(count("offline")).toBe(HOSTS);
		clock.advance(10 * 60_000);
		expect(count("offline") + count("reconnecting")).toBe(HOSTS);
		set("up");
		all("networkReturned");
		until(() => count("live") === HOSTS, 15_000);
	});

	test("C33: links whose agents all restart and are away for 30 s come back spread over half a minute of dials, never more than 32 handshakes at once", () => {
		const { clock, transport, set, count, dials, until } = openLiveFleet();
		clock.advance(10_000);
		set("refusing");
		dials(0);
		const sinceMs = clock.monotonicMs();
		for (const socket of transport.all()) socket.end();
		clock.advance(30_000);
		set("up");
		until(() => count("live") === HOSTS, 90_000);
		expect(transport.mostDialing).toBeLessThanOrEqual(32);
		const all = dials(sinceMs);
		expect((all.at(-1) ?? 0) - (all[0] ?? 0)).toBeGreaterThanOrEqual(30_000);
		// The successful dials are the last of each link: over ten seconds at least, and no second has a sixth of them.
		const last = all.slice(-HOSTS);
		expect((last.at(-1) ?? 0) - (last[0] ?? 0)).toBeGreaterThan(10_000);
		const seconds = new Map<number, number>();
		for (const ms of last) {
			const second = Math.floor(ms / 1_000);
			seconds.set(second, (seconds.get(second) ?? 0) + 1);
		}
		expect(Math.max(...seconds.values())).toBeLessThan(HOSTS / 6);
	});

	test("C33: 2,000 links whose agents restart in an instant are back in seconds, never more than 32 handshakes at once, the hosts on the screen first", () => {
		const { clock, transport, attended, links, count, dials, greeted, until } =
			openLiveFleet(2_000);
		clock.advance(10_000);
		for (const link of links.slice(-40)) attended.add(link.hostId);
		dials(0);
		greeted();
		const sinceMs = clock.monotonicMs();
		for (const socket of transport.all()) socket.end();
		const tookMs = until(() => count("live") === 2_000, 30_000);
		expect(tookMs).toBeLessThan(10_000);
		expect(transport.mostDialing).toBeLessThanOrEqual(32);
		// Each dials once, no sooner than 0.8 s after it was lost.
		const at = dials(sinceMs);
		expect(at).toHaveLength(2_000);
		expect(Math.min(...at)).toBeGreaterThanOrEqual(800);
		const order = greeted();
		const ranks = order.flatMap((id, rank) => (attended.has(id) ? [rank] : []));
		expect(ranks).toHaveLength(40);
		expect(Math.max(...ranks)).toBeLessThan(1_000);
	});

	test("C8: links of which some flap: those keep their back-off, and the others notice nothing", () => {
		const { clock, transport, links, count, dials } = openLiveFleet(500);
		clock.advance(10_000);
		const flapping = new Set(links.slice(0, 50).map(({ hostId: id }) => id));
		dials(0);
		// Accepted, greeted, and dropped within a second, each time they come.
		for (let s = 0; s < 15 * 60; s++) {
			for (const id of flapping)
				for (const socket of transport.socketsOf(id))
					if (socket.stage === "open") socket.end();
			clock.advance(1_000);
		}
		// 1, 2, 4, 8, 16, 32 s and then a minute each: 20 dials with no chance in it.
		const each = dials(0).length / flapping.size;
		expect(each).toBeGreaterThan(17);
		expect(each).toBeLessThan(23);
		const calm = links.filter(({ hostId: id }) => !flapping.has(id));
		expect(calm.every((link) => link.history().transitions.length === 1)).toBe(
			true,
		);
		clock.advance(75_000);
		expect(count("live")).toBe(500);
	});

	test("that hang in every dial hold 32 slots, and all come through when it heals", () => {
		fleet = openFleet(300);
		const { clock, set, all, gate, count, until } = fleet;
		set("hanging");
		all("wanted");
		clock.advance(5 * 60_000);
		expect(gate.inFlight).toBe(HANDSHAKES_AT_ONCE);
		set("up");
		until(() => count("live") === 300, 90_000);
	});

	test("Liveness: links live through a day of outages of every kind, and are all live a minute and a half after the last", () => {
		const random = seededRandom(SEED + 1);
		const stage = openLiveFleet(400);
		const { clock, transport, set, all, count, until } = stage;
		const networks: readonly Network[] = ["gone", "refusing", "hanging", "up"];
		for (let hour = 0; hour < 24; hour++) {
			const network = networks[Math.floor(random() * 4)] ?? "up";
			set(network);
			for (const socket of transport.all()) {
				const chance = random();
				if (chance < 0.3) socket.end();
				else if (chance < 0.4) socket.end(1001, "drain:deploy");
			}
			clock.advance(random() * 20 * 60_000);
			if (random() < 0.3) clock.sleep(3_600_000);
			set("up");
			if (random() < 0.5) all(random() < 0.5 ? "woke" : "networkReturned");
			until(() => count("live") === 400, 90_000);
			clock.advance(random() * 40 * 60_000);
			expect(count("live")).toBe(400);
		}
		expect(transport.mostDialing).toBeLessThanOrEqual(HANDSHAKES_AT_ONCE);
		expect(transport.held).toBe(400);
	});
});
