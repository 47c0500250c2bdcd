// P4 and P6: what it costs to connect one link, and what a fleet that connects at once does to the event loop. Links only:
// transport, link machine, wheel and gate; the agents' extensions are known beforehand, so nothing is asked over REST.
import type { Figure } from "./figures.ts";
import { median, ratios, shown } from "./figures.ts";
import type { Role } from "./orders.ts";
import type { Setting } from "./stage.ts";
import { AT_ONCE, cpuBetween, interleave, SILENT, withScene } from "./stage.ts";

const LOOP_P99_MS = 20;
const LOOP_MAX_MS = 100;

/** P4: CPU of the console's process for one connect, from wanting it to `live`. */
export async function measureConnect(setting: Setting): Promise<Figure[]> {
	const links = Math.min(setting.quick ? 800 : 2_500, setting.mostLinks);
	const warmLinks = Math.ceil(links / 10);
	const measure = (role: Role) => () =>
		withScene(
			setting,
			{ role, links, warmLinks, atOnce: AT_ONCE, script: SILENT },
			async ({ connected: { before, after } }) =>
				cpuBetween(before, after) / (links - warmLinks),
		);
	const pairs = await interleave(
		setting.rounds,
		measure("bareSockets"),
		measure("linksOnly"),
	);
	return [
		{
			id: "P4",
			what: `CPU per connect against bare, ${links} links`,
			baseline: `${shown(median(pairs.baseline))} µs`,
			measured: `${shown(median(pairs.subject))} µs`,
			values: ratios(pairs),
			limit: 1.3,
			stretch: null,
			unit: "x",
			context: `links only, no REST; bare with ${AT_ONCE} at once`,
		},
	];
}

/** P6: lateness of the event loop while the whole fleet connects, and what the gate adds to the time it takes. */
export async function measureStorm(setting: Setting): Promise<Figure[]> {
	const links = Math.min(setting.quick ? 1_500 : 10_000, setting.mostLinks);
	const warmLinks = Math.ceil(links / 100);
	const p99: number[] = [];
	const most: number[] = [];
	const mostUnbounded: number[] = [];
	const measure = (role: Role) => () =>
		withScene(
			setting,
			{ role, links, warmLinks, atOnce: links, script: SILENT },
			async ({ connected: { before, after, loop } }) => {
				if (role === "linksOnly") {
					p99.push(loop.p99Ms);
					most.push(loop.maxMs);
				} else mostUnbounded.push(loop.maxMs);
				return after.wallMs - before.wallMs;
			},
		);
	// Two pairs at most: each connects the whole fleet twice.
	const pairs = await interleave(
		Math.min(setting.rounds, 2),
		measure("transportOnly"),
		measure("linksOnly"),
	);
	const base = { id: "P6", stretch: null, context: "links only, no REST" };
	const unbounded = `${shown(median(mostUnbounded))} ms`;
	return [
		{
			...base,
			what: `event-loop delay p99 while ${links} links connect`,
			baseline: "-",
			measured: `${shown(median(p99))} ms`,
			values: p99,
			limit: LOOP_P99_MS,
			unit: "ms",
		},
		{
			...base,
			what: "the longest delay meanwhile",
			baseline: unbounded,
			measured: `${shown(median(most))} ms`,
			values: most,
			limit: LOOP_MAX_MS,
			unit: "ms",
			context: "baseline: all at once, transport alone",
		},
		{
			...base,
			what: "time until all are live against no gate",
			baseline: seconds(median(pairs.baseline)),
			measured: seconds(median(pairs.subject)),
			values: ratios(pairs),
			limit: 1.15,
			unit: "x",
			context: "baseline: all at once, transport alone",
		},
	];
}

const seconds = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
