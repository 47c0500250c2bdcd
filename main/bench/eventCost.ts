// P1 and P2: what one pushed event costs, from the socket to a window's frame, beside a client that only parses it.
import type { Figure } from "./figures.ts";
import { median, ratios, shown } from "./figures.ts";
import type { Role } from "./orders.ts";
import type { ScriptOptions } from "./script.ts";
import type { Pairs, Scene, Setting } from "./stage.ts";
import {
	AT_ONCE,
	cpuBetween,
	interleave,
	untilOnlyLinks,
	withScene,
} from "./stage.ts";

/**
 * What a flooding agent can have at hand when it writes (02-AGENT-PROTOCOL section 2.4, Deaf socket). The more events share a
 * record, the less the baseline costs and the harder the target: one by one the agents' side would be the slower one.
 */
const MAILBOX_EVENTS = 16;

/** What a run of one side told beside its cost. */
interface Told {
	readonly perSecond: number[];
	readonly requests: number[];
}

async function flood(
	{ generator, subject }: Scene,
	links: number,
	script: ScriptOptions,
	part: number,
): Promise<{ cpuMicros: number; wallMs: number; events: number }> {
	const runs = script.parts.map((each) => each.runs);
	const before = runs.slice(0, part).reduce((sum, each) => sum + each, 0);
	const runsEnded = (before + (runs[part] ?? 0)) * links;
	const from = await subject.call("mark", { collect: false });
	const taken = subject.call("taken", {
		runsEnded,
		events: runsEnded * script.eventsPerRun,
	});
	const [to] = await Promise.all([taken, generator.call("flood", { part })]);
	return {
		cpuMicros: cpuBetween(from, to),
		wallMs: to.wallMs - from.wallMs,
		events: (runs[part] ?? 0) * links * script.eventsPerRun,
	};
}

/** P1: as many events as the subject can take, over 100 links. */
export async function measureFlood(setting: Setting): Promise<Figure[]> {
	const links = 100;
	const script: ScriptOptions = {
		parts: setting.quick
			? [{ runs: 2 }, { runs: 6 }]
			: [{ runs: 4 }, { runs: 24 }],
		eventsPerRun: 500,
		eventsPerRecord: MAILBOX_EVENTS,
	};
	const measure = (role: Role, told: Told) => () =>
		withScene(
			setting,
			{ role, links, warmLinks: links, atOnce: AT_ONCE, script },
			async (scene) => {
				await flood(scene, links, script, 0);
				const asked = await scene.generator.call("count", null);
				const { cpuMicros, wallMs, events } = await flood(
					scene,
					links,
					script,
					1,
				);
				const { requests } = await scene.generator.call("count", null);
				told.requests.push(requests - asked.requests);
				told.perSecond.push((1_000 * events) / wallMs);
				return cpuMicros / events;
			},
		);
	const base: Told = { perSecond: [], requests: [] };
	const ours: Told = { perSecond: [], requests: [] };
	const pairs = await interleave(
		setting.rounds,
		measure("bareWebSockets", base),
		measure("wholeConsole", ours),
	);
	return [
		costFigure(pairs, {
			id: "P1",
			what: "CPU per event, whole pipeline, flood over 100 links",
			limit: 1.35,
			stretch: 1.25,
			context: `${thousands(median(ours.perSecond))} events/s against ${thousands(median(base.perSecond))}; ${shown(median(ours.requests))} REST requests included`,
		}),
	];
}

/** P2: a steady pace that a whole fleet makes when it works. */
export async function measurePace(setting: Setting): Promise<Figure[]> {
	const links = Math.min(1_000, setting.mostLinks);
	const eventsPerSecond = 20 * links;
	const warmMs = setting.quick ? 1_000 : 2_000;
	const forMs = setting.quick ? 3_000 : 6_000;
	const eventsPerRun = 400;
	const measure = (role: Role, told: Told) => () =>
		withScene(
			setting,
			{
				role,
				links,
				warmLinks: links,
				atOnce: AT_ONCE,
				script: { parts: [{ runs: 2 }], eventsPerRun, eventsPerRecord: 1 },
			},
			async (scene) => {
				const { generator, subject } = scene;
				await untilOnlyLinks(scene, links);
				await generator.call("pace", { eventsPerSecond });
				await elapsed(warmMs);
				const counted = await generator.call("count", null);
				const from = await subject.call("mark", { collect: false });
				await elapsed(forMs);
				const { sent, requests } = await generator.call("count", null);
				const to = await subject.call("mark", { collect: false });
				const { runsEnded } = await generator.call("hush", null);
				// Proves that nothing was left lying while it was cheap.
				await subject.call("taken", { events: sent, runsEnded });
				told.perSecond.push(
					(1_000 * (sent - counted.sent)) / (to.wallMs - from.wallMs),
				);
				told.requests.push(requests - counted.requests);
				return cpuBetween(from, to) / (sent - counted.sent);
			},
		);
	const base: Told = { perSecond: [], requests: [] };
	const ours: Told = { perSecond: [], requests: [] };
	const pairs = await interleave(
		setting.rounds,
		measure("bareWebSockets", base),
		measure("wholeConsole", ours),
	);
	return [
		costFigure(pairs, {
			id: "P2",
			what: `CPU per event, paced over ${thousands(links)} links, one per TLS record`,
			limit: 1.15,
			stretch: 1.1,
			context: `${thousands(median(ours.perSecond))} events/s against ${thousands(median(base.perSecond))}; ${shown(median(ours.requests))} REST requests included`,
		}),
	];
}

const elapsed = (ms: number): Promise<void> =>
	new Promise((resolve) => setTimeout(resolve, ms));

const thousands = (value: number): string =>
	Math.round(value).toLocaleString("en-US");

const costFigure = (
	pairs: Pairs,
	rest: Pick<Figure, "id" | "what" | "limit" | "stretch" | "context">,
): Figure => ({
	...rest,
	baseline: `${shown(median(pairs.baseline))} µs`,
	measured: `${shown(median(pairs.subject))} µs`,
	values: ratios(pairs),
	unit: "x",
});
