// P3: what one idle link holds, beside a bare mTLS socket. Each side in a fresh process, after garbage collection, once its
// request connections are closed again.
import type { Figure } from "./figures.ts";
import { shown } from "./figures.ts";
import type { Role } from "./orders.ts";
import type { Setting } from "./stage.ts";
import { AT_ONCE, SILENT, untilOnlyLinks, withScene } from "./stage.ts";

const HEAP_BYTES = 6 * 1024;

/** Bytes for one link. */
interface Holding {
	readonly rssBytes: number;
	readonly heapBytes: number;
}

/** P3, both figures of the target and the heap. */
export async function measureIdle(setting: Setting): Promise<Figure[]> {
	const links = Math.min(setting.quick ? 2_000 : 10_000, setting.mostLinks);
	// What is paid once lies before the first mark.
	const warmLinks = Math.ceil(links / 5);
	const hold = (role: Role): Promise<Holding> =>
		withScene(
			setting,
			{
				role,
				links,
				warmLinks,
				collect: true,
				atOnce: AT_ONCE,
				script: SILENT,
			},
			async (scene) => {
				await untilOnlyLinks(scene, links);
				const { before } = scene.connected;
				const now = await scene.subject.call("mark", { collect: true });
				return {
					rssBytes: (now.rssBytes - before.rssBytes) / (links - warmLinks),
					heapBytes: (now.heapBytes - before.heapBytes) / (links - warmLinks),
				};
			},
		);
	const bare = await hold("bareSockets");
	const transport = await hold("transportOnly");
	const whole = await hold("wholeConsole");
	const against = (what: string, held: Holding, limit: number): Figure => ({
		id: "P3",
		what: `RSS per idle link, ${what}, ${links} links`,
		baseline: kilobytes(bare.rssBytes),
		measured: kilobytes(held.rssBytes),
		values: [held.rssBytes / bare.rssBytes],
		limit,
		stretch: null,
		unit: "x",
		context: `JavaScript heap ${kilobytes(held.heapBytes)} against ${kilobytes(bare.heapBytes)}`,
	});
	return [
		against("transport alone", transport, 1.15),
		against("all per-host state", whole, 1.25),
		{
			id: "P3",
			what: `heap per idle link, all per-host state, ${links} links`,
			baseline: kilobytes(bare.heapBytes),
			measured: kilobytes(whole.heapBytes),
			values: [whole.heapBytes / 1_024],
			limit: HEAP_BYTES / 1_024,
			stretch: null,
			unit: "KB",
			context: "",
		},
	];
}

const kilobytes = (bytes: number): string => `${shown(bytes / 1_024)} KB`;
