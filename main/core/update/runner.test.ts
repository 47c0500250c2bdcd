// The life of an update in virtual time: when it checks, fetches, waits, is put off and installs.
import { expect, test } from "vitest";
import type { Fault, Result } from "../../../shared/fault.ts";
import { failed, fault, ok } from "../../../shared/fault.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import type { Release, Verdict } from "./gate.ts";
import { updateFailed } from "./gate.ts";
import type { Updater, Updates } from "./runner.ts";
import { runUpdates } from "./runner.ts";

const HOUR = 3_600_000;
const release = (version: string): Release => ({
	version,
	releasedAt: "2026-11-01T00:00:00Z",
	notes: "",
	file: { name: "x", size: 100, sha512: version },
});

/** An updater that answers what it is told to, and a console whose work is a number. */
function stage({ random = 0.5, postponedUntil = 0 } = {}) {
	const clock = openVirtualClock();
	const deeds: string[] = [];
	const world = {
		clock,
		deeds,
		verdict: ok(release("2.0.0")) as Verdict,
		download: ok(undefined) as Result<void>,
		holdDownload: null as Promise<void> | null,
		install: ok(undefined) as Result<void>,
		/** What the system's installer says later. */
		failLater: (_why: Fault): void => {},
		/** Asked by the updater before it ends the app. */
		mayLeave: (): boolean => false,
		busy: { openJobs: 0, unreadFailures: 0 },
		kept: [] as number[],
		changes: 0,
		updates: undefined as unknown as Updates,
		kind: () => world.updates.view().state.kind,
	};
	const updater: Updater = {
		async check() {
			deeds.push("check");
			return world.verdict;
		},
		async download({ version }, onProgress) {
			deeds.push(`download ${version}`);
			onProgress(0.5);
			await world.holdDownload;
			return world.download;
		},
		cancelDownload: () => void deeds.push("cancel"),
		async install({ version }, onFailed, mayLeave) {
			world.failLater = onFailed;
			world.mayLeave = mayLeave;
			deeds.push(`install ${version}`);
			return world.install;
		},
	};
	world.updates = runUpdates({
		clock,
		log: () => {},
		random: () => random,
		updater,
		busy: () => world.busy,
		postponedUntil,
		keepPostponed: (until) => void world.kept.push(until),
		onChange: () => void world.changes++,
	});
	return world;
}

test("it checks a minute after the start and every six hours, each wait a fifth shorter or longer", async () => {
	for (const [random, factor] of [
		[0.5, 1],
		[0, 0.8],
	] as const) {
		const world = stage({ random });
		world.verdict = ok(null);
		await world.clock.pass(60_000 * factor - 1);
		expect(world.deeds).toEqual([]);
		await world.clock.pass(1);
		expect(world.deeds).toEqual(["check"]);
		await world.clock.pass(6 * HOUR * factor - 1);
		expect(world.deeds).toHaveLength(1);
		await world.clock.pass(1);
		expect(world.deeds).toHaveLength(2);
		expect(world.kind()).toBe("idle");
		world.updates.stop();
		expect(world.clock.timers).toBe(0);
	}
});

test("what passed the gate is fetched and then waits for a person, for ever", async () => {
	const world = stage();
	await world.clock.pass(60_000);
	expect(world.deeds).toEqual(["check", "download 2.0.0"]);
	expect(world.kind()).toBe("ready");
	await world.clock.pass(72 * HOUR);
	expect(world.deeds).not.toContain("install 2.0.0");
	world.updates.install();
	expect(world.kind()).toBe("installing");
	expect(world.deeds.at(-1)).toBe("install 2.0.0");
});

test("a wish waits while a job is open, then while a failure is unread, and is then fulfilled", async () => {
	const world = stage();
	await world.clock.pass(60_000);
	world.busy = { openJobs: 2, unreadFailures: 1 };
	world.updates.install();
	expect(world.updates.view()).toMatchObject({
		state: { kind: "ready", wanted: true },
		waitsFor: "2 jobs are open",
	});
	world.busy = { openJobs: 0, unreadFailures: 1 };
	await world.clock.pass(HOUR);
	expect(world.updates.view().waitsFor).toBe(
		"a failure is unread in the inbox",
	);
	expect(world.deeds).not.toContain("install 2.0.0");
	world.busy = { openJobs: 0, unreadFailures: 0 };
	await world.clock.pass(5_000);
	expect(world.deeds).toContain("install 2.0.0");
});

test("not now takes the wish back for a day, is kept, and nothing installs by itself after it", async () => {
	const world = stage();
	await world.clock.pass(60_000);
	world.busy = { openJobs: 1, unreadFailures: 0 };
	world.updates.install();
	world.updates.postpone();
	world.busy = { openJobs: 0, unreadFailures: 0 };
	expect(world.kept.at(-1)).toBe(world.clock.wallMs() + 24 * HOUR);
	await world.clock.pass(23 * HOUR);
	expect(world.updates.view()).toMatchObject({
		isPostponed: true,
		state: { kind: "ready", wanted: false },
	});
	await world.clock.pass(2 * HOUR);
	expect(world.updates.view().isPostponed).toBe(false);
	expect(world.deeds).not.toContain("install 2.0.0");
});

