// How often a window may ask, per command: a token bucket for each name, on a clock that is given. What a person can do by
// hand passes; a page that runs away is held back before it keeps agents, dialogs or the log busy. Pure but for its counts.
import type { CommandName } from "./contract.ts";

/** A bucket: so many at once, and one more every so many milliseconds. */
export interface Pace {
	readonly burst: number;
	readonly everyMs: number;
}

/** Everything that costs little: answers from memory, and marks that are set. */
const USUAL: Pace = { burst: 30, everyMs: 100 };

/** What costs an agent's time, a person's attention or a whole snapshot, and what follows scrolling. */
const PACES: Partial<Record<CommandName, Pace>> = {
	// Each walks through every layer of a host, for up to a minute.
	"host.diagnose": { burst: 6, everyMs: 10_000 },
	// Each is a request to an agent; somebody who walks through runs by keyboard stays below.
	"run.output": { burst: 60, everyMs: 1_000 },
	// Each dials up to 250 hosts at once.
	"link.retry": { burst: 20, everyMs: 1_000 },
	// Each reads up to some thousand rows; a person types a word letter by letter.
	"history.search": { burst: 20, everyMs: 200 },
	"history.jobs": { burst: 20, everyMs: 200 },
	// A job of 10,000 hosts comes in some tens of pages.
	"history.job": { burst: 200, everyMs: 50 },
	"history.offerForget": { burst: 6, everyMs: 10_000 },
	"history.forget": { burst: 6, everyMs: 10_000 },
	// A snapshot of 10,000 hosts has several megabytes.
	"fleet.resync": { burst: 10, everyMs: 1_000 },
	// Each opens a dialog of the system's before the person, or leads to one.
	"identity.import": { burst: 6, everyMs: 10_000 },
	"identity.offerRemoval": { burst: 6, everyMs: 10_000 },
	"identity.remove": { burst: 6, everyMs: 10_000 },
	"export.begin": { burst: 6, everyMs: 10_000 },
	// 64 MiB in pieces of 10,000 characters.
	"export.append": { burst: 7_000, everyMs: 1 },
	"fleet.offerImport": { burst: 6, everyMs: 10_000 },
	"fleet.import": { burst: 6, everyMs: 10_000 },
	"update.install": { burst: 6, everyMs: 10_000 },
	// Each asks the server of our releases.
	"update.check": { burst: 6, everyMs: 10_000 },
	"view.attend": { burst: 40, everyMs: 50 },
	"view.watch": { burst: 40, everyMs: 50 },
};

/** The pace of a command. */
export const paceOf = (name: CommandName): Pace => PACES[name] ?? USUAL;

/** Takes one from the bucket of `name` and returns 0, or returns the milliseconds until there is one again and takes none. */
export type TakeOne = (name: string, pace: Pace) => number;

/** Buckets that begin full. @param monotonicMs the time, which never goes back. */
export function openPaces(monotonicMs: () => number): TakeOne {
	/** When each bucket would be full again; absent: it is. One number says all of a bucket, and no timer is needed. */
	const fullAt = new Map<string, number>();
	return (name, { burst, everyMs }) => {
		const now = monotonicMs();
		const full = Math.max(now, fullAt.get(name) ?? now);
		const waitMs = full - now - (burst - 1) * everyMs;
		if (waitMs > 0) return Math.ceil(waitMs);
		fullAt.set(name, full + everyMs);
		return 0;
	};
}
