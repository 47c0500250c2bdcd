// What outlives Foredeck, on real agents: a job that runs while the console is ended, or killed, and started again is the same
// job, and nothing of it is told twice.
import { spawn } from "node:child_process";
import { once } from "node:events";
import {
	existsSync,
	mkdtempSync,
	readFileSync,
	rmSync,
	writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import type { Activity, Job } from "../../shared/model.ts";
import { agentJobId, hostId, runKey } from "../../shared/model.ts";
import type { Console } from "../core/console.ts";
import { openConsole } from "../core/console.ts";
import type { HostEntry } from "../core/fleet/target.ts";
import { openHistory } from "../core/history/openHistory.ts";
import { openKeptNotes } from "../core/notify/keptNotes.ts";
import type { NoteEffect } from "../core/notify/note.ts";
import { openMemoryVault } from "../vault/memory.ts";
import type { ChildConsole } from "./consoleChild.ts";
import type { World } from "./world.ts";
import { FAILS, openWorld } from "./world.ts";

const CHILD = fileURLToPath(new URL("consoleChild.ts", import.meta.url));
const IDS = ["db-1", "db-2", "db-3", "db-4"];
const closing: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close();
});

/** Agents, and a folder that outlives the consoles on them. */
async function openStage(): Promise<{ world: World; folder: string }> {
	const folder = mkdtempSync(join(tmpdir(), "foredeck-again-"));
	closing.push(() => rmSync(folder, { recursive: true, force: true }));
	const world = await openWorld({ hosts: IDS.map((id) => ({ id })) });
	closing.push(world.stop);
	await world.console.stop();
	return { world, folder };
}

interface Again {
	readonly console: Console;
	readonly told: Activity[];
	readonly shown: string[];
	/** Notes that were shown aloud, by their kinds. */
	readonly aloud: string[];
	job(): Job;
}

/** Foredeck, started (again) in this folder. */
function start(
	{
		identity,
		entries,
	}: { identity: World["identity"]; entries: readonly HostEntry[] },
	folder: string,
): Again {
	const aloud: string[] = [];
	const shown: string[] = [];
	const told: Activity[] = [];
	const present = (effect: NoteEffect): void => {
		if (effect.kind === "show") shown.push(effect.note.kind);
		if (effect.kind === "show" && effect.manner === "aloud")
			aloud.push(effect.note.kind);
	};
	const console = openConsole(
		{
			version: "0.0.0-test",
			shell: "node",
			demo: false,
			inventory: { name: "test", hosts: entries },
			identity,
			fault: null,
			history: openHistory(join(folder, "history.sqlite"), () => {}),
			notify: {
				...openKeptNotes(join(folder, "notify.json"), () => {}),
				present,
			},
		},
		{
			clock: systemClock(),
			log: () => {},
			random: Math.random,
			vault: openMemoryVault(),
		},
	);
	closing.push(() => console.stop());
	console.listen({ activity: (line) => told.push(line) });
	return {
		console,
		told,
		aloud,
		shown,
		job() {
			const [job, ...others] = console.book.jobs.values();
			expect(others).toEqual([]);
			if (job === undefined) throw new Error("there is no job");
			return job;
		},
	};
}

const isLive = ({ console }: Again): boolean =>
	IDS.every(
		(id) => console.fleet.member(hostId(id))?.link.status.channel === "live",
	);
/** One host fails at once, the others run for longer than any test and are known before it. */
async function submitAll(world: World, areKnown: () => boolean): Promise<void> {
	world.submit(["db-2", "db-3", "db-4"], { runMs: 600_000 });
	await world.until("three hosts run", areKnown);
	world.submit(["db-1"], { runMs: 200, outcome: FAILS });
}
/** The agents restart, and call what they ran failed. */
async function interrupt(world: World, ids: readonly string[]): Promise<void> {
	for (const id of ids) {
		world.agent(id).kill();
		await world.agent(id).revive("AGENT_REBOOTED");
	}
}
const failuresTold = ({ told }: Again) =>
	told.flatMap((line) =>
		line.kind === "host" && line.status === "failed" ? [line.hostId] : [],
	);

