import { expect, test } from "vitest";
import type { Handlers, Pipe } from "../../shared/bridge.ts";
import { client, memoryPipe, serve } from "../../shared/bridge.ts";
import type { Clock } from "../../shared/clock.ts";
import { FaultError, failed, fault, ok } from "../../shared/fault.ts";
import { deltaOf, hostRow, NOW, snapshotOf } from "./fixtures.ts";
import { EMPTY_FLEET, fleetOf } from "./replica.ts";
import { createCoreStore, follow, takeFrame } from "./sync.ts";

test("a snapshot is always taken, and the next delta is applied", () => {
	const first = takeFrame(
		EMPTY_FLEET,
		"waiting",
		snapshotOf({ hosts: [hostRow("a")] }),
	);
	expect(first).toMatchObject({ following: "following", resync: false });
	const second = takeFrame(
		first.fleet,
		first.following,
		deltaOf(10, { hosts: [hostRow("b")] }),
	);
	expect(second.fleet.hostOrder).toEqual(["a", "b"]);
	expect(second.fleet.replica.seq).toBe(11);
});

test("a gap drops the delta and asks for a snapshot once", () => {
	const fleet = fleetOf(snapshotOf());
	const gap = takeFrame(
		fleet,
		"following",
		deltaOf(12, { hosts: [hostRow("a")] }),
	);
	expect(gap).toEqual({ fleet, following: "resyncing", resync: true });
	const later = takeFrame(gap.fleet, gap.following, deltaOf(10));
	expect(later).toEqual({ fleet, following: "resyncing", resync: false });
	const healed = takeFrame(
		later.fleet,
		later.following,
		snapshotOf({ seq: 40 }),
	);
	expect(healed.following).toBe("following");
	expect(healed.fleet.replica.seq).toBe(40);
});

test("a delta of another life of the core is a gap", () => {
	const fleet = fleetOf(snapshotOf());
	expect(
		takeFrame(fleet, "following", deltaOf(10, { epoch: "e2" })).resync,
	).toBe(true);
});

test("a delta before any snapshot asks for one", () => {
	expect(takeFrame(EMPTY_FLEET, "waiting", deltaOf(0)).resync).toBe(true);
});

test("after a disagreement nothing is applied, not even a snapshot", () => {
	const taken = takeFrame(EMPTY_FLEET, "disagreed", snapshotOf());
	expect(taken).toEqual({
		fleet: EMPTY_FLEET,
		following: "disagreed",
		resync: false,
	});
});

/** A clock whose timers run when the test says so. */
function handClock(): Clock & { runDue(): void } {
	const due = new Set<() => void>();
	return {
		monotonicMs: () => 0,
		wallMs: () => NOW,
		at(_, run) {
			due.add(run);
			return () => due.delete(run);
		},
		runDue() {
			for (const run of [...due]) {
				due.delete(run);
				run();
			}
		},
	};
}

const session = {
	version: "1",
	shell: "node" as const,
	fleet: "test",
	canImportFleet: false,
	demo: true,
	identity: null,
	startedAt: NOW,
	timeZone: "UTC",
	canSaveFiles: false,
	fault: null,
};
const nothingToSay = () => failed(fault("internal.bug"));

/** A core at the other end of a pipe in memory, that counts what it was asked. */
function smallCore(pipe: Pipe, sessionNow: () => typeof session) {
	const asked: string[] = [];
	const handlers: Handlers = {
		"session.read": () => {
			asked.push("session.read");
			return ok(sessionNow());
		},
		"fleet.offerImport": () => ok({ offer: null }),
		"fleet.import": () => ok({}),
		"fleet.resync": () => {
			asked.push("fleet.resync");
			void served.post("fleet", snapshotOf({ seq: 50 }));
			return ok({});
		},
		"link.retry": nothingToSay,
		"link.pause": nothingToSay,
		"view.attend": nothingToSay,
		"host.history": nothingToSay,
		"history.search": nothingToSay,
		"history.jobs": nothingToSay,
		"history.job": nothingToSay,
		"history.offerForget": nothingToSay,
		"history.forget": nothingToSay,
		"host.diagnose": nothingToSay,
		"run.output": nothingToSay,
		"view.watch": nothingToSay,
		"inbox.read": () => {
			asked.push("inbox.read");
			return ok({ entries: [], unread: asked.length });
		},
		"inbox.markRead": nothingToSay,
		"identity.list": nothingToSay,
		"identity.import": nothingToSay,
		"identity.offerRemoval": nothingToSay,
		"notify.test": nothingToSay,
		"settings.read": nothingToSay,
		"settings.change": nothingToSay,
		"update.read": nothingToSay,
		"update.check": nothingToSay,
		"update.install": nothingToSay,
		"update.postpone": nothingToSay,
		"identity.remove": nothingToSay,
		"export.begin": nothingToSay,
		"export.append": nothingToSay,
		"export.end": nothingToSay,
	};
	const served = serve(pipe, handlers, () => {});
	return { asked, served };
}

function followed(sessionNow = () => session) {
	const [coreEnd, windowEnd] = memoryPipe();
	const { asked, served } = smallCore(coreEnd, sessionNow);
	const store = createCoreStore();
	const clock = handClock();
	const core = client(windowEnd);
	follow(store, core, clock);
	return { asked, served, store, clock, coreEnd, close: () => core.close() };
}

