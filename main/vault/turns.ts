// One keychain operation at a time, with an end. A keychain may wait for a person's password as long as it likes, each such
// call holding a thread that also looks up names; so nothing is started beside a call that has not come back.
import type { Clock } from "../../shared/clock.ts";
import type { Result } from "../../shared/fault.ts";
import { FaultError, failed, fault, ok } from "../../shared/fault.ts";

/** Runs what is given when its turn comes. A `FaultError` becomes its fault; one that never began within the patience never will. */
export type Turns = <T>(work: () => Promise<T>) => Promise<Result<T>>;

/** The end of each store's one queue, whoever asks it: a vault is opened anew for each question. */
const lasts = new WeakMap<object, Promise<unknown>>();

/**
 * @param store whose turns they are; all that are opened for one store stand in one queue.
 * @param patienceMs from the asking to `vault.locked`: the keychain most likely waits for its password.
 */
export function openTurns(
	store: object,
	clock: Clock,
	patienceMs: number,
): Turns {
	return (work) =>
		new Promise((resolve, reject) => {
			let isOver = false;
			const cancel = clock.at(clock.monotonicMs() + patienceMs, () => {
				isOver = true;
				resolve(failed(fault("vault.locked", { sentence: SILENT })));
			});
			const turn = async (): Promise<void> => {
				if (isOver) return;
				try {
					resolve(ok(await work()));
				} catch (error) {
					if (error instanceof FaultError) resolve(failed(error.fault));
					else reject(error);
				} finally {
					cancel();
				}
			};
			lasts.set(store, (lasts.get(store) ?? Promise.resolve()).then(turn));
		});
}

const SILENT =
	"the keychain does not answer; it may be waiting for its password";
