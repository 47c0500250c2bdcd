// P5: what it costs to connect again when the agents' processes lived on, with TLS sessions resumed against full handshakes.
import { setTimeout as wait } from "node:timers/promises";
import type { Figure } from "./figures.ts";
import { median, ratios, shown } from "./figures.ts";
import type { Setting } from "./stage.ts";
import { AT_ONCE, cpuBetween, interleave, SILENT, withScene } from "./stage.ts";

/** A link that was live for 5 s begins its back-off anew, so that all are back within seconds. */
const SETTLED_MS = 6_000;
const PERCENT = 100;

/** P5: CPU of the console's process from the loss of every link until all are live again. */
export async function measureReconnect(setting: Setting): Promise<Figure[]> {
	const links = Math.min(setting.quick ? 600 : 2_000, setting.mostLinks);
	const full: number[] = [];
	const measure = (forget: boolean) => () =>
		withScene(
			setting,
			{
				role: "linksOnly",
				links,
				warmLinks: links,
				atOnce: AT_ONCE,
				script: SILENT,
			},
			async ({ generator, subject }) => {
				await wait(SETTLED_MS);
				const before = await generator.call("count", null);
				const from = await subject.call("mark", { collect: false });
				const [again] = await Promise.all([
					subject.call("reconnect", { links, forget }),
					generator.call("cut", null),
				]);
				const spent = cpuBetween(from, again);
				const after = await generator.call("count", null);
				const resumed = after.resumed - before.resumed;
				const handshakes = after.handshakes - before.handshakes;
				if (forget && resumed > 0)
					throw new Error(`${resumed} handshakes resumed what was forgotten`);
				if (!forget) full.push((PERCENT * (handshakes - resumed)) / handshakes);
				return spent / links;
			},
		);
	const pairs = await interleave(setting.rounds, measure(true), measure(false));
	const base = { id: "P5", stretch: null };
	return [
		{
			...base,
			what: `CPU per reconnect with TLS sessions, ${links} links`,
			baseline: `${shown(median(pairs.baseline))} µs`,
			measured: `${shown(median(pairs.subject))} µs`,
			values: ratios(pairs),
			limit: 0.72,
			unit: "x",
			context:
				"links only, no REST; from the cut of every link until all are live; baseline: the same with the sessions dropped",
		},
		{
			...base,
			what: "of these reconnects, full handshakes",
			baseline: "-",
			measured: `${median(full).toFixed(1)} %`,
			values: full,
			limit: 1,
			unit: "%",
			context: "",
		},
	];
}
