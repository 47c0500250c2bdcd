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
}

export interface Windows {
	attach(pipe: Pipe): void;
	touchHost(id: HostId): void;
	touchRun(key: RunKey): void;
	touchJob(id: JobId): void;
	activity(line: Activity): void;
	health(frame: Frame<"health">): void;
	/** Snapshots and deltas sent since the start, to all windows there ever were. */
	framesSent(): number;
	close(): void;
}

interface Window {
	readonly served: ServedPipe;
	readonly batch: Batch;
	/** A health frame is on its way: the next one is left out rather than queued for a window that does not listen. */
	healthInFlight: boolean;
}

export function openWindows(ports: WindowsPorts): Windows {
	const { clock, rows } = ports;
	const open = new Set<Window>();
	let framesOfClosed = 0;
	let closed = false;

	const each = (act: (batch: Batch) => void): void => {
		for (const { batch } of open) act(batch);
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
				if (window !== null) open.delete(window);
			});
			window = { served, batch, healthInFlight: false };
			if (closed) served.close();
			else open.add(window);
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
