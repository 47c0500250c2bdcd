// P11 and P12: what the window does with 10,000 hosts and 1,000 events a second, in real Chromium on the built renderer.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser } from "@playwright/test";
import { rendererRoot } from "../shell-node/browserShell.ts";
import type { Remote } from "./child.ts";
import { startChild } from "./child.ts";
import type { Figure } from "./figures.ts";
import { median, shown } from "./figures.ts";
import type { WindowCoreCalls } from "./orders.ts";
import type { Setting } from "./stage.ts";
import { credentials } from "./stage.ts";
import type { WindowPage } from "./windowPage.ts";
import {
	elapsed,
	eventToPaint,
	FIRST_ROW,
	firstRowDrawn,
	launch,
	openWindowPage,
	rowsOf,
	untilDrawn,
	whileScrolling,
} from "./windowPage.ts";
import type { MainThread } from "./windowTrace.ts";
import { percentile } from "./windowTrace.ts";

const EVENTS_PER_SECOND = 1_000;
const SCRIPT_MS = 8;
const TASK_MS = 50;
const PAINT_MS = 150;
const KEY_MS = 50;
const SORT_MS = 100;
const SCROLL_FPS = 58;
const BUNDLE_KB = 500;
const START_MS = 1_000;
const CONNECT_MS = 60_000;
/** After the events begin or a screen is opened: what is paid once is over. */
const SETTLE_MS = 2_000;

type Core = Remote<WindowCoreCalls>;

/** Runs `act` on a fresh core and a fresh browser; both are gone afterwards. */
async function withCore<T>(
	act: (core: Core, browser: Browser) => Promise<T>,
): Promise<T> {
	const core = startChild<WindowCoreCalls>("windowCore.ts");
	let browser: Browser | null = null;
	try {
		browser = await launch();
		return await act(core, browser);
	} finally {
		await Promise.all([browser?.close(), core.stop()]);
	}
}

const figure = (
	rest: Pick<Figure, "what" | "measured" | "values" | "limit" | "unit"> &
		Partial<Figure>,
): Figure => ({
	id: "P11",
	baseline: "-",
	stretch: null,
	context: "",
	...rest,
});

const ms = (value: number): string => `${shown(value)} ms`;

/** P11: frames, tasks, delays and weight while the whole fleet works. */
export async function measureWindow(setting: Setting): Promise<Figure[]> {
	const hosts = setting.quick ? 2_000 : 10_000;
	const forMs = setting.quick ? 3_000 : 5_000;
	return withCore(async (core, browser) => {
		const { client } = credentials;
		const { address } = await core.call("open", { hosts, client });
		const { job } = await core.call("ready", { hosts }, CONNECT_MS);
		const window = await openWindowPage(browser, address, "#/hosts");
		await window.page.waitForSelector(FIRST_ROW);
		await core.call("pace", { eventsPerSecond: EVENTS_PER_SECOND });
		const figures: Figure[] = [];
		const screens = [
			["hosts", "#/hosts"],
			["a job", `#/jobs/${encodeURIComponent(job)}`],
			["its matrix", `#/jobs/${encodeURIComponent(job)}?view=matrix`],
			["activity", "#/activity"],
		] as const;
		for (const [name, hash] of screens) {
			await window.goTo(hash);
			await elapsed(SETTLE_MS);
			figures.push(...screenFigures(name, hosts, await window.traced(forMs)));
			if (setting.profiles !== null)
				writeFileSync(
					join(setting.profiles, `${name.replaceAll(" ", "-")}.cpuprofile`),
					await window.profiled(forMs),
				);
			if (name === "a job") {
				await window.goTo(`${hash}?state=running`);
				await elapsed(SETTLE_MS);
				figures.push(await paintFigure(core, window, forMs));
			}
		}
		await window.goTo("#/hosts");
		await window.page.waitForSelector(FIRST_ROW);
		figures.push(...(await handFigures(window, hosts, forMs)));
		const weight = await window.weight();
		await core.call("hush", null);
		return [...figures, ...weightFigures(weight)];
	});
}