test("what was put off before a restart is not fetched until its day is over", async () => {
	const now = openVirtualClock().wallMs();
	const world = stage({ postponedUntil: now + 10 * HOUR });
	await world.clock.pass(9 * HOUR);
	expect(world.kind()).toBe("available");
	expect(world.deeds).not.toContain("download 2.0.0");
	await world.clock.pass(HOUR + 5_000);
	expect(world.kind()).toBe("ready");
});

test("a clock that was years ahead when it was put off does not hide updates for years", async () => {
	const world = stage({
		postponedUntil: openVirtualClock().wallMs() + 365 * 24 * HOUR,
	});
	await world.clock.pass(60_000);
	expect(world.kind()).toBe("ready");
});

test("not now while it is being fetched ends the fetching, whose late answer changes nothing", async () => {
	const world = stage();
	const hold = Promise.withResolvers<void>();
	world.holdDownload = hold.promise;
	await world.clock.pass(60_000);
	expect(world.updates.view().state).toMatchObject({
		kind: "downloading",
		fraction: 0.5,
	});
	world.updates.postpone();
	expect(world.deeds.at(-1)).toBe("cancel");
	hold.resolve();
	await world.clock.pass(1_000);
	expect(world.kind()).toBe("available");
});

test("update.failed and update.refused say why, and the next check tries again", async () => {
	const world = stage();
	world.verdict = failed(fault("update.refused"));
	await world.clock.pass(60_000);
	expect(world.updates.view().state).toMatchObject({
		kind: "refused",
		fault: { code: "update.refused" },
	});
	world.verdict = ok(release("2.0.0"));
	world.download = failed(updateFailed("cut"));
	await world.clock.pass(6 * HOUR);
	expect(world.updates.view().state).toMatchObject({
		kind: "failed",
		fault: { code: "update.failed", sentence: "cut" },
	});
	world.download = ok(undefined);
	await world.clock.pass(6 * HOUR);
	expect(world.kind()).toBe("ready");
	world.install = failed(updateFailed("no installer"));
	world.updates.install();
	await world.clock.pass(0);
	expect(world.kind()).toBe("failed");
});

test("beside what is ready a broken feed changes nothing, and a newer release replaces it", async () => {
	const world = stage();
	await world.clock.pass(60_000);
	world.verdict = failed(fault("update.refused"));
	await world.clock.pass(6 * HOUR);
	expect(world.kind()).toBe("ready");
	world.verdict = ok(null);
	await world.clock.pass(6 * HOUR);
	expect(world.kind()).toBe("ready");
	world.verdict = ok(release("2.0.1"));
	await world.clock.pass(6 * HOUR);
	expect(world.updates.view().state).toMatchObject({
		kind: "ready",
		release: { version: "2.0.1" },
	});
});

test("an updater that breaks its promise is a failed update", async () => {
	const world = stage();
	world.holdDownload = Promise.reject(new Error("no disk"));
	await world.clock.pass(60_000);
	expect(world.updates.view().state).toMatchObject({
		kind: "failed",
		fault: { sentence: "Error: no disk" },
	});
});

test("stopped, it holds no timer and does nothing more", async () => {
	const world = stage();
	world.updates.stop();
	expect(world.clock.timers).toBe(0);
	await world.clock.pass(24 * HOUR);
	expect(world.deeds).toEqual(["cancel"]);
});

test("an older release that is replayed takes the place of none that is known, fetched or put off", async () => {
	for (const isPutOff of [false, true]) {
		const world = stage();
		if (isPutOff) world.holdDownload = new Promise<void>(() => {});
		world.verdict = ok(release("2.0.1"));
		await world.clock.pass(60_000);
		if (isPutOff) world.updates.postpone();
		const kind = isPutOff ? "available" : "ready";
		expect(world.kind()).toBe(kind);
		for (const version of ["2.0.0", "2.0.1-beta.1"]) {
			world.verdict = ok(release(version));
			await world.clock.pass(6 * HOUR);
			expect(world.updates.view().state).toMatchObject({
				kind,
				release: { version: "2.0.1" },
			});
		}
		// The same version with another file is no newer one either.
		world.verdict = ok({
			...release("2.0.1"),
			file: { name: "y", size: 1, sha512: "other" },
		});
		await world.clock.pass(6 * HOUR);
		expect(world.updates.view().state).toMatchObject({
			kind,
			release: { file: { sha512: "2.0.1" } },
		});
		expect(world.deeds.filter((deed) => deed.startsWith("download"))).toEqual([
			"download 2.0.1",
		]);
		world.updates.stop();
	}
});

