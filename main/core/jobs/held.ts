// Events of runs that are not known yet: agents push hidden jobs of their own, so a push alone never makes a run
// (03-BEHAVIOUR section 3). They wait here, bounded, until a list or a detail says what the run is.
import type { AgentJobId, Source } from "../../../shared/model.ts";
import type { RunEvent } from "../agentApi/message.ts";

/** An agent has at most 100 unfinished jobs, few of them new at once; beyond this the next list tells. */
const IDS_MOST = 50;
/** A run has three states and little progress before its detail is fetched; beyond this the oldest go. */
const EVENTS_MOST = 20;

export interface HeldEvent {
	readonly event: RunEvent;
	readonly source: Source;
	readonly receivedAt: number;
}

/** What one host's unknown runs said. */
export interface Held {
	/** False when the id is a known phantom, of which nothing is kept. */
	keep(event: RunEvent, source: Source, receivedAt: number): boolean;
	/** Hands over what was kept of this run, in order, and forgets it. */
	take(id: AgentJobId): readonly HeldEvent[];
	/** The run is a phantom: nothing of it is kept from now on. True when that is news. */
	banish(id: AgentJobId): boolean;
	has(id: AgentJobId): boolean;
	ids(): AgentJobId[];
}

export function openHeld(): Held {
	const waiting = new Map<AgentJobId, HeldEvent[]>();
	const phantoms = new Set<AgentJobId>();
	return {
		keep(event, source, receivedAt) {
			const id = event.agentJobId;
			if (phantoms.has(id)) return false;
			const events = waiting.get(id) ?? [];
			if (events.length === EVENTS_MOST) events.shift();
			events.push({ event, source, receivedAt });
			waiting.set(id, events);
			dropOldest(waiting);
			return true;
		},
		take(id) {
			const events = waiting.get(id) ?? [];
			waiting.delete(id);
			return events;
		},
		banish(id) {
			waiting.delete(id);
			if (phantoms.has(id)) return false;
			phantoms.add(id);
			dropOldest(phantoms);
			return true;
		},
		has: (id) => waiting.has(id),
		ids: () => [...waiting.keys()],
	};
}

/** Maps and sets keep the order of insertion, so the first key is the oldest. */
function dropOldest(kept: {
	readonly size: number;
	keys(): IterableIterator<AgentJobId>;
	delete(id: AgentJobId): boolean;
}): void {
	if (kept.size <= IDS_MOST) return;
	const [oldest] = kept.keys();
	if (oldest !== undefined) kept.delete(oldest);
}