function screenFigures(
	name: string,
	hosts: number,
	{ scriptMs, tasks, busyMs }: MainThread,
): Figure[] {
	const p95 = percentile(scriptMs, 0.95);
	const longest = tasks[0];
	return [
		figure({
			what: `script for a frame, p95, ${name}, ${hosts} hosts`,
			measured: ms(p95),
			values: [p95],
			limit: SCRIPT_MS,
			unit: "ms",
			context: `CPU time of script in ${scriptMs.length} frames: p50 ${ms(percentile(scriptMs, 0.5))}, longest ${ms(percentile(scriptMs, 1))}; the page's thread was busy for ${ms(busyMs)} in all`,
		}),
		figure({
			what: `the longest task, ${name}`,
			measured: ms(longest?.cpuMs ?? Number.NaN),
			values: [longest?.cpuMs ?? Number.NaN],
			limit: TASK_MS,
			unit: "ms",
			context: `CPU time; by the clock the longest took ${ms(Math.max(...tasks.map(({ wallMs }) => wallMs)))}, and ${tasks.filter(({ wallMs }) => wallMs > TASK_MS).length} more than ${TASK_MS} ms`,
		}),
	];
}

async function paintFigure(
	core: Core,
	{ page }: WindowPage,
	forMs: number,
): Promise<Figure> {
	const hosts = (await rowsOf(page)).map((key) => key.split("/")[0] ?? "");
	await core.call("look", { hosts });
	const delays = await eventToPaint(page, forMs);
	await core.call("look", { hosts: [] });
	const p95 = percentile(delays, 0.95);
	return figure({
		what: "from the event to the frame that shows it, p95",
		measured: ms(p95),
		values: [p95],
		limit: PAINT_MS,
		unit: "ms",
		context: `${delays.length} events: p50 ${ms(percentile(delays, 0.5))}, longest ${ms(percentile(delays, 1))}`,
	});
}

/** Typed into the filter of hosts, one key at a time; each changes how many there are. */
const TYPED = ["1", "7", "4", "1"];
/** So often it is typed and taken back: enough that one slow key is not the 95th percentile. */
const KEY_ROUNDS = 3;

/** What a person's hand does, while the events go on. */
async function handFigures(
	window: WindowPage,
	hosts: number,
	forMs: number,
): Promise<Figure[]> {
	const { page } = window;
	const keys: number[] = [];
	const rows = {
		event: "keydown",
		selector: '[role="grid"]',
		attribute: "aria-rowcount",
	} as const;
	await page.keyboard.press("/");
	const typing = await window.tracedWhile(async () => {
		const once = [...TYPED, ...TYPED.map(() => "Backspace")];
		for (const key of Array.from({ length: KEY_ROUNDS }, () => once).flat())
			keys.push(await untilDrawn(page, rows, () => page.keyboard.press(key)));
	});
	await page.keyboard.press("Escape");
	const sorts: number[] = [];
	const sorting = await window.tracedWhile(async () => {
		for (const column of SORTED_COLUMNS)
			sorts.push(await sortOnce(window, column));
	});
	let frames: number[] = [];
	const scrolling = await window.tracedWhile(async () => {
		frames = await whileScrolling(window, forMs);
	});
	const key95 = percentile(keys, 0.95);
	const frame = mean(frames);
	return [
		figure({
			what: `a key in the filter of ${hosts} hosts, p95`,
			measured: ms(key95),
			values: [key95],
			limit: KEY_MS,
			unit: "ms",
			context: `${keys.length} keys to the frame with the rows: p50 ${ms(percentile(keys, 0.5))}, longest ${ms(percentile(keys, 1))}; ${longestTasks(typing, keys.length)}`,
		}),
		figure({
			what: `ordering ${hosts} hosts by another column`,
			measured: ms(median(sorts)),
			values: sorts,
			limit: SORT_MS,
			unit: "ms",
			context: `to the frame with the rows; ${longestTasks(sorting, sorts.length)}`,
		}),
		figure({
			what: `a frame while scrolling ${hosts} rows`,
			measured: ms(frame),
			values: [frame],
			limit: 1_000 / SCROLL_FPS,
			unit: "ms",
			context: `${shown(1_000 / frame)} frames a second, the target is ${SCROLL_FPS}; p95 ${ms(percentile(frames, 0.95))}; CPU time of script for a frame p50 ${ms(percentile(scrolling.scriptMs, 0.5))}, p95 ${ms(percentile(scrolling.scriptMs, 0.95))}`,
		}),
	];
}

