// Leaves in order: the windows close, the core hangs up on every host, then the process ends, within a second even when
// something hangs. Knows no window and no core, only that there is something to stop.
import type { Clock } from "../../shared/clock.ts";

/** How long the core may take to hang up. 10,000 sockets close in a fraction of it; a stuck one must not hold the person. */
export const STOP_WITHIN_MS = 1000;

/** As much of Electron's app as is needed. */
export interface QuittingApp {
	on(
		event: "will-quit",
		listener: (event: { preventDefault(): void }) => void,
	): unknown;
	on(event: "window-all-closed", listener: () => void): unknown;
	quit(): void;
	exit(code: number): void;
}

/** Ends the app when its last window closes, and stops the core before the process ends. */
export function quitInOrder(
	app: QuittingApp,
	clock: Clock,
	stopCore: () => Promise<void>,
): void {
	let leaving = false;
	app.on("window-all-closed", () => app.quit());
	app.on("will-quit", (event) => {
		// Held back until the core has stopped; `exit` does not come through here again.
		event.preventDefault();
		if (leaving) return;
		leaving = true;
		const cancel = clock.at(clock.monotonicMs() + STOP_WITHIN_MS, () =>
			app.exit(0),
		);
		const leave = (): void => {
			cancel();
			app.exit(0);
		};
		stopCore().then(leave, leave);
	});
}
