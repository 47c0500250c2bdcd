// The windows that are open on this core: each has a pipe, is served the contract on it, and follows the model by its own
// batch of frames.
import type { Handlers, Pipe, ServedPipe } from "../../shared/bridge.ts";
import { serve } from "../../shared/bridge.ts";
import type { Clock } from "../../shared/clock.ts";
import type { Frame } from "../../shared/contract.ts";
import type { Fault } from "../../shared/fault.ts";
import type { Activity, HostId, JobId, RunKey } from "../../shared/model.ts";
import { openPaces, paceOf } from "../../shared/pace.ts";
import type { Batch, Rows } from "./batch.ts";
import { openBatch } from "./batch.ts";

/** Feeds that are told whole: the newest frame counts, those between may be left out. */
const SMALL_FEEDS = ["inbox", "update", "settings"] as const;
type SmallFeed = (typeof SMALL_FEEDS)[number];
type SmallFrames = { readonly [F in SmallFeed]: Frame<F> };

export interface WindowsPorts {
	readonly clock: Clock;
	readonly rows: Rows;
	/** What a window may ask; its own batch is an argument, for resync. */
	handlers(batch: Batch): Handlers;
	onRefused(why: Fault): void;
	/** What a new window is told of each small feed at once; one that is absent waits for the first change. */
	first?(): Partial<SmallFrames>;
	/** That window is gone. */
	onClosed?(batch: Batch): void;
}

export interface Windows {
	attach(pipe: Pipe): void;
	touchHost(id: HostId): void;
	touchRun(key: RunKey): void;
	touchJob(id: JobId): void;
	activity(line: Activity): void;
	health(frame: Frame<"health">): void;
	/** The newest frame reaches every window. */
	tell<F extends SmallFeed>(feed: F, frame: Frame<F>): void;
	/** Snapshots and deltas sent since the start, to all windows there ever were. */
	framesSent(): number;
	close(): void;
}

interface Window {
	readonly served: ServedPipe;
	readonly batch: Batch;
	/** A health frame is on its way: the next one is left out rather than queued for a window that does not listen. */
	healthInFlight: boolean;
	/** Small feeds with a frame on its way. */
	readonly inFlight: Set<SmallFeed>;
	/** What waits for the one in flight. */
	readonly next: Map<SmallFeed, Frame<SmallFeed>>;
}

export function openWindows(ports: WindowsPorts): Windows {
	const { clock, rows } = ports;
	const open = new Set<Window>();
	// One for all windows: a page that opens its pipe anew begins with what it has left.
	const takeOne = openPaces(() => clock.monotonicMs());
	let framesOfClosed = 0;
	let closed = false;

	const each = (act: (batch: Batch) => void): void => {
		for (const { batch } of open) act(batch);
	};
	const postSmall = (
		window: Window,
		feed: SmallFeed,
		frame: Frame<SmallFeed>,
	): void => {
		if (window.inFlight.has(feed)) {
			window.next.set(feed, frame);
			return;
		}
		window.inFlight.add(feed);
		window.served.post(feed, frame as never).then(
			() => {
				window.inFlight.delete(feed);
				const next = window.next.get(feed);
				window.next.delete(feed);
				if (next !== undefined) postSmall(window, feed, next);
			},
			// The pipe cannot send any more: the next frame of the fleet or of health meets that too, and ends the window.
			() => {},
		);
	};
	return {
		attach(pipe) {
			let window: Window | null = null;
			// The batch comes first, because the bridge may be asked for a resync at once; it posts later than this turn.
			const batch = openBatch({
				clock,
				rows,
				post: (frame) =>
					window?.served.post("fleet", frame) ?? Promise.resolve(false),
				// A window without frames would look alive and show the past: it is closed, and may come back.
				onFault(why) {
					ports.onRefused(why);
					window?.served.close();
				},
			});
			const onClosed = (): void => {
				framesOfClosed += batch.framesSent;
				batch.close();
				ports.onClosed?.(batch);
				if (window !== null) open.delete(window);
			};
			const served = serve(
				pipe,
				ports.handlers(batch),
				ports.onRefused,
				onClosed,
				(command) => takeOne(command, paceOf(command)),
			);
			window = {
				served,
				batch,
				healthInFlight: false,
				inFlight: new Set(),
				next: new Map(),
			};
			if (closed) return served.close();
			open.add(window);
			const first = ports.first?.() ?? {};
			for (const feed of SMALL_FEEDS) {
				const frame = first[feed];
				if (frame !== undefined) postSmall(window, feed, frame);
			}
		},
		touchHost: (id) => each((batch) => batch.touchHost(id)),
		touchRun: (key) => each((batch) => batch.touchRun(key)),
		touchJob: (id) => each((batch) => batch.touchJob(id)),
		activity: (line) => each((batch) => batch.activity(line)),
		health(frame) {
			for (const window of open) {
				if (window.healthInFlight) continue;
				window.healthInFlight = true;
				window.served.post("health", frame).then(
					() => {
						window.healthInFlight = false;
					},
					// The pipe cannot send any more.
					() => window.served.close(),
				);
			}
		},
		tell(feed, frame) {
			for (const window of open) postSmall(window, feed, frame);
		},
		framesSent: () =>
			[...open].reduce(
				(sum, { batch }) => sum + batch.framesSent,
				framesOfClosed,
			),
		close() {
			closed = true;
			for (const { served } of [...open]) served.close();
			open.clear();
		},
	};
}
