import { networkInterfaces } from "node:os";
import { expect, test } from "vitest";
import { openVirtualClock } from "../testkit/virtualClock.ts";
import { usableNetworks, watchSurroundings } from "./surroundings.ts";

function watched() {
	const clock = openVirtualClock();
	const told: string[] = [];
	const surroundings = { networks: "10.0.0.5" };
	const stop = watchSurroundings({
		clock,
		networks: () => surroundings.networks,
		woke: () => told.push("woke"),
		networkChanged: () => told.push("network"),
	});
	return { clock, told, surroundings, stop };
}

test("Liveness: eight hours of sleep are told once, within 2 s of waking", () => {
	const { clock, told } = watched();
	clock.advance(60_000);
	clock.sleep(8 * 3_600_000);
	expect(told).toEqual([]);
	clock.advance(2_000);
	expect(told).toEqual(["woke"]);
	clock.advance(3_600_000);
	expect(told).toEqual(["woke"]);
});

test("Liveness: sleep is noticed where the monotonic clock counts it too", () => {
	const inner = openVirtualClock();
	let sleptMs = 0;
	const clock = {
		monotonicMs: () => inner.monotonicMs() + sleptMs,
		wallMs: () => inner.wallMs() + sleptMs,
		at: (deadlineMs: number, run: () => void) =>
			inner.at(deadlineMs - sleptMs, run),
	};
	let woke = 0;
	const stop = watchSurroundings({
		clock,
		networks: () => "",
		woke: () => woke++,
		networkChanged: () => {},
	});
	inner.advance(60_000);
	sleptMs = 8 * 3_600_000;
	inner.advance(2_000);
	expect(woke).toBe(1);
	inner.advance(60_000);
	expect(woke).toBe(1);
	stop();
});

test("Liveness: a wall clock that is corrected by seconds, or set back, is no sleep", () => {
	const { clock, told } = watched();
	clock.sleep(9_000);
	clock.advance(2_000);
	clock.sleep(-3_600_000);
	clock.advance(60_000);
	expect(told).toEqual([]);
});

test("Liveness: a changed set of addresses is told once", () => {
	const { clock, told, surroundings } = watched();
	clock.advance(10_000);
	surroundings.networks = "10.0.0.5 172.16.0.9";
	clock.advance(2_000);
	expect(told).toEqual(["network"]);
	surroundings.networks = "";
	clock.advance(60_000);
	expect(told).toEqual(["network", "network"]);
});

test("who wakes in another network woke: everything is tried again anyway", () => {
	const { clock, told, surroundings } = watched();
	clock.sleep(60_000);
	surroundings.networks = "192.168.1.7";
	clock.advance(10_000);
	expect(told).toEqual(["woke"]);
});

test("stopping leaves no timer", () => {
	const { clock, stop } = watched();
	clock.advance(10_000);
	stop();
	expect(clock.timers).toBe(0);
});

test("the addresses are those that others can reach, in an order that does not change by itself", () => {
	const told = usableNetworks().split(" ");
	expect(told).not.toContain("127.0.0.1");
	const all = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
	for (const { address, internal } of all)
		expect(told.includes(address)).toBe(
			!internal && !/^(fe80:|169\.254\.)/i.test(address),
		);
	expect([...told].sort()).toEqual(told);
});
