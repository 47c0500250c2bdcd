// What a person is told, end to end: real agents fail a job, the console says so once and sums it up once, and after a restart
// with what it kept it says nothing of it again.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { systemClock } from "../../shared/clock.ts";
import type { Console } from "../core/console.ts";
import { openConsole } from "../core/console.ts";
import { openKeptNotes } from "../core/notify/keptNotes.ts";
import type { NoteEffect } from "../core/notify/note.ts";
import { openMemoryVault } from "../vault/memory.ts";
import type { World } from "./world.ts";
import { FAILS, openWorld } from "./world.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close();
});

/** What was said as something new, in order. */
const aloud = (effects: readonly NoteEffect[]) =>
	effects.flatMap((one) =>
		one.kind === "show" && one.manner === "aloud" ? [one.note] : [],
	);

/** A file to remember in, and a port that records what is presented. */
function openPorch(path: string) {
	const effects: NoteEffect[] = [];
	return {
		effects,
		port: {
			...openKeptNotes(path, () => {}),
			present: (effect: NoteEffect) => void effects.push(effect),
		},
	};
}

/** Another run of Foredeck on the same fleet. */
function restarted(
	{ entries, identity }: World,
	notify: ReturnType<typeof openPorch>["port"],
): Console {
	const again = openConsole(
		{
			version: "0.0.0-test",
			shell: "node",
			demo: false,
			inventory: { name: "test", hosts: entries },
			identity,
			fault: null,
			notify,
		},
		{
			clock: systemClock(),
			log: () => {},
			random: Math.random,
			vault: openMemoryVault(),
		},
	);
	closing.push(() => again.stop());
	return again;
}

test("a failing job on real agents: one note aloud at the first failure, one summary, and silence after a restart", async () => {
	const folder = mkdtempSync(join(tmpdir(), "foredeck-told-"));
	closing.push(() => rmSync(folder, { recursive: true, force: true }));
	const path = join(folder, "notify.json");
	const { effects, port } = openPorch(path);
	const ids = ["db-1", "db-2", "db-3"];
	const world = await openWorld({
		hosts: ids.map((id) => ({ id })),
		notify: port,
	});
	closing.push(world.stop);
	await world.until("all are live", () =>
		ids.every((id) => world.link(id).channel === "live"),
	);
	world.submit(["db-1"], { runMs: 300, outcome: FAILS });
	world.submit(["db-2"], { runMs: 1_200, outcome: FAILS });
	world.submit(["db-3"], { runMs: 2_000 });
	await world.until("the job is summed up", () =>
		aloud(effects).some(({ kind }) => kind === "ended"),
	);
	const [job] = world.jobs();
	expect(world.jobs()).toHaveLength(1);
	expect(
		aloud(effects).map(({ kind, title, target }) => [kind, title, target]),
	).toEqual([
		["failing", "patch apply · test", { jobId: job?.id, hostId: "db-1" }],
		["ended", "patch apply · test", { jobId: job?.id, hostId: "db-1" }],
	]);
	expect(aloud(effects)[1]?.body).toMatch(/^1 ok, 2 failed · \d+ s\nopenssl$/);
	expect(effects.filter(({ kind }) => kind === "withdraw")).toEqual([
		{ kind: "withdraw", key: `test/${job?.id}/failing` },
	]);
	await world.console.stop();

	const after = openPorch(path);
	const again = restarted(world, after.port);
	const isKnown = (): boolean =>
		[...again.book.jobs.values()].some(
			({ counts, endedAt }) => counts.host === 3 && endedAt !== null,
		);
	await world.until("the other run knows the job", isKnown);
	// What is told next comes after whatever the lists could have brought.
	const [next] = [...world.submit(["db-1"], { operation: "install" }).values()];
	await world.until("the other run told the next job", () =>
		aloud(after.effects).some(({ title }) => title === "install · test"),
	);
	expect(next).toBeDefined();
	expect(aloud(after.effects).map(({ kind, title }) => [kind, title])).toEqual([
		["ended", "install · test"],
	]);
});
