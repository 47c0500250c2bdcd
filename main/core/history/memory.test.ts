// A console with a history, before anybody was reached: what a window is shown at once, and what is written at the end.
import { afterEach, describe, expect, test } from "vitest";
import { client, memoryPipe } from "../../../shared/bridge.ts";
import type { FleetFrame, Snapshot } from "../../../shared/delta.ts";
import { fault } from "../../../shared/fault.ts";
import { hostId } from "../../../shared/model.ts";
import {
	BEGAN,
	keptHost,
	keptJob,
	keptRun,
} from "../../testkit/historyRows.ts";
import { openTally } from "../../testkit/tally.ts";
import { openVirtualClock } from "../../testkit/virtualClock.ts";
import type { Console } from "../console.ts";
import { openConsole } from "../console.ts";
import type { HostEntry } from "../fleet/target.ts";
import type { NoteEffect } from "../notify/note.ts";
import type { Vault } from "../ports.ts";
import type { HistoryPort, HistoryRows, Kept } from "./kept.ts";

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close();
});

const entry = (id: string, servername = `${id}.fleet.test`): HostEntry => ({
	id: hostId(id),
	address: "127.0.0.1",
	port: 1,
	servername,
	minTls: "1.2",
	labels: {},
});

/** Foredeck without an identity, so that nothing is dialed, ten minutes after what it knows. */
function start(
	hosts: readonly HostEntry[],
	kept: Kept,
	why: HistoryPort["why"] = null,
) {
	const clock = openVirtualClock({ wallMs: BEGAN + 600_000 });
	const writes: HistoryRows[] = [];
	const effects: NoteEffect[] = [];
	let closed = 0;
	const console = openConsole(
		{
			version: "1.2.3",
			shell: "node",
			demo: false,
			inventory: { name: "prod", hosts: [...hosts] },
			identity: null,
			fault: null,
			notify: { present: (effect) => void effects.push(effect) },
			history: {
				why,
				load: () => kept,
				write(rows) {
					writes.push(rows);
					return "kept";
				},
				prune: () => false,
				close() {
					closed++;
				},
			},
		},
		{ clock, log: () => {}, random: () => 0.5, vault: {} as Vault },
	);
	closing.push(() => console.stop());
	return { clock, console, writes, effects, closed: () => closed };
}

/** What a window that comes now is shown first. */
async function shown(console: Console): Promise<Snapshot> {
	const [core, window] = memoryPipe();
	const frames = openTally<FleetFrame>();
	client(window).subscribe("fleet", frames.add);
	console.attach(core);
	return (await frames.waitFor()) as Snapshot;
}

const KEPT: Kept = {
	jobs: [
		{
			job: keptJob("j-late"),
			runs: [
				keptRun("j-late", "web-01", "running"),
				keptRun("j-late", "web-02", "succeeded"),
			],
		},
		{
			job: keptJob("j-early", { operation: "reboot", label: "reboot" }),
			runs: [keptRun("j-early", "web-02", "failed", { operation: "reboot" })],
		},
	],
	hosts: [keptHost("web-01"), keptHost("web-02", { channel: "polling" })],
};

describe("a console that comes back", () => {
	test("shows the last known state at once, and tells nothing", async () => {
		const { clock, console, effects } = start(
			[entry("web-01"), entry("web-02")],
			KEPT,
		);
		const frame = shown(console);
		await clock.pass(0);
		const { jobs, runs, hosts, events } = await frame;
		expect(jobs.map(({ id, status }) => [id, status])).toEqual([
			["j-early", "failed"],
			["j-late", "running"],
		]);
		expect(runs.map(({ hostId: host, state }) => [host, state])).toEqual([
			["web-02", "failed"],
			["web-01", "unknown"],
			["web-02", "succeeded"],
		]);
		expect(hosts).toMatchObject([
			{
				id: "web-01",
				heardAt: BEGAN,
				health: { kind: "healthy", sinceAt: BEGAN },
				agentVersion: "2.5.4",
				os: "Debian 12",
				openRuns: 1,
				// The link is of now, and so is what decides how the agent is spoken to.
				link: { channel: "blocked" },
				extensions: [],
				skewMs: null,
			},
			{ id: "web-02", heardAt: BEGAN },
		]);
		expect(events.filter(({ kind }) => kind !== "gap")).toEqual([]);
		// That the other one ended may not have been told before Foredeck ended.
		expect(
			effects.map((one) => one.kind === "show" && one.note.target),
		).toEqual([]);
		await clock.pass(10_000);
		expect(
			effects.map((one) => one.kind === "show" && one.note.target),
		).toEqual([{ jobId: "j-early", hostId: "web-02" }]);
	});

	test("knows nothing of hosts that left, and of a machine that got the name of another", async () => {
		const { clock, console } = start(
			[entry("web-01", "other.fleet.test"), entry("web-02")],
			KEPT,
		);
		const frame = shown(console);
		await clock.pass(0);
		const { jobs, hosts } = await frame;
		expect(jobs.map(({ id, counts }) => [id, counts.host])).toEqual([
			["j-early", 1],
			["j-late", 1],
		]);
		expect(hosts.map(({ heardAt }) => heardAt)).toEqual([null, BEGAN]);
	});

	test("says in the activity that nothing is kept", async () => {
		const why = fault("history.newer");
		const { clock, console } = start([entry("web-01")], KEPT, why);
		const frame = shown(console);
		await clock.pass(0);
		expect((await frame).events).toMatchObject([
			{ kind: "gap", hostId: null, fault: "history.newer" },
		]);
	});

	test("writes what is known of every host when it ends, and once", async () => {
		const { console, writes, closed } = start(
			[entry("web-01"), entry("web-02")],
			KEPT,
		);
		await console.stop();
		await console.stop();
		expect(writes.flatMap(({ runs }) => runs)).toEqual([]);
		expect(writes.flatMap(({ hosts }) => hosts)).toMatchObject([
			{ id: "web-01", heardAt: BEGAN },
			{ id: "web-02", heardAt: BEGAN },
		]);
		expect(closed()).toBe(1);
	});
});