/** Lets all messages in memory arrive. */
const settled = (): Promise<void> =>
	new Promise((resolve) => setImmediate(resolve));

declare function setImmediate(run: () => void): void;

test("the inbox is read anew whenever the core says that it changed", async () => {
	const { asked, served, store, close } = followed();
	await settled();
	expect(store.getState().inbox).toBeNull();
	await served.post("inbox", { unread: 7 });
	await served.post("inbox", { unread: 8 });
	await settled();
	expect(asked.filter((name) => name === "inbox.read")).toHaveLength(2);
	expect(store.getState().inbox).toEqual({ entries: [], unread: asked.length });
	close();
});

test("a window that asks too often waits as long as it is told, and asks again", async () => {
	let reads = 0;
	const { asked, store, clock, close } = followed(() => {
		reads++;
		if (reads < 3)
			throw new FaultError(fault("window.too-fast", { retryAfterMs: 700 }));
		return session;
	});
	await settled();
	expect(asked).toEqual(["session.read"]);
	expect(store.getState()).toMatchObject({
		session: null,
		following: "waiting",
	});
	while (store.getState().session === null) {
		clock.runDue();
		await settled();
	}
	expect(reads).toBe(3);
	expect(store.getState().following).not.toBe("disagreed");
	close();
});

test("while the inbox is being read it is not asked for again, and once more when it changed meanwhile", async () => {
	const { asked, served, store, close } = followed();
	await settled();
	for (const unread of [1, 2, 3, 4, 5]) void served.post("inbox", { unread });
	await settled();
	expect(asked.filter((name) => name === "inbox.read")).toHaveLength(2);
	expect(store.getState().inbox).toEqual({ entries: [], unread: asked.length });
	close();
});

test("the window reads the session and follows the feed", async () => {
	const { served, store, close } = followed();
	await served.post("fleet", snapshotOf({ hosts: [hostRow("a")] }));
	await served.post("fleet", deltaOf(10, { hosts: [hostRow("b")] }));
	await settled();
	const { fleet, following } = store.getState();
	expect(following).toBe("following");
	expect(fleet.hostOrder).toEqual(["a", "b"]);
	expect(store.getState().session?.fleet).toBe("test");
	close();
});

test("the session is read again: every five seconds while the keychain is locked, else every fifteen", async () => {
	let locked: typeof session = {
		...session,
		fault: fault("vault.locked") as never,
	};
	const { asked, store, clock, close } = followed(() => locked);
	const reads = () => asked.filter((name) => name === "session.read").length;
	await settled();
	expect(store.getState().session?.fault?.code).toBe("vault.locked");
	clock.runDue();
	await settled();
	expect(reads()).toBe(2);
	locked = session;
	clock.runDue();
	await settled();
	const unlocked = reads();
	expect(store.getState().session?.fault).toBeNull();
	const same = store.getState().session;
	const since = clock.monotonicMs();
	clock.runDue();
	await settled();
	expect(clock.monotonicMs() - since).toBeLessThanOrEqual(15_000);
	expect(reads()).toBe(unlocked + 1);
	// What did not change is the same object, so that no screen renders anew for it.
	expect(store.getState().session).toBe(same);
	close();
});

test("a gap in the feed makes the window ask the core for a snapshot, which heals it", async () => {
	const { asked, served, store, close } = followed();
	await served.post("fleet", snapshotOf());
	void served.post("fleet", deltaOf(30));
	void served.post("fleet", deltaOf(31));
	await settled();
	expect(asked.filter((name) => name === "fleet.resync")).toHaveLength(1);
	expect(store.getState().following).toBe("following");
	expect(store.getState().fleet.replica.seq).toBe(50);
	close();
});

test("a frame of another shape makes the window say that core and window disagree, and stop", async () => {
	const { served, store, close } = followed();
	const wrong = { ...snapshotOf(), surprise: true };
	void served.post("fleet", wrong);
	await settled();
	expect(store.getState().following).toBe("disagreed");
	expect(store.getState().disagreement).toMatchObject({
		code: "contract.mismatch",
		sentence: "core and window disagree on a frame of fleet",
	});
	await served.post("fleet", snapshotOf({ hosts: [hostRow("a")] }));
	expect(store.getState().fleet.hostOrder).toEqual([]);
	close();
});

test("a core that sends no snapshot is asked for one after a while", async () => {
	const { asked, store, clock, close } = followed();
	await settled();
	expect(asked).not.toContain("fleet.resync");
	clock.runDue();
	await settled();
	expect(asked).toContain("fleet.resync");
	expect(store.getState().following).toBe("following");
	close();
});

test("a core whose clock is far ahead is told apart from a frame's travel", async () => {
	const { served, store, close } = followed();
	const vital = { loopLagMs: 0, eventsPerSecond: 0, dialing: 0, queued: 0 };
	await served.post("health", { ...vital, at: NOW + 300 });
	expect(store.getState().coreAheadMs).toBe(0);
	await served.post("health", { ...vital, at: NOW + 60_000 });
	expect(store.getState().coreAheadMs).toBe(60_000);
	close();
});
