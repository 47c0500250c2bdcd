// What an agent may offer beside the plain protocol (03-BEHAVIOUR section 6): every subset of the four extensions, with a
// socket and without, all at once on real sockets. Whatever is offered, a job is told the same way, once, and truly.
import { describe, expect, test } from "vitest";
import type { Source } from "../../shared/model.ts";
import { isOpen } from "../../shared/model.ts";
import { EXTENSIONS, type Extension } from "../demo/dialect.ts";
import type { AgentJob } from "../demo/jobTable.ts";
import { openTap } from "./tap.ts";
import type { HostWish, World } from "./world.ts";
import { openWorld } from "./world.ts";

/** All subsets, the empty one first. */
const SUBSETS: readonly (readonly Extension[])[] = Array.from(
	{ length: 2 ** EXTENSIONS.length },
	(_, mask) => EXTENSIONS.filter((_one, bit) => (mask & (1 << bit)) !== 0),
);

interface Case extends HostWish {
	readonly offer: readonly Extension[];
	readonly way: "socket" | "polling";
	readonly endedBy: Source;
}

/** `e-l-c-p` of what is offered. */
const letters = (offer: readonly Extension[]): string =>
	offer.map(([letter]) => letter).join("") || "none";

function endOf(way: Case["way"], offer: readonly Extension[]): Source {
	if (way === "socket") return "push";
	return offer.includes("events.v1") && offer.includes("longpoll.v1")
		? "longpoll"
		: "poll";
}

const CASES: readonly Case[] = (["socket", "polling"] as const).flatMap((way) =>
	SUBSETS.map((offer) => ({
		id: `${way}-${letters(offer)}`,
		offer,
		way,
		endedBy: endOf(way, offer),
		faults: [
			{ kind: "extensions", offer: [...offer] },
			...(way === "polling"
				? [{ kind: "upgrade-status", status: 404 } as const]
				: []),
		],
	})),
);

test("every subset has a case, with a socket and without", () => {
	expect(new Set(CASES.map(({ id }) => id)).size).toBe(32);
});

describe("all of them at once", () => {
	test("C20, C22: a job over agents of every subset of extensions, by socket and by polling, is told once, ends truly, and by the best way that was offered", async () => {
		const jobs = new Map<string, AgentJob>();
		const tap = openTap();
		const world: World = await openWorld({
			hosts: CASES,
			door: tap.door,
			before(agents) {
				for (const [id, agent] of agents)
					jobs.set(
						id,
						agent.submit({
							operation: "patchapply",
							packages: ["openssl"],
							startAfterMs: 0,
							runMs: 7_000,
							outcome: { state: "completed" },
							parent: { id: "campaign-1", label: "July patches" },
						}),
					);
			},
		});
		try {
			const job = (id: string): AgentJob => {
				const found = jobs.get(id);
				if (found === undefined) throw new Error(`no job at ${id}`);
				return found;
			};
			for (const { id, way } of CASES)
				await world.untilChannel(id, way === "socket" ? "live" : "polling");
			for (const { id } of CASES)
				await world.untilState(id, job(id), "succeeded");
			const found = CASES.map(({ id }) => {
				const lines = world.told.flatMap((line) =>
					line.kind === "host" && line.hostId === id && !isOpen(line.status)
						? [`${line.status} by ${line.source}`]
						: [],
				);
				return [id, ...lines];
			});
			expect(found).toEqual(
				CASES.map(({ id, endedBy }) => [id, `succeeded by ${endedBy}`]),
			);
			for (const { id, offer } of CASES)
				expect(world.host(id).extensions, id).toEqual(
					offer.length === 0 ? [] : [...offer],
				);

			// Those that tell what they belong to are one job; the others are grouped by what is seen.
			await world.until("both jobs are over", () =>
				world.jobs().every(({ endedAt }) => endedAt !== null),
			);
			const shown = world
				.jobs()
				.map(({ origin, label, status, counts }) => [
					origin,
					label,
					status,
					counts.host,
					counts.succeeded,
				])
				.sort();
			expect(shown).toEqual([
				["observed", "patchapply · openssl", "succeeded", 16, 16],
				["parent", "July patches", "succeeded", 16, 16],
			]);

			// Each extension is used exactly where it is offered.
			const asked = (id: string, path: string): boolean =>
				tap.asked.all.some(
					(one) => one.servername === `${id}.fleet.test` && one.path === path,
				);
			const frames = (id: string): string[] =>
				tap.sent.all
					.filter(({ servername }) => servername === `${id}.fleet.test`)
					.map(({ text }) => JSON.parse(text).action as string);
			for (const { id, way, offer, endedBy } of CASES) {
				expect(asked(id, "/api/v1/events"), id).toBe(endedBy === "longpoll");
				expect(frames(id).includes("auth_response"), id).toBe(
					way === "socket" && offer.includes("challenge.v1"),
				);
			}
		} finally {
			await world.stop();
		}
	});
});
