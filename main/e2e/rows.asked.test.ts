// What agents were asked and sent over a whole story, and what a window makes of all that they said. Real TLS, real sockets.
import { describe, expect, test } from "vitest";
import { client, memoryPipe } from "../../shared/bridge.ts";
import type { Replica } from "../../shared/delta.ts";
import {
	applyDelta,
	applySnapshot,
	EMPTY_REPLICA,
} from "../../shared/delta.ts";
import { hostId, isOpen } from "../../shared/model.ts";
import { openTap } from "./tap.ts";
import type { HostWish, World, WorldOptions } from "./world.ts";
import { openWorld } from "./world.ts";

async function withWorld(
	options: WorldOptions,
	story: (world: World) => Promise<void>,
): Promise<void> {
	const world = await openWorld(options);
	try {
		await story(world);
	} finally {
		await world.stop();
	}
}

/** A window on that console, with what it shows. */
function openWindow(world: World): () => Replica {
	const [core, window] = memoryPipe();
	let shown = EMPTY_REPLICA;
	client(window).subscribe("fleet", (frame) => {
		shown =
			frame.kind === "snapshot"
				? applySnapshot(frame)
				: applyDelta(shown, frame);
	});
	world.console.attach(core);
	return () => shown;
}

describe.concurrent("on real sockets", () => {
	test("C25, C26: the window counts what the core counts, through cuts, pauses and a host that moves to another group without losing its link", async () => {
		await withWorld(
			{ hosts: ["a", "b", "c", "d"].map((id) => ({ id, proxied: true })) },
			async (world) => {
				const shown = openWindow(world);
				const counts = (): Record<string, number> => {
					const found: Record<string, number> = {};
					for (const { link } of shown().hosts.values())
						found[link.channel] = (found[link.channel] ?? 0) + 1;
					return found;
				};
				const core = (): Record<string, number> =>
					Object.fromEntries(
						Object.entries(world.console.fleet.channels()).filter(
							([, n]) => n > 0,
						),
					);
				const agree = (what: string) =>
					world.until(
						`core and window agree ${what}`,
						() =>
							JSON.stringify(Object.entries(counts()).sort()) ===
							JSON.stringify(Object.entries(core()).sort()),
					);
				for (const id of ["a", "b", "c", "d"])
					await world.untilChannel(id, "live");
				await agree("on four live links");
				for (let round = 0; round < 3; round++) {
					for (const id of ["a", "b"]) world.agent(id).cutSockets();
					for (const id of ["a", "b"])
						await world.untilChannel(id, "reconnecting");
					await agree("on what is lost");
					for (const id of ["a", "b"]) await world.untilChannel(id, "live");
					await agree("on what came back");
				}
				world.console.fleet.pause([hostId("c")], true);
				await agree("on a pause");

				const entries = [...world.console.fleet.members()].map(
					({ entry }) => entry,
				);
				world.console.fleet.apply(
					entries.map((entry) =>
						entry.id === "d" ? { ...entry, labels: { role: "db" } } : entry,
					),
				);
				const [[id, job] = []] = world.submit(["d"], { runMs: 200 });
				if (id === undefined || job === undefined) throw new Error("no job");
				await world.untilState(id, job, "succeeded");
				await world.until(
					"the window has the group",
					() => shown().hosts.get(hostId("d"))?.labels.role === "db",
				);
				expect(world.agent("d").connections()).toBe(1);
			},
		);
	});

	test("C31: over jobs, cuts, restarts, retries and challenges, agents are sent GETs, `subscribe` and `auth_response` and nothing else: nothing that could be lost or done twice", async () => {
		const tap = openTap();
		const hosts: HostWish[] = [
			{ id: "new" },
			{ id: "old", dialect: "old" },
			{ id: "stub", dialect: "stub" },
			{ id: "extended", dialect: "extended" },
			{ id: "flaps", faults: [{ kind: "flapping", everySeconds: 0.7 }] },
			{ id: "refuses", faults: [{ kind: "upgrade-status", status: 403 }] },
		];
		await withWorld({ hosts, door: tap.door }, async (world) => {
			const good = ["new", "old", "extended"];
			for (const id of good) await world.untilChannel(id, "live");
			await world.untilChannel("stub", "polling");
			await world.untilChannel("refuses", "blocked");
			const runs = world.submit(good, { runMs: 800 });
			for (const entry of runs) await world.untilState(...entry, "running");
			world.agent("extended").cutSockets();
			world.agent("new").restart({ forget: false, downMs: 200 });
			world.agent("old").restart({ forget: true, downMs: 200 });
			world.console.fleet.retry(world.console.fleet.rows().map(({ id }) => id));
			world.console.woke();
			for (const entry of runs)
				await world.until(
					`${entry[0]} is over`,
					() => !isOpen(world.run(...entry)?.state ?? "unknown"),
				);
			for (const [id, job] of runs)
				await world.console.fleet
					.member(hostId(id))
					?.reader.output(job.id as never);
			await world.until(
				"it flapped",
				() => world.agent("flaps").connections() >= 3,
			);

			expect(tap.asked.all.length).toBeGreaterThan(20);
			expect(new Set(tap.asked.all.map(({ method }) => method))).toEqual(
				new Set(["GET"]),
			);
			for (const { path } of tap.asked.all)
				expect(path).toMatch(
					/^\/api\/v1\/(health|system\/info|jobs(\/[^/]+)?|events|ws\/jobs)$/,
				);
			const actions = tap.sent.all.map(({ text }) => JSON.parse(text).action);
			expect(new Set(actions)).toEqual(new Set(["subscribe", "auth_response"]));
		});
	});

	test("C23: a burst of jobs costs an agent no more requests than its budget: ten at once, then one every two seconds", async () => {
		const tap = openTap();
		await withWorld(
			{ hosts: [{ id: "busy" }], door: tap.door },
			async (world) => {
				await world.untilChannel("busy", "live");
				const runs = Array.from(
					{ length: 60 },
					(_, n) =>
						[...world.submit(["busy"], { packages: [`p-${n}`], runMs: 60 })][0],
				);
				for (const entry of runs)
					if (entry !== undefined)
						await world.untilState(...entry, "succeeded");
				const at = tap.asked.all
					.filter(({ path }) => !path.endsWith("/ws/jobs"))
					.map(({ atMs }) => atMs);
				expect(at.length).toBeGreaterThan(5);
				for (const [from, fromMs] of at.entries())
					for (const [to, toMs] of at.entries())
						if (to > from)
							// One more, because two may travel for unequal times.
							expect(to - from + 1).toBeLessThanOrEqual(
								10 + (toMs - fromMs) / 2_000 + 1,
							);
			},
		);
	});
});
