// Waiting that ends with what it was for.
import type { Cancel, Clock } from "../../../shared/clock.ts";

/** Resolves when the monotonic time has come, or at once when aborted. */
export function until(
	clock: Clock,
	atMs: number,
	signal: AbortSignal,
): Promise<void> | undefined {
	if (signal.aborted || atMs <= clock.monotonicMs()) return undefined;
	return new Promise((resolve) => {
		let cancel: Cancel = () => {};
		const done = (): void => {
			cancel();
			signal.removeEventListener("abort", done);
			resolve();
		};
		cancel = clock.at(atMs, done);
		signal.addEventListener("abort", done);
	});
}
