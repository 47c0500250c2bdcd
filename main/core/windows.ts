// The windows that are open on this core: each has a pipe, is served the contract on it, and follows the model by its own
// batch of frames.
import type { Handlers, Pipe, ServedPipe } from "../../shared/bridge.ts";
import { serve } from "../../shared/bridge.ts";
import type { Clock } from "../../shared/clock.ts";
import type { Frame } from "../../shared/contract.ts";
import type { Fault } from "../../shared/fault.ts";
import type { Activity, HostId, JobId, RunKey } from "../../shared/model.ts";
import type { Batch, Rows } from "./batch.ts";
import { openBatch } from "./batch.ts";

export interface WindowsPorts {
	readonly clock: Clock;
	readonly rows: Rows;
	/** What a window may ask; its own batch is an argument, for resync. */
	handlers(batch: Batch): Handlers;
	onRefused(why: Fault): void;
	/** For the first frame of a window; absent: it gets none before the inbox changes. */
	inbox?(): Frame<"inbox">;
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
	/** The newest frame reaches every window; those between may be left out. */
	inbox(frame: Frame<"inbox">): void;
	/** Snapshots and deltas sent since the start, to all windows there ever were. */
	framesSent(): number;
	close(): void;
}

interface Window {
	readonly served: ServedPipe;
	readonly batch: Batch;
	/** A health frame is on its way: the next one is left out rather than queued for a window that does not listen. */
	healthInFlight: boolean;
	inboxInFlight: boolean;
	/** Waits for the one in flight. */
	nextInbox: Frame<"inbox"> | null;
}

export function openWindows(ports: WindowsPorts): Windows {
	const { clock, rows } = ports;
	const open = new Set<Window>();
	let framesOfClosed = 0;
	let closed = false;

	const each = (act: (batch: Batch) => void): void => {
		for (const { batch } of open) act(batch);
	};
	const postInbox = (window: Window, frame: Frame<"inbox">): void => {
		if (window.inboxInFlight) {
			window.nextInbox = frame;
			return;
		}
		window.inboxInFlight = true;
		window.served.post("inbox", frame).then(
			() => {
				window.inboxInFlight = false;
				const { nextInbox } = window;
				window.nextInbox = null;
				if (nextInbox !== null) postInbox(window, nextInbox);
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
			const served = serve(pipe, ports.handlers(batch), ports.onRefused, () => {
				framesOfClosed += batch.framesSent;
				batch.close();
				ports.onClosed?.(batch);
				if (window !== null) open.delete(window);
			});
			window = {
				served,
				batch,
				healthInFlight: false,
				inboxInFlight: false,
				nextInbox: null,
			};
			if (closed) return served.close();
			open.add(window);
			const first = ports.inbox?.();
			if (first !== undefined) postInbox(window, first);
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
		inbox(frame) {
			for (const window of open) postInbox(window, frame);
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
