// What every screen may use: the core's view, the person's view, the line to the core, and the time. The hooks subscribe
// to exactly what their selector returns.
import { createContext, useContext, useSyncExternalStore } from "react";
import { useStore } from "zustand";
import type { Client } from "../../shared/bridge.ts";
import type { Answer, CommandName, Question } from "../../shared/contract.ts";
import type { Result } from "../../shared/fault.ts";
import { failed, fault } from "../../shared/fault.ts";
import type { HostRun } from "../../shared/model.ts";
import type { Connection } from "../connect.ts";
import { isQuiet } from "../store/quiet.ts";
import type { CoreStore, CoreView } from "../store/sync.ts";
import type { Address, View, ViewStore } from "../store/view.ts";
import { ROW_PX } from "../store/view.ts";
import type { Ticker } from "../ui/ticker.ts";

export interface WindowParts {
	readonly core: CoreStore;
	readonly view: ViewStore;
	readonly connection: Connection;
	readonly ticker: Ticker;
}

export const WindowContext = createContext<WindowParts | null>(null);

export function useParts(): WindowParts {
	const parts = useContext(WindowContext);
	if (parts === null) throw new Error("a screen outside of the window");
	return parts;
}

export const useCore = <T>(select: (core: CoreView) => T): T =>
	useStore(useParts().core, select);

/** Whether a snapshot ever arrived: without one nothing can be said of the fleet, not even that it is empty. */
export const knowsFleet = (core: CoreView): boolean =>
	core.fleet.replica.at > 0;

export const useView = <T>(select: (view: View) => T): T =>
	useStore(useParts().view, select);

export const useGo = (): ((address: Address, replace?: boolean) => void) =>
	useView((view) => view.go);

export const useRowPx = (): number =>
	useView((view) => ROW_PX[view.preferences.density]);

/** The core's wall time, once a second: ages are differences of the core's own clock. */
export function useNow(): number {
	const { ticker } = useParts();
	const now = useSyncExternalStore(ticker.subscribe, ticker.read);
	return now + useCore((core) => core.coreAheadMs);
}

/** Whether a run shows no progress for longer than is usual; renders anew only when that changes. */
export function useQuiet(run: HostRun | undefined): boolean {
	const { core, ticker } = useParts();
	return useSyncExternalStore(ticker.subscribe, () => {
		if (run === undefined) return false;
		const { fleet, coreAheadMs } = core.getState();
		return isQuiet(fleet, run, ticker.read() + coreAheadMs);
	});
}

export type Ask = <N extends CommandName>(
	name: N,
	question: Question<N>,
) => Promise<Result<Answer<N>>>;

/** Asks the core over the current pipe; `pipe.closed` while there is none. */
export function useAsk(): Ask {
	const { connection } = useParts();
	return (name, question) => {
		const core: Client | null = connection.current();
		return core === null
			? Promise.resolve(failed(fault("pipe.closed")))
			: core.ask(name, question);
	};
}
