// The comparison of what is shown with the agents' lists, on real sockets: an agent that swallows events is found out.
import { afterEach, expect, test } from "vitest";
import type { World } from "./world.ts";
import { openWorld } from "./world.ts";

let world: World | null = null;
afterEach(async () => {
	await world?.stop();
	world = null;
});

test("an end that the agent never pushed is found by the comparison, told and mended", async () => {
	world = await openWorld({
		hosts: [{ id: "web-1" }, { id: "web-2" }],
		compareEveryMs: 2_000,
	});
	const { until, untilChannel, untilState, agent, told, submit } = world;
	const { figures } = world.console;
	await Promise.all([
		untilChannel("web-1", "live"),
		untilChannel("web-2", "live"),
	]);
	const jobs = submit(["web-1", "web-2"], { runMs: 2_500 });
	const [mute, honest] = [jobs.get("web-1"), jobs.get("web-2")];
	if (mute === undefined || honest === undefined) throw new Error("no job");
	await untilState("web-1", mute, "running");
	agent("web-1").setFault({ kind: "drop", events: 1_000 });
	await untilState("web-1", mute, "succeeded");
	await untilState("web-2", honest, "succeeded");
	await until("the finding is told", () =>
		told.some(
			(line) =>
				line.kind === "gap" &&
				line.hostId === "web-1" &&
				line.sentence ===
					"1 run was shown otherwise than the agent lists it, and mended",
		),
	);
	expect(figures.comparisons.get("mended")).toBe(1);
	expect(figures.comparisons.get("lasting")).toBeUndefined();
	expect(figures.comparisons.get("compared")).toBeGreaterThan(1);
	expect(
		told.filter(
			({ kind, hostId }: { kind: string; hostId?: unknown }) =>
				kind === "gap" && hostId === "web-2",
		),
	).toEqual([]);
});