test("a job that runs while Foredeck is ended and started again: the same id, told once, its counts right", async () => {
	const { world, folder } = await openStage();
	const first = start(world, folder);
	await world.until("all are live", () => isLive(first));
	await submitAll(world, () =>
		[...first.console.book.jobs.values()].some(
			({ counts }) => counts.running === 3,
		),
	);
	await world.until("the first failure is told", () =>
		first.aloud.includes("failing"),
	);
	await world.until(
		"all hosts are in the job",
		() => first.job().counts.host === 4,
	);
	const { id, label } = first.job();
	await first.console.stop();
	await interrupt(world, ["db-2"]);

	const second = start(world, folder);
	// Before anything was dialed.
	expect(second.job()).toMatchObject({
		id,
		label,
		status: "running",
		counts: { host: 4, failed: 1, unknown: 3 },
	});
	expect(second.told).toEqual([]);
	const row = second.console.fleet.row(hostId("db-3"));
	expect(row?.heardAt).toBeGreaterThan(0);
	expect(row?.health.kind).toBe("healthy");
	await world.until(
		"the agents told where they are",
		() => second.job().counts.running === 2 && second.job().counts.failed === 2,
	);
	expect(second.job()).toMatchObject({
		id,
		counts: { host: 4, failed: 2, running: 2 },
	});
	expect(second.aloud).toEqual([]);
	await interrupt(world, ["db-3", "db-4"]);
	await world.until("the end is told", () => second.aloud.includes("ended"));
	expect(second.aloud).toEqual(["ended"]);
	expect(failuresTold(second).sort()).toEqual(["db-2", "db-3", "db-4"]);
	expect(second.job()).toMatchObject({
		id,
		status: "failed",
		counts: { host: 4, failed: 4 },
	});
	const ended = second.job();
	await second.console.stop();

	const third = start(world, folder);
	expect(third.job()).toEqual(ended);
	await world.until("all are read", () =>
		[...third.console.fleet.members()].every((one) => one.hasListed()),
	);
	expect([third.shown, third.told, third.job()]).toEqual([[], [], ended]);
});

test("a job that runs while Foredeck is killed: the same id, and its end told once when it comes back", async () => {
	const { world, folder } = await openStage();
	const notes = join(folder, "notify.json");
	const { entries, identity } = world;
	const wishes: ChildConsole = {
		...{ entries, identity, notes },
		history: join(folder, "history.sqlite"),
	};
	writeFileSync(join(folder, "child.json"), JSON.stringify(wishes), {
		mode: 0o600,
	});
	const child = spawn(process.execPath, [CHILD, join(folder, "child.json")], {
		stdio: ["ignore", "pipe", "inherit"],
	});
	closing.push(() => child.kill("SIGKILL"));
	let out = "";
	child.stdout.on("data", (bytes: Buffer) => {
		out += bytes.toString();
	});
	await world.until("it is connected to all", () =>
		IDS.every((id) => world.agent(id).openConnections() > 0),
	);
	const said = () =>
		out
			.split("\n")
			.slice(0, -1)
			.map((line) => JSON.parse(line));
	await submitAll(world, () =>
		said().some(({ counts }) => counts?.running === 3),
	);
	// What was shown aloud is remembered within a second of it.
	await world.until(
		"its first note is kept",
		() => existsSync(notes) && readFileSync(notes, "utf8").includes("/failing"),
	);
	await world.until("it knows all hosts of the job, and kept that", () => {
		const history = openHistory(wishes.history, () => {});
		const [whole] = history.load(0, 100).jobs;
		history.close();
		return (
			whole?.runs.length === 4 &&
			whole.runs.some(({ run }) => run.state === "failed")
		);
	});
	child.kill("SIGKILL");
	await once(child, "close");
	const ids = new Set(said().flatMap(({ job }) => job ?? []));
	expect(ids.size).toBe(1);
	expect(said().filter(({ note }) => note === "failing")).toHaveLength(1);
	await interrupt(world, ["db-2", "db-3", "db-4"]);

	const again = start(world, folder);
	expect([...ids]).toEqual([again.job().id]);
	expect(again.job().status).toBe("running");
	await world.until("the end is told", () => again.aloud.length > 0);
	expect(again.aloud).toEqual(["ended"]);
	expect(failuresTold(again).sort()).toEqual(["db-2", "db-3", "db-4"]);
	expect(again.job()).toMatchObject({
		status: "failed",
		counts: { host: 4, failed: 4 },
	});
	expect([...ids]).toEqual([again.job().id]);
});

test("an open run that the agent forgot while Foredeck was away is lost, and the restart is told", async () => {
	const { world, folder } = await openStage();
	const first = start(world, folder);
	await world.until("all are live", () => isLive(first));
	const [job] = [...world.submit(["db-1"], { runMs: 60_000 }).values()];
	const key = runKey(hostId("db-1"), agentJobId(job?.id ?? ""));
	await world.until(
		"it runs",
		() => first.console.book.runs.get(key)?.state === "running",
	);
	await first.console.stop();
	const agent = world.agent("db-1");
	agent.kill();
	await agent.revive("forgotten");

	const second = start(world, folder);
	expect(second.console.book.runs.get(key)?.state).toBe("unknown");
	await world.until(
		"it is lost",
		() => second.console.book.runs.get(key)?.state === "lost",
	);
	await world.until("the restart is told", () =>
		second.told.some(
			(line) => line.kind === "gap" && line.fault === "agent.restarted",
		),
	);
});

test("history.broken: Foredeck starts without what was, and keeps what comes", async () => {
	const { world, folder } = await openStage();
	writeFileSync(join(folder, "history.sqlite"), "no database".repeat(1_000));
	const first = start(world, folder);
	await world.until("all are live", () => isLive(first));
	world.submit(IDS);
	await world.until(
		"the job is over",
		() =>
			first.console.book.jobs.size === 1 &&
			first.job().counts.succeeded === IDS.length,
	);
	const ended = first.job();
	await first.console.stop();
	expect(start(world, folder).job()).toEqual(ended);
});
