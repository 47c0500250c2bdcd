import { EventEmitter } from "node:events";
import { expect, test } from "vitest";
import type { Clock } from "../../shared/clock.ts";
import type { QuittingApp } from "./quit.ts";
import { quitInOrder, STOP_WITHIN_MS, UPDATE_WITHIN_MS } from "./quit.ts";

function stage(
	stopCore: () => Promise<void>,
	platform: NodeJS.Platform = "linux",
) {
	const told: string[] = [];
	const timers: { at: number; run: () => void; cancelled: boolean }[] = [];
	const clock: Clock = {
		monotonicMs: () => 5000,
		wallMs: () => 0,
		at(at, run) {
			const timer = { at, run, cancelled: false };
			timers.push(timer);
			return () => {
				timer.cancelled = true;
			};
		},
	};
	const heard: Record<string, (event: { preventDefault(): void }) => void> = {};
	const app: QuittingApp = {
		on(event: string, listener: (event: { preventDefault(): void }) => void) {
			heard[event] = listener;
		},
		quit: () => told.push("quit"),
		exit: (code) => told.push(`exit ${code}`),
	};
	const updater = new EventEmitter();
	quitInOrder(
		app,
		clock,
		() => {
			told.push("stop core");
			return stopCore();
		},
		{ updater, platform },
	);
	const emit = (event: string): void =>
		heard[event]?.({ preventDefault: () => told.push(`held ${event}`) });
	return { told, timers, emit, updater };
}

/** Lets promises that are already settled run their listeners. */
const settled = async (): Promise<void> => {
	for (let turn = 0; turn < 5; turn += 1) await Promise.resolve();
};

test("an update on macOS stops the core and leaves the end to the system's updater, which has ten seconds", async () => {
	const { told, timers, emit, updater } = stage(
		() => Promise.reject(new Error("stuck")),
		"darwin",
	);
	updater.emit("before-quit-for-update");
	updater.emit("before-quit-for-update");
	emit("window-all-closed");
	emit("will-quit");
	await settled();
	expect(told).toEqual(["stop core"]);
	expect(timers.map(({ at }) => at)).toEqual([5000 + UPDATE_WITHIN_MS]);
	timers[0]?.run();
	expect(told.at(-1)).toBe("exit 0");
});

test("an update elsewhere leaves in order, as ever", async () => {
	const { told, emit, updater } = stage(() => Promise.resolve());
	updater.emit("before-quit-for-update");
	emit("window-all-closed");
	emit("will-quit");
	await settled();
	expect(told).toEqual(["quit", "held will-quit", "stop core", "exit 0"]);
});

test("the last window closing ends the app", () => {
	const { told, emit } = stage(() => Promise.resolve());
	emit("window-all-closed");
	expect(told).toEqual(["quit"]);
});

test("the core is stopped before the process ends, and the timer does not stay behind", async () => {
	const { told, timers, emit } = stage(() => Promise.resolve());
	emit("will-quit");
	expect(told).toEqual(["held will-quit", "stop core"]);
	await settled();
	expect(told).toEqual(["held will-quit", "stop core", "exit 0"]);
	expect(timers.map(({ cancelled }) => cancelled)).toEqual([true]);
});

test("a core that does not stop is left after a second", async () => {
	const { told, timers, emit } = stage(() => new Promise(() => {}));
	emit("will-quit");
	await settled();
	expect(timers.map(({ at }) => at)).toEqual([5000 + STOP_WITHIN_MS]);
	timers[0]?.run();
	expect(told.at(-1)).toBe("exit 0");
});

test("a core that fails to stop does not hold the person", async () => {
	const { told, emit } = stage(() => Promise.reject(new Error("stuck")));
	emit("will-quit");
	await settled();
	expect(told.at(-1)).toBe("exit 0");
});

test("asking twice stops the core once", async () => {
	const { told, emit } = stage(() => Promise.resolve());
	emit("will-quit");
	emit("will-quit");
	await settled();
	expect(told.filter((word) => word === "stop core")).toHaveLength(1);
	expect(told.filter((word) => word === "exit 0")).toHaveLength(1);
});
