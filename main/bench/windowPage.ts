// A built window in real Chromium, and what is done with it and looked at in it. The functions that are given to `evaluate`
// run in the page and see nothing of this file.
import type { Browser, CDPSession, Page } from "@playwright/test";
import { chromium } from "@playwright/test";
import type { MainThread, TraceEvent } from "./windowTrace.ts";
import { readTrace, TRACE_CATEGORIES } from "./windowTrace.ts";

/** As in playwright.config.ts: the system's own, nothing is downloaded. */
const CHROMIUM = process.env.CHROMIUM_PATH ?? "/usr/bin/chromium";
const VIEWPORT = { width: 1_440, height: 900 };
const PATIENCE_MS = 15_000;

/** The row that a person reads first. */
export const FIRST_ROW = '[role="grid"] [role="row"]';

export interface Weight {
	readonly heapBytes: number;
	readonly nodes: number;
}

export interface WindowPage {
	readonly page: Page;
	goTo(hash: string): Promise<void>;
	/** What the main thread did in that time. */
	traced(forMs: number): Promise<MainThread>;
	/** What the main thread did meanwhile. */
	tracedWhile(act: () => Promise<void>): Promise<MainThread>;
	/** After a collection of garbage. */
	weight(): Promise<Weight>;
	/** Where the main thread spent the time meanwhile, as Chromium's tools read it (.cpuprofile). */
	profiled(forMs: number): Promise<string>;
	readonly cdp: CDPSession;
}

/** A browser without a page; to be closed by whoever opened it. */
export const launch = (): Promise<Browser> =>
	chromium.launch({ executablePath: CHROMIUM });

export async function openWindowPage(
	browser: Browser,
	address: string,
	hash: string,
): Promise<WindowPage> {
	const context = await browser.newContext({ viewport: VIEWPORT });
	const page = await context.newPage();
	page.setDefaultTimeout(PATIENCE_MS);
	await page.goto(`${address}${hash}`);
	const cdp = await context.newCDPSession(page);
	await cdp.send("Performance.enable");
	const tracedWhile = async (act: () => Promise<void>): Promise<MainThread> => {
		await browser.startTracing(page, { categories: TRACE_CATEGORIES });
		await act();
		const text = (await browser.stopTracing()).toString("utf8");
		const { traceEvents } = JSON.parse(text) as { traceEvents: TraceEvent[] };
		return readTrace(traceEvents);
	};
	return {
		page,
		cdp,
		tracedWhile,
		traced: (forMs) => tracedWhile(() => elapsed(forMs)),
		async goTo(hash) {
			await page.evaluate((to) => {
				location.hash = to;
			}, hash);
		},
		async profiled(forMs) {
			await cdp.send("Profiler.enable");
			await cdp.send("Profiler.start");
			await elapsed(forMs);
			const { profile } = await cdp.send("Profiler.stop");
			return JSON.stringify(profile);
		},
		async weight() {
			await cdp.send("HeapProfiler.collectGarbage");
			const { metrics } = await cdp.send("Performance.getMetrics");
			const read = (name: string): number =>
				metrics.find((metric) => metric.name === name)?.value ?? Number.NaN;
			return { heapBytes: read("JSHeapUsedSize"), nodes: read("Nodes") };
		},
	};
}

export const elapsed = (ms: number): Promise<void> =>
	new Promise((resolve) => setTimeout(resolve, ms));

/** When the first row was drawn, in epoch milliseconds. */
export const firstRowDrawn = (page: Page): Promise<number> =>
	page.evaluate(
		(selector) =>
			new Promise<number>((resolve) => {
				const look = (): void => {
					if (document.querySelector(selector) === null) {
						requestAnimationFrame(look);
						return;
					}
					const { port1, port2 } = new MessageChannel();
					port1.onmessage = () => resolve(Date.now());
					port2.postMessage(null);
				};
				look();
			}),
		FIRST_ROW,
	);

