// Leaves in order: the windows close, the core hangs up on every host, then the process ends, within a second even when
// something hangs. Knows no window and no core, only that there is something to stop.
import type { Clock } from "../../shared/clock.ts";
import type { QuittingUpdater } from "./closing.ts";

/** How long the core may take to hang up. 10,000 sockets close in a fraction of it; a stuck one must not hold the person. */
export const STOP_WITHIN_MS = 1000;

/** How long macOS' updater may take to end the app and start the new one; it ends by itself well before. */
export const UPDATE_WITHIN_MS = 10_000;

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

export interface QuittingSystem {
	readonly updater: QuittingUpdater;
	readonly platform: NodeJS.Platform;
}

/** Ends the app when its last window closes, and stops the core before the process ends. */
export function quitInOrder(
	app: QuittingApp,
	clock: Clock,
	stopCore: () => Promise<void>,
	{ updater, platform }: QuittingSystem,
): void {
	let leaving = false;
	let isUpdating = false;
	// Elsewhere the installer runs already when this is told, and the app ends as ever.
	if (platform === "darwin")
		updater.on("before-quit-for-update", () => {
			if (leaving) return;
			leaving = true;
			isUpdating = true;
			// The system's updater ends the app when it is ready to start the new one; one that was gone before would not be replaced.
			clock.at(clock.monotonicMs() + UPDATE_WITHIN_MS, () => app.exit(0));
			stopCore().catch(() => {});
		});
	app.on("window-all-closed", () => {
		if (!isUpdating) app.quit();
	});
	app.on("will-quit", (event) => {
		if (isUpdating) return;
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
