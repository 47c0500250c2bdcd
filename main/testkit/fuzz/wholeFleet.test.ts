// Broken frames and broken answers through whole hosts: link, greeting, reader, event log and book on one virtual clock.
// Whatever agents say, every row fits the contract, counts add up, and when they speak well again all is well again.
import { afterEach, describe, expect, test } from "vitest";
import { z } from "zod";
import { hostRunSchema, hostSchema, jobSchema } from "../../../shared/model.ts";
import { openPlay } from "../fleetPlay.ts";
import type { Chance } from "./chance.ts";
import { openChance, seedOfCase } from "./chance.ts";
import {
	EVENT_PAGES,
	FRAMES,
	HEALTHS,
	JOB_DETAILS,
	JOB_LISTS,
	SYSTEMS,
} from "./corpus.ts";
import { checkPrototypes } from "./judge.ts";
import { mutated } from "./mutate.ts";

/** Without challenges: after one, a link waits ten seconds for the next, and hears nothing else. */
const SEEDS = FRAMES.filter((text) => !text.includes("challenge"));

const IDS = ["plain-1", "plain-2", "log-1", "log-2"];
const ROUNDS = 150;
/** Few enough that a link, which is given up after five broken frames, lives for a while. */
const FRAMES_A_ROUND = 12;
const STATES = [
	"pending",
	"running",
	"completed",
	"failed",
	"timed_out",
	"odd",
];
const STATUSES = [200, 200, 200, 204, 404, 429, 500, 503];
/** Longer than any wait that a fault may bring: an hour's blocked link is tried again, a probe comes each five minutes. */
const HEALED_MS = 2 * 3_600_000;

/** The job that the corpus speaks of. */
const ID = "5d0c7c1e-8a53-4f0e-9a3e-0f1f3d1b2c11";
/** One of few, so that broken frames meet runs that are known. */
const jobOf = (chance: Chance): string => `job-${chance.below(20)}`;

const seedsOf = (path: string): readonly string[] => {
	if (path.startsWith("/health")) return HEALTHS;
	if (path.startsWith("/events")) return EVENT_PAGES;
	if (path.startsWith("/jobs/")) return JOB_DETAILS;
	return path.startsWith("/jobs") ? JOB_LISTS : SYSTEMS;
};

let play: ReturnType<typeof openPlay> | null = null;
afterEach(() => {
	play?.end();
	play = null;
});

describe.each([1, 2, 3, 4])("with the seed %i", (seed) => {
	test("broken frames and answers among good ones are survived for hours, and all is well when agents speak well again", async () => {
		const chance = openChance(seedOfCase(seed, 0));
		play = openPlay(IDS, () => chance.below(1_000) / 1_000);
		const { agent, clock, transport, row, fleet, book, run } = play;
		for (const id of IDS)
			if (id.startsWith("log"))
				agent(id).extensions = ["events.v1", "longpoll.v1"];
		await clock.pass(2_000);
		for (const id of IDS)
			agent(id).reply = (path) =>
				chance.happens(0.7)
					? null
					: {
							status: chance.pick(STATUSES),
							body: mutated(seedsOf(path), chance),
							...(chance.happens(0.2) ? { retryAfterMs: 5_000 } : {}),
						};
		const { events } = play;
		for (let round = 0; round < ROUNDS; round++) {
			for (let left = FRAMES_A_ROUND; left > 0; left--) {
				const sockets = transport.all();
				if (sockets.length === 0) break;
				const socket = chance.pick(sockets);
				if (chance.happens(0.5))
					socket.say(mutated(SEEDS, chance).replaceAll(ID, jobOf(chance)));
				else if (socket.stage === "open") {
					const status = chance.pick(STATES);
					play.push(socket.hostId, jobOf(chance), status, {
						...(chance.happens(0.3) ? { seq: round, epoch: "a" } : {}),
					});
				}
			}
			await clock.pass(500 + chance.below(40_000));
			checkPrototypes();
			z.array(hostSchema).parse(fleet.rows());
			z.array(hostRunSchema).parse([...book.runs.values()]);
			z.array(jobSchema).parse([...book.jobs.values()]);
		}
		for (const { counts } of book.jobs.values()) {
			const { host, ...byState } = counts;
			const sum = Object.values(byState).reduce((a, b) => a + b, 0);
			expect(sum).toBe(host);
		}
		expect(events.length).toBeGreaterThan(20);

		for (const id of IDS) {
			agent(id).reply = () => null;
			// A new life of the log: the hostile pages may have named positions that it never reaches.
			agent(id).epoch = "healed";
		}
		await clock.pass(HEALED_MS);
		for (const id of IDS) {
			expect([id, row(id).link.channel]).toEqual([id, "live"]);
			expect([id, row(id).health.kind]).toEqual([id, "healthy"]);
			play.push(id, "after-all", "running");
		}
		await clock.pass(10_000);
		for (const id of IDS) play.push(id, "after-all", "completed");
		await clock.pass(10_000);
		for (const id of IDS)
			expect([id, run(id, "after-all")?.state]).toEqual([id, "succeeded"]);
	});
});