test("install now while it is only available: it is fetched and goes on by itself as soon as nothing stands in the way", async () => {
	const world = stage();
	world.busy = { openJobs: 1, unreadFailures: 0 };
	const hold = Promise.withResolvers<void>();
	world.holdDownload = hold.promise;
	await world.clock.pass(60_000);
	world.updates.postpone();
	expect(world.kind()).toBe("available");
	await world.clock.pass(0);
	world.updates.install();
	expect(world.updates.view()).toMatchObject({
		state: { kind: "downloading", wanted: true },
		isPostponed: false,
	});
	hold.resolve();
	await world.clock.pass(0);
	expect(world.updates.view()).toMatchObject({
		state: { kind: "ready", wanted: true },
		waitsFor: "a job is open",
	});
	world.busy = { openJobs: 0, unreadFailures: 0 };
	await world.clock.pass(5_000);
	expect(world.kind()).toBe("installing");
});

test("a wish while it is fetched is kept, and not now takes it back", async () => {
	const world = stage();
	world.holdDownload = new Promise<void>(() => {});
	await world.clock.pass(60_000);
	world.updates.install();
	expect(world.updates.view().state).toMatchObject({ wanted: true });
	world.updates.postpone();
	expect(world.kind()).toBe("available");
	await world.clock.pass(24 * HOUR + 5_000);
	expect(world.updates.view().state).toMatchObject({
		kind: "downloading",
		wanted: false,
	});
});

test("an installer that fails after it was started is told, and another wish tries again", async () => {
	const world = stage();
	await world.clock.pass(60_000);
	world.updates.install();
	await world.clock.pass(0);
	expect(world.kind()).toBe("installing");
	world.failLater(updateFailed("the signature did not match"));
	expect(world.updates.view().state).toMatchObject({
		kind: "failed",
		release: { version: "2.0.0" },
		fault: { code: "update.failed", sentence: "the signature did not match" },
	});
	// What comes after that speaks of nothing any more.
	world.failLater(updateFailed("again"));
	expect(world.updates.view().state).toMatchObject({
		fault: { sentence: "the signature did not match" },
	});
	world.updates.check();
	await world.clock.pass(0);
	expect(world.kind()).toBe("ready");
});

test("work that begins while the installer gets ready holds it, and the wish goes on after it", async () => {
	const world = stage();
	await world.clock.pass(72_000);
	world.updates.install();
	expect(world.mayLeave()).toBe(true);
	world.busy = { openJobs: 1, unreadFailures: 0 };
	expect(world.mayLeave()).toBe(false);
	expect(world.updates.view()).toMatchObject({
		state: { kind: "ready", wanted: true },
		waitsFor: "a job is open",
	});
	await world.clock.pass(9 * 60_000);
	world.busy = { openJobs: 0, unreadFailures: 0 };
	await world.clock.pass(5_000);
	expect(world.kind()).toBe("installing");
	// The patience with the first try is over, and not that with this one.
	await world.clock.pass(2 * 60_000);
	expect(world.kind()).toBe("installing");
	expect(world.mayLeave()).toBe(true);
	world.updates.stop();
	expect(world.mayLeave()).toBe(false);
});

test("a newer release beside one that waits for work to end takes the wish over", async () => {
	const world = stage();
	await world.clock.pass(72_000);
	world.busy = { openJobs: 1, unreadFailures: 0 };
	world.updates.install();
	world.verdict = ok(release("3.0.0"));
	world.updates.check();
	await world.clock.pass(0);
	expect(world.updates.view().state).toMatchObject({
		kind: "ready",
		release: { version: "3.0.0" },
		wanted: true,
	});
});

test("an installer that is started and says nothing is given up after ten minutes", async () => {
	const world = stage();
	await world.clock.pass(60_000);
	world.updates.install();
	await world.clock.pass(10 * 60_000 - 1);
	expect(world.kind()).toBe("installing");
	await world.clock.pass(1);
	expect(world.updates.view().state).toMatchObject({
		kind: "failed",
		fault: { code: "update.failed" },
	});
});

test("another channel: what the former one offered is dropped, and only its answer counts", async () => {
	const world = stage();
	const hold = Promise.withResolvers<void>();
	world.holdDownload = hold.promise;
	await world.clock.pass(60_000);
	world.verdict = ok(null);
	world.updates.channelChanged();
	expect(world.deeds.slice(-2)).toEqual(["cancel", "check"]);
	hold.resolve();
	await world.clock.pass(0);
	expect(world.kind()).toBe("idle");
	world.verdict = ok(release("3.0.0"));
	world.updates.check();
	world.verdict = ok(release("2.5.0"));
	world.updates.channelChanged();
	await world.clock.pass(0);
	expect(world.updates.view().state).toMatchObject({
		kind: "ready",
		release: { version: "2.5.0" },
	});
});

test("a window is told of what it shows and of nothing else: states, what is waited for, and the end of not now", async () => {
	const world = stage();
	await world.clock.pass(60_000);
	const ready = world.changes;
	await world.clock.pass(5_000);
	expect(world.changes).toBe(ready);
	world.busy = { openJobs: 1, unreadFailures: 0 };
	await world.clock.pass(5_000);
	expect(world.changes).toBe(ready + 1);
	world.updates.postpone();
	expect(world.changes).toBe(ready + 2);
	world.verdict = ok(null);
	await world.clock.pass(24 * HOUR);
	expect(world.updates.view().isPostponed).toBe(false);
	expect(world.changes).toBe(ready + 3);
});
