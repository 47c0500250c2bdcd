// The model rows of 11-REQUIREMENTS that need whole hosts and much time: a silent fleet, a run that stands still, alarms
// that outlive what is read every minute.
import { afterEach, expect, test } from "vitest";
import { openPlay } from "../../testkit/fleetPlay.ts";
import type { Fate } from "../../testkit/memoryTransport.ts";

const MIN_MS = 60_000;

let play: ReturnType<typeof openPlay> | null = null;
afterEach(() => {
	play?.end();
	play = null;
});

/** A live fleet whose sockets answer pings as long as the test says so. */
async function openBeating(...ids: string[]) {
	const heart = { beats: true };
	const opened = openPlay(ids);
	play = opened;
	for (const id of ids)
		opened.agent(id).socket = {
			kind: "opens",
			afterMs: 5,
			pongs: () => heart.beats,
		};
	await opened.clock.pass(10_000);
	for (const id of ids) expect(opened.channel(id)).toBe("live");
	return { ...opened, heart };
}
/** Nobody is there: the dial hangs until its own deadline. */
const SILENT: Fate = {
	kind: "fails",
	afterMs: 10_000,
	phase: "tcp",
	facts: { timedOut: true },
};

test("M13: 250 hosts whose heartbeats all stop turn unreachable by our own timer, each after three misses and not before", async () => {
	const ids = Array.from({ length: 250 }, (_, at) => `h-${at}`);
	const { agent, clock, fleet, heart, row } = await openBeating(...ids);
	heart.beats = false;
	for (const id of ids) agent(id).socket = SILENT;
	await clock.pass(45_000);
	// Half-open sockets are found dead within 45 s; one miss says nothing against the host yet.
	expect(fleet.channels().live).toBe(0);
	for (const id of ids) expect(row(id).health.kind).toBe("healthy");
	const misses = new Map<string, number>();
	for (let second = 0; second < 240; second++) {
		await clock.pass(1_000);
		for (const id of ids) {
			const { health, link } = row(id);
			if (health.kind === "unreachable" && !misses.has(id))
				misses.set(id, link.attempt);
		}
	}
	expect(misses.size).toBe(ids.length);
	expect(new Set(misses.values())).toEqual(new Set([3]));
	for (const id of ids) expect(row(id).health.kind).toBe("unreachable");
	heart.beats = true;
	for (const id of ids) agent(id).socket = "opens";
	await clock.pass(3 * MIN_MS);
	for (const id of ids) expect(row(id).health.kind).toBe("healthy");
});

test("M15: pings are answered while a run stands still: the host is alive and fresh, and the run makes no progress", async () => {
	const { push, clock, row, run } = await openBeating("a");
	push("a", "1", "running", { progress: 10 });
	await clock.pass(3_000);
	const before = run("a", "1");
	expect(before).toMatchObject({ state: "running", progress: 10 });
	for (let minute = 0; minute < 20; minute++) {
		await clock.pass(MIN_MS);
		const { link, health, heardAt, staleAfterMs } = row("a");
		expect(link.channel).toBe("live");
		expect(health.kind).toBe("healthy");
		expect(clock.wallMs() - (heardAt ?? 0)).toBeLessThan(staleAfterMs);
	}
	expect(run("a", "1")).toMatchObject({
		state: "running",
		progressAt: before?.progressAt,
	});
	push("a", "1", "running", { progress: 11 });
	expect(run("a", "1")?.progressAt).toBe(clock.wallMs());
});

test("M5, M20: the list that is read every minute puts the alarm of 75 min off by nothing: it comes with the first list after it", async () => {
	const { push, clock, run, lists } = await openBeating("a");
	push("a", "1", "running");
	await clock.pass(3_000);
	const beganAt = run("a", "1")?.runningAt ?? 0;
	expect(beganAt).toBeGreaterThan(0);
	const before = lists("a").length;
	await clock.pass(beganAt + 75 * MIN_MS - 1 - clock.wallMs());
	expect(lists("a").length - before).toBeGreaterThan(60);
	expect(run("a", "1")?.overdueAt).toBeNull();
	await clock.pass(72_000);
	const overdueAt = run("a", "1")?.overdueAt ?? 0;
	expect(overdueAt - beganAt).toBeGreaterThanOrEqual(75 * MIN_MS);
	await clock.pass(30 * MIN_MS);
	expect(run("a", "1")).toMatchObject({ overdueAt, runningAt: beganAt });
});

test("M20: a host that stays away is unreachable since its third miss, however often it is tried again", async () => {
	const { agent, clock, row, heart, links } = await openBeating("a");
	heart.beats = false;
	agent("a").socket = SILENT;
	await clock.pass(4 * MIN_MS);
	const { health } = row("a");
	expect(health.kind).toBe("unreachable");
	const tried = links.length;
	await clock.pass(30 * MIN_MS);
	expect(row("a").health).toEqual(health);
	expect(links.length - tried).toBeGreaterThan(20);
});