/** Ids of the rows that are mounted. */
export const rowsOf = (page: Page): Promise<string[]> =>
	page.evaluate(() =>
		[...document.querySelectorAll<HTMLElement>('[role="row"][data-id]')].map(
			(row) => row.dataset.id ?? "",
		),
	);

/**
 * From an event on the agent to the frame that shows it, in milliseconds by the one clock of this computer: events tell in
 * their message when they happened, and the frame after the one that draws is the moment when it was drawn.
 */
export const eventToPaint = (page: Page, forMs: number): Promise<number[]> =>
	page.evaluate(
		(ms) =>
			new Promise<number[]>((resolve) => {
				const found: number[] = [];
				let happened: number[] = [];
				const read = (text: string | null): void => {
					const at = /, at (\d{13})/.exec(text ?? "")?.[1];
					if (at !== undefined) happened.push(Number(at));
				};
				const drawn = (): void => {
					const drawnAt = Date.now();
					for (const at of happened) found.push(drawnAt - at);
					happened = [];
				};
				const observer = new MutationObserver((changes) => {
					const wasIdle = happened.length === 0;
					for (const { type, target, addedNodes } of changes) {
						if (type === "characterData") read(target.nodeValue);
						// Only text: a row that comes onto the screen tells of what was before.
						for (const node of addedNodes) read(node.nodeValue);
					}
					if (!wasIdle || happened.length === 0) return;
					requestAnimationFrame(() => {
						// A message posted in a frame is read after it was drawn.
						const { port1, port2 } = new MessageChannel();
						port1.onmessage = drawn;
						port2.postMessage(null);
					});
				});
				observer.observe(document.body, {
					subtree: true,
					childList: true,
					characterData: true,
				});
				setTimeout(() => {
					observer.disconnect();
					resolve(found);
				}, ms);
			}),
		forMs,
	);

/** Milliseconds from what a person does (an event of this kind) to the frame in which the attribute of an element has changed. */
export async function untilDrawn(
	page: Page,
	watch: {
		readonly event: "keydown" | "click";
		readonly selector: string;
		readonly attribute: string;
	},
	act: () => Promise<void>,
): Promise<number> {
	const answer = await page.evaluateHandle(
		({ event, selector, attribute }) => ({
			ms: new Promise<number>((resolve, reject) => {
				setTimeout(reject, 10_000, new Error(`${selector} did not change`));
				const read = (): string | null =>
					document.querySelector(selector)?.getAttribute(attribute) ?? null;
				const before = read();
				addEventListener(
					event,
					({ timeStamp }) => {
						const look = (): void => {
							if (read() === before) {
								requestAnimationFrame(look);
								return;
							}
							const { port1, port2 } = new MessageChannel();
							port1.onmessage = () => resolve(performance.now() - timeStamp);
							port2.postMessage(null);
						};
						requestAnimationFrame(look);
					},
					{ once: true, capture: true },
				);
			}),
		}),
		watch,
	);
	await act();
	return answer.evaluate(({ ms }) => ms);
}

/** Milliseconds between frames while the list is scrolled by the wheel. */
export async function whileScrolling(
	{ page, cdp }: Pick<WindowPage, "page" | "cdp">,
	forMs: number,
): Promise<number[]> {
	const frames = page.evaluate(
		(ms) =>
			new Promise<number[]>((resolve) => {
				const between: number[] = [];
				const startedAt = performance.now();
				let last = startedAt;
				const frame = (now: number): void => {
					between.push(now - last);
					last = now;
					if (now - startedAt < ms) requestAnimationFrame(frame);
					else resolve(between.slice(1));
				};
				requestAnimationFrame(frame);
			}),
		forMs,
	);
	await cdp.send("Input.synthesizeScrollGesture", {
		x: VIEWPORT.width / 2,
		y: VIEWPORT.height / 2,
		yDistance: -SCROLL_PX_A_SECOND * (forMs / 1_000),
		speed: SCROLL_PX_A_SECOND,
		gestureSourceType: "mouse",
		preventFling: true,
	});
	return frames;
}

/** About three screens a second. */
const SCROLL_PX_A_SECOND = 2_500;
