// The feed `update`: a window is told whole at the start and at every change, and one that is slow only of the newest.
import { expect, test } from "vitest";
import { client, memoryPipe } from "../../../shared/bridge.ts";
import type { UpdateTold } from "../../../shared/update.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import { openWindows } from "../windows.ts";
import type { Release } from "./gate.ts";
import type { Updates, UpdateView } from "./runner.ts";
import type { UpdateDuty } from "./updateCommands.ts";
import { updateDesk } from "./updateCommands.ts";

const release: Release = {
	version: "0.5.0",
	releasedAt: "2026-11-01T00:00:00Z",
	notes: "- New.",
	file: { name: "x", size: 100, sha512: "d" },
};

/** Windows on a duty that a test changes. */
function stage() {
	const clock = openVirtualClock();
	const world = { duty: null as UpdateDuty | null };
	const desk = updateDesk(() => world.duty);
	const windows = openWindows({
		clock,
		rows: {
			epoch: "e",
			fleetName: () => "prod",
			host: () => undefined,
			run: () => undefined,
			job: () => undefined,
			allHosts: () => [],
			allRuns: () => [],
			allJobs: () => [],
			recentActivity: () => [],
		},
		handlers: () => desk.handlers as never,
		first: () => ({ update: desk.told() }),
		onRefused: () => {},
	});
	return Object.assign(world, {
		clock,
		windows,
		open() {
			const [core, window] = memoryPipe();
			const frames: UpdateTold[] = [];
			windows.attach(core);
			const pipe = client(window);
			pipe.subscribe("update", (frame) => frames.push(frame));
			return { frames, pipe };
		},
		show(view: Partial<UpdateView>) {
			const updates = {
				view: () => ({
					state: { kind: "idle" },
					isPostponed: false,
					waitsFor: null,
					...view,
				}),
			} as Updates;
			world.duty = { kind: "own", updates };
			windows.tell("update", desk.told());
		},
	});
}

test("a new window is told at once, and then of every change, in the words of update.read", async () => {
	const world = stage();
	const { frames, pipe } = world.open();
	await world.clock.pass(0);
	expect(frames).toMatchObject([{ kind: "managed", why: null }]);
	world.show({
		state: { kind: "ready", release, wanted: true },
		waitsFor: "2 jobs are open",
	});
	await world.clock.pass(0);
	expect(frames.at(-1)).toEqual({
		kind: "ready",
		version: "0.5.0",
		releasedAt: "2026-11-01T00:00:00Z",
		notes: "- New.",
		fraction: null,
		wanted: true,
		waitsFor: "2 jobs are open",
		isPostponed: false,
		why: null,
		fault: null,
	});
	expect(await pipe.ask("update.read", {})).toEqual({
		ok: true,
		value: frames.at(-1),
	});
	expect(world.open().frames).toEqual([]);
});

test("a window that does not take frames in gets the newest one, and not all that came between", async () => {
	const world = stage();
	const [core, window] = memoryPipe();
	const seen: string[] = [];
	window.onMessage((message) => seen.push(message));
	window.onClose(() => {});
	world.windows.attach(core);
	await world.clock.pass(0);
	for (const fraction of [0.1, 0.2, 0.3])
		world.show({
			state: { kind: "downloading", release, fraction, wanted: false },
		});
	await world.clock.pass(0);
	const updates = () =>
		seen
			.map((message) => JSON.parse(message))
			.filter(({ name }) => name === "update");
	expect(updates()).toHaveLength(1);
	window.send(JSON.stringify({ v: 1, kind: "ack", id: updates()[0].id }));
	await world.clock.pass(0);
	expect(updates().map(({ body }) => body.fraction)).toEqual([null, 0.3]);
});
