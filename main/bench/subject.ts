// The process of one measured thing: opens the role it is ordered to be and tells what that cost. One role a process,
// because memory of a storm does not come back and warm code of one thing must not serve another.
import { monitorEventLoopDelay } from "node:perf_hooks";
import { answerParent } from "./child.ts";
import type { Mark, Role, SubjectCalls } from "./orders.ts";
import type { Opened, OpenRole } from "./role.ts";

/** Loaded when needed: a role must not pay for the modules of another. */
const ROLES_BY_NAME: Readonly<Record<Role, () => Promise<OpenRole>>> = {
	bareSockets: async () => (await import("./bareSockets.ts")).openBareSockets,
	bareWebSockets: async () =>
		(await import("./bareWebSockets.ts")).openBareWebSockets,
	transportOnly: async () =>
		(await import("./transportOnly.ts")).openTransportOnly,
	linksOnly: async () => (await import("./linksOnly.ts")).openLinksOnly,
	wholeConsole: async () =>
		(await import("./wholeConsole.ts")).openWholeConsole,
};

const LOOP_RESOLUTION_MS = 1;
const NS_PER_MS = 1e6;
let opened: Opened | null = null;

function mark(): Mark {
	const { user, system } = process.cpuUsage();
	const { rss, heapUsed } = process.memoryUsage();
	return {
		cpuMicros: user + system,
		wallMs: performance.now(),
		rssBytes: rss,
		heapBytes: heapUsed,
	};
}

/** V8's `gc`, as `--expose-gc` offers it. */
type Collect = (options: {
	readonly type: "major";
	readonly execution: "sync";
	readonly flavor: "last-resort";
}) => void;

/** Finalizers of one round free what the next collects. */
const COLLECTIONS = 3;
const TURN_MS = 50;

/**
 * Collected as thoroughly as V8 can, which an idle process reaches by itself in time. A plain collection leaves megabytes of
 * start-up code and of half-empty pages, and the figures of one link drown in them.
 */
async function collected(): Promise<Mark> {
	const { gc } = globalThis as { gc?: Collect };
	if (gc === undefined) throw new Error("started without --expose-gc");
	for (let round = 0; round < COLLECTIONS; round++) {
		gc({ type: "major", execution: "sync", flavor: "last-resort" });
		await new Promise((resolve) => setTimeout(resolve, TURN_MS));
	}
	return mark();
}

function isOpen(): Opened {
	if (opened === null) throw new Error("not connected yet");
	return opened;
}

answerParent({
	async connect(order) {
		const open = await ROLES_BY_NAME[order.role]();
		opened ??= open(order);
		await opened.connect(order.warmLinks);
		const before = order.collect ? await collected() : mark();
		const loop = monitorEventLoopDelay({ resolution: LOOP_RESOLUTION_MS });
		loop.enable();
		await opened.connect(order.links);
		loop.disable();
		// The histogram holds the time between two looks; what is beyond the resolution is lateness.
		const late = (ns: number): number =>
			Math.max(0, ns / NS_PER_MS - LOOP_RESOLUTION_MS);
		return {
			before,
			after: mark(),
			loop: { p99Ms: late(loop.percentile(99)), maxMs: late(loop.max) },
		};
	},
	async reconnect({ links, forget }) {
		const role = isOpen();
		if (role.reopened === undefined) throw new Error("it does not reconnect");
		await role.reopened(links, forget);
		return mark();
	},
	mark: async ({ collect }) => (collect ? collected() : mark()),
	async taken(goal) {
		await isOpen().taken(goal);
		return mark();
	},
	open: () => isOpen().open(),
} satisfies SubjectCalls);