/** Each act was one of the longest tasks: what these took of a processor. */
const longestTasks = ({ tasks }: MainThread, acts: number): string =>
	`CPU time of the ${acts} longest tasks: ${ms(median(tasks.slice(0, acts).map(({ cpuMs }) => cpuMs)))} in the middle`;

/** Places of the columns that are pressed: when it was heard from, its runs, its name. A second press turns the order. */
const SORTED_COLUMNS = [5, 5, 6, 6, 1, 1];

const sortOnce = ({ page }: WindowPage, column: number): Promise<number> => {
	const head = `[role="columnheader"]:nth-child(${column})`;
	return untilDrawn(
		page,
		{ event: "click", selector: head, attribute: "aria-sort" },
		() => page.click(`${head} button`),
	);
};

const mean = (values: readonly number[]): number =>
	values.reduce((sum, value) => sum + value, 0) / values.length;

function weightFigures(weight: { heapBytes: number; nodes: number }): Figure[] {
	const { script, style } = bundleBytes();
	const kb = (script + style) / 1_000;
	return [
		figure({
			what: "the bundle, gzip",
			measured: `${shown(kb)} KB`,
			values: [kb],
			limit: BUNDLE_KB,
			unit: "KB",
			context: `scripts ${shown(script / 1_000)} KB, styles ${shown(style / 1_000)} KB, without fonts; in the page after a collection ${shown(weight.heapBytes / 1e6)} MB of heap and ${weight.nodes} DOM nodes`,
		}),
	];
}

function bundleBytes(): { readonly script: number; readonly style: number } {
	const folder = join(rendererRoot(), "assets");
	const bytes = (ending: string): number =>
		readdirSync(folder)
			.filter((name) => name.endsWith(ending))
			.map((name) => gzipSync(readFileSync(join(folder, name))).length)
			.reduce((sum, length) => sum + length, 0);
	return { script: bytes(".js"), style: bytes(".css") };
}

/** P12: from the start of the core's process to the first rows on the screen; the browser runs already, its cache is empty. */
export async function measureStart(setting: Setting): Promise<Figure[]> {
	const hosts = setting.quick ? 2_000 : 10_000;
	const wall: number[] = [];
	const inPage: number[] = [];
	for (let round = 0; round < setting.rounds; round++) {
		const browser = await launch();
		const startedAt = Date.now();
		const core = startChild<WindowCoreCalls>("windowCore.ts");
		try {
			const { client } = credentials;
			const { address } = await core.call("open", { hosts, client });
			const opensAt = Date.now();
			const { page } = await openWindowPage(browser, address, "#/hosts");
			const drawnAt = await firstRowDrawn(page);
			wall.push(drawnAt - startedAt);
			inPage.push(drawnAt - opensAt);
		} finally {
			await Promise.all([browser.close(), core.stop()]);
		}
	}
	return [
		figure({
			id: "P12",
			what: `from the start to the first rows of ${hosts} hosts`,
			measured: ms(median(wall)),
			values: wall,
			limit: START_MS,
			unit: "ms",
			context: `from the first snapshot, not from a history; ${ms(median(inPage))} of it in the window, the rest until the core answers`,
		}),
	];
}
