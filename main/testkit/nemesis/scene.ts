// What the checker must see of a simulation, whether its wire is memory or real sockets.
import type { Cancel, Clock } from "../../../shared/clock.ts";
import type { Activity, HostId } from "../../../shared/model.ts";
import type { Console } from "../../core/console.ts";
import type { Agent } from "../../demo/agent.ts";
import type { Ledger } from "./ledger.ts";

/** One host and what the nemesis did to it that no network can tell. */
export interface SceneHost {
	readonly id: HostId;
	readonly agent: Agent;
	/** Events of it may be lost without a trace since its list was last read: new runs show with the next list, ten minutes later. */
	readonly isDeafened: boolean;
	/** When its wall clock was put forward or back (monotonic). */
	readonly clockChangesMs: readonly number[];
}

export interface Scene {
	/** The world's time, and the laptop's. */
	readonly clock: Pick<Clock, "monotonicMs">;
	readonly laptop: Pick<Clock, "wallMs">;
	readonly console: Pick<Console, "fleet" | "book">;
	readonly ledger: Ledger;
	/** When the laptop's wall clock was put forward or back (monotonic). */
	readonly clockChangesMs: readonly number[];
	host(id: HostId): SceneHost;
	listen(listener: (line: Activity) => void): Cancel;
}
