// What a soak asks of the process of its agents. Only types.
import type { Credentials } from "./orders.ts";
import type { Balance, Told } from "./soakLedger.ts";

/** Calls of soakAgents.ts. */
export type SoakCalls = {
	/** Starts the agents, without jobs. */
	open(question: { readonly hosts: number; readonly seed: number }): Promise<{
		readonly client: Credentials;
		readonly hosts: readonly {
			readonly id: string;
			readonly address: string;
			readonly port: number;
			readonly servername: string;
		}[];
	}>;
	/** Jobs, cuts and restarts from now on. `flapPercent`: links that are cut in a minute. */
	begin(question: {
		readonly eventsPerSecond: number;
		readonly flapPercent: number;
		readonly restartsPerMinute: number;
	}): void;
	/** No new ones. */
	end(question: null): void;
	/** What the window was told since the last call. */
	told(lines: readonly Told[]): void;
	/** Every job has ended, and every end was told. */
	isOver(question: null): boolean;
	balance(question: null): Balance;
};
